"""The claims of the chapter FTRL-Proximal, each against the library."""

import dataclasses
import inspect

import jax
import keras
import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from optim_lessons import FTRL, Adagrad, minimize, problems

jax.config.update("jax_enable_x64", True)

SEEDS = pytest.mark.parametrize("seed", range(4))


def follow(optimizer, start, goals, a=1.0):
    """The points and gradients on the losses |a (theta - c)|**2 / 2, and the state at the end."""
    theta, state = np.array(start, float), optimizer.init(np.array(start, float))
    points, gradients = [theta], []
    for c, scale in zip(goals, np.broadcast_to(a, goals.shape), strict=True):
        gradients.append(scale**2 * (theta - c))
        theta, state = optimizer.step(theta, gradients[-1], state)
        points.append(theta)
    return np.array(points), np.array(gradients), state


@SEEDS
def test_the_leader_of_quadratics_that_grow_where_it_stands_is_descent_at_any_falling_rate(seed):
    rng = np.random.default_rng(seed)
    s = 1 + np.cumsum(rng.random(30))  # one over the rates
    growth, g = np.diff(s, prepend=0.5), rng.normal(size=30)
    points = [0.0]
    for t in range(30):

        def total(x, t=t):
            near = 0.5 * growth[: t + 1] * (x - np.array(points)) ** 2
            return np.sum(g[: t + 1] * x + near) + 0.25 * x**2

        points.append(minimize_scalar(total).x)
    np.testing.assert_allclose(np.diff(points), -g / s, atol=1e-6)
    centred = -np.cumsum(g) / s  # dual averaging: the old point is pulled to the origin
    pulled = s[:-1] / s[1:] * centred[:-1] - g[1:] / s[1:]
    np.testing.assert_allclose(centred[1:], pulled, rtol=1e-12)


@SEEDS
def test_from_zero_it_is_adagrad_with_beta_plus_lr_times_l2_for_epsilon(seed):
    rng = np.random.default_rng(seed)
    goals, lr, beta, l2 = rng.normal(size=(200, 4)), 0.2, 0.7, 3.0
    ftrl, _, _ = follow(FTRL(lr=lr, beta=beta, l2=l2), np.zeros(4), goals)
    adagrad, _, _ = follow(Adagrad(lr=lr, eps=beta + lr * l2), np.zeros(4), goals)
    np.testing.assert_allclose(ftrl, adagrad, atol=2e-15)


def test_of_another_start_a_share_is_left_and_a_seated_sum_keeps_it_whole():
    goals, start = np.random.default_rng(1).normal(size=(50, 3)), np.array([1.0, -2.0, 5.0])
    beta, lr = 1.5, 0.1
    points, g, _ = follow(FTRL(lr=lr, beta=beta), start, goals)
    root = np.abs(g[0])
    expected = root / (beta + root) * start - lr * g[0] / (beta + root)
    np.testing.assert_allclose(points[1], expected, rtol=1e-12)

    class Seated(FTRL):
        def init(self, theta):
            return self.State(z=-self.beta / self.lr * theta, n=np.zeros_like(theta))

    seated, _, _ = follow(Seated(lr=lr, beta=beta), start, goals)
    adagrad, _, _ = follow(Adagrad(lr=lr, eps=beta), start, goals)
    np.testing.assert_allclose(seated, adagrad, atol=1e-14)


def test_a_rate_that_falls_tenfold_takes_nine_tenths_of_the_weights_and_z_can_be_moved_along():
    rng = np.random.default_rng(2)
    goals = 2 + rng.normal(size=(400, 3))
    method, lower = FTRL(lr=1.0, l1=0.3), FTRL(lr=0.1, l1=0.3)
    points, _, state = follow(method, np.zeros(3), goals)
    theta = points[-1]
    g = 1e-9 * np.ones(3)
    np.testing.assert_allclose(lower.step(theta, g, state)[0] / theta, 0.1, rtol=1e-6)
    s = (1.0 + np.sqrt(state.n)) / 0.1
    moved = state._replace(z=np.sign(state.z) * 0.3 - s * theta)
    np.testing.assert_allclose(lower.step(theta, g, moved)[0], theta, rtol=1e-6)


@SEEDS
@pytest.mark.parametrize(("l1", "l2", "beta"), [(0, 0, 1), (3.0, 0.5, 0.1), (0.5, 0, 0)])
def test_the_regret_stays_below_the_bound_with_its_penalties(seed, l1, l2, beta):
    rng = np.random.default_rng(seed)
    lr = 10 ** rng.uniform(-1, 1)
    method = FTRL(lr=lr, beta=float(beta), l1=float(l1), l2=float(l2))
    theta, state = np.zeros(5), method.init(np.zeros(5))
    active = rng.random((300, 5)) < [1, 0.5, 0.2, 0.05, 0.02]
    slopes, targets = rng.normal(size=(300, 5)) * active, rng.normal(size=(300, 5)) + 0.5
    points, gradients = [], []
    with np.errstate(invalid="ignore"):
        for a, c in zip(slopes, targets, strict=True):
            g = np.sign(theta - c) * np.abs(a)
            points.append(theta)
            gradients.append(g)
            theta, state = method.step(theta, g, state)
            theta = np.nan_to_num(theta)  # 0/0, where beta is 0 and nothing was seen
    points, gradients = np.array(points), np.array(gradients)
    for u in (np.zeros(5), rng.normal(size=5), np.full(5, 0.5)):
        paid = np.sum(np.abs(slopes) * (np.abs(points - targets) - np.abs(u - targets)))
        reach = np.abs(points - u).max(axis=0)
        roots = np.sqrt((gradients**2).sum(axis=0))
        bound = np.sum((reach**2 / (2 * lr) + lr) * roots)
        bound += l1 * np.abs(u).sum() + 0.5 * (beta / lr + l2) * (u**2).sum()
        assert paid <= bound * (1 + 1e-12)


def test_be_the_leader_and_the_leader_of_squares():
    rng = np.random.default_rng(3)
    for _ in range(50):
        c = rng.uniform(-1, 1, 40)
        means = np.cumsum(c) / np.arange(1, 41)
        best = np.sum((means[-1] - c) ** 2) / 2
        assert np.sum((means - c) ** 2) / 2 <= best + 1e-12
        named = np.concatenate([[0.0], means[:-1]])
        regret = np.sum((named - c) ** 2) / 2 - best
        assert regret <= 0.5 + 4 * np.sum(1 / np.arange(2, 41))


def test_fobos_is_a_leader_whose_past_fines_are_linear():
    rng = np.random.default_rng(4)
    s = np.sqrt(1 + np.arange(60))
    growth, lam = np.diff(s, prepend=0.0), 0.3
    x, points, linear, at_zero = 0.0, [], 0.0, 0
    for t in range(60):
        g = x - rng.normal()
        linear += g - growth[t] * x
        before = x
        moved = x - g / s[t]
        x = np.sign(moved) * max(abs(moved) - lam / s[t], 0.0)
        slope = -g - s[t] * (x - before)  # of lam |.| at the new point
        assert abs(slope) <= lam + 1e-12 and (x == 0 or slope == pytest.approx(lam * np.sign(x)))
        value = np.sign(linear) * max(abs(linear) - lam, 0.0)
        assert x == pytest.approx(-value / s[t])  # `linear` has z and the earlier slopes
        linear += slope
        at_zero += x == 0
        points.append(x)
    assert 0 < at_zero < 40


def test_a_worthless_weight_is_zero_under_ftrl_and_hardly_ever_under_the_proximal_step():
    lam, rounds, lr = 0.2, 400, 0.5
    held, walked = [], []
    for seed in range(10, 20):
        noise = np.random.default_rng(seed).normal(size=rounds)
        theta, state, x, n = np.zeros(1), FTRL().init(np.zeros(1)), 0.0, 0.0
        zeros = np.zeros((rounds, 2))
        for t, c in enumerate(noise, start=1):
            theta, state = FTRL(lr=lr, l1=lam * t).step(theta, theta - c, state)
            g = x - c
            n += g**2
            rate = lr / (1 + np.sqrt(n))
            x = np.sign(x - rate * g) * max(abs(x - rate * g) - rate * lam, 0)
            zeros[t - 1] = theta[0] == 0, x == 0
        held.append(zeros[:, 0].mean())
        walked.append(zeros[:, 1].mean())
    assert np.mean(held) > 0.9 and np.mean(walked) < 0.2


def test_a_toll_of_k_keeps_every_feature_that_came_k_times_at_zero():
    x, y, d = alice()
    theta, _ = one_pass(FTRL(lr=2.0, l1=3.0), x[:8000], y[:8000], d)
    count = np.bincount(x[:8000].ravel(), minlength=d)
    assert np.count_nonzero(theta) > 30
    assert count[theta != 0].min() > 3


def alice(target="the"):
    text, known = problems.words(problems.text()), {}
    rows = []
    for t in range(3, len(text)):
        a, b, c = text[t - 3 : t]
        features = ("", (1, c), (2, b), (3, a), f"{b} {c}")
        rows.append([known.setdefault(f, len(known)) for f in features])
    return np.array(rows), np.array([w == target for w in text[3:]], float), len(known)


def one_pass(method, x, y, d, fobos=0.0):
    """The weights at the end and the mean loss of a pass; with `fobos`, proximal Adagrad."""
    theta, z, n = np.zeros((3, d))
    last, lost = np.zeros(d, int), 0.0
    for t, (i, label) in enumerate(zip(x, y, strict=True)):
        w = theta[i]
        if fobos:
            by = method.lr * fobos / (1 + np.sqrt(n[i])) * (t - last[i])
            w = np.sign(w) * np.maximum(np.abs(w) - by, 0)
        score = w.sum()
        lost += np.logaddexp(0, score) - label * score
        g = 1 / (1 + np.exp(-score)) - label
        if fobos:
            n[i] += g**2
            rate = method.lr / (1 + np.sqrt(n[i]))
            w = w - rate * g
            theta[i] = np.sign(w) * np.maximum(np.abs(w) - rate * fobos, 0)
            last[i] = t + 1
        else:
            theta[i], (z[i], n[i]) = method.step(w, g, method.State(z[i], n[i]))
    if fobos:
        by = method.lr * fobos / (1 + np.sqrt(n)) * (len(y) - last)
        theta = np.sign(theta) * np.maximum(np.abs(theta) - by, 0)
    return theta, lost / len(y)


def test_on_another_word_too_the_leader_needs_a_fraction_of_the_proximal_steps_weights():
    x, y, d = alice("to")
    x, y = x[:14000], y[:14000]
    leader, loss = one_pass(FTRL(lr=1.0, l1=3.0), x, y, d)
    stepper, other = one_pass(FTRL(lr=1.0), x, y, d, fobos=12 / len(y))
    assert loss < other
    assert 2 * np.count_nonzero(leader) < np.count_nonzero(stepper)


def test_what_to_try_in_the_figure():
    noisy = problems.Noisy(problems.wells, sigma=1.0, seed=2)
    on_axis = []
    for l1 in (0.0, 5.0, 10.0, 20.0):
        path = minimize(FTRL(lr=1.0, l1=l1), noisy, (0.0, 0.0), steps=200)
        on_axis.append((path.theta[1:, 1] == 0).mean())
    assert on_axis == sorted(on_axis) and on_axis[0] == 0 and on_axis[-1] == 1
    assert np.allclose(
        minimize(FTRL(lr=1.0), noisy, (0.0, 0.0), steps=200).theta,
        minimize(Adagrad(lr=1.0, eps=1.0), noisy, (0.0, 0.0), steps=200).theta,
    )


def test_a_network_loses_its_start_in_one_step():
    x, y = problems.digits()
    net = problems.MLP(x, y, classes=10, rng=np.random.default_rng(7))
    norm = np.linalg.norm(net.start)
    lost, _ = (o := FTRL(lr=0.1)).step(net.start, g := net.grad(net.start), o.init(net.start))
    kept, _ = (o := Adagrad(lr=0.1, eps=1.0)).step(net.start, g, o.init(net.start))
    assert np.linalg.norm(lost) < 0.05 * norm
    assert np.linalg.norm(kept) == pytest.approx(norm, rel=0.01)


def test_the_answers_of_the_exercises():
    (theta, _), lengths = FTRL().step(0.0, 0.0, FTRL.State(0.8, 1.0)), []
    assert FTRL(l1=1.0).step(0.0, 0.0, FTRL.State(0.8, 1.0))[0] == 0 != theta
    goals = np.random.default_rng(5).normal(size=(80, 3))
    small, _, _ = follow(FTRL(lr=0.3, beta=0.5, l1=0.2, l2=0.1), np.zeros(3), goals)
    large, _, _ = follow(
        FTRL(lr=0.3, beta=5.0, l1=2.0, l2=1.0), np.zeros(3), goals, np.full((80, 1), 10**0.5)
    )
    np.testing.assert_allclose(large, small, atol=1e-12)
    walks = np.cumsum(np.random.default_rng(6).choice([-1, 1], size=(20000, 43)), axis=1)
    lengths = [(np.abs(walks[:, :k]).max(axis=1) > toll).mean() for toll, k in ((4, 13), (8, 43))]
    assert lengths == pytest.approx([1 / 3, 1 / 3], abs=0.06)


def default(function, name):
    return inspect.signature(function).parameters[name].default


def test_the_box_of_conventions_says_what_the_libraries_do():
    ftrl = keras.optimizers.Ftrl
    assert default(ftrl, "initial_accumulator_value") == 0.1
    assert default(ftrl, "learning_rate_power") == -0.5
    assert default(ftrl, "beta") == 0.0
    assert not any("ftrl" in name.lower() for name in dir(torch.optim))


def keras_path(optimizer, gradients, start):
    theta = keras.Variable(np.array(start), dtype="float64")
    optimizer.build([theta])
    points = []
    for g in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(g, dtype="float64")])
        points.append(np.asarray(theta.value))
    return np.array(points)


def test_keras_forgets_its_start_and_shrinks_by_its_other_l2():
    g = np.array([0.01, 0.5])
    (moved,) = keras_path(keras.optimizers.Ftrl(1e-9), [g], [1.0, 1.0])
    np.testing.assert_allclose(1 - moved, np.sqrt(0.1 / (0.1 + g**2)), rtol=1e-6)
    gradients = np.random.default_rng(8).normal(size=(5, 2))
    shrunk = keras_path(
        keras.optimizers.Ftrl(0.3, l2_shrinkage_regularization_strength=0.2), gradients, [0.0, 0.0]
    )
    theta, z, n = np.zeros(2), np.zeros(2), np.full(2, 0.1)
    for g, theirs in zip(gradients, shrunk, strict=True):
        grown = n + g**2
        z = z + g + 0.4 * theta - (np.sqrt(grown) - np.sqrt(n)) / 0.3 * theta
        n = grown
        theta = -0.3 * z / np.sqrt(n)
        np.testing.assert_allclose(theta, theirs, rtol=1e-6)


def test_with_power_zero_keras_is_gradient_descent_from_zero():
    gradients = np.random.default_rng(9).normal(size=(6, 3))
    path = keras_path(keras.optimizers.Ftrl(0.1, learning_rate_power=0.0), gradients, np.zeros(3))
    np.testing.assert_allclose(path, -0.1 * np.cumsum(gradients, axis=0), rtol=1e-6)


def test_two_features_that_always_come_together_have_one_weight():
    rng = np.random.default_rng(10)
    method, theta = FTRL(lr=0.5, l1=2.0), np.zeros(2)
    state = method.init(theta)
    for _ in range(200):
        g = np.full(2, theta.sum() - 1.0 + rng.normal())
        theta, state = method.step(theta, g, state)
        assert theta[0] == theta[1]
    assert theta[0] != 0 and dataclasses.replace(method, l1=1e6).step(theta, g, state)[0][0] == 0
