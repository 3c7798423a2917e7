"""The frames between grader and worker: what goes in comes out; what is malformed is refused."""

import contextlib
import json
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optim_lessons.course import frames
from optim_lessons.course.frames import FrameError

dtypes = st.sampled_from(sorted(frames.DTYPES)).map(np.dtype)
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=4, max_side=4))
scalars = arrays.map(lambda array: array.flat[0])
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=20),
    arrays,
    scalars,
)
keys = st.one_of(st.text(max_size=5), st.integers(-9, 9), st.booleans(), st.none())
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=12,
)


def opened(frame, function=None):
    header, _ = frames.lengths(frame[:8])
    return frames.unpack(frame[8 : 8 + header], frame[8 + header :], function)


def same(x, y):
    """Whether two values are equal, in their types too."""
    if type(x) is not type(y):
        return False
    if isinstance(x, np.ndarray | np.generic):
        return x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()
    if isinstance(x, list | tuple):
        return len(x) == len(y) and all(map(same, x, y))
    if isinstance(x, dict):
        return same(list(x.items()), list(y.items()))
    if isinstance(x, complex):
        return same([x.real, x.imag], [y.real, y.imag])
    return x == y or (isinstance(x, float) and math.isnan(x) and math.isnan(y))


@given(values)
@settings(deadline=None)
def test_every_value_comes_back_as_it_was(value):
    assert same(opened(frames.pack(value)), value)


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_any_bytes_are_a_value_or_a_frame_error(header, body):
    with contextlib.suppress(FrameError):
        frames.unpack(header, body)


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from(
            "array scalar complex function tuple list dict <f8 |b1 |O <U9999 x".split()
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(json_values, st.binary(max_size=40))
def test_any_json_is_a_value_or_a_frame_error(tree, body):
    with contextlib.suppress(FrameError):
        frames.unpack(json.dumps(tree).encode(), body, lambda place: len)


@given(values, st.data())
@settings(deadline=None)
def test_a_frame_with_a_flipped_byte_is_a_value_or_a_frame_error(value, data):
    frame = bytearray(frames.pack(value))
    at = data.draw(st.integers(8, len(frame) - 1))
    frame[at] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(FrameError):
        opened(bytes(frame))


@pytest.mark.parametrize(
    "header, body, words",
    [
        (b"[" * 100_000, b"", "not JSON"),
        (b"\xff\xfe", b"", "not JSON"),
        (b"", b"", "not JSON"),
        (b"1" * 5000, b"", "not JSON"),
        (b'{"a": 1}', b"", "neither a value nor a kind"),
        (b"[]", b"", "neither a value nor a kind"),
        (b'["set", 1]', b"", "unknown kind"),
        (b'["function", 0]', b"", "unknown kind"),
        (b"9223372036854775808", b"", "64 bits"),
        (b'"\\ud800"', b"", "half a character"),
        (b'["list"' + b", 0" * 10_001 + b"]", b"", "too many values"),
        (b'["list", ' * 20 + b"0" + b"]" * 20, b"", "nested too deep"),
        (b'["dict", [["list"], 1]]', b"", "no key"),
        (b'["dict", 1]', b"", "without pairs"),
        (b'["complex", 1.0]', b"", "no complex"),
        (b'["array", "|O", [1]]', bytes(8), "unknown type"),
        (b'["array", "|V8", [1]]', bytes(8), "unknown type"),
        (b'["array", ">f8", [1]]', bytes(8), "unknown type"),
        (b'["array", ["<f8"], [1]]', bytes(8), "unknown type"),
        (b'["array", "<f8", [-1]]', bytes(8), "wrong shape"),
        (b'["array", "<f8", [0]]', b"", "wrong shape"),
        (b'["array", "<f8", [true]]', bytes(8), "wrong shape"),
        (b'["array", "<f8", 1]', bytes(8), "without a shape"),
        (b'["array", "<f8", [1, 1, 1, 1, 1, 1, 1, 1, 1]]', bytes(8), "too many axes"),
        (b'["array", "<f8", [4194304, 4194304, 4194304]]', bytes(8), "longer than the body"),
        (b'["array", "<f8", [1]]', bytes(7), "longer than the body"),
        (b'["array", "<f8", [1]]', bytes(9), "longer than its arrays"),
        (b'["array", "|b1", [1]]', b"\2", "neither"),
    ],
)
def test_a_malformed_frame_is_refused(header, body, words):
    with pytest.raises(FrameError, match=words):
        frames.unpack(header, body)


@pytest.mark.parametrize("sizes", [(frames.HEADER + 1, 0), (0, frames.BODY + 1), (2**32 - 1,) * 2])
def test_a_length_beyond_the_bounds_is_refused(sizes):
    with pytest.raises(FrameError, match="too much data"):
        frames.lengths(struct.pack(">II", *sizes))


@pytest.mark.parametrize(
    "value, words",
    [
        (object(), "type object"),
        ({1, 2}, "type set"),
        (len, "cannot be sent"),
        (2**63, "64 bits"),
        (np.array([object()]), "array of object"),
        (np.zeros(0), "without elements"),
        (np.zeros(10**6), "too much data"),
        ("x" * 10**7, "too much data"),
        ([np.zeros(300_000)] * 2, "too much data"),
    ],
)
def test_what_has_no_frame_is_refused(value, words):
    with pytest.raises(FrameError, match=words):
        frames.pack(value)


def test_functions_are_sent_as_their_place():
    functions = []
    frame = frames.pack((abs, {"slope": len}), functions)
    assert functions == [abs, len]
    assert opened(frame, lambda place: functions[place]) == (abs, {"slope": len})


def test_an_array_that_came_in_is_a_copy():
    x = np.arange(3.0)
    y = opened(frames.pack(x))
    y[...] = 0
    assert x.tolist() == [0, 1, 2]
