"""The claims of the chapter Momentum, each against the library."""

from types import SimpleNamespace

import numpy as np
import pytest

from optim_lessons import SGD, Momentum, Nesterov, minimize, problems
from optim_lessons.explorer import regions


def rate(optimizer, curvature=1.0):
    """The spectral radius of one step on ½ λ x², read from the step itself."""
    return abs(eigenvalues(optimizer, curvature)).max()


def eigenvalues(optimizer, curvature=1.0):
    # The step is linear in (x, m): its columns are the images of (1, 0) and (0, 1).
    x, m = np.eye(2)
    new_x, state = optimizer.step(x, curvature * x, optimizer.State(m))
    return np.linalg.eigvals(np.array([new_x, state.m]))


def bowl(*curvatures):
    lam = np.array(curvatures)
    return lambda x: 0.5 * lam @ x**2, lambda x: lam * x


def best_heavy_ball(low, high):
    wide, narrow = np.sqrt(high) + np.sqrt(low), np.sqrt(high) - np.sqrt(low)
    return Momentum(lr=4 / wide**2, momentum=(narrow / wide) ** 2)


def buffer_after(gradients, mu):
    state = Momentum(momentum=mu).init(np.zeros(()))
    for g in gradients:
        _, state = Momentum(momentum=mu).step(np.zeros(()), g, state)
    return float(state.m)


def test_the_half_life_at_beta_09_is_66_steps_and_holds_half_of_the_weight():
    half_life = np.log(0.5) / np.log(0.9)
    assert half_life == pytest.approx(6.58, abs=0.005)
    weights = 0.1 * 0.9 ** np.arange(1000)
    below, above = weights[:6].sum(), weights[:7].sum()
    assert below < 0.5 < above
    assert weights @ np.arange(1000) == pytest.approx(9)  # mean age: the window less one


def test_an_average_that_starts_at_zero_is_too_small_by_one_minus_beta_to_the_t():
    for t in (1, 5, 30):
        assert (1 - 0.9) * buffer_after(np.ones(t), 0.9) == pytest.approx(1 - 0.9**t)


def test_agreement_is_multiplied_by_ten_and_contradiction_by_about_one_half():
    assert buffer_after(np.ones(500), 0.9) == pytest.approx(1 / (1 - 0.9))
    assert buffer_after((-1.0) ** np.arange(1, 501), 0.9) == pytest.approx(1 / (1 + 0.9))


def test_polyaks_form_the_sum_and_the_average_take_one_path():
    lr, mu, problem = 0.0005, 0.9, problems.beale
    path = minimize(Momentum(lr, mu), problem, steps=300)
    polyak = previous = average = path.theta[0]
    m = 0.0
    for t in range(1, 301):
        polyak, previous = polyak - lr * problem.grad(polyak) + mu * (polyak - previous), polyak
        m = mu * m + (1 - mu) * problem.grad(average)
        average = average - lr / (1 - mu) * m
        np.testing.assert_allclose(polyak, path.theta[t], rtol=1e-11)
        np.testing.assert_allclose(average, path.theta[t], rtol=1e-11)


def test_a_learning_rate_inside_the_buffer_coasts_on_after_a_drop_by_81_old_steps():
    theta, state, velocity = np.zeros(()), Momentum().init(np.zeros(())), 0.0
    outside, inside = [], []
    for t in range(400):
        lr = 0.1 if t < 200 else 0.01
        new, state = Momentum(lr, 0.9).step(theta, 1.0, state)
        outside.append(theta - new)
        theta, velocity = new, 0.9 * velocity + lr
        inside.append(velocity)
    np.testing.assert_allclose(outside[:200], inside[:200], rtol=1e-12)
    assert outside[200] == pytest.approx(0.1 * outside[199])
    assert inside[200] > 0.9 * inside[199]
    assert sum(inside) - sum(outside) == pytest.approx(8.1 * outside[199], rel=1e-6)


def test_small_steps_follow_newtons_ball_with_an_error_of_the_order_of_the_step():
    friction = 0.4
    omega = np.sqrt(1 - friction**2 / 4)

    def error(h):
        path = minimize(Momentum(h**2, 1 - friction * h), bowl(1.0), [1.0], round(20 / h))
        tau = h * np.arange(path.steps + 1)
        wave = np.cos(omega * tau) + friction / (2 * omega) * np.sin(omega * tau)
        return abs(path.theta[:, 0] - np.exp(-friction * tau / 2) * wave).max()

    assert error(0.05) < 0.04
    assert error(0.05) / error(0.025) == pytest.approx(2, abs=0.15)


def test_at_momentum_09_the_roots_are_complex_from_00026_to_3797():
    low, high = (1 - np.sqrt(0.9)) ** 2, (1 + np.sqrt(0.9)) ** 2
    assert (round(low, 5), round(high, 3)) == (0.00263, 3.797)
    for inside in (low * 1.001, 1.0, high * 0.9999):
        assert np.iscomplexobj(eigenvalues(Momentum(inside, 0.9)))
        assert rate(Momentum(inside, 0.9)) == pytest.approx(np.sqrt(0.9))
    for outside in (low * 0.999, high * 1.0001):
        assert not np.iscomplexobj(eigenvalues(Momentum(outside, 0.9)))


@pytest.mark.parametrize("mu", [0.0, 0.3, 0.9, 0.99])
def test_momentum_is_stable_below_twice_one_plus_mu(mu):
    limit = 2 * (1 + mu)
    assert rate(Momentum(0.999 * limit, mu)) < 1 < rate(Momentum(1.001 * limit, mu))
    assert rate(Momentum(0.001, mu)) < 1


def test_nesterovs_stable_range_is_smaller():
    mu = 0.9
    limit = (2 + 2 * mu) / (1 + 2 * mu)
    assert limit < 2 * (1 + mu)
    assert rate(Nesterov(0.999 * limit, mu)) < 1 < rate(Nesterov(1.001 * limit, mu))


def test_for_given_curvature_the_best_momentum_is_critical_damping():
    for lr in (0.01, 0.2, 0.9):
        best = min(np.linspace(0, 0.999, 1000), key=lambda mu: rate(Momentum(lr, mu)))
        assert best == pytest.approx((1 - np.sqrt(lr)) ** 2, abs=0.001)


def test_the_best_heavy_ball_at_condition_number_100_has_the_rate_9_over_11():
    best = best_heavy_ball(1, 100)
    worst = max(rate(best, curvature) for curvature in np.geomspace(1, 100, 20))
    assert worst == pytest.approx(9 / 11, abs=1e-7)  # a double root is found to half the digits


def test_no_learning_rate_and_momentum_beat_9_over_11_at_condition_number_100():
    for lr in np.linspace(0.001, 0.04, 40):
        for mu in np.linspace(0, 0.98, 50):
            optimizer = Momentum(lr, mu)
            assert max(rate(optimizer, 1), rate(optimizer, 100)) > 9 / 11


def test_at_the_optimum_the_jordan_block_gives_the_closed_form_and_inflates_a_slope():
    path = minimize(best_heavy_ball(1, 100), bowl(1.0, 100.0), [1.0, 1.0], steps=120)
    q, t = 9 / 11, np.arange(121)
    np.testing.assert_allclose(path.theta[:, 0], (1 + (1 - q) * t) * q**t, rtol=1e-8)
    np.testing.assert_allclose(path.theta[:, 1], (1 + (1 + q) * t) * (-q) ** t, rtol=1e-8)
    error = np.linalg.norm(path.theta, axis=1)
    slope = (error[100] / error[50]) ** (1 / 50)
    assert q + 0.01 < slope < q + 0.013
    assert error.max() > 2.5 * error[0]


def test_too_much_momentum_is_slower_than_none():
    def steps(mu):
        path = minimize(Momentum(0.05, mu), problems.ravine, steps=1500)
        error = np.linalg.norm(path.theta, axis=1)
        return np.flatnonzero(error > error[0] / 1000)[-1] + 1

    assert steps(0.6) < steps(0.0) < steps(0.99)


def test_in_the_ravine_momentum_bears_a_learning_rate_that_gradient_descent_does_not():
    lr = 0.18
    assert minimize(SGD(lr), problems.ravine, steps=500).value[-1] > 1e100
    assert minimize(Momentum(lr, 0.9), problems.ravine, steps=500).value[-1] < 1e-12


def three_pieces(theta):
    return np.where(theta < 1, 25 * theta, np.where(theta < 2, theta + 24, 25 * theta - 24))


def three_pieces_value(theta):
    (x,) = theta
    if x < 1:
        return 12.5 * x**2
    return x**2 / 2 + 24 * x - 12 if x < 2 else 12.5 * x**2 - 24 * x + 36


CYCLE = np.array([792, -2208, 2592]) / 1225


@pytest.mark.parametrize("start", [3.3, 3.2])
def test_the_heavy_ball_tuned_for_quadratics_cycles_on_a_convex_function(start):
    ball = best_heavy_ball(1, 25)
    assert (ball.lr, ball.momentum) == pytest.approx((1 / 9, 4 / 9))
    path = minimize(ball, (three_pieces_value, three_pieces), [start], steps=300)
    for k in (-3, -2, -1):  # each point is followed by the next of the cycle
        place = abs(CYCLE - path.theta[k - 1, 0]).argmin()
        assert path.theta[k, 0] == pytest.approx(CYCLE[(place + 1) % 3], abs=1e-12)


def test_gradient_descent_arrives_on_that_function():
    path = minimize(SGD(2 / 26), (three_pieces_value, three_pieces), [3.3], steps=300)
    assert abs(path.theta[-1, 0]) < 1e-9


def test_the_function_of_the_cycle_has_that_derivative():
    h = 1e-6
    for x in (-1.0, 0.5, 1.5, 2.5):
        slope = (three_pieces_value([x + h]) - three_pieces_value([x - h])) / (2 * h)
        assert slope == pytest.approx(float(three_pieces(x)), rel=1e-7)


class NoisyBowls:
    """Independent copies of ½ λ x² whose gradients get fresh noise at each step."""

    def __init__(self, curvature, sigma, copies=3000):
        self.curvature, self.sigma, self.copies = curvature, sigma, copies

    def value(self, x):
        return self.curvature * float(np.mean(x**2)) / 2

    def grad(self, x):
        return self.curvature * x

    def sample(self, t, rng):
        noise = self.sigma * rng.normal(size=self.copies)
        return SimpleNamespace(grad=lambda x: self.curvature * x + noise)


@pytest.mark.parametrize(("lr", "mu", "lam"), [(0.2, 0.0, 1.0), (0.1, 0.9, 2.0), (0.6, 0.5, 3.0)])
def test_the_noise_floor_is_that_of_theorem_3(lr, mu, lam):
    sigma, copies = 1.5, 3000
    path = minimize(
        Momentum(lr, mu),
        NoisyBowls(lam, sigma, copies),
        np.zeros(copies),
        steps=300,
        rng=np.random.default_rng(0),
    )
    expected = lr * sigma**2 * (1 + mu) / (lam * (1 - mu) * (2 * (1 + mu) - lr * lam))
    assert np.mean(path.theta[150:] ** 2) == pytest.approx(expected, rel=0.02)


def test_the_map_of_final_losses_is_low_beside_polyaks_pair_and_not_above_momentum_09():
    figure = regions(Momentum(lr=0.05, momentum=0.9), problems.ravine, start=(-4.0, 1.0), steps=60)
    ends = np.where(figure.sweep.diverged, np.inf, figure.sweep.value)  # rows: momentum
    lr, momentum = (axis.values for axis in figure._axes)
    j, i = np.unravel_index(ends.argmin(), ends.shape)
    assert (lr[i], momentum[j]) == (0.125, 0.443)
    assert ends[j, i] == pytest.approx(5e-20, rel=0.2)
    assert ends[0].min() == pytest.approx(1.6e-4, rel=0.1)
    assert ends[momentum > 0.9].min() > 0.004
    start = problems.ravine.value(np.array([-4.0, 1.0]))
    climbed = np.where(ends > start, lr, np.inf).min(axis=1)  # the first cell that ended higher
    edge = 2 * (1 + momentum) / 20
    low = momentum < 0.9  # above, a transient of 60 steps hides the edge
    assert np.all(climbed[low] > edge[low]) and np.all(climbed[low] < 1.5 * edge[low])


def test_in_the_figure_of_modes_momentum_09_ripples_everywhere_and_polyak_s_pair_rises_first():
    spectrum = [1, 3.16, 10, 31.6, 100]

    def error(lr, momentum):
        run = minimize(Momentum(lr=lr, momentum=momentum), bowl(*spectrum), np.ones(5), steps=150)
        return np.abs(run.theta)

    roots = [eigenvalues(Momentum(lr=0.01, momentum=0.9), lam) for lam in spectrum]
    assert all(abs(pair[0].imag) > 0 for pair in roots)
    polyak = np.linalg.norm(error(4 / 121, 81 / 121), axis=1)
    assert polyak.max() > 1.5 * polyak[0] and polyak[-1] < 1e-10
