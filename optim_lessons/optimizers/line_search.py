"""How far to go along a direction: a step length that satisfies the strong Wolfe conditions."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Trial(NamedTuple):
    """A step length, and the loss and its slope along the direction there."""

    t: float
    f: float
    slope: float


def strong_wolfe(
    along: Callable[[float], tuple[float, float]],
    f: float,
    slope: float,
    t: float,
    c1: float = 1e-4,
    c2: float = 0.9,
    size: float = 1.0,
    trials: int = 25,
) -> float:
    """Find a step length with enough decrease and a slope that is flat enough.

    `along(t)` gives the loss and its slope after a step of length t along the direction; `f` and
    `slope` < 0 are those at 0; `t` > 0 is the first length to try, `size` the largest coordinate of
    the direction. The length found satisfies along(t) <= f + c1 t slope and |slope at t| <= c2
    |slope|; if `trials` are used up before, or the bracket is no wider than 1e-9 in theta, it is
    the best length seen, perhaps 0.

    Variant: PyTorch's rules, so that L-BFGS equals its own at every step; a loss that is not a
    number counts as infinite.
    Source: Nocedal and Wright 2006, algorithms 3.5 and 3.6, with the cubic of equation (3.59).

    Example:
        >>> strong_wolfe(lambda t: ((t - 3.0) ** 2, 2 * (t - 3.0)), f=9.0, slope=-6.0, t=0.1)
        1.0
    """

    def attempt(t: float) -> Trial:
        value, slope_there = map(float, along(t))
        return Trial(t, math.inf if math.isnan(value) else value, slope_there)

    def too_high(trial: Trial) -> bool:
        return trial.f > f + c1 * trial.t * slope

    def flat(trial: Trial) -> bool:
        return abs(trial.slope) <= -c2 * slope

    # Go on until a dip lies between the last two trials.
    start = before = Trial(0.0, f, slope)
    trial = attempt(t)
    used = 0
    while used < trials:
        if too_high(trial) or (used > 1 and trial.f >= before.f):
            break
        if flat(trial):
            return trial.t
        if trial.slope >= 0:
            break
        t = cubic_minimum(before, trial, trial.t + 0.01 * (trial.t - before.t), 10 * trial.t)
        before, trial = trial, attempt(t)
        used += 1
    else:
        before = start

    # Narrow the bracket; `low` is its end with the lower loss.
    bracket = [before, trial]
    low = 0 if before.f <= trial.f else 1
    near = False
    while used < trials and abs(bracket[1].t - bracket[0].t) * size >= 1e-9:
        left, right = sorted(end.t for end in bracket)
        t = cubic_minimum(bracket[0], bracket[1], left, right)
        margin = 0.1 * (right - left)
        was_near, near = near, min(right - t, t - left) < margin
        if near and (was_near or not left < t < right):  # too near to an end: narrow for certain
            t = right - margin if right - t < t - left else left + margin
            near = False
        trial = attempt(t)
        used += 1
        if too_high(trial) or trial.f >= bracket[low].f:
            bracket[1 - low] = trial
            low = 0 if bracket[0].f <= bracket[1].f else 1
        elif flat(trial):
            return trial.t
        else:
            if trial.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
                bracket[1 - low] = bracket[low]
            bracket[low] = trial
    return bracket[low].t


def cubic_minimum(one: Trial, other: Trial, left: float, right: float) -> float:
    """Where in [left, right] the cubic through two trials is lowest; without a dip, the middle."""
    a, b = sorted([one, other])
    with np.errstate(all="ignore"):
        d1 = a.slope + b.slope - 3 * (a.f - b.f) / np.float64(a.t - b.t)
        d2 = np.sqrt(d1**2 - a.slope * b.slope)
        t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    return (left + right) / 2 if np.isnan(t) else float(np.clip(t, left, right))
