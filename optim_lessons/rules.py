"""The rules that `optim_lessons.framework` combines, each named for what it keeps of the past.

A rule has the form of an optimizer, `init` and `step`, but its step gives a moment in place of the
next theta; so the trace reads a rule as it reads an optimizer. `PHI` makes a direction of the
gradients g, `PSI` a scale of them. `CHI` makes the step of what it is given as g, the scaled
direction, and `DECAY` adds to that.
"""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from optim_lessons.contract import Hyper, decay, epsilon, hyper


class Rule:
    """The base of rules: a state of arrays that start at 0, named by the subclass.

    `title` says the rule in words. A rule that is `corrected` divides an average by the sum of the
    weights that it has given so far, which undoes its start at 0.
    """

    title: ClassVar[str]
    State: ClassVar[Any]

    def __init_subclass__(cls, remembers: str = ""):
        cls.State = namedtuple("State", remembers, module=cls.__module__)  # type: ignore[misc]
        cls.State.__qualname__ = f"{cls.__name__}.State"

    def init(self, theta: Any) -> Any:
        zeros = {n: np.zeros_like(theta) for n in self.State._fields}
        return self.State(**zeros | {"t": 0} if "t" in zeros else zeros)


# --- phi: the direction -----------------------------------------------------------------------


@dataclass(frozen=True)
class Gradient(Rule):
    """No memory: the newest gradient."""

    title: ClassVar = "the gradient"

    def step(self, theta, g, state):
        return g, state


@dataclass(frozen=True)
class Sum(Rule, remembers="m"):
    """The heavy ball of Momentum."""

    momentum: Hyper = decay(0.9, r"\mu", "momentum")
    title: ClassVar = "decaying sum"

    def step(self, theta, g, state):
        m = self.momentum * state.m + g
        return m, self.State(m)


@dataclass(frozen=True)
class LookAhead(Rule, remembers="m"):
    """The sum as it will be after one more such gradient: Nesterov."""

    momentum: Hyper = decay(0.9, r"\mu", "momentum")
    title: ClassVar = "decaying sum, one step ahead"

    def step(self, theta, g, state):
        m = self.momentum * state.m + g
        m_bar = g + self.momentum * m
        return m_bar, self.State(m)


@dataclass(frozen=True)
class Average(Rule, remembers="t m"):
    """The exponential average of Adam, without its correction unless `corrected`."""

    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    corrected: bool = False
    title: ClassVar = "average"

    def step(self, theta, g, state):
        t = state.t + 1
        m = self.beta1 * state.m + (1 - self.beta1) * g
        if self.corrected:
            m_hat = m / (1 - self.beta1**t)
            return m_hat, self.State(t, m)
        return m, self.State(t, m)


@dataclass(frozen=True)
class AverageAhead(Rule, remembers="t mu_product m"):
    """The corrected average one step ahead, with a momentum that rises: NAdam."""

    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    psi: Hyper = hyper(4e-3, r"\psi", "speed of the momentum's rise", "[0, inf)", "log")
    title: ClassVar = "average, one step ahead"
    corrected: ClassVar = True

    def init(self, theta):
        return self.State(t=0, mu_product=1.0, m=np.zeros_like(theta))

    def step(self, theta, g, state):
        t = state.t + 1
        mu = self.beta1 * (1 - 0.5 * 0.96 ** (t * self.psi))
        mu_next = self.beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * self.psi))
        mu_product = state.mu_product * mu
        m = self.beta1 * state.m + (1 - self.beta1) * g
        g_hat = g / (1 - mu_product)
        m_hat = m / (1 - mu_product * mu_next)
        m_bar = (1 - mu) * g_hat + mu_next * m_hat
        return m_bar, self.State(t, mu_product, m)


@dataclass(frozen=True)
class TwoAverages(Rule, remembers="m"):
    """A short average that steps, made from a longer one that stays: Lion."""

    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average that steps")
    beta2: Hyper = decay(0.99, r"\beta_2", "decay of the average that stays")
    title: ClassVar = "short average from a long one"

    def step(self, theta, g, state):
        c = self.beta1 * state.m + (1 - self.beta1) * g
        m = self.beta2 * state.m + (1 - self.beta2) * g
        return c, self.State(m)


# --- psi: the scale ---------------------------------------------------------------------------


@dataclass(frozen=True)
class SumOfSquares(Rule, remembers="v"):
    """All squares: Adagrad."""

    title: ClassVar = "sum of squares"

    def step(self, theta, g, state):
        v = state.v + g**2
        return v, self.State(v)


@dataclass(frozen=True)
class AverageOfSquares(Rule, remembers="t v"):
    """Recent squares: RMSprop, and corrected Adam."""

    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average square")
    corrected: bool = False
    title: ClassVar = "average of squares"

    def step(self, theta, g, state):
        t = state.t + 1
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        if self.corrected:
            v_hat = v / (1 - self.beta2**t)
            return v_hat, self.State(t, v)
        return v, self.State(t, v)


@dataclass(frozen=True)
class Variance(Rule, remembers="w g_bar"):
    """Recent squares less the square of the recent mean: centred RMSprop."""

    beta2: Hyper = decay(0.999, r"\beta_2", "decay of both averages")
    title: ClassVar = "variance"

    def step(self, theta, g, state):
        w = self.beta2 * state.w + (1 - self.beta2) * g**2
        g_bar = self.beta2 * state.g_bar + (1 - self.beta2) * g
        v = w - g_bar**2
        return v, self.State(w, g_bar)


@dataclass(frozen=True)
class LargestAverage(Rule, remembers="t v v_max"):
    """The largest average of squares so far: AMSGrad."""

    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average square")
    corrected: bool = False
    title: ClassVar = "largest average of squares"

    def step(self, theta, g, state):
        t = state.t + 1
        v = self.beta2 * state.v + (1 - self.beta2) * g**2
        v_max = np.maximum(state.v_max, v)
        if self.corrected:
            v_hat = v_max / (1 - self.beta2**t)
            return v_hat, self.State(t, v, v_max)
        return v_max, self.State(t, v, v_max)


@dataclass(frozen=True)
class LargestGradient(Rule, remembers="u"):
    """The largest recent gradient, epsilon included: AdaMax."""

    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the largest gradient")
    eps: Hyper = epsilon(1e-8)
    title: ClassVar = "square of the largest gradient"

    def step(self, theta, g, state):
        u = np.maximum(self.beta2 * state.u, np.abs(g) + self.eps)
        v = u**2
        return v, self.State(u)


@dataclass(frozen=True)
class BoundedChange(Rule, remembers="v"):
    """Move towards the newest square by a share of that square, not of the difference: Yogi."""

    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the second moment")
    title: ClassVar = "squares, approached by bounded changes"

    def step(self, theta, g, state):
        v = state.v - (1 - self.beta2) * np.sign(state.v - g**2) * g**2
        return v, self.State(v)


@dataclass(frozen=True)
class Deviation(Rule, remembers="t g_bar s"):
    """How far gradients are from their average, which is this rule's own: AdaBelief."""

    beta1: Hyper = decay(0.9, r"\beta_1", "decay of the average gradient")
    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average deviation")
    eps: Hyper = epsilon(1e-16)
    corrected: bool = False
    title: ClassVar = "average squared deviation"

    def step(self, theta, g, state):
        t = state.t + 1
        g_bar = self.beta1 * state.g_bar + (1 - self.beta1) * g
        s = self.beta2 * state.s + (1 - self.beta2) * (g - g_bar) ** 2 + self.eps
        if self.corrected:
            s_hat = s / (1 - self.beta2**t)
            return s_hat, self.State(t, g_bar, s)
        return s, self.State(t, g_bar, s)


@dataclass(frozen=True)
class Rectified(Rule, remembers="t w"):
    """The corrected average of squares once it can be trusted, made larger; until then 1: RAdam."""

    beta2: Hyper = decay(0.999, r"\beta_2", "decay of the average square")
    eps: Hyper = epsilon(1e-8)
    title: ClassVar = "average of squares, rectified"
    corrected: ClassVar = True

    def step(self, theta, g, state):
        t = state.t + 1
        w = self.beta2 * state.w + (1 - self.beta2) * g**2
        rho_inf = np.maximum(2 / (1 - self.beta2) - 1, 5)
        rho = np.maximum(rho_inf - 2 * t * self.beta2**t / (1 - self.beta2**t), 5)
        r = np.sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
        w_hat = ((np.sqrt(w) + self.eps) / (r * np.sqrt(1 - self.beta2**t))) ** 2
        v = np.full_like(w, np.where(rho > 5, w_hat, 1))
        return v, self.State(t, w)


# --- chi: what is made of the scaled direction; decay -------------------------------------------


@dataclass(frozen=True)
class Sign(Rule):
    """All steps of one size: SignSGD, Lion."""

    title: ClassVar = "sign"

    def step(self, theta, g, state):
        return np.sign(g), state


@dataclass(frozen=True)
class SumOfSteps(Rule, remembers="b"):
    """A heavy ball pushed by steps that are scaled already: RMSprop with momentum."""

    momentum: Hyper = decay(0.9, r"\mu", "momentum")
    title: ClassVar = "decaying sum of steps"

    def step(self, theta, g, state):
        b = self.momentum * state.b + g
        return b, self.State(b)


@dataclass(frozen=True)
class OwnSize(Rule, remembers="a"):
    """As large as recent steps were, so that no learning rate is needed: Adadelta."""

    rho: Hyper = decay(0.9, r"\rho", "decay of the average squared step")
    eps: Hyper = epsilon(1e-6)
    title: ClassVar = "times the root mean square of past steps"

    def step(self, theta, g, state):
        d = np.sqrt(state.a + self.eps) * g
        a = self.rho * state.a + (1 - self.rho) * d**2
        return d, self.State(a)


@dataclass(frozen=True)
class WeightDecay(Rule):
    """A pull towards 0 that no moment sees: AdamW, Lion."""

    weight_decay: Hyper = hyper(0.01, r"\lambda", "weight decay", "[0, inf)", "log")
    title: ClassVar = "decoupled"

    def step(self, theta, g, state):
        return g + self.weight_decay * theta, state


def _by_name(*rules: type[Rule]) -> dict[str, Any]:
    return {rule.__name__: rule for rule in rules}


PHI = _by_name(Gradient, Sum, LookAhead, Average, AverageAhead, TwoAverages)
PSI = _by_name(
    *(SumOfSquares, AverageOfSquares, Variance, LargestAverage, LargestGradient),
    *(BoundedChange, Deviation, Rectified),
)
CHI = _by_name(Sign, SumOfSteps, OwnSize)
DECAY = _by_name(WeightDecay)
