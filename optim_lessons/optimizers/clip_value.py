"""Clipping by value: cut each coordinate of the gradient to an interval."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Descent, Elsewhere, Hyper, hyper
from optim_lessons.optimizers.sgd import SGD
from optim_lessons.optimizers.wrapper import Wrapper


@dataclass(frozen=True, eq=False)
class ClipValue(Wrapper):
    """Hand on a gradient whose coordinates lie in [-max_value, max_value] to another method.

    Unlike clipping by norm it turns the gradient.

    Shapes: those of the inner method.
    Errors: `validate` raises ValueError for max_value outside (0, inf), and for what the inner
    method refuses.
    Variant: PyTorch, optax and Keras agree.
    Source: Mikolov 2012 (thesis, Brno); Pascanu, Mikolov and Bengio 2013 (arXiv 1211.5063) clip
    the norm instead, and name it as where they began.

    Example:
        >>> from optim_lessons import SGD, ClipValue, minimize, problems
        >>> path = minimize(ClipValue(SGD(lr=0.01), max_value=5.0), problems.rosenbrock, steps=200)
        >>> path.diverged, minimize(SGD(lr=0.01), problems.rosenbrock, steps=200).diverged
        (False, True)
    """

    inner: Any = SGD()
    max_value: Hyper = hyper(1.0, "c", "largest coordinate of the gradient", "(0, inf)", "log")

    title: ClassVar = "Clipping by value"
    family: ClassVar = "plain"
    untraced: ClassVar = "it wraps another method"
    descent: ClassVar = Descent(("SGD",), "cuts large coordinates", 2012)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.nn.utils.clip_grad_value_", {"max_value": ("clip_value", "required")}
        ),
        "optax": Elsewhere("optax.clip", {"max_value": ("max_delta", "required")}),
        "Keras": Elsewhere("keras.optimizers.SGD", {"max_value": ("clipvalue", "None")}),
    }

    class State(NamedTuple):
        inner: Any

    def init(self, theta):
        return self.State(self.inner.init(theta))

    def step(self, theta, g, state, *oracle):
        clipped = np.clip(g, -self.max_value, self.max_value)
        theta, inner = self.inner.step(theta, clipped, state.inner, *oracle)
        return theta, self.State(inner)
