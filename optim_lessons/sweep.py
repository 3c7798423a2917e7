"""Many runs at once: hyperparameters as arrays, one broadcast step for all."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from optim_lessons.contract import Array, Optimizer, hyper_of, validate
from optim_lessons.minimize import check_steps, functions_of, starting_point


@dataclass(frozen=True, eq=False)
class Sweep:
    """Where each run of a grid ended.

    `theta` has shape (*grid, *shape of theta); `value` and `diverged` have the shape of the grid.
    A run that met a value that is not finite stays at that point and is marked.
    """

    theta: Array
    value: Array
    diverged: np.ndarray


def sweep(
    optimizer: Optimizer, problem: Any, theta0: ArrayLike | None = None, steps: int = 200
) -> Sweep:
    """Run `optimizer` for every combination of its hyperparameters.

    Hyperparameters that are arrays broadcast against each other: an open grid is
    `Adam(lr=rates[:, None], beta1=betas)`. The problem's `value` and `grad` must accept leading
    axes, as all of `optim_lessons.problems` do; a pair of functions `(value, grad)` serves as well.
    Raises ValueError like `minimize`.

    Example:
        >>> from optim_lessons import SGD, problems, sweep
        >>> ends = sweep(SGD(lr=np.array([0.01, 0.09, 0.11])), problems.ravine, steps=200)
        >>> ends.value < 1e-6
        array([False,  True, False])
    """
    validate(optimizer)
    check_steps(steps)
    value, grad = functions_of(problem)
    theta = starting_point(problem, theta0)
    hyper = {name: np.asarray(getattr(optimizer, name)) for name in hyper_of(optimizer)}
    grid = np.broadcast_shapes(*(x.shape for x in hyper.values()))
    coordinates = tuple(range(-theta.ndim, 0))
    expanded: Any = dataclasses.replace(  # each array gets the coordinates as its last axes
        optimizer,  # type: ignore[type-var]
        **{name: np.expand_dims(x, coordinates) for name, x in hyper.items() if x.ndim},
    )
    theta = np.broadcast_to(theta, grid + theta.shape)
    state = expanded.init(theta)
    with np.errstate(all="ignore"):
        for t in range(steps + 1):
            f, g = value(theta), grad(theta)
            if np.shape(f) != grid:
                raise ValueError(f"value(theta) has shape {np.shape(f)}, but the grid has {grid}")
            if np.shape(g) != theta.shape:
                raise ValueError(
                    f"grad(theta) has shape {np.shape(g)}, but theta has {theta.shape}"
                )
            alive = np.isfinite(f) & np.all(np.isfinite(g), axis=coordinates)
            if t < steps:
                new, state = expanded.step(theta, g, state)
                theta = np.where(np.expand_dims(alive, coordinates), new, theta)
    return Sweep(theta, f, ~alive)
