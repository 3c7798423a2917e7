"""Eleven activations: each a function h = f(z), and how a gradient passes back through it.

`a` is the slope of the leaky rectifiers for z < 0. The other activations ignore it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from optim_lessons.contract import Array


class Activation(NamedTuple):
    """`f(z, a)` is h; `back(dh, z, h, a)` is dL/dz, from dL/dh and what the forward pass kept.

    Shapes: z, h, dh are (n, units). All but softmax act on each number by itself, so `back` is dh
    times the derivative; softmax couples the units of a row, so `back` is dh times its Jacobian.
    """

    f: Callable[[Array, Any], Array]
    back: Callable[[Array, Array, Array, Any], Array]


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), written so that no exponential overflows."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def softplus(z: Array) -> Array:
    """log(1 + exp(z)), written so that no exponential overflows; ten times np.logaddexp's speed."""
    return np.maximum(z, 0) + np.log1p(np.exp(-abs(z)))


def softmax(z: Array) -> Array:
    """exp(z) over its sum along the last axis, shifted so that no exponential overflows."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# At a kink, the derivative is PyTorch's: from the left, except that relu6 has 0 at both of its own.
ACTIVATIONS = {
    "linear": Activation(
        lambda z, a: z,
        lambda dh, z, h, a: dh,
    ),
    "tanh": Activation(
        lambda z, a: np.tanh(z),
        lambda dh, z, h, a: dh * (1 - h * h),
    ),
    "sigmoid": Activation(
        lambda z, a: sigmoid(z),
        lambda dh, z, h, a: dh * h * (1 - h),
    ),
    "softmax": Activation(
        lambda z, a: softmax(z),
        lambda dh, z, h, a: h * (dh - (dh * h).sum(axis=-1, keepdims=True)),
    ),
    "softplus": Activation(
        lambda z, a: softplus(z),
        lambda dh, z, h, a: dh * sigmoid(z),
    ),
    "softsign": Activation(
        lambda z, a: z / (1 + abs(z)),
        lambda dh, z, h, a: dh / (1 + abs(z)) ** 2,
    ),
    "relu": Activation(
        lambda z, a: np.maximum(z, 0),
        lambda dh, z, h, a: dh * (z > 0),
    ),
    "relu6": Activation(
        lambda z, a: np.clip(z, 0, 6),
        lambda dh, z, h, a: dh * ((z > 0) & (z < 6)),
    ),
    "leaky relu": Activation(
        lambda z, a: np.where(z > 0, z, a * z),
        lambda dh, z, h, a: np.where(z > 0, dh, a * dh),
    ),
    "prelu": Activation(
        lambda z, a: np.where(z > 0, z, a * z),
        lambda dh, z, h, a: np.where(z > 0, dh, a * dh),
    ),
    "elu": Activation(
        lambda z, a: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda dh, z, h, a: np.where(z > 0, dh, dh * (h + 1)),
    ),
}
RECTIFIERS = {"relu", "relu6", "leaky relu", "prelu", "elu"}
