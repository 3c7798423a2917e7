"""`explore`: the interactive figure as the output of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from optim_lessons import look, plot
from optim_lessons.contract import hyper_of, validate, variant_name
from optim_lessons.explorer.conditions import run, schedule_data, without_noise
from optim_lessons.explorer.figure import Figure, check_caption
from optim_lessons.explorer.site import METHODS, RATES_OF_T, generated, place
from optim_lessons.minimize import Path, check_steps, functions_of, minimize, starting_point
from optim_lessons.problems import SURFACES, Surface

MOST_STEPS = 2000  # more take longer than a frame to draw


class Explorer(Figure):
    """The figure that `explore` makes: `start` and `optimizers` are as the reader set them."""

    def __init__(self, figure: dict[str, Any], surface: Surface, methods: Any, schedule: Any):
        self._surface, self._methods, self._schedule = surface, methods, schedule
        super().__init__(figure, generated_for(surface, tuple(methods.values()), schedule))

    @property
    def start(self) -> tuple[float, float]:
        """Where the paths begin now."""
        x, y = self.figure["start"]
        return x, y

    @property
    def optimizers(self) -> list[Any]:
        """The optimizers with the hyperparameters that they have now."""
        rows = self.figure["optimizers"]
        return [replace(self._methods[row["method"]], **row["hyper"]) for row in rows]

    def picture(self) -> str:
        surface = {**SURFACES, self._surface.name: self._surface}[self.figure["surface"]]
        steps, noise = self.figure["steps"], self.figure["noise"]
        runs = [
            (o, run(o, surface, self.start, steps, noise, self._schedule)) for o in self.optimizers
        ]
        return picture_of(surface, runs, self.start)


def explore(
    problem: Any,
    optimizers: Any,
    start: Sequence[float] | None = None,
    steps: int = 200,
    locked: bool = False,
    caption: str = "",
    tolerance: float | None = None,
    schedule: Any = None,
) -> Explorer:
    """An interactive figure of optimizers on a surface, to be the last line of a cell.

    `problem` is a surface or its name, or the reader's own: a `Surface`, or a pair of functions
    `(value, grad)` of theta of shape (2,); or one of these with noise, `problems.Noisy(surface,
    sigma, seed)`. `optimizers` is a list of optimizers, the reader's own among them. The figure
    runs in the browser, so own functions and steps must be such as the trace can read. `locked`
    keeps the reader on this surface; `caption` stands below; a `tolerance` opens the table that
    compares: steps to a loss that much above the lowest, final loss. A `schedule` scales each
    method's learning rate: its largest rate becomes the method's own `lr`, its smallest 0.

    Raises ValueError for a hyperparameter or tolerance out of range, a start that is not a point of
    two finite numbers, or a number of steps outside 1 to 2000, and TypeError for what is not an
    optimizer or a problem, cannot be traced, or is of another type.

    Example:
        >>> from optim_lessons import Adam, explore
        >>> figure = explore("beale", [Adam(lr=0.1)], start=(1, 1.5))
        >>> figure.start, figure.optimizers[0].lr
        ((1.0, 1.5), 0.1)
    """
    optimizers = list(optimizers) if isinstance(optimizers, list | tuple) else [optimizers]
    optimizers = [o() if isinstance(o, type) else o for o in optimizers]
    check_figure(steps, locked, caption)
    if tolerance is not None and not 0 < tolerance < np.inf:
        raise ValueError(f"tolerance = {tolerance} is outside (0, inf)")
    methods = {variant_name(method): method for method in METHODS}
    for optimizer in optimizers:
        name = type(optimizer).__name__
        _check_described(optimizer)
        if any(type(o).__name__ == name and type(o) is not type(optimizer) for o in optimizers):
            raise ValueError(f"two different optimizers are named {name}: rename yours")
        if type(methods.get(variant_name(optimizer))) is not type(optimizer):
            methods[variant_name(optimizer)] = optimizer  # the reader's own
    problem, noise = without_noise(problem)
    surface = surface_of(problem, optimizers, start, steps)
    x, y = starting_point(surface, start, "start")
    figure = {
        "kind": "explore",
        "surface": surface.name,
        "start": [float(x), float(y)],
        "steps": steps,
        "optimizers": [{"method": variant_name(o), "hyper": _hyper(o)} for o in optimizers],
        "tolerance": None if tolerance is None else float(tolerance),
        "noise": noise,
        "schedule": schedule_data(schedule),
        "locked": locked,
        "caption": caption,
    }
    return Explorer(figure, surface, methods, schedule)


def check_figure(steps: Any, locked: Any, caption: Any) -> None:
    """Raise ValueError or TypeError for what no figure on a surface can have."""
    check_steps(steps)
    if not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"steps = {steps} is outside [1, {MOST_STEPS}]")
    if not isinstance(locked, bool):
        raise TypeError(f"locked = {locked!r} is neither True nor False")
    check_caption(caption)


def _check_described(optimizer: Any) -> None:
    """Raise TypeError if the figure would not know how to name and colour an optimizer."""
    name = type(optimizer).__name__
    if not (hasattr(optimizer, "init") and hasattr(optimizer, "step")):
        raise TypeError(f"{name} is not an optimizer: it has no `init` and `step`")
    if not hasattr(optimizer, "title") or getattr(optimizer, "family", None) not in look.FAMILIES:
        families = ", ".join(map(repr, look.FAMILIES))
        raise TypeError(f"{name} needs a `title` to show and a `family`, one of {families}")


def _hyper(optimizer: Any) -> dict[str, float]:
    """The hyperparameters of an optimizer, checked, as numbers."""
    validate(optimizer)
    values = {name: getattr(optimizer, name) for name in hyper_of(optimizer)}
    for name, value in values.items():
        if np.ndim(value) != 0:
            raise ValueError(f"{type(optimizer).__name__}: {name} must be one number, not an array")
    return {name: float(value) for name, value in values.items()}


@lru_cache(maxsize=16)
def generated_for(surface: Surface, methods: tuple[Any, ...], schedule: Any) -> str:
    """The generated module with a surface, methods, and a schedule besides the library's own."""
    schedules = RATES_OF_T | ({type(schedule).__name__: schedule} if schedule else {})
    try:
        return generated(methods, {**SURFACES, surface.name: surface}.values(), schedules.values())
    except (TypeError, OSError, AttributeError) as error:
        raise TypeError(
            f"the explorer runs in the browser, and cannot read this for it: {error}. "
            "A step or a function must be made of + - * / ** and NumPy's sqrt, abs, sign, "
            "maximum, minimum, where, clip, exp, log, sin, cos, floor"
        ) from error


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


def picture_of(surface: Surface, runs: list[tuple[Any, Path]], start: Any, words: str = "") -> str:
    """The figure as it is before anybody touches it: paths left, losses right.

    `words` are said besides to those who do not see it.
    """
    fig, (left, right) = plot.figure(2, height=3.0)
    plot.contours(surface, left)
    titles = [optimizer.title for optimizer, _ in runs]
    taken: set[tuple[str, int]] = set()
    for i, (optimizer, path) in enumerate(runs):
        near = np.max(np.abs(path.theta), axis=1) < 1e6  # the rest is far outside the picture
        last = [int(near.sum()) - 1]
        style = _free_style(optimizer, taken)
        earlier = titles[:i].count(titles[i])
        label = f"{titles[i]} ({earlier + 1})" if earlier else titles[i]
        left.plot(*path.theta[near].T, **style, markevery=last)
        right.plot(path.value[near], **style, markevery=last, label=label)
    left.plot(*start, "o", color=look.INK.light, markerfacecolor="none")
    if all(line.get_ydata().min() >= 0 for line in right.lines):
        right.set_yscale("log")
    right.set(xlabel="step $t$", ylabel=r"loss $f(\theta_t)$")
    if runs:
        right.legend(frameon=False, labelcolor=look.INK.light)
    x, y = start
    names = " and ".join(titles) or "No method"
    where = f"on {surface.title} from ({x:.4g}, {y:.4g})"
    alt = f"{names} {where}: the paths over the contours, and loss against step.{words}"
    return plot.svg(fig, alt)


def _free_style(optimizer: Any, taken: set[tuple[str, int]]) -> dict[str, Any]:
    """A method's line and marker; where they are taken, the next of its family (as plots.js)."""
    count = len(look.LINES)
    places = [(place(optimizer) + k) % count for k in range(count)]
    free = next((p for p in places if (optimizer.family, p) not in taken), places[0])
    taken.add((optimizer.family, free))
    return {
        "color": look.FAMILIES[optimizer.family].light,
        "linestyle": look.LINES[free],
        "marker": look.MARKERS[free],
    }
