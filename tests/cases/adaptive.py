"""Steps scaled coordinate by coordinate."""

from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import optax
import torch

from cases.table import TINY, Peer
from optim_lessons import Adagrad, RMSprop


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
}
