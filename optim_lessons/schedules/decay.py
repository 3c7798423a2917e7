"""Schedules that fall smoothly: exponentially, as a polynomial, and as a power of 1/t."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optim_lessons.contract import Elsewhere, count, hyper, learning_rate
from optim_lessons.schedules.fields import SAME, check, smallest_rate


@dataclass(frozen=True, eq=False)
class Exponential:
    """Multiply the learning rate by gamma after every step.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0 or gamma outside (0, 1].
    Variant: PyTorch, optax and Keras agree. All rates together are at most lr / (1 - gamma): that
    is how far constant gradients of length 1 can move theta.
    Source: practice rather than a paper; the formula is that of PyTorch's ExponentialLR.

    Example:
        >>> import numpy as np
        >>> Exponential(lr=0.1, gamma=0.97)(np.array([1, 2, 51, 101])).round(4)
        array([0.1   , 0.097 , 0.0218, 0.0048])
    """

    lr: float = learning_rate(0.1)
    gamma: float = hyper(0.97, r"\gamma", "factor", "(0, 1]", "one_minus")

    title: ClassVar = "Exponential"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.ExponentialLR", {"gamma": ("gamma", "required")}, SAME
        ),
        "optax": Elsewhere(
            "optax.exponential_decay(transition_steps=1)",
            {"lr": ("init_value", "required"), "gamma": ("decay_rate", "required")},
            SAME,
        ),
        "Keras": Elsewhere(
            "keras.optimizers.schedules.ExponentialDecay(decay_steps=1)",
            {"lr": ("initial_learning_rate", "required"), "gamma": ("decay_rate", "required")},
            SAME,
        ),
    }

    def __post_init__(self):
        check(self)

    def __call__(self, t):
        return self.lr * self.gamma ** (t - 1)


@dataclass(frozen=True, eq=False)
class Polynomial:
    """Fall from lr to lr_min in `steps` steps, as a power of the part that remains; linear at 1.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0, steps not a whole number >= 1, power <= 0, or lr_min outside
    [0, lr].
    Variant: lr_min is reached at step steps + 1, and stays; optax and Keras agree, and PyTorch
    for lr_min = 0.
    Source: Chen et al. 2018 (DeepLab, arXiv 1606.00915), section 4.1.2, the "poly" policy, with
    power 0.9 and lr_min = 0.

    Example:
        >>> import numpy as np
        >>> Polynomial(lr=0.1, steps=100, power=2.0)(np.array([1, 51, 91, 101])).round(4)
        array([0.1  , 0.025, 0.001, 0.   ])
    """

    lr: float = learning_rate(0.1)
    steps: int = count(100, "T", "steps")
    power: float = hyper(1.0, "p", "power", "(0, inf)", "log")
    lr_min: float = smallest_rate()

    title: ClassVar = "Polynomial"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.PolynomialLR",
            {"steps": ("total_iters", 5), "power": ("power", 1.0)},
            "The same rates for lr_min = 0, the only floor that it has.",
        ),
        "optax": Elsewhere(
            "optax.polynomial_schedule",
            {
                "lr": ("init_value", "required"),
                "steps": ("transition_steps", "required"),
                "power": ("power", "required"),
                "lr_min": ("end_value", "required"),
            },
            SAME,
        ),
        "Keras": Elsewhere(
            "keras.optimizers.schedules.PolynomialDecay",
            {
                "lr": ("initial_learning_rate", "required"),
                "steps": ("decay_steps", "required"),
                "power": ("power", 1.0),
                "lr_min": ("end_learning_rate", 1e-4),
            },
            SAME,
        ),
    }

    def __post_init__(self):
        check(self)

    def __call__(self, t):
        remaining = 1 - np.minimum(t - 1, self.steps) / self.steps
        return self.lr_min + (self.lr - self.lr_min) * remaining**self.power


@dataclass(frozen=True, eq=False)
class InverseTime:
    """Divide the learning rate by 1 + decay * (t - 1): in the long run, as 1/t.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0 or decay < 0.
    Variant: Keras agrees. It fulfils Robbins and Monro's conditions for every decay > 0, and
    unlike lr / t its first steps hardly fall if decay is small.
    Source: Bottou 2012 ("Stochastic Gradient Descent Tricks"), section 5.2, with decay = lr times
    his lambda.

    Example:
        >>> import numpy as np
        >>> InverseTime(lr=0.1, decay=0.1)(np.array([1, 11, 91, 991]))
        array([0.1  , 0.05 , 0.01 , 0.001])
    """

    lr: float = learning_rate(0.1)
    decay: float = hyper(0.1, "d", "decay", "[0, inf)", "log")

    title: ClassVar = "Inverse time"
    elsewhere: ClassVar = {
        "Keras": Elsewhere(
            "keras.optimizers.schedules.InverseTimeDecay(decay_steps=1)",
            {"lr": ("initial_learning_rate", "required"), "decay": ("decay_rate", "required")},
            SAME,
        )
    }

    def __post_init__(self):
        check(self)

    def __call__(self, t):
        return self.lr / (1 + self.decay * (t - 1))


@dataclass(frozen=True, eq=False)
class RobbinsMonro:
    """Divide the learning rate by t**power, with 1/2 < power <= 1.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0 or power outside (1/2, 1].
    Variant: the range of `power` is that in which the rates sum to infinity and their squares do
    not. At 1/2 the squares do, too: that schedule is `InverseSqrt(warmup=1)`.
    Source: Robbins and Monro 1951, whose rates "of type 1/n" have a finite sum of squares, and an
    infinite one of each rate over the sum of those before it; as here, which is the same, Bottou,
    Curtis and Nocedal 2018, section 4.2, equation (4.19).

    Example:
        >>> import numpy as np
        >>> RobbinsMonro(lr=0.1, power=1.0)(np.array([1, 10, 100]))
        array([0.1  , 0.01 , 0.001])
    """

    lr: float = learning_rate(0.1)
    power: float = hyper(1.0, "p", "power", "(0.5, 1]", "log")

    title: ClassVar = "Robbins-Monro"
    elsewhere: ClassVar[dict[str, Elsewhere]] = {}

    def __post_init__(self):
        check(self)

    def __call__(self, t):
        return self.lr / t**self.power


@dataclass(frozen=True, eq=False)
class InverseSqrt:
    """Rise evenly to lr at step `warmup`, then fall as the inverse square root of t.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0 or warmup not a whole number >= 1.
    Variant: the Transformer's, with the largest rate as a hyperparameter instead of the width of
    the model: the paper's is lr = (d_model * warmup)**-0.5. With warmup = 1 it is lr / sqrt(t).
    No scheduler of PyTorch, optax or Keras.
    Source: Vaswani et al. 2017 (arXiv 1706.03762), equation (3), whose step_num is our t.

    Example:
        >>> import numpy as np
        >>> InverseSqrt(lr=0.1, warmup=10)(np.array([1, 5, 10, 40, 160, 1000]))
        array([0.01 , 0.05 , 0.1  , 0.05 , 0.025, 0.01 ])
    """

    lr: float = learning_rate(0.1)
    warmup: int = count(10, "W", "steps of the warm-up")

    title: ClassVar = "Inverse square root"
    elsewhere: ClassVar[dict[str, Elsewhere]] = {}

    def __post_init__(self):
        check(self)

    def __call__(self, t):
        return self.lr * np.minimum(t / self.warmup, np.sqrt(self.warmup / t))
