"""What is asked of data and sizes before a model is made of them: each error names its argument."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optim_lessons.contract import Array, inside


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """`value` as an int, if it is a whole number from `low` to `high`."""
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} = {value} must be a whole number")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} = {value!r} must be a whole number") from None
    if number < low or (high is not None and number > high):
        bounds = f"at least {low}" if high is None else f"from {low} to {high}"
        raise ValueError(f"{name} = {number} must be {bounds}")
    return number


def number(name: str, value: Any, interval: str = "(-inf, inf)") -> float:
    """`value` as a float, if it is one number in the interval."""
    if np.ndim(value) != 0 or np.asarray(value).dtype.kind not in "iuf":
        raise TypeError(f"{name} = {value!r} must be a real number")
    if not inside(value, interval):
        raise ValueError(f"{name} = {value} is outside {interval}")
    return float(value)


def finite(name: str, value: ArrayLike, axes: tuple[int, ...]) -> Array:
    """`value` as a finite array of floats, none of its axes empty, whose number is in `axes`.

    float32 stays float32; whole numbers become float64.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths") from None
    if array.dtype.kind not in "iufb":
        raise TypeError(f"{name} must hold real numbers, not {array.dtype}")
    if array.ndim not in axes or array.size == 0:
        wanted = " or ".join(map(str, axes))
        raise ValueError(f"{name} has shape {array.shape}, but needs {wanted} axes, none empty")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must be finite, but holds NaN or infinity")
    return array if array.dtype.kind == "f" else array.astype(float)


def labels(name: str, value: ArrayLike, classes: int) -> NDArray[np.intp]:
    """`value` as a vector of whole numbers, each from 0 to `classes` - 1."""
    array = finite(name, value, axes=(1,))
    wrong = array[(array < 0) | (array >= classes) | (array != np.floor(array))]
    if wrong.size:
        raise ValueError(f"{name} holds {wrong[0]:g}, but labels are 0 to {classes - 1}")
    return array.astype(np.intp)


def generator(rng: Any) -> np.random.Generator:
    """`rng`, if it is one of NumPy's generators."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be np.random.default_rng(seed), not {rng!r}")
    return rng
