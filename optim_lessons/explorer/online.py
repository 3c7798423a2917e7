"""`online`: the line on which Adam walks to the worst point, as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optim_lessons import look, plot
from optim_lessons.contract import hyper_of, validate
from optim_lessons.explorer.figure import Figure, check_figure
from optim_lessons.explorer.site import library
from optim_lessons.minimize import Path, minimize
from optim_lessons.optimizers import SGD, Adagrad, Adam, AMSGrad
from optim_lessons.problems import RareLargeGradient, regret
from optim_lessons.problems.checks import number
from optim_lessons.schedules import InverseSqrt

METHODS = {cls.__name__: cls for cls in (Adam, AMSGrad, Adagrad, SGD)}
MOST_STEPS = 100_000  # more take seconds to compute


class Online(Figure):
    """The figure that `online` makes; what the reader set can be read back."""

    @property
    def optimizers(self) -> list[Any]:
        """The methods with the hyperparameters that they have now."""
        chosen = self.figure["hyper"]
        classes = [METHODS[name] for name in self.figure["methods"]]
        return [cls(**{n: v for n, v in chosen.items() if n in hyper_of(cls)}) for cls in classes]

    @property
    def problem(self) -> RareLargeGradient:
        """The problem with the gradients that it has now."""
        return RareLargeGradient(**self.figure["problem"])

    @property
    def paths(self) -> list[Path]:
        """The runs that the figure shows, one a method."""
        figure, problem = self.figure, self.problem
        return [
            minimize(
                optimizer,
                problem,
                [figure["start"]],
                figure["steps"],
                project=problem.project,
                schedule=InverseSqrt(lr=optimizer.lr, warmup=1),
            )
            for optimizer in self.optimizers
        ]

    def picture(self) -> str:
        return _picture(self)


def online(
    methods: Sequence[str] = ("Adam", "AMSGrad"),
    lr: float = 0.5,
    beta1: float = 0.0,
    beta2: float = 0.1,
    large: float = 3.0,
    small: float = -1.0,
    period: int = 3,
    start: float = 0.0,
    steps: int = 30_000,
    log: bool = True,
    caption: str = "",
) -> Online:
    """An interactive figure of methods on `RareLargeGradient`, where Adam ends at the worst point.

    `methods` are of "Adam", "AMSGrad", "Adagrad" and "SGD"; those that have a beta take `beta1` and
    `beta2`, and all have the rate lr / sqrt(t). The line is [-1, 1]; the gradient is `large` once
    in `period` steps and `small` between, so that -1 is the best point. `log` says whether the axis
    of time is logarithmic. `caption` stands below.

    Raises ValueError for another method, a hyperparameter out of range, gradients of which -1 is
    not the best point, a start outside [-1, 1], or a number of steps outside 1 to 100,000, and
    TypeError for what is of another type.
    Source: Reddi, Kale and Kumar 2018 (arXiv 1904.09237), theorem 1 by default;
    `online(beta1=0.9, beta2=0.99, large=1010, small=-10, period=101)` is their figure 1.

    Example:
        >>> figure = online(steps=3000)
        >>> [float(path.theta[-1, 0].round(2)) for path in figure.paths]
        [1.0, -0.99]
    """
    methods = [methods] if isinstance(methods, str) else list(methods)
    for name in methods:
        if name not in METHODS:
            raise ValueError(f"methods: {name!r} is none of {', '.join(METHODS)}")
    validate(Adam(lr=lr, beta1=beta1, beta2=beta2))
    problem = RareLargeGradient(large, small, period)
    if not (small < 0 < problem.slope):
        raise ValueError(f"large = {large}, small = {small}: -1 is not the best point of [-1, 1]")
    check_figure(steps, caption, MOST_STEPS, log=log)
    figure = {
        "kind": "online",
        "methods": methods,
        "hyper": {"lr": float(lr), "beta1": float(beta1), "beta2": float(beta2)},
        "problem": {"large": problem.large, "small": problem.small, "period": problem.period},
        "start": number("start", start, "[-1, 1]"),
        "log": log,
        "steps": int(steps),
        "caption": caption,
    }
    return Online(figure, library())


def _picture(figure: Online) -> str:
    """The figure as it is before anybody touches it: points left, average regret right."""
    fig, (left, right) = plot.figure(2, height=2.8)
    steps, log = figure.figure["steps"], figure.figure["log"]
    spaced = np.geomspace(1, steps, 300) if log else np.linspace(1, steps, 300)
    k = np.unique(spaced.astype(int))
    ends = []
    for optimizer, path in zip(figure.optimizers, figure.paths, strict=True):
        style = look.style(optimizer) | {"marker": ""}
        left.plot(k, path.theta[k, 0], **style, label=optimizer.title)
        right.plot(k, regret(figure.problem, path)[k - 1] / k, **style)
        ends.append(f"{optimizer.title} ends at {path.theta[-1, 0]:.3g}")
    worst = 2 * figure.problem.slope
    right.axhline(worst, color=look.FAINT.light, linestyle="dotted")
    left.set(xlabel="step $t$", ylabel="point $x_t$", ylim=(-1.1, 1.1))
    right.set(xlabel="step $t$", ylabel="average regret", ylim=(0, 1.4 * worst))
    if log:
        left.set_xscale("log")
        right.set_xscale("log")
    if ends:
        left.legend(labelcolor=look.INK.light)
    words = "The points of methods on a line whose best point is -1, and their average regret"
    return plot.svg(fig, f"{words}, against step. {'; '.join(ends) or 'No method'}.")
