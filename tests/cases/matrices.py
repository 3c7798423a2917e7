"""Methods that see a matrix."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
from unittest import mock

import keras
import numpy as np
import optax
import torch

from cases.table import TINY, Peer, Proof
from optim_lessons import Muon
from optim_lessons.contract import Array
from optim_lessons.optimizers.muon import A, B, C, orthogonalise


class TorchMuonInFullPrecision(torch.optim.Muon):
    """PyTorch's, but with a copy in place of the rounding to bfloat16."""

    def step(self):
        with mock.patch.object(torch.Tensor, "bfloat16", torch.Tensor.clone):
            super().step()


class KerasMuonInFullPrecision(keras.optimizers.Muon):
    """Keras's, whose `ops.norm` takes the norm of a float64 matrix in float32."""

    def zeropower_via_newtonschulz5(self, x, steps):
        norm = keras.ops.sqrt(keras.ops.sum(x**2))
        with mock.patch.object(keras.src.ops, "norm", lambda *_, **__: norm):
            return super().zeropower_via_newtonschulz5(x, steps)


@dataclass(frozen=True, eq=False)
class MuonOfOptax(Muon):
    class State(NamedTuple):
        t: int
        m: Array

    def init(self, theta):
        return self.State(0, np.zeros_like(theta))

    def step(self, theta, g, state):
        t, mu = state.t + 1, self.momentum
        m = mu * state.m + (1 - mu) * g
        ahead = mu * m / (1 - mu ** (t + 1)) + (1 - mu) * g / (1 - mu**t)
        moved = orthogonalise(ahead, self.ns_steps) + self.weight_decay * theta
        return theta - self.lr * moved, self.State(t, m)


@dataclass(frozen=True, eq=False)
class MuonOfKeras(Muon):
    def step(self, theta, g, state):
        m = self.momentum * state.m + g
        x = g + self.momentum * m
        x = x / (np.sqrt(np.sum(x**2)) + 1e-7)
        for _ in range(self.ns_steps):
            x = A * x + (B * x @ x.T + C * x @ x.T @ x @ x.T) @ x
        theta = theta - self.lr * self.weight_decay * theta
        return theta - self.lr * 0.2 * max(theta.shape) ** 0.5 * x, self.State(m)


def muon_of_torch(o):
    return partial(
        TorchMuonInFullPrecision,
        lr=o.lr,
        momentum=o.momentum,
        weight_decay=o.weight_decay,
        ns_steps=o.ns_steps,
        nesterov=o.nesterov,
    )


def muon_of_optax(o):
    return optax.contrib.muon(
        o.lr,
        beta=o.momentum,
        weight_decay=o.weight_decay,
        ns_steps=o.ns_steps,
        nesterov=o.nesterov,
        eps=TINY,
    )


def muon_of_keras(o):
    return KerasMuonInFullPrecision(
        o.lr, momentum=o.momentum, weight_decay=o.weight_decay, ns_steps=o.ns_steps
    )


# Hyperparameters unlike any default, so that a name mapped to the wrong place shows.
CASES = {
    Muon: [
        Peer("PyTorch", muon_of_torch, Muon(0.03, 0.8, 0.2, 4)),
        Peer("PyTorch", muon_of_torch, Muon(0.03, 0.8, 0.2, 4, nesterov=False)),
        Proof(
            "test_muon.py::test_equals_pytorchs_own_to_the_precision_of_bfloat16",
            "torch.optim.Muon as it is, which orthogonalises in bfloat16",
        ),
        Peer("optax", muon_of_optax, Muon(0.03, 0.8, 0.2, 4, nesterov=False)),
        Peer(
            "optax",
            muon_of_optax,
            MuonOfOptax(0.03, 0.8, 0.2, 4),
            differs="Nesterov's momentum and gradient are corrected for their bias, each its own",
        ),
        Peer(
            "Keras",
            muon_of_keras,
            MuonOfKeras(0.03, 0.8, 0.2, 4),
            differs="the step is scaled by 0.2 times the root of the larger side",
        ),
    ],
}
