"""What a problem is to `minimize`, in the parts that the problems here share.

A problem has `value(theta)` and `grad(theta)`, which take any leading axes; `start`, where a run
begins; and `minima`, its known global minima. If the loss is another one at every step, then
`sample(t, rng)` returns that of step t, from 1, and `value` is the average; `random = False` says
that no step needs `rng`. Where Newton's method or conjugate gradients shall run, there is
`hessian(theta)`, or `hvp(theta, p)`, its product with p.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from optim_lessons.contract import Array


class Loss(NamedTuple):
    """The problem of one step, as `sample` returns it: a loss and its gradient."""

    value: Callable[[Array], Any]
    grad: Callable[[Array], Array]


def check_dimension(theta: Array, d: int, name: str = "theta") -> None:
    """Raise ValueError unless the last axis of `theta` has `d` numbers."""
    if np.shape(theta)[-1:] != (d,):
        raise ValueError(
            f"{name} has shape {np.shape(theta)}, but this problem takes shape (..., {d})"
        )
