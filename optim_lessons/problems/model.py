"""What the models share: examples in rows, mini-batches, and one text for value and gradient."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optim_lessons.contract import Array
from optim_lessons.problems.checks import finite, whole
from optim_lessons.problems.layout import Layout


class Model:
    """A problem whose value is a mean over examples: the rows of `x`, with their targets `y`.

    A model states its `layout`, a `start`, and `value` and `value_and_grad`, which share a forward
    pass. The gradient is a new flat vector of theta's type, filled through the layout's views.

    `rows(index)` is the same model on some of its examples: a mini-batch, or the half that is kept
    for testing. With `batch`, `sample(t, rng)` draws that many rows at random **with replacement**:
    the steps are independent, and the gradient has the right mean whatever came before. PyTorch's
    DataLoader with shuffle=True meets each row once an epoch instead; for that, cut
    `rng.permutation(n)` into pieces and step on `rows(piece)`. Without `batch`, `sample` is None.
    """

    layout: Layout
    start: Array

    def __init__(self, x: Array, y: NDArray[Any], batch: int | None) -> None:
        if len(x) != len(y):
            raise ValueError(f"x has {len(x)} rows, but y has {len(y)}")
        self.x, self.y = x, y
        self.batch = None if batch is None else whole("batch", batch, 1, len(x))

    def value(self, theta: Array) -> float:
        raise NotImplementedError

    def value_and_grad(self, theta: Array) -> tuple[float, Array]:
        raise NotImplementedError

    def grad(self, theta: Array) -> Array:
        return self.value_and_grad(theta)[1]

    def rows(self, index: NDArray[Any] | slice) -> Self:
        part = copy.copy(self)
        part.x, part.y = self.x[index], self.y[index]
        return part

    def inputs(self, x: ArrayLike) -> Array:
        """`x` as rows that the model can read."""
        array = finite("x", x, axes=(self.x.ndim,))
        if array.shape[1:] != self.x.shape[1:]:
            raise ValueError(f"x has rows of shape {array.shape[1:]}, not {self.x.shape[1:]}")
        return array

    @property
    def sample(self) -> Callable[[int, np.random.Generator], Self] | None:
        return None if self.batch is None else self._sample

    def _sample(self, t: int, rng: np.random.Generator) -> Self:
        return self.rows(rng.integers(len(self.x), size=self.batch))
