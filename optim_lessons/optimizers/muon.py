"""Muon: momentum whose matrix is made almost orthogonal, so that every direction moves alike."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import (
    Array,
    Descent,
    Elsewhere,
    Hyper,
    count,
    decay,
    hyper,
    learning_rate,
)

# Jordan's coefficients: steepest at 0, at the price of an end near 1 instead of at it.
A, B, C = 3.4445, -4.7750, 2.0315


@dataclass(frozen=True, eq=False)
class Muon:
    """Step along the momentum with its singular values pushed towards 1.

    For the matrices of hidden layers; `PerLayer` gives vectors to another method.

    Shapes: `theta`, `g` and `m` are arrays of one shape, whose last two axes are a matrix; axes
    before them are independent matrices.
    Errors: `validate` raises ValueError for lr or weight_decay < 0, momentum outside [0, 1), or an
    ns_steps that is no whole number above 0.
    Variant: PyTorch's, with decoupled weight decay and, for a matrix taller than wide, a step that
    is longer by the root of their ratio. Here, in optax and in Keras the matrix is orthogonalised
    in the type of theta, in PyTorch in bfloat16, to two or three digits. optax corrects the bias of
    the momentum, Keras scales the step by 0.2 times the root of the longer side.
    Source: Jordan et al. 2024 (kellerjordan.github.io/posts/muon), its algorithm and coefficients.

    Example:
        >>> from optim_lessons import Muon, minimize
        >>> goal = np.array([[3.0, 0.0], [0.0, 0.1]])
        >>> bowl = (lambda x: np.sum((x - goal) ** 2), lambda x: 2 * (x - goal))
        >>> path = minimize(Muon(lr=0.05, weight_decay=0.0), bowl, np.zeros((2, 2)), steps=100)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 100)]
        [9.01, 5.3062, 0.2325]
    """

    lr: Hyper = learning_rate(1e-3)
    momentum: Hyper = decay(0.95, r"\mu", "momentum")
    weight_decay: Hyper = hyper(0.1, r"\lambda", "weight decay", "[0, inf)", "log")
    ns_steps: int = count(5, "k", "steps of Newton and Schulz")
    nesterov: bool = True

    title: ClassVar = "Muon"
    family: ClassVar = "sign"
    couples: ClassVar = 2
    untraced: ClassVar = "its products of matrices couple the coordinates"
    descent: ClassVar = Descent(("Nesterov",), "orthogonalises", 2024)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.Muon",
            {
                "lr": ("lr", 1e-3),
                "momentum": ("momentum", 0.95),
                "weight_decay": ("weight_decay", 0.1),
                "ns_steps": ("ns_steps", 5),
            },
        ),
        "optax": Elsewhere(
            "optax.contrib.muon",
            {
                "lr": ("learning_rate", "required"),
                "momentum": ("beta", 0.95),
                "weight_decay": ("weight_decay", 0.0),
                "ns_steps": ("ns_steps", 5),
            },
            "Momentum and gradient are corrected for their bias before Nesterov's sum, and it is "
            "the wide matrix whose step is longer: JAX's layers store theirs transposed.",
        ),
        "Keras": Elsewhere(
            "keras.optimizers.Muon",
            {
                "lr": ("learning_rate", 1e-3),
                "momentum": ("momentum", 0.95),
                "weight_decay": ("weight_decay", 0.004),
                "ns_steps": ("ns_steps", 5),
            },
            r"The step is scaled by $0.2 \sqrt{\max(n, m)}$ for a matrix of $n$ times $m$.",
        ),
    }

    class State(NamedTuple):
        m: Array

    def init(self, theta):
        return self.State(m=np.zeros_like(theta))

    def step(self, theta, g, state):
        m = self.momentum * state.m + g
        ahead = g + self.momentum * m if self.nesterov else m
        rows, columns = theta.shape[-2:]
        longer = max(1.0, rows / columns) ** 0.5
        o = orthogonalise(ahead, self.ns_steps)
        theta = (1 - self.lr * self.weight_decay) * theta - self.lr * longer * o
        return theta, self.State(m)


def orthogonalise(x: Array, steps: int = 5) -> Array:
    """Bring the singular values of `x`, of shape (..., n, m), near 1 by Newton and Schulz's steps.

    Each step sends a singular value s to A s + B s**3 + C s**5; after five, those from 0.01 to 1
    lie between 0.68 and 1.14. Smaller ones stay smaller, and 0 stays 0.
    """
    if x.shape[-2] > x.shape[-1]:  # the smaller of the two products
        return np.swapaxes(orthogonalise(np.swapaxes(x, -1, -2), steps), -1, -2)
    norm = np.sqrt(np.sum(x**2, axis=(-2, -1), keepdims=True))
    x = x / np.maximum(norm, 1e-7)  # no singular value exceeds this norm
    for _ in range(int(steps)):
        square = x @ np.swapaxes(x, -1, -2)
        x = A * x + (B * square + C * square @ square) @ x
    return x
