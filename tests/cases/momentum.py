"""Gradient descent and momentum."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import keras
import numpy as np
import optax
import torch

from cases.table import Peer
from optim_lessons import SGD, Momentum, Nesterov


@dataclass(frozen=True, eq=False)
class MomentumDampened(Momentum):
    class State(NamedTuple):
        t: int
        m: object

    def init(self, theta):
        return self.State(t=0, m=np.zeros_like(theta))

    def step(self, theta, g, state):
        m = self.momentum * state.m + (1 - self.momentum) * g if state.t else g
        return theta - self.lr * m, self.State(state.t + 1, m)


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
            "PyTorch",
            lambda o: partial(torch.optim.SGD, lr=o.lr, momentum=o.momentum, dampening=o.momentum),
            MomentumDampened(lr=0.03, momentum=0.8, average=True),
            differs="the average starts from the first gradient itself, not from a share of it",
        ),
        Peer(
            "optax",
            lambda o: optax.sgd(o.lr, momentum=o.momentum),
            Momentum(lr=0.03, momentum=0.8),
        ),
        Peer(
            "optax",
            lambda o: optax.chain(
                optax.ema(o.momentum, debias=False), optax.scale_by_learning_rate(o.lr)
            ),
            Momentum(lr=0.03, momentum=0.8, average=True),
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
