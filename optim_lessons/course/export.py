"""The marks as CSV, in the columns in which Canvas and Moodle take them.

Canvas (`lib/gradebook_importer.rb` in its source): five columns tell who it is, of which one that
is filled will do; then one for each assignment; the second row has the points. Moodle
(https://docs.moodle.org/en/Grade_import): any columns, which the teacher maps after the upload.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from optim_lessons.course.folder import Course
from optim_lessons.files import write

Rows = list[list[Any]]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet may begin to compute at


def make(course: Course) -> list[str]:
    """Write canvas.csv and moodle.csv; return their names."""
    results = course.results()
    tables = {"canvas.csv": canvas(results), "moodle.csv": moodle(results)}
    for name, rows in tables.items():
        file = io.StringIO()
        csv.writer(file).writerows([[_plain(cell) for cell in row] for row in rows])
        write(course.path / name, file.getvalue())
    return list(tables)


def canvas(results: list[dict[str, Any]]) -> Rows:
    """Return Canvas's rows, students by their login; a missing submission is an empty cell."""
    exercises, students = _by_student(results)
    points = {result["exercise"]: result["points"] for result in results}
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    return [
        [*head, *exercises],
        ["Points Possible", "", "", "", "", *(points[exercise] for exercise in exercises)],
        *([student, "", "", student, "", *scores] for student, scores in students.items()),
    ]


def moodle(results: list[dict[str, Any]]) -> Rows:
    """Return Moodle's rows, students by their user name; a missing submission is an empty cell."""
    exercises, students = _by_student(results)
    return [["username", *exercises], *([name, *scores] for name, scores in students.items())]


def _by_student(results: list[dict[str, Any]]) -> tuple[list[str], dict[str, list[Any]]]:
    """Return the exercises, and each student's scores in their order."""
    scores = {(result["student"], result["exercise"]): result["score"] for result in results}
    exercises = sorted({exercise for _, exercise in scores})
    return exercises, {
        student: [scores.get((student, exercise), "") for exercise in exercises]
        for student in sorted({student for student, _ in scores})
    }


def _plain(cell: Any) -> Any:
    """Keep a text from being taken for a formula by the program that opens the file."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
