"""Schedules that first rise: in front of any other, and before a stable rate."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optim_lessons.contract import Elsewhere, count, hyper, learning_rate
from optim_lessons.schedules.constant import Constant
from optim_lessons.schedules.fields import Schedule, check, smallest_rate


@dataclass(frozen=True, eq=False)
class Warmup:
    """Rise evenly to the first rate of the schedule `then` in `steps` steps, and go on with it.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for steps not a whole number >= 1 or start outside [0, 1]; TypeError if
    `then` is not a schedule.
    Variant: step 1 has the rate start * then(1), step steps + 1 the rate then(1), as in PyTorch
    (which wants start > 0), optax and Keras. With start = 0 the first step stands still; with
    steps = n - 1 and start = 1/n the first n rates are 1/n, 2/n, ..., n/n of then(1).
    Source: Goyal et al. 2017 (arXiv 1706.02677), section 2.2, "gradual warmup".

    Example:
        >>> import numpy as np
        >>> from optim_lessons.schedules import Cosine
        >>> schedule = Warmup(steps=10, then=Cosine(lr=0.1, steps=90))
        >>> schedule(np.array([1, 2, 6, 11, 56, 101])).round(4)
        array([0.  , 0.01, 0.05, 0.1 , 0.05, 0.  ])
    """

    steps: int = count(10, "W", "steps of the warm-up")
    start: float = hyper(0.0, "s", "first part of the rate", "[0, 1]", "log")
    then: Schedule = Constant()

    title: ClassVar = "Warm-up"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.LinearLR",
            {"steps": ("total_iters", 5), "start": ("start_factor", 1 / 3)},
            "The same rates; SequentialLR puts it in front of another. 0 is not allowed.",
        ),
        "optax": Elsewhere(
            "optax.linear_schedule",
            {"steps": ("transition_steps", "required"), "start": ("init_value", "required")},
            "The same rates; join_schedules puts it in front of another, and init_value is a rate.",
        ),
        "Keras": Elsewhere(
            "keras.optimizers.schedules.CosineDecay",
            {"steps": ("warmup_steps", 0), "start": ("initial_learning_rate", "required")},
            "The same rates, in front of a cosine only; initial_learning_rate is a rate, and "
            "warmup_target the largest.",
        ),
    }

    def __post_init__(self):
        check(self)
        if not callable(self.then) or isinstance(self.then, type):
            raise TypeError(f"Warmup: then = {self.then!r} must be a schedule, such as Cosine()")

    def __call__(self, t):
        part = self.start + (1 - self.start) * np.minimum((t - 1) / self.steps, 1)
        return part * self.then(np.maximum(t - self.steps, 1))


@dataclass(frozen=True, eq=False)
class WarmupStableDecay:
    """Rise evenly to lr, stay there, and fall evenly to lr_min in the last `decay` steps.

    A run can go on at the stable rate as long as one likes, and end with a fall at any time.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0, counts that are not whole numbers >= 1, warmup + decay > steps,
    or lr_min outside [0, lr].
    Variant: a linear fall, one of those that Hägele et al. 2024 (arXiv 2405.18392) compare;
    MiniCPM leaves the form open and takes an exponential. lr_min is reached at step steps + 1. No
    scheduler of PyTorch, optax or Keras; it equals optax's join of two linear schedules.
    Source: Hu et al. 2024 (MiniCPM, arXiv 2404.06395), section 4.2, equation (1).

    Example:
        >>> import numpy as np
        >>> schedule = WarmupStableDecay(lr=0.1, steps=100, warmup=10, decay=20)
        >>> schedule(np.array([1, 6, 11, 81, 91, 101]))
        array([0.  , 0.05, 0.1 , 0.1 , 0.05, 0.  ])
    """

    lr: float = learning_rate(0.1)
    steps: int = count(100, "T", "steps")
    warmup: int = count(10, "W", "steps of the warm-up")
    decay: int = count(10, "D", "steps of the fall")
    lr_min: float = smallest_rate()

    title: ClassVar = "Warm-up, stable, decay"
    elsewhere: ClassVar[dict[str, Elsewhere]] = {}

    def __post_init__(self):
        check(self)
        if self.warmup + self.decay > self.steps:
            raise ValueError(
                f"WarmupStableDecay: warmup = {self.warmup} and decay = {self.decay} together are"
                f" above steps = {self.steps}"
            )

    def __call__(self, t):
        k = t - 1
        part = np.minimum(k / self.warmup, 1)
        remaining = np.clip((self.steps - k) / self.decay, 0, 1)
        return part * (self.lr_min + (self.lr - self.lr_min) * remaining)
