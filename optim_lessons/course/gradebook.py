"""nbgrader's gradebook, filled with our marks, so that its formgrader shows them.

Formgrader shows a notebook for each mark. It runs and shows whatever HTML a notebook's outputs
hold, so the notebooks here are made anew: the student's code as text, and each test's claim with
what it said; no output of the student's own, and no hidden test.

Needs nbgrader: the extra `nbgrader`.
"""

from __future__ import annotations

import os
import shutil
import sysconfig
import warnings
from typing import Any

from optim_lessons.course import marking, submission
from optim_lessons.course.folder import Course, CourseError, Submission
from optim_lessons.files import write


def fill(course: Course) -> int:
    """Bring gradebook.db and autograded/ up to date; return how many submissions they hold.

    What a teacher wrote in formgrader stays: marks given by hand, and comments. Raises CourseError
    if nbgrader is missing, or if a result is older than its exercise's tests.
    """
    try:
        from nbgrader.api import Gradebook
        from sqlalchemy.exc import SAWarning
    except ImportError:
        raise CourseError(
            "nbgrader's gradebook needs nbgrader: `pip install 'optim-lessons[nbgrader]'`"
        ) from None
    if shutil.which("alembic") is None:  # which nbgrader calls by name; it lies beside this Python
        # Behind all else, so that no other program changes.
        os.environ["PATH"] = f"{os.environ['PATH']}{os.pathsep}{sysconfig.get_path('scripts')}"
    packages, results = course.packages(), course.results()
    for result in results:
        _complain_of_age(result, packages)
    handed_in = {
        (item.student, item.exercise): item for item in course.submissions(set(packages))[0]
    }
    database = course.path.resolve() / "gradebook.db"
    database.touch(mode=0o600)
    with warnings.catch_warnings(), Gradebook(f"sqlite:///{database}") as book:
        warnings.simplefilter("ignore", SAWarning)  # of how nbgrader adds a submission
        for package in packages.values():
            _add_assignment(book, package)
        for result in results:
            student, exercise = result["student"], result["exercise"]
            package = packages[exercise]
            code = _code(course, handed_in.get((student, exercise)), package, result)
            path = course.path / "autograded" / student / exercise / f"{exercise}.ipynb"
            write(path, _notebook(package, result, code))
            _add_marks(book, package, result)
    return len(results)


def _complain_of_age(result: dict[str, Any], packages: dict[str, Any]) -> None:
    exercise = result["exercise"]
    now, then = (
        [(test["name"], test["points"]) for test in made["tests"]]
        for made in (packages.get(exercise, {"tests": []}), result)
    )
    if exercise not in packages or (now != then and "unusable" not in result):
        raise CourseError(f"{exercise} has other tests than were graded: run `course grade` first")


def _add_assignment(book: Any, package: dict[str, Any]) -> None:
    """Add an exercise, as an assignment of one notebook with a cell for each test.

    If its tests have changed, what was there is removed: old marks would mean something else.
    """
    name = package["id"]
    points = {test["name"]: test["points"] for test in package["tests"]}
    book.update_or_create_assignment(name)
    notebook = book.update_or_create_notebook(name, name)
    if notebook.grade_cells and {cell.name for cell in notebook.grade_cells} != set(points):
        book.remove_assignment(name)
        book.add_assignment(name)
        book.add_notebook(name, name)
    book.update_or_create_solution_cell(name, name, name)
    for test in points:
        book.update_or_create_grade_cell(test, name, name, max_score=points[test], cell_type="code")


def _add_marks(book: Any, package: dict[str, Any], result: dict[str, Any]) -> None:
    name, student = result["exercise"], result["student"]
    book.update_or_create_student(student)
    book.update_or_create_submission(name, student)
    scores = {test["name"]: test["score"] for test in result["tests"]}
    for test in package["tests"]:
        grade = book.find_grade(test["name"], name, name, student)
        grade.auto_score = scores.get(test["name"], 0)  # 0: unusable, so nothing was tested
        grade.needs_manual_grade = False
    book.db.commit()


def _code(
    course: Course, item: Submission | None, package: dict[str, Any], result: dict[str, Any]
) -> str:
    """Return the code that was graded, as one text."""
    if "unusable" in result:
        return f"# {result['unusable']}"
    unsafe = result.get("unsafe", False)
    task = marking.task_of(item, package, course.secret, unsafe) if item else None
    if task is None or task.key != result["hash"]:
        return "# What was graded is not there any more."
    cells = submission.cells(task.data, task.suffix)
    return "\n\n".join(f"# ---- cell {number}\n{cell}" for number, cell in enumerate(cells, 1))


def _notebook(package: dict[str, Any], result: dict[str, Any], code: str) -> str:
    from nbformat import v4

    def cell(source: str, name: str, output: str | None = None, **says: Any) -> Any:
        nbgrader = {"schema_version": 3, "grade_id": name, "task": False}
        nbgrader |= {"grade": False, "solution": False, "locked": False} | says
        outputs = [v4.new_output("stream", name="stdout", text=output)] if output else []
        return v4.new_code_cell(source, metadata={"nbgrader": nbgrader}, outputs=outputs)

    messages = {test["name"]: test["message"] for test in result["tests"]}
    cells = [cell(code, result["exercise"], solution=True)]
    for test in package["tests"]:
        claim = "".join(f"# {line}\n" for line in test["claim"].splitlines()).rstrip()
        message = messages.get(test["name"])
        points = test["points"]
        cells.append(cell(claim, test["name"], message, grade=True, locked=True, points=points))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.writes(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})) + "\n"
