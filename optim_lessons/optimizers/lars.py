"""LARS: momentum whose step is sized, layer by layer, to the layer's own weights."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, hyper, learning_rate


@dataclass(frozen=True, eq=False)
class LARS:
    """Step along the gradient, rescaled for each layer to a fixed part of the norm of its weights.

    Shapes: `theta`, `g` and `m` are arrays of one shape; the last axis is one layer, axes before it
    are independent layers. A network's layers are stepped one by one by `PerLayer`.
    Errors: `validate` raises ValueError for lr, trust or weight_decay < 0, momentum outside [0, 1).
    Variant: the paper's, with the learning rate inside the buffer, and a constant one. Where theta
    or the gradient is zero the ratio is 1, as in optax, which divides by the norm of the sum
    g + weight_decay * theta: the same without weight decay.
    Source: You, Gitman and Ginsburg 2017 (arXiv 1708.03888), algorithm 1.

    Example:
        >>> from optim_lessons import LARS, minimize, problems
        >>> path = minimize(LARS(lr=5.0, momentum=0.5), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 20.5305, 0.0015]
    """

    lr: Hyper = learning_rate(1.0)
    momentum: Hyper = decay(0.9, r"\mu", "momentum")
    trust: Hyper = hyper(1e-3, r"\eta", "trust coefficient", "[0, inf)", "log")
    weight_decay: Hyper = hyper(0.0, r"\lambda", "weight decay", "[0, inf)", "log")

    title: ClassVar = "LARS"
    family: ClassVar = "momentum"
    couples: ClassVar = 1
    untraced: ClassVar = "the norm of a layer couples its coordinates"
    descent: ClassVar = Descent(("Momentum",), "a rate a layer", 2017)
    elsewhere: ClassVar = {
        "optax": Elsewhere(
            "optax.lars",
            {
                "lr": ("learning_rate", "required"),
                "momentum": ("momentum", 0.9),
                "trust": ("trust_coefficient", 1e-3),
                "weight_decay": ("weight_decay", 0.0),
            },
            r"The ratio divides by $\|g_t + \lambda \theta_t\|$, "
            r"the paper's by $\|g_t\| + \lambda \|\theta_t\|$: the same without weight decay.",
        ),
    }

    class State(NamedTuple):
        m: Array

    def init(self, theta):
        return self.State(m=np.zeros_like(theta))

    def step(self, theta, g, state):
        theta_norm = np.sqrt(np.sum(theta**2, axis=-1, keepdims=True))
        g_norm = np.sqrt(np.sum(g**2, axis=-1, keepdims=True))
        size = g_norm + self.weight_decay * theta_norm
        # A layer at zero would never leave it: it takes the plain step.
        usual = (theta_norm > 0) & (size > 0)
        ratio = np.where(usual, self.trust * theta_norm / np.where(usual, size, 1.0), 1.0)
        m = self.momentum * state.m + self.lr * ratio * (g + self.weight_decay * theta)
        theta = theta - m
        return theta, self.State(m)
