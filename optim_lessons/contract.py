"""What every optimizer of the book agrees on: hyperparameters that carry their own description.

An optimizer is a frozen dataclass of hyperparameters, a `State` (a NamedTuple of what it
remembers) and two pure methods, `init` and `step`. Nothing here is inherited: the contract is a
form, checked by the tests, so that each optimizer can be read on one screen.

What only some methods have:

- a flag, a field of type bool, chooses another formula; only a flag may stand after `if` in `step`;
- `couples`, how many of theta's last axes it treats as one thing (1: a vector, 2: a matrix);
- `untraced`, in words why the trace cannot read it: one that couples axes, searches or wraps;
- `needs`, names of what it asks of the problem besides the gradient: `step` gets these functions,
  such as "value" or "hessian", in a fourth argument `oracle`;
- `output(theta, state)`, the point that it reports, where that is not the one it steps from;
- `broadcasts = False`, where a step for many runs at once is not the step of each;
- `inner`, a field with the optimizer that it wraps, or with several by name;
- `parts`, the names of fields that hold rules, or None: optim_lessons.framework.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Hyper = float | Array  # a sweep is an optimizer whose hyperparameters are arrays


@dataclass(frozen=True)
class HyperInfo:
    """A hyperparameter's symbol, name in words, valid interval and the scale of its slider.

    The scale "whole" is that of a count: only whole numbers are valid.
    """

    name: str
    symbol: str
    words: str
    interval: str
    scale: str
    default: Any

    def contains(self, value: Any) -> bool:
        """Whether every element of `value` lies in the interval (NaN never does)."""
        if not inside(value, self.interval):
            return False
        return self.scale != "whole" or bool(np.all(np.asarray(value) == np.floor(value)))


def inside(value: Any, interval: str) -> bool:
    """Whether `value` is a number in the interval, or an array of nothing but such numbers."""
    low, high = (float(end) for end in interval[1:-1].split(","))
    try:
        x = np.asarray(value)
    except ValueError:  # rows of different lengths
        return False
    if x.dtype.kind not in "iuf":
        return False
    above = x > low if interval[0] == "(" else x >= low
    below = x < high if interval[-1] == ")" else x <= high
    return bool(np.all(above & below))


def hyper(default: Any, symbol: str, words: str, interval: str, scale: str) -> Any:
    """Declare a hyperparameter of an optimizer.

    `interval` is written as in mathematics, for example "[0, 1)". `scale` says what a slider
    moves evenly: "log" the logarithm of the value, "one_minus" the logarithm of 1 - value; "whole"
    is for counts.
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


def count(default: Any, symbol: str, words: str, interval: str = "[1, inf)") -> Any:
    """Declare a number of steps or of things remembered, or a tuple of them: whole numbers."""
    return hyper(default, symbol, words, interval, "whole")


MISSING = ("—", "—")  # in the place of a name and a default: the library lacks the hyperparameter


class Elsewhere(NamedTuple):
    """How a library spells an optimizer: the call, its names and defaults, and what differs.

    `args` maps our name to (their name, their default); the default is "required" where the caller
    must choose, and "None" where the library says None; `MISSING` stands for a hyperparameter that
    the library does not have. The tests ask the library itself.
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
    if not dataclasses.is_dataclass(optimizer):
        raise TypeError(f"{optimizer!r} is not an optimizer: write for example Adam(lr=0.1)")
    return {
        f.name: HyperInfo(name=f.name, default=f.default, **f.metadata)
        for f in dataclasses.fields(optimizer)
        if "interval" in f.metadata
    }


def flags_of(optimizer: Any) -> dict[str, bool]:
    """The flags of an optimizer or of its class, by name, with their defaults."""
    return {f.name: f.default for f in dataclasses.fields(optimizer) if isinstance(f.default, bool)}


def parts_of(optimizer: Any) -> list[str]:
    """The names of the fields that hold optimizers or rules of which an optimizer is made."""
    rules = [part for part in getattr(optimizer, "parts", ()) if getattr(optimizer, part)]
    return ["inner", *rules] if hasattr(optimizer, "inner") else rules


def variants(cls: Any) -> list[Any]:
    """An optimizer's class with its defaults, and with every other choice of its flags."""
    flags = flags_of(cls)
    choices = product(*([usual, not usual] for usual in flags.values()))
    return [cls(**dict(zip(flags, choice, strict=True))) for choice in choices]


def variant_name(optimizer: Any) -> str:
    """The class name of an optimizer or of its class, followed by the flags that it has changed.

    Example:
        >>> from optim_lessons import RMSprop
        >>> variant_name(RMSprop), variant_name(RMSprop(centered=True))
        ('RMSprop', 'RMSprop_centered')
    """
    if isinstance(optimizer, type):
        return optimizer.__name__
    flags = flags_of(optimizer)
    changed = [flag for flag, usual in flags.items() if getattr(optimizer, flag) != usual]
    return "_".join([type(optimizer).__name__, *changed])


def variant_title(optimizer: Any) -> str:
    """The title of an optimizer, with the flags that it has changed: "RMSprop, centered"."""
    _, *changed = variant_name(optimizer).split("_", 1)
    return ", ".join([optimizer.title, *(flag.replace("_", " ") for flag in changed)])


def map_hyper(optimizer: Any, change: Callable[[str, Any], Any]) -> Any:
    """A copy with each hyperparameter, of wrapped methods too, replaced by change(name, value)."""
    new = {name: change(name, getattr(optimizer, name)) for name in hyper_of(optimizer)}
    for part in parts_of(optimizer):
        inside = getattr(optimizer, part)
        if isinstance(inside, Mapping):
            new[part] = {name: map_hyper(each, change) for name, each in inside.items()}
        else:
            new[part] = map_hyper(inside, change)
    return dataclasses.replace(optimizer, **new)


def with_lr(optimizer: Any, lr: Hyper) -> Any:
    """A copy with another learning rate; of a method that wraps another one, the inner one's.

    Example:
        >>> from optim_lessons import Adam
        >>> with_lr(Adam(beta1=0.8), 0.5).lr
        0.5
    """
    return map_hyper(optimizer, lambda name, value: lr if name == "lr" else value)


def validate(optimizer: Any) -> None:
    """Raise ValueError if a hyperparameter lies outside its interval, TypeError for no optimizer.

    The check lives here, not in `step`, so that `step` stays free of comparisons and can be
    traced and swept. `minimize` and `sweep` call it. A learning rate of 0 is valid.

    Example:
        >>> from optim_lessons import Adam
        >>> validate(Adam(beta1=1.0))
        Traceback (most recent call last):
        ValueError: Adam: beta1 = 1.0 is outside [0, 1)
    """
    name = type(optimizer).__name__
    steps = hasattr(optimizer, "step") or callable(optimizer)  # callable: a schedule
    if isinstance(optimizer, type) or not dataclasses.is_dataclass(optimizer) or not steps:
        raise TypeError(f"{optimizer!r} is not an optimizer: write for example Adam(lr=0.1)")
    for hyperparameter, info in hyper_of(optimizer).items():
        value = getattr(optimizer, hyperparameter)
        if not info.contains(value):
            place = "not a whole number in" if info.scale == "whole" else "outside"
            raise ValueError(f"{name}: {hyperparameter} = {value!r} is {place} {info.interval}")
    for flag in flags_of(optimizer):
        value = getattr(optimizer, flag)
        if not isinstance(value, bool):
            raise ValueError(f"{name}: {flag} = {value!r} is neither True nor False")
    for part in parts_of(optimizer):
        inside = getattr(optimizer, part)
        for each in inside.values() if isinstance(inside, Mapping) else [inside]:
            validate(each)
