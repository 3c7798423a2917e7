"""A page of feedback for each student and exercise. Whatever comes from students is escaped."""

from __future__ import annotations

from html import escape
from typing import Any

from optim_lessons.course.folder import Course
from optim_lessons.files import write

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{exercise}: feedback for {student}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem }}
main {{ max-width: 45rem; margin: auto }}
pre {{ white-space: pre-wrap; background: #f2f2f2; color: #222; padding: .5rem }}
</style>
</head>
<body>
<main>
<h1>{exercise}</h1>
<p>{student}: {score:g} of {points:g} points</p>
{body}
</main>
</body>
</html>
"""


def make(course: Course) -> int:
    """Write the pages of all results; return how many."""
    results = course.results()
    for result in results:
        exercise, student = result["exercise"], result["student"]
        write(course.path / "feedback" / student / exercise / f"{exercise}.html", page(result))
    return len(results)


def page(result: dict[str, Any]) -> str:
    """Return the page of one result."""
    if "unusable" in result:
        body = f"<p>{escape(result['unusable'])}</p>"
    else:
        items = "\n".join(map(_test, result["tests"]))
        body = f"<ol>\n{items}\n</ol>\n{_cells(result['cells'])}"
    texts = {key: escape(str(result[key])) for key in ("exercise", "student")}
    return PAGE.format(body=body, score=result["score"], points=result["points"], **texts)


def _test(test: dict[str, Any]) -> str:
    passed = test["message"] is None
    mark = f"{'✓' if passed else '✗'} {test['score']:g} of {test['points']:g}"
    words = f"<li>{mark}: {escape(test['claim'])}"
    return words + ("</li>" if passed else f"\n<pre>{escape(test['message'])}</pre></li>")


def _cells(errors: list[dict[str, Any]]) -> str:
    """Say which lines of the notebook failed before any test, where they may explain a mark."""
    # Every released notebook imports `check`, which is not there when marks are decided.
    errors = [error for error in errors if error["text"] != "No module named 'optim_lessons'"]
    if not errors:
        return ""
    lines = []
    for error in errors[:10]:
        where = f"Cell {error['cell']}, line {error['line']}: " if error["cell"] else ""
        lines.append(escape(f"{where}{error['type']}: {error['text']}"))
    return (
        "<h2>Lines of your notebook that did not run</h2>\n"
        "<p>Only NumPy and Python's own library are there when marks are decided.</p>\n"
        f"<pre>{chr(10).join(lines)}</pre>"
    )
