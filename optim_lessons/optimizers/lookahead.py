"""Lookahead: k steps forward, one step back."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, count, hyper
from optim_lessons.optimizers.sgd import SGD
from optim_lessons.optimizers.wrapper import Wrapper


@dataclass(frozen=True, eq=False)
class Lookahead(Wrapper):
    """Let another method take k steps, then go only a part of the way, and go on from there.

    Shapes: those of the inner method; `slow` has theta's. `theta` is the fast point, where the
    gradient is taken; the slow one is reported. `t` is the number of steps taken.
    Errors: `validate` raises ValueError for alpha outside (0, 1], for a k that is no whole number
    above 0, and for what the inner method refuses.
    Variant: the paper's; the inner method's memory goes on after a step back. optax agrees.
    Source: Zhang et al. 2019 (arXiv 1907.08610), algorithm 1.

    Example:
        >>> from optim_lessons import SGD, Lookahead, minimize, problems
        >>> path = minimize(Lookahead(SGD(lr=0.099), k=5), problems.ravine, steps=100)
        >>> [float(path.value[k].round(4)) for k in (0, 10, 100)]
        [18.0, 3.2262, 0.0009]
    """

    inner: Any = SGD()
    k: int = count(5, "k", "steps forward")
    alpha: float = hyper(0.5, r"\alpha_{\mathrm{slow}}", "part of the way kept", "(0, 1]", "log")

    title: ClassVar = "Lookahead"
    family: ClassVar = "averaging"
    untraced: ClassVar = "it wraps another method, and counts its steps"
    descent: ClassVar = Descent(("SGD",), "steps back", 2019)
    elsewhere: ClassVar = {
        "optax": Elsewhere(
            "optax.lookahead",
            {"k": ("sync_period", "required"), "alpha": ("slow_step_size", "required")},
        ),
    }

    class State(NamedTuple):
        t: int
        slow: Array
        inner: Any

    def init(self, theta):
        return self.State(t=0, slow=np.array(theta), inner=self.inner.init(theta))

    def step(self, theta, g, state, *oracle):
        t = state.t + 1
        fast, inner = self.inner.step(theta, g, state.inner, *oracle)
        if t % self.k != 0:
            return fast, self.State(t, state.slow, inner)
        slow = state.slow + self.alpha * (fast - state.slow)
        return slow, self.State(t, slow, inner)

    def output(self, theta, state):
        """The slow point."""
        return state.slow
