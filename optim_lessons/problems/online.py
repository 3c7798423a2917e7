"""Online problems: another loss at every step, and the question how much was lost in hindsight.

The loss of step t is `sample(t)`; `value` and `grad` are those of the average loss. They declare
`random = False`: their losses are fixed beforehand, so `minimize` needs no generator for them.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_lessons.contract import Array
from optim_lessons.minimize import Path
from optim_lessons.problems.checks import finite, generator, number, whole
from optim_lessons.problems.problem import Loss, check_dimension


class RareLargeGradient:
    """One large slope in each period, and small ones against it: Adam ends at the wrong end.

    f_t(theta) = large * theta at t = 1 and every `period` steps after it, small * theta between,
    on [-1, 1]: pass `project=problem.project`. theta has shape (..., 1). With the defaults the
    average slope is 1/3, and -1 is the best point. It is the problem of theorem 1;
    `RareLargeGradient(1010, -10, period=101)` is that of figure 1.
    Raises ValueError for slopes that are not finite or average to 0, a period below 2, and a theta
    whose last axis is not 1.
    Source: Reddi, Kale and Kumar 2018 (arXiv 1904.09237), theorem 1 and section 5.

    Example:
        >>> from optim_lessons import RMSprop, minimize
        >>> problem = RareLargeGradient()
        >>> rmsprop = RMSprop(lr=0.01, rho=0.1)
        >>> path = minimize(rmsprop, problem, steps=999, project=problem.project)
        >>> float(path.theta[-1, 0].round(2)), float(regret(problem, path)[-1].round())
        (1.0, 670.0)
    """

    random: ClassVar = False
    start: ClassVar = (1.0,)

    def __init__(self, large: float = 3.0, small: float = -1.0, period: int = 3):
        self.period = whole("period", period, low=2)
        self.large, self.small = number("large", large), number("small", small)
        self.slope = (large + (period - 1) * small) / period
        if self.slope == 0:
            raise ValueError(f"large = {large} and small = {small} average to 0: no point is best")
        self.minima = ((-float(np.sign(self.slope)),),)

    def value(self, theta: Array) -> Any:
        """The average loss at `theta` of shape (..., 1), with shape (...)."""
        check_dimension(theta, 1)
        return self.slope * theta[..., 0]

    def grad(self, theta: Array) -> Array:
        """The slope of the average loss, with the shape of `theta`."""
        check_dimension(theta, 1)
        return np.full_like(theta, self.slope)

    def sample(self, t: int, rng: np.random.Generator | None = None) -> Loss:
        """The loss of step t, from 1."""
        slope = self.large if t % self.period == 1 else self.small
        return Loss(lambda theta: slope * theta[..., 0], lambda theta: np.full_like(theta, slope))

    def project(self, theta: Array) -> Array:
        """The point of [-1, 1] nearest to `theta`."""
        return np.clip(theta, -1, 1)


class RareFeatures:
    """Random convex losses on [-1, 1]^d of which some coordinates are seen often, some rarely.

    f_t(theta) = sum of |theta_i - c_ti| over the coordinates i that are active in round t. A
    coordinate is active with its own probability, its entry of `frequencies`, of shape (d,). The
    targets c_ti scatter about an unknown point and stay inside the box; `minima` is their median,
    the best fixed point for all rounds together. After `rounds` losses they repeat.
    All is drawn from `rng` in the constructor. Pass `project=problem.project`.
    Raises ValueError for frequencies that are empty or outside [0, 1], rounds below 1, and a theta
    whose last axis is not d.
    Source: our own, after the sparse gradients for which Duchi, Hazan and Singer 2011 made Adagrad.

    Example:
        >>> from optim_lessons import Adagrad, minimize
        >>> problem = RareFeatures([1.0, 0.01], rounds=500, rng=np.random.default_rng(0))
        >>> adagrad = Adagrad(lr=2 / np.sqrt(2))
        >>> path = minimize(adagrad, problem, steps=500, project=problem.project)
        >>> lost = regret(problem, path)
        >>> [float((lost[t - 1] / t).round(3)) for t in (5, 50, 500)]
        [0.207, 0.106, 0.029]
    """

    random: ClassVar = False

    def __init__(self, frequencies: ArrayLike, rounds: int, rng: np.random.Generator):
        p = finite("frequencies", frequencies, axes=(1,))
        if not np.all((p >= 0) & (p <= 1)):
            raise ValueError(f"frequencies = {p} is outside [0, 1]")
        self.rounds = rounds = whole("rounds", rounds, low=1)
        rng = generator(rng)
        self.start = np.zeros(p.size)
        self.active = rng.random((rounds, p.size)) < p
        middle = rng.uniform(-0.5, 0.5, p.size)
        scattered = middle + 0.5 * rng.standard_normal((rounds, p.size))
        self.targets = self.project(scattered)
        columns = zip(self.targets.T, self.active.T, strict=True)
        best = (float(np.median(c[seen])) if seen.any() else 0.0 for c, seen in columns)
        self.minima = (tuple(best),)

    def value(self, theta: Array) -> Any:
        """The average loss at `theta` of shape (..., d), with shape (...)."""
        check_dimension(theta, self.start.size)
        distance = np.abs(theta[..., None, :] - self.targets)
        return np.sum(distance * self.active, axis=(-2, -1)) / self.rounds

    def grad(self, theta: Array) -> Array:
        """A subgradient of the average loss, with the shape of `theta`."""
        check_dimension(theta, self.start.size)
        sides = np.sign(theta[..., None, :] - self.targets)
        return np.sum(sides * self.active, axis=-2) / self.rounds

    def sample(self, t: int, rng: np.random.Generator | None = None) -> Loss:
        """The loss of step t, from 1."""
        k = (t - 1) % self.rounds
        active, target = self.active[k], self.targets[k]
        return Loss(
            lambda theta: np.sum(active * np.abs(theta - target), axis=-1),
            lambda theta: active * np.sign(theta - target),
        )

    def project(self, theta: Array) -> Array:
        """The point of the box nearest to `theta`."""
        return np.clip(theta, -1, 1)


def regret(problem: Any, path: Path) -> Array:
    """What `path` lost up to each step, less what the problem's best fixed point would have lost.

    The result has shape (steps,). The best fixed point is `problem.minima[0]`, the best for whole
    periods or rounds. Divided by the number of steps, it tends to 0 for a method that learns.
    Raises TypeError for what is no online problem with a best point, or no path.
    """
    if not (getattr(problem, "sample", None) and getattr(problem, "minima", None)):
        raise TypeError(
            f"problem = {problem!r} has not both `sample` and `minima`: it is not online"
        )
    if not isinstance(path, Path):
        raise TypeError(f"path = {path!r} is not what `minimize` returns")
    best = np.array(problem.minima[0])
    losses = (problem.sample(t).value for t in range(1, path.steps + 1))
    return np.cumsum([f(theta) - f(best) for f, theta in zip(losses, path.theta, strict=False)])
