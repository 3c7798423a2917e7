"""Adam; its kin are in adam_kin.py."""

from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import optax
import torch

from cases.table import TINY, Peer
from optim_lessons import Adam


@dataclass(frozen=True, eq=False)
class AdamOfKeras(Adam):
    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        lr = self.lr * np.sqrt(1 - self.beta2**t) / (1 - self.beta1**t)
        return theta - lr * m / (np.sqrt(v) + self.eps), self.State(t, m, v)


# Hyperparameters unlike any default, so that a name mapped to the wrong place shows.
CASES = {
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
