"""Schedules that rise and fall: triangles without end, and a single cycle over the whole run."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from optim_lessons.contract import Elsewhere, count, hyper, learning_rate
from optim_lessons.schedules.fields import check, smallest_rate


def divisor(default: float, symbol: str, words: str) -> Any:
    """Declare what a larger rate is divided by to give a smaller one."""
    return hyper(default, symbol, words, "[1, inf)", "log")


@dataclass(frozen=True, eq=False)
class Cyclic:
    """Rise evenly from lr_min to lr in `steps` steps, fall as evenly, and begin again.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0, steps not a whole number >= 1, or lr_min outside [0, lr].
    Variant: the policy "triangular", the same height in each cycle; PyTorch agrees.
    Source: Smith 2017 (arXiv 1506.01186), section 3; `steps` is the paper's stepsize.

    Example:
        >>> import numpy as np
        >>> Cyclic(lr=0.1, steps=10)(np.array([1, 6, 11, 16, 21, 31]))
        array([0.  , 0.05, 0.1 , 0.05, 0.  , 0.1 ])
    """

    lr: float = learning_rate(0.1)
    steps: int = count(10, "T", "steps of a rise")
    lr_min: float = smallest_rate()

    title: ClassVar = "Cyclic"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.CyclicLR",
            {
                "lr": ("max_lr", "required"),
                "steps": ("step_size_up", 2000),
                "lr_min": ("base_lr", "required"),
            },
            "The same rates; it moves the momentum too, unless cycle_momentum=False.",
        )
    }

    def __post_init__(self):
        check(self)

    def __call__(self, t):
        k = (t - 1) % (2 * self.steps)
        return self.lr_min + (self.lr - self.lr_min) * (1 - np.abs(k / self.steps - 1))


@dataclass(frozen=True, eq=False)
class OneCycle:
    """Rise along half a cosine to lr, and fall along a longer one to almost nothing.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0, steps not a whole number >= 1, pct_start outside (0, 1) or so
    small that pct_start * steps <= 1, or a divisor < 1.
    Variant: fastai's two phases, PyTorch's default: the peak is at step pct_start * steps (if that
    is whole), the last rate at step `steps`; after it, where PyTorch raises, the rate stays. optax
    agrees when it is given the same peak. The paper's own cycle is `OneCycleLinear`.
    Source: Smith and Topin 2019 (arXiv 1708.07120) for the policy; PyTorch's OneCycleLR for this
    form of it.

    Example:
        >>> import numpy as np
        >>> OneCycle(lr=0.1, steps=100)(np.array([1, 15, 30, 65, 100])).round(4)
        array([0.004 , 0.0494, 0.1   , 0.05  , 0.    ])
    """

    lr: float = learning_rate(0.1)
    steps: int = count(100, "T", "steps")
    pct_start: float = hyper(0.3, "p", "part of the steps that rise", "(0, 1)", "log")
    div_factor: float = divisor(25.0, "d", "largest rate over the first")
    final_div_factor: float = divisor(1e4, "d_T", "first rate over the last")

    title: ClassVar = "One cycle"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.OneCycleLR",
            {
                "lr": ("max_lr", "required"),
                "steps": ("total_steps", "None"),
                "pct_start": ("pct_start", 0.3),
                "div_factor": ("div_factor", 25.0),
                "final_div_factor": ("final_div_factor", 1e4),
            },
            "The same rates; it moves the momentum too, unless cycle_momentum=False.",
        ),
        "optax": Elsewhere(
            "optax.cosine_onecycle_schedule",
            {
                "lr": ("peak_value", "required"),
                "steps": ("transition_steps", "required"),
                "pct_start": ("pct_start", 0.3),
                "div_factor": ("div_factor", 25.0),
                "final_div_factor": ("final_div_factor", 1e4),
            },
            "transition_steps is steps - 1, and the peak is at the count "
            "int(pct_start * transition_steps), which PyTorch puts at pct_start * steps - 1.",
        ),
    }

    def __post_init__(self):
        check(self)
        check_rise(self)

    def __call__(self, t):
        k = np.minimum(t - 1, self.steps - 1)
        peak = self.pct_start * self.steps - 1
        first = 1 / self.div_factor
        last = first / self.final_div_factor
        rise = first + (1 - first) * (1 - np.cos(np.pi * k / peak)) / 2
        fall = last + (1 - last) * (1 + np.cos(np.pi * (k - peak) / (self.steps - 1 - peak))) / 2
        return self.lr * np.where(k <= peak, rise, fall)


@dataclass(frozen=True, eq=False)
class OneCycleLinear:
    """Rise evenly to lr, fall as evenly, and spend the remaining steps on a fall to almost nothing.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0, steps not a whole number >= 1, pct_start outside (0, 1/2] or so
    small that pct_start * steps <= 1, or a divisor < 1.
    Variant: PyTorch's, with three linear phases; the peak is at step pct_start * steps (if that is
    whole), the last rate at step `steps`; after it, where PyTorch raises, the rate stays. optax
    agrees when it is given the same corners.
    Source: Smith and Topin 2019 (arXiv 1708.07120), who advise one cycle somewhat shorter than the
    run, and then rates several orders of magnitude below its first.

    Example:
        >>> import numpy as np
        >>> schedule = OneCycleLinear(lr=0.1, steps=100, pct_start=0.4)
        >>> schedule(np.array([1, 40, 79, 90, 100])).round(4)
        array([0.004 , 0.1   , 0.004 , 0.0019, 0.    ])
    """

    lr: float = learning_rate(0.1)
    steps: int = count(100, "T", "steps")
    pct_start: float = hyper(0.3, "p", "part of the steps that rise", "(0, 0.5]", "log")
    div_factor: float = divisor(25.0, "d", "largest rate over the first")
    final_div_factor: float = divisor(1e4, "d_T", "first rate over the last")

    title: ClassVar = "One cycle, linear"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.OneCycleLR(anneal_strategy=linear, three_phase=True)",
            {
                "lr": ("max_lr", "required"),
                "steps": ("total_steps", "None"),
                "pct_start": ("pct_start", 0.3),
                "div_factor": ("div_factor", 25.0),
                "final_div_factor": ("final_div_factor", 1e4),
            },
            "The same rates; it moves the momentum too, unless cycle_momentum=False.",
        ),
        "optax": Elsewhere(
            "optax.linear_onecycle_schedule",
            {
                "lr": ("peak_value", "required"),
                "steps": ("transition_steps", "required"),
                "pct_start": ("pct_start", 0.3),
                "div_factor": ("div_factor", 25.0),
                "final_div_factor": ("final_div_factor", 1e4),
            },
            "transition_steps is steps - 1, and the corners are at the counts "
            "int(pct_start * transition_steps) and int(pct_final * transition_steps); the cycle "
            "need not be symmetric.",
        ),
    }

    def __post_init__(self):
        check(self)
        check_rise(self)

    def __call__(self, t):
        k = np.minimum(t - 1, self.steps - 1)
        peak = self.pct_start * self.steps - 1
        first = 1 / self.div_factor
        last = first / self.final_div_factor
        cycle = first + (1 - first) * (1 - np.abs(k - peak) / peak)
        fall = last + (first - last) * (self.steps - 1 - k) / (self.steps - 1 - 2 * peak)
        return self.lr * np.where(k <= 2 * peak, cycle, fall)


def check_rise(schedule: Any) -> None:
    """Raise ValueError if no step is left for the rise."""
    if schedule.pct_start * schedule.steps <= 1:
        raise ValueError(
            f"{type(schedule).__name__}: pct_start = {schedule.pct_start!r} leaves no step to rise:"
            f" it must be above 1 / steps, and steps = {schedule.steps}"
        )
