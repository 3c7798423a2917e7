"""Schedules that are constant, throughout or in pieces."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from optim_lessons.contract import Elsewhere, count, hyper, learning_rate
from optim_lessons.schedules.fields import SAME, check


def factor(default: float) -> Any:
    """Declare the factor by which a rate falls at once."""
    return hyper(default, r"\gamma", "factor", "(0, 1]", "log")


@dataclass(frozen=True, eq=False)
class Constant:
    """The same learning rate at every step.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0.
    Variant: there is only one. optax agrees; in PyTorch and Keras it is a plain number.
    Source: none is needed.

    Example:
        >>> import numpy as np
        >>> Constant(lr=0.1)(np.array([1, 50, 100]))
        array([0.1, 0.1, 0.1])
    """

    lr: float = learning_rate(0.1)

    title: ClassVar = "Constant"
    elsewhere: ClassVar = {
        "optax": Elsewhere("optax.constant_schedule", {"lr": ("value", "required")}, SAME)
    }

    def __post_init__(self):
        check(self)

    def __call__(self, t):
        return self.lr + np.zeros_like(t)


@dataclass(frozen=True, eq=False)
class StepDecay:
    """Multiply the learning rate by gamma after every `steps` steps.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0, steps not a whole number >= 1, or gamma outside (0, 1].
    Variant: the first `steps` steps have the full rate, as in PyTorch, optax and Keras.
    Source: practice rather than a paper; the formula is that of PyTorch's StepLR.

    Example:
        >>> import numpy as np
        >>> StepDecay(lr=0.1, steps=30, gamma=0.5)(np.array([1, 30, 31, 61, 91]))
        array([0.1   , 0.1   , 0.05  , 0.025 , 0.0125])
    """

    lr: float = learning_rate(0.1)
    steps: int = count(30, "T", "steps between two falls")
    gamma: float = factor(0.1)

    title: ClassVar = "Step decay"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.StepLR",
            {"steps": ("step_size", "required"), "gamma": ("gamma", 0.1)},
            SAME,
        ),
        "optax": Elsewhere(
            "optax.exponential_decay(staircase=True)",
            {
                "lr": ("init_value", "required"),
                "steps": ("transition_steps", "required"),
                "gamma": ("decay_rate", "required"),
            },
            SAME,
        ),
        "Keras": Elsewhere(
            "keras.optimizers.schedules.ExponentialDecay(staircase=True)",
            {
                "lr": ("initial_learning_rate", "required"),
                "steps": ("decay_steps", "required"),
                "gamma": ("decay_rate", "required"),
            },
            SAME,
        ),
    }

    def __post_init__(self):
        check(self)

    def __call__(self, t):
        return self.lr * self.gamma ** ((t - 1) // self.steps)


@dataclass(frozen=True, eq=False)
class MultiStep:
    """Multiply the learning rate by gamma after each of the steps in `milestones`.

    Shapes: `t` is the number of a step, from 1, or an array of them; the rate has its shape.
    Errors: ValueError for lr < 0, gamma outside (0, 1], or milestones that are not an increasing
    tuple of whole numbers >= 1.
    Variant: step 30 is the last of the old rate if 30 is a milestone, as in PyTorch and optax.
    Source: practice rather than a paper; He et al. 2016 (arXiv 1512.03385), section 4.2, divide by
    10 after 32k and 48k steps.

    Example:
        >>> import numpy as np
        >>> MultiStep(lr=0.1, milestones=(30, 60), gamma=0.5)(np.array([1, 30, 31, 61, 91]))
        array([0.1  , 0.1  , 0.05 , 0.025, 0.025])
    """

    lr: float = learning_rate(0.1)
    milestones: tuple[int, ...] = count((30, 60), "T_i", "last steps before a fall")
    gamma: float = factor(0.1)

    title: ClassVar = "Milestones"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.MultiStepLR",
            {"milestones": ("milestones", "required"), "gamma": ("gamma", 0.1)},
            SAME,
        ),
        "optax": Elsewhere(
            "optax.piecewise_constant_schedule",
            {
                "lr": ("init_value", "required"),
                "milestones": ("boundaries_and_scales", "None"),
                "gamma": ("boundaries_and_scales", "None"),
            },
            "The same rates for the dictionary {milestone: gamma, ...}.",
        ),
        "Keras": Elsewhere(
            "keras.optimizers.schedules.PiecewiseConstantDecay",
            {
                "lr": ("values", "required"),
                "milestones": ("boundaries", "required"),
                "gamma": ("values", "required"),
            },
            "A boundary is a milestone less 1, and values are the rates themselves.",
        ),
    }

    def __post_init__(self):
        check(self)
        if not np.all(np.diff(self.milestones) > 0):
            raise ValueError(
                f"MultiStep: milestones = {self.milestones!r} is not an increasing tuple of whole"
                " numbers in [1, inf)"
            )

    def __call__(self, t):
        passed = sum(t > milestone for milestone in self.milestones)
        return self.lr * self.gamma**passed
