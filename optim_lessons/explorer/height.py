"""The 3-D view as a picture: a surface's height over its two parameters, by Matplotlib."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from optim_lessons import look
from optim_lessons.contract import Array
from optim_lessons.problems import Surface

CELLS = 28  # to a side: the SVG stays light


class Height:
    """Axes at the left of a figure, with the surface in them as a pale mesh.

    Losses span decades, so the height is log(1 + (f - low) / small), where a tenth of the surface
    is lower than `small` above its lowest point: almost f itself on a floor, its log on walls.
    """

    def __init__(self, fig: Figure, surface: Surface, turn: tuple[float, float]):
        self._surface = surface
        (x0, x1), (y0, y1) = surface.viewport
        x, y = np.meshgrid(np.linspace(x0, x1, 61), np.linspace(y0, y1, 61))
        above = surface.f(x, y) - surface.f(x, y).min()
        self._low = float(surface.f(x, y).min())
        self._small = float(np.quantile(above[above > 0], 0.1))
        self.axes: Any = fig.add_subplot(1, 2, 1, projection="3d", computed_zorder=False)
        self.axes.view_init(azim=turn[0], elev=turn[1])
        x, y = np.meshgrid(np.linspace(x0, x1, CELLS + 1), np.linspace(y0, y1, CELLS + 1))
        style = {"color": look.FAINT.light, "edgecolor": look.FAINT.light, "shade": False}
        self.axes.plot_surface(
            x, y, self._height(x, y), rcount=CELLS, ccount=CELLS, alpha=0.2, linewidth=0.3, **style
        )
        low = f"f {'-' if self._low >= 0 else '+'} {abs(self._low):.3g}"
        above_low = f"({low})" if abs(self._low) > self._small / 100 else "f"
        words = rf"$\log(1 + {above_low} / {self._small:.2g})$"
        self.axes.set(xlabel=r"$\theta_1$", ylabel=r"$\theta_2$", title=words)
        self.axes.title.set(fontsize=10, color=look.INK.light)
        self.axes.tick_params(labelsize=9, pad=0)

    def plot(self, x: Any, y: Any, *args: Any, **style: Any) -> None:
        """Draw a path or a point, as `Axes.plot` does, on the surface, where it is inside."""
        (x0, x1), (y0, y1) = self._surface.viewport
        x, y = np.atleast_1d(x, y)
        inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
        x, y = x[inside], y[inside]
        if "markevery" in style:  # the last point
            style["markevery"] = [len(x) - 1] if len(x) else None
        self.axes.plot(x, y, self._height(x, y), *args, zorder=5, **style)

    def _height(self, x: Array, y: Array) -> Array:
        above: Array = np.maximum(0, self._surface.f(x, y) - self._low)
        return np.log1p(above / self._small)
