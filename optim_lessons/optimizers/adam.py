"""Adam: momentum over a step that is scaled coordinate by coordinate."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, epsilon, learning_rate


@dataclass(frozen=True, eq=False)
class Adam:
    """Step along the average gradient divided by the root of the average squared gradient.

    Shapes: `theta`, `g`, `m` and `v` are arrays of one shape; `t` is the number of steps taken.
    Errors: `validate` raises ValueError for lr or eps < 0, or beta1 or beta2 outside [0, 1).
    Variant: the paper's algorithm, epsilon added to the root; PyTorch and optax agree. Keras uses
    the paper's "epsilon hat": the same update with eps = eps_hat / sqrt(1 - beta2**t).
    Source: Kingma and Ba 2015 (arXiv 1412.6980), algorithm 1.

    Example:
        >>> from optim_lessons import Adam, minimize, problems
        >>> path = minimize(Adam(lr=0.1), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 9.1141, 0.0053]
    """

    lr: Hyper = learning_rate(1e-3)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average square")
    eps: Hyper = epsilon(1e-8)

    title: ClassVar = "Adam"
    family: ClassVar = "adam"
    descent: ClassVar = Descent(("Momentum", "RMSprop"), "both, corrected", 2015)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.Adam",
            {
                "lr": ("lr", 1e-3),
                "beta1": ("betas[0]", 0.9),
                "beta2": ("betas[1]", 0.999),
                "eps": ("eps", 1e-8),
            },
        ),
        "optax": Elsewhere(
            "optax.adam",
            {
                "lr": ("learning_rate", "required"),
                "beta1": ("b1", 0.9),
                "beta2": ("b2", 0.999),
                "eps": ("eps", 1e-8),
            },
        ),
        "Keras": Elsewhere(
            "keras.optimizers.Adam",
            {
                "lr": ("learning_rate", 1e-3),
                "beta1": ("beta_1", 0.9),
                "beta2": ("beta_2", 0.999),
                "eps": ("epsilon", 1e-7),
            },
            r"The paper's $\hat\epsilon$: it acts as $\epsilon = \hat\epsilon / "
            r"\sqrt{1 - \beta_2^t}$, which is 31.6 times larger at the first step.",
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
        theta = theta - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        return theta, self.State(t, m, v)
