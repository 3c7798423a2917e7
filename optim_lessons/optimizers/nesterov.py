"""Nesterov's momentum: look ahead, then correct."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, learning_rate


@dataclass(frozen=True, eq=False)
class Nesterov:
    """Step along the gradient plus the momentum that will follow it.

    Shapes: `theta`, `g` and the buffer `m` are arrays of one shape.
    Errors: `validate` raises ValueError for lr < 0 or momentum outside [0, 1).
    Variant: PyTorch's; `theta` is the look-ahead point, where the gradient is taken. optax agrees;
    Keras keeps the learning rate inside the buffer, which is equal while it is constant.
    Source: Nesterov 1983; as momentum Sutskever et al. 2013, equations (3) and (4), after the
    change of variable to the look-ahead point.

    Example:
        >>> from optim_lessons import Nesterov, minimize, problems
        >>> path = minimize(Nesterov(lr=0.05, momentum=0.6), problems.ravine, steps=100)
        >>> [float(path.value[k].round(6)) for k in (0, 10, 100)]
        [18.0, 0.549288, 0.0]
    """

    lr: Hyper = learning_rate(0.01)
    momentum: Hyper = decay(0.9, r"\mu", "momentum")

    title: ClassVar = "Nesterov momentum"
    family: ClassVar = "momentum"
    descent: ClassVar = Descent(("Momentum",), "looks ahead", 1983)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.SGD(nesterov=True)",
            {"lr": ("lr", 1e-3), "momentum": ("momentum", 0.0)},
        ),
        "optax": Elsewhere(
            "optax.sgd(nesterov=True)",
            {"lr": ("learning_rate", "required"), "momentum": ("momentum", "None")},
        ),
        "Keras": Elsewhere(
            "keras.optimizers.SGD(nesterov=True)",
            {"lr": ("learning_rate", 0.01), "momentum": ("momentum", 0.0)},
            "The learning rate is inside the buffer: "
            "the same path while it is constant, another one once it changes.",
        ),
    }

    class State(NamedTuple):
        m: Array

    def init(self, theta):
        return self.State(m=np.zeros_like(theta))

    def step(self, theta, g, state):
        m = self.momentum * state.m + g
        theta = theta - self.lr * (g + self.momentum * m)
        return theta, self.State(m)
