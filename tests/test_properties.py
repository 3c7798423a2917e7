"""What every optimizer's step has, for all inputs (Hypothesis), and what single methods promise."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optim_lessons import (
    FTRL,
    SGD,
    TRACED,
    AdaBelief,
    Adadelta,
    Adagrad,
    Adam,
    AdaMax,
    AdamW,
    AMSGrad,
    Lion,
    Momentum,
    NAdam,
    Nesterov,
    RAdam,
    RMSprop,
    SignSGD,
    Yogi,
    hyper_of,
    minimize,
    state_from_json,
    state_to_json,
)
from optim_lessons.contract import variant_name, variants, with_lr

settings.register_profile("book", derandomize=True, deadline=None, max_examples=20)
settings.load_profile("book")

SIZE = 5
numbers = st.floats(-100, 100).map(lambda x: x if abs(x) > 1e-6 else 0.0)
vectors = arrays(float, SIZE, elements=numbers)
gradients = arrays(float, (6, SIZE), elements=numbers)
steps_away_from_zero = st.floats(1e-3, 1e3).flatmap(lambda x: st.sampled_from([x, -x]))
METHODS = [optimizer for cls in TRACED.values() for optimizer in variants(cls)]


def every_method(but=()):
    """Every method with every choice of its flags; `but` says of some why they are left out."""
    kept = [method for method in METHODS if type(method) not in but]
    return pytest.mark.parametrize("method", kept, ids=variant_name)


def path(optimizer, theta, gradients):
    """The points after 0, 1, ... steps on these gradients."""
    points, state = [theta], optimizer.init(theta)
    for g in gradients:
        theta, state = optimizer.step(theta, g, state)
        points.append(theta)
    return np.array(points)


def arrays_of(state):
    return [x for x in state if isinstance(x, np.ndarray)]


@every_method(but={FTRL: "it divides by the learning rate"})
@given(theta=vectors, g=gradients)
def test_a_learning_rate_of_zero_leaves_theta_unchanged(method, theta, g):
    np.testing.assert_array_equal(path(with_lr(method, 0.0), theta, g), [theta] * 7)


@every_method()
@given(theta=vectors, g=gradients)
def test_a_step_changes_none_of_its_inputs(method, theta, g):
    state = method.init(theta)
    for row in g:
        inputs = [theta, row, *arrays_of(state)]
        before = [x.copy() for x in inputs]
        for x in inputs:
            x.flags.writeable = False
        new_theta, new_state = method.step(theta, row, state)
        for x, old in zip(inputs, before, strict=True):
            np.testing.assert_array_equal(x, old)
        assert not np.shares_memory(new_theta, theta)
        theta, state = new_theta, new_state


@every_method()
@given(theta=vectors, g=gradients)
def test_the_same_step_twice_gives_the_same_result(method, theta, g):
    np.testing.assert_array_equal(path(method, theta, g), path(method, theta, g))


@every_method()
@given(theta=vectors, g=gradients)
def test_a_state_that_went_through_json_continues_as_if_it_had_not(method, theta, g):
    expected = path(method, theta, g)
    state = method.init(theta)
    for row, after in zip(g, expected[1:], strict=True):
        state = state_from_json(state_to_json(state), like=method.init(theta))
        theta, state = method.step(theta, row, state)
        np.testing.assert_array_equal(theta, after)


@every_method()
@given(theta=vectors, g=gradients, k=st.integers(0, SIZE - 1))
def test_each_coordinate_moves_as_if_it_were_alone(method, theta, g, k):
    whole, alone = path(method, theta, g), path(method, theta[k : k + 1], g[:, k : k + 1])
    np.testing.assert_allclose(whole[:, k : k + 1], alone, rtol=1e-14)


@every_method()
@given(theta=vectors, g=gradients, order=st.permutations(range(SIZE)))
def test_renaming_the_coordinates_renames_the_path(method, theta, g, order):
    expected = path(method, theta, g)[:, order]
    np.testing.assert_allclose(path(method, theta[order], g[:, order]), expected, rtol=1e-14)


@every_method()
@given(theta=vectors, g=gradients)
def test_opposite_gradients_give_the_mirrored_path(method, theta, g):
    np.testing.assert_array_equal(path(method, -theta, -g), -path(method, theta, g))


@every_method()
@given(g=vectors)
def test_the_first_step_goes_against_the_gradient(method, g):
    moved = path(method, np.zeros(SIZE), [g])[1]
    np.testing.assert_array_equal(np.sign(moved), -np.sign(g))


@every_method(but={AdamW: "its weights decay", FTRL: "it forgets a start without a gradient"})
@given(theta=vectors)
def test_no_gradient_means_no_step(method, theta):
    np.testing.assert_array_equal(path(method, theta, np.zeros((6, SIZE))), [theta] * 7)


@every_method(but={AdamW: "the decay is proportional to theta too"})
@given(g=gradients, factor=st.floats(0.1, 10))
def test_from_the_origin_the_path_is_proportional_to_the_learning_rate(method, g, factor):
    once, more = (path(with_lr(method, lr), np.zeros(SIZE), g) for lr in (0.01, 0.01 * factor))
    np.testing.assert_allclose(more, factor * once, rtol=1e-12, atol=1e-12 * np.abs(once).max())


@every_method()
def test_state_has_the_same_fields_before_and_after_a_step_and_the_shape_of_theta(method):
    theta = np.ones((3, 2))
    old = method.init(theta)
    _, new = method.step(theta, theta, old)
    assert type(new) is type(old) is method.State
    for name, before in old._asdict().items():
        after = getattr(new, name)
        if name == "t":
            assert (before, after) == (0, 1)
        elif name == "mu_product":
            assert before == 1.0 > after > 0
        else:
            np.testing.assert_array_equal(before, np.zeros((3, 2)))
            assert after.shape == (3, 2)


@every_method()
def test_hyperparameters_cannot_be_changed_in_place_but_replaced(method):
    with pytest.raises(dataclasses.FrozenInstanceError):
        method.lr = 1.0
    assert dataclasses.replace(method, lr=0.5).lr == 0.5


@every_method()
def test_the_learning_rate_comes_first_and_the_default_lies_in_its_interval(method):
    assert next(iter(hyper_of(method))) == "lr"
    for info in hyper_of(method).values():
        assert info.contains(info.default)


# What makes each of them independent of the size of all gradients; for the others see below.
SCALE_FREE = [
    *(Adagrad(eps=0.0), RMSprop(eps=0.0), RMSprop(eps=0.0, momentum=0.5, centered=True)),
    *(FTRL(beta=0.0), Adam(eps=0.0), AdaMax(eps=0.0), NAdam(eps=0.0), AMSGrad(eps=0.0)),
    *(Yogi(eps=0.0), AdaBelief(eps=0.0), AdamW(eps=0.0), SignSGD(), SignSGD(momentum=0.5), Lion()),
]


@given(
    g=arrays(float, (6, SIZE), elements=steps_away_from_zero),
    factor=st.integers(-20, 20).map(lambda k: 2.0**k),
)
@pytest.mark.parametrize("method", SCALE_FREE, ids=repr)
def test_without_epsilon_scaled_gradients_give_the_same_path(method, g, factor):
    theta = np.ones(SIZE)
    np.testing.assert_array_equal(path(method, theta, factor * g), path(method, theta, g))


@pytest.mark.parametrize(
    "method",
    [
        *(SGD(), Momentum(), Momentum(average=True), Nesterov()),
        Adadelta(),  # epsilon is its only measure of length
        RAdam(eps=0.0),  # its first five steps are plain momentum
    ],
    ids=variant_name,
)
def test_the_other_methods_step_farther_on_larger_gradients(method):
    g = np.full((5, 1), 1e-4)
    small, large = (np.abs(path(method, np.zeros(1), k * g)[-1, 0]) for k in (1, 1000))
    assert large > 1.5 * small
    kinds = {type(m) for m in SCALE_FREE} | {SGD, Momentum, Nesterov, Adadelta, RAdam}
    assert kinds == set(TRACED.values())


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


@given(theta=vectors, g=gradients, momentum=st.floats(0, 0.95))
def test_averaged_momentum_is_the_sum_at_a_rate_divided_by_one_minus_mu(theta, g, momentum):
    averaged = path(Momentum(lr=0.1, momentum=momentum, average=True), theta, g)
    summed = path(Momentum(lr=0.1 * (1 - momentum), momentum=momentum), theta, g)
    np.testing.assert_allclose(averaged, summed, rtol=1e-12, atol=1e-10)


@given(theta=vectors, g=gradients)
def test_rmsprops_momentum_is_momentum_on_its_scaled_gradient(theta, g):
    plain = path(RMSprop(lr=1.0, eps=1e-3), theta, g)
    moves = np.diff(plain, axis=0)
    expected = path(Momentum(lr=0.1, momentum=0.8), theta, -moves)
    found = path(RMSprop(lr=0.1, eps=1e-3, momentum=0.8), theta, g)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-10)


@given(g=gradients)
def test_centered_rmsprop_divides_by_the_standard_deviation_under_its_weights(g):
    rho, theta = 0.9, np.zeros(SIZE)
    weights = (1 - rho) * rho ** np.arange(len(g))[::-1]  # and the rest of 1 lies at 0
    mean = weights @ g
    deviation = np.sqrt(weights @ (g - mean) ** 2 + (1 - weights.sum()) * mean**2)
    optimizer = RMSprop(lr=1.0, rho=rho, eps=1e-3, centered=True)
    state = optimizer.init(theta)
    for row in g:
        moved, state = optimizer.step(theta, row, state)
    np.testing.assert_allclose(-moved, g[-1] / (deviation + 1e-3), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(state.g_bar, mean, rtol=1e-12, atol=1e-12)


def test_centered_rmsprop_may_take_the_root_of_a_negative_number_as_in_pytorch():
    """On a constant gradient the variance falls to rounding, of which the sign is an accident."""
    slope = np.array([0.1, 0.3, 0.7])
    plane = (lambda theta: float(slope @ theta), lambda theta: slope)
    optimizer = RMSprop(rho=0.5, centered=True)
    run = minimize(optimizer, plane, theta0=np.zeros(3), steps=200)
    assert run.diverged and 50 < run.steps < 100
    variance = run.state.v - run.state.g_bar**2
    assert (variance[:40] >= 0).all() and (variance < 0).any()
    parameter = torch.zeros(3, dtype=torch.float64)
    torch_optimizer = torch.optim.RMSprop([parameter], alpha=0.5, centered=True)
    for _ in range(run.steps):
        parameter.grad = torch.tensor(slope)
        torch_optimizer.step()
    for end in (run.theta[-1], parameter.numpy()):
        assert 1 <= np.isnan(end).sum() < 3


@given(g=arrays(float, SIZE, elements=numbers), rho=st.floats(0, 0.99), eps=st.floats(1e-8, 1))
def test_adadeltas_first_step_is_set_by_epsilon(g, rho, eps):
    moved = path(Adadelta(rho=rho, eps=eps), np.zeros(SIZE), [g])[1]
    expected = -np.sqrt(eps) / np.sqrt((1 - rho) * g**2 + eps) * g
    np.testing.assert_allclose(moved, expected, rtol=1e-12)


@given(g=gradients)
def test_adamaxs_divisor_is_the_largest_decayed_gradient(g):
    beta2, theta = 0.7, np.zeros(SIZE)
    optimizer = AdaMax(beta2=beta2, eps=0.0)
    state, decayed = optimizer.init(theta), np.zeros((0, SIZE))
    for row in g:
        decayed = np.vstack([beta2 * decayed, np.abs(row)])
        state = state._replace(u=np.maximum(state.u, 1e-300))  # no 0/0 before a gradient
        _, state = optimizer.step(theta, row, state)
        np.testing.assert_allclose(state.u, decayed.max(axis=0), rtol=1e-14, atol=1e-300)


def test_adamax_is_the_limit_of_adam_with_ever_higher_powers():
    """Adam's average of |g|**p to the power 1 / p, as derived in the paper's section 7.1."""
    g = np.random.default_rng(8).standard_normal(200)
    beta2, state = 0.9, AdaMax(beta2=0.9).init(np.zeros(()))
    for row in g:
        _, state = AdaMax(beta2=beta2, eps=0.0).step(np.zeros(()), row, state)
    ages = np.arange(200)[::-1]
    errors = []
    for p in (2, 20, 200, 2000):
        logs = np.log((1 - beta2**p) * np.ones(200)) + p * (ages * np.log(beta2) + np.log(abs(g)))
        errors.append(abs(np.exp(np.logaddexp.reduce(logs) / p) / state.u - 1))
    assert (np.diff(errors) < 0).all()
    assert errors[-1] < 1e-3


@given(g=steps_away_from_zero, beta1=st.floats(0, 0.95), psi=st.sampled_from([0.0, 4e-3, 1.0, 1e9]))
def test_nadams_first_step_looks_one_step_ahead(g, beta1, psi):
    mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (t * psi)) for t in (1, 2))
    moved = path(NAdam(lr=0.1, beta1=beta1, psi=psi, eps=0.0), np.zeros(1), [np.array([g])])[1, 0]
    expected = 0.1 * (1 + mu_next * (1 - beta1) / (1 - mu * mu_next))
    assert moved == pytest.approx(-np.sign(g) * expected, rel=1e-12)


def test_nadams_momentum_rises_to_beta1_slowly_in_pytorch_and_fast_in_keras():
    for psi, mu_100 in ((4e-3, 0.457), (1.0, 0.892), (1e9, 0.9)):
        optimizer, states = NAdam(psi=psi), []
        state = optimizer.init(np.zeros(1))
        for _ in range(100):
            _, state = optimizer.step(np.zeros(1), np.ones(1), state)
            states.append(state.mu_product)
        assert states[-1] / states[-2] == pytest.approx(mu_100, abs=5e-4)


@given(g=gradients)
def test_amsgrads_divisor_never_falls_and_is_the_largest_average(g):
    optimizer = AMSGrad(beta2=0.5)
    theta = np.zeros(SIZE)
    state, averages = optimizer.init(theta), []
    for row in g:
        theta, new = optimizer.step(theta, row, state)
        assert (new.v_max >= state.v_max).all()
        averages.append(new.v)
        np.testing.assert_array_equal(new.v_max, np.max(averages, axis=0))
        state = new


@given(theta=vectors, g=arrays(float, (6, SIZE), elements=numbers))
def test_amsgrad_is_adam_as_long_as_gradients_grow(theta, g):
    g = np.sort(np.abs(g), axis=0)
    adam, amsgrad = (path(cls(beta2=0.5, eps=1e-3), theta, g) for cls in (Adam, AMSGrad))
    np.testing.assert_array_equal(adam, amsgrad)


@given(theta=vectors, lr=st.floats(0, 1), weight_decay=st.floats(0, 1))
def test_without_a_gradient_adamw_shrinks_the_weights_by_a_power(theta, lr, weight_decay):
    points = path(AdamW(lr=lr, weight_decay=weight_decay), theta, np.zeros((6, SIZE)))
    shares = (1 - lr * weight_decay) ** np.arange(7)
    np.testing.assert_allclose(points, shares[:, None] * theta, rtol=1e-12, atol=1e-300)


@given(theta=vectors, g=gradients)
def test_adamws_decay_leaves_its_averages_alone(theta, g):
    decayed, plain = AdamW(weight_decay=0.5), AdamW(weight_decay=0.0)
    state = plain.init(theta)
    for row in g:
        (one, state_one), (other, state_other) = (
            o.step(theta, row, state) for o in (decayed, plain)
        )
        np.testing.assert_allclose(one, other - 1e-3 * 0.5 * theta, rtol=1e-12, atol=1e-12)
        for a, b in zip(state_one, state_other, strict=True):
            np.testing.assert_array_equal(a, b)
        theta, state = one, state_one
    adam = path(Adam(), theta, g)
    np.testing.assert_allclose(path(plain, theta, g), adam, rtol=1e-14, atol=1e-16)


@given(theta=vectors, g=arrays(float, (5, SIZE), elements=numbers))
def test_radams_first_five_steps_are_corrected_momentum(theta, g):
    lr, beta1 = 0.1, 0.8
    m, points = np.zeros(SIZE), [theta]
    for t, row in enumerate(g, start=1):
        m = beta1 * m + (1 - beta1) * row
        points.append(points[-1] - lr * m / (1 - beta1**t))
    found = path(RAdam(lr=lr, beta1=beta1), theta, g)
    np.testing.assert_allclose(found, points, rtol=1e-12, atol=1e-12)


def test_radams_sixth_step_is_scaled_and_late_ones_are_adams():
    rng = np.random.default_rng(9)
    theta, m, v, g = 1 + rng.random((4, 100))
    for t, share in ((5, 0.02582), (100, 0.21646), (1000, 0.64559), (20_000, 1.0)):
        state = RAdam().init(theta)._replace(t=t, m=m, v=v)
        rectified, adam = (cls(eps=0.0).step(theta, g, state)[0] - theta for cls in (RAdam, Adam))
        np.testing.assert_allclose(rectified, share * adam, rtol=3e-4)


@pytest.mark.parametrize("beta2", [0.0, 1 / 3, 0.5, 0.6, 2 / 3])
def test_radam_with_so_short_an_average_stays_momentum_for_ever(beta2):
    """At 0.6 and 1/3 its factor would divide by zero."""
    g = np.random.default_rng(10).standard_normal((500, 3))
    with_root = path(RAdam(beta2=beta2), np.zeros(3), g)
    np.testing.assert_array_equal(with_root, path(RAdam(beta2=0.0), np.zeros(3), g))


@given(g=gradients)
def test_yogis_second_moment_moves_by_no_more_than_a_share_of_the_new_square(g):
    optimizer, theta = Yogi(beta2=0.9), np.zeros(SIZE)
    state = optimizer.init(theta)
    for row in g:
        _, new = optimizer.step(theta, row, state)
        np.testing.assert_allclose(
            np.abs(new.v - state.v), np.where(state.v == row**2, 0, 0.1 * row**2), atol=1e-11
        )
        assert (new.v >= 0).all()
        state = new


def test_yogi_forgets_a_large_gradient_more_slowly_than_adam():
    g = np.array([100.0] + [1.0] * 500)
    adam, yogi = Adam(beta2=0.99), Yogi(beta2=0.99)
    states = adam.init(np.zeros(())), yogi.init(np.zeros(()))
    for row in g:
        states = [
            o.step(np.zeros(()), row, s)[1] for o, s in zip((adam, yogi), states, strict=True)
        ]
    assert states[0].v < 2 < 90 < states[1].v  # 100 - 500 * 0.01


@given(g=arrays(float, (200, 1), elements=st.just(1.0)), beta1=st.floats(0.5, 0.95))
def test_adabelief_steps_farther_than_adam_where_gradients_agree(g, beta1):
    adabelief, adam = (
        np.abs(path(cls(beta1=beta1, beta2=0.99, eps=1e-12), np.zeros(1), g)[-1, 0])
        for cls in (AdaBelief, Adam)
    )
    assert adabelief > 2 * adam


@given(g=gradients)
def test_adabelief_with_beta1_zero_sees_no_deviation_at_all(g):
    """Its average is then the gradient: s holds epsilons only, a warning not to lower beta1."""
    eps, theta = 1e-4, np.zeros(SIZE)
    optimizer = AdaBelief(beta1=0.0, beta2=0.9, eps=eps)
    state = optimizer.init(theta)
    for t, row in enumerate(g, start=1):
        _, state = optimizer.step(theta, row, state)
        np.testing.assert_allclose(state.s, eps * (1 - 0.9**t) / (1 - 0.9), rtol=1e-9)


@given(g=gradients, beta=st.floats(0.1, 2))
def test_ftrl_from_zero_is_adagrad_with_beta_for_epsilon(g, beta):
    ftrl = path(FTRL(lr=0.3, beta=beta), np.zeros(SIZE), g)
    adagrad = path(Adagrad(lr=0.3, eps=beta), np.zeros(SIZE), g)
    np.testing.assert_allclose(ftrl, adagrad, rtol=1e-12, atol=1e-14)


def test_ftrl_from_zero_is_adagrad_to_two_units_in_the_last_place_of_1():
    g = np.random.default_rng(0).standard_normal((200, 5))
    ftrl = path(FTRL(lr=0.1, beta=1.0), np.zeros(5), g)
    adagrad = path(Adagrad(lr=0.1, eps=1.0), np.zeros(5), g)
    assert 0 < np.abs(ftrl - adagrad).max() < 2 * np.finfo(float).eps


@given(theta=vectors, g=vectors, beta=st.floats(0.1, 2))
def test_ftrl_keeps_a_share_of_the_start_and_nothing_where_the_gradient_is_zero(theta, g, beta):
    moved = path(FTRL(lr=0.3, beta=beta), theta, [g])[1]
    share = np.abs(g) / (beta + np.abs(g))
    np.testing.assert_allclose(moved, share * theta - 0.3 * g / (beta + np.abs(g)), atol=1e-12)
    np.testing.assert_array_equal(moved[g == 0], 0)


@given(theta=vectors, g=arrays(float, (6, SIZE), elements=steps_away_from_zero))
def test_ftrl_with_beta_zero_is_adagrad_from_any_start(theta, g):
    ftrl, adagrad = path(FTRL(beta=0.0), theta, g), path(Adagrad(lr=0.1, eps=0.0), theta, g)
    np.testing.assert_allclose(ftrl, adagrad, rtol=1e-10, atol=1e-12)


@given(g=gradients, l1=st.floats(0.1, 100))
def test_ftrls_l1_leaves_exact_zeros_where_the_sum_of_gradients_is_no_larger(g, l1):
    optimizer, theta = FTRL(l1=l1), np.zeros(SIZE)
    state = optimizer.init(theta)
    for row in g:
        theta, state = optimizer.step(theta, row, state)
        np.testing.assert_array_equal(theta == 0, np.abs(state.z) <= l1)


@given(g=gradients, l1=st.floats(0, 10), l2=st.floats(0, 10))
def test_ftrl_solves_the_problem_that_names_it(g, l1, l2):
    """Its point minimises the linear losses, l1, l2 and the pulls to the points passed."""
    lr, beta = 0.5, 1.0
    points = path(FTRL(lr=lr, beta=beta, l1=l1, l2=l2), np.zeros(SIZE), g)
    roots = np.sqrt(np.cumsum(np.vstack([np.zeros(SIZE), g**2]), axis=0))
    pulls = np.diff(roots, axis=0) / lr

    def objective(w):
        near = 0.5 * pulls * (w - points[:-1]) ** 2
        return np.sum(g * w + near, axis=0) + l1 * np.abs(w) + 0.5 * (l2 + beta / lr) * w**2

    best = objective(points[-1])
    for away in (1e-3, -1e-3):
        assert (objective(points[-1] + away) >= best - 1e-9 * (1 + np.abs(best))).all()


@given(theta=vectors, g=gradients)
def test_every_move_of_a_sign_method_is_the_learning_rate_or_nothing(theta, g):
    for method in (SignSGD(lr=2.0**-3), SignSGD(lr=2.0**-3, momentum=0.5), Lion(lr=2.0**-3)):
        state = method.init(theta)
        for row in g:
            moved, state = method.step(np.zeros(SIZE), row, state)
            assert np.isin(moved, [-(2.0**-3), 0, 2.0**-3]).all()


@given(theta=vectors, g=gradients)
def test_signsgd_without_momentum_sees_the_sign_of_the_gradient_alone(theta, g):
    signs = np.vstack([np.zeros(SIZE), np.sign(g)])
    expected = theta - 0.1 * np.cumsum(signs, axis=0)
    np.testing.assert_allclose(path(SignSGD(lr=0.1), theta, g), expected, atol=1e-12)


@given(g=gradients, momentum=st.floats(0, 0.95))
def test_what_signsgd_remembers_is_the_average_gradient(g, momentum):
    """Its size is not seen in the path, but in the state."""
    signum, averaged = SignSGD(momentum=momentum), Momentum(momentum=momentum, average=True)
    states = signum.init(np.zeros(SIZE)), averaged.init(np.zeros(SIZE))
    for row in g:
        states = [o.step(row, row, s)[1] for o, s in zip((signum, averaged), states, strict=True)]
        np.testing.assert_array_equal(states[0].m, states[1].m)


@given(theta=vectors, g=gradients, beta=st.floats(0, 0.99))
def test_lion_with_equal_betas_is_signsgd_with_momentum(theta, g, beta):
    lion, signum = Lion(lr=0.1, beta1=beta, beta2=beta), SignSGD(lr=0.1, momentum=beta)
    np.testing.assert_array_equal(path(lion, theta, g), path(signum, theta, g))


@given(theta=vectors, g=gradients)
def test_lions_decay_is_adamws(theta, g):
    lion = Lion(lr=0.1, weight_decay=0.5)
    moved = path(lion, theta, [g[0]])[1]
    expected = path(Lion(lr=0.1), theta, [g[0]])[1] - 0.1 * 0.5 * theta
    np.testing.assert_allclose(moved, expected, rtol=1e-12, atol=1e-12)


HUGE = 1e8  # an epsilon beside which every gradient vanishes
AVERAGED = Momentum(lr=0.1, average=True)


@pytest.mark.parametrize(
    ("method", "limit"),
    [
        (Adagrad(lr=0.1 * HUGE, eps=HUGE), SGD(lr=0.1)),
        (RMSprop(lr=0.1 * HUGE, eps=HUGE), SGD(lr=0.1)),
        (RMSprop(lr=0.1 * HUGE, eps=HUGE, centered=True), SGD(lr=0.1)),
        (RMSprop(lr=0.1 * HUGE, eps=HUGE, momentum=0.9), Momentum(lr=0.1)),
        (Yogi(lr=0.1 * HUGE, eps=HUGE), AVERAGED),
        (FTRL(lr=0.1 * HUGE, beta=HUGE), SGD(lr=0.1)),
        *((cls(lr=0.1 * HUGE, eps=HUGE), "corrected") for cls in (Adam, AdaMax, AMSGrad)),
        (AdamW(lr=0.1 * HUGE, eps=HUGE, weight_decay=0.0), "corrected"),
    ],
    ids=lambda x: variant_name(x) if hasattr(x, "lr") else x,
)
def test_with_a_huge_epsilon_only_the_momentum_is_left(method, limit):
    g = np.random.default_rng(11).standard_normal((300, 4))
    found = path(method, np.zeros(4), g)
    if limit == "corrected":
        moves = np.diff(path(AVERAGED, np.zeros(4), g), axis=0)
        moves /= (1 - 0.9 ** np.arange(1, 301))[:, None]
        expected = np.vstack([np.zeros(4), np.cumsum(moves, axis=0)])
    else:
        expected = path(limit, np.zeros(4), g)
    np.testing.assert_allclose(found, expected, atol=1e-6)
