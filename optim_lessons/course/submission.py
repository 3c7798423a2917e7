"""Reading what a student handed in: bounded, and answered with a sentence if it cannot be used.

Nothing here runs or parses the student's Python: that happens in the sandbox.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

FILE = 10_000_000  # bytes; a notebook with its pictures
CODE = 100_000  # characters in all code cells
CELLS = 500


class UnusableError(ValueError):
    """The submission cannot be graded; the sentence says why, to the student."""


def read(path: Path) -> bytes:
    """Return a file's bytes. Raises UnusableError for what is no plain file, or too large.

    A link is not followed: it would lend the student the teacher's eyes.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise UnusableError("This is not a plain file that can be read.") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnusableError("This is not a plain file.")
        data = file.read(FILE + 1)
    if len(data) > FILE:
        raise UnusableError(f"The file is larger than {FILE // 1_000_000} MB: clear its outputs.")
    return data


def cells(data: bytes, suffix: str) -> list[str]:
    """Return the code cells of a notebook (`.ipynb`), or a Python file as one cell (`.py`)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableError("The file is not text in UTF-8.") from None
    if suffix == ".py":
        sources = [text]
    elif suffix == ".ipynb":
        sources = _notebook(text)
    else:
        raise UnusableError("The file is neither a notebook (.ipynb) nor a Python file (.py).")
    if len(sources) > CELLS:
        raise UnusableError(f"The notebook has more than {CELLS} code cells.")
    if sum(map(len, sources)) > CODE:
        raise UnusableError(f"The code is longer than {CODE:,} characters.")
    if any("\ud800" <= c <= "\udfff" for source in sources for c in source):
        raise UnusableError("The code holds half a character.")
    return sources


def _notebook(text: str) -> list[str]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise UnusableError("The file is not a notebook: it cannot be read as JSON.") from None
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(found, list):
        raise UnusableError("The file is not a notebook of format 4: it has no list of cells.")
    sources = []
    for cell in found:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source")
        lines = source if isinstance(source, list) else [source]
        if not all(isinstance(line, str) for line in lines):
            raise UnusableError("The file is not a notebook: a code cell has no text.")
        sources.append("".join(map(str, lines)))
    return sources
