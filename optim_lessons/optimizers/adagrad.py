"""Adagrad: a learning rate for each coordinate, from all the gradients it has seen."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, epsilon, learning_rate


@dataclass(frozen=True, eq=False)
class Adagrad:
    """Step along the gradient divided by the root of the sum of all its squares.

    Shapes: `theta`, `g` and `v` are arrays of one shape.
    Errors: `validate` raises ValueError for lr or eps < 0.
    Variant: PyTorch's, the sum starts at 0 and epsilon is added to the root. optax and Keras
    start the sum at 0.1 and put epsilon inside the root.
    Source: Duchi, Hazan and Singer 2011, the diagonal form without constraints.

    Example:
        >>> from optim_lessons import Adagrad, minimize, problems
        >>> path = minimize(Adagrad(lr=0.5), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 1.4431, 0.0183]
    """

    lr: Hyper = learning_rate(0.01)
    eps: Hyper = epsilon(1e-10)

    title: ClassVar = "Adagrad"
    family: ClassVar = "adaptive"
    descent: ClassVar = Descent(("SGD",), "sums squares", 2011)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere("torch.optim.Adagrad", {"lr": ("lr", 0.01), "eps": ("eps", 1e-10)}),
        "optax": Elsewhere(
            "optax.adagrad",
            {"lr": ("learning_rate", "required"), "eps": ("eps", 1e-7)},
            r"The sum starts at 0.1, and epsilon is inside the root: $\sqrt{v_t + \epsilon}$.",
        ),
        "Keras": Elsewhere(
            "keras.optimizers.Adagrad",
            {"lr": ("learning_rate", 1e-3), "eps": ("epsilon", 1e-7)},
            r"The sum starts at 0.1, and epsilon is inside the root: $\sqrt{v_t + \epsilon}$.",
        ),
    }

    class State(NamedTuple):
        v: Array

    def init(self, theta):
        return self.State(v=np.zeros_like(theta))

    def step(self, theta, g, state):
        v = state.v + g**2
        theta = theta - self.lr * g / (np.sqrt(v) + self.eps)
        return theta, self.State(v)
