"""Newton's method: go to where the gradient of the local quadratic is zero."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, hyper, learning_rate


@dataclass(frozen=True, eq=False)
class Newton:
    """Step by the solution p of H p = -g, with H the Hessian.

    On a quadratic one step of lr = 1 ends the run; near a minimum each step doubles the number of
    right digits. It looks for a zero of the gradient, not for a minimum: near a saddle or a maximum
    it goes there. A `damping` that makes all eigenvalues of H + damping positive makes it descend.

    Shapes: `theta` and `g` have shape (..., d), the problem's Hessian (..., d, d); axes before the
    last are independent runs. The state is empty.
    Errors: `validate` raises ValueError for lr or damping < 0. Where the Hessian is singular there
    is no step: theta becomes NaN, which `minimize` reports as diverged.
    Variant: `damping` is added to the diagonal of H, as Levenberg and Marquardt do; `lr` shortens
    the step. The deep-learning libraries have no such method; scipy.optimize has its relatives.
    Source: Nocedal and Wright 2006, equation (2.15), theorem 3.5; for optimisation Simpson 1740.

    Example:
        >>> from types import SimpleNamespace
        >>> from optim_lessons import Newton, minimize
        >>> h = np.array([[2.0, 1.0], [1.0, 3.0]])
        >>> problem = SimpleNamespace(
        ...     value=lambda x: 0.5 * x @ h @ x, grad=lambda x: h @ x, hessian=lambda x: h
        ... )
        >>> minimize(Newton(), problem, theta0=[5.0, -2.0], steps=1).theta.round(12) + 0
        array([[ 5., -2.],
               [ 0.,  0.]])
    """

    lr: float = learning_rate(1.0)
    damping: float = hyper(0.0, r"\lambda", "damping", "[0, inf)", "log")

    title: ClassVar = "Newton's method"
    family: ClassVar = "curvature"
    couples: ClassVar = 1
    needs: ClassVar = ("hessian",)
    untraced: ClassVar = "it solves a linear system"
    descent: ClassVar = Descent((), "solves for the step", 1740)
    elsewhere: ClassVar[dict[str, Elsewhere]] = {}

    class State(NamedTuple):
        pass

    def init(self, theta):
        return self.State()

    def step(self, theta, g, state, oracle):
        damped = oracle.hessian(theta) + self.damping * np.eye(g.shape[-1], dtype=g.dtype)
        return theta + self.lr * solve(damped, -g), self.State()


def solve(matrix: Array, right: Array) -> Array:
    """The solutions of linear systems with leading axes; NaN if a matrix is singular."""
    try:
        return np.linalg.solve(matrix, right[..., None])[..., 0]
    except np.linalg.LinAlgError:
        return np.full_like(right, np.nan)
