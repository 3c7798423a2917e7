"""The claims of the chapter Gradient descent, each against the library."""

import numpy as np
import pytest

from optim_lessons import SGD, minimize, problems


def quadratic(hessian):
    return lambda theta: 0.5 * theta @ hessian @ theta, lambda theta: hessian @ theta


def rotated(eigenvalues, seed=0):
    """A Hessian with these eigenvalues in turned axes, and its eigenvectors as columns."""
    n = len(eigenvalues)
    directions, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))
    return (directions * eigenvalues) @ directions.T, directions


def soft(theta):
    """Not convex, 1-smooth: the chapter's plateau."""
    return 0.5 * np.log(1 + theta**2).sum()


def soft_grad(theta):
    return theta / (1 + theta**2)


def factor_per_step(path, late=100):
    distance = np.linalg.norm(path.theta, axis=1)
    return (distance[-1] / distance[late]) ** (1 / (path.steps - late))


def test_each_mode_is_multiplied_by_one_minus_lr_times_its_eigenvalue():
    eigenvalues = np.array([0.5, 2.0, 7.0])
    hessian, directions = rotated(eigenvalues)
    path = minimize(SGD(lr=0.2), quadratic(hessian), directions.sum(axis=1), steps=20)
    expected = (1 - 0.2 * eigenvalues) ** np.arange(21)[:, None]
    np.testing.assert_allclose(path.theta @ directions, expected, atol=1e-13)


@pytest.mark.parametrize(("share", "low", "high"), [(0.995, 0, 1e-9), (1.005, 1e9, np.inf)])
def test_two_over_the_largest_eigenvalue_is_the_limit_of_stability(share, low, high):
    hessian, directions = rotated(np.geomspace(1, 100, 5))
    lr = share * 2 / 100
    path = minimize(SGD(lr=lr), quadratic(hessian), directions.sum(axis=1), steps=3000)
    assert low <= path.value[-1] <= high


def test_at_the_limit_the_steepest_mode_bounces_for_ever():
    path = minimize(SGD(lr=0.1), problems.ravine, (-4.0, 1.0), steps=300)
    np.testing.assert_allclose(path.theta[::2, 1], 1, rtol=1e-12)
    np.testing.assert_allclose(path.theta[1::2, 1], -1, rtol=1e-12)


def test_the_best_rate_at_condition_number_100_is_99_over_101():
    hessian, directions = rotated(np.geomspace(1, 100, 5))
    start = directions.sum(axis=1)

    def measured(lr):
        return factor_per_step(minimize(SGD(lr=lr), quadratic(hessian), start, steps=1000), 500)

    assert measured(2 / 101) == pytest.approx(99 / 101, abs=1e-9)
    assert min(measured(0.99 * 2 / 101), measured(1.005 * 2 / 101)) > 99 / 101 + 1e-4


@pytest.mark.parametrize("lr", [0.1, 0.5, 1.0, 1.7])
def test_every_step_keeps_the_promise_of_the_descent_lemma(lr):
    start = np.random.default_rng(1).uniform(-9, 9, 10)
    path = minimize(SGD(lr=lr), (soft, soft_grad), start, steps=200)
    promise = lr * (1 - lr / 2) * (path.grad**2).sum(axis=1)[:-1]
    assert np.all(np.diff(path.value) <= -promise + 1e-15)


def test_on_a_quadratic_in_one_dimension_the_descent_lemma_is_an_equality():
    path = minimize(SGD(lr=0.3), quadratic(np.array([[2.0]])), (1.0,), steps=10)
    promise = 0.3 * (1 - 0.3 * 2 / 2) * path.grad[:-1, 0] ** 2
    np.testing.assert_allclose(-np.diff(path.value), promise, rtol=1e-12)


def test_the_gradient_norm_bound_holds_without_convexity():
    start = np.random.default_rng(1).uniform(-9, 9, 10)
    path = minimize(SGD(lr=1.0), (soft, soft_grad), start, steps=300)
    smallest = np.minimum.accumulate((path.grad**2).sum(axis=1))[:-1]
    assert np.all(smallest <= 2 * path.value[0] / np.arange(1, 301))


def test_the_convex_bound_holds_and_its_order_is_met():
    problem = quadratic(np.diag(np.geomspace(1e-5, 1, 300)))
    path = minimize(SGD(lr=1.0), problem, np.ones(300), steps=1000)
    t = np.arange(1, 1001)
    assert np.all(path.value[1:] <= 300 / (2 * t))
    assert path.value[1000] / path.value[100] == pytest.approx(0.1, rel=0.05)  # falls like 1/t


def test_the_strongly_convex_bound_holds():
    hessian, directions = rotated(np.geomspace(1, 50, 6))
    path = minimize(SGD(lr=1 / 50), quadratic(hessian), directions.sum(axis=1), steps=200)
    assert np.all(path.value <= (1 - 1 / 50) ** np.arange(201) * path.value[0])


def test_steps_needed_grow_in_proportion_to_the_condition_number():
    for kappa in (20.0, 200.0):
        problem = quadratic(np.diag([1.0, kappa]))
        path = minimize(SGD(lr=2 / (kappa + 1)), problem, (1.0, kappa**-0.5), steps=800)
        needed = np.argmax(path.value <= 1e-6 * path.value[0])
        assert needed == pytest.approx(kappa / 4 * np.log(1e6), rel=0.02)


def test_exact_line_search_takes_the_best_constant_step_from_its_worst_start():
    kappa = 20.0
    theta, hessian = np.array([kappa, 1.0]), np.array([1.0, kappa])
    for _ in range(10):
        g = hessian * theta
        lr = g @ g / (g @ (hessian * g))
        assert lr == pytest.approx(2 / (kappa + 1))
        after, _ = SGD(lr=lr).step(theta, g, SGD.State())
        shrunk = np.linalg.norm(after) / np.linalg.norm(theta)
        assert shrunk == pytest.approx((kappa - 1) / (kappa + 1))
        theta = after


def test_a_plateau_costs_steps_in_proportion_to_the_square_of_the_distance():
    for theta0 in (20.0, 60.0):
        path = minimize(SGD(lr=1.0), (soft, soft_grad), (theta0,), steps=2000)
        arrival = np.argmax(abs(path.theta[:, 0]) < 1)
        assert arrival == pytest.approx(theta0**2 / 2, rel=0.03)


@pytest.mark.parametrize(("y0", "steps"), [(1e-3, 349), (1e-6, 698)])
def test_leaving_the_saddle_takes_log_of_one_over_y0_steps(y0, steps):
    path = minimize(SGD(lr=0.01), problems.saddle, (1.0, y0), steps=750)
    assert np.argmax(path.theta[:, 1] >= 1) == steps == np.ceil(np.log(1 / y0) / np.log(1.02))


def test_from_the_line_into_the_saddle_nothing_leaves():
    path = minimize(SGD(lr=0.01), problems.saddle, (1.0, 0.0), steps=5000)
    np.testing.assert_allclose(path.theta[-1], 0, atol=1e-12)


def test_at_a_corner_a_constant_step_ends_in_a_cycle_of_two():
    corner = (lambda theta: abs(theta).sum(), np.sign)
    path = minimize(SGD(lr=0.1), corner, (0.537,), steps=200)
    np.testing.assert_allclose(path.theta[-101:-2], path.theta[-99:], atol=1e-12)
    assert abs(path.theta[-1] - path.theta[-2]) == pytest.approx(0.1)


def test_in_the_figure_of_modes_the_optimum_leaves_a_third_and_one_mode_alone_diverges():
    curvatures = np.array([1, 3.16, 10, 31.6, 100])
    hessian = np.diag(curvatures)

    def modes(lr):
        return np.abs(minimize(SGD(lr=lr), quadratic(hessian), np.ones(5), steps=150).theta)

    inverse, best, above = modes(1 / 100), modes(2 / 101), modes(0.0201)
    assert inverse[1, -1] < 1e-15
    assert inverse[60, 0] > 0.95 * np.linalg.norm(inverse[60])
    np.testing.assert_allclose(best[:, 0], best[:, -1], rtol=1e-9)
    share = np.linalg.norm(best[-1]) / np.linalg.norm(inverse[-1])
    assert share == pytest.approx(1 / 3, abs=0.03)
    assert above[-1, -1] > 4 and np.all(np.diff(above[:, :-1], axis=0) <= 0)
