"""A schedule that reads the losses: reduce the rate where they no longer fall."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Elsewhere, count, hyper, learning_rate
from optim_lessons.schedules.fields import check, smallest_rate


@dataclass(frozen=True, eq=False)
class ReduceOnPlateau:
    """Multiply the rate by `factor` when more than `patience` losses in a row were no improvement.

    It is no function of t: `step(value, state)` takes the loss after a step or an epoch and returns
    the rate of the next one, and the new state. `state.lr` is the rate before the first.

    Shapes: `value` and the rate are numbers. A loss that is NaN is no improvement.
    Errors: ValueError for lr < 0, factor outside (0, 1), patience or cooldown not whole numbers
    >= 0, threshold outside [0, 1), or lr_min outside [0, lr].
    Variant: PyTorch's, for a loss to be minimised and its eps = 0: an improvement is a loss below
    (1 - threshold) times the best, which below zero even a slightly worse one is. After a reduction
    `cooldown` losses are not counted. optax agrees with patience one larger; Keras with patience
    one larger, threshold = 0 and no cooldown.
    Source: practice rather than a paper; the formula is that of PyTorch's ReduceLROnPlateau.

    Example:
        >>> schedule = ReduceOnPlateau(lr=0.1, factor=0.5, patience=1)
        >>> state, rates = schedule.init(), []
        >>> for value in (3.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0):
        ...     lr, state = schedule.step(value, state)
        ...     rates.append(lr)
        >>> rates
        [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025]
    """

    lr: float = learning_rate(0.1)
    factor: float = hyper(0.1, r"\gamma", "factor", "(0, 1)", "log")
    patience: int = count(10, "P", "losses that are waited for", "[0, inf)")
    threshold: float = hyper(1e-4, r"\tau", "part that is an improvement", "[0, 1)", "log")
    cooldown: int = count(0, "C", "losses not counted after a reduction", "[0, inf)")
    lr_min: float = smallest_rate()

    title: ClassVar = "Reduce on plateau"
    untraced: ClassVar = "it reads the losses, so that its rate is no function of t"
    elsewhere: ClassVar = {
        "PyTorch": Elsewhere(
            "torch.optim.lr_scheduler.ReduceLROnPlateau",
            {
                "factor": ("factor", 0.1),
                "patience": ("patience", 10),
                "threshold": ("threshold", 1e-4),
                "cooldown": ("cooldown", 0),
                "lr_min": ("min_lr", 0),
            },
            "The same rates for eps=0; by default it leaves out reductions by less than 1e-8.",
        ),
        "optax": Elsewhere(
            "optax.contrib.reduce_on_plateau",
            {
                "factor": ("factor", 0.1),
                "patience": ("patience", 10),
                "threshold": ("rtol", 1e-4),
                "cooldown": ("cooldown", 0),
                "lr_min": ("min_scale", 0.0),
            },
            "The same rates with patience one larger and min_scale = lr_min / lr; it scales the "
            "updates, and may average several losses first.",
        ),
        "Keras": Elsewhere(
            "keras.callbacks.ReduceLROnPlateau",
            {
                "factor": ("factor", 0.1),
                "patience": ("patience", 10),
                "threshold": ("min_delta", 1e-4),
                "cooldown": ("cooldown", 0),
                "lr_min": ("min_lr", 0.0),
            },
            "A callback, with patience one larger; min_delta is a difference, not a part, and the "
            "last loss of a cooldown counts already.",
        ),
    }

    def __post_init__(self):
        check(self)

    class State(NamedTuple):
        lr: float
        best: float
        bad: int
        rest: int

    def init(self) -> State:
        return self.State(lr=self.lr, best=np.inf, bad=0, rest=0)

    def step(self, value: float, state: State) -> tuple[float, State]:
        improved = value < (1 - self.threshold) * state.best
        best = value if improved else state.best
        bad = 0 if improved or state.rest > 0 else state.bad + 1
        if bad > self.patience:
            lr = max(self.factor * state.lr, self.lr_min)
            return lr, self.State(lr, best, bad=0, rest=self.cooldown)
        return state.lr, self.State(state.lr, best, bad, rest=max(state.rest - 1, 0))
