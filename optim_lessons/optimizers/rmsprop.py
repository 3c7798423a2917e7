"""RMSprop: divide the gradient by the root of an average of its recent squares."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, Hyper, decay, epsilon, learning_rate


@dataclass(frozen=True, eq=False)
class RMSprop:
    """Step along the gradient divided by its recent root mean square.

    Shapes: `theta`, `g` and `v` are arrays of one shape.
    Errors: `validate` raises ValueError for lr or eps < 0, or rho outside [0, 1).
    Variant: PyTorch's, epsilon added to the root. optax agrees with `eps_in_sqrt=False`; its
    default, and Keras, put epsilon inside the root.
    Source: Tieleman and Hinton 2012, lecture 6.5, slide 29 (no epsilon there); with epsilon
    Graves 2013 (arXiv 1308.0850), equations (38) to (45), in a centred form.

    Example:
        >>> from optim_lessons import RMSprop, minimize, problems
        >>> path = minimize(RMSprop(lr=0.02), problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 8.9799, 0.073]
    """

    lr: Hyper = learning_rate(0.01)
    rho: Hyper = decay(0.99, r"\rho", "decay of the average square")
    eps: Hyper = epsilon(1e-8)

    title: ClassVar = "RMSprop"
    family: ClassVar = "adaptive"
    descent: ClassVar = Descent(("Adagrad",), "forgets old ones", 2012)
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.RMSprop",
            {"lr": ("lr", 0.01), "rho": ("alpha", 0.99), "eps": ("eps", 1e-8)},
        ),
        "optax": Elsewhere(
            "optax.rmsprop",
            {"lr": ("learning_rate", "required"), "rho": ("decay", 0.9), "eps": ("eps", 1e-8)},
            r"$\sqrt{v_t + \epsilon}$, unless `eps_in_sqrt=False` is given.",
        ),
        "Keras": Elsewhere(
            "keras.optimizers.RMSprop",
            {"lr": ("learning_rate", 1e-3), "rho": ("rho", 0.9), "eps": ("epsilon", 1e-7)},
            r"$\sqrt{v_t + \epsilon}$: epsilon is inside the root.",
        ),
    }

    class State(NamedTuple):
        v: Array

    def init(self, theta):
        return self.State(v=np.zeros_like(theta))

    def step(self, theta, g, state):
        v = self.rho * state.v + (1 - self.rho) * g**2
        theta = theta - self.lr * g / (np.sqrt(v) + self.eps)
        return theta, self.State(v)
