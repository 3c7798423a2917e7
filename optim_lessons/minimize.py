"""The loop: an optimizer and a problem give a path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from optim_lessons.contract import (
    Array,
    Optimizer,
    hyper_of,
    inside,
    parts_of,
    validate,
    with_lr,
)


@dataclass(frozen=True, eq=False)
class Path:
    """Everything a run passed through; row k belongs to the point after k steps.

    `theta` and `grad` have shape (n + 1, *shape of theta), `value` has shape (n + 1,), `state` is
    the optimizer's NamedTuple of stacked arrays. A run that meets a value that is not finite stops
    there: that point is the last row, and `diverged` is True. Of a method that reports another
    point than it steps from, such as an average, `theta` and `value` are those of the point
    reported; `grad` is the gradient that the next step uses.
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
    schedule: Any = None,
) -> Path:
    """Run `optimizer` on `problem` for `steps` steps.

    A problem has `value(theta)` and `grad(theta)`, and perhaps `start`, where the run begins unless
    `theta0` is given; a pair of functions `(value, grad)` serves as well. If it has
    `sample(t, rng)`, step t (from 1) uses the gradient of the problem that this returns, while
    `value` is that of the whole problem; a problem that declares `random = False` needs no `rng`.
    `project` maps each new point back into a constraint set. `schedule(t)` is the learning rate of
    step t, in place of the optimizer's own; one that reads losses, as ReduceOnPlateau does, has
    `init()` and `step(value, state) -> (lr, state)` instead, and sees the loss before each step.

    Raises ValueError for a hyperparameter out of range, a theta0, gradient or projected point of
    the wrong shape, a start that is not finite, a rate of the schedule that is negative or not
    finite, a negative number of steps, a random problem without `rng`, or one that lacks what the
    optimizer needs; TypeError for what is no optimizer, generator, problem, function or number.

    Example:
        >>> from optim_lessons import Adam, minimize, problems
        >>> path = minimize(Adam(lr=0.1), problems.beale, steps=200)
        >>> path.steps, path.diverged, path.theta[-1].round(2)
        (200, False, array([2.84, 0.46]))
    """
    validate(optimizer)
    if not hasattr(optimizer, "init"):
        raise TypeError(f"{optimizer!r} is not an optimizer: it has no `init`")
    check_steps(steps)
    value, grad = functions_of(problem)
    theta = starting_point(problem, theta0)
    check_axes(optimizer, theta)
    check_one_run(optimizer, theta)
    sample = getattr(problem, "sample", None)
    if sample is not None and getattr(problem, "random", True) and rng is None:
        raise ValueError("this problem is random: pass rng=np.random.default_rng(seed)")
    if rng is not None and not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng = {rng!r} is not a np.random.Generator")
    if project is not None and not callable(project):
        raise TypeError(f"project = {project!r} is not a function of theta")
    check_schedule(schedule)
    needs = getattr(optimizer, "needs", ())
    reported = getattr(optimizer, "output", lambda theta, state: theta)
    plateau = schedule.init() if hasattr(schedule, "init") else None

    thetas, values, grads, states = [], [], [], []
    state = optimizer.init(theta)
    with np.errstate(all="ignore"):  # overflow is a result here, recorded as `diverged`
        for t in range(1, steps + 2):
            now = sample(t, rng) if sample else problem
            point = reported(theta, state)
            f = value(point)
            # A copy: a problem may write each gradient into the same array.
            g = np.array(now.grad(theta) if sample else grad(theta))
            if np.shape(f) != ():
                raise ValueError(f"value(theta) has shape {np.shape(f)}, but a loss is one number")
            for name, x in (("value", f), ("grad", g)):
                if np.asarray(x).dtype.kind not in "iufb":
                    raise TypeError(f"{name}(theta) = {x!r} must hold real numbers")
            if g.shape != theta.shape:
                raise ValueError(f"grad(theta) has shape {g.shape}, but theta has {theta.shape}")
            thetas.append(point)
            values.append(f)
            grads.append(g)
            states.append(state)
            diverged = not (np.isfinite(f) and np.isfinite(g).all())
            if diverged or t > steps:
                break
            if plateau is not None:
                lr, plateau = schedule.step(f, plateau)
                optimizer = with_lr(optimizer, checked_rate(lr, t))
            elif schedule is not None:
                optimizer = with_lr(optimizer, checked_rate(schedule(t), t))
            oracle = [oracle_of(now, needs)] if needs else []
            theta, state = optimizer.step(theta, g, state, *oracle)
            if project is not None:
                theta = project(theta)
                if np.shape(theta) != g.shape:
                    shape = np.shape(theta)
                    raise ValueError(f"project(theta) has shape {shape}, but theta has {g.shape}")
    return Path(np.array(thetas), np.array(values), np.array(grads), stack(states), diverged)


def stack(states: Sequence[Any]) -> Any:
    """States, one a step, as one state whose arrays have the steps as their first axis."""
    first = states[0]
    if isinstance(first, tuple):
        return type(first)(*map(stack, zip(*states, strict=True)))
    if isinstance(first, dict):
        return {name: stack([state[name] for state in states]) for name in first}
    return np.array(states)


def oracle_of(problem: Any, needs: Sequence[str]) -> SimpleNamespace:
    """What the problem answers besides its gradient, as functions by name: `oracle.value(theta)`.

    Raises ValueError if the problem, which may be a pair (value, grad), cannot answer one.
    """
    if isinstance(problem, tuple):
        problem = SimpleNamespace(value=problem[0], grad=problem[1])
    missing = [name for name in needs if not hasattr(problem, name)]
    if missing:
        raise ValueError(f"this optimizer needs a problem with {' and '.join(missing)}")
    return SimpleNamespace(**{name: getattr(problem, name) for name in needs})


def check_schedule(schedule: Any) -> None:
    """Raise TypeError for what gives no rates: neither as a function of t nor from losses."""
    if not (schedule is None or callable(schedule) or hasattr(schedule, "init")):
        raise TypeError(f"schedule = {schedule!r} is neither a function of t nor reads losses")


def checked_rate(lr: Any, t: int) -> Any:
    """The rate that a schedule gave for step t, if it is a number from 0."""
    if np.ndim(lr) != 0 or not inside(lr, "[0, inf)"):
        raise ValueError(f"schedule: the rate {lr!r} of step {t} is no number in [0, inf)")
    return lr


def check_axes(optimizer: Any, theta: Array) -> None:
    """Raise ValueError for a theta of fewer axes than the optimizer couples."""
    couples = getattr(optimizer, "couples", 0)
    if theta.ndim < couples:
        name = type(optimizer).__name__
        raise ValueError(f"{name} couples {couples} axes, but theta0 has shape {theta.shape}")


def check_one_run(optimizer: Any, theta: Array) -> None:
    """Raise ValueError for a hyperparameter that is an array of more than one for each coordinate.

    A count is one number. Parts of `PerLayer` have shapes of their own, and are not looked at.
    """
    for name, info in hyper_of(optimizer).items():
        shape = np.shape(getattr(optimizer, name))
        wanted = () if info.scale == "whole" else theta.shape
        if len(shape) > len(wanted) or any(
            n not in (1, there) for n, there in zip(shape[::-1], wanted[::-1], strict=False)
        ):
            raise ValueError(
                f"{type(optimizer).__name__}: {name} has shape {shape}, which does not broadcast to"
                f" {wanted}; for one run a value use `sweep`"
            )
    for part in () if hasattr(optimizer, "layout") else parts_of(optimizer):
        check_one_run(getattr(optimizer, part), theta)


def starting_point(problem: Any, theta0: ArrayLike | None, name: str = "theta0") -> Array:
    """`theta0`, or else the problem's own start, as a floating-point array that was checked."""
    start = getattr(problem, "start", None)
    if theta0 is None:
        if start is None:
            raise ValueError(f"{name} is missing, and the problem has no start of its own")
        theta0 = start
    try:
        theta = np.asarray(theta0)
    except ValueError:
        raise ValueError(f"{name} = {theta0!r} has rows of different lengths") from None
    if theta.dtype.kind in "iub":
        theta = theta.astype(float)
    if theta.dtype.kind != "f":
        raise TypeError(f"{name} = {theta0!r} must hold real numbers")
    if start is not None and theta.shape != np.shape(start):
        raise ValueError(
            f"{name} has shape {theta.shape}, but this problem takes shape {np.shape(start)}"
        )
    if not np.all(np.isfinite(theta)):
        raise ValueError(f"{name} = {theta} must be finite")
    return theta


def functions_of(problem: Any) -> tuple[Callable[[Array], Any], Callable[[Array], Any]]:
    """The functions `value` and `grad` of a problem, which may be a pair of just these."""
    if isinstance(problem, tuple):
        value, grad = problem if len(problem) == 2 else (None, None)
    else:
        value, grad = getattr(problem, "value", None), getattr(problem, "grad", None)
    if not (callable(value) and callable(grad)):
        raise TypeError(f"{problem!r} is no problem: neither with `value` and `grad` nor a pair")
    return value, grad


def check_steps(steps: int) -> None:
    """Raise ValueError for a negative number of steps, TypeError for what is no whole number."""
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer):
        raise TypeError(f"steps = {steps!r} is not a whole number")
    if steps < 0:
        raise ValueError(f"steps = {steps} must be at least 0")
