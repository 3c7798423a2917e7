"""`modes`: the error along each eigenvector of a quadratic, against the step, as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from optim_lessons import look, plot
from optim_lessons.contract import validate, variant_name, variant_title
from optim_lessons.explorer.figure import Figure, check_figure
from optim_lessons.explorer.reader import MOST_STEPS, numbers_of
from optim_lessons.explorer.site import METHODS, library
from optim_lessons.minimize import Path, minimize
from optim_lessons.optimizers import Momentum
from optim_lessons.problems import Quadratic, spectrum

MOST = 12  # eigenvalues: as many lines as can be told apart
BOUNDS = (1e-4, 1e4)  # of an eigenvalue
BY_NAME = {variant_name(method): method for method in METHODS}


class Modes(Figure):
    """The figure that `modes` makes: `optimizer` and `eigenvalues` are as the reader set them."""

    @property
    def optimizer(self) -> Any:
        """The optimizer with the hyperparameters that it has now."""
        chosen = self.figure["optimizer"]
        return replace(BY_NAME[chosen["method"]], **chosen["hyper"])

    @property
    def eigenvalues(self) -> tuple[float, ...]:
        """The eigenvalues of the quadratic now, in order."""
        return tuple(map(float, self.figure["eigenvalues"]))

    @property
    def path(self) -> Path:
        """The run that the figure shows; column i of its `theta` is the error of eigenvalue i."""
        return minimize(self.optimizer, Quadratic(self.eigenvalues), steps=self.figure["steps"])

    def picture(self) -> str:
        return _picture(self.optimizer, np.array(self.eigenvalues), self.path)


def modes(
    optimizer: Any = None,
    eigenvalues: Sequence[float] | None = None,
    steps: int = 150,
    caption: str = "",
) -> Modes:
    """An interactive figure of one optimizer on a quadratic of a given spectrum.

    The run starts one unit from the minimum along every eigenvector. The errors along them do not
    mix where an optimizer acts on each coordinate alone. `optimizer` is one of the library's that
    the trace can read, a Momentum unless given; `eigenvalues` are 2 to 12 positive numbers, seven
    from 1 to 100 unless given. `caption` stands below.

    Raises ValueError for a hyperparameter or an eigenvalue out of range, or a number of steps
    outside 1 to 2000, and TypeError for another optimizer, or what is of another type.
    Source: Goh 2017 ("Why Momentum Really Works"), whose figures show one method.

    Example:
        >>> from optim_lessons import Momentum
        >>> figure = modes(Momentum(lr=1 / 100), eigenvalues=(1, 10, 100), steps=150)
        >>> figure.eigenvalues, np.abs(figure.path.theta[-1]).round(4)
        ((1.0, 10.0, 100.0), array([0.0004, 0.0002, 0.0001]))
    """
    optimizer = Momentum(lr=0.01, momentum=0.7) if optimizer is None else optimizer
    optimizer = optimizer() if isinstance(optimizer, type) else optimizer
    validate(optimizer)
    if type(BY_NAME.get(variant_name(optimizer))) is not type(optimizer):
        name = type(optimizer).__name__
        raise TypeError(f"{name} is none of the library's methods that the figure can run")
    values = np.sort(
        Quadratic(spectrum(7, 100) if eigenvalues is None else eigenvalues).eigenvalues
    )
    low, high = BOUNDS
    if not (2 <= values.size <= MOST and low <= values[0] and values[-1] <= high):
        raise ValueError(f"eigenvalues = {eigenvalues} must be 2 to {MOST} in [{low}, {high}]")
    check_figure(steps, caption, MOST_STEPS)
    figure = {
        "kind": "modes",
        "optimizer": {"method": variant_name(optimizer), "hyper": numbers_of(optimizer)},
        "eigenvalues": [float(f"{value:.6g}") for value in values],
        "steps": steps,
        "caption": caption,
    }
    return Modes(figure, library())


def _picture(optimizer: Any, eigenvalues: np.ndarray, path: Path) -> str:
    """The figure as it is before anybody touches it: each error, and all together."""
    fig, ax = plot.figure(height=3.2)
    total = np.linalg.norm(path.theta, axis=1)
    span = np.log(eigenvalues / eigenvalues[0])
    ranks = span / (span[-1] or 1)
    with np.errstate(divide="ignore"):
        floor = max(1e-16, min(0.1, 1e-6 * total[0], total.min() / 10))
    ends = [
        ax.semilogy(np.maximum(error, floor), color=_hue(rank))[0]
        for error, rank in zip(np.abs(path.theta.T), ranks, strict=True)
    ]
    ax.semilogy(total, color=look.INK.light, linewidth=3, label="all together")
    for line, value in ((ends[0], eigenvalues[0]), (ends[-1], eigenvalues[-1])):
        line.set_label(f"eigenvalue {value:.4g}")
    ax.set(xlabel="step $t$", ylabel="error", ylim=(floor, min(1e4, 2 * total.max())))
    ax.legend(labelcolor=look.INK.light)
    values = ", ".join(f"{value:.4g}" for value in eigenvalues)
    words = f"{variant_title(optimizer)} on a quadratic with the eigenvalues {values}: "
    text = plot.svg(fig, f"{words}the error along each eigenvector against the step.")
    for rank in ranks[(ranks > 0) & (ranks < 1)]:  # so that the ramp follows the page's theme
        mixed = f"color-mix(in oklab, var(--ol-flat), var(--ol-steep) {100 * rank:.0f}%)"
        text = text.replace(_hue(rank), mixed)
    return text


def _hue(rank: float) -> str:
    """The colour of the ramp of curvatures, from flat at 0 to steep at 1."""
    ends = (look.FLAT.light, look.STEEP.light)
    flat, steep = (np.array([int(hue[k : k + 2], 16) for k in (1, 3, 5)]) for hue in ends)
    return "#" + "".join(f"{round(u):02x}" for u in flat + rank * (steep - flat))
