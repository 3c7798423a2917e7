"""Steps scaled coordinate by coordinate."""

from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import optax
import torch

from cases.table import TINY, Peer
from optim_lessons import FTRL, Adadelta, Adagrad, RMSprop


@dataclass(frozen=True, eq=False)
class AdagradFromTenth(Adagrad):
    def init(self, theta):
        return self.State(v=np.full_like(theta, 0.1))

    def step(self, theta, g, state):
        v = state.v + g**2
        return theta - self.lr * g / np.sqrt(v + self.eps), self.State(v)


@dataclass(frozen=True, eq=False)
class RMSpropAllInside(RMSprop):
    """Epsilon is inside the root, and the learning rate inside the buffer."""

    def step(self, theta, g, state):
        v = self.rho * state.v + (1 - self.rho) * g**2
        g_bar = self.rho * state.g_bar + (1 - self.rho) * g if self.centered else state.g_bar
        m = self.momentum * state.m + self.lr * g / np.sqrt(v - g_bar**2 + self.eps)
        return theta - m, self.State(v, g_bar, m)


@dataclass(frozen=True, eq=False)
class FTRLOfKeras(FTRL):
    def init(self, theta):
        return self.State(z=np.zeros_like(theta), n=np.full_like(theta, 0.1))

    def step(self, theta, g, state):
        return FTRL(self.lr, self.beta, self.l1, 2 * self.l2).step(theta, g, state)


def torch_rmsprop(o):
    names = {"lr": o.lr, "alpha": o.rho, "eps": o.eps, "momentum": o.momentum}
    return partial(torch.optim.RMSprop, **names, centered=o.centered)


def optax_rmsprop(o, **how):
    names = {"decay": o.rho, "eps": o.eps, "momentum": o.momentum}
    return optax.rmsprop(o.lr, **names, centered=o.centered, **how)


def keras_rmsprop(o):
    names = {"rho": o.rho, "epsilon": o.eps, "momentum": o.momentum}
    return keras.optimizers.RMSprop(o.lr, **names, centered=o.centered)


def keras_ftrl(o, **how):
    names = {"beta": o.beta, "l1_regularization_strength": o.l1}
    return keras.optimizers.Ftrl(o.lr, **names, **how)


# Hyperparameters unlike any default, so that a name mapped to the wrong place shows.
CASES = {
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
        Peer("PyTorch", torch_rmsprop, RMSprop(lr=0.03, rho=0.8, eps=1e-3)),
        Peer("PyTorch", torch_rmsprop, RMSprop(lr=0.03, rho=0.8, eps=1e-3, momentum=0.7)),
        Peer(
            "PyTorch",
            torch_rmsprop,
            RMSprop(lr=0.03, rho=0.8, eps=1e-3, momentum=0.7, centered=True),
        ),
        Peer(
            "optax",
            lambda o: optax_rmsprop(o, eps_in_sqrt=False),
            RMSprop(lr=0.03, rho=0.8, eps=1e-3),
        ),
        Peer(
            "optax",
            lambda o: optax_rmsprop(o, eps_in_sqrt=False),
            RMSprop(lr=0.03, rho=0.8, eps=1e-3, momentum=0.7, centered=True),
            constant_rate=True,
        ),
        Peer(
            "optax",
            optax_rmsprop,
            RMSpropAllInside(lr=0.03, rho=0.8, eps=1e-3),
            differs="by default, epsilon is added to v inside the root",
        ),
        Peer(
            "optax",
            optax_rmsprop,
            RMSpropAllInside(lr=0.03, rho=0.8, eps=1e-3, momentum=0.7, centered=True),
            differs="epsilon is inside the root, and the learning rate inside the buffer",
        ),
        Peer("Keras", keras_rmsprop, RMSprop(lr=0.03, rho=0.8, eps=TINY)),
        Peer(
            "Keras",
            keras_rmsprop,
            RMSprop(lr=0.03, rho=0.8, eps=TINY, momentum=0.7, centered=True),
            constant_rate=True,
        ),
        Peer(
            "Keras",
            keras_rmsprop,
            RMSpropAllInside(lr=0.03, rho=0.8, eps=1e-3),
            differs="epsilon is added to v inside the root",
        ),
        Peer(
            "Keras",
            keras_rmsprop,
            RMSpropAllInside(lr=0.03, rho=0.8, eps=1e-3, momentum=0.7, centered=True),
            differs="epsilon is inside the root, and the learning rate inside the buffer",
        ),
    ],
    Adadelta: [
        Peer(
            "PyTorch",
            lambda o: partial(torch.optim.Adadelta, lr=o.lr, rho=o.rho, eps=o.eps),
            Adadelta(lr=0.3, rho=0.8, eps=1e-3),
        ),
        Peer(
            "optax",
            lambda o: optax.adadelta(o.lr, rho=o.rho, eps=o.eps),
            Adadelta(lr=0.3, rho=0.8, eps=1e-3),
        ),
        Peer(
            "Keras",
            lambda o: keras.optimizers.Adadelta(o.lr, rho=o.rho, epsilon=o.eps),
            Adadelta(lr=0.3, rho=0.8, eps=1e-3),
        ),
    ],
    FTRL: [
        Peer(
            "Keras",
            lambda o: keras_ftrl(
                o, initial_accumulator_value=0.0, l2_regularization_strength=o.l2 / 2
            ),
            FTRL(lr=0.3, beta=0.5, l1=0.2, l2=0.1),
        ),
        Peer(
            "Keras",
            lambda o: keras_ftrl(o, l2_regularization_strength=o.l2),
            FTRLOfKeras(lr=0.3, beta=0.5, l1=0.2, l2=0.1),
            differs="the sum of squares starts at 0.1, and l2 counts twice",
        ),
    ],
}
