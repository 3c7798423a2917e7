"""L-BFGS: curvature, learnt from the last few steps."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, count, learning_rate
from optim_lessons.optimizers.line_search import strong_wolfe


@dataclass(frozen=True, eq=False)
class LBFGS:
    """Step along -H g, with H the inverse Hessian as the last steps and gradients tell it.

    How far is found by a line search, whose first trial is lr, so that lr = 1 is the natural choice
    and a small one costs evaluations, not progress. For full gradients: noise spoils the pairs.

    Shapes: `theta` is a vector of length d; `s` and `y`, of shape (memory, d), hold the last steps
    and the changes of the gradient that they brought, newest last, of which `pairs` are filled.
    Errors: `validate` raises ValueError for lr < 0, or a memory that is no whole number above 0;
    `init` for a theta that is no vector.
    Variant: PyTorch's with line_search_fn="strong_wolfe", one iteration a step: the first trial of
    all is lr / |g|_1 if that norm is above 1, and a pair counts if s.y > 1e-10.
    Source: Nocedal 1980; Nocedal and Wright 2006, algorithms 7.4 and 7.5.

    Example:
        >>> from optim_lessons import LBFGS, minimize, problems
        >>> path = minimize(LBFGS(), problems.rosenbrock, steps=40)
        >>> [float(path.value[k].round(4)) for k in (0, 10, 40)]
        [24.2, 2.8598, 0.0]
    """

    lr: float = learning_rate(1.0)
    memory: int = count(100, "m", "steps remembered")

    title: ClassVar = "L-BFGS"
    family: ClassVar = "curvature"
    couples: ClassVar = 1
    needs: ClassVar = ("value", "grad")
    untraced: ClassVar = "it searches along a line, and its products couple all coordinates"
    descent: ClassVar = Descent(("Newton",), "learns the curvature", 1980)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.LBFGS(line_search_fn=strong_wolfe)",
            {"lr": ("lr", 1), "memory": ("history_size", 100)},
        ),
    }

    class State(NamedTuple):
        t: int
        pairs: int
        s: Array
        y: Array
        moved: Array
        g: Array

    def init(self, theta):
        if theta.ndim != 1:
            raise ValueError(f"LBFGS steps a vector, but theta has shape {theta.shape}")
        empty = np.zeros((int(self.memory), theta.size), theta.dtype)
        zero = np.zeros_like(theta)
        return self.State(t=0, pairs=0, s=empty, y=empty, moved=zero, g=zero)

    def step(self, theta, g, state, oracle):
        s, y, pairs = state.s, state.y, state.pairs
        change = g - state.g
        if state.moved @ change > 1e-10:  # without a positive curvature H would not descend
            s = np.concatenate([s[1:], [state.moved]])
            y = np.concatenate([y[1:], [change]])
            pairs = min(pairs + 1, len(s))
        d = -inverse_hessian_times(g, s[len(s) - pairs :], y[len(y) - pairs :])

        def along(length):
            point = theta + length * d
            return oracle.value(point), oracle.grad(point) @ d

        first = self.lr / max(1.0, float(np.sum(np.abs(g)))) if state.t == 0 else self.lr
        size = float(np.max(np.abs(d)))
        length = strong_wolfe(along, float(oracle.value(theta)), float(g @ d), first, size=size)
        moved = length * d
        return theta + moved, self.State(state.t + 1, pairs, s, y, moved, g)


def inverse_hessian_times(g: Array, s: Array, y: Array) -> Array:
    """H g, by two passes over the pairs: from the newest to the oldest, and back."""
    if len(s) == 0:
        return g
    rho = 1 / np.sum(s * y, axis=1)
    alpha = np.zeros_like(rho)
    q = g
    for i in reversed(range(len(s))):
        alpha[i] = rho[i] * (s[i] @ q)
        q = q - alpha[i] * y[i]
    r = q * (s[-1] @ y[-1]) / (y[-1] @ y[-1])  # as if curved everywhere as along the newest step
    for i in range(len(s)):
        beta = rho[i] * (y[i] @ r)
        r = r + (alpha[i] - beta) * s[i]
    return r
