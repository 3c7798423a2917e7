"""What the methods of a figure meet: noise on the gradient, and a schedule of the learning rate."""

from __future__ import annotations

import dataclasses
from typing import Any

from optim_lessons.minimize import Path, minimize
from optim_lessons.problems import Noisy, Surface
from optim_lessons.schedules import SCHEDULES
from optim_lessons.trace.graph import numbers_of

RATES = ("lr", "lr_min")  # of a schedule in a figure they belong to each method


def without_noise(problem: Any) -> tuple[Any, dict[str, Any] | None]:
    """The problem itself, and the noise on its gradient as plain data."""
    if isinstance(problem, Noisy):
        return problem.problem, {"sigma": float(problem.sigma), "seed": int(problem.seed)}
    return problem, None


def schedule_data(schedule: Any) -> dict[str, Any] | None:
    """A schedule as plain data, without its rates: the largest is each method's own.

    Raises TypeError for what is no schedule of the library, or is no function of the step alone.

    Example:
        >>> from optim_lessons.schedules import Cosine
        >>> schedule_data(Cosine(lr=0.1, steps=100))
        {'name': 'Cosine', 'hyper': {'steps': 100}}
    """
    if schedule is None:
        return None
    name = type(schedule).__name__
    if type(schedule) is not SCHEDULES.get(name):
        reads = "it reads the losses" if name == "ReduceOnPlateau" else "the library has no such"
        raise TypeError(f"schedule = {schedule!r} cannot be shown: {reads}")
    numbers = numbers_of(schedule)
    shown = {key: i.default for key, i in numbers.items() if key.split(".")[-1] not in RATES}
    return {"name": name, "hyper": shown}


def with_peak(schedule: Any, lr: float) -> Any:
    """A schedule, or the one inside it, with another largest rate, falling to 0 at last."""
    own = {field.name for field in dataclasses.fields(schedule)}
    if "lr" in own:
        return dataclasses.replace(schedule, lr=lr, **({"lr_min": 0.0} if "lr_min" in own else {}))
    return dataclasses.replace(schedule, then=with_peak(schedule.then, lr))


def run(
    optimizer: Any, surface: Surface, start: Any, steps: int, noise: Any, schedule: Any
) -> Path:
    """The path that the figure shows of an optimizer."""
    problem = Noisy(surface, **noise) if noise else surface
    rates = schedule and with_peak(schedule, optimizer.lr)
    return minimize(optimizer, problem, start, steps, schedule=rates)
