"""Gradient noise: a random push that fades."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Descent, Elsewhere, hyper
from optim_lessons.optimizers.sgd import SGD
from optim_lessons.optimizers.wrapper import Wrapper


@dataclass(frozen=True, eq=False)
class GradientNoise(Wrapper):
    """Add normal noise of variance eta / (1 + t)**gamma to the gradient of another method.

    The noise is a function of the seed and of t, so that a step stays a function of its arguments:
    the same seed gives the same path, and a run continued from its state goes on as it would have.

    Shapes: those of the inner method; `t` is the number of steps taken, 0 at the first.
    Errors: `validate` raises ValueError for eta or gamma < 0, a seed that is no whole number from
    0, and for what the inner method refuses.
    Variant: the paper's; optax's add_noise has the same variance at each step, from its own
    generator.
    Source: Neelakantan et al. 2015 (arXiv 1511.06807), section 3, with gamma = 0.55.

    Example:
        >>> from optim_lessons import SGD, GradientNoise, minimize, problems
        >>> path = minimize(GradientNoise(SGD(lr=0.05)), problems.saddle, [1.0, 0.0], steps=100)
        >>> bool(abs(path.theta[-1, 1]) > 1)  # plain gradient descent would end in the saddle
        True
    """

    inner: Any = SGD()
    eta: float = hyper(0.01, r"\eta", "variance of the first noise", "[0, inf)", "log")
    gamma: float = hyper(0.55, r"\gamma", "how fast the noise fades", "[0, inf)", "log")
    seed: int = hyper(0, "s", "seed of the noise", "[0, inf)", "whole")

    title: ClassVar = "Gradient noise"
    family: ClassVar = "plain"
    untraced: ClassVar = "it wraps another method, and draws random numbers"
    broadcasts: ClassVar = False  # a grid of runs would get other noise than each run alone
    descent: ClassVar = Descent(("SGD",), "adds fading noise", 2015)
    elsewhere: ClassVar = {
        "optax": Elsewhere(
            "optax.add_noise",
            {"eta": ("eta", "required"), "gamma": ("gamma", "required"), "seed": ("key", "None")},
            "Other random numbers, of the same variance.",
        ),
    }

    class State(NamedTuple):
        t: int
        inner: Any

    def init(self, theta):
        return self.State(t=0, inner=self.inner.init(theta))

    def step(self, theta, g, state, *oracle):
        sigma = np.sqrt(self.eta / (1 + state.t) ** self.gamma)
        noise = sigma * np.random.default_rng([int(self.seed), state.t]).standard_normal(g.shape)
        noisy = g + noise.astype(g.dtype)
        theta, inner = self.inner.step(theta, noisy, state.inner, *oracle)
        return theta, self.State(state.t + 1, inner)
