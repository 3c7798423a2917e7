"""AdaBelief: Adam scaled by how far gradients stray from their average."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, epsilon, learning_rate


@dataclass(frozen=True, eq=False)
class AdaBelief:
    """Step along the average gradient divided by the root mean square deviation from it.

    Shapes: `theta`, `g`, `m` and `s` are arrays of one shape; `t` is the number of steps taken.
    Errors: `validate` raises ValueError for lr or eps < 0, or beta1 or beta2 outside [0, 1).
    Variant: the paper's algorithm; epsilon is added to s at every step, and to the root. optax has
    a name for each, `eps_root` and `eps`. The default is that of the authors' code and of optax.
    Source: Zhuang et al. 2020 (arXiv 2010.07468), algorithm 2, whose first version has no
    epsilon in s.

    Example:
        >>> from optim_lessons import AdaBelief, minimize, problems
        >>> path = minimize(AdaBelief(lr=0.1), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 7.6311, 0.0022]
    """

    lr: Hyper = learning_rate(1e-3)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average deviation")
    eps: Hyper = epsilon(1e-16)

    title: ClassVar = "AdaBelief"
    family: ClassVar = "adam"
    descent: ClassVar = Descent(("Adam",), "scales by surprise", 2020)
    elsewhere: ClassVar = {
        "optax": Elsewhere(
            "optax.adabelief",
            {
                "lr": ("learning_rate", "required"),
                "beta1": ("b1", 0.9),
                "beta2": ("b2", 0.999),
                "eps": ("eps", 1e-16),
            },
            r"The epsilon inside $s_t$ has a name and a value of its own: `eps_root`, $10^{-16}$.",
        ),
    }

    class State(NamedTuple):
        t: int
        m: Array
        s: Array

    def init(self, theta):
        return self.State(t=0, m=np.zeros_like(theta), s=np.zeros_like(theta))

    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        s = self.beta2 * state.s + (1 - self.beta2) * (g - m) ** 2 + self.eps
        m_hat = m / (1 - self.beta1**t)
        s_hat = s / (1 - self.beta2**t)
        theta = theta - self.lr * m_hat / (np.sqrt(s_hat) + self.eps)
        return theta, self.State(t, m, s)
