"""Save and restore the state of an optimizer as JSON, exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np


def state_to_json(state: Any) -> str:
    """Write a state as JSON text: every number in full, nested states as they are.

    Example:
        >>> from optim_lessons import Adam
        >>> theta, state = Adam().step(np.ones(2), np.array([0.5, -3.0]), Adam().init(np.ones(2)))
        >>> state_to_json(state)[:48]
        '{"t": 1, "m": [0.04999999999999999, -0.299999999'
    """
    return json.dumps(to_plain(state, np.ndarray.tolist))


def state_from_json(text: str, like: Any) -> Any:
    """Read a state back; `like`, most simply `optimizer.init(theta)`, gives its form.

    Shapes and types of the arrays are those of `like`. Raises ValueError for a text that is not
    JSON or is the state of another optimizer or of another shape.

    Example:
        >>> from optim_lessons import Momentum
        >>> state_from_json('{"m": [1.5, 2]}', like=Momentum().init(np.zeros(2)))
        State(m=array([1.5, 2. ]))
    """
    return from_plain(json.loads(text), like)


def to_plain(state: Any, plain: Callable[[np.ndarray], Any]) -> Any:
    """A state as dicts of numbers and of arrays, each made `plain`."""
    if hasattr(state, "_asdict"):
        state = state._asdict()
    if isinstance(state, dict):
        return {name: to_plain(value, plain) for name, value in state.items()}
    if isinstance(state, np.generic):
        return state.item()
    return plain(state) if isinstance(state, np.ndarray) else state


def from_plain(plain: Any, like: Any, where: str = "state") -> Any:
    """The state of the form of `like` that `to_plain` made plain; ValueError for another one."""
    fields = like._asdict() if hasattr(like, "_asdict") else like
    if isinstance(fields, dict):
        if not isinstance(plain, dict) or plain.keys() != fields.keys():
            found = sorted(plain) if isinstance(plain, dict) else plain
            raise ValueError(f"{where} = {found} does not have the fields {list(fields)}")
        read = {n: from_plain(plain[n], x, f"{where}.{n}") for n, x in fields.items()}
        return type(like)(**read) if hasattr(like, "_asdict") else read
    if not isinstance(like, np.ndarray | np.generic):
        if type(plain) is not type(like):
            raise ValueError(f"{where} = {plain!r} is not of type {type(like).__name__}")
        return plain
    try:
        array = np.asarray(plain)
    except ValueError:
        raise ValueError(f"{where} = {plain!r} has rows of different lengths") from None
    if array.size and not np.can_cast(array.dtype, like.dtype, "same_kind"):
        raise ValueError(f"{where} = {plain!r} is not of type {like.dtype}")
    array = array.astype(like.dtype)  # a copy
    if array.shape != like.shape:
        raise ValueError(f"{where} has shape {array.shape}, but theta's gives {like.shape}")
    return array if isinstance(like, np.ndarray) else like.dtype.type(array)
