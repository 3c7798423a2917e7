"""AMSGrad: Adam whose steps are scaled by the largest average square so far."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, epsilon, learning_rate


@dataclass(frozen=True, eq=False)
class AMSGrad:
    """Adam's step, divided by a root mean square that never falls.

    Shapes: `theta`, `g`, `m`, `v` and `v_max` are arrays of one shape; `t` counts the steps taken.
    Errors: `validate` raises ValueError for lr or eps < 0, or beta1 or beta2 outside [0, 1).
    Variant: PyTorch's; the maximum is of v before its correction. Keras agrees, with the paper's
    "epsilon hat" of Adam; optax takes the maximum of the corrected v. The paper corrects neither m
    nor v, and has no epsilon.
    Source: Reddi, Kale and Kumar 2018 (arXiv 1904.09237), algorithm 2.

    Example:
        >>> from optim_lessons import AMSGrad, minimize, problems
        >>> path = minimize(AMSGrad(lr=0.1), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 9.1144, 0.006]
    """

    lr: Hyper = learning_rate(1e-3)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average square")
    eps: Hyper = epsilon(1e-8)

    title: ClassVar = "AMSGrad"
    family: ClassVar = "adam"
    descent: ClassVar = Descent(("Adam",), "keeps the maximum", 2018)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.Adam(amsgrad=True)",
            {
                "lr": ("lr", 1e-3),
                "beta1": ("betas[0]", 0.9),
                "beta2": ("betas[1]", 0.999),
                "eps": ("eps", 1e-8),
            },
        ),
        "optax": Elsewhere(
            "optax.amsgrad",
            {
                "lr": ("learning_rate", "required"),
                "beta1": ("b1", 0.9),
                "beta2": ("b2", 0.999),
                "eps": ("eps", 1e-8),
            },
            r"The maximum is of the corrected averages: the first ones count for more.",
        ),
        "Keras": Elsewhere(
            "keras.optimizers.Adam(amsgrad=True)",
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
        v_max: Array

    def init(self, theta):
        zero = np.zeros_like(theta)
        return self.State(t=0, m=zero, v=zero, v_max=zero)

    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        v_max = np.maximum(state.v_max, v)
        m_hat = m / (1 - self.beta1**t)
        v_hat = v_max / (1 - self.beta2**t)
        theta = theta - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
        return theta, self.State(t, m, v, v_max)
