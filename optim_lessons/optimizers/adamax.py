"""AdaMax: Adam with the largest recent gradient in place of the root mean square."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, epsilon, learning_rate


@dataclass(frozen=True, eq=False)
class AdaMax:
    """Step along the average gradient divided by the largest recent gradient.

    Shapes: `theta`, `g`, `m` and `u` are arrays of one shape; `t` is the number of steps taken.
    Errors: `validate` raises ValueError for lr or eps < 0, or beta1 or beta2 outside [0, 1).
    Variant: PyTorch's, epsilon is added to the gradient's size before the maximum; optax agrees.
    Keras adds it after the maximum. The paper has no epsilon.
    Source: Kingma and Ba 2015 (arXiv 1412.6980), algorithm 2.

    Example:
        >>> from optim_lessons import AdaMax, minimize, problems
        >>> path = minimize(AdaMax(lr=0.1), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 11.4396, 0.2439]
    """

    lr: Hyper = learning_rate(2e-3)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the largest gradient")
    eps: Hyper = epsilon(1e-8)

    title: ClassVar = "AdaMax"
    family: ClassVar = "adam"
    descent: ClassVar = Descent(("Adam",), "takes the maximum", 2015)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.Adamax",
            {
                "lr": ("lr", 2e-3),
                "beta1": ("betas[0]", 0.9),
                "beta2": ("betas[1]", 0.999),
                "eps": ("eps", 1e-8),
            },
        ),
        "optax": Elsewhere(
            "optax.adamax",
            {
                "lr": ("learning_rate", "required"),
                "beta1": ("b1", 0.9),
                "beta2": ("b2", 0.999),
                "eps": ("eps", 1e-8),
            },
        ),
        "Keras": Elsewhere(
            "keras.optimizers.Adamax",
            {
                "lr": ("learning_rate", 1e-3),
                "beta1": ("beta_1", 0.9),
                "beta2": ("beta_2", 0.999),
                "eps": ("epsilon", 1e-7),
            },
            r"Epsilon is added after the maximum: $u_t + \epsilon$.",
        ),
    }

    class State(NamedTuple):
        t: int
        m: Array
        u: Array

    def init(self, theta):
        return self.State(t=0, m=np.zeros_like(theta), u=np.zeros_like(theta))

    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        u = np.maximum(self.beta2 * state.u, np.abs(g) + self.eps)
        m_hat = m / (1 - self.beta1**t)
        theta = theta - self.lr * m_hat / u
        return theta, self.State(t, m, u)
