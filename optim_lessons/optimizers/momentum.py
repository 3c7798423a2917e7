"""The heavy ball: a step that remembers the steps before it."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, learning_rate


@dataclass(frozen=True, eq=False)
class Momentum:
    """Step along a decaying sum of all gradients so far, or along their average.

    Shapes: `theta`, `g` and the buffer `m` are arrays of one shape.
    Errors: `validate` raises ValueError for lr < 0 or momentum outside [0, 1).
    Variant: the sum form with the learning rate outside the buffer, as in PyTorch and optax.
    Keras keeps the learning rate inside the buffer: equal while the learning rate is constant.
    `average=True` weighs the new gradient by 1 - momentum: the same path for a learning rate
    1 / (1 - momentum) times as large. In optax this is `ema(momentum, debias=False)`, chained with
    the rate; PyTorch's `dampening=momentum` starts from the whole first gradient; Keras lacks it.
    Source: Polyak 1964; in this form Sutskever et al. 2013, equations (1) and (2),
    with their velocity equal to -lr * m.

    Example:
        >>> from optim_lessons import Momentum, minimize, problems
        >>> path = minimize(Momentum(lr=0.05, momentum=0.6), problems.ravine, steps=100)
        >>> [float(path.value[k].round(6)) for k in (0, 10, 100)]
        [18.0, 0.601473, 0.0]
    """

    lr: Hyper = learning_rate(0.01)
    momentum: Hyper = decay(0.9, r"\mu", "momentum")
    average: bool = False

    title: ClassVar = "Momentum"
    family: ClassVar = "momentum"
    descent: ClassVar = Descent(("SGD",), "sums gradients", 1964)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.SGD",
            {"lr": ("lr", 1e-3), "momentum": ("momentum", 0.0)},
            "The same sum; the average, `dampening=momentum`, starts from the first gradient.",
        ),
        "optax": Elsewhere(
            "optax.sgd", {"lr": ("learning_rate", "required"), "momentum": ("momentum", "None")}
        ),
        "Keras": Elsewhere(
            "keras.optimizers.SGD",
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
        if self.average:
            m = self.momentum * state.m + (1 - self.momentum) * g
        else:
            m = self.momentum * state.m + g
        theta = theta - self.lr * m
        return theta, self.State(m)
