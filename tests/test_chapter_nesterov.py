"""The claims of the chapter Nesterov momentum, each against the library."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import j1

from optim_lessons import SGD, Momentum, Nesterov, minimize, problems


def eigenvalues(optimizer, curvature=1.0):
    # The step is linear in (x, m): its columns are the images of (1, 0) and (0, 1).
    x, m = np.eye(2)
    new_x, state = optimizer.step(x, curvature * x, optimizer.State(m))
    return np.linalg.eigvals(np.array([new_x, state.m]))


def rate(optimizer, curvature=1.0):
    return abs(eigenvalues(optimizer, curvature)).max()


def scheme(grad, start, lipschitz, steps, simple=False):
    """Nesterov's scheme, with (t - 1)/(t + 2) if simple: its x, z and s from step 0."""
    x = theta = np.array(start, float)
    xs, zs, ss, s = [x], [x], [0.0], 1.0
    for t in range(1, steps + 1):
        new = theta - grad(theta) / lipschitz
        after = (t + 2) / 2 if simple else (1 + np.sqrt(1 + 4 * s**2)) / 2
        xs.append(new)
        zs.append(s * new - (s - 1) * x)
        ss.append(s)
        theta = new + (s - 1) / after * (new - x)
        x, s = new, after
    return np.array(xs), np.array(zs), np.array(ss)


def test_four_forms_take_one_path_and_the_ball_is_read_from_the_state():
    lr, mu, grad = 0.0005, 0.9, problems.beale.grad
    path = minimize(Nesterov(lr, mu), problems.beale, steps=200)
    x = keras = own = previous = path.theta[0]
    v = v_keras = np.zeros(2)
    for t in range(1, 201):
        v = mu * v - lr * grad(x + mu * v)
        x = x + v
        g = grad(keras)
        v_keras = mu * v_keras - lr * g
        keras = keras + mu * v_keras - lr * g
        new = own - lr * grad(own)
        own, previous = new + mu * (new - previous), new
        for look in (x + mu * v, keras, own):
            np.testing.assert_allclose(look, path.theta[t], rtol=1e-10)
        np.testing.assert_allclose(path.theta[t] + lr * mu * path.state.m[t], x, rtol=1e-10)


def test_the_first_stored_step_is_1_plus_mu_times_that_of_the_ball():
    theta, state = Nesterov(0.1, 0.9).step(np.zeros(()), 1.0, Nesterov.State(np.zeros(())))
    assert theta == pytest.approx(-0.1 * 1.9)
    assert theta + 0.1 * 0.9 * state.m == pytest.approx(-0.1)


def test_a_changing_momentum_fades_by_the_old_one_and_looks_ahead_with_the_new():
    grad, lr, mus = problems.ravine.grad, 0.02, np.linspace(0.1, 0.9, 31)
    x = theta = np.array([-3.0, 1.0])
    v = m = np.zeros(2)
    for old, new in pairwise(mus):
        v = old * v - lr * grad(x + old * v)
        x = x + v
        g = grad(theta)
        m = old * m + g
        theta = theta - lr * (g + new * m)
        np.testing.assert_allclose(theta, x + new * v, rtol=1e-10)


def test_on_a_quadratic_the_look_ahead_is_friction_by_curvature():
    lam, lr, mu = np.array([1.0, 20.0]), 0.03, 0.9
    path = minimize(Nesterov(lr, mu), problems.Quadratic(lam), steps=50)
    x, v = path.theta[0], np.zeros(2)
    for t in range(1, 51):
        v = mu * (1 - lr * lam) * v - lr * lam * x
        x = x + v
        np.testing.assert_allclose(path.theta[t] + lr * mu * path.state.m[t], x, atol=1e-12)


@pytest.mark.parametrize("mu", [0.3, 0.8, 0.95])
def test_where_it_ripples_the_rate_falls_with_the_curvature(mu):
    edge = ((1 - mu) / (1 + mu)) ** 2
    for a in (1.001 * edge, 0.5 * (edge + 1), 0.999):
        assert np.iscomplexobj(eigenvalues(Nesterov(a, mu)))
        assert rate(Nesterov(a, mu)) == pytest.approx(np.sqrt(mu * (1 - a)))
    for a in (0.999 * edge, 1.001):
        assert not np.iscomplexobj(eigenvalues(Nesterov(a, mu)))
    assert rate(Nesterov(1.0, mu)) < 1e-7  # a double root 0


@pytest.mark.parametrize("mu", [0.0, 0.5, 0.9, 0.99])
def test_theorem_1_the_limit_of_stability(mu):
    limit = (2 + 2 * mu) / (1 + 2 * mu)
    assert rate(Nesterov(0.999 * limit, mu)) < 1 < rate(Nesterov(1.001 * limit, mu))


@pytest.mark.parametrize("kappa", [4.0, 100.0, 1000.0])
def test_theorem_2_both_rates(kappa):
    def worst(lr, mu):
        return max(rate(Nesterov(lr, mu), lam) for lam in np.geomspace(1, kappa, 12))

    r, k = np.sqrt(kappa), np.sqrt(3 * kappa + 1)
    standard, best = (r - 1) / (r + 1), (k - 2) / (k + 2)
    assert worst(1 / kappa, standard) == pytest.approx(1 - 1 / r, abs=1e-6)
    assert worst(4 / (3 * kappa + 1), best) == pytest.approx(1 - 2 / k, abs=1e-6)
    for mu in np.linspace(0, 0.99, 25):
        assert worst(1 / kappa, mu) > 1 - 1 / r - 1e-6
        for lr in np.linspace(0.1, 2, 25) / kappa:
            assert worst(lr, mu) > 1 - 2 / k - 1e-6


def convex_losses():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(30, 12))
    smooth = np.linalg.eigvalsh(a.T @ a)[-1]
    y = rng.normal(size=30)

    # The mean of a soft absolute value of residuals: convex, not quadratic, curvature at most 1.
    def value(x):
        return np.sum(np.sqrt(1 + (x @ a.T - y) ** 2), axis=-1)

    def grad(x):
        r = x @ a.T - y
        return (r / np.sqrt(1 + r**2)) @ a

    x = np.zeros(12)
    for _ in range(20000):
        x = x - grad(x) / smooth
    assert np.linalg.norm(grad(x)) < 1e-9
    worst = problems.Tridiagonal(101, 4.0)
    return {
        "soft": (value, grad, np.full(12, 2.0), x, smooth),
        "worst": (worst.value, worst.grad, worst.start, worst.minimum, 4.0),
    }


LOSSES = convex_losses()


@pytest.mark.parametrize("simple", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_theorem_3_the_bound_holds_and_the_energy_never_rises(name, simple):
    value, grad, start, minimum, smooth = LOSSES[name]
    xs, zs, ss = scheme(grad, start, smooth, 300, simple)
    loss = value(xs) - value(minimum)
    distance, t = np.sum((start - minimum) ** 2), np.arange(301)
    assert np.all(loss[1:] <= 2 * smooth * distance / (t[1:] + 1) ** 2)
    assert np.all(ss[1:] >= (t[1:] + 1) / 2)
    energy = ss**2 * loss + smooth / 2 * np.sum((zs - minimum) ** 2, axis=1)
    assert energy[0] == pytest.approx(smooth / 2 * distance)
    assert np.all(np.diff(energy) <= 1e-9 * energy[0])


def test_the_loss_itself_does_rise():
    _, grad, start, _, smooth = LOSSES["worst"]
    xs, _, _ = scheme(grad, start, smooth, 400)
    assert np.any(np.diff(problems.Tridiagonal(101, 4.0).value(xs)) > 0)


def test_theorem_4_holds_at_every_step_on_the_function_of_the_cycle():
    function, kappa = problems.ThreePieces(), 25.0
    mu = (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)
    for start in np.linspace(-5, 5, 21):
        path = minimize(Nesterov(1 / kappa, mu), function, [start], steps=60)
        x = path.theta + mu / kappa * path.state.m
        bound = 0.8 ** np.arange(61) * (path.value[0] + start**2 / 2)
        assert np.all(function.value(x) <= bound + 1e-12)
        assert abs(path.theta[-1, 0]) < 1e-9


@pytest.mark.parametrize(
    ("optimizer", "arrives"),
    [
        (Momentum(1 / 9, 4 / 9), False),
        (Nesterov(1 / 25, 2 / 3), True),
        (Momentum(1 / 25, 2 / 3), True),
        (Nesterov(1 / 9, 4 / 9), False),
    ],
)
def test_which_numbers_arrive_on_the_function_of_the_cycle(optimizer, arrives):
    path = minimize(optimizer, problems.ThreePieces(), [3.3], steps=300)
    assert (abs(path.theta[-1, 0]) < 1e-9) == arrives


@pytest.mark.parametrize("t", [1, 5, 20])
def test_theorem_5_the_restricted_minimum_and_the_constant(t):
    d, smooth = 2 * t + 1, 4.0
    big, small = problems.Tridiagonal(d, smooth), problems.Tridiagonal(t, smooth)
    best = np.r_[small.minimum, np.zeros(d - t)]  # of all points with t coordinates only
    assert not big.grad(best)[:t].round(12).any()
    gap = big.value(best) - big.value(big.minimum)
    assert gap == pytest.approx(smooth / 8 * (1 / (t + 1) - 1 / (d + 1)))
    assert gap >= 3 * smooth * np.sum(big.minimum**2) / (32 * (t + 1) ** 2)


def test_small_steps_follow_the_ball_with_fading_friction():
    def gap(h):
        xs = scheme(lambda x: x, [1.0], 1 / h**2, round(20 / h))[0][:, 0]
        tau = h * np.arange(1, len(xs))
        return abs(xs[1:] - 2 * j1(tau) / tau).max()

    assert gap(0.05) < 0.06
    assert gap(0.025) < 0.6 * gap(0.05)


def test_ripples_have_a_period_of_pi_root_kappa():
    bowl = problems.Quadratic([1e-3, 1.0])
    loss = bowl.value(scheme(bowl.grad, bowl.start, 1.0, 1000)[0])
    dips = np.flatnonzero((loss[1:-1] < loss[:-2]) & (loss[1:-1] < loss[2:])) + 1
    assert np.diff(dips).mean() == pytest.approx(np.pi * np.sqrt(1000), rel=0.02)


@pytest.mark.parametrize(("lr", "mu", "lam"), [(0.2, 0.9, 1.0), (0.05, 0.5, 3.0), (0.4, 0.8, 3.0)])
def test_theorem_6_the_noise_floor(lr, mu, lam):
    sigma, copies = 1.5, 3000
    bowls = problems.NoisyQuadratic(np.full(copies, lam), sigma, start=np.zeros(copies))
    path = minimize(Nesterov(lr, mu), bowls, steps=250, rng=np.random.default_rng(0))
    x = path.theta + lr * mu * path.state.m
    u = 1 - lr * lam
    stretch = 2 * (1 + mu) - (1 + 2 * mu) * lr * lam
    expected = lr * sigma**2 * (1 + mu * u) / (lam * (1 - mu * u) * stretch)
    assert np.mean(x[125:] ** 2) == pytest.approx(expected, rel=0.03)


def test_with_growing_momentum_noise_comes_back_whatever_the_learning_rate():
    rng = np.random.default_rng(0)

    def noisy(x):
        return x + rng.normal(size=2000)

    error = np.mean(scheme(noisy, np.full(2000, 3.0), 100.0, 1500)[0] ** 2, axis=1)
    assert error.min() < 0.06
    assert 0.35 < error[-1] < 0.5
    sgd = minimize(
        SGD(0.01),
        problems.NoisyQuadratic(np.ones(2000), 1.0, start=np.full(2000, 3.0)),
        steps=1000,
        rng=rng,
    )
    assert np.mean(sgd.theta[-1] ** 2) < 0.006
