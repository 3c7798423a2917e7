"""Noise on the gradient of any problem: the same numbers in Python and in the explorer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from optim_lessons.contract import Array
from optim_lessons.minimize import functions_of
from optim_lessons.problems.checks import number, whole
from optim_lessons.problems.problem import Loss


def noise(seed: int, t: int, d: int) -> Array:
    """`d` numbers for step t, of mean 0 and variance 1 and nearly normal: twelve uniforms, less 6.

    The explorer draws the same ones (explorer/js/random.js). Uniforms of float32 are multiples of
    2**-24, so that their sum is exact in any language, where a logarithm or a cosine is not. The
    first numbers do not depend on `d`. None is farther from 0 than 6.

    Example:
        >>> noise(seed=0, t=1, d=3).round(2), noise(seed=0, t=1, d=2).round(2)
        (array([-0.49, -0.61, -0.87]), array([-0.49, -0.61]))
    """
    rng = np.random.Generator(np.random.SFC64([seed, t]))
    return rng.random((d, 12), dtype=np.float32).sum(axis=-1, dtype=float) - 6


@dataclass(frozen=True, eq=False)
class Noisy:
    """A problem whose gradient has noise of standard deviation `sigma` added at each step.

    `value` and `grad` are those of the problem behind it, which may be a pair `(value, grad)`. The
    noise of step t is a function of `seed` and t, and so the seed belongs to the problem: the
    explorer, which knows no generator of Python's, draws the same numbers from it, any two methods
    meet the same noise, and `minimize` needs no `rng`. All runs of a sweep share it, too.
    GradientNoise, a method, adds noise that fades; here it belongs to the problem, and stays.

    Shapes: theta has that of the problem; along its last axis each coordinate has its own noise.
    Errors: ValueError for sigma outside [0, inf) or a seed outside [0, 2**32); TypeError for what
    is no problem or number, and for a problem with a `sample` of its own.
    Source: none is needed; the noise has an Irwin-Hall distribution, of excess kurtosis -0.1.

    Example:
        >>> from optim_lessons import SGD, minimize, problems
        >>> noisy = Noisy(problems.ravine, sigma=3.0, seed=1)
        >>> paths = [minimize(SGD(lr=lr), noisy, steps=2000) for lr in (0.08, 0.04, 0.02)]
        >>> [float(path.value[1000:].mean().round(2)) for path in paths]  # the noise floor
        [1.03, 0.24, 0.1]
    """

    problem: Any
    sigma: float = 1.0
    seed: int = 0

    random: ClassVar = False  # the seed is its own: no step needs a generator

    def __post_init__(self) -> None:
        functions_of(self.problem)
        if hasattr(self.problem, "sample"):
            raise TypeError(f"problem = {self.problem!r} has another loss at every step already")
        number("sigma", self.sigma, "[0, inf)")
        whole("seed", self.seed, 0, 2**32 - 1)

    @property
    def start(self) -> Any:
        """Where a run begins, if the problem says so."""
        return getattr(self.problem, "start", None)

    @property
    def minima(self) -> Any:
        """The known global minima of the problem."""
        return getattr(self.problem, "minima", ())

    def value(self, theta: Array) -> Any:
        """The true loss at `theta`."""
        return functions_of(self.problem)[0](theta)

    def grad(self, theta: Array) -> Array:
        """The true gradient at `theta`."""
        return functions_of(self.problem)[1](theta)

    def sample(self, t: int, rng: np.random.Generator | None = None) -> Loss:
        """The problem of step t, from 1: the true loss, and a noisy gradient."""

        def grad(theta: Array) -> Array:
            g = self.grad(theta)
            tilt = self.sigma * noise(self.seed, t, g.shape[-1])
            return g + tilt.astype(g.dtype)

        return Loss(self.value, grad)
