"""An axis of a region map: values spaced as on a slider; js/region-axis.js has the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from optim_lessons.contract import HyperInfo

SIDE = 64  # cells to a side of the map
RATES = (-4.0, 1.0)  # the map's learning rates, as powers of ten
SCALES: dict[str, Callable[[Any], Any]] = {
    "linear": lambda x: x,
    "log": np.log10,
    "one_minus": lambda x: -np.log10(1 - x),
}


class Axis(NamedTuple):
    """A hyperparameter with the two ends of its axis, in the coordinate of its scale."""

    info: HyperInfo
    low: float
    high: float

    @property
    def values(self) -> np.ndarray:
        """The value in the middle of each cell, with the digits that a reader would type."""
        coordinates = np.linspace(self.low, self.high, SIDE)
        values = np.array([_value(self.info.scale, float(u)) for u in coordinates])
        if self.info.default == 0:
            values[0] = 0
        return values

    def place(self, value: float | np.ndarray) -> np.ndarray:
        """Where a value lies, in cells: 0 is the middle of the first."""
        with np.errstate(divide="ignore"):  # the logarithm of 0 lies before all others
            u = SCALES[self.info.scale](np.asarray(value, float))
        return (u - self.low) / (self.high - self.low) * (SIDE - 1)

    def nearest(self, value: float) -> int:
        """The cell nearest to a value."""
        return int(np.clip(np.floor(self.place(value) + 0.5), 0, SIDE - 1))

    @property
    def ticks(self) -> tuple[list[float], list[str]]:
        """Places and labels: whole powers, or round numbers on a linear axis."""
        if self.info.scale == "linear":
            at = np.linspace(self.low, self.high, 5)
            return self.place(at).tolist(), [f"{u:.3g}" for u in at]
        whole = np.arange(np.ceil(self.low), np.floor(self.high) + 1)
        if self.info.scale == "one_minus":
            labels = [f"{1 - 10.0**-u:.6g}" for u in whole]
        else:
            labels = [f"$10^{{{u:.0f}}}$" for u in whole]
        if self.info.scale == "log" and self.info.default == 0 and whole[0] == self.low:
            labels[0] = "0"
        return ((whole - self.low) / (self.high - self.low) * (SIDE - 1)).tolist(), labels


def axis_of(info: HyperInfo) -> Axis:
    """The axis of a hyperparameter."""
    if info.name == "lr":
        return Axis(info, *RATES)
    if info.scale == "one_minus":
        return Axis(info, 0.0, 4.0)
    low, high = (float(end) for end in info.interval[1:-1].split(","))
    if info.scale == "log":
        return Axis(info, float(np.log10(info.default or 1e-3)) - 3, float(np.log10(min(10, high))))
    return Axis(info, low, high if np.isfinite(high) else 10 * info.default)


def _value(scale: str, u: float) -> float:
    if scale == "one_minus":
        return float(f"{1 - float(f'{10**-u:.3g}'):.12g}")
    return float(f"{10**u if scale == 'log' else u:.3g}")
