"""The methods that changed one thing in Adam."""

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax.numpy as jnp
import keras
import numpy as np
import optax
import torch

from cases.table import TINY, Peer
from optim_lessons import AdaBelief, AdaMax, AdamW, AMSGrad, NAdam, RAdam, Yogi


@dataclass(frozen=True, eq=False)
class AdaMaxOfKeras(AdaMax):
    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        u = np.maximum(self.beta2 * state.u, np.abs(g))
        return theta - self.lr / (1 - self.beta1**t) * m / (u + self.eps), self.State(t, m, u)


@dataclass(frozen=True, eq=False)
class NAdamOfKeras(NAdam):
    def step(self, theta, g, state):
        return dataclasses.replace(NAdam(**vars(self)), psi=1.0).step(theta, g, state)


@dataclass(frozen=True, eq=False)
class NAdamOfOptax(NAdam):
    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        m_hat = self.beta1 * m / (1 - self.beta1 ** (t + 1))
        m_hat = m_hat + (1 - self.beta1) * g / (1 - self.beta1**t)
        root = np.sqrt(v / (1 - self.beta2**t))
        return theta - self.lr * m_hat / (root + self.eps), state._replace(t=t, m=m, v=v)


@dataclass(frozen=True, eq=False)
class AMSGradOfOptax(AMSGrad):
    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        v_max = np.maximum(state.v_max, v / (1 - self.beta2**t))
        m_hat = m / (1 - self.beta1**t)
        theta = theta - self.lr * m_hat / (np.sqrt(v_max) + self.eps)
        return theta, self.State(t, m, v, v_max)


def with_epsilon_hat(o, t):
    """Our epsilon, at step t, for an epsilon that is added before the root is corrected."""
    return dataclasses.replace(o, eps=o.eps / np.sqrt(1 - o.beta2**t))


@dataclass(frozen=True, eq=False)
class AMSGradOfKeras(AMSGrad):
    def step(self, theta, g, state):
        ours = with_epsilon_hat(AMSGrad(**vars(self)), state.t + 1)
        return ours.step(theta, g, state)


@dataclass(frozen=True, eq=False)
class AdamWOfKeras(AdamW):
    def step(self, theta, g, state):
        ours = with_epsilon_hat(AdamW(**vars(self)), state.t + 1)
        return ours.step(theta, g, state)


@dataclass(frozen=True, eq=False)
class RAdamOfOptax(RAdam):
    def step(self, theta, g, state):
        root = np.sqrt(1 - self.beta2 ** (state.t + 1))
        return RAdam(self.lr, self.beta1, self.beta2, self.eps * root).step(theta, g, state)


@dataclass(frozen=True, eq=False)
class YogiOfOptax(Yogi):
    class State(NamedTuple):
        t: int
        m: object
        v: object

    def init(self, theta):
        return self.State(t=0, m=np.full_like(theta, 1e-6), v=np.full_like(theta, 1e-6))

    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = state.v - (1 - self.beta2) * np.sign(state.v - g**2) * g**2
        m_hat, v_hat = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
        return theta - self.lr * m_hat / (np.sqrt(v_hat) + self.eps), self.State(t, m, v)


@dataclass(frozen=True, eq=False)
class AdaBeliefOfOptax(AdaBelief):
    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        s = self.beta2 * state.s + (1 - self.beta2) * (g - m) ** 2 + 1e-16
        m_hat, s_hat = m / (1 - self.beta1**t), s / (1 - self.beta2**t)
        return theta - self.lr * m_hat / (np.sqrt(s_hat) + self.eps), self.State(t, m, s)


def uncorrected_yogi(o):
    """Yogi of optax, with averages that start at 0 and a clock so old that it corrects nothing."""
    yogi = optax.scale_by_yogi(o.beta1, o.beta2, o.eps, initial_accumulator_value=0.0)

    def init(theta):
        return yogi.init(theta)._replace(count=jnp.asarray(10**6))

    old = optax.GradientTransformation(init, yogi.update)
    return optax.chain(old, optax.scale_by_learning_rate(o.lr))


def in_pytorch(cls, **how):
    return lambda o: partial(cls, lr=o.lr, betas=(o.beta1, o.beta2), eps=o.eps, **how)


def in_optax(make):
    return lambda o: make(o.lr, b1=o.beta1, b2=o.beta2, eps=o.eps)


def in_keras(cls, **how):
    return lambda o: cls(o.lr, beta_1=o.beta1, beta_2=o.beta2, epsilon=o.eps, **how)


# Hyperparameters unlike any default, so that a name mapped to the wrong place shows.
NUMBERS = {"lr": 0.03, "beta1": 0.8, "beta2": 0.99, "eps": 1e-3}
WITHOUT_EPSILON = NUMBERS | {"eps": TINY}

CASES = {
    AdaMax: [
        Peer("PyTorch", in_pytorch(torch.optim.Adamax), AdaMax(**NUMBERS)),
        Peer("optax", in_optax(optax.adamax), AdaMax(**NUMBERS)),
        Peer("Keras", in_keras(keras.optimizers.Adamax), AdaMax(**WITHOUT_EPSILON)),
        Peer(
            "Keras",
            in_keras(keras.optimizers.Adamax),
            AdaMaxOfKeras(**NUMBERS),
            differs="epsilon is added after the maximum, and is not remembered",
        ),
    ],
    NAdam: [
        Peer(
            "PyTorch",
            lambda o: in_pytorch(torch.optim.NAdam, momentum_decay=o.psi)(o),
            NAdam(**NUMBERS, psi=0.02),
        ),
        # So large a psi that 0.96 to its power is 0.
        Peer("optax", in_optax(optax.nadam), NAdam(**NUMBERS, psi=1e6)),
        Peer(
            "optax",
            in_optax(optax.nadam),
            NAdamOfOptax(**NUMBERS, psi=0.02),
            differs="the momentum is beta1 from the first step on",
        ),
        Peer("Keras", in_keras(keras.optimizers.Nadam), NAdam(**NUMBERS, psi=1.0)),
        Peer(
            "Keras",
            in_keras(keras.optimizers.Nadam),
            NAdamOfKeras(**NUMBERS, psi=0.02),
            differs="psi is 1",
        ),
    ],
    AMSGrad: [
        Peer("PyTorch", in_pytorch(torch.optim.Adam, amsgrad=True), AMSGrad(**NUMBERS)),
        # Without memory there is nothing to correct.
        Peer("optax", in_optax(optax.amsgrad), AMSGrad(**NUMBERS | {"beta2": 0.0})),
        Peer(
            "optax",
            in_optax(optax.amsgrad),
            AMSGradOfOptax(**NUMBERS),
            differs="the maximum is of the corrected averages",
        ),
        Peer(
            "Keras",
            in_keras(keras.optimizers.Adam, amsgrad=True),
            AMSGrad(**WITHOUT_EPSILON),
        ),
        Peer(
            "Keras",
            in_keras(keras.optimizers.Adam, amsgrad=True),
            AMSGradOfKeras(**NUMBERS),
            differs="epsilon is the paper's epsilon hat: added before v is corrected",
        ),
    ],
    Yogi: [
        Peer("optax", uncorrected_yogi, Yogi(**NUMBERS)),
        Peer(
            "optax",
            in_optax(optax.yogi),
            YogiOfOptax(**NUMBERS),
            differs="both averages start at 1e-6, and are corrected",
        ),
    ],
    AdaBelief: [
        Peer(
            "optax",
            lambda o: optax.adabelief(o.lr, o.beta1, o.beta2, eps=o.eps, eps_root=o.eps),
            AdaBelief(**NUMBERS),
        ),
        Peer(
            "optax",
            in_optax(optax.adabelief),
            AdaBeliefOfOptax(**NUMBERS),
            differs="what is added to s at each step has a name of its own, and is 1e-16",
        ),
    ],
    AdamW: [
        Peer(
            "PyTorch",
            lambda o: in_pytorch(torch.optim.AdamW, weight_decay=o.weight_decay)(o),
            AdamW(**NUMBERS, weight_decay=0.2),
        ),
        Peer(
            "optax",
            lambda o: optax.adamw(o.lr, o.beta1, o.beta2, o.eps, weight_decay=o.weight_decay),
            AdamW(**NUMBERS, weight_decay=0.2),
        ),
        Peer(
            "Keras",
            lambda o: in_keras(keras.optimizers.AdamW, weight_decay=o.weight_decay)(o),
            AdamW(**WITHOUT_EPSILON, weight_decay=0.2),
        ),
        Peer(
            "Keras",
            lambda o: in_keras(keras.optimizers.AdamW, weight_decay=o.weight_decay)(o),
            AdamWOfKeras(**NUMBERS, weight_decay=0.2),
            differs="epsilon is the paper's epsilon hat: added before v is corrected",
        ),
    ],
    RAdam: [
        Peer("PyTorch", in_pytorch(torch.optim.RAdam), RAdam(**NUMBERS)),
        Peer("optax", in_optax(optax.radam), RAdam(**WITHOUT_EPSILON)),
        Peer(
            "optax",
            in_optax(optax.radam),
            RAdamOfOptax(**NUMBERS),
            differs="epsilon is added after v is corrected",
        ),
    ],
}
