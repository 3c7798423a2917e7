"""Learning-rate schedules: functions of the step t = 1, 2, ..., counted as in the optimizers.

`schedule(t)` is the rate of step t: what PyTorch's optimizer holds after t - 1 calls of its
scheduler's `step()`, and what optax and Keras return for the count t - 1. In every schedule `lr` is
the largest rate. `elsewhere` leaves out what a library's scheduler has no name for; PyTorch's read
`lr` from their optimizer.

Robbins and Monro (1951) ask of the rates of stochastic gradient descent that their sum be
infinite, to get anywhere, and the sum of their squares finite, to average out the noise; see
Bottou, Curtis and Nocedal 2018, section 4.2. For lr / t**p this is 1/2 < p <= 1. Of the schedules
here `RobbinsMonro` fulfils it by its range of `power`, and `InverseTime` for every decay > 0, with
a warm-up or without; `InverseSqrt` just misses it (p = 1/2). No other does: its rates stay away
from zero or return from it, end there, or fall so fast (`StepDecay`, `Exponential`) that their sum
is finite.
"""

from optim_lessons.schedules.constant import Constant, MultiStep, StepDecay
from optim_lessons.schedules.cosine import Cosine, CosineRestarts
from optim_lessons.schedules.cycle import Cyclic, OneCycle, OneCycleLinear
from optim_lessons.schedules.decay import (
    Exponential,
    InverseSqrt,
    InverseTime,
    Polynomial,
    RobbinsMonro,
)
from optim_lessons.schedules.fields import Schedule
from optim_lessons.schedules.plateau import ReduceOnPlateau
from optim_lessons.schedules.warmup import Warmup, WarmupStableDecay

# In the order in which tables show them. `ReduceOnPlateau` reads losses: it is no function of t.
SCHEDULES: dict[str, type] = {
    schedule.__name__: schedule
    for schedule in (
        Constant,
        StepDecay,
        MultiStep,
        Exponential,
        Polynomial,
        InverseTime,
        RobbinsMonro,
        InverseSqrt,
        Cosine,
        CosineRestarts,
        Warmup,
        WarmupStableDecay,
        OneCycle,
        OneCycleLinear,
        Cyclic,
    )
}

__all__ = ["SCHEDULES", "ReduceOnPlateau", "Schedule", *SCHEDULES]
