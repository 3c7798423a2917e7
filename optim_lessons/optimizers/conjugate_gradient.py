"""Conjugate gradients: each direction leaves alone what the ones before it have settled."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere
from optim_lessons.optimizers.line_search import strong_wolfe


@dataclass(frozen=True, eq=False)
class ConjugateGradient:
    """Step along the gradient plus a part of the last direction, to the lowest point on that line.

    There is no learning rate: how far is found by a line search, or with `exact=True` from one
    product of the Hessian and the direction, which on a quadratic is the exact length. That is the
    linear method: it ends after as many steps as the Hessian has different eigenvalues. Where the
    curvature along the line is negative, the exact step goes to the top, as Newton's does.

    Shapes: `theta`, `g` and the direction `p` are vectors. `drop` is the last step's length times
    its slope, from which the next first trial is made.
    Errors: `init` raises ValueError for a theta that is no vector; `validate` for a flag that is no
    bool.
    Variant: Polak and Ribiere's factor, not below 0, or with `fletcher_reeves=True` theirs: the
    same on a quadratic. A direction that does not descend is replaced by the gradient's.
    Source: Hestenes and Stiefel 1952; Nocedal and Wright 2006, algorithms 5.2 (exact) and 5.4,
    equations (5.41a), (5.44) and (5.45), theorem 5.4; strong Wolfe conditions with c2 = 0.1.

    Example:
        >>> from optim_lessons import ConjugateGradient, minimize, problems
        >>> path = minimize(ConjugateGradient(), problems.rosenbrock, steps=40)
        >>> [float(path.value[k].round(4)) for k in (0, 10, 40)]
        [24.2, 0.4407, 0.0]
    """

    fletcher_reeves: bool = False
    exact: bool = False

    title: ClassVar = "Conjugate gradients"
    family: ClassVar = "curvature"
    couples: ClassVar = 1
    untraced: ClassVar = "it searches along a line, and its products couple all coordinates"
    descent: ClassVar = Descent(("SGD",), "keeps settled directions", 1952)
    elsewhere: ClassVar[dict[str, Elsewhere]] = {}

    class State(NamedTuple):
        g: Array
        p: Array
        drop: float

    @property
    def needs(self):
        """A product with the Hessian, or what a line search asks."""
        return ("hvp",) if self.exact else ("value", "grad")

    def init(self, theta):
        if theta.ndim != 1:
            raise ValueError(f"ConjugateGradient steps a vector, but theta has shape {theta.shape}")
        return self.State(g=np.zeros_like(theta), p=np.zeros_like(theta), drop=0.0)

    def step(self, theta, g, state, oracle):
        old = state.g @ state.g
        change = g if self.fletcher_reeves else g - state.g
        beta = max(0.0, float(g @ change / old)) if old > 0 else 0.0
        p = -g + beta * state.p
        if g @ p >= 0:
            p = -g
        slope = float(g @ p)
        if slope == 0:
            length = 0.0
        elif self.exact:
            length = -slope / float(p @ oracle.hvp(theta, p))
        else:
            length = self._search(theta, g, p, slope, state.drop, oracle)
        return theta + length * p, self.State(g, p, length * slope)

    def _search(self, theta, g, p, slope, drop, oracle):
        def along(length):
            point = theta + length * p
            return oracle.value(point), oracle.grad(point) @ p

        # The same first-order change as last time; at first, a step no longer than 1.
        first = drop / slope if drop < 0 else 1 / max(1.0, float(np.sum(np.abs(g))))
        value, size = float(oracle.value(theta)), float(np.max(np.abs(p)))
        return strong_wolfe(along, value, slope, first, c2=0.1, size=size)
