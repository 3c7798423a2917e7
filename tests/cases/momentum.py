"""Gradient descent and momentum."""

from dataclasses import dataclass
from functools import partial

import keras
import optax
import torch

from cases.table import Peer
from optim_lessons import SGD, Momentum, Nesterov


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


# Hyperparameters unlike any default, so that a name mapped to the wrong place shows.
CASES = {
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
}
