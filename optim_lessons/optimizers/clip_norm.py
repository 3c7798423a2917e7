"""Clipping by norm: shorten a gradient that is too long."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Descent, Elsewhere, Hyper, hyper
from optim_lessons.optimizers.sgd import SGD
from optim_lessons.optimizers.wrapper import Wrapper


@dataclass(frozen=True, eq=False)
class ClipNorm(Wrapper):
    """Hand on a gradient of at most a given norm, in its own direction, to another method.

    Shapes: those of the inner method. The norm is that of the last axis, or of the last two for a
    method that sees a matrix; axes before them are independent.
    Errors: `validate` raises ValueError for max_norm outside (0, inf), and for what the inner
    method refuses.
    Variant: g * max_norm / max(norm, max_norm); optax and Keras (global_clipnorm) agree. PyTorch
    adds 1e-6 to the norm, so that a clipped gradient is that little shorter than max_norm.
    Source: Pascanu, Mikolov and Bengio 2013 (arXiv 1211.5063), algorithm 1.

    Example:
        >>> from optim_lessons import SGD, ClipNorm, minimize, problems
        >>> path = minimize(ClipNorm(SGD(lr=0.01), max_norm=5.0), problems.rosenbrock, steps=200)
        >>> path.diverged, minimize(SGD(lr=0.01), problems.rosenbrock, steps=200).diverged
        (False, True)
    """

    inner: Any = SGD()
    max_norm: Hyper = hyper(1.0, "c", "largest norm of the gradient", "(0, inf)", "log")

    title: ClassVar = "Clipping by norm"
    family: ClassVar = "plain"
    untraced: ClassVar = "it wraps another method, and the norm couples the coordinates"
    descent: ClassVar = Descent(("SGD",), "shortens the gradient", 2013)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.nn.utils.clip_grad_norm_",
            {"max_norm": ("max_norm", "required")},
            "The norm that divides is larger by $10^{-6}$.",
        ),
        "optax": Elsewhere("optax.clip_by_global_norm", {"max_norm": ("max_norm", "required")}),
        "Keras": Elsewhere("keras.optimizers.SGD", {"max_norm": ("global_clipnorm", "None")}),
    }

    class State(NamedTuple):
        inner: Any

    @property
    def couples(self):
        """The axes of the norm: at least one."""
        return max(1, super().couples)

    def init(self, theta):
        return self.State(self.inner.init(theta))

    def step(self, theta, g, state, *oracle):
        axes = tuple(range(-self.couples, 0))
        norm = np.sqrt(np.sum(g**2, axis=axes, keepdims=True))
        clipped = g * (self.max_norm / np.maximum(norm, self.max_norm))
        theta, inner = self.inner.step(theta, clipped, state.inner, *oracle)
        return theta, self.State(inner)
