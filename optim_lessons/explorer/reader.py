"""What a reader brings to a figure: optimizers, a problem of their own, and their checks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from optim_lessons import look
from optim_lessons.contract import hyper_of, validate
from optim_lessons.explorer.given import unreadable
from optim_lessons.explorer.site import RATES_OF_T, generated
from optim_lessons.minimize import functions_of, minimize, starting_point
from optim_lessons.problems import SURFACES, Surface
from optim_lessons.trace import javascript

MOST_STEPS = 2000  # more take longer than a frame to draw


def check_described(optimizer: Any) -> None:
    """Raise TypeError if the figure would not know how to name and colour an optimizer."""
    name = type(optimizer).__name__
    if not (hasattr(optimizer, "init") and hasattr(optimizer, "step")):
        raise TypeError(f"{name} is not an optimizer: it has no `init` and `step`")
    if not hasattr(optimizer, "title") or getattr(optimizer, "family", None) not in look.FAMILIES:
        families = ", ".join(map(repr, look.FAMILIES))
        raise TypeError(f"{name} needs a `title` to show and a `family`, one of {families}")


def numbers_of(optimizer: Any) -> dict[str, float]:
    """The hyperparameters of an optimizer, checked, as numbers."""
    validate(optimizer)
    values = {name: getattr(optimizer, name) for name in hyper_of(optimizer)}
    for name, value in values.items():
        if np.ndim(value) != 0:
            raise ValueError(f"{type(optimizer).__name__}: {name} must be one number, not an array")
    return {name: float(value) for name, value in values.items()}


@lru_cache(maxsize=16)
def generated_for(surface: Surface, methods: tuple[Any, ...], schedule: Any = None) -> str:
    """The generated module with a surface, methods, and a schedule besides the library's own."""
    schedules = RATES_OF_T | ({type(schedule).__name__: schedule} if schedule else {})
    own = {} if unreadable(javascript.surface_object, surface) else {surface.name: surface}
    return generated(methods, (SURFACES | own).values(), schedules.values())


def surface_of(problem: Any, optimizers: list[Any], start: Any, steps: int) -> Surface:
    """The problem as a surface; one without a viewport is shown where the paths go."""
    if isinstance(problem, str):
        if problem not in SURFACES:
            raise ValueError(f"problem = {problem!r} is none of {', '.join(SURFACES)}")
        return SURFACES[problem]
    if isinstance(problem, Surface):
        return problem
    value, grad = functions_of(problem)

    def value_at(x, y):
        return value(np.array([x, y]))

    def f(x, y):
        return np.vectorize(value_at)(x, y) if isinstance(x, np.ndarray) else value_at(x, y)

    def df(x, y):
        return tuple(grad(np.array([x, y])))

    theta0 = starting_point(problem, start, "start")
    if theta0.shape != (2,):
        raise ValueError(f"the explorer shows two parameters, but start has shape {theta0.shape}")
    paths = [minimize(o, problem, theta0, steps).theta for o in optimizers]
    x0, y0 = map(float, theta0)
    return Surface(
        name="own",
        title="Your function",
        f=f,
        df=df,
        start=(x0, y0),
        minima=(),
        viewport=_around(theta0, np.concatenate([[theta0], *paths])),
    )


def _around(start: np.ndarray, points: np.ndarray) -> Any:
    """The extents of the points, with room about them; a path that runs far off is cut."""
    near = points[np.max(np.abs(points - start), axis=1) < 10 * (1 + np.max(np.abs(start)))]
    low, high = near.min(axis=0), near.max(axis=0)
    room = 0.3 * (high - low) + 0.1 * max(*(high - low), 1.0)
    return tuple((float(a), float(b)) for a, b in zip(low - room, high + room, strict=True))


def check_readable(optimizer: Any, surface: Surface) -> None:
    """Raise TypeError, with the reason, for what the page cannot step by itself."""
    for printed, thing in (
        (javascript.optimizer_object, optimizer),
        (javascript.surface_object, surface),
    ):
        if why := unreadable(printed, thing):
            raise TypeError(
                f"the figure runs in the browser, and cannot read this for it: {why}. "
                "A step or a function must be made of + - * / ** and NumPy's sqrt, abs, sign, "
                "maximum, minimum, where, clip, exp, log, sin, cos, floor"
            )
