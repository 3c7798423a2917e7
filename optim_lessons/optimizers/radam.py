"""RAdam: Adam that waits until its average square can be trusted."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, epsilon, learning_rate


@dataclass(frozen=True, eq=False)
class RAdam:
    """Adam's step times a factor that grows to 1 with the number of squares in the average.

    Shapes: `theta`, `g`, `m` and `v` are arrays of one shape; `t` is the number of steps taken.
    Errors: `validate` raises ValueError for lr or eps < 0, or beta1 or beta2 outside [0, 1).
    Variant: PyTorch's; as long as the average holds no more than 5 squares' worth, rho <= 5, the
    step is plain averaged momentum, and epsilon is added to the root of v before its correction.
    optax adds it after. In the paper the bound is 4 (in its authors' code 5), and there is no
    epsilon.
    Source: Liu et al. 2020 (arXiv 1908.03265), algorithm 2, whose versions 2 and 3 on arXiv print
    1/beta2 where beta2 is meant.

    Example:
        >>> from optim_lessons import RAdam, minimize, problems
        >>> path = minimize(RAdam(lr=0.05), problems.ravine, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [18.0, 5.3926, 1.0006]
    """

    lr: Hyper = learning_rate(1e-3)
    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average square")
    eps: Hyper = epsilon(1e-8)

    title: ClassVar = "RAdam"
    family: ClassVar = "adam"
    descent: ClassVar = Descent(("Adam",), "warms up by itself", 2020)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.RAdam",
            {
                "lr": ("lr", 1e-3),
                "beta1": ("betas[0]", 0.9),
                "beta2": ("betas[1]", 0.999),
                "eps": ("eps", 1e-8),
            },
        ),
        "optax": Elsewhere(
            "optax.radam",
            {
                "lr": ("learning_rate", "required"),
                "beta1": ("b1", 0.9),
                "beta2": ("b2", 0.999),
                "eps": ("eps", 1e-8),
            },
            r"Epsilon is added to the root of the corrected average, as in Adam.",
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
        # 5 where an average is shorter: no longer a root of a negative number, and not used.
        rho_inf = np.maximum(2 / (1 - self.beta2) - 1, 5)
        rho = np.maximum(rho_inf - 2 * t * self.beta2**t / (1 - self.beta2**t), 5)
        r = np.sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
        a = np.where(rho > 5, r * np.sqrt(1 - self.beta2**t) / (np.sqrt(v) + self.eps), 1)
        delta = np.full_like(theta, self.lr * m_hat * a)  # of float64 factors, in theta's precision
        theta = theta - delta
        return theta, self.State(t, m, v)
