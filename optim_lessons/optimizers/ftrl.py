"""FTRL-Proximal: the point that would have been best so far, kept near the points passed."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, hyper


@dataclass(frozen=True, eq=False)
class FTRL:
    """Follow the leader of all linear losses so far, regularised; l1 makes exact zeros.

    Shapes: `theta`, `g`, the sum `z` and the sum of squares `n` are arrays of one shape.
    Errors: `validate` raises ValueError for lr <= 0 (the leader divides by it), or beta, l1 or
    l2 < 0; with beta = l2 = 0 a coordinate without a gradient is 0/0.
    Variant: the paper's algorithm, which starts at theta = 0: any other start is forgotten at the
    first step. Keras starts n at 0.1 and calls half of l2 its strength.
    Source: McMahan et al. 2013, Ad Click Prediction: a View from the Trenches, algorithm 1.

    Example:
        >>> from optim_lessons import FTRL, minimize, problems
        >>> path = minimize(FTRL(lr=1.0), problems.beale, theta0=[0.0, 0.0], steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [14.2031, 0.2457, 0.0099]
    """

    lr: Hyper = hyper(0.1, r"\alpha", "learning rate", "(0, inf)", "log")
    beta: Hyper = hyper(1.0, r"\beta", "start of the root of squares", "[0, inf)", "log")
    l1: Hyper = hyper(0.0, r"\lambda_1", "weight of the absolute values", "[0, inf)", "log")
    l2: Hyper = hyper(0.0, r"\lambda_2", "weight of half the squares", "[0, inf)", "log")

    title: ClassVar = "FTRL-Proximal"
    family: ClassVar = "adaptive"
    descent: ClassVar = Descent(("Adagrad",), "follows the leader", 2013)
    elsewhere: ClassVar = {
        "Keras": Elsewhere(
            "keras.optimizers.Ftrl",
            {
                "lr": ("learning_rate", 1e-3),
                "beta": ("beta", 0.0),
                "l1": ("l1_regularization_strength", 0.0),
                "l2": ("l2_regularization_strength", 0.0),
            },
            r"$n$ starts at 0.1, and its l2 counts twice: give it half of $\lambda_2$.",
        ),
    }

    class State(NamedTuple):
        z: Array
        n: Array

    def init(self, theta):
        return self.State(z=np.zeros_like(theta), n=np.zeros_like(theta))

    def step(self, theta, g, state):
        n = state.n + g**2
        sigma = (np.sqrt(n) - np.sqrt(state.n)) / self.lr
        z = state.z + g - sigma * theta
        theta = (np.clip(z, -self.l1, self.l1) - z) / ((self.beta + np.sqrt(n)) / self.lr + self.l2)
        return theta, self.State(z, n)
