"""LAMB: Adam whose step is sized, layer by layer, to the layer's own weights."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import (
    Array,
    Descent,
    Elsewhere,
    Hyper,
    decay,
    epsilon,
    hyper,
    learning_rate,
)


@dataclass(frozen=True, eq=False)
class LAMB:
    """Step along Adam's direction, rescaled for each layer to the norm of the layer's weights.

    Shapes: `theta`, `g`, `m` and `v` are arrays of one shape; the last axis is one layer, axes
    before it are independent layers; `t` is the number of steps taken. A network's layers are
    stepped one by one by `PerLayer`.
    Errors: `validate` raises ValueError for lr, eps or weight_decay < 0, or beta1 or beta2 outside
    [0, 1).
    Variant: the paper's algorithm with phi the identity; where theta or its update is zero the
    ratio is 1. Its third version on arXiv does not correct the averages, its fifth does. optax
    agrees. Keras takes the weight decay out of the ratio.
    Source: You et al. 2020 (arXiv 1904.00962), algorithm 2; code of the authors' group steps by the
    third version (google-research/albert, lamb_optimizer.py), TensorFlow Addons by the fifth.

    Example:
        >>> from optim_lessons import LAMB, minimize, problems
        >>> path = minimize(LAMB(lr=0.02), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 15.2907, 0.0491]
    """

    lr: Hyper = learning_rate(1e-3)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average square")
    eps: Hyper = epsilon(1e-6)
    weight_decay: Hyper = hyper(0.0, r"\lambda", "weight decay", "[0, inf)", "log")

    title: ClassVar = "LAMB"
    family: ClassVar = "adam"
    couples: ClassVar = 1
    untraced: ClassVar = "the norm of a layer couples its coordinates"
    descent: ClassVar = Descent(("LARS", "Adam"), "sizes a layer's Adam step", 2020)
    elsewhere: ClassVar = {
        "optax": Elsewhere(
            "optax.lamb",
            {
                "lr": ("learning_rate", "required"),
                "beta1": ("b1", 0.9),
                "beta2": ("b2", 0.999),
                "eps": ("eps", 1e-6),
                "weight_decay": ("weight_decay", 0.0),
            },
        ),
        "Keras": Elsewhere(
            "keras.optimizers.Lamb",
            {
                "lr": ("learning_rate", 1e-3),
                "beta1": ("beta_1", 0.9),
                "beta2": ("beta_2", 0.999),
                "eps": ("epsilon", 1e-7),
                "weight_decay": ("weight_decay", "None"),
            },
            "Weight decay shrinks the weights before the step, as in AdamW, outside the ratio.",
        ),
    }

    class State(NamedTuple):
        t: int
        m: Array
        v: Array

    def init(self, theta):
        return self.State(t=0, m=np.zeros_like(theta), v=np.zeros_like(theta))

    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        m_hat = m / (1 - self.beta1**t)
        v_hat = v / (1 - self.beta2**t)
        r = m_hat / (np.sqrt(v_hat) + self.eps) + self.weight_decay * theta
        theta_norm = np.sqrt(np.sum(theta**2, axis=-1, keepdims=True))
        r_norm = np.sqrt(np.sum(r**2, axis=-1, keepdims=True))
        # A layer at zero would never leave it: it takes the plain step.
        usual = (theta_norm > 0) & (r_norm > 0)
        ratio = np.where(usual, theta_norm / np.where(usual, r_norm, 1.0), 1.0)
        theta = theta - self.lr * ratio * r
        return theta, self.State(t, m, v)
