"""Lion: the sign of a mixture of momentum and gradient, found by a search over programs."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, hyper, learning_rate


@dataclass(frozen=True, eq=False)
class Lion:
    """Step by the sign of a short average of the gradient, and remember a longer one.

    Shapes: `theta`, `g` and `m` are arrays of one shape.
    Errors: `validate` raises ValueError for lr or weight_decay < 0, or beta1 or beta2 outside
    [0, 1).
    Variant: the paper's algorithm; optax and Keras agree. PyTorch does not have the method.
    Source: Chen et al. 2023 (arXiv 2302.06675), algorithm 2; the authors' own code
    (google/automl, lion_pytorch.py) takes the same step.

    Example:
        >>> from optim_lessons import Lion, minimize, problems
        >>> path = minimize(Lion(lr=0.01), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 23.7138, 4.0761]
    """

    lr: Hyper = learning_rate(1e-4)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average that steps")
    beta2: Hyper = decay(0.99, r"\beta_2", "decay of the average that stays")
    weight_decay: Hyper = hyper(0.0, r"\lambda", "weight decay", "[0, inf)", "log")

    title: ClassVar = "Lion"
    family: ClassVar = "sign"
    descent: ClassVar = Descent(("SignSGD", "AdamW"), "mixes two averages", 2023)
    elsewhere: ClassVar = {
        "optax": Elsewhere(
            "optax.lion",
            {
                "lr": ("learning_rate", "required"),
                "beta1": ("b1", 0.9),
                "beta2": ("b2", 0.99),
                "weight_decay": ("weight_decay", 1e-3),
            },
        ),
        "Keras": Elsewhere(
            "keras.optimizers.Lion",
            {
                "lr": ("learning_rate", 1e-3),
                "beta1": ("beta_1", 0.9),
                "beta2": ("beta_2", 0.99),
                "weight_decay": ("weight_decay", "None"),
            },
        ),
    }

    class State(NamedTuple):
        m: Array

    def init(self, theta):
        return self.State(m=np.zeros_like(theta))

    def step(self, theta, g, state):
        c = self.beta1 * state.m + (1 - self.beta1) * g
        m = self.beta2 * state.m + (1 - self.beta2) * g
        theta = theta - self.lr * (np.sign(c) + self.weight_decay * theta)
        return theta, self.State(m)
