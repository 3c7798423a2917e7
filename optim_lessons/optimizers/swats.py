"""SWATS: begin with Adam, switch to gradient descent with momentum."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import (
    Array,
    Descent,
    Elsewhere,
    Hyper,
    decay,
    epsilon,
    hyper,
    learning_rate,
)


@dataclass(frozen=True, eq=False)
class SWATS:
    """Take Adam's steps until the rate of an equal gradient step settles, then use that rate.

    `gamma` is the rate at which a step of gradient descent, projected onto Adam's step, equals it.
    Once gamma comes within `tolerance` of its own average, that average becomes the `rate` of
    gradient descent with momentum beta1, for good; lr has no effect then.

    Shapes: `theta`, `g`, `m`, `v` and the buffer `u` are arrays of one shape; the last axis is one
    vector, axes before it are independent runs or layers. `average` and `rate` have one number a
    vector; a rate of 0 says that Adam still runs. `t` is the number of steps taken.
    Errors: `validate` raises ValueError for lr, eps or tolerance < 0, or beta1 or beta2 outside
    [0, 1).
    Variant: the paper's, with its "epsilon hat" form of Adam, and two changes: its one epsilon has
    two names here, eps and tolerance; and a negative average, which would climb, is no rate.
    Source: Keskar and Socher 2017 (arXiv 1712.07628), algorithm 1.

    Example:
        >>> from optim_lessons import SWATS, minimize, problems
        >>> path = minimize(SWATS(lr=0.1, tolerance=1e-4), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 9.1141, 0.0297]
        >>> int(np.argmax(path.state.rate > 0)), float(path.state.rate[-1, 0].round(4))
        (27, 0.0084)
    """

    lr: Hyper = learning_rate(1e-3)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient; momentum")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average square, and rate")
    eps: Hyper = epsilon(1e-9)
    tolerance: Hyper = hyper(
        1e-9, r"\tau", "how near the rate comes to its average", "[0, inf)", "log"
    )

    title: ClassVar = "SWATS"
    family: ClassVar = "adam"
    couples: ClassVar = 1
    untraced: ClassVar = "it projects a whole step, and switches on a comparison"
    descent: ClassVar = Descent(("Adam", "Momentum"), "switches over", 2017)
    elsewhere: ClassVar[dict[str, Elsewhere]] = {}

    class State(NamedTuple):
        t: int
        m: Array
        v: Array
        u: Array
        average: Array
        rate: Array

    def init(self, theta):
        zero, one_each = np.zeros_like(theta), np.zeros_like(theta[..., :1])
        return self.State(t=0, m=zero, v=zero, u=zero, average=one_each, rate=one_each)

    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        lr_t = self.lr * (1 - self.beta2**t) ** 0.5 / (1 - self.beta1**t)
        p = -lr_t * m / (np.sqrt(v) + self.eps)
        pg = np.sum(p * g, axis=-1, keepdims=True)
        gamma = np.sum(p**2, axis=-1, keepdims=True) / np.where(pg != 0, -pg, 1.0)
        average = np.where(
            pg != 0, self.beta2 * state.average + (1 - self.beta2) * gamma, state.average
        )
        settled = average / (1 - self.beta2**t)
        # At the first step the average is gamma itself, and says nothing.
        now = (t > 1) & (pg != 0) & (np.abs(settled - gamma) < self.tolerance) & (settled > 0)

        by_adam = state.rate == 0
        u = np.where(by_adam, 0.0, self.beta1 * state.u + g)
        theta = theta + np.where(by_adam, p, -(1 - self.beta1) * state.rate * u)
        rate = np.where(by_adam & now, settled, state.rate)
        return theta, self.State(t, m, v, u, average, rate)
