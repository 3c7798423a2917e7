"""LARS and LAMB: what the norm of a layer does to the size of a step."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optim_lessons import LAMB, LARS, minimize, problems, sweep

away_from_zero = st.floats(1e-3, 1e3).flatmap(lambda x: st.sampled_from([x, -x]))
settings.register_profile("book", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("book")

vectors = arrays(float, 5, elements=away_from_zero)
powers_of_two = st.integers(-20, 20).map(lambda k: 2.0**k)


def norm(x):
    return np.linalg.norm(x, axis=-1)


def step(optimizer, theta, g):
    return optimizer.step(theta, g, optimizer.init(theta))[0] - theta


@given(theta=vectors, g=vectors)
def test_lars_first_step_is_lr_times_trust_times_the_norm_of_the_layer(theta, g):
    moved = step(LARS(lr=0.5, trust=0.02), theta, g)
    np.testing.assert_allclose(norm(moved), 0.5 * 0.02 * norm(theta), rtol=1e-12)
    np.testing.assert_allclose(moved / norm(moved), -g / norm(g), atol=1e-11)


@given(theta=vectors, g=vectors)
def test_lamb_steps_by_lr_times_the_norm_of_the_layer(theta, g):
    moved = step(LAMB(lr=0.02, eps=0.0), theta, g)
    np.testing.assert_allclose(norm(moved), 0.02 * norm(theta), rtol=1e-12)


def test_lamb_sizes_a_small_step_up_to_the_layer_as_well():
    """A large epsilon makes Adam's step short: 0.1 in norm, far below 1."""
    theta, g = np.array([3.0, 4.0]), np.array([0.6, 0.8])
    moved = step(LAMB(lr=0.02, eps=10.0), theta, g)
    assert norm(g / (np.abs(g) + 10)) < 0.2
    np.testing.assert_allclose(norm(moved), 0.02 * 5, rtol=1e-12)


@given(theta=vectors, g=vectors, c=powers_of_two)
@pytest.mark.parametrize("optimizer", [LARS(), LAMB(eps=0.0)], ids=["LARS", "LAMB"])
def test_the_scale_of_the_gradient_does_not_matter(optimizer, theta, g, c):
    once, scaled = step(optimizer, theta, g), step(optimizer, theta, c * g)
    np.testing.assert_allclose(scaled, once, rtol=0, atol=1e-14 * norm(theta))


@given(theta=vectors, g=vectors, c=powers_of_two)
@pytest.mark.parametrize("optimizer", [LARS(), LAMB()], ids=["LARS", "LAMB"])
def test_the_step_is_proportional_to_the_layers_weights(optimizer, theta, g, c):
    once, scaled = step(optimizer, theta, g), step(optimizer, c * theta, g)
    np.testing.assert_allclose(scaled, c * once, rtol=0, atol=1e-14 * norm(c * theta))


def test_lars_with_weight_decay_alone_shrinks_the_layer_by_the_trust_coefficient():
    """The paper's ratio is then trust / weight_decay, so the weight decay itself drops out."""
    theta = np.array([3.0, -4.0])
    for weight_decay in (0.1, 10.0):
        moved = step(LARS(lr=1.0, trust=0.02, weight_decay=weight_decay), theta, np.zeros(2))
        np.testing.assert_allclose(moved, -0.02 * theta, rtol=1e-14)


@pytest.mark.parametrize("cls", [LARS, LAMB])
def test_a_layer_at_zero_takes_the_plain_step_and_no_gradient_means_no_step(cls):
    zero, g = np.zeros(2), np.array([2.0, -2.0])
    np.testing.assert_allclose(
        step(cls(lr=0.1), zero, g), -0.1 * g / (1 if cls is LARS else 2), rtol=1e-5
    )
    np.testing.assert_array_equal(step(cls(), g, zero), zero)


@pytest.mark.parametrize(
    ("cls", "axes"),
    [
        (LARS, {"lr": [0.5, 5.0, 20.0], "momentum": [0.0, 0.9], "trust": [1e-3, 1e-2]}),
        (LAMB, {"lr": [1e-3, 0.02], "beta1": [0.5, 0.9], "weight_decay": [0.0, 0.01]}),
    ],
)
def test_a_sweep_equals_the_loop(cls, axes):
    grid = np.ix_(*map(np.array, axes.values()))
    ends = sweep(cls(**dict(zip(axes, grid, strict=True))), problems.beale, steps=60)
    assert ends.value.shape == tuple(map(len, axes.values()))
    for place in itertools.product(*(range(len(values)) for values in axes.values())):
        one = {name: values[k] for (name, values), k in zip(axes.items(), place, strict=True)}
        path = minimize(cls(**one), problems.beale, steps=60)
        assert path.diverged == ends.diverged[place]
        np.testing.assert_allclose(ends.theta[place], path.theta[-1], rtol=1e-9)


@pytest.mark.parametrize("cls", [LARS, LAMB])
def test_leading_axes_are_independent_layers(cls):
    rng = np.random.default_rng(3)
    theta, g = rng.standard_normal((2, 3, 4))
    together = step(cls(weight_decay=0.1), theta, g)
    alone = [step(cls(weight_decay=0.1), *pair) for pair in zip(theta, g, strict=True)]
    np.testing.assert_allclose(together, alone, rtol=1e-14)
