"""Half a cosine from the largest rate to the smallest, once or again and again."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optim_lessons.contract import Elsewhere, count, learning_rate
from optim_lessons.schedules.fields import SAME, check, smallest_rate

FRACTION = "The same rates; alpha is lr_min / lr."


@dataclass(frozen=True, eq=False)
class Cosine:
    """Fall from lr to lr_min in `steps` steps along half a cosine: slowly, fast, and slowly again.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0, steps not a whole number >= 1, or lr_min outside [0, lr].
    Variant: lr_min is reached at step steps + 1, and stays, as in optax and Keras. PyTorch agrees
    up to there; then its rate rises again.
    Source: Loshchilov and Hutter 2017 (SGDR, arXiv 1608.03983), equation (5), in a single cycle.

    Example:
        >>> import numpy as np
        >>> Cosine(lr=0.1, steps=100)(np.array([1, 26, 51, 76, 101])).round(4)
        array([0.1   , 0.0854, 0.05  , 0.0146, 0.    ])
    """

    lr: float = learning_rate(0.1)
    steps: int = count(100, "T", "steps")
    lr_min: float = smallest_rate()

    title: ClassVar = "Cosine"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.CosineAnnealingLR",
            {"steps": ("T_max", "required"), "lr_min": ("eta_min", 0.0)},
            "The same rates up to step T_max + 1; then they rise again, as a full cosine.",
        ),
        "optax": Elsewhere(
            "optax.cosine_decay_schedule",
            {
                "lr": ("init_value", "required"),
                "steps": ("decay_steps", "required"),
                "lr_min": ("alpha", 0.0),
            },
            FRACTION,
        ),
        "Keras": Elsewhere(
            "keras.optimizers.schedules.CosineDecay",
            {
                "lr": ("initial_learning_rate", "required"),
                "steps": ("decay_steps", "required"),
                "lr_min": ("alpha", 0.0),
            },
            FRACTION,
        ),
    }

    def __post_init__(self):
        check(self)

    def __call__(self, t):
        k = np.minimum(t - 1, self.steps)
        return self.lr_min + (self.lr - self.lr_min) * (1 + np.cos(np.pi * k / self.steps)) / 2


@dataclass(frozen=True, eq=False)
class CosineRestarts:
    """Fall along half a cosine, jump back to lr, and do so again in cycles `t_mult` times as long.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0, steps or t_mult not whole numbers >= 1, or lr_min outside
    [0, lr].
    Variant: whole steps and cycles of whole length, as in PyTorch: the first of each cycle has the
    rate lr, and none has lr_min. optax and Keras agree.
    Source: Loshchilov and Hutter 2017 (SGDR, arXiv 1608.03983), equation (5); T_i, T_cur and i are
    theirs, `steps` is their T_0.

    Example:
        >>> import numpy as np
        >>> CosineRestarts(lr=0.1, steps=10)(np.array([1, 6, 10, 11, 21, 30, 31])).round(4)
        array([0.1   , 0.05  , 0.0024, 0.1   , 0.05  , 0.0006, 0.1   ])
    """

    lr: float = learning_rate(0.1)
    steps: int = count(10, "T_0", "steps of the first cycle")
    t_mult: int = count(2, r"T_\text{mult}", "growth of the cycles")
    lr_min: float = smallest_rate()

    title: ClassVar = "Cosine with restarts"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts",
            {
                "steps": ("T_0", "required"),
                "t_mult": ("T_mult", 1),
                "lr_min": ("eta_min", 0.0),
            },
            SAME,
        ),
        "optax": Elsewhere(
            "optax.sgdr_schedule",
            {
                "lr": ("cosine_kwargs", "required"),
                "steps": ("cosine_kwargs", "required"),
                "t_mult": ("cosine_kwargs", "required"),
                "lr_min": ("cosine_kwargs", "required"),
            },
            "The same rates, if each cycle is listed: init_value, peak_value, end_value, "
            "decay_steps, and warmup_steps=0.",
        ),
        "Keras": Elsewhere(
            "keras.optimizers.schedules.CosineDecayRestarts",
            {
                "lr": ("initial_learning_rate", "required"),
                "steps": ("first_decay_steps", "required"),
                "t_mult": ("t_mul", 2.0),
                "lr_min": ("alpha", 0.0),
            },
            FRACTION,
        ),
    }

    def __post_init__(self):
        check(self)

    def __call__(self, t):
        k = t - 1
        m = np.maximum(self.t_mult, 2)  # of cycles that grow; at 1 the lines below divide by zero
        # Half a step late: rounding in the logarithm cannot move a restart to its neighbour.
        i = np.floor(np.log(1 + (k + 0.5) * (m - 1) / self.steps) / np.log(m))
        start = self.steps * (m**i - 1) / (m - 1)
        t_i = np.where(self.t_mult > 1, self.steps * m**i, self.steps)
        t_cur = np.where(self.t_mult > 1, k - start, k % self.steps)
        return self.lr_min + (self.lr - self.lr_min) * (1 + np.cos(np.pi * t_cur / t_i)) / 2
