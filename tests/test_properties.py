"""What every optimizer's step has, for all inputs (Hypothesis), and what single methods promise."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optim_lessons import SGD, TRACED, Adagrad, Adam, Momentum, Nesterov, RMSprop, hyper_of

settings.register_profile("book", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("book")

SIZE = 5
numbers = st.floats(-100, 100).map(lambda x: x if abs(x) > 1e-6 else 0.0)
vectors = arrays(float, SIZE, elements=numbers)
gradients = arrays(float, (6, SIZE), elements=numbers)
steps_away_from_zero = st.floats(1e-3, 1e3).flatmap(lambda x: st.sampled_from([x, -x]))
every_optimizer = pytest.mark.parametrize("cls", TRACED.values(), ids=TRACED)


def path(optimizer, theta, gradients):
    """The points after 0, 1, ... steps on these gradients."""
    points, state = [theta], optimizer.init(theta)
    for g in gradients:
        theta, state = optimizer.step(theta, g, state)
        points.append(theta)
    return np.array(points)


def arrays_of(state):
    return [x for x in state if isinstance(x, np.ndarray)]


@every_optimizer
@given(theta=vectors, g=gradients)
def test_a_learning_rate_of_zero_leaves_theta_unchanged(cls, theta, g):
    np.testing.assert_array_equal(path(cls(lr=0.0), theta, g), [theta] * 7)


@every_optimizer
@given(theta=vectors, g=gradients)
def test_a_step_changes_none_of_its_inputs(cls, theta, g):
    optimizer = cls()
    state = optimizer.init(theta)
    for row in g:
        inputs = [theta, row, *arrays_of(state)]
        before = [x.copy() for x in inputs]
        for x in inputs:
            x.flags.writeable = False
        new_theta, new_state = optimizer.step(theta, row, state)
        for x, old in zip(inputs, before, strict=True):
            np.testing.assert_array_equal(x, old)
        assert not np.shares_memory(new_theta, theta)
        theta, state = new_theta, new_state


@every_optimizer
@given(theta=vectors, g=gradients)
def test_the_same_step_twice_gives_the_same_result(cls, theta, g):
    np.testing.assert_array_equal(path(cls(), theta, g), path(cls(), theta, g))


@every_optimizer
@given(theta=vectors, g=gradients, k=st.integers(0, SIZE - 1))
def test_each_coordinate_moves_as_if_it_were_alone(cls, theta, g, k):
    whole, alone = path(cls(), theta, g), path(cls(), theta[k : k + 1], g[:, k : k + 1])
    np.testing.assert_allclose(whole[:, k : k + 1], alone, rtol=1e-14)


@every_optimizer
@given(theta=vectors, g=gradients, order=st.permutations(range(SIZE)))
def test_renaming_the_coordinates_renames_the_path(cls, theta, g, order):
    expected = path(cls(), theta, g)[:, order]
    np.testing.assert_allclose(path(cls(), theta[order], g[:, order]), expected, rtol=1e-14)


@every_optimizer
@given(theta=vectors, g=gradients)
def test_opposite_gradients_give_the_mirrored_path(cls, theta, g):
    np.testing.assert_array_equal(path(cls(), -theta, -g), -path(cls(), theta, g))


@every_optimizer
@given(g=vectors)
def test_the_first_step_goes_against_the_gradient(cls, g):
    moved = path(cls(), np.zeros(SIZE), [g])[1]
    np.testing.assert_array_equal(np.sign(moved), -np.sign(g))


@every_optimizer
@given(theta=vectors)
def test_no_gradient_means_no_step(cls, theta):
    np.testing.assert_array_equal(path(cls(), theta, np.zeros((6, SIZE))), [theta] * 7)


@every_optimizer
@given(g=gradients, factor=st.floats(0.1, 10))
def test_from_the_origin_the_path_is_proportional_to_the_learning_rate(cls, g, factor):
    once, more = (path(cls(lr=lr), np.zeros(SIZE), g) for lr in (0.01, 0.01 * factor))
    np.testing.assert_allclose(more, factor * once, rtol=1e-12, atol=1e-12 * np.abs(once).max())


@every_optimizer
def test_state_has_the_same_fields_before_and_after_a_step_and_the_shape_of_theta(cls):
    optimizer, theta = cls(), np.ones((3, 2))
    old = optimizer.init(theta)
    _, new = optimizer.step(theta, theta, old)
    assert type(new) is type(old) is cls.State
    for name, before in old._asdict().items():
        after = getattr(new, name)
        if name == "t":
            assert (before, after) == (0, 1)
        else:
            np.testing.assert_array_equal(before, np.zeros((3, 2)))
            assert after.shape == (3, 2)


@every_optimizer
def test_hyperparameters_cannot_be_changed_in_place_but_replaced(cls):
    with pytest.raises(dataclasses.FrozenInstanceError):
        cls().lr = 1.0
    assert dataclasses.replace(cls(), lr=0.5).lr == 0.5


@every_optimizer
def test_the_learning_rate_comes_first_and_the_default_lies_in_its_interval(cls):
    assert next(iter(hyper_of(cls))) == "lr"
    for info in hyper_of(cls).values():
        assert info.contains(info.default)


@given(theta=vectors, g=gradients)
def test_momentum_and_nesterov_without_momentum_are_gradient_descent(theta, g):
    plain = path(SGD(lr=0.1), theta, g)
    np.testing.assert_array_equal(path(Momentum(lr=0.1, momentum=0.0), theta, g), plain)
    np.testing.assert_array_equal(path(Nesterov(lr=0.1, momentum=0.0), theta, g), plain)


@given(g=st.floats(-100, 100), momentum=st.floats(0, 0.95))
def test_momentum_on_a_constant_gradient_approaches_1_over_1_minus_mu_times_its_step(g, momentum):
    points = path(Momentum(lr=0.1, momentum=momentum), np.zeros(1), np.full((2000, 1), g))
    last_step = points[-1] - points[-2]
    np.testing.assert_allclose(last_step, -0.1 * g / (1 - momentum), rtol=1e-9, atol=1e-9)


@given(g=st.lists(numbers, min_size=1, max_size=6), theta=numbers)
def test_nesterov_is_momentum_seen_from_the_look_ahead_point(g, theta):
    """Sutskever's form: the gradient is taken at u + mu*velocity, and u moves by the velocity."""
    lr, mu = 0.1, 0.8
    u, velocity, points = theta, 0.0, [theta]
    for gradient in g:
        velocity = mu * velocity - lr * gradient
        u = u + velocity
        points.append(u + mu * velocity)
    ours = path(Nesterov(lr=lr, momentum=mu), np.array([theta]), np.array(g)[:, None])
    np.testing.assert_allclose(ours[:, 0], points, rtol=1e-12, atol=1e-10)


@given(g=arrays(float, SIZE, elements=steps_away_from_zero))
def test_adams_first_step_is_the_learning_rate_times_the_sign(g):
    moved = path(Adam(lr=0.1, eps=1e-30), np.zeros(SIZE), [g])[1]
    np.testing.assert_allclose(moved, -0.1 * np.sign(g), rtol=1e-12)


@given(
    g=arrays(float, (6, SIZE), elements=steps_away_from_zero),
    factor=st.integers(-20, 20).map(lambda k: 2.0**k),
)
@pytest.mark.parametrize("cls", [Adagrad, RMSprop, Adam])
def test_without_epsilon_scaled_gradients_give_the_same_path(cls, g, factor):
    optimizer, theta = cls(eps=0.0), np.ones(SIZE)
    np.testing.assert_array_equal(path(optimizer, theta, factor * g), path(optimizer, theta, g))


@given(g=steps_away_from_zero, beta1=st.floats(0, 0.99), beta2=st.floats(0, 0.999))
def test_adam_on_a_constant_gradient_takes_steps_of_the_learning_rate(g, beta1, beta2):
    """What bias correction is for: no warm-up, from the first step on."""
    optimizer = Adam(lr=0.1, beta1=beta1, beta2=beta2, eps=0.0)
    points = path(optimizer, np.zeros(1), np.full((30, 1), g))
    np.testing.assert_allclose(np.diff(points[:, 0]), -0.1 * np.sign(g), rtol=1e-9)


@given(g=steps_away_from_zero)
def test_adagrads_steps_on_a_constant_gradient_shrink_as_one_over_root_t(g):
    points = path(Adagrad(lr=0.1, eps=0.0), np.zeros(1), np.full((30, 1), g))
    steps = np.abs(np.diff(points[:, 0]))
    assert (np.diff(steps) < 0).all()
    np.testing.assert_allclose(steps, 0.1 / np.sqrt(np.arange(1, 31)), rtol=1e-9)


@given(g=gradients)
def test_adagrads_sum_of_squares_never_falls(g):
    optimizer = Adagrad()
    theta = np.zeros(SIZE)
    state = optimizer.init(theta)
    for row in g:
        theta, new = optimizer.step(theta, row, state)
        assert (new.v >= state.v).all()
        state = new
    np.testing.assert_allclose(state.v, np.sum(g**2, axis=0), rtol=1e-12)


@given(g=steps_away_from_zero)
def test_rmsprops_first_step_is_longer_than_adams_by_the_missing_correction(g):
    moved = path(RMSprop(lr=0.1, rho=0.99, eps=0.0), np.zeros(1), [np.array([g])])[1]
    np.testing.assert_allclose(moved, -0.1 * np.sign(g) / np.sqrt(0.01), rtol=1e-9)


@given(theta=vectors, g=gradients)
def test_adam_with_beta1_zero_is_rmsprop_with_corrected_average(theta, g):
    lr, rho, eps = 0.1, 0.9, 1e-3
    v, point, points = np.zeros(SIZE), theta, [theta]
    for t, row in enumerate(g, start=1):
        v = rho * v + (1 - rho) * row**2
        point = point - lr * row / (np.sqrt(v / (1 - rho**t)) + eps)
        points.append(point)
    adam = path(Adam(lr=lr, beta1=0.0, beta2=rho, eps=eps), theta, g)
    np.testing.assert_allclose(adam, points, rtol=1e-12, atol=1e-12)
