"""The gradebook as CSV: one row a student, or as nbgrader's own export writes it."""

from __future__ import annotations

import csv
import io
from typing import Any

from optim_lessons.course.folder import Course, write

# The columns of `nbgrader export`. No dates and names: we know only what was handed in.
NBGRADER = (
    "assignment duedate timestamp student_id last_name first_name email raw_score "
    "late_submission_penalty score max_score"
).split()


def make(course: Course, nbgrader: bool = False) -> str:
    """Write grades.csv, and return its text."""
    results = course.results()
    rows = long_rows(results) if nbgrader else wide_rows(results)
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(
        [[_plain(cell) for cell in row] for row in rows]
    )
    write(course.path / "grades.csv", file.getvalue())
    return file.getvalue()


def wide_rows(results: list[dict[str, Any]]) -> list[list[Any]]:
    """Return one row a student, one column an exercise: what Canvas and Moodle can map."""
    exercises = sorted({result["exercise"] for result in results})
    scores = {(result["student"], result["exercise"]): result["score"] for result in results}
    rows: list[list[Any]] = [["student", *exercises, "total"]]
    for student in sorted({student for student, _ in scores}):
        own = [scores.get((student, exercise), "") for exercise in exercises]
        rows.append([student, *own, sum(score for score in own if score != "")])
    return rows


def long_rows(results: list[dict[str, Any]]) -> list[list[Any]]:
    """Return one row a student and exercise, in nbgrader's columns."""
    rows: list[list[Any]] = [list(NBGRADER)]
    for result in results:
        row: dict[str, Any] = dict.fromkeys(NBGRADER, "")
        row |= {"assignment": result["exercise"], "student_id": result["student"]}
        row |= {"raw_score": result["score"], "score": result["score"]}
        row |= {"late_submission_penalty": 0.0, "max_score": result["points"]}
        rows.append(list(row.values()))
    return rows


def _plain(cell: Any) -> Any:
    """Keep a text from being taken for a formula by the program that opens the file."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("=+-@\t\r") and cell else cell
