"""The claims of the chapter on batch, stochastic and mini-batch, each recomputed."""

import inspect
from itertools import combinations, product
from types import SimpleNamespace

import numpy as np
import pytest
from torch.utils.data import DataLoader

from optim_lessons import SGD, minimize, problems

X, Y = problems.digits()
ODD = problems.LogisticRegression(X, Y % 2)


def single_gradients(theta, count=None):
    index = range(count or len(X))
    return np.array([ODD.rows(np.array([i])).grad(theta) for i in index])


def deviation(batches, rows):
    """The mean square distance of the batches' means from the mean of all rows."""
    means = np.array([rows[list(batch)].mean(axis=0) for batch in batches])
    return np.mean(np.sum((means - rows.mean(axis=0)) ** 2, axis=1))


@pytest.mark.parametrize("m", [1, 2, 3, 5, 6])
def test_the_variance_of_a_batch_is_sigma2_over_m_and_n_minus_m_over_n_minus_1_times_that(m):
    n = 6
    rows = single_gradients(ODD.start, n)
    sigma2 = np.mean(np.sum((rows - rows.mean(axis=0)) ** 2, axis=1))
    without = deviation(combinations(range(n), m), rows)  # every batch there is
    assert without == pytest.approx(sigma2 / m * (n - m) / (n - 1), abs=1e-15)
    if m <= 3:
        assert deviation(product(range(n), repeat=m), rows) == pytest.approx(sigma2 / m)


def test_given_the_past_only_the_first_batch_of_a_shuffled_epoch_is_unbiased():
    rows = single_gradients(ODD.start, 4)
    first = [rows[list(pair)].mean(axis=0) for pair in combinations(range(4), 2)]
    np.testing.assert_allclose(np.mean(first, axis=0), rows.mean(axis=0))
    second_after_0_and_1 = rows[[2, 3]].mean(axis=0)  # there is no other
    assert not np.allclose(second_after_0_and_1, rows.mean(axis=0))


def exact_squares(rates, lam, sigma, start):
    """E e_t² by the weights of each noise in e_t, not by the recursion."""
    weights, bias, squares = np.zeros(0), start, []
    for lr in rates:
        weights, bias = np.append(weights * (1 - lr * lam), -lr), bias * (1 - lr * lam)
        squares.append(bias**2 + sigma**2 * weights @ weights)
    return np.array(squares)


@pytest.mark.parametrize(("lr", "lam"), [(0.5, 1.0), (0.1, 3.0), (1.9, 1.0)])
def test_a_constant_rate_ends_on_the_floor_and_nears_it_by_one_factor(lr, lam):
    sigma = 1.7
    floor = lr * sigma**2 / (lam * (2 - lr * lam))
    squares = exact_squares([lr] * 400, lam, sigma, start=5.0)
    assert squares[-1] == pytest.approx(floor)
    gaps = squares[:10] - floor
    np.testing.assert_allclose(gaps[1:] / gaps[:-1], (1 - lr * lam) ** 2, rtol=1e-6)


def test_the_rate_one_over_lambda_t_gives_sigma2_over_lambda2_t_from_any_start():
    lam, sigma, t = 2.5, 0.7, np.arange(1, 201)
    squares = exact_squares(1 / (lam * t), lam, sigma, start=100.0)
    np.testing.assert_allclose(squares, sigma**2 / (lam**2 * t), rtol=1e-12)


def test_that_rate_computes_the_running_mean_of_the_targets():
    z = np.random.default_rng(0).normal(size=50)
    stream = SimpleNamespace(
        start=np.array([9.0]),
        value=lambda theta: 0.0,
        grad=lambda theta: theta,
        sample=lambda t, rng: SimpleNamespace(grad=lambda theta: theta - z[(t - 1) % 50]),
    )
    rng = np.random.default_rng(0)
    path = minimize(SGD(), stream, steps=50, rng=rng, schedule=lambda t: 1 / t)
    means = np.cumsum(z) / np.arange(1, 51)
    np.testing.assert_allclose(path.theta[1:, 0], means, rtol=1e-10)


@pytest.mark.parametrize("c", [0.25, 0.75, 1.0, 2.0])
def test_a_schedule_c_over_t_falls_like_t_to_minus_2c_or_has_the_constant_of_exercise_4(c):
    last = 3000
    squares = exact_squares(c / np.arange(1, last + 1), 1.0, 1.0, start=1.0)
    if c < 0.5:
        slope = np.log(squares[-1] / squares[last // 4 - 1]) / np.log(4)
        assert slope == pytest.approx(-2 * c, abs=0.02)
    else:
        assert last * squares[-1] == pytest.approx(c**2 / (2 * c - 1), rel=0.1)


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_the_bounds_of_theorem_5_hold_and_are_no_loose_talk(share):
    lam, high, sigma = 1.0, 10.0, 2.0
    curvatures = np.array([lam, 3.0, high])
    sides = sigma / np.sqrt(3)  # sigma² is the sum over the coordinates
    t0, t = 2 * high / lam, np.arange(1, 2001)
    falling = 2 / (lam * (t + t0))
    constant = np.full(2000, share / high)

    def total(rates):
        return sum(exact_squares(rates, curve, sides, 1.0) for curve in curvatures)

    bound = (1 - constant[0] * lam) ** t * 3 + constant[0] * sigma**2 / lam
    assert np.all(total(constant) <= bound)
    assert total(constant)[-1] > 0.1 * bound[-1]
    bound = (t0 / (t + t0)) ** 2 * 3 + 4 * sigma**2 / (lam**2 * (t + t0))
    assert falling[0] <= 1 / high
    assert np.all(total(falling) <= bound)
    assert total(falling)[-1] > 0.05 * bound[-1]


def test_the_best_rate_of_the_bound_is_that_of_the_noise_scale():
    smooth, signal, sigma2 = 3.0, 0.5, 8.0
    b = sigma2 / signal
    rates = np.linspace(0, 1 / smooth, 100001)
    for m in (1, 16, 1000):
        decrease = rates * signal - smooth * rates**2 / 2 * (signal + sigma2 / m)
        assert rates[decrease.argmax()] == pytest.approx(1 / smooth / (1 + b / m), rel=1e-3)
        assert decrease.max() == pytest.approx(signal / (2 * smooth) / (1 + b / m), rel=1e-6)


def test_the_noise_scale_of_the_digits_is_about_50_at_the_start():
    rows = single_gradients(ODD.start)
    scale = np.sum(rows.var(axis=0)) / np.sum(rows.mean(axis=0) ** 2)
    assert scale == pytest.approx(50.7, abs=0.1)


def epoch(theta, order, m, lr):
    for i in range(0, len(order), m):
        theta = theta - lr * ODD.rows(order[i : i + m]).grad(theta)
    return theta


def test_one_epoch_of_batches_beats_two_of_the_whole_and_sorted_data_mislead():
    rng = np.random.default_rng(3)
    shuffled = epoch(ODD.start, rng.permutation(len(X)), 32, 0.3)
    best_whole = min(
        ODD.value(
            epoch(epoch(ODD.start, np.arange(len(X)), len(X), lr), np.arange(len(X)), 1797, lr)
        )
        for lr in (0.3, 1.0, 3.0, 10.0)
    )
    assert ODD.value(shuffled) < 0.8 * best_whole
    in_order = epoch(ODD.start, np.argsort(Y % 2, kind="stable"), 32, 0.3)
    assert ODD.accuracy(in_order) < 0.6 < 0.85 < ODD.accuracy(shuffled)


def test_the_errors_of_a_shuffled_epoch_cancel_to_second_order():
    theta, order = ODD.start, np.random.default_rng(0).permutation(200)
    part = ODD.rows(np.arange(200))

    def miss(lr):
        after = theta
        for i in order:
            after = after - lr * part.rows(np.array([i])).grad(after)
        return np.linalg.norm(after - (theta - 200 * lr * part.grad(theta)))

    assert miss(2e-5) / miss(1e-5) == pytest.approx(4, rel=0.02)


@pytest.mark.parametrize("sigma", [1.0, 1e-5])
def test_noise_leaves_the_ridge_after_the_logarithm_of_its_inverse(sigma):
    ridge = problems.NoisyQuadratic(np.full(2000, -2.0), sigma=sigma)
    rng = np.random.default_rng(1)
    run = minimize(SGD(lr=0.01), ridge, np.zeros(2000), steps=1000, rng=rng)
    median = np.median(np.argmax(abs(run.theta) >= 1, axis=0))
    formula = np.log(np.sqrt(1.02**2 - 1) / (0.6745 * 0.01 * sigma)) / np.log(1.02)
    assert median == pytest.approx(formula, abs=8)


def test_the_last_five_of_1797_digits_weigh_64_times_as_much_in_batches_of_32():
    full, last = divmod(len(X), 32)
    assert (full, last, 32 / last) == (56, 5, 6.4)


def test_the_worked_numbers_of_the_exercises():
    assert pytest.approx(1.86, abs=0.005) == (1 + 400 / 32) / (1 + 400 / 64)
    assert pytest.approx(1.06, abs=0.005) == (1 + 400 / 3200) / (1 + 400 / 6400)
    assert pytest.approx(3 / 400) == (1 / 100 + 1 / 50) / 4
    assert pytest.approx(1 / 150) == (4 / 9) / 100 + (1 / 9) / 50


def test_pytorch_deals_out_batches_as_the_chapter_says():
    loader = inspect.signature(DataLoader.__init__).parameters
    assert not loader["shuffle"].default
    assert loader["drop_last"].default is False
