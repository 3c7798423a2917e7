"""nbgrader's gradebook and formgrader show the marks that we decided."""

import builtins
import json
import shutil

import pytest
from hostile.graded import CUBIC, SOLUTION
from hostile.submissions import notebook
from server import TOKEN, jupyter

from optim_lessons.course import gradebook, marking
from optim_lessons.course.folder import Course, CourseError, Submission
from optim_lessons.files import write

ATTACK = (
    "<img src=x onerror=\"document.title='attacked'\"><script>document.title='attacked'</script>"
)
SCORES = {"ada": [1, 1, 1, 2, 1], "bob": [1, 0, 1, 2, 0]}


def add_result(course, student, scores, code=SOLUTION, message=ATTACK, **changes):
    """Hand in the code, and write the result as `grade` does."""
    path = course.path / "submitted" / student / "cubic-step" / "cubic-step.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(notebook(code))
    item = Submission(student, "cubic-step", path)
    (package,) = course.packages().values()
    tests = [
        {key: test[key] for key in ("name", "claim", "visible", "points")}
        | {"score": score, "message": None if score else message}
        for test, score in zip(package["tests"], scores, strict=True)
    ]
    made = {"student": student, "hash": marking.task_of(item, package, course.secret).key}
    made |= {"exercise": "cubic-step", "score": sum(scores), "points": 6, "tests": tests}
    write(course.result(student, "cubic-step"), json.dumps(made | {"cells": []} | changes))


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A gradebook without anything: nbgrader needs seconds to make one."""
    course = Course.init(tmp_path_factory.mktemp("empty") / "course")
    gradebook.fill(course)
    return course.path / "gradebook.db"


@pytest.fixture
def course(tmp_path, empty):
    course = Course.init(tmp_path / "course")
    shutil.copy(empty, course.path)
    write(course.path / "packages" / "cubic-step.json", json.dumps(CUBIC))
    for student, scores in SCORES.items():
        add_result(course, student, scores, f"{SOLUTION}\n# {ATTACK}")
    return course


@pytest.fixture
def nbgrader():
    """What reads a course's gradebook through nbgrader's own API."""
    from nbgrader.api import Gradebook

    return lambda course: Gradebook(f"sqlite:///{course.path / 'gradebook.db'}")


def marks(book, student):
    names = [test["name"] for test in CUBIC["tests"]]
    return [book.find_grade(name, "cubic-step", "cubic-step", student).score for name in names]


def test_the_gradebook_holds_a_score_for_each_test(course, nbgrader):
    assert gradebook.fill(course) == 2
    with nbgrader(course) as book:
        assert {student: marks(book, student) for student in SCORES} == SCORES
        submission = book.find_submission("cubic-step", "bob")
        assert (submission.score, submission.max_score) == (4, 6)
        assert not submission.needs_manual_grade


def test_only_the_owner_can_read_the_gradebook(empty):
    assert empty.stat().st_mode & 0o077 == 0


def test_filling_again_doubles_nothing_and_takes_what_is_new(course, nbgrader):
    gradebook.fill(course)
    add_result(course, "bob", [1, 1, 1, 2, 0])
    add_result(course, "eve", [0, 0, 0, 0, 0])
    assert gradebook.fill(course) == 3
    with nbgrader(course) as book:
        assert [student.id for student in book.students] == ["ada", "bob", "eve"]
        assert marks(book, "bob") == [1, 1, 1, 2, 0]
        assert len(book.assignment_submissions("cubic-step")) == 3


def test_a_mark_given_by_hand_stays(course, nbgrader):
    gradebook.fill(course)
    with nbgrader(course) as book:
        book.find_grade("test_step", "cubic-step", "cubic-step", "bob").manual_score = 0.5
        book.db.commit()
    gradebook.fill(course)
    with nbgrader(course) as book:
        assert marks(book, "bob") == [1, 0.5, 1, 2, 0]


def test_what_cannot_be_used_has_no_points(course, nbgrader):
    add_result(course, "eve", [0] * 5, tests=[], unusable="This is not a plain file.")
    gradebook.fill(course)
    with nbgrader(course) as book:
        assert marks(book, "eve") == [0] * 5


def test_an_exercise_with_other_tests_is_marked_anew(course, nbgrader):
    gradebook.fill(course)
    changed = {**CUBIC, "tests": CUBIC["tests"][:4]}
    write(course.path / "packages" / "cubic-step.json", json.dumps(changed))
    with pytest.raises(CourseError, match="run `course grade` first"):
        gradebook.fill(course)
    for student, scores in SCORES.items():
        add_result(course, student, scores[:4])
    gradebook.fill(course)
    with nbgrader(course) as book:
        assert book.find_submission("cubic-step", "ada").max_score == 5


def test_code_that_was_handed_in_later_is_not_shown_beside_old_marks(course):
    path = course.path / "submitted" / "ada" / "cubic-step" / "cubic-step.ipynb"
    path.write_bytes(notebook("late = 1"))
    gradebook.fill(course)
    shown = (course.path / "autograded" / "ada" / "cubic-step" / "cubic-step.ipynb").read_text()
    assert "late = 1" not in shown
    assert "not there any more" in shown


def test_no_hidden_test_is_in_what_nbgrader_would_show_to_students(course):
    gradebook.fill(course)
    shown = (course.path / "autograded" / "bob" / "cubic-step" / "cubic-step.ipynb").read_text()
    assert "Twelve steps along random gradients" in shown
    assert "default_rng" not in shown


def test_without_nbgrader_the_sentence_says_what_to_install(course, monkeypatch):
    importing = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("nbgrader"):
            raise ImportError(name)
        return importing(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CourseError, match=r"pip install 'optim-lessons\[nbgrader\]'"):
        gradebook.fill(course)


@pytest.mark.browser
def test_formgrader_shows_each_students_score_for_exercise_and_test(course, browser, tmp_path):
    gradebook.fill(course)
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(30_000)
    with jupyter("jupyter_server", course.path, tmp_path / "server.log") as address:
        page.goto(f"{address}/formgrader/manage_students?token={TOKEN}")
        page.locator("tbody .id", has_text="bob").wait_for()
        totals = dict(
            zip(
                page.locator("tbody .id").all_inner_texts(),
                page.locator("tbody .score").all_inner_texts(),
                strict=True,
            )
        )
        assert totals == {"ada": "6 / 6", "bob": "4 / 6"}
        for student, scores in SCORES.items():
            page.goto(f"{address}/formgrader/manage_students/{student}/cubic-step")
            page.get_by_role("link", name="cubic-step").last.click()
            page.locator("input.score[placeholder]").last.wait_for()
            boxes = page.locator("input.score").all()
            shown = {box.get_attribute("id"): box.get_attribute("placeholder") for box in boxes}
            wanted = zip([test["name"] for test in CUBIC["tests"]], map(str, scores), strict=True)
            assert shown == dict(wanted)
            assert "def cubic_step" in page.locator(".nbgrader_cell").first.inner_text()
            assert page.title() != "attacked"
        assert ATTACK in page.locator(".output").first.inner_text()
    context.close()
