"""The table of optimizers: how PyTorch, optax and Keras spell each of them, and where they differ.

One row an optimizer. A peer is made from a NumPy optimizer by a mapping of hyperparameters, and
must equal that optimizer at every step. Where a library's formula is another one, the row holds
two peers of that library: one at hyperparameters for which the formulas agree, and one whose NumPy
`twin` states the library's formula, with `differs` in words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import keras
import numpy as np
import optax
import torch

from optim_lessons import SGD, Adagrad, Adam, Momentum, Nesterov, RMSprop

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

# So small that it does not matter where epsilon stands, and still no 0/0.
TINY = 1e-300


class Peer(NamedTuple):
    """An optimizer of a library, `make(twin)`, and the NumPy optimizer that it must equal."""

    library: str
    make: Callable[[Any], Any]
    twin: Any
    differs: str = ""  # how the library's formula, stated by `twin`, differs from ours
    constant_rate: bool = False  # whether the two are equal only while the learning rate is


@dataclass(frozen=True, eq=False)
class MomentumOfKeras(Momentum):
    def step(self, theta, g, state):
        m = self.momentum * state.m - self.lr * g
        return theta + m, self.State(m)


@dataclass(frozen=True, eq=False)
class NesterovOfKeras(Nesterov):
    def step(self, theta, g, state):
        m = self.momentum * state.m - self.lr * g
        return theta + self.momentum * m - self.lr * g, self.State(m)


@dataclass(frozen=True, eq=False)
class AdagradFromTenth(Adagrad):
    def init(self, theta):
        return self.State(v=np.full_like(theta, 0.1))

    def step(self, theta, g, state):
        v = state.v + g**2
        return theta - self.lr * g / np.sqrt(v + self.eps), self.State(v)


@dataclass(frozen=True, eq=False)
class RMSpropEpsilonInside(RMSprop):
    def step(self, theta, g, state):
        v = self.rho * state.v + (1 - self.rho) * g**2
        return theta - self.lr * g / np.sqrt(v + self.eps), self.State(v)


@dataclass(frozen=True, eq=False)
class AdamOfKeras(Adam):
    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        lr = self.lr * np.sqrt(1 - self.beta2**t) / (1 - self.beta1**t)
        return theta - lr * m / (np.sqrt(v) + self.eps), self.State(t, m, v)


# Hyperparameters unlike any default, so that a name mapped to the wrong place shows.
CASES: dict[type, list[Peer]] = {
    SGD: [
        Peer("PyTorch", lambda o: partial(torch.optim.SGD, lr=o.lr), SGD(lr=0.03)),
        Peer("optax", lambda o: optax.sgd(o.lr), SGD(lr=0.03)),
        Peer("Keras", lambda o: keras.optimizers.SGD(o.lr), SGD(lr=0.03)),
    ],
    Momentum: [
        Peer(
            "PyTorch",
            lambda o: partial(torch.optim.SGD, lr=o.lr, momentum=o.momentum),
            Momentum(lr=0.03, momentum=0.8),
        ),
        Peer(
            "optax",
            lambda o: optax.sgd(o.lr, momentum=o.momentum),
            Momentum(lr=0.03, momentum=0.8),
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.SGD(o.lr, momentum=o.momentum),
            Momentum(lr=0.03, momentum=0.8),
            constant_rate=True,
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.SGD(o.lr, momentum=o.momentum),
            MomentumOfKeras(lr=0.03, momentum=0.8),
            differs="the learning rate is inside the buffer: old gradients keep their old rate",
        ),
    ],
    Nesterov: [
        Peer(
            "PyTorch",
            lambda o: partial(torch.optim.SGD, lr=o.lr, momentum=o.momentum, nesterov=True),
            Nesterov(lr=0.03, momentum=0.8),
        ),
        Peer(
            "optax",
            lambda o: optax.sgd(o.lr, momentum=o.momentum, nesterov=True),
            Nesterov(lr=0.03, momentum=0.8),
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.SGD(o.lr, momentum=o.momentum, nesterov=True),
            Nesterov(lr=0.03, momentum=0.8),
            constant_rate=True,
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.SGD(o.lr, momentum=o.momentum, nesterov=True),
            NesterovOfKeras(lr=0.03, momentum=0.8),
            differs="the learning rate is inside the buffer: old gradients keep their old rate",
        ),
    ],
    Adagrad: [
        Peer(
            "PyTorch",
            lambda o: partial(torch.optim.Adagrad, lr=o.lr, eps=o.eps),
            Adagrad(lr=0.03, eps=1e-3),
        ),
        Peer(
            "optax",
            lambda o: optax.adagrad(o.lr, initial_accumulator_value=0.0, eps=o.eps),
            Adagrad(lr=0.03, eps=TINY),
        ),
        Peer(
            "optax",
            lambda o: optax.adagrad(o.lr, eps=o.eps),
            AdagradFromTenth(lr=0.03, eps=1e-3),
            differs="the sum starts at 0.1, and epsilon is added to it inside the root",
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.Adagrad(o.lr, initial_accumulator_value=0.0, epsilon=o.eps),
            Adagrad(lr=0.03, eps=TINY),
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.Adagrad(o.lr, epsilon=o.eps),
            AdagradFromTenth(lr=0.03, eps=1e-3),
            differs="the sum starts at 0.1, and epsilon is added to it inside the root",
        ),
    ],
    RMSprop: [
        Peer(
            "PyTorch",
            lambda o: partial(torch.optim.RMSprop, lr=o.lr, alpha=o.rho, eps=o.eps),
            RMSprop(lr=0.03, rho=0.8, eps=1e-3),
        ),
        Peer(
            "optax",
            lambda o: optax.rmsprop(o.lr, decay=o.rho, eps=o.eps, eps_in_sqrt=False),
            RMSprop(lr=0.03, rho=0.8, eps=1e-3),
        ),
        Peer(
            "optax",
            lambda o: optax.rmsprop(o.lr, decay=o.rho, eps=o.eps),
            RMSpropEpsilonInside(lr=0.03, rho=0.8, eps=1e-3),
            differs="by default, epsilon is added to v inside the root",
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.RMSprop(o.lr, rho=o.rho, epsilon=o.eps),
            RMSprop(lr=0.03, rho=0.8, eps=TINY),
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.RMSprop(o.lr, rho=o.rho, epsilon=o.eps),
            RMSpropEpsilonInside(lr=0.03, rho=0.8, eps=1e-3),
            differs="epsilon is added to v inside the root",
        ),
    ],
    Adam: [
        Peer(
            "PyTorch",
            lambda o: partial(torch.optim.Adam, lr=o.lr, betas=(o.beta1, o.beta2), eps=o.eps),
            Adam(lr=0.03, beta1=0.8, beta2=0.99, eps=1e-3),
        ),
        Peer(
            "optax",
            lambda o: optax.adam(o.lr, b1=o.beta1, b2=o.beta2, eps=o.eps),
            Adam(lr=0.03, beta1=0.8, beta2=0.99, eps=1e-3),
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.Adam(o.lr, o.beta1, o.beta2, o.eps),
            Adam(lr=0.03, beta1=0.8, beta2=0.99, eps=TINY),
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.Adam(o.lr, o.beta1, o.beta2, o.eps),
            AdamOfKeras(lr=0.03, beta1=0.8, beta2=0.99, eps=1e-3),
            differs="epsilon is the paper's epsilon hat: added to the root before v is corrected",
        ),
    ],
}
