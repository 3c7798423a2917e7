"""Save and restore the state of an optimizer as JSON, exactly."""

from __future__ import annotations

import json
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
    return json.dumps(_plain(state))


def state_from_json(text: str, like: Any) -> Any:
    """Read a state back; `like`, most simply `optimizer.init(theta)`, gives its form.

    Shapes and types of the arrays are those of `like`. Raises ValueError for a text that is not
    JSON or is the state of another optimizer or of another shape.

    Example:
        >>> from optim_lessons import Momentum
        >>> state_from_json('{"m": [1.5, 2]}', like=Momentum().init(np.zeros(2)))
        State(m=array([1.5, 2. ]))
    """
    return _restore(json.loads(text), like, "state")


def _plain(x: Any) -> Any:
    if hasattr(x, "_asdict"):
        x = x._asdict()
    if isinstance(x, dict):
        return {name: _plain(value) for name, value in x.items()}
    return x.tolist() if isinstance(x, np.ndarray | np.generic) else x


def _restore(plain: Any, like: Any, where: str) -> Any:
    fields = like._asdict() if hasattr(like, "_asdict") else like
    if isinstance(fields, dict):
        if not isinstance(plain, dict) or plain.keys() != fields.keys():
            found = sorted(plain) if isinstance(plain, dict) else plain
            raise ValueError(f"{where} = {found} does not have the fields {list(fields)}")
        read = {n: _restore(plain[n], x, f"{where}.{n}") for n, x in fields.items()}
        return type(like)(**read) if hasattr(like, "_asdict") else read
    if not isinstance(like, np.ndarray | np.generic):
        if type(plain) is not type(like):
            raise ValueError(f"{where} = {plain!r} is not of type {type(like).__name__}")
        return plain
    array = np.array(plain, dtype=like.dtype)
    if array.shape != like.shape:
        raise ValueError(f"{where} has shape {array.shape}, but theta's gives {like.shape}")
    return array if isinstance(like, np.ndarray) else like.dtype.type(array)
