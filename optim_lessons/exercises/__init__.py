"""Instant feedback to a student: `check("adam-step", adam_step)`."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from optim_lessons.exercises import progress
from optim_lessons.exercises.deadline import can_stop
from optim_lessons.exercises.report import Report
from optim_lessons.exercises.run import Result, run_tests

__all__ = ["Report", "Result", "check", "packages", "run_tests"]

DATA = resources.files("optim_lessons.exercises") / "data"


def packages() -> dict[str, dict[str, Any]]:
    """The exercises that come with the library, with their visible tests.

    Example:
        >>> from optim_lessons import exercises
        >>> exercises.packages()["adam-step"]["entry"]
        ['adam_step']
    """
    files = sorted((file for file in DATA.iterdir()), key=lambda file: file.name)
    found = [json.loads(file.read_text("utf-8")) for file in files if file.name.endswith(".json")]
    return {package["id"]: package for package in found}


def check(exercise: str, function: Callable[..., Any], *others: Callable[..., Any]) -> Report:
    """Check a student's function, and say in words what to mend first.

    The claims stand in order up to the first that does not hold, since what comes later would only
    repeat the same mistake in other words. An exercise is one of the book's, or one of a course,
    whose file `exercise`.json lies in the working folder. Raises ValueError for an unknown
    exercise, TypeError for what is no function; whatever the student's function raises is reported,
    never passed on. The best result is remembered: `python -m optim_lessons progress`.

    Example:
        >>> from optim_lessons import check
        >>> check("adam-step", lambda theta, g, m, v, t, lr, beta1, beta2, eps: (theta, m, v))
        ✗ A step goes against the gradient.
          theta did not move. At t = 1, from theta = 0 and with g = [100, -0.01], it should.
          So your path parts from the expected one at step t = 1: [-3, 1] instead of [-2.9, 0.9].
        0 of 6 claims hold so far.
    """
    package = _package(exercise)
    functions = (function, *others)
    for given in functions:
        if not callable(given):
            raise TypeError(
                f"function = {given!r} is not a function: pass its name, without a call"
            )
    if len(functions) != len(package["entry"]):
        raise TypeError(f"{exercise} checks {', '.join(package['entry'])}, in this order")
    named = dict(zip(package["entry"], functions, strict=True))
    total = len(package["tests"])
    results = run_tests(package, named, package["limit"])
    failed = next((i for i, result in enumerate(results) if not result.passed), total)
    paths = next((result.paths for result in results if result.paths), None)
    notes = []
    if not can_stop():
        notes.append("(An endless loop cannot be stopped here: Python before 3.12, in a thread.)")
    try:
        progress.keep(exercise, failed, total)
    except progress.ProgressError as error:
        notes.append(f"({error})")
    return Report(tuple(results[: failed + 1]), total, paths, tuple(notes))


def _package(exercise: str) -> dict[str, Any]:
    known = packages()
    if exercise in list(known):
        return known[exercise]
    if isinstance(exercise, str) and exercise and (file := Path(f"{exercise}.json")).exists():
        return json.loads(file.read_text(encoding="utf-8"))
    raise ValueError(f"exercise = {exercise!r} is not one of {sorted(known)}")
