"""A state goes through JSON and back without losing a bit, and a wrong text is refused."""

import json
from typing import NamedTuple

import numpy as np
import pytest

from optim_lessons import OPTIMIZERS, Adam, Momentum, state_from_json, state_to_json


class Nested(NamedTuple):
    inner: object
    by_name: dict
    count: int


@pytest.mark.parametrize("cls", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_first_state_of_every_method_comes_back_bit_for_bit(cls, dtype):
    optimizer = cls()
    theta = np.full((2, 2) if getattr(cls, "couples", 0) == 2 else 4, 1 / 3, dtype)
    state = optimizer.init(theta)
    assert_same(state_from_json(state_to_json(state), like=state), state)


def test_a_nested_state_comes_back_with_its_types():
    rng = np.random.default_rng(1)
    inner = Adam().step(np.zeros(3), rng.standard_normal(3), Adam().init(np.zeros(3)))[1]
    state = Nested(inner, {"W": Momentum().init(np.ones((2, 1), np.float32))}, 7)
    like = Nested(Adam().init(np.zeros(3)), {"W": Momentum().init(np.ones((2, 1), np.float32))}, 0)
    assert_same(state_from_json(state_to_json(state), like), state)


def test_values_that_are_not_finite_come_back():
    state = Momentum.State(np.array([np.inf, -np.inf, np.nan, -0.0]))
    back = state_from_json(state_to_json(state), like=state)
    assert_same(back, state)
    assert np.signbit(back.m[-1])


def assert_same(a, b):
    """Equal values, types and forms, all the way down."""
    assert type(a) is type(b)
    if isinstance(a, tuple):
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    elif isinstance(a, dict):
        assert a.keys() == b.keys()
        for name in a:
            assert_same(a[name], b[name])
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    else:
        assert a == b


def test_a_count_that_is_no_number_is_refused():
    state = Adam().init(np.zeros(1))
    text = json.dumps(json.loads(state_to_json(state)) | {"t": "one"})
    with pytest.raises(ValueError, match=r"state.t = 'one' is not of type int"):
        state_from_json(text, like=state)
