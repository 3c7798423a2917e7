"""What the two processes say to each other: frames of plain values, decoded strictly, no pickle.

A frame is two lengths (4 bytes each, big-endian), a header (JSON) and a body (the arrays' bytes, in
the order in which the header names them). None, bool, int, float and str stand for themselves;
everything else is a list that begins with its kind:

    ["array", "<f8", [2, 3]]   ["scalar", "<f8"]   ["complex", 1.0, -2.0]   ["function", 7]
    ["tuple", ...]   ["list", ...]   ["dict", [key, value], ...]

Whatever arrives is measured before it is believed: lengths, depth, the number of values, types,
shapes. This file is read on both sides, and needs NumPy only.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

LENGTHS = struct.Struct(">II")
HEADER = 1 << 20  # bytes
BODY = 1 << 22
DEPTH = 16
VALUES = 10_000  # in one frame
DTYPES = frozenset("|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8 <c8 <c16".split())
AXES = 8

Function = Callable[..., Any]


class FrameError(ValueError):
    """What was to be sent, or what has arrived, is not a frame."""


def pack(value: Any, functions: list[Function] | None = None) -> bytes:
    """Return the frame of a value; functions are put into the list, and sent as their place in it.

    Raises FrameError for what has no frame: objects, an array without elements, numbers that do not
    fit 64 bits, and what is larger or deeper than the bounds above.
    """
    body: list[bytes] = []
    header = json.dumps(_encode(value, body, functions, 0), ensure_ascii=False).encode()
    sizes = len(header), sum(map(len, body))
    lengths(LENGTHS.pack(*sizes) if max(sizes) <= 2**32 - 1 else b"\xff" * 8)
    return b"".join([LENGTHS.pack(*sizes), header, *body])


def lengths(prefix: bytes) -> tuple[int, int]:
    """Return the lengths of header and body from a frame's first 8 bytes, if they may be."""
    header, body = LENGTHS.unpack(prefix)
    if header > HEADER or body > BODY:
        raise FrameError(f"too much data: {header + body:,} bytes")
    return header, body


def unpack(header: bytes, body: bytes, function: Callable[[int], Function] | None = None) -> Any:
    """Return the value of a frame; `function` makes a function of its place in the list.

    Raises FrameError, and nothing else, for whatever is not a frame.
    """
    try:
        tree = json.loads(header)
    except (ValueError, RecursionError):
        raise FrameError("the header is not JSON") from None
    reader = _Reader(body, function)
    value = reader.value(tree, 0)
    if reader.at != len(body):
        raise FrameError("the body is longer than its arrays")
    return value


def _encode(value: Any, body: list[bytes], functions: list[Function] | None, depth: int) -> Any:
    def inner(item: Any) -> Any:
        return _encode(item, body, functions, depth + 1)

    if depth > DEPTH:
        raise FrameError(f"nested more than {DEPTH} deep")
    if isinstance(value, np.generic | np.ndarray):
        array = np.asarray(value, order="C")
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        if array.dtype.str not in DTYPES:
            raise FrameError(f"an array of {array.dtype} cannot be sent")
        if array.size == 0:
            raise FrameError("an array without elements cannot be sent")
        if array.nbytes > BODY:
            raise FrameError(f"too much data: {array.nbytes:,} bytes")
        body.append(array.tobytes())
        if isinstance(value, np.generic):
            return ["scalar", array.dtype.str]
        return ["array", array.dtype.str, list(array.shape)]
    if isinstance(value, str) and len(value) > HEADER:
        raise FrameError(f"too much data: {len(value):,} characters")
    if value is None or isinstance(value, bool | float | str):
        return value
    if isinstance(value, int):
        if abs(value) >= 2**63:
            raise FrameError("an integer beyond 64 bits cannot be sent")
        return value
    if isinstance(value, complex):
        return ["complex", value.real, value.imag]
    if isinstance(value, tuple):
        return ["tuple", *map(inner, value)]
    if isinstance(value, list):
        return ["list", *map(inner, value)]
    if isinstance(value, dict):
        return ["dict", *([inner(key), inner(item)] for key, item in value.items())]
    if callable(value) and functions is not None:
        functions.append(value)
        return ["function", len(functions) - 1]
    raise FrameError(f"a value of type {type(value).__name__} cannot be sent")


class _Reader:
    """Reads one frame; counts its values and the bytes that its arrays took."""

    def __init__(self, body: bytes, function: Callable[[int], Function] | None) -> None:
        self.body, self.at, self.function, self.count = body, 0, function, 0

    def value(self, tree: Any, depth: int) -> Any:
        self.count += 1
        if depth > DEPTH or self.count > VALUES:
            raise FrameError("too many values, or nested too deep")
        if tree is None or isinstance(tree, bool | float):
            return tree
        if isinstance(tree, str):
            _require(not any("\ud800" <= c <= "\udfff" for c in tree), "half a character")
            return tree
        if isinstance(tree, int):
            _require(abs(tree) < 2**63, "an integer beyond 64 bits")
            return tree
        _require(isinstance(tree, list) and len(tree) > 0, "neither a value nor a kind")
        kind, *rest = tree
        if kind == "tuple":
            return tuple(self.value(item, depth + 1) for item in rest)
        if kind == "list":
            return [self.value(item, depth + 1) for item in rest]
        if kind == "dict":
            return dict(self.pair(item, depth + 1) for item in rest)
        if kind == "array":
            _require(len(rest) == 2 and isinstance(rest[1], list), "an array without a shape")
            return self.array(rest[0], rest[1])
        if kind == "scalar":
            _require(len(rest) == 1, "a scalar without a type")
            return self.array(rest[0], [])[()]
        if kind == "complex":
            _require(len(rest) == 2 and all(type(part) is float for part in rest), "no complex")
            return complex(*rest)
        _require(kind == "function" and self.function is not None, "an unknown kind")
        assert self.function is not None
        _require(len(rest) == 1 and type(rest[0]) is int, "a function without a number")
        return self.function(rest[0])

    def pair(self, item: Any, depth: int) -> tuple[Any, Any]:
        _require(isinstance(item, list) and len(item) == 2, "a dict without pairs")
        _require(item[0] is None or isinstance(item[0], bool | int | float | str), "no key")
        return self.value(item[0], depth), self.value(item[1], depth)

    def array(self, dtype: Any, shape: list[Any]) -> np.ndarray:
        _require(isinstance(dtype, str) and dtype in DTYPES, "an unknown type of array")
        _require(len(shape) <= AXES, "too many axes")
        _require(all(type(n) is int and 1 <= n <= BODY for n in shape), "a wrong shape")
        start, size = self.at, math.prod(shape) * np.dtype(dtype).itemsize
        self.at += size
        _require(self.at <= len(self.body), "an array longer than the body")
        data = self.body[start : self.at]
        # A byte that is neither 0 nor 1 would make a bool that is neither true nor false.
        _require(dtype != "|b1" or set(data) <= {0, 1}, "a bool that is neither")
        return np.frombuffer(data, dtype).reshape(shape).copy()


def _require(holds: bool, words: str) -> None:
    if not holds:
        raise FrameError(words)
