"""SignSGD: one learning rate for every parameter at every step, whatever the gradient's size."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, learning_rate


@dataclass(frozen=True, eq=False)
class SignSGD:
    """Step by the learning rate against the sign of the gradient, or of its average.

    Shapes: `theta`, `g` and `m` are arrays of one shape.
    Errors: `validate` raises ValueError for lr < 0 or momentum outside [0, 1).
    Variant: the paper's signSGD at momentum 0, its Signum above; optax agrees. PyTorch and Keras
    do not have the method.
    Source: Bernstein et al. 2018 (arXiv 1802.04434), algorithm 1; with momentum algorithm 2.

    Example:
        >>> from optim_lessons import SignSGD, minimize, problems
        >>> path = minimize(SignSGD(lr=0.01), problems.ravine, steps=400)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 400)]
        [18.0, 13.62, 0.0]
    """

    lr: Hyper = learning_rate(1e-3)
    momentum: Hyper = decay(0.0, r"\mu", "momentum")

    title: ClassVar = "signSGD"
    family: ClassVar = "sign"
    descent: ClassVar = Descent(("SGD",), "keeps the sign only", 2018)
    elsewhere: ClassVar = {
        "optax": Elsewhere(
            "optax.signum", {"lr": ("learning_rate", "required"), "momentum": ("beta", 0.9)}
        ),
    }

    class State(NamedTuple):
        m: Array

    def init(self, theta):
        return self.State(m=np.zeros_like(theta))

    def step(self, theta, g, state):
        m = self.momentum * state.m + (1 - self.momentum) * g
        theta = theta - self.lr * np.sign(m)
        return theta, self.State(m)
