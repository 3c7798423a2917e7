"""A course from beginning to end, for three students; and what must not be read or forged."""

import argparse
import csv
import json
import re
import stat
from pathlib import Path

import numpy as np
import pytest
from hostile.graded import CUBIC, SOLUTION
from hostile.submissions import CASES, WRONG, notebook

from optim_lessons.course import (
    cli,
    export,
    feedback,
    grade,
    gradebook,
    marking,
    selftest,
    submission,
)
from optim_lessons.course.folder import Course, CourseError
from optim_lessons.course.sandbox import Limits, SandboxError
from optim_lessons.exercises import check, source
from optim_lessons.files import write

MEASURED = Path(export.__file__).resolve().parent.parent / "measured"
GRADED = Path(__file__).resolve().parent / "graded" / "absolute-step.md"


def run(*words):
    """What `python -m optim_lessons course ...` does; returns its exit code."""
    parser = argparse.ArgumentParser()
    cli.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["course", *map(str, words)])
    return arguments.run(arguments)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def course(tmp_path):
    course = Course.init(tmp_path / "course")
    write(course.path / "packages" / "cubic-step.json", json.dumps(CUBIC))
    return course


def hand_in(course, student, data, suffix=".ipynb", exercise="cubic-step"):
    path = course.path / "submitted" / student / exercise / f"{exercise}{suffix}"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def result(student="ada", **changes):
    """A result as `grade` makes it."""
    tests = [
        {"name": "test_a", "claim": "A < B.", "visible": True, "points": 2, "score": 2}
        | {"message": None},
        {"name": "test_b", "claim": "B.", "visible": False, "points": 1, "score": 0}
        | {"message": "<b>No</b>"},
    ]
    made = {"student": student, "hash": "x", "exercise": "cubic-step", "score": 2, "points": 3}
    return made | {"tests": tests, "cells": [], "seconds": 0.1} | changes


# ---- from beginning to end --------------------------------------------------------------------


def write_exercise(folder):
    """Put a graded exercise where a teacher would; return it."""
    path = folder / "exercises" / GRADED.name
    path.write_text(GRADED.read_text("utf-8"), encoding="utf-8")
    return source.read(path)


def answer(exercise, old="", new=""):
    """What a student hands in: the solution, with a mistake."""
    assert old in exercise.solution
    return notebook(exercise.setup, exercise.solution.replace(old, new))


def test_a_course_from_init_to_export(tmp_path, capsys, sandbox):
    folder = tmp_path / "course"
    assert run("init", folder) == 0
    exercise = write_exercise(folder)
    assert run("release", folder) == 0
    released = (folder / "release" / "absolute-step" / "absolute-step.ipynb").read_bytes()
    course = Course.open(folder)
    hand_in(course, "ada", answer(exercise), exercise="absolute-step")
    bob = answer(exercise, "(a_hat + eps)", "np.maximum(a_hat, eps)")
    hand_in(course, "bob", bob, exercise="absolute-step")
    hand_in(course, "eve", WRONG.encode(), ".py", "absolute-step")
    hand_in(course, "joe", released, exercise="absolute-step")
    assert run("grade", folder, "--workers", 2) == 0
    assert "Graded 4 submissions." in capsys.readouterr().out
    assert run("status", folder) == 0
    assert "absolute-step: 4 handed in, 4 graded, 2.75 points" in capsys.readouterr().out
    assert run("feedback", folder) == 0
    assert run("export", folder) == 0
    rows = list(csv.reader((folder / "moodle.csv").read_text().splitlines()))
    assert rows == [
        ["username", "absolute-step"],
        ["ada", "6"],
        ["bob", "5"],
        ["eve", "0"],
        ["joe", "0"],
    ]
    page = (folder / "feedback" / "bob" / "absolute-step" / "absolute-step.html").read_text()
    assert "5 of 6 points" in page
    assert "with a gradient of the size of epsilon" in page
    assert run("grade", folder) == 0
    assert "Graded 0 submissions." in capsys.readouterr().out
    for path in (folder / "results").rglob("*.json"):
        assert mode(path) == 0o600


def test_feedback_holds_no_hidden_test(course, sandbox):
    hand_in(course, "eve", notebook(WRONG.replace("theta * 0, m * 0", "theta, g")))
    marking.run(course)
    feedback.make(course)
    page = (course.path / "feedback" / "eve" / "cubic-step" / "cubic-step.html").read_text()
    assert "Twelve steps along random gradients" in page  # its claim
    hidden = [test for test in CUBIC["tests"] if not test["visible"]]
    for line in "\n".join(test["code"] for test in hidden).splitlines():
        words = line.strip()
        if len(words) > 12 and not words.startswith(('"""', "assert")):
            assert words not in page


def test_the_commands_of_the_page_for_teachers_work(tmp_path, monkeypatch, sandbox):
    page = (Path(__file__).parent.parent / "book" / "teachers.md").read_text()
    commands = re.findall("^python -m optim_lessons course (.*)$", page, re.M)
    assert {command.split()[0] for command in commands} == {
        *("init", "release", "grade", "status", "feedback", "export")
    }
    monkeypatch.chdir(tmp_path)
    for command in commands:
        if command.startswith("release"):
            exercise = write_exercise(Path("course"))
        if command.startswith("grade"):
            hand_in(Course.open(Path("course")), "ada", answer(exercise), exercise="absolute-step")
        assert run(*command.split()) == 0
    assert Path("course/moodle.csv").read_text() == "username,absolute-step\nada,6\n"
    assert Path("course/gradebook.db").exists()


def test_the_marks_beside_nbgraders_are_of_the_hostile_set_and_deserved():
    cases = {case.name: case for case in CASES}
    rows = json.loads((MEASURED / "nbgrader.json").read_text("utf-8"))["cases"]
    assert len(rows) >= 25
    for row in rows:
        assert row["ours"] == row["deserved"] == cases[row["name"]].mark


# ---- init and release -------------------------------------------------------------------------


def test_init_makes_what_only_the_owner_can_read(course):
    assert mode(course.path) == 0o700
    assert mode(course.path / "secret.key") == 0o600
    assert (course.path / ".gitignore").read_text().endswith("\n*\n")
    assert len(course.secret) == 32


def test_two_courses_have_two_secrets(tmp_path):
    one, other = (Course.init(tmp_path / name) for name in "ab")
    assert one.secret != other.secret


def test_init_overwrites_nothing(course, capsys):
    secret = course.secret
    assert run("init", course.path) == 2
    assert "is not empty" in capsys.readouterr().err
    assert course.secret == secret


@pytest.mark.parametrize("name", [".", "secret.key"])
def test_a_course_that_others_may_read_is_refused(course, name, capsys):
    (course.path / name).chmod(0o755)
    assert run("status", course.path) == 2
    assert "others may read" in capsys.readouterr().err


def test_a_folder_that_is_no_course_is_refused(tmp_path, capsys):
    assert run("grade", tmp_path) == 2
    assert "is no course folder" in capsys.readouterr().err


def test_release_makes_notebook_and_package(tmp_path):
    course = Course.init(tmp_path / "course")
    write_exercise(course.path)
    assert run("release", course.path) == 0
    assert mode(course.path / "exercises" / GRADED.name) == 0o600
    released = course.path / "release" / "absolute-step"
    names = {path.name for path in released.iterdir()}
    assert names == {"absolute-step.ipynb", "absolute-step.json"}
    visible = json.loads((released / "absolute-step.json").read_text(encoding="utf-8"))
    assert [test["name"] for test in visible["tests"]] == [
        "test_averages",
        "test_step",
        "test_inputs",
    ]
    assert "test_" not in (released / "absolute-step.ipynb").read_text()
    (package,) = course.packages().values()
    assert [test["visible"] for test in package["tests"]] == [True] * 3 + [False] * 3
    assert [test["in_place"] for test in package["tests"]] == [False, False, True] + [False] * 3
    assert [test["points"] for test in package["tests"]] == [1] * 6
    assert mode(course.path / "packages" / "absolute-step.json") == 0o600


def test_release_makes_the_sources_of_nbgrader_and_otter_for_the_teacher_alone(tmp_path):
    course = Course.init(tmp_path / "course")
    exercise = write_exercise(course.path)
    assert run("release", course.path) == 0
    made = {
        "source/absolute-step/absolute-step.ipynb": exercise.nbgrader_source(),
        "otter/absolute-step.ipynb": exercise.otter(),
    }
    for name, expected in made.items():
        assert json.loads((course.path / name).read_text()) == expected
        assert mode(course.path / name) == 0o600


def test_points_of_a_test_reach_package_feedback_and_exports(tmp_path, sandbox):
    course = Course.init(tmp_path / "course")
    path = course.path / "exercises" / GRADED.name
    hidden = "```{code-cell} ipython3\n:tags: [hidden]\n"
    text = GRADED.read_text("utf-8")
    path.write_text(text.replace(hidden, f"{hidden}:points: 2.5\n", 1), encoding="utf-8")
    exercise = source.read(path)
    assert run("release", course.path) == 0
    right = answer(exercise, "m_bar / (a_hat + eps)", "m_bar / np.maximum(a_hat, eps)")
    hand_in(course, "ada", right, exercise="absolute-step")
    marking.run(course)
    feedback.make(course)
    page = (course.path / "feedback" / "ada" / "absolute-step" / "absolute-step.html").read_text()
    assert "6.5 of 7.5 points" in page
    assert "✓ 2.5 of 2.5: Twelve steps" in page
    assert exported(course, "canvas.csv")[1:] == [
        ["Points Possible", "", "", "", "", "7.5"],
        ["ada", "", "", "ada", "", "6.5"],
    ]


def test_check_finds_the_visible_tests_beside_the_released_notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    course = Course.init(tmp_path / "course")
    exercise = write_exercise(course.path)
    assert run("release", course.path) == 0
    monkeypatch.chdir(course.path / "release" / "absolute-step")
    names = {}
    exec(f"{exercise.setup}\n\n{exercise.solution}", names)
    report = check("absolute-step", names["absolute_step"])
    assert (report.passed, report.total) == (True, 3)


def test_release_without_exercises_is_refused(course, capsys):
    assert run("release", course.path) == 2
    assert "there is no exercise" in capsys.readouterr().err


# ---- submissions ------------------------------------------------------------------------------


def test_both_layouts_are_found(course):
    flat = course.path / "submitted" / "cubic-step"
    flat.mkdir()
    (flat / "ada.ipynb").write_bytes(b"{}")
    hand_in(course, "bob", b"{}")
    found, skipped = course.submissions({"cubic-step"})
    assert {(item.student, item.exercise) for item in found} == {
        ("ada", "cubic-step"),
        ("bob", "cubic-step"),
    }
    assert skipped == []


def test_a_second_file_of_a_student_is_named(course):
    flat = course.path / "submitted" / "cubic-step"
    flat.mkdir()
    (flat / "ada.ipynb").write_bytes(b"{}")
    hand_in(course, "ada", b"{}")
    found, skipped = course.submissions({"cubic-step"})
    assert len(found) == 1
    assert "is graded instead" in skipped[0]


def test_a_link_is_not_followed(course):
    path = hand_in(course, "eve", b"{}")
    path.unlink()
    path.symlink_to(course.path / "secret.key")
    with pytest.raises(submission.UnusableError, match="not a plain file"):
        submission.read(path)
    (course.path / "submitted" / "mallory").symlink_to(course.path / "submitted" / "eve")
    found, _ = course.submissions({"cubic-step"})
    assert [item.student for item in found] == ["eve"]


def test_magics_reach_the_worker_as_they_are():
    assert submission.cells(notebook("%time 1", "x = 1"), ".ipynb") == ["%time 1", "x = 1"]


# ---- grading ----------------------------------------------------------------------------------


def test_grading_refuses_without_a_sandbox(course, monkeypatch, capsys):
    def refuse():
        raise SandboxError("bubblewrap is missing")

    monkeypatch.setattr(selftest, "prove", refuse)
    hand_in(course, "ada", notebook(SOLUTION))
    assert run("grade", course.path) == 3
    assert "refuses to run students' code here: bubblewrap is missing" in capsys.readouterr().err
    assert course.results() == []


def test_a_result_depends_on_all_that_it_follows_from():
    task = marking.Task("ada", "cubic-step", CUBIC, b"secret", b"data", ".py", None)
    changed = [
        marking.Task("ada", "cubic-step", {**CUBIC, "limit": 2}, b"secret", b"data", ".py", None),
        marking.Task("ada", "cubic-step", CUBIC, b"other", b"data", ".py", None),
        marking.Task("ada", "cubic-step", CUBIC, b"secret", b"datum", ".py", None),
        marking.Task("ada", "cubic-step", CUBIC, b"secret", b"data", ".ipynb", None),
    ]
    assert len({task.key, *(other.key for other in changed)}) == 5


def test_random_inputs_follow_from_secret_exercise_and_test():
    seeds = {grade.seed(b"a", "e", "t"), grade.seed(b"b", "e", "t"), grade.seed(b"a", "f", "t")}
    assert len(seeds | {grade.seed(b"a", "e", "u")}) == 4
    assert grade.seed(b"a", "e", "t") == grade.seed(b"a", "e", "t")


def test_limits_bound_the_sum_of_memory():
    assert Limits(memory=100, processes=3).total == 300


@pytest.mark.parametrize("workers", [0, -1, 10_000])
def test_a_wrong_number_of_workers_is_refused(course, workers, capsys):
    assert run("grade", course.path, "--workers", workers) == 2
    assert f"workers = {workers} is not in 1 ..." in capsys.readouterr().err


# ---- what a test says -------------------------------------------------------------------------


def test_of_a_hidden_test_only_the_authors_own_words_are_shown():
    source = 'assert x, f"The paths part at step {t}: it is {x}, and {np.nan} is wrong."'
    message = "The paths part at step 3: it is [0.125, 7.5], and nan is wrong."
    assert grade._own_words(message, source) == "The paths part at step …: it is … is wrong."


def test_a_callback_that_does_not_exist_is_an_error():
    answer = {"function": 3, "args": (), "kwargs": {}}
    assert "no such function" in grade._call_back([len], answer)["error"]
    assert "with arguments" in grade._call_back([len], {"function": 0, "args": 1})["error"]
    assert grade._call_back([len], {"function": 0, "args": ([1],), "kwargs": {}}) == {"value": 1}


def test_what_the_worker_says_of_an_exception_is_made_plain():
    odd = {"type": np.zeros(3), "text": "x" * 1000, "cell": True, "line": -1}
    plain = grade._description(odd)
    assert len(plain["text"]) == 300
    assert plain["cell"] == plain["line"] == 0


# ---- feedback and export ----------------------------------------------------------------------


def test_feedback_escapes_everything():
    cells = [{"type": "<i>", "text": "<script>", "cell": 1, "line": 2}]
    page = feedback.page(result("a<b", cells=cells))
    assert "<b>No" not in page
    assert "<script" not in page
    assert "A &lt; B." in page
    assert "2 of 3 points" in page
    unusable = feedback.page(result(unusable="<u>"))
    assert "&lt;u&gt;" in unusable


def test_a_released_notebook_gets_no_complaint_about_check():
    missing = {"type": "ModuleNotFoundError", "text": "No module named 'optim_lessons'"}
    page = feedback.page(result(cells=[missing | {"cell": 1, "line": 3}]))
    assert "did not run" not in page


def exported(course, name):
    assert run("export", course.path) == 0
    return list(csv.reader((course.path / name).read_text("utf-8").splitlines()))


def two_exercises(course):
    write(course.result("ada", "cubic-step"), json.dumps(result("ada")))
    other = result("bob", exercise="other", score=1.5, points=4)
    write(course.result("bob", "other"), json.dumps(other))


def test_export_for_canvas_has_its_columns_and_the_points(course):
    two_exercises(course)
    assert exported(course, "canvas.csv") == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "cubic-step", "other"],
        ["Points Possible", "", "", "", "", "3", "4"],
        ["ada", "", "", "ada", "", "2", ""],
        ["bob", "", "", "bob", "", "", "1.5"],
    ]


def test_export_for_moodle_has_a_column_for_each_exercise(course):
    two_exercises(course)
    assert exported(course, "moodle.csv") == [
        ["username", "cubic-step", "other"],
        ["ada", "2", ""],
        ["bob", "", "1.5"],
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(course, cell):
    """Such names are refused when they are handed in; a result that has one all the same."""
    write(course.result("x", "y"), json.dumps(result(cell, exercise=cell)))
    export.make(course)
    for name in ("canvas.csv", "moodle.csv"):
        with (course.path / name).open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert f"'{cell}" in cells
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in cells)


def test_a_number_below_zero_stays_a_number():
    assert export._plain(-1.5) == -1.5
    assert export._plain("a=1") == "a=1"


def test_export_fills_nbgraders_gradebook_when_asked(course, monkeypatch, capsys):
    filled = []
    monkeypatch.setattr(gradebook, "fill", lambda course: filled.append(course) or 3)
    assert run("export", course.path) == 0
    assert filled == []
    assert run("export", course.path, "--nbgrader") == 0
    assert filled == [course]
    assert "gradebook.db: 3 submissions" in capsys.readouterr().out


def test_a_course_error_is_a_value_error():
    assert issubclass(CourseError, ValueError)
