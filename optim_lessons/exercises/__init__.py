"""Instant feedback to a student: `check("adam-step", adam_step)`."""

from __future__ import annotations

import html
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optim_lessons.exercises import adam_step

# An exercise is a tuple of tests. A test takes the student's function and raises AssertionError
# with words that teach; its docstring is the claim that the student reads.
Test = Callable[[Callable[..., Any]], None]
EXERCISES: dict[str, tuple[Test, ...]] = {"adam-step": adam_step.TESTS}


@dataclass(frozen=True)
class Result:
    """One claim about the student's function, and what to do if it does not hold yet."""

    claim: str
    advice: str | None


@dataclass(frozen=True)
class Report:
    """The answer to a student: each claim in turn, up to the first that does not hold."""

    results: tuple[Result, ...]
    total: int

    @property
    def passed(self) -> bool:
        """Whether every claim holds."""
        return self._held == self.total

    @property
    def _held(self) -> int:
        return sum(result.advice is None for result in self.results)

    def __repr__(self) -> str:
        lines = []
        for result in self.results:
            lines.append(f"{'✓' if result.advice is None else '✗'} {result.claim}")
            if result.advice is not None:
                lines += [f"  {line}" for line in result.advice.splitlines()]
        return "\n".join([*lines, self._summary()])

    def _repr_html_(self) -> str:
        rows = []
        for result in self.results:
            row = f"{'✓' if result.advice is None else '✗'} {html.escape(result.claim)}"
            if result.advice is not None:
                row += f"<br>{html.escape(result.advice)}".replace("\n", "<br>")
            rows.append(f'<li style="list-style: none">{row}</li>')
        return f'<ul class="ol-report">{"".join(rows)}</ul><p>{self._summary()}</p>'

    def _summary(self) -> str:
        if self.passed:
            return f"All {self.total} claims hold. Well done."
        return f"{self._held} of {self.total} claims hold so far."


def check(exercise: str, function: Callable[..., Any]) -> Report:
    """Check a student's function, and say in words what to mend first.

    The tests run in order and stop at the first that fails, since what comes later would only
    repeat the same mistake in other words. Raises ValueError for an unknown exercise, TypeError for
    what is no function; whatever the student's function raises is reported, never passed on.

    Example:
        >>> from optim_lessons import check
        >>> check("adam-step", lambda theta, g, m, v, t, lr, beta1, beta2, eps: (theta, m, v))
        ✗ A step goes against the gradient.
          theta did not move. At t = 1, from theta = 0 and with g = [100, -0.01], it should.
        0 of 6 claims hold so far.
    """
    if exercise not in list(EXERCISES):
        raise ValueError(f"exercise = {exercise!r} is not one of {sorted(EXERCISES)}")
    if not callable(function):
        raise TypeError(f"function = {function!r} is not a function: pass its name, without a call")
    tests = EXERCISES[exercise]
    results: list[Result] = []
    for test in tests:
        results.append(Result(claim=test.__doc__ or test.__name__, advice=_advice(test, function)))
        if results[-1].advice is not None:
            break
    return Report(tuple(results), len(tests))


def _advice(test: Test, function: Callable[..., Any]) -> str | None:
    try:
        test(function)
    except AssertionError as failure:
        return str(failure)
    except NotImplementedError:
        return "Nothing to check yet: write the function's body, then run this cell again."
    except Exception as error:
        name = getattr(function, "__name__", "the function")
        filename = getattr(getattr(function, "__code__", None), "co_filename", None)
        lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == filename]
        where = f", in its line: {lines[-1].line}" if lines and lines[-1].line else ""
        return f"{name} raised {type(error).__name__}: {error}{where}"
    return None
