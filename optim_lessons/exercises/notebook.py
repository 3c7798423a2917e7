"""Check the exercises of a notebook without Jupyter.

Only what defines something is run: imports, functions, classes, and constants. So a check takes no
longer than the functions that it calls, whatever else the notebook computes.
"""

from __future__ import annotations

import ast
import json
import linecache
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from optim_lessons.exercises import Report, check

MAGIC = re.compile(r"^\s*[%!].*$", re.M)


class NotebookError(Exception):
    """The file is no notebook, or has nothing to check."""


def check_notebook(path: Path, say: Callable[[str], None]) -> dict[str, Report]:
    """Give a report for every `check("exercise", function)` in the notebook.

    `say` is told of each cell that does not run.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    calls: list[tuple[str, list[str]]] = []
    for number, source in enumerate(_code_cells(path), start=1):
        file = str(path.parent / f"{path.name}, cell {number}")
        source = MAGIC.sub("", source)
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        try:
            tree = ast.parse(source, file)
            exec(compile(_definitions(tree), file, "exec"), names)
        except Exception as error:
            line = getattr(error, "lineno", None)
            where = f"{path.name}, cell {number}" + (f", line {line}" if line else "")
            say(f"{where}: {type(error).__name__}: {getattr(error, 'msg', error)}")
            continue
        calls += _calls(tree)
    if not calls:
        raise NotebookError(f'{path} has no check("exercise", function) to run')
    reports = {}
    for exercise, functions in calls:
        if missing := [name for name in functions if name not in names]:
            raise NotebookError(f"{path} defines no {missing[0]}, which {exercise} checks")
        try:
            reports[exercise] = check(exercise, *(names[name] for name in functions))
        except (TypeError, ValueError) as error:
            raise NotebookError(f"{path}: {error}") from None
    return reports


def _code_cells(path: Path) -> Iterator[str]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield from ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise NotebookError(f"{path} is not a notebook") from None


def _definitions(tree: ast.Module) -> ast.Module:
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    body = [node for node in tree.body if isinstance(node, kinds) or _is_constant(node)]
    return ast.Module(body, type_ignores=[])


def _is_constant(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign):
        return False
    try:
        ast.literal_eval(node.value)
    except ValueError:
        return False
    return True


def _calls(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Every check("exercise", name, ...) of a cell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            match node.args:
                case [ast.Constant(value=str(exercise)), *rest] if called == "check":
                    yield exercise, [arg.id for arg in rest if isinstance(arg, ast.Name)]
