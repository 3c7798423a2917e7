"""The claims of the chapter Weight decay, each against the library."""

import dataclasses
import inspect

import keras
import numpy as np
import optax
import pytest
import torch
from scipy.linalg import solve_discrete_lyapunov
from scipy.optimize import brentq

from optim_lessons import SGD, Adam, AdamW, Momentum, minimize, problems


def walk(optimizer, gradients, theta, l2=0.0):
    """The points of a run on given gradients, with an L2 penalty in them."""
    theta = np.array(theta, dtype=float)
    state, points = optimizer.init(theta), [theta]
    for g in gradients:
        theta, state = optimizer.step(theta, g + l2 * theta, state)
        points.append(theta)
    return np.array(points)


def decoupled(gradients, theta, lr, mu, lam):
    m, points = 0.0, [np.array(theta, dtype=float)]
    for g in gradients:
        m = mu * m + g
        points.append(points[-1] - lr * m - lr * lam * points[-1])
    return np.array(points)


def test_a_thousand_silent_steps_leave_the_power_of_one_minus_lr_times_decay():
    left = walk(AdamW(lr=0.01, weight_decay=0.1), np.zeros((1000, 2)), [2.0, -0.5])[-1]
    np.testing.assert_allclose(left, np.array([2.0, -0.5]) * 0.999**1000, rtol=1e-12)


def test_theorem_1_penalty_and_decay_are_one_under_gradient_descent_for_every_schedule():
    rng = np.random.default_rng(0)
    theta = other = np.array([1.0, -2.0])
    for lr in rng.uniform(0, 0.5, 50):
        g = rng.normal(size=2)
        theta, _ = SGD(lr).step(theta, g + 0.3 * theta, SGD().init(theta))
        other = (1 - lr * 0.3) * other - lr * g
    np.testing.assert_allclose(theta, other, rtol=1e-12)


def test_theorem_2_decoupled_decay_is_a_penalty_under_another_momentum_and_a_filled_buffer():
    gradients = np.random.default_rng(1).normal(size=(200, 2))
    lr, mu, lam, start = 0.05, 0.9, 0.7, np.array([3.0, -1.0])
    wanted = decoupled(gradients, start, lr, mu, lam)
    renamed = Momentum(lr, mu * (1 - lr * lam))
    theta, state = start, renamed.State(lam * start / (1 - lr * lam))
    for t, g in enumerate(gradients, start=1):
        theta, state = renamed.step(theta, g + (1 - mu) * lam * theta, state)
        np.testing.assert_allclose(theta, wanted[t], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("l2", [0.0, 0.07, 0.7, 7.0])
def test_theorem_2_with_the_same_momentum_no_penalty_agrees(l2):
    gradients = np.random.default_rng(1).normal(size=(20, 2))
    wanted = decoupled(gradients, [3.0, -1.0], 0.05, 0.9, 0.7)
    assert np.abs(walk(Momentum(0.05, 0.9), gradients, [3.0, -1.0], l2) - wanted).max() > 1e-3


def test_a_steady_gradient_rests_at_the_same_place_if_the_penalty_is_one_minus_mu_of_the_decay():
    steady = np.ones((20_000, 1))
    decay = decoupled(steady, [0.0], 0.01, 0.9, 0.5)[-1]
    penalty = walk(Momentum(0.01, 0.9), steady, [0.0], 0.05)[-1]
    np.testing.assert_allclose(decay, penalty, rtol=1e-6)
    assert decay[0] == pytest.approx(-20)


def test_theorem_3_a_penalty_and_decay_agree_everywhere_only_for_a_multiple_of_the_identity():
    rng = np.random.default_rng(2)
    for matrix, agrees in ((0.25 * np.eye(3), True), (np.diag([1.0, 1.0, 2.0]), False)):
        thetas, g = rng.normal(size=(100, 3)), rng.normal(size=3)
        best = min(
            np.abs(
                (thetas - 0.1 * (g + l2 * thetas) @ matrix) - (0.97 * thetas - 0.1 * matrix @ g)
            ).max()
            for l2 in np.append(np.linspace(0, 3, 301), 0.3 / 0.25)
        )
        assert (best < 1e-12) == agrees


@pytest.mark.parametrize("l2", [0.0, 0.01, 1.0, 100.0])
def test_theorem_4_the_first_step_of_adamw_is_that_of_adam_for_no_penalty_even_in_one_dimension(l2):
    adam = walk(Adam(lr=0.1, eps=0.0), [np.array([2.0])], [3.0], l2)
    adamw = walk(AdamW(lr=0.1, eps=0.0, weight_decay=0.5), [np.array([2.0])], [3.0])
    assert abs(adam[1] - 3)[0] == pytest.approx(0.1)
    assert abs(adamw[1] - 3)[0] == pytest.approx(0.1 * (1 + 0.5 * 3))


@pytest.mark.parametrize("size", [1.0, 3.0, 10.0])
def test_the_share_of_a_penalty_that_adam_leaves_is_one_over_the_size_of_the_gradient(size):
    signs = np.random.default_rng(3).choice([-1.0, 1.0], (500, 40))
    gradients = size * np.concatenate([signs, -signs], axis=1)
    left = walk(Adam(lr=0.01), gradients, np.ones(80), l2=0.1)[-1].mean()
    assert -np.log(left) / (500 * 0.01 * 0.1) == pytest.approx(1 / size, rel=0.03)


def test_where_the_pull_is_larger_than_the_gradient_the_weight_marches_whatever_the_coefficient():
    for l2 in (1.0, 100.0):
        points = walk(Adam(lr=0.01), np.zeros((50, 1)), [1.0], l2)
        assert points[-1][0] == pytest.approx(0.5, abs=0.06)


def test_a_loss_times_a_hundred_weakens_the_penalty_and_not_the_decay():
    signs = np.random.default_rng(4).choice([-1.0, 1.0], (400, 60))
    gradients = np.concatenate([signs, -signs], axis=1)
    for optimizer, l2, changes in (
        (Adam(lr=0.01), 0.1, True),
        (AdamW(lr=0.01, weight_decay=0.1), 0, False),
    ):
        one, hundred = (
            walk(optimizer, c * gradients, np.ones(120), l2)[-1].mean() for c in (1, 100)
        )
        assert (hundred - one > 0.2) == changes


def test_proposition_3_with_a_fixed_matrix_decay_is_a_penalty_weighted_by_its_inverse():
    rng = np.random.default_rng(5)
    s, theta, g = rng.uniform(0.5, 2, 4), rng.normal(size=4), rng.normal(size=4)
    lr, lam = 0.1, 0.3
    np.testing.assert_allclose(
        theta - lr * (g + lam * s * theta) / s, (1 - lr * lam) * theta - lr * g / s
    )
    printed = theta - lr * (g + lam / lr * s * theta) / s  # with the factor of their equation 2
    assert np.abs(printed - ((1 - lr * lam) * theta - lr * g / s)).max() > 0.1


@pytest.mark.parametrize(("lam", "sigma"), [(0.3, 1.0), (1.0, 1.0), (0.6, 4.0)])
def test_adamw_rests_where_the_equation_says_and_not_at_the_penalised_minimum(lam, sigma):
    rng, theta = np.random.default_rng(6), np.zeros(64)
    optimizer, total = AdamW(lr=0.003, weight_decay=lam), []
    state = optimizer.init(theta)
    for _ in range(6000):
        theta, state = optimizer.step(theta, theta - 1 + sigma * rng.standard_normal(64), state)
        total.append(theta.mean())
    root = brentq(lambda x: (1 - x) / np.hypot(1 - x, sigma) - lam * x, 0, 1)
    assert np.mean(total[3000:]) == pytest.approx(root, abs=0.015)
    x = root  # the derivative of the loss and of the penalty R
    assert x - 1 + sigma * lam * x / np.sqrt(1 - (lam * x) ** 2) == pytest.approx(0, abs=1e-9)
    if (lam, sigma) != (0.3, 1.0):
        assert abs(root - 1 / (1 + lam)) > 0.03


@pytest.mark.parametrize(("lam", "end"), [(0.5, 2.0), (1.0, 1.0), (2.0, 0.5)])
def test_on_beale_adamw_stops_at_the_wall_at_the_lowest_point_of_the_box(lam, end):
    for lr in (0.02, 0.04):
        path = minimize(
            AdamW(lr, beta2=0.9, weight_decay=lam), problems.beale, (1.0, 1.5), steps=1000
        )
        assert path.theta[-1][0] == pytest.approx(end, abs=0.01)
        x = np.linspace(-1 / lam, 1 / lam, 401)
        grid = np.stack(np.meshgrid(x, x), axis=-1)
        assert path.value[-1] == pytest.approx(problems.beale.value(grid).min(), abs=0.01)


def test_inside_the_box_adamw_arrives_at_the_minimum_but_not_with_a_long_memory():
    short, long = (
        minimize(AdamW(0.02, beta2=b, weight_decay=0.25), problems.beale, (1.0, 1.5), steps=400)
        for b in (0.9, 0.999)
    )
    assert short.value[-1] < 0.001
    assert long.value[-1] > 0.5


def level(lr, lam, beta1):
    """The root mean square in the long run, from the covariance of (theta, u)."""
    a = 1 - lr * lam
    step = np.array([[a, -lr * beta1], [0, beta1]])
    noise = (1 - beta1) * np.array([-lr, 1])
    return np.sqrt(solve_discrete_lyapunov(step, np.outer(noise, noise))[0, 0])


@pytest.mark.parametrize(
    ("lr", "lam", "beta1"), [(0.01, 0.1, 0.9), (0.03, 0.3, 0.9), (0.1, 0.5, 0.0)]
)
def test_the_level_in_noise_is_that_of_exercise_6(lr, lam, beta1):
    a = 1 - lr * lam
    exact = lr**2 / (1 - a**2) * (1 - beta1) / (1 + beta1) * (1 + a * beta1) / (1 - a * beta1)
    assert level(lr, lam, beta1) == pytest.approx(np.sqrt(exact))
    assert level(lr, lam, beta1) == pytest.approx(np.sqrt(lr / (2 * lam)), rel=0.06)


def test_weights_in_noise_settle_at_the_level_and_turn_by_the_angle():
    rng, theta = np.random.default_rng(7), np.full(1000, 0.6)
    optimizer, sizes, angles = AdamW(lr=0.03, weight_decay=0.3), [], []
    state = optimizer.init(theta)
    for _ in range(1500):
        new, state = optimizer.step(theta, rng.standard_normal(1000), state)
        angles.append(np.arccos(new @ theta / np.linalg.norm(new) / np.linalg.norm(theta)))
        theta = new
        sizes.append(np.sqrt(np.mean(theta**2)))
    assert np.mean(sizes[700:]) == pytest.approx(level(0.03, 0.3, 0.9), rel=0.03)
    assert np.mean(angles[700:]) == pytest.approx(np.sqrt(2 * 0.009 * 0.1 / 1.9), rel=0.03)


def test_steps_that_agree_bring_a_weight_to_the_wall():
    end = walk(AdamW(lr=0.05, weight_decay=0.5), -np.ones((1000, 1)), [0.0])[-1]
    assert end[0] == pytest.approx(2, rel=1e-6)


def test_the_half_life_of_pytorchs_defaults_is_69_315_steps_and_a_half_life_of_1000_needs_069():
    assert np.log(2) / (1e-3 * 0.01) == pytest.approx(69_315, abs=1)
    assert np.log(0.5) / np.log(1 - 1e-5) == pytest.approx(69_314.4, abs=1)
    assert np.log(2) / (1e-3 * 1000) == pytest.approx(0.69, abs=0.005)
    left = (1 - 1e-5) ** 10_000
    assert left == pytest.approx(0.905, abs=0.0005)


def test_a_schedule_of_warm_up_and_cosine_leaves_a_third_as_the_cosine_alone():
    t = np.arange(10_000)
    cosine = (1 + np.cos(np.pi * t / 10_000)) / 2
    warm = np.where(t < 1000, t / 1000, (1 + np.cos(np.pi * (t - 1000) / 9000)) / 2)
    for shares in (cosine, warm):
        assert np.prod(1 - 2e-4 * shares) == pytest.approx(np.exp(-1), rel=1e-3)


@pytest.mark.parametrize("period", [1, 10, 100])
def test_a_rare_weight_settles_at_one_over_lambda_root_n(period):
    gradients = np.where(np.arange(1, 8001) % period == 0, -5.0, 0.0)[:, None]
    points = walk(AdamW(lr=0.02, weight_decay=0.1), gradients, [0.0])
    assert 0.1 * points[-1000:].mean() == pytest.approx(period**-0.5, rel=0.03)


def test_a_loss_blind_to_scale_has_a_gradient_at_a_right_angle_that_falls_like_one_over_it():
    rng = np.random.default_rng(8)
    x, theta = rng.normal(size=5), rng.normal(size=5)

    def value(w):
        return np.sin(x @ w / np.linalg.norm(w))

    def grad(w):
        u = w / np.linalg.norm(w)
        return np.cos(x @ u) * (x - (x @ u) * u) / np.linalg.norm(w)

    slopes = [(value(theta + h) - value(theta - h)) / 2e-6 for h in 1e-6 * np.eye(5)]
    np.testing.assert_allclose(grad(theta), slopes, atol=1e-8)
    assert theta @ grad(theta) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(grad(3 * theta), grad(theta) / 3)


def in_torch(make, gradients):
    theta = torch.nn.Parameter(torch.tensor([2.0, -1.0], dtype=torch.float64))
    optimizer = make([theta])
    for g in gradients:
        theta.grad = torch.tensor(g)
        optimizer.step()
    return theta.detach().numpy()


GRADIENTS = np.random.default_rng(9).normal(size=(30, 2))


def test_weight_decay_of_pytorchs_adam_is_a_penalty_and_a_flag_makes_it_adamw():
    penalty = walk(Adam(lr=0.1), GRADIENTS, [2.0, -1.0], l2=0.3)[-1]
    decay = walk(AdamW(lr=0.1, weight_decay=0.3), GRADIENTS, [2.0, -1.0])[-1]
    usual = {"lr": 0.1, "weight_decay": 0.3}
    for expected, make in (
        (penalty, lambda p: torch.optim.Adam(p, **usual)),
        (decay, lambda p: torch.optim.Adam(p, **usual, decoupled_weight_decay=True)),
        (decay, lambda p: torch.optim.AdamW(p, **usual)),
    ):
        np.testing.assert_allclose(in_torch(make, GRADIENTS), expected, rtol=1e-10)
    assert np.abs(penalty - decay).max() > 0.02
    assert "weight_decay" not in inspect.signature(torch.optim.SparseAdam).parameters


def test_weight_decay_of_keras_adam_is_decoupled_and_its_regulariser_has_no_half():
    ends = []
    for optimizer in (
        keras.optimizers.Adam(0.1, weight_decay=0.3),
        keras.optimizers.AdamW(0.1, weight_decay=0.3),
    ):
        variable = keras.Variable([2.0, -1.0], dtype="float32")
        optimizer.build([variable])
        for g in GRADIENTS:
            optimizer.apply([keras.ops.convert_to_tensor(g, dtype="float32")], [variable])
        ends.append(np.array(variable.value))
    np.testing.assert_array_equal(*ends)
    np.testing.assert_allclose(
        ends[0], walk(AdamW(lr=0.1, weight_decay=0.3), GRADIENTS, [2.0, -1.0])[-1], atol=1e-3
    )
    assert inspect.signature(keras.optimizers.Adam).parameters["weight_decay"].default is None
    penalty = keras.regularizers.L2(0.5)(np.array([3.0, 4.0], np.float32))
    assert float(penalty) == pytest.approx(0.5 * 25)


def test_excluded_names_of_keras_and_the_mask_of_optax_leave_biases_alone():
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    bias, kernel = (
        keras.Variable(np.ones(2), name="bias"),
        keras.Variable(np.ones((2, 2)), name="kernel"),
    )
    optimizer.build([bias, kernel])
    optimizer.apply([np.zeros(2), np.zeros((2, 2))], [bias, kernel])
    assert np.allclose(bias.value, 1)
    assert np.allclose(kernel.value, 0.95)
    params = {"bias": np.ones(2), "kernel": np.ones((2, 2))}
    masked = optax.adamw(
        0.1, weight_decay=0.5, mask=lambda p: {k: v.ndim >= 2 for k, v in p.items()}
    )
    zero = {k: np.zeros_like(v) for k, v in params.items()}
    updates, _ = masked.update(zero, masked.init(params), params)
    assert np.allclose(updates["bias"], 0)
    assert np.allclose(updates["kernel"], -0.05)
    assert "weight_decay" not in inspect.signature(optax.adam).parameters


def test_in_the_paper_the_decay_does_not_know_the_learning_rate_and_in_the_libraries_it_does():
    for lr in (0.001, 0.01):
        left = walk(AdamW(lr=lr, weight_decay=1e-4 / lr), np.zeros((1, 1)), [1.0])[-1]
        assert left[0] == pytest.approx(1 - 1e-4)  # w = 0.0001, whatever lr is


def test_on_digits_both_penalties_help_and_adamw_does_not_win():
    images, labels = problems.digits()
    losses = {"none": [], "L2": [], "W": []}
    for seed in range(4):
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(images))
        train, test = order[:100], order[100:]
        network = problems.MLP(images[train], labels[train], (16,), classes=10, rng=rng, batch=25)
        judge = problems.MLP(images[test], labels[test], (16,), classes=10, rng=rng)
        weight = np.concatenate(
            [
                np.full(np.prod(s, dtype=int), float(n.startswith("W")))
                for n, s in network.layout.shapes.items()
            ]
        )
        batches = [network.sample(t, rng) for t in range(600)]
        for name, l2, decay in (("none", 0, 0), ("L2", 10**-2.5, 0), ("W", 0, 0.1)):
            theta, optimizer = network.start, AdamW(weight_decay=decay * weight)
            state = optimizer.init(theta)
            for t, batch in enumerate(batches):
                now = dataclasses.replace(optimizer, lr=0.005 * (1 + np.cos(np.pi * t / 600)))
                theta, state = now.step(theta, batch.grad(theta) + l2 * weight * theta, state)
            losses[name].append(judge.value(theta))
    none, l2, w = (np.mean(losses[name]) for name in ("none", "L2", "W"))
    assert l2 < w < none
