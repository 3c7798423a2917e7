"""The loop: an optimizer and a problem give a path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from optim_lessons.contract import Array, Optimizer, validate


@dataclass(frozen=True, eq=False)
class Path:
    """Everything a run passed through; row k belongs to the point after k steps.

    `theta` and `grad` have shape (n + 1, *shape of theta), `value` has shape (n + 1,), `state` is
    the optimizer's NamedTuple of stacked arrays. A run that meets a value that is not finite stops
    there: that point is the last row, and `diverged` is True.
    """

    theta: Array
    value: Array
    grad: Array
    state: Any
    diverged: bool

    @property
    def steps(self) -> int:
        """The number of steps taken."""
        return len(self.value) - 1


def minimize(
    optimizer: Optimizer,
    problem: Any,
    theta0: ArrayLike | None = None,
    steps: int = 200,
    rng: np.random.Generator | None = None,
    project: Callable[[Array], Array] | None = None,
) -> Path:
    """Run `optimizer` on `problem` for `steps` steps.

    A problem has `value(theta)` and `grad(theta)`, and perhaps `start`, where the run begins unless
    `theta0` is given; a pair of functions `(value, grad)` serves as well. If it has
    `sample(t, rng)`, step t (from 1) uses the gradient of the problem that this returns, while
    `value` is that of the whole problem. `project` maps each new point back into a constraint set.

    Raises ValueError for a hyperparameter out of range, a theta0 or gradient of the wrong shape,
    a start that is not finite, a negative number of steps, or a random problem without `rng`.

    Example:
        >>> from optim_lessons import Adam, minimize, problems
        >>> path = minimize(Adam(lr=0.1), problems.beale, steps=200)
        >>> path.steps, path.diverged, path.theta[-1].round(2)
        (200, False, array([2.84, 0.46]))
    """
    validate(optimizer)
    check_steps(steps)
    value, grad = functions_of(problem)
    theta = starting_point(problem, theta0)
    sample = getattr(problem, "sample", None)
    if sample is not None and rng is None:
        raise ValueError("this problem is random: pass rng=np.random.default_rng(seed)")

    thetas, values, grads, states = [], [], [], []
    state = optimizer.init(theta)
    with np.errstate(all="ignore"):  # overflow is a result here, recorded as `diverged`
        for t in range(1, steps + 2):
            f = value(theta)
            # A copy: a problem may write each gradient into the same array.
            g = np.array(sample(t, rng).grad(theta) if sample else grad(theta))
            if np.shape(f) != ():
                raise ValueError(f"value(theta) has shape {np.shape(f)}, but a loss is one number")
            if g.shape != theta.shape:
                raise ValueError(f"grad(theta) has shape {g.shape}, but theta has {theta.shape}")
            thetas.append(theta)
            values.append(f)
            grads.append(g)
            states.append(state)
            diverged = not (np.isfinite(f) and np.all(np.isfinite(g)))
            if diverged or t > steps:
                break
            theta, state = optimizer.step(theta, g, state)
            if project is not None:
                theta = project(theta)
    stacked = type(state)(*map(np.array, zip(*states, strict=True)))
    return Path(np.array(thetas), np.array(values), np.array(grads), stacked, diverged)


def starting_point(problem: Any, theta0: ArrayLike | None) -> Array:
    """`theta0`, or else the problem's own start, as a floating-point array that was checked."""
    start = getattr(problem, "start", None)
    if theta0 is None:
        if start is None:
            raise ValueError("theta0 is missing, and the problem has no start of its own")
        theta0 = start
    theta = np.asarray(theta0)
    if not np.issubdtype(theta.dtype, np.floating):
        theta = theta.astype(float)
    if start is not None and theta.shape != np.shape(start):
        raise ValueError(
            f"theta0 has shape {theta.shape}, but this problem takes shape {np.shape(start)}"
        )
    if not np.all(np.isfinite(theta)):
        raise ValueError(f"theta0 = {theta} must be finite")
    return theta


def functions_of(problem: Any) -> tuple[Callable[[Array], Any], Callable[[Array], Any]]:
    """The functions `value` and `grad` of a problem, which may be a pair of just these."""
    if isinstance(problem, tuple):
        value, grad = problem
        return value, grad
    return problem.value, problem.grad


def check_steps(steps: int) -> None:
    """Raise ValueError for a negative number of steps."""
    if steps < 0:
        raise ValueError(f"steps = {steps} must be at least 0")
