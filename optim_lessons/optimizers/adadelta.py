"""Adadelta: a step in the units of the parameters, from the sizes of the steps before it."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, epsilon, learning_rate


@dataclass(frozen=True, eq=False)
class Adadelta:
    """Step along the gradient times the ratio of two averages: of past steps and of gradients.

    Shapes: `theta`, `g`, `v` and the average squared step `u` are arrays of one shape.
    Errors: `validate` raises ValueError for lr or eps < 0, or rho outside [0, 1).
    Variant: the paper's algorithm, which has no learning rate, times lr = 1, as in PyTorch; optax
    and Keras agree. Epsilon is inside both roots; it alone sets the size of the first steps.
    Source: Zeiler 2012 (arXiv 1212.5701), algorithm 1.

    Example:
        >>> from optim_lessons import Adadelta, minimize, problems
        >>> path = minimize(Adadelta(lr=5.0), problems.ravine, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [18.0, 11.4969, 0.4209]
    """

    lr: Hyper = learning_rate(1.0)
    rho: Hyper = decay(0.9, r"\rho", "decay of both averages")
    eps: Hyper = epsilon(1e-6)

    title: ClassVar = "Adadelta"
    family: ClassVar = "adaptive"
    descent: ClassVar = Descent(("RMSprop",), "mends the units", 2012)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.Adadelta",
            {"lr": ("lr", 1.0), "rho": ("rho", 0.9), "eps": ("eps", 1e-6)},
        ),
        "optax": Elsewhere(
            "optax.adadelta",
            {"lr": ("learning_rate", "None"), "rho": ("rho", 0.9), "eps": ("eps", 1e-6)},
        ),
        "Keras": Elsewhere(
            "keras.optimizers.Adadelta",
            {"lr": ("learning_rate", 1e-3), "rho": ("rho", 0.95), "eps": ("epsilon", 1e-7)},
        ),
    }

    class State(NamedTuple):
        v: Array
        u: Array

    def init(self, theta):
        return self.State(v=np.zeros_like(theta), u=np.zeros_like(theta))

    def step(self, theta, g, state):
        v = self.rho * state.v + (1 - self.rho) * g**2
        delta = np.sqrt(state.u + self.eps) / np.sqrt(v + self.eps) * g
        u = self.rho * state.u + (1 - self.rho) * delta**2
        theta = theta - self.lr * delta
        return theta, self.State(v, u)
