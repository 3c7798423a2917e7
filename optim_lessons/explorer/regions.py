"""`regions`: the final loss over two hyperparameters as a map, and the path of one of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patheffects import withStroke

from optim_lessons import look, plot
from optim_lessons.contract import hyper_of, variant_name, variant_title
from optim_lessons.explorer.bundle import bundle
from optim_lessons.explorer.figure import OnSurface, check_figure
from optim_lessons.explorer.reader import (
    check_described,
    check_readable,
    generated_for,
    numbers_of,
    surface_of,
)
from optim_lessons.explorer.region_axis import SCALES, SIDE, Axis, axis_of
from optim_lessons.explorer.region_theory import EDGES, curvature_near, polyak
from optim_lessons.explorer.site import METHODS
from optim_lessons.minimize import minimize, starting_point
from optim_lessons.optimizers import LBFGS
from optim_lessons.problems import SURFACES, Surface
from optim_lessons.sweep import Sweep, sweep

LEAST_STEPS, MOST_STEPS = 50, 1000
DEEPEST = -12  # decades; what is lower has the last colour


class Regions(OnSurface):
    """The figure that `regions` makes; its properties are as the reader set them."""

    _worker = traitlets.Unicode(bundle("worker")).tag(sync=True)

    def __init__(self, figure: dict[str, Any], surface: Surface, methods: dict[str, Any]):
        self._methods = methods
        super().__init__(figure, surface, generated_for(surface, tuple(methods.values())))

    @property
    def optimizer(self) -> Any:
        """The optimizer of the chosen cell."""
        axes, cell = self._axes, self.figure["optimizer"]["cell"]
        return self._with(
            {axis.info.name: float(axis.values[k]) for axis, k in zip(axes, cell, strict=True)}
        )

    @property
    def sweep(self) -> Sweep:
        """The whole map, computed by NumPy: row j and column i belong to the cell (i, j)."""
        across, up = self._axes
        grid = {across.info.name: across.values[None, :], up.info.name: up.values[:, None]}
        return _sweep(self._with(grid), self.surface, self.start, self.figure["steps"])

    @property
    def _axes(self) -> list[Axis]:
        chosen = self.figure["optimizer"]
        infos = hyper_of(self._methods[chosen["method"]])
        return [axis_of(infos[name]) for name in chosen["axes"]]

    def _with(self, values: dict[str, Any]) -> Any:
        chosen = self.figure["optimizer"]
        return replace(self._methods[chosen["method"]], **chosen["hyper"], **values)

    def picture(self) -> str:
        optimizer, surface, steps = self.optimizer, self.surface, self.figure["steps"]
        fig, (left, right) = plot.figure(2, height=3.9)
        method, cell = self.figure["optimizer"]["method"], self.figure["optimizer"]["cell"]
        _map(left, self.sweep, surface, self.start)
        _theory(left, self._axes, method, surface, self.start)
        for axis, name in zip(self._axes, "xy", strict=True):
            places, labels = axis.ticks
            left.set(**{f"{name}ticks": places, f"{name}ticklabels": labels})
            left.set(**{f"{name}label": axis.info.words, f"{name}lim": (-0.5, SIDE - 0.5)})
        left.plot(*cell, "s", **_MARK)
        plot.contours(surface, right)
        path = minimize(optimizer, surface, self.start, steps)
        near = np.max(np.abs(path.theta), axis=1) < 1e6  # the rest is far outside the picture
        style = look.style(optimizer)
        right.plot(*path.theta[near].T, **style, markevery=[int(near.sum()) - 1])
        right.plot(*self.start, "o", color=look.INK.light, markerfacecolor="none")
        over = " and ".join(axis.info.words for axis in self._axes)
        title, x, y = variant_title(optimizer), *self.start
        return plot.svg(
            fig,
            f"Final loss of {title} on {surface.title} after {steps} steps from "
            f"({x:.4g}, {y:.4g}), over {over}, as a map; and the path of one of its cells.",
        )


def regions(
    optimizer: Any,
    problem: Any,
    axes: Sequence[str] | None = None,
    start: Sequence[float] | None = None,
    steps: int = 200,
    locked: bool = False,
    caption: str = "",
) -> Regions:
    """An interactive map of the final loss over two hyperparameters, with the path of one cell.

    `optimizer` is a traced one with two hyperparameters at least, also the reader's own; `axes`
    names those that the map varies, across and up, the first two unless given. The cell nearest to
    the optimizer's own values is the chosen one. `problem` is as in `explore`; `locked` keeps the
    reader on it; `caption` stands below.

    The line of the map is where theory ends stability for gradient descent with momentum: on a
    quadratic, or near the minimum nearest to `start`, lr = 2 (1 + momentum) / L for the heavy ball
    and 2 (1 + momentum) / ((1 + 2 momentum) L) for Nesterov's momentum, by the roots of the
    characteristic polynomial of a step.

    Raises ValueError for axes that are not two of the optimizer's hyperparameters, a number of
    steps outside 50 to 1000 and whatever else is out of range, TypeError like `explore`.

    Example:
        >>> from optim_lessons import Momentum
        >>> from optim_lessons.explorer import regions
        >>> figure = regions(Momentum(lr=0.1, momentum=0.4), "ravine")
        >>> figure.optimizer.lr, figure.optimizer.momentum  # the nearest cell
        (0.104, 0.355)
        >>> ends = figure.sweep
        >>> ends.value.shape, bool(ends.value.min() < 1e-20)
        ((64, 64), True)
    """
    optimizer = optimizer() if isinstance(optimizer, type) else optimizer
    check_figure(steps, caption, MOST_STEPS, LEAST_STEPS, locked=locked)
    check_described(optimizer)
    hyper = numbers_of(optimizer)
    names = _check_axes(optimizer, axes)
    methods = {variant_name(method): method for method in METHODS}
    method = variant_name(optimizer)
    if type(methods.get(method)) is not type(optimizer):
        methods[method] = optimizer  # the reader's own
    surface = _with_minimum(surface_of(problem, [optimizer], start, steps))
    check_readable(optimizer, surface)
    x, y = starting_point(surface, start, "start")
    infos = hyper_of(optimizer)
    figure = {
        "kind": "regions",
        "optimizer": {
            "method": method,
            "axes": names,
            "cell": [axis_of(infos[name]).nearest(hyper[name]) for name in names],
            "hyper": {name: value for name, value in hyper.items() if name not in names},
        },
        "surface": surface.name,
        "start": [float(x), float(y)],
        "steps": steps,
        "locked": locked,
        "caption": caption,
    }
    return Regions(figure, surface, methods)


_MARK: dict[str, Any] = {
    "color": look.INK.light,
    "markerfacecolor": "none",
    "markersize": 8,
    "markeredgewidth": 1.6,
    "path_effects": [withStroke(linewidth=4.5, foreground=look.PAPER.light)],  # seen on all colours
}


def _check_axes(optimizer: Any, axes: Any) -> list[str]:
    """The two names, if the optimizer has them."""
    known = [name for name, info in hyper_of(optimizer).items() if info.scale in SCALES]
    title = type(optimizer).__name__
    if len(known) < 2:
        raise ValueError(
            f"{title} has fewer than two hyperparameters; gradient descent is the map of "
            "Momentum at momentum = 0"
        )
    names = list(known[:2] if axes is None else axes)
    if len(set(names)) != 2 or len(names) != 2 or not set(names) <= set(known):
        raise ValueError(f"axes = {axes!r} must be two of {title}'s {', '.join(map(repr, known))}")
    return names


def _with_minimum(surface: Surface) -> Surface:
    """A reader's own surface with the minimum that is found from its start, if one is."""
    if surface.minima or surface.name in SURFACES:
        return surface
    method: Any = LBFGS()
    path = minimize(method, (surface.value, surface.grad), surface.start, steps=200)
    if path.diverged or np.max(np.abs(path.grad[-1])) > 1e-6:
        return surface
    x, y = map(float, path.theta[-1])
    return replace(surface, minima=((x, y),))


def _sweep(optimizer: Any, surface: Surface, start: Any, steps: int) -> Sweep:
    try:
        return sweep(optimizer, surface, start, steps)
    except ValueError:  # a reader's own gradient may take one point at a time only
        value = np.vectorize(surface.value, signature="(n)->()")
        grad = np.vectorize(surface.grad, signature="(n)->(n)")
        return sweep(optimizer, (value, grad), start, steps)


def lowest_of(surface: Surface) -> float:
    """The lowest loss that is known: at a minimum, or else in the picture."""
    if surface.minima:
        return min(float(surface.value(np.array(point))) for point in surface.minima)
    (x0, x1), (y0, y1) = surface.viewport
    x, y = np.meshgrid(np.linspace(x0, x1, 25), np.linspace(y0, y1, 25))
    return float(np.min(surface.f(x, y)))


def _map(ax: Axes, ends: Sweep, surface: Surface, start: Any) -> None:
    """Colour the cells, hatch those that climbed or diverged, and mark the lowest."""
    lowest = lowest_of(surface)
    above = float(surface.value(np.array(start))) - lowest
    gap = np.where(ends.diverged, np.nan, ends.value - lowest)
    finite = gap[~ends.diverged]
    high = int(np.ceil(np.log10(max(above, 10.0 ** (DEEPEST + 1)))))
    least = max(finite.min(), 10.0**DEEPEST) if finite.size else 10.0**high
    low = min(int(np.floor(np.log10(least))), high - 1)
    image = ax.imshow(
        np.log10(np.maximum(gap, 10.0**DEEPEST)),
        cmap=ListedColormap(look.RAMP),
        vmin=low,
        vmax=high,
        origin="lower",
        interpolation="none",
        aspect="auto",
    )
    climbed = ends.diverged | (gap > above)
    if climbed.any() and not climbed.all():
        lines = ax.contourf(climbed, [0.5, 1.5], colors="none", hatches=["////"])
        lines.set(edgecolor=look.FAINT.light, linewidth=0)
    every = -(-(high - low) // 5)
    ticks = list(range(low, high + 1, every))
    bar = ax.figure.colorbar(image, ax=ax, location="bottom", ticks=ticks, aspect=30)
    bar.ax.set_xticklabels([f"$10^{{{e}}}$" for e in ticks])
    bar.set_label("final loss" if lowest == 0 else f"final loss above {lowest:.4g}")
    if finite.size:
        j, i = np.unravel_index(np.nanargmin(gap), gap.shape)
        ax.plot(i, j, "o", **_MARK)


def _theory(ax: Axes, axes: list[Axis], method: str, surface: Surface, start: Any) -> None:
    """Draw the edge of stability, and Polyak's pair on a quadratic."""
    found = curvature_near(surface, start)
    if method not in EDGES or found is None:
        return
    by_name = {axis.info.name: axis for axis in axes}
    beta = by_name["momentum"].values

    def draw(lr: Any, momentum: Any, style: str, **options: Any) -> None:
        values = {"lr": lr, "momentum": momentum}
        ax.plot(*(axis.place(values[axis.info.name]) for axis in axes), style, **options)

    lr = EDGES[method](beta) / found.L
    draw(lr, beta, "-", color=look.PAPER.light, linewidth=4)
    draw(lr, beta, "-", color=look.INK.light)
    pair = polyak(method, found.mu, found.L) if found.exact and found.mu > 0 else None
    if pair:
        draw(*pair, "D", **_MARK)
