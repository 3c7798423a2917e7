"""NAdam: Nesterov's look-ahead inside Adam."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import (
    MISSING,
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
class NAdam:
    """Adam's step, with the momentum of the next step already applied to the gradient of this one.

    Shapes: `theta`, `g`, `m` and `v` are arrays of one shape; `t` is the number of steps taken,
    `mu_product` the product of all momentum coefficients so far, one number.
    Errors: `validate` raises ValueError for lr, psi or eps < 0, or beta1 or beta2 outside [0, 1).
    Variant: PyTorch's; the momentum coefficient mu rises from beta1 / 2 to beta1, the faster the
    larger psi is. Keras has psi = 1, optax no schedule. The paper averages m by mu too, not by
    beta1, and multiplies v_hat by beta2 once more.
    Source: Dozat 2016, Incorporating Nesterov Momentum into Adam, algorithm 2.

    Example:
        >>> from optim_lessons import NAdam, minimize, problems
        >>> path = minimize(NAdam(lr=0.1), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 8.8942, 0.0064]
    """

    lr: Hyper = learning_rate(2e-3)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average square")
    psi: Hyper = hyper(4e-3, r"\psi", "speed of the momentum's rise", "[0, inf)", "log")
    eps: Hyper = epsilon(1e-8)

    title: ClassVar = "NAdam"
    family: ClassVar = "adam"
    descent: ClassVar = Descent(("Adam", "Nesterov"), "looks ahead", 2016)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.NAdam",
            {
                "lr": ("lr", 2e-3),
                "beta1": ("betas[0]", 0.9),
                "beta2": ("betas[1]", 0.999),
                "psi": ("momentum_decay", 4e-3),
                "eps": ("eps", 1e-8),
            },
        ),
        "optax": Elsewhere(
            "optax.nadam",
            {
                "lr": ("learning_rate", "required"),
                "beta1": ("b1", 0.9),
                "beta2": ("b2", 0.999),
                "psi": MISSING,
                "eps": ("eps", 1e-8),
            },
            r"No schedule: $\mu_t = \beta_1$ from the first step on.",
        ),
        "Keras": Elsewhere(
            "keras.optimizers.Nadam",
            {
                "lr": ("learning_rate", 1e-3),
                "beta1": ("beta_1", 0.9),
                "beta2": ("beta_2", 0.999),
                "psi": MISSING,
                "eps": ("epsilon", 1e-7),
            },
            r"A faster schedule, $\psi = 1$: 99 % of the momentum after 100 steps.",
        ),
    }

    class State(NamedTuple):
        t: int
        mu_product: float
        m: Array
        v: Array

    def init(self, theta):
        return self.State(t=0, mu_product=1.0, m=np.zeros_like(theta), v=np.zeros_like(theta))

    def step(self, theta, g, state):
        t = state.t + 1
        mu = self.beta1 * (1 - 0.5 * 0.96 ** (t * self.psi))
        mu_next = self.beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * self.psi))
        mu_product = state.mu_product * mu
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        g_hat = g / (1 - mu_product)
        m_hat = m / (1 - mu_product * mu_next)
        v_hat = v / (1 - self.beta2**t)
        m_bar = (1 - mu) * g_hat + mu_next * m_hat
        theta = theta - self.lr * m_bar / (np.sqrt(v_hat) + self.eps)
        return theta, self.State(t, mu_product, m, v)
