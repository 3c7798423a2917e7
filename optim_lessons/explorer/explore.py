"""`explore`: the interactive figure as the output of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from optim_lessons.contract import validate, variant_name
from optim_lessons.explorer.conditions import run, schedule_data, without_noise
from optim_lessons.explorer.figure import OnSurface, check_figure
from optim_lessons.explorer.given import given, unreadable
from optim_lessons.explorer.picture import picture
from optim_lessons.explorer.reader import (
    MOST_STEPS,
    check_described,
    generated_for,
    numbers_of,
    surface_of,
)
from optim_lessons.explorer.recorded import RECORDED, chosen
from optim_lessons.explorer.site import METHODS
from optim_lessons.minimize import starting_point
from optim_lessons.problems import Surface
from optim_lessons.problems.checks import number
from optim_lessons.trace import javascript

VIEWS = ("contours", "height")
SIDES = ("loss", "rate", "state")


class Explorer(OnSurface):
    """The figure that `explore` makes: `start` and `optimizers` are as the reader set them."""

    _begin: Any = None  # from where the played paths are

    def __init__(
        self,
        figure: dict[str, Any],
        surface: Surface,
        methods: dict[str, Any],
        played: list[tuple[str, Any, str]],
        schedule: Any,
    ):
        self._methods, self._schedule, self._played = methods, schedule, played
        generated = generated_for(surface, tuple(methods.values()), schedule)
        super().__init__(figure, surface, generated)
        if played or unreadable(javascript.surface_object, surface):
            self._play()
            self.observe(lambda _: self._play(), "figure")

    def _play(self) -> None:
        """Compute what the page cannot, if the figure does not begin where it did before."""
        begin = (self.surface.name, self.start, self.figure["steps"])
        if begin != self._begin:
            self._begin = begin
            self._given = given(self.surface, self.start, self.figure["steps"], self._played)

    @property
    def optimizers(self) -> list[Any]:
        """The optimizers with the hyperparameters that they have now."""
        return [self._optimizer(row) for row in self.figure["optimizers"]]

    def _optimizer(self, row: dict[str, Any]) -> Any:
        if "played" not in row:
            return replace(self._methods[row["method"]], **row["hyper"])
        setting, name = row["played"]["setting"], row["method"]
        own = {(type(o).__name__, title): o for title, o, _ in self._played}
        found = own.get((name, setting)) or RECORDED[name][setting]
        return chosen(setting, found, self.surface)[0]

    @property
    def runs(self) -> list[tuple[Any, Any]]:
        """Each optimizer and its path, with the noise and the schedule that are set now."""
        runs = []
        for row, optimizer in zip(self.figure["optimizers"], self.optimizers, strict=True):
            alone = "played" in row  # without noise and schedule, as the page plays it
            conditions = (None, None) if alone else (self.figure["noise"], self._schedule)
            steps = self.figure["steps"]
            runs.append((optimizer, run(optimizer, self.surface, self.start, steps, *conditions)))
        return runs

    def picture(self) -> str:
        return picture(self.surface, self.runs, self.figure)


def explore(
    problem: Any,
    optimizers: Any,
    start: Sequence[float] | None = None,
    steps: int = 200,
    locked: bool = False,
    caption: str = "",
    tolerance: float | None = None,
    schedule: Any = None,
    plays: bool = False,
    view: str = "contours",
    side: str = "loss",
    arrows: bool = False,
    turn: Sequence[float] = (-60, 30),
    watch: int = 0,
) -> Explorer:
    """An interactive figure of optimizers on a surface, to be the last line of a cell.

    `problem` is a surface or its name, or the reader's own: a `Surface`, or a pair of functions
    `(value, grad)` of theta of shape (2,); or one of these with noise, `problems.Noisy(surface,
    sigma, seed)`. `optimizers` is a list of optimizers, the reader's own among them. The figure
    runs in the browser; a step or function that the trace cannot read is played as Python computed
    it, without noise and schedule, and its row says why. `locked` keeps the reader on this surface;
    `caption` stands below; a `tolerance` opens the table that compares: steps to a loss that much
    above the lowest, final loss. A `schedule` scales each method's learning rate: its largest rate
    becomes the method's own `lr`, its smallest 0. A figure that `plays` does so once, when it is
    first seen. `view` is "contours", with `arrows` for the parts of the current step, or "height",
    seen from the azimuth and elevation `turn`, in degrees.
    `side` is what stands beside it: "loss", "rate" for the effective learning rate |Δθ / g| of each
    coordinate, or "state" for that of the method whose place in the list is `watch`.

    Raises ValueError for a hyperparameter or tolerance out of range, a start that is not a point of
    two finite numbers, a number of steps outside 1 to 2000, or a view, side, turn or watch that
    there is not; TypeError for what is not an optimizer or a problem, or is of another type.

    Example:
        >>> from optim_lessons import Adam, explore
        >>> figure = explore("beale", [Adam(lr=0.1)], start=(1, 1.5))
        >>> figure.start, figure.optimizers[0].lr
        ((1.0, 1.5), 0.1)
    """
    optimizers = list(optimizers) if isinstance(optimizers, list | tuple) else [optimizers]
    optimizers = [o() if isinstance(o, type) else o for o in optimizers]
    check_figure(steps, caption, MOST_STEPS, locked=locked, plays=plays, arrows=arrows)
    for name, word, choices in (("view", view, VIEWS), ("side", side, SIDES)):
        if word not in choices:
            raise ValueError(f"{name} = {word!r} is none of {', '.join(map(repr, choices))}")
    azimuth, elevation = _turn(turn)
    if not (isinstance(watch, int) and 0 <= watch < max(1, len(optimizers))):
        raise ValueError(f"watch = {watch!r} is not the place of one of {len(optimizers)} methods")
    if tolerance is not None:
        tolerance = number("tolerance", tolerance, "(0, inf)")
    methods = {variant_name(method): method for method in METHODS}
    for optimizer in optimizers:
        name = type(optimizer).__name__
        check_described(optimizer)
        if any(type(o).__name__ == name and type(o) is not type(optimizer) for o in optimizers):
            raise ValueError(f"two different optimizers are named {name}: rename yours")
    problem, noise = without_noise(problem)
    surface = surface_of(problem, optimizers, start, steps)
    stuck = unreadable(javascript.surface_object, surface)
    played: list[tuple[str, Any, str]] = []
    rows = []
    for optimizer in optimizers:
        why = unreadable(javascript.optimizer_object, optimizer) or stuck
        name = variant_name(optimizer)
        if why:
            validate(optimizer)
            earlier = sum(type(o) is type(optimizer) for _, o, _ in played)
            setting = f"given ({earlier + 1})" if earlier else "given"
            played.append((setting, optimizer, why))
            choice = {"start": "given", "setting": setting}
            rows.append({"method": type(optimizer).__name__, "hyper": {}, "played": choice})
            continue
        if type(methods.get(name)) is not type(optimizer):
            methods[name] = optimizer  # the reader's own
        rows.append({"method": name, "hyper": numbers_of(optimizer)})
    x, y = starting_point(surface, start, "start")
    figure = {
        "kind": "explore",
        "surface": surface.name,
        "start": [float(x), float(y)],
        "steps": steps,
        "optimizers": rows,
        "tolerance": tolerance,
        "noise": noise,
        "schedule": schedule_data(schedule),
        "view": view,
        "turn": [azimuth, elevation],
        "side": side,
        "watch": watch,
        "arrows": arrows,
        "locked": locked,
        "caption": caption,
        "plays": plays,
    }
    return Explorer(figure, surface, methods, played, schedule)


def _turn(turn: Any) -> tuple[float, float]:
    """The angles of the 3-D view, checked."""
    if np.shape(turn) != (2,):
        raise ValueError(f"turn = {turn!r} is not a pair of azimuth and elevation in degrees")
    azimuth, elevation = map(float, turn)
    if not (-180 <= azimuth <= 180 and 5 <= elevation <= 90):
        raise ValueError(f"turn = {turn!r} is outside [-180, 180] and [5, 90] degrees")
    return azimuth, elevation
