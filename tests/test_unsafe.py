"""Grading without a sandbox, for those who say so. Only harmless code is graded here."""

import json
import time
from pathlib import Path

import pytest
from hostile.graded import CUBIC, SOLUTION
from hostile.submissions import MISTAKES, notebook
from test_course import hand_in, run

from optim_lessons.course import marking, selftest
from optim_lessons.course.folder import Course
from optim_lessons.course.sandbox import Bare, Limits, SandboxError
from optim_lessons.files import write

TESTS = {test["name"]: test for test in CUBIC["tests"]}


@pytest.fixture
def course(tmp_path):
    course = Course.init(tmp_path / "course")
    write(course.path / "packages" / "cubic-step.json", json.dumps(CUBIC))
    return course


@pytest.fixture
def no_sandbox(monkeypatch):
    def refuse():
        raise SandboxError("bubblewrap is missing")

    monkeypatch.setattr(selftest, "prove", refuse)


def mark(data):
    return marking.mark(marking.Task("ada", "cubic-step", CUBIC, b"s", data, ".ipynb", None, True))


def asked(code, function):
    """What a function of the code returns in a worker without a sandbox."""
    with Bare(Limits()) as worker:
        end = time.monotonic() + 60
        worker.send({"cells": [code], "definitions_only": False}, end, [])
        assert worker.receive(end) == {"errors": []}
        worker.send({"call": function, "args": (), "kwargs": {}}, end, [])
        return worker.receive(end)


def test_without_a_sandbox_and_without_the_word_grading_refuses(course, no_sandbox, capsys):
    hand_in(course, "ada", notebook(SOLUTION))
    assert run("grade", course.path) == 3
    assert course.results() == []
    assert "If you trust every submission" in capsys.readouterr().err


def test_told_so_it_grades_with_a_loud_warning(course, no_sandbox, capsys):
    hand_in(course, "ada", notebook(SOLUTION))
    assert run("grade", course.path, "--unsafe") == 0
    said = capsys.readouterr().err
    assert "WARNING: THERE IS NO SANDBOX (bubblewrap is missing)" in said
    assert "the course's secret" in said
    (result,) = course.results()
    assert (result["score"], result["unsafe"]) == (6, True)
    assert run("status", course.path) == 0
    assert "1 graded without a sandbox" in capsys.readouterr().out


def test_where_the_sandbox_holds_the_word_changes_nothing(course, capsys, sandbox):
    hand_in(course, "ada", notebook(SOLUTION))
    assert run("grade", course.path, "--unsafe") == 0
    assert "not needed, and not done" in capsys.readouterr().err
    (result,) = course.results()
    assert (result["score"], result["unsafe"]) == (6, False)


def test_what_was_graded_without_a_sandbox_is_graded_anew_in_one(course, capsys, sandbox):
    path = hand_in(course, "ada", notebook(SOLUTION))
    task = marking.Task(
        "ada", "cubic-step", CUBIC, course.secret, path.read_bytes(), ".ipynb", None
    )
    unsafe = {"student": "ada", "exercise": "cubic-step", "score": 6, "unsafe": True}
    key = marking.Task(**{**vars(task), "unsafe": True}).key
    write(course.result("ada", "cubic-step"), json.dumps(unsafe | {"hash": key}))
    assert run("grade", course.path) == 0
    (result,) = course.results()
    assert result["unsafe"] is False


def test_a_cluster_is_never_unsafe(course, capsys):
    hand_in(course, "ada", notebook(SOLUTION))
    assert run("grade", course.path, "--unsafe", "--dask", "tcp://127.0.0.1:1") == 2
    assert "--unsafe is for this machine" in capsys.readouterr().err


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case.name)
def test_marks_are_those_of_the_sandbox(case):
    assert mark(case.data)["score"] == case.mark


def test_time_is_limited_and_the_other_tests_are_graded():
    loop = SOLUTION.replace("m = beta1", "while t == 2:\n        pass\n    m = beta1", 1)
    result = mark(notebook(loop))
    late = [test["name"] for test in result["tests"] if test["message"]]
    assert late == [name for name in TESTS if name in ("test_inputs", "test_path")]
    assert "did not answer in time" in result["tests"][2]["message"]


def test_memory_of_a_process_is_limited():
    big = "import numpy as np\ndef big():\n    np.ones(1 << 28)\n"
    assert "MemoryError" in asked(big, "big")["error"]["type"]


def test_no_file_can_be_written(tmp_path):
    path = tmp_path / "x"
    code = "import pathlib, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    code += f"def write():\n    pathlib.Path({str(path)!r}).write_text('x')\n"
    assert "File too large" in asked(code, "write")["error"]["text"]
    assert path.stat().st_size == 0


def test_only_numpy_can_be_imported():
    code = "import importlib.util\ndef found(*names):\n"
    code += "    names = 'numpy', 'optim_lessons', 'torch', 'pytest'\n"
    code += "    return [name for name in names if importlib.util.find_spec(name)]\n"
    assert asked(code, "found")["value"] == ["numpy"]


def test_leaving_ends_the_process():
    with Bare(Limits()) as worker:
        folder = Path(worker.folder.name)
        assert folder.is_dir()
    assert worker.process.poll() is not None
    assert not folder.exists()
