"""Yogi: Adam whose average square moves by no more than the square that it meets."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, epsilon, learning_rate


@dataclass(frozen=True, eq=False)
class Yogi:
    """Step along the average gradient divided by the root of a second moment that forgets slowly.

    Shapes: `theta`, `g`, `m` and `v` are arrays of one shape.
    Errors: `validate` raises ValueError for lr or eps < 0, or beta1 or beta2 outside [0, 1).
    Variant: the paper's algorithm, which corrects neither average. optax does, and starts both at
    1e-6. The paper advises a first v from the squared gradient of a large batch, which is
    `init(theta)._replace(v=...)`.
    Source: Zaheer et al. 2018, Adaptive Methods for Nonconvex Optimization, algorithm 2.

    Example:
        >>> from optim_lessons import Yogi, minimize, problems
        >>> path = minimize(Yogi(lr=0.1), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 3.686, 0.0015]
    """

    lr: Hyper = learning_rate(0.01)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the second moment")
    eps: Hyper = epsilon(1e-3)

    title: ClassVar = "Yogi"
    family: ClassVar = "adam"
    descent: ClassVar = Descent(("Adam",), "moves v by addition", 2018)
    elsewhere: ClassVar = {
        "optax": Elsewhere(
            "optax.yogi",
            {
                "lr": ("learning_rate", "required"),
                "beta1": ("b1", 0.9),
                "beta2": ("b2", 0.999),
                "eps": ("eps", 1e-3),
            },
            r"Both averages start at $10^{-6}$, and are corrected as in Adam.",
        ),
    }

    class State(NamedTuple):
        m: Array
        v: Array

    def init(self, theta):
        return self.State(m=np.zeros_like(theta), v=np.zeros_like(theta))

    def step(self, theta, g, state):
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = state.v - (1 - self.beta2) * np.sign(state.v - g**2) * g**2
        theta = theta - self.lr * m / (np.sqrt(v) + self.eps)
        return theta, self.State(m, v)
