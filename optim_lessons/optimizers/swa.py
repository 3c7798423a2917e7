"""Stochastic weight averaging: report the average of the path's points."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Array, Descent, Elsewhere, count, hyper
from optim_lessons.optimizers.sgd import SGD
from optim_lessons.optimizers.wrapper import Wrapper, reported


@dataclass(frozen=True, eq=False)
class SWA(Wrapper):
    """Report the average of the points after `start`, `start + every`, ... steps of another method.

    Until `start` it reports what the inner method does. The steps themselves know nothing of the
    average. `SWA(inner, start=1, every=1)`, all points but the first, is Polyak-Ruppert averaging.

    Shapes: those of the inner method; `average` has theta's. `t` is the number of steps taken.
    Errors: `validate` raises ValueError for a start that is no whole number, an `every` that is no
    whole number above 0, and for what the inner method refuses.
    Variant: the paper's average, the point after `start` steps included; PyTorch's AveragedModel
    agrees if it is updated at these steps.
    Source: Izmailov et al. 2018 (arXiv 1803.05407), algorithm 1; with start=1 and every=1 Polyak
    and Juditsky 1992.

    Example:
        >>> from optim_lessons import SGD, SWA, minimize, problems
        >>> path = minimize(SWA(SGD(lr=0.099), start=20), problems.ravine, steps=100)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 100)]
        [18.0, 4.5806, 0.0022]
    """

    inner: Any = SGD()
    start: int = hyper(0, "t_0", "steps before the average", "[0, inf)", "whole")
    every: int = count(1, "c", "steps from one averaged point to the next")

    title: ClassVar = "Weight averaging"
    family: ClassVar = "averaging"
    untraced: ClassVar = "it wraps another method, and counts its steps"
    descent: ClassVar = Descent(("SGD",), "averages its path", 2018)
    elsewhere: ClassVar[dict[str, Elsewhere]] = {}

    class State(NamedTuple):
        t: int
        average: Array
        inner: Any

    def init(self, theta):
        inner = self.inner.init(theta)
        return self.State(t=0, average=np.array(reported(self.inner, theta, inner)), inner=inner)

    def step(self, theta, g, state, *oracle):
        t = state.t + 1
        theta, inner = self.inner.step(theta, g, state.inner, *oracle)
        point = reported(self.inner, theta, inner)
        if t <= self.start:
            average = point
        elif (t - self.start) % self.every == 0:
            n = (t - self.start) // self.every + 1  # points in the average, this one included
            average = state.average + (point - state.average) / n
        else:
            average = state.average
        return theta, self.State(t, average, inner)

    def output(self, theta, state):
        """The average."""
        return state.average
