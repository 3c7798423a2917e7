"""AdamW: Adam with weight decay that the scaling of its steps does not touch."""

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
class AdamW:
    """Adam's step, and one that shrinks every parameter by the same share.

    Shapes: `theta`, `g`, `m` and `v` are arrays of one shape; `t` is the number of steps taken.
    Errors: `validate` raises ValueError for lr, weight_decay or eps < 0, or beta1 or beta2 outside
    [0, 1).
    Variant: PyTorch's, the decay is multiplied by the learning rate; optax agrees. Keras does too,
    with the paper's "epsilon hat" of Adam. In the paper a schedule multiplies both, and alpha only
    Adam's part: its lambda is our lr * weight_decay.
    Source: Loshchilov and Hutter 2019 (arXiv 1711.05101), algorithm 2.

    Example:
        >>> from optim_lessons import AdamW, minimize, problems
        >>> path = minimize(AdamW(lr=0.1), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 9.0335, 0.0212]
    """

    lr: Hyper = learning_rate(1e-3)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average square")
    eps: Hyper = epsilon(1e-8)
    weight_decay: Hyper = hyper(0.01, r"\lambda", "weight decay", "[0, inf)", "log")

    title: ClassVar = "AdamW"
    family: ClassVar = "adam"
    descent: ClassVar = Descent(("Adam",), "decays weights apart", 2019)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.AdamW",
            {
                "lr": ("lr", 1e-3),
                "beta1": ("betas[0]", 0.9),
                "beta2": ("betas[1]", 0.999),
                "eps": ("eps", 1e-8),
                "weight_decay": ("weight_decay", 0.01),
            },
        ),
        "optax": Elsewhere(
            "optax.adamw",
            {
                "lr": ("learning_rate", "required"),
                "beta1": ("b1", 0.9),
                "beta2": ("b2", 0.999),
                "eps": ("eps", 1e-8),
                "weight_decay": ("weight_decay", 1e-4),
            },
        ),
        "Keras": Elsewhere(
            "keras.optimizers.AdamW",
            {
                "lr": ("learning_rate", 1e-3),
                "beta1": ("beta_1", 0.9),
                "beta2": ("beta_2", 0.999),
                "eps": ("epsilon", 1e-7),
                "weight_decay": ("weight_decay", 0.004),
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
        delta = m_hat / (np.sqrt(v_hat) + self.eps) + self.weight_decay * theta
        theta = theta - self.lr * delta
        return theta, self.State(t, m, v)
