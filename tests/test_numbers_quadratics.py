"""Results of the literature on quadratics and least squares, with the numbers that it gives.

What a chapter says is tested with that chapter: the rates of gradient descent and of the heavy ball
at their best, the cycle of Lessard, Recht and Packard, the saddle, and the noise floor of momentum.
"""

import dataclasses

import numpy as np
import pytest

from optim_lessons import SGD, Adagrad, Adam, Momentum, Nesterov, RMSprop, minimize
from optim_lessons.problems import (
    NoisyQuadratic,
    Quadratic,
    Tridiagonal,
    UniqueFeatures,
    random_rotation,
    spectrum,
)

WILSON = UniqueFeatures(n=200, positive=0.6, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("optimizer", "error"),
    [
        (SGD(lr=2e-3), 0.0),
        (Momentum(lr=5e-4, momentum=0.9), 0.0),
        (Adagrad(lr=0.05), 0.4),
        (RMSprop(lr=1e-4), 0.4),
        (Adam(lr=1e-3), 0.4),
    ],
    ids=lambda o: type(o).__name__,
)
def test_adaptive_methods_fit_wilsons_labels_and_learn_nothing(optimizer, error):
    end = minimize(optimizer, WILSON, steps=1500).theta[-1]
    assert WILSON.train_error(end) == 0
    assert WILSON.test_error(end) == error


@pytest.mark.parametrize("optimizer", [Adagrad(lr=0.05, eps=0), Adam(lr=1e-3, eps=0)], ids=repr)
def test_adaptive_methods_give_every_weight_one_size_on_wilsons_problem(optimizer):
    """Wilson's lemma: they end at sign(xᵀ y) / 4, whatever tells and whatever does not."""
    end = minimize(optimizer, WILSON, steps=1500).theta[-1]
    np.testing.assert_allclose(end, np.sign(WILSON.x.T @ WILSON.y) / 4, atol=1e-6)


def test_gradient_descent_ends_at_the_shortest_solution_of_wilsons_problem():
    end = minimize(SGD(lr=2e-3), WILSON, steps=4000).theta[-1]
    shortest = np.linalg.lstsq(WILSON.x, WILSON.y)[0]
    np.testing.assert_allclose(end, shortest, atol=1e-6)


def spectral_radius(optimizer, problem):
    """The factor per step in the long run, read from the step itself, which is linear."""
    d = problem.start.size
    theta, m = np.hsplit(np.eye(2 * d), 2)
    new, state = optimizer.step(theta, problem.grad(theta), optimizer.State(m))
    return np.abs(np.linalg.eigvals(np.hstack([new, state.m]))).max()


RAVINE = Quadratic(spectrum(7, condition=100), random_rotation(7, np.random.default_rng(1)))
TUNED = np.sqrt(3 * 100 + 1)


@pytest.mark.parametrize(
    ("nesterov", "rate"),
    [
        (Nesterov(lr=1 / 100, momentum=9 / 11), 0.9),
        (Nesterov(lr=4 / (3 * 100 + 1), momentum=(TUNED - 2) / (TUNED + 2)), 1 - 2 / TUNED),
    ],
)
def test_nesterovs_rate_at_condition_number_100(nesterov, rate):
    """The standard choice and the best, of proposition 1 of Lessard, Recht and Packard 2016."""
    # A double root is found to half of the digits.
    assert spectral_radius(nesterov, RAVINE) == pytest.approx(rate, abs=1e-6)
    path = minimize(nesterov, RAVINE, steps=400)
    error = np.linalg.norm(path.theta, axis=1)
    # The double root multiplies rate^t by a polynomial of degree 1 in t.
    assert (error[400] / error[300]) ** (1 / 100) == pytest.approx(rate, rel=0.005)


def test_the_tuned_rate_of_nesterov_is_0_885_and_no_neighbour_is_better():
    best = 1 - 2 / TUNED
    assert best == pytest.approx(0.885, abs=5e-4)
    lr, momentum = 4 / 301, (TUNED - 2) / (TUNED + 2)
    for a in (0.9, 0.97, 1.03, 1.1):
        for b in (0.9, 0.97, 1, 1.03, 1.1):
            assert spectral_radius(Nesterov(a * lr, b * momentum), RAVINE) > best


D, L = 101, 4.0
K = np.arange(51)
WORST = Tridiagonal(D, L)
DISTANCE = float(np.sum(WORST.minimum**2))


def accelerated(problem, lipschitz, steps):
    """Nesterov's method with the momentum that grows with the step (Beck and Teboulle 2009)."""
    x = y = problem.start
    values, s = [problem.value(x)], 1.0
    for _ in range(steps):
        after, _ = SGD(lr=1 / lipschitz).step(y, problem.grad(y), SGD.State())
        s, old = (1 + np.sqrt(1 + 4 * s**2)) / 2, s
        x, y = after, after + (old - 1) / s * (after - x)
        values.append(problem.value(x))
    return np.array(values)


def test_nesterovs_method_is_below_its_bound_and_below_gradient_descent():
    fast, plain = accelerated(WORST, L, 50), minimize(SGD(lr=1 / L), WORST, steps=50).value
    assert np.all(fast[1:] <= 2 * L * DISTANCE / (K[1:] + 1) ** 2)
    assert np.all(fast[3:] < plain[3:])  # the first two steps are the same


@pytest.mark.parametrize("lr", [0.01, 0.1, 1 / L])
@pytest.mark.parametrize("cls", [SGD, Momentum, Nesterov, Adagrad, RMSprop, Adam])
def test_no_first_order_method_is_below_the_lower_bound_of_smooth_convex_problems(cls, lr):
    """Scaling coordinates does not help: after k steps, only k of them have heard of the loss."""
    path = minimize(cls(lr=lr), WORST, steps=50)
    for k in range(50):
        assert not path.theta[k, k:].any()
    assert np.all(path.value >= L / 8 * (1 / (K + 1) - 1 / (D + 1)) - 1e-9)
    assert path.value[50] >= 3 * L * DISTANCE / (32 * 51**2)


def test_nesterovs_method_is_within_a_constant_of_the_lower_bound():
    bound = 3 * L * DISTANCE / (32 * 51**2)
    assert bound < accelerated(WORST, L, 50)[50] < 10 * bound


def test_the_noise_floor_of_each_eigenvalue():
    """Row by row of a quadratic with three curvatures, momentum in the sum form."""
    lam, copies, lr, mu, sigma = np.array([0.5, 2.0, 6.0]), 2000, 0.1, 0.5, 1.5
    problem = NoisyQuadratic(np.repeat(lam, copies), sigma, start=np.zeros(3 * copies))
    rng = np.random.default_rng(0)
    path = minimize(Momentum(lr, mu), problem, steps=200, rng=rng)
    measured = np.mean(path.theta[100:].reshape(-1, 3, copies) ** 2, axis=(0, 2))
    expected = lr * sigma**2 * (1 + mu) / (lam * (1 - mu) * (2 * (1 + mu) - lr * lam))
    np.testing.assert_allclose(measured, expected, rtol=0.03)


def test_a_learning_rate_of_one_over_lambda_t_averages_the_noise_exactly():
    """So that the variance after T steps is sigma² / (lambda² T), wherever the start is."""
    lam, sigma, steps, copies = 2.0, 1.5, 40, 20_000
    problem = NoisyQuadratic(np.full(copies, lam), sigma, start=np.full(copies, 7.0))
    sgd, theta, rng = SGD(), problem.start, np.random.default_rng(0)
    noise = np.zeros(copies)
    for t in range(1, steps + 1):
        g = problem.sample(t, rng).grad(theta)
        noise += g - problem.grad(theta)
        theta, _ = dataclasses.replace(sgd, lr=1 / (lam * t)).step(theta, g, sgd.State())
    np.testing.assert_allclose(theta, -noise / (lam * steps), atol=1e-12)
    assert np.mean(theta**2) == pytest.approx(sigma**2 / (lam**2 * steps), rel=0.04)
