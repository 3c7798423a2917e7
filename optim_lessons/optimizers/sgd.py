"""Gradient descent, and stochastic gradient descent: the same step on another gradient."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from optim_lessons.contract import Descent, Elsewhere, Hyper, learning_rate


@dataclass(frozen=True, eq=False)
class SGD:
    """Step against the gradient.

    Shapes: `theta` and `g` are arrays of one shape; the state is empty.
    Errors: `validate` raises ValueError for a learning rate that is negative or NaN.
    Variant: the plain step; PyTorch, optax and Keras agree.
    Source: Cauchy 1847; with stochastic gradients Robbins and Monro 1951.

    Example:
        >>> from optim_lessons import SGD, minimize, problems
        >>> path = minimize(SGD(lr=0.05), problems.ravine, steps=100)
        >>> [float(path.value[k].round(4)) for k in (0, 10, 100)]
        [18.0, 2.8679, 0.0003]
    """

    lr: Hyper = learning_rate(0.01)

    title: ClassVar = "Gradient descent"
    family: ClassVar = "plain"
    descent: ClassVar = Descent((), "steps downhill", 1847)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere("torch.optim.SGD", {"lr": ("lr", 1e-3)}),
        "optax": Elsewhere("optax.sgd", {"lr": ("learning_rate", "required")}),
        "Keras": Elsewhere("keras.optimizers.SGD", {"lr": ("learning_rate", 0.01)}),
    }

    class State(NamedTuple):
        pass

    def init(self, theta):
        return self.State()

    def step(self, theta, g, state):
        theta = theta - self.lr * g
        return theta, self.State()
