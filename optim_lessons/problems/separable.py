"""Least squares on labels that one feature tells exactly, and others tell by heart."""

from __future__ import annotations

from typing import Any

import numpy as np

from optim_lessons.contract import Array
from optim_lessons.problems.checks import generator, number, whole
from optim_lessons.problems.problem import check_dimension


class UniqueFeatures:
    """Gradient descent learns the rule here, and adaptive methods what tells nothing.

    Of `n` examples with labels y = ±1, each is +1 with probability `positive`, drawn from `rng`.
    The features are y itself, twice the constant 1, and then features that only this one example
    has: one if y = +1, five if y = -1. The loss is ½ |x theta - y|², from theta = 0. Many theta fit
    the labels exactly, so `minima` lists none; they differ in what they say of new examples.
    Adagrad, RMSprop and Adam end where all weights have one size, and call every new example +1.

    `x` has shape (n, d) and `y` shape (n,), with d = 3 + n + 4 * (labels that are -1).
    Raises ValueError for n below 1, positive outside (0.5, 1), where the claim holds, and a theta
    whose last axis is not d.
    Source: Wilson et al. 2017 (arXiv 1705.08292).

    Example:
        >>> from optim_lessons import SGD, Adam, minimize
        >>> problem = UniqueFeatures(rng=np.random.default_rng(0))
        >>> for optimizer in (SGD(lr=2e-3), Adam(lr=2e-3)):
        ...     end = minimize(optimizer, problem, steps=500).theta[-1]
        ...     print(problem.train_error(end), problem.test_error(end))
        0.0 0.0
        0.0 0.4
    """

    minima = ()

    def __init__(self, n: int = 200, positive: float = 0.6, *, rng: np.random.Generator):
        n = whole("n", n, low=1)
        self.positive = number("positive", positive, "(0.5, 1)")
        self.y = np.where(generator(rng).random(n) < self.positive, 1.0, -1.0)
        own = np.where(self.y > 0, 1, 5)  # how many features belong to each example alone
        shared = np.stack([self.y, np.ones(n), np.ones(n)], axis=1)
        self.x = np.concatenate([shared, np.repeat(np.eye(n), own, axis=1)], axis=1)
        self.start = np.zeros(self.x.shape[1])

    def value(self, theta: Array) -> Any:
        """The loss at `theta` of shape (..., d), with shape (...)."""
        return 0.5 * np.sum((self._scores(theta) - self.y) ** 2, axis=-1)

    def grad(self, theta: Array) -> Array:
        """The gradient at `theta` of shape (..., d), with that shape."""
        return (self._scores(theta) - self.y) @ self.x

    def train_error(self, theta: Array) -> Any:
        """The share of the examples whose label has not the sign of x theta, with shape (...)."""
        return np.mean(self._scores(theta) * self.y <= 0, axis=-1)

    def test_error(self, theta: Array) -> Any:
        """The probability of a wrong sign on a new example, exactly, with shape (...).

        Its own features were never seen, so their weights are still 0.
        """
        check_dimension(theta, self.start.size)
        of_label, constant = theta[..., 0], theta[..., 1] + theta[..., 2]
        wrong_on_positive, wrong_on_negative = constant + of_label <= 0, constant - of_label >= 0
        return self.positive * wrong_on_positive + (1 - self.positive) * wrong_on_negative

    def _scores(self, theta: Array) -> Array:
        check_dimension(theta, self.start.size)
        return theta @ self.x.T
