"""What a student meets: check() and its report, the deadline, progress, the command line."""

import inspect
import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from pathlib import Path

import bs4
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from optim_lessons import __main__ as command
from optim_lessons import check
from optim_lessons.exercises import deadline as deadline_module
from optim_lessons.exercises import packages, progress, run_tests
from optim_lessons.exercises.deadline import OutOfTime, deadline

ROOT = Path(__file__).resolve().parent.parent


def adam_step(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    step = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta - lr * step, m, v


def frozen(theta, g, m, v, t, **hyper):
    return adam_step(theta, g, m, v, 1, **hyper)


def biased(theta, g, m, v, t, **hyper):
    return adam_step(theta, g, m, v, 10**9, **hyper)


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


# check and its report


def test_a_right_answer_is_told_so():
    report = check("adam-step", adam_step)
    assert report.passed
    assert repr(report).endswith("All 6 claims hold. Well done.")
    assert repr(report).count("✓") == 6
    assert "<svg" not in report._repr_html_()


def test_claims_stand_up_to_the_first_that_does_not_hold():
    report = check("adam-step", biased)
    assert [result.passed for result in report.results] == [True, True, False]
    assert "bias correction is missing" in report.results[-1].words
    assert "2 of 6 claims hold so far." in repr(report)


def test_the_first_step_where_the_paths_part_is_named_and_the_mistake_that_leads_there():
    words = check("adam-step", frozen).results[-1].words
    assert "The paths part at step t = 2: theta should be -2.8002,  0.8006, but it is" in words
    assert "a t that stays at 1" in words


def test_paths_are_drawn_whichever_claim_fails():
    for function in (biased, frozen):
        report = check("adam-step", function)
        svg = bs4.BeautifulSoup(report._repr_html_(), "html.parser").svg
        assert len(svg.select("polyline")) == 2
        assert f"they part at step {report.paths['step']}" in svg["aria-label"]
        for line in svg.select("polyline"):
            assert len(line["points"].split()) == 13
    assert "parts from the expected one at step t = 1" in repr(check("adam-step", biased))


def test_a_path_that_flies_off_is_drawn_all_the_same():
    def wild(theta, g, m, v, t, **hyper):
        new, m, v = adam_step(theta, g, m, v, t, **hyper)
        return new * (1.0 if t < 3 else np.nan if t > 5 else 1e300), m, v

    page = check("adam-step", wild)._repr_html_()
    svg = str(bs4.BeautifulSoup(page, "html.parser").svg)
    assert "polyline" in svg and "nan" not in svg and "e+" not in svg


def test_what_the_student_wrote_is_escaped():
    def hostile(theta, g, m, v, t, **hyper):
        return "<script>alert(1)</script>"

    page = check("adam-step", hostile)._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page


def raising(error):
    def function(theta, g, m, v, t, **hyper):
        raise error  # the line that raised

    return function


@pytest.mark.parametrize(
    "error", [KeyError("x"), SystemExit(3), AssertionError("mine"), RecursionError()]
)
def test_an_exception_is_shown_at_the_students_line(error):
    words = check("adam-step", raising(error)).results[-1].words
    assert words.startswith(f"Your code raised {type(error).__name__}")
    assert "`raise error  # the line that raised`" in words


def test_a_mistake_inside_numpy_is_shown_at_the_students_line():
    def function(theta, g, m, v, t, **hyper):
        return np.linalg.inv(np.zeros((2, 2)))

    words = check("adam-step", function).results[-1].words
    assert "LinAlgError: Singular matrix" in words
    assert "`return np.linalg.inv(np.zeros((2, 2)))`" in words


def test_an_interrupt_of_the_student_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt):
        check("adam-step", raising(KeyboardInterrupt()))


def test_a_function_without_a_file_is_checked_too():
    assert "Your code raised TypeError" in check("adam-step", max).results[-1].words


def test_all_results_come_without_a_limit_for_the_grader():
    results = run_tests(packages()["adam-step"], {"adam_step": raising(ValueError())})
    assert [result.passed for result in results] == [False] * 6


def test_check_answers_within_a_second_with_picture():
    check("adam-step", biased)
    begin = time.perf_counter()
    check("adam-step", biased)._repr_html_()
    assert time.perf_counter() - begin < 0.5  # 0.01 s on an idle machine


def test_in_a_kernel_of_jupyter_a_wrong_answer_is_told_so_within_a_second():
    first = f"import numpy as np\nfrom optim_lessons import check\n\n{inspect.getsource(adam_step)}"
    wrong = first.replace("g**2", "g**3")
    timed = "import time\nbegin = time.perf_counter()\nreport = check('adam-step', adam_step)\n"
    timed += "page = report._repr_html_()\nprint(time.perf_counter() - begin)"
    cells = [nbformat.v4.new_code_cell(source) for source in (wrong, timed, "report")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    seconds = float(notebook.cells[1].outputs[0].text)
    assert seconds < 1, seconds  # 0.02 s on an idle machine, the first picture included
    page = notebook.cells[2].outputs[0]["data"]["text/html"]
    assert "✗" in page and "<svg" in page


def test_wrong_calls_say_what_is_wrong(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ValueError, match=r"'adam' is not one of \['adadelta-step', 'adagrad-step', "
    ):
        check("adam", adam_step)
    with pytest.raises(TypeError, match="pass its name, without a call"):
        check("adam-step", 3)
    with pytest.raises(TypeError, match="adam-step checks adam_step"):
        check("adam-step", adam_step, adam_step)


def test_an_exercise_of_a_course_lies_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    package = packages()["adam-step"] | {"id": "homework"}
    Path("homework.json").write_text(json.dumps(package), encoding="utf-8")
    assert check("homework", adam_step).passed


# The deadline


def endless(theta, g, m, v, t, **hyper):
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def test_an_endless_loop_is_stopped_and_shown(monkeypatch):
    package = packages()["adam-step"]
    begin = time.perf_counter()
    results = run_tests(package, {"adam_step": endless}, limit=0.2)
    assert time.perf_counter() - begin < 2
    assert len(results) == 1
    assert "Stopped" in results[0].words
    assert "Is there a loop that never ends?" in results[0].words
    assert any(f"`{line}`" in results[0].words for line in ("while True:", "pass"))


STOPS = """
import itertools, runpy, sys, time
module = runpy.run_path(sys.argv[1], run_name="deadline")
deadline, OutOfTime = module["deadline"], module["OutOfTime"]

def loop():
    while True:
        pass

def swallow():
    while True:
        try:
            for _ in itertools.repeat(0):
                pass
        except BaseException:
            pass

def recurse(n=90):
    return n and recurse(n - 1) + recurse(n - 1)

def add():
    return sum(1 for _ in itertools.repeat(0))

for endless in (loop, swallow, recurse, add):
    if sys.version_info < (3, 12) and endless is swallow:
        print("swallow True")  # a signal cannot: see deadline.py
        continue
    begin = time.perf_counter()
    try:
        with deadline(0.2):
            endless()
    except OutOfTime:
        print(endless.__name__, time.perf_counter() - begin < 2)
    for _ in range(1000):
        pass
with deadline(0.05):
    pass
time.sleep(0.1)
for _ in range(1000):
    pass
print("over")
"""


def pythons():
    """This Python, and others of this machine."""
    others = Path.home().glob(".pyenv/versions/3.1[2-9].*/bin/python")
    return [sys.executable, *map(str, sorted(others))]


@pytest.mark.parametrize("python", pythons())
def test_the_deadline_stops_loops_calls_and_what_catches_everything(python):
    command = [python, "-c", STOPS, deadline_module.__file__]
    run = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert run.stdout.split("\n")[-2:] == ["over", ""], run.stderr
    assert run.stdout.split() == [*"loop True swallow True recurse True add True".split(), "over"]


def test_the_deadline_leaves_nothing_behind():
    import signal

    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(OutOfTime), deadline(0.05):
        while True:
            pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_where_no_deadline_is_possible_the_report_says_so():
    reports = []
    thread = threading.Thread(target=lambda: reports.append(check("adam-step", adam_step)))
    thread.start()
    thread.join(60)
    assert reports[0].passed
    assert ("An endless loop cannot be stopped here" in repr(reports[0])) == (
        sys.version_info < (3, 12)
    )


# Progress


def test_the_best_result_is_kept():
    check("adam-step", biased)
    assert progress.read()["adam-step"]["held"] == 2
    check("adam-step", adam_step)
    check("adam-step", biased)
    assert progress.read()["adam-step"]["held"] == 6
    assert not list(progress.file().parent.glob("*.partial"))


def test_progress_is_told_in_words(capsys):
    check("adam-step", adam_step)
    check("momentum-step", adam_step)
    assert command.main(["progress"]) == 0
    told = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert told[1] == "adagrad-step 5 claims, not tried yet"
    assert told[2].startswith("✓ adam-step 6 of 6 claims")
    assert any(line.startswith("· momentum-step 0 of 5 claims") for line in told)
    assert str(progress.file()) in told[-1]


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 3}', '{"a": {"held": "x"}}', "\xff"])
def test_a_damaged_file_is_said_and_left_as_it_is(text, capsys):
    progress.file().parent.mkdir(parents=True)
    progress.file().write_text(text, encoding="latin-1")
    assert "is damaged and was left as it is" in repr(check("adam-step", adam_step))
    assert progress.file().read_text(encoding="latin-1") == text
    assert command.main(["progress"]) == 1
    assert "is damaged" in capsys.readouterr().err


def test_a_check_works_where_nothing_can_be_kept(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    report = check("adam-step", adam_step)
    assert report.passed
    assert "Progress cannot be" in repr(report)


# The command line


SOLUTION = "import numpy as np\n\n\n" + textwrap.dedent(
    "".join(Path(__file__).read_text(encoding="utf-8").partition("def adam_step")[1:]).partition(
        "\n\n\n"
    )[0]
)


def write(path, *codes):
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return str(path)


def test_a_notebook_is_checked_and_nothing_else_of_it_runs(tmp_path, capsys):
    codes = ["%matplotlib inline\n1 / 0", SOLUTION, "check('adam-step', adam_step)\nexit()"]
    assert command.main(["check", write(tmp_path / "a.ipynb", *codes)]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("adam-step\n✓ A step goes")
    assert told.err == ""


def test_a_notebook_with_a_mistake_ends_with_1_and_shows_the_line(tmp_path, capsys):
    wrong = SOLUTION.replace("return theta", "theta = missing\n    return theta")
    path = write(tmp_path / "a.ipynb", wrong + "\n\ncheck('adam-step', adam_step)")
    assert command.main(["check", path]) == 1
    assert "NameError: name 'missing' is not defined, in line 8: `theta = missing`" in (
        capsys.readouterr().out
    )


def test_a_cell_that_does_not_run_is_named(tmp_path, capsys):
    path = write(
        tmp_path / "a.ipynb", "x = (\n", "import nowhere", SOLUTION, "check('adam-step', adam_step)"
    )
    assert command.main(["check", path]) == 0
    told = capsys.readouterr().err
    assert "a.ipynb, cell 1, line 1: SyntaxError: '(' was never closed" in told
    assert "a.ipynb, cell 2: ModuleNotFoundError" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not a notebook"),
        ("[]", "is not a notebook"),
        ('{"cells": [3]}', "is not a notebook"),
        ('{"cells": []}', 'has no check("exercise", function)'),
        (None, "cannot be read: No such file"),
    ],
)
def test_what_is_no_notebook_ends_with_2(tmp_path, capsys, text, words):
    path = tmp_path / "a.ipynb"
    if text is not None:
        path.write_text(text)
    assert command.main(["check", str(path)]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "words"),
    [("check('adam-step', f)", "defines no f"), ("check('adam', max)", "defines no max")],
)
def test_a_call_that_cannot_be_checked_ends_with_2(tmp_path, capsys, code, words):
    assert command.main(["check", write(tmp_path / "a.ipynb", code)]) == 2
    assert words in capsys.readouterr().err


# The wheel


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory):
    """A virtual environment with the built wheel and NumPy, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    tree.mkdir()
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "optim_lessons", tree / "optim_lessons", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = ["wheel", str(tree), "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*pip, *build], check=True, timeout=300)
    venv = [sys.executable, "-m", "venv", "--without-pip", folder / "env"]
    subprocess.run(venv, check=True, timeout=300)
    (packages,) = (folder / "env").rglob("site-packages")
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(packages)
    for part in Path(np.__file__).parent.parent.glob("numpy*"):
        (packages / part.name).symlink_to(part)
    return next((folder / "env").glob("[bS]*/python*")), wheel


def test_the_installed_wheel_checks_with_numpy_alone(empty_environment, tmp_path):
    python, _ = empty_environment
    path = write(tmp_path / "a.ipynb", SOLUTION, "check('adam-step', adam_step)")
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path)}
    for arguments, words in ((["check", path], "Well done."), (["progress"], "✓ adam-step")):
        run = subprocess.run(
            [python, "-W", "error", "-m", "optim_lessons", *arguments],
            **{"capture_output": True, "text": True, "cwd": tmp_path, "env": environment},
            timeout=60,
        )
        assert run.returncode == 0, run.stderr
        assert words in run.stdout


def test_the_wheel_holds_no_hidden_test(empty_environment):
    _, wheel = empty_environment
    files = zipfile.ZipFile(wheel)
    data = [name for name in files.namelist() if name.startswith("optim_lessons/exercises/data/")]
    assert len(data) >= 6
    for name in data:
        assert all(test["visible"] for test in json.loads(files.read(name))["tests"])
