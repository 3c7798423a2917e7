"""`cloud`: many runs of momentum with gradient noise, and the floor they end at, as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optim_lessons import look, plot
from optim_lessons.contract import Array, validate
from optim_lessons.explorer.figure import Figure, check_figure
from optim_lessons.explorer.site import library
from optim_lessons.minimize import Path, minimize
from optim_lessons.optimizers import Momentum
from optim_lessons.problems import Noisy, Quadratic
from optim_lessons.problems.checks import finite, number, whole
from optim_lessons.problems.noisy import noise
from optim_lessons.schedules import InverseTime

SPREAD = 1.5  # standard deviation of the starts
MOST_STEPS = 1000  # with the most particles, more take seconds to compute
MOST_PARTICLES = 500


class Cloud(Figure):
    """The figure that `cloud` makes; what the reader set can be read back."""

    @property
    def optimizer(self) -> Any:
        """Momentum with the hyperparameters that it has now."""
        return Momentum(**self.figure["hyper"])

    @property
    def schedule(self) -> InverseTime | None:
        """The schedule now: None where the learning rate is constant."""
        lr, flattest = self.figure["hyper"]["lr"], self.figure["eigenvalues"][0]
        return InverseTime(lr=lr, decay=lr * flattest) if self.figure["falling"] else None

    @property
    def path(self) -> Path:
        """All particles as one run: `theta` has all first coordinates, then all second ones."""
        n, seed = self.figure["particles"], self.figure["seed"]
        bowls = Quadratic(np.repeat(self.figure["eigenvalues"], n))
        problem = Noisy(bowls, sigma=self.figure["sigma"], seed=seed)
        start = SPREAD * noise(seed, 0, 2 * n)
        return minimize(
            self.optimizer, problem, start, self.figure["steps"], schedule=self.schedule
        )

    @property
    def squares(self) -> Array:
        """The mean squares that the figure shows, of shape (steps + 1, 2)."""
        theta = self.path.theta
        return np.mean(theta.reshape(len(theta), 2, -1) ** 2, axis=-1)

    @property
    def floor(self) -> Array:
        """The mean squares at which a cloud of constant learning rate ends, of shape (2,).

        Infinite along an eigenvalue for which the learning rate is too large.
        """
        lr, mu = self.figure["hyper"]["lr"], self.figure["hyper"]["momentum"]
        lam = np.array(self.figure["eigenvalues"])
        room = 2 * (1 + mu) - lr * lam
        height = lr * self.figure["sigma"] ** 2 * (1 + mu) / (lam * (1 - mu))
        return np.where(room > 0, height / np.where(room > 0, room, 1), np.inf)

    def picture(self) -> str:
        return _picture(self)


def cloud(
    lr: float = 0.1,
    momentum: float = 0.0,
    sigma: float = 3.0,
    falling: bool = False,
    seed: int = 0,
    eigenvalues: Sequence[float] = (1.0, 10.0),
    particles: int = 200,
    steps: int = 200,
    caption: str = "",
) -> Cloud:
    """An interactive figure of the noise floor: particles on a quadratic with noisy gradients.

    Each particle is a run of its own of `Momentum(lr, momentum)` on a quadratic of two
    `eigenvalues`, the smaller one first, from a random start; `sigma` is the standard deviation of
    the noise on each coordinate of each gradient. If `falling`, step t has the rate
    lr / (1 + lr * eigenvalues[0] * (t - 1)), which tends to 1 / (eigenvalues[0] * t). The noise is
    that of `problems.Noisy`, drawn from `seed`. `caption` stands below.

    Raises ValueError for a hyperparameter out of range, sigma outside [0, 10], a seed outside
    [0, 2**32), eigenvalues that are not two positive numbers in order, particles outside 2 to 500,
    or a number of steps outside 1 to 1000, and TypeError for what is of another type.

    Example:
        >>> figure = cloud(lr=0.1, momentum=0.5, sigma=1.0)
        >>> figure.squares[100:].mean(axis=0).round(3), figure.floor.round(3)
        (array([0.099, 0.015]), array([0.103, 0.015]))
    """
    validate(Momentum(lr, momentum))
    flat, steep = _pair(eigenvalues)
    check_figure(steps, caption, MOST_STEPS, falling=falling)
    figure = {
        "kind": "cloud",
        "hyper": {"lr": number("lr", lr), "momentum": number("momentum", momentum)},
        "sigma": number("sigma", sigma, "[0, 10]"),
        "falling": falling,
        "seed": whole("seed", seed, 0, 2**32 - 1),
        "eigenvalues": [flat, steep],
        "particles": whole("particles", particles, 2, MOST_PARTICLES),
        "steps": int(steps),
        "caption": caption,
    }
    return Cloud(figure, library())


def _pair(eigenvalues: Any) -> list[float]:
    values = finite("eigenvalues", eigenvalues, axes=(1,))
    if values.shape != (2,) or not 0 < values[0] <= values[1]:
        raise ValueError(f"eigenvalues = {eigenvalues} must be two positive numbers in order")
    return values.tolist()


def _picture(figure: Cloud) -> str:
    """The figure as it is before anybody touches it: the cloud left, mean squares right."""
    fig, (left, right) = plot.figure(2, height=3.0)
    with np.errstate(all="ignore"):  # a cloud that diverges is a result, too
        theta, squares = figure.path.theta, figure.squares
    first, second = np.clip(theta[-1], -1e3, 1e3).reshape(2, -1)
    left.plot(first, second, ".", color=look.FAMILIES["momentum"].light, markersize=3)
    top = figure.floor
    if not figure.figure["falling"] and np.all(np.isfinite(top)):
        turn = np.linspace(0, 2 * np.pi, 60)
        across, up = 2 * np.sqrt(top)
        left.plot(across * np.cos(turn), up * np.sin(turn), color=look.INK.light)
    left.set(xlim=(-4, 4), ylim=(-4, 4), xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
    names = [f"eigenvalue {value:.4g}" for value in figure.figure["eigenvalues"]]
    for values, hue, name in zip(squares.T, (look.FLAT, look.STEEP), names, strict=True):
        right.semilogy(values, color=hue.light, label=name)
        if not figure.figure["falling"] and np.all(np.isfinite(top)):
            right.axhline(top[names.index(name)], color=look.INK.light, linestyle="dotted")
    right.set(xlabel="step $t$", ylabel="mean square", ylim=(None, min(1e4, 2 * squares.max())))
    right.legend(labelcolor=look.INK.light)
    n, steps = figure.figure["particles"], figure.figure["steps"]
    ends = " and ".join(f"{value:.3g}" for value in squares[-1])
    return plot.svg(
        fig,
        f"{n} particles after {steps} steps with gradient noise: their mean squares along the "
        f"eigenvalues {names[0][11:]} and {names[1][11:]} are {ends}.",
    )
