"""RMSprop: divide the gradient by the root of an average of its recent squares."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, epsilon, learning_rate


@dataclass(frozen=True, eq=False)
class RMSprop:
    """Step along the gradient divided by its recent root mean square.

    Shapes: `theta`, `g`, `v`, `g_bar` and the buffer `m` are arrays of one shape.
    Errors: `validate` raises ValueError for lr or eps < 0, or rho or momentum outside [0, 1).
    Variant: PyTorch's, epsilon added to the root and the learning rate outside the buffer.
    `centered=True` divides by the standard deviation instead: where a gradient hardly changes,
    v - g_bar**2 comes down to rounding, may turn negative, and the step is then not a number, as in
    PyTorch. optax and Keras put epsilon inside the root, which prevents this, and the learning rate
    inside the buffer; optax takes epsilon out with `eps_in_sqrt=False`.
    Source: Tieleman and Hinton 2012, lecture 6.5, slide 29 (no epsilon there); centred and with
    momentum Graves 2013 (arXiv 1308.0850), equations (38) to (41), whose epsilon is inside the
    root, and whose learning rate is inside the buffer.

    Example:
        >>> from optim_lessons import RMSprop, minimize, problems
        >>> path = minimize(RMSprop(lr=0.02), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 8.9799, 0.073]
    """

    lr: Hyper = learning_rate(0.01)
    rho: Hyper = decay(0.99, r"\rho", "decay of the average square")
    eps: Hyper = epsilon(1e-8)
    momentum: Hyper = decay(0.0, r"\mu", "momentum")
    centered: bool = False

    title: ClassVar = "RMSprop"
    family: ClassVar = "adaptive"
    descent: ClassVar = Descent(("Adagrad",), "forgets old ones", 2012)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.RMSprop",
            {
                "lr": ("lr", 0.01),
                "rho": ("alpha", 0.99),
                "eps": ("eps", 1e-8),
                "momentum": ("momentum", 0.0),
            },
        ),
        "optax": Elsewhere(
            "optax.rmsprop",
            {
                "lr": ("learning_rate", "required"),
                "rho": ("decay", 0.9),
                "eps": ("eps", 1e-8),
                "momentum": ("momentum", "None"),
            },
            r"$\sqrt{v_t + \epsilon}$, unless `eps_in_sqrt=False` is given; "
            "the learning rate is inside the buffer.",
        ),
        "Keras": Elsewhere(
            "keras.optimizers.RMSprop",
            {
                "lr": ("learning_rate", 1e-3),
                "rho": ("rho", 0.9),
                "eps": ("epsilon", 1e-7),
                "momentum": ("momentum", 0.0),
            },
            r"$\sqrt{v_t + \epsilon}$: epsilon is inside the root, "
            "and the learning rate inside the buffer.",
        ),
    }

    class State(NamedTuple):
        v: Array
        g_bar: Array
        m: Array

    def init(self, theta):
        zero = np.zeros_like(theta)
        return self.State(v=zero, g_bar=zero, m=zero)

    def step(self, theta, g, state):
        v = self.rho * state.v + (1 - self.rho) * g**2
        if self.centered:
            g_bar = self.rho * state.g_bar + (1 - self.rho) * g
            m = self.momentum * state.m + g / (np.sqrt(v - g_bar**2) + self.eps)
        else:
            m = self.momentum * state.m + g / (np.sqrt(v) + self.eps)
        theta = theta - self.lr * m
        return theta, self.State(v, g_bar if self.centered else state.g_bar, m)
