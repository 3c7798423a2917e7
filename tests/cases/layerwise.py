"""Steps sized to the norm of a layer."""

from dataclasses import dataclass

import keras
import numpy as np
import optax

from cases.table import Peer
from optim_lessons import LAMB, LARS


def norm(x):
    return np.sqrt(np.sum(x**2, axis=-1, keepdims=True))


@dataclass(frozen=True, eq=False)
class LARSOfOptax(LARS):
    def step(self, theta, g, state):
        decayed = g + self.weight_decay * theta
        usual = (norm(theta) > 0) & (norm(decayed) > 0)
        ratio = np.where(usual, self.trust * norm(theta) / np.where(usual, norm(decayed), 1), 1)
        m = self.momentum * state.m + self.lr * ratio * decayed
        return theta - m, self.State(m)


@dataclass(frozen=True, eq=False)
class LAMBOfKeras(LAMB):
    def step(self, theta, g, state):
        theta = theta - self.lr * self.weight_decay * theta
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        r = m / (1 - self.beta1**t) / (np.sqrt(v / (1 - self.beta2**t)) + self.eps)
        usual = (norm(theta) > 0) & (norm(r) > 0)
        ratio = np.where(usual, norm(theta) / np.where(usual, norm(r), 1), 1)
        return theta - self.lr * ratio * r, self.State(t, m, v)


def lamb_of_keras(o):
    return keras.optimizers.Lamb(o.lr, o.beta1, o.beta2, o.eps, weight_decay=o.weight_decay)


# Hyperparameters unlike any default, so that a name mapped to the wrong place shows.
CASES = {
    LARS: [
        Peer(
            "optax",
            lambda o: optax.lars(
                o.lr, o.weight_decay, momentum=o.momentum, trust_coefficient=o.trust
            ),
            LARS(lr=0.3, momentum=0.8, trust=0.02, weight_decay=0.0),
        ),
        Peer(
            "optax",
            lambda o: optax.lars(
                o.lr, o.weight_decay, momentum=o.momentum, trust_coefficient=o.trust
            ),
            LARSOfOptax(lr=0.3, momentum=0.8, trust=0.02, weight_decay=0.1),
            differs="the ratio divides by the norm of the gradient with its weight decay",
        ),
    ],
    LAMB: [
        Peer(
            "optax",
            lambda o: optax.lamb(o.lr, o.beta1, o.beta2, o.eps, weight_decay=o.weight_decay),
            LAMB(lr=0.03, beta1=0.8, beta2=0.99, eps=1e-3, weight_decay=0.1),
        ),
        Peer(
            "Keras", lamb_of_keras, LAMB(lr=0.03, beta1=0.8, beta2=0.99, eps=1e-3, weight_decay=0.0)
        ),
        Peer(
            "Keras",
            lamb_of_keras,
            LAMBOfKeras(lr=0.03, beta1=0.8, beta2=0.99, eps=1e-3, weight_decay=0.1),
            differs="weight decay shrinks the weights before the step, outside the ratio",
        ),
    ],
}
