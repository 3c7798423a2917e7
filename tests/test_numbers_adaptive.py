"""Results of the literature on adaptive methods, with the papers' numbers.

Those of Adam alone, its first steps, invariance and limit at a huge epsilon, are in
test_chapter_adam.py; what every step promises is in test_properties.py.
"""

import numpy as np
import pytest

from optim_lessons import Adadelta, Adagrad, Adam, AdamW, AMSGrad, RMSprop, Yogi


def unit_moves(optimizer, slopes):
    """The moves on a stream of slopes at a learning rate of 1; where theta is does not matter."""
    state, moves = optimizer.init(np.zeros(())), []
    for g in slopes:
        theta, state = optimizer.step(0.0, g, state)
        moves.append(float(theta))
    return np.array(moves)


def online(moves, slopes, start):
    """End, and regret a step against the best answer -1, at rates 0.5 / sqrt(t) within [-1, 1]."""
    x, points = start, []
    for t, move in enumerate(moves.tolist(), start=1):
        points.append(x)
        x = min(1.0, max(-1.0, x + 0.5 / t**0.5 * move))
    return x, np.mean(slopes * (np.array(points) + 1))


def test_adam_ends_at_the_wrong_end_and_amsgrad_at_the_right_one():
    """Reddi, Kale and Kumar 2018, theorem 1: slopes 3, -1, -1 again and again."""
    slopes = np.tile([3.0, -1.0, -1.0], 10_000)
    moves = {cls: unit_moves(cls(1.0, beta1=0.0, beta2=0.1), slopes) for cls in (Adam, AMSGrad)}
    (_, adam_early), (adam, adam_late) = (
        online(moves[Adam][:n], slopes[:n], start=1.0) for n in (300, 30_000)
    )
    (_, amsgrad_early), (amsgrad, amsgrad_late) = (
        online(moves[AMSGrad][:n], slopes[:n], start=1.0) for n in (300, 30_000)
    )
    assert adam == 1.0
    assert adam_late == pytest.approx(2 / 3, abs=3e-3)
    assert abs(adam_late - 2 / 3) < abs(adam_early - 2 / 3) / 5  # it tends there
    assert amsgrad < -0.997
    assert 0 < amsgrad_late < 0.006
    assert amsgrad_late < amsgrad_early / 5


def test_figure_1_of_reddi_kale_and_kumar_after_a_million_steps():
    """Slopes 1010 once in 101 steps, else -10.

    The averages forget: after 60 rounds their moves repeat, so that the steps that follow need not
    be computed.
    """
    one_round, rounds = np.array([1010.0] + [-10.0] * 100), 1_000_000 // 101
    ends = {}
    for cls in (Adam, AMSGrad):
        moves = unit_moves(cls(1.0, beta1=0.9, beta2=0.99), np.tile(one_round, 60))
        last, before = moves[-101:], moves[-202:-101]
        np.testing.assert_allclose(last, before, rtol=1e-9)
        moves = np.concatenate([moves, np.tile(last, rounds - 60)])
        ends[cls] = online(moves, np.tile(one_round, rounds), start=0.0)
    assert ends[Adam][0] == 1.0
    assert ends[AMSGrad][0] == pytest.approx(-0.997, abs=5e-4)
    at_the_wrong_end = 2 * one_round.mean()  # what each step costs there, 0.198
    assert ends[AMSGrad][1] < 0.04 < at_the_wrong_end < ends[Adam][1]


@pytest.mark.parametrize("seed", range(5))
def test_adagrads_regret_stays_below_its_bound(seed):
    """Duchi, Hazan and Singer 2011: losses |a x - b| within the box [-1, 1]^d.

    Some coordinates of a are rare, and of all sizes. The regret is against the best point of the
    linear losses, which no point of the losses themselves can beat.
    """
    rng = np.random.default_rng(seed)
    steps, size, diameter = 1000, 8, 2.0
    a = rng.standard_normal((steps, size)) * 10.0 ** rng.uniform(-3, 1, size)
    a[rng.random(a.shape) < rng.uniform(0, 0.99, size)] = 0.0
    b = a @ rng.uniform(-1, 1, size) + rng.standard_normal(steps)
    optimizer = Adagrad(lr=diameter / np.sqrt(2))
    x, points, gradients = np.zeros(size), [], []
    state = optimizer.init(x)
    for row, target in zip(a, b, strict=True):
        g = np.sign(row @ x - target) * row
        points.append(x)
        gradients.append(g)
        x, state = optimizer.step(x, g, state)
        x = np.clip(x, -1, 1)
    points, gradients = np.array(points), np.array(gradients)
    best = -np.sign(gradients.sum(axis=0))
    regret = np.sum(gradients * (points - best))
    bound = np.sqrt(2) * diameter * np.sqrt(np.sum(gradients**2, axis=0)).sum()
    assert 0.05 * bound < regret <= bound


def test_adadeltas_first_step_on_a_large_gradient_is_the_root_of_epsilon_over_one_minus_rho():
    for g in (10.0, 1e4, -1e8):
        move = unit_moves(Adadelta(), [g])[0]
        assert move == pytest.approx(-np.sign(g) * np.sqrt(1e-6 / (1 - 0.9)), rel=1e-6)
    assert abs(move) == pytest.approx(0.00316, abs=1e-5)


def test_first_steps_in_units_of_the_learning_rate():
    """RMSprop and Yogi do not correct their averages: 10 and 3.162; Adam does: 1."""
    assert unit_moves(RMSprop(1.0, eps=0.0), [7.0])[0] == pytest.approx(-1 / np.sqrt(1 - 0.99))
    assert unit_moves(Yogi(1.0, eps=0.0), [7.0])[0] == pytest.approx(-0.1 / np.sqrt(0.001))
    assert unit_moves(Adam(1.0, eps=0.0), [7.0])[0] == pytest.approx(-1)


def test_adamw_without_a_gradient_halves_the_weights_in_ln_2_over_lr_times_decay_steps():
    optimizer, theta = AdamW(lr=1e-3, weight_decay=0.01), np.ones(1)
    state = optimizer.init(theta)
    for _ in range(1000):
        theta, state = optimizer.step(theta, np.zeros(1), state)
    assert theta[0] == pytest.approx((1 - 1e-5) ** 1000, rel=1e-12)
    assert np.log(2) / -np.log(theta[0] ** (1 / 1000)) == pytest.approx(69_314, abs=1)
