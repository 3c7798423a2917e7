"""What the schedules share: their form, the declaration of their fields, and the check of these."""

from typing import Any, ClassVar, Protocol

import numpy as np

from optim_lessons.contract import Elsewhere, hyper, hyper_of, validate

SAME = "The same rates."


class Schedule(Protocol):
    """A learning rate as a function of the step t = 1, 2, ..., or of an array of steps."""

    title: ClassVar[str]
    elsewhere: ClassVar[dict[str, Elsewhere]]

    def __call__(self, t: Any) -> Any: ...


def smallest_rate() -> Any:
    """Declare the learning rate that a schedule does not fall below."""
    return hyper(0.0, r"\alpha_{\min}", "smallest learning rate", "[0, inf)", "log")


def check(schedule: Any) -> None:
    """Raise ValueError for a field out of range, a count that is not whole, or lr_min above lr.

    A schedule calls it when it is made, unlike an optimizer: it is used by being called, so nothing
    would check it later, and it is not swept, so each field is one number, or one tuple.

    Example:
        >>> from optim_lessons.schedules import Cosine
        >>> Cosine(lr=0.1, steps=2.5)
        Traceback (most recent call last):
        ValueError: Cosine: steps = 2.5 is not a whole number in [1, inf)
    """
    validate(schedule)
    name = type(schedule).__name__
    for field, info in hyper_of(schedule).items():
        value = getattr(schedule, field)
        if np.ndim(value) != np.ndim(info.default) or np.iscomplexobj(value):
            raise ValueError(f"{name}: {field} = {value!r} must be of the form {info.default!r}")
        if info.scale == "whole" and not np.issubdtype(np.asarray(value).dtype, np.integer):
            raise ValueError(
                f"{name}: {field} = {value!r} is not a whole number in {info.interval}"
            )
    if hasattr(schedule, "lr_min") and schedule.lr_min > schedule.lr:
        raise ValueError(
            f"{name}: lr_min = {schedule.lr_min!r} is outside [0, lr], and lr = {schedule.lr!r}"
        )
