"""Run the tests of an exercise on a student's functions. Needs NumPy and the standard library only.

An exercise's package is plain data: {"id", "title", "entry", "limit", "helper", "tests"}, each test
{"name", "claim", "code", "visible"}. A test is the source of a function that takes the functions
named by `entry`, and raises AssertionError with words that teach.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from optim_lessons.exercises.deadline import OutOfTime, deadline


@dataclass(frozen=True)
class Result:
    """Whether one claim about a student's functions holds; if not, in words what to do.

    `paths`, where two paths part: {"expected", "yours": lists of points, "step": the first step}.
    """

    name: str
    claim: str
    visible: bool
    passed: bool
    words: str = ""
    paths: dict[str, Any] | None = None


def run_tests(
    package: dict[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    limit: float | None = None,
) -> list[Result]:
    """Run the tests in their order; one that raises or is stopped fails, with words.

    `limit`, in seconds, is for all tests together, where a `deadline` can end them: the test that
    is stopped is the last. Without it, ending what never ends is up to the caller.
    """
    names: dict[str, Any] = {}
    exec(compile(package["helper"], _file(package), "exec"), names)
    arguments = [functions[name] for name in package["entry"]]
    end = None if limit is None else time.perf_counter() + limit
    results: list[Result] = []
    for test in package["tests"]:
        exec(compile(test["code"], _file(package), "exec"), names)
        error: BaseException | None = None
        try:
            stop = nullcontext() if end is None else deadline(end - time.perf_counter())
            with stop, np.errstate(all="ignore"):
                names[test["name"]](*arguments)
        except (Exception, SystemExit, OutOfTime) as raised:
            error = raised
        results.append(
            Result(
                name=test["name"],
                claim=test["claim"],
                visible=test["visible"],
                passed=error is None,
                words="" if error is None else _words(error, arguments, _file(package)),
                paths=getattr(error, "paths", None),
            )
        )
        if isinstance(error, OutOfTime):
            break
    return results


def _file(package: dict[str, Any]) -> str:
    """The name of the tests in tracebacks."""
    return f"<tests of {package['id']}>"


def _words(error: BaseException, functions: list[Callable[..., Any]], file: str) -> str:
    line = _students_line(error, functions, file)
    where = f", {line}" if line else ""
    if isinstance(error, AssertionError) and line is None:
        return str(error)
    if isinstance(error, NotImplementedError):
        return "Nothing to check yet: write the function's body, then run this cell again."
    if isinstance(error, OutOfTime):
        return f"Stopped, because it took too long{where}.\nIs there a loop that never ends?"
    what = f"{type(error).__name__}: {error}".removesuffix(": ")
    return f"Your code raised {what}{where}."


def _students_line(
    error: BaseException, functions: list[Callable[..., Any]], file: str
) -> str | None:
    """The deepest line of the traceback that the student wrote.

    What a student writes lies in one folder: the cells of a notebook do, each with a file of its
    own. The lines of libraries that were called lie elsewhere.
    """
    homes = {
        PurePath(function.__code__.co_filename).parent
        for function in functions
        if hasattr(function, "__code__")
    }
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename != file and PurePath(frame.filename).parent in homes:
            return f"in line {frame.lineno}" + (f": `{frame.line}`" if frame.line else "")
    return None
