"""What every optimizer of the book agrees on: hyperparameters that carry their own description.

An optimizer is a frozen dataclass of hyperparameters, a `State` (a NamedTuple of what it
remembers) and two pure methods, `init` and `step`. Nothing here is inherited: the contract is a
form, checked by the tests, so that each optimizer can be read on one screen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Hyper = float | Array  # a sweep is an optimizer whose hyperparameters are arrays


@dataclass(frozen=True)
class HyperInfo:
    """A hyperparameter's symbol, name in words, valid interval and the scale of its slider."""

    name: str
    symbol: str
    words: str
    interval: str
    scale: str
    default: Any

    def contains(self, value: Any) -> bool:
        """Whether every element of `value` lies in the interval (NaN never does)."""
        low, high = (float(end) for end in self.interval[1:-1].split(","))
        x = np.asarray(value)
        above = x > low if self.interval[0] == "(" else x >= low
        below = x < high if self.interval[-1] == ")" else x <= high
        return bool(np.all(above & below))


def hyper(default: float, symbol: str, words: str, interval: str, scale: str) -> Any:
    """Declare a hyperparameter of an optimizer.

    `interval` is written as in mathematics, for example "[0, 1)". `scale` says what a slider
    moves evenly: "log" the logarithm of the value, "one_minus" the logarithm of 1 - value.
    """
    about = {"symbol": symbol, "words": words, "interval": interval, "scale": scale}
    return dataclasses.field(default=default, metadata=about)


def learning_rate(default: float) -> Any:
    """Declare the learning rate."""
    return hyper(default, r"\alpha", "learning rate", "[0, inf)", "log")


def epsilon(default: float) -> Any:
    """Declare the small number that keeps a denominator from being zero."""
    return hyper(default, r"\epsilon", "epsilon", "[0, inf)", "log")


def decay(default: float, symbol: str, words: str) -> Any:
    """Declare the weight of the past in an average: at least 0, below 1."""
    return hyper(default, symbol, words, "[0, 1)", "one_minus")


class Elsewhere(NamedTuple):
    """How a library spells an optimizer: the call, its names and defaults, and what differs.

    `args` maps our name to (their name, their default); the default is "required" where the caller
    must choose, and "None" where the library says None. The tests ask the library itself.
    """

    call: str
    args: Mapping[str, tuple[str, float | str]]
    note: str = "The same update."


class Descent(NamedTuple):
    """Where a method comes from: its parents, the idea it adds, and the year of its source."""

    parents: tuple[str, ...]
    adds: str
    year: int


class Optimizer(Protocol):
    """The form that `minimize`, `sweep`, the trace and the explorer rely on."""

    title: ClassVar[str]
    family: ClassVar[str]
    descent: ClassVar[Descent]
    elsewhere: ClassVar[Mapping[str, Elsewhere]]

    def init(self, theta: Any) -> Any: ...
    def step(self, theta: Any, g: Any, state: Any) -> tuple[Any, Any]: ...


def hyper_of(optimizer: Any) -> dict[str, HyperInfo]:
    """The hyperparameters of an optimizer or of its class, by name, in order.

    Example:
        >>> from optim_lessons import Momentum
        >>> hyper_of(Momentum)["momentum"].interval
        '[0, 1)'
    """
    return {
        f.name: HyperInfo(name=f.name, default=f.default, **f.metadata)
        for f in dataclasses.fields(optimizer)
        if "interval" in f.metadata
    }


def validate(optimizer: Any) -> None:
    """Raise ValueError if a hyperparameter lies outside its interval.

    The check lives here, not in `step`, so that `step` stays free of comparisons and can be
    traced and swept. `minimize` and `sweep` call it. A learning rate of 0 is valid.

    Example:
        >>> from optim_lessons import Adam
        >>> validate(Adam(beta1=1.0))
        Traceback (most recent call last):
        ValueError: Adam: beta1 = 1.0 is outside [0, 1)
    """
    for name, info in hyper_of(optimizer).items():
        value = getattr(optimizer, name)
        try:
            valid = info.contains(value)
        except TypeError:
            valid = False
        if not valid:
            raise ValueError(
                f"{type(optimizer).__name__}: {name} = {value!r} is outside {info.interval}"
            )
