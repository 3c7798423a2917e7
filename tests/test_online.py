"""Problems whose loss changes with the step, and one whose training error tells nothing."""

import numpy as np
import pytest

from optim_lessons import SGD, Adagrad, minimize
from optim_lessons.problems import RareFeatures, RareLargeGradient, UniqueFeatures, regret

FREQUENCIES = [1.0, 0.3, 0.05, 0.0]


def features(rounds=200, seed=0):
    return RareFeatures(FREQUENCIES, rounds, np.random.default_rng(seed))


def run(optimizer, problem, steps, theta0=None):
    path = minimize(optimizer, problem, theta0, steps, project=problem.project)
    assert np.abs(path.theta).max() <= 1
    return path


ONLINE = [
    pytest.param(RareLargeGradient(), 3, id="theorem 1"),
    pytest.param(RareLargeGradient(1010, -10, period=101), 101, id="figure 1"),
    pytest.param(features(), 200, id="features"),
]


@pytest.mark.parametrize(("problem", "period"), ONLINE)
def test_value_and_gradient_are_the_averages_of_one_period(problem, period):
    theta = np.random.default_rng(1).uniform(-1, 1, (4, *np.shape(problem.start)))
    losses = [problem.sample(t) for t in range(1, period + 1)]
    average = np.mean([loss.value(theta) for loss in losses], axis=0)
    slope = np.mean([loss.grad(theta) for loss in losses], axis=0)
    assert problem.value(theta).shape == (4,)
    np.testing.assert_allclose(problem.value(theta), average, rtol=1e-12)
    np.testing.assert_allclose(problem.grad(theta), slope, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("problem", "period"), ONLINE)
def test_the_losses_are_fixed_convex_and_repeat_after_a_period(problem, period):
    a, b = np.random.default_rng(2).uniform(-1, 1, (2, *np.shape(problem.start)))
    assert problem.random is False
    for t in (1, 2, period):
        loss, again = problem.sample(t), problem.sample(t + period)
        assert loss.value(a) == again.value(a) == problem.sample(t).value(a)
        assert loss.value(b) >= loss.value(a) + loss.grad(a) @ (b - a) - 1e-12


@pytest.mark.parametrize(("problem", "period"), ONLINE)
def test_no_point_of_the_box_has_a_lower_average_than_the_listed_minimum(problem, period):
    everywhere = np.random.default_rng(3).uniform(-1, 1, (2000, *np.shape(problem.start)))
    best = np.array(problem.minima[0])
    assert problem.value(best) <= problem.value(everywhere).min()
    np.testing.assert_array_equal(problem.project(best), best)
    np.testing.assert_array_equal(problem.project(best + 5), 1)


def test_the_slopes_of_theorem_1_and_of_figure_1():
    theorem, figure = RareLargeGradient(), RareLargeGradient(1010, -10, period=101)
    slopes = [float(theorem.sample(t).grad(np.zeros(1))[0]) for t in range(1, 7)]
    assert slopes == [3, -1, -1, 3, -1, -1]
    assert [float(figure.sample(t).grad(np.zeros(1))[0]) for t in (1, 2, 101, 102)] == [
        1010,
        -10,
        -10,
        1010,
    ]
    assert theorem.slope == pytest.approx(1 / 3) and figure.slope == pytest.approx(10 / 101)
    assert theorem.minima == figure.minima == ((-1.0,),)


def test_who_stays_at_the_wrong_end_loses_two_thirds_a_step_and_at_the_right_end_nothing():
    problem = RareLargeGradient()
    wrong, right = (run(SGD(lr=0.0), problem, 300, theta0) for theta0 in ([1.0], [-1.0]))
    np.testing.assert_allclose(regret(problem, wrong)[2::3], 2 / 3 * np.arange(3, 301, 3))
    np.testing.assert_array_equal(regret(problem, right), 0)


def test_regret_is_what_the_path_lost_above_the_best_point():
    problem = features(rounds=50)
    path = run(Adagrad(lr=0.5), problem, 50)
    lost, best = 0.0, np.array(problem.minima[0])
    for t in range(1, 51):
        distance = np.abs(path.theta[t - 1] - problem.targets[t - 1])
        distance_of_best = np.abs(best - problem.targets[t - 1])
        lost += np.sum((distance - distance_of_best) * problem.active[t - 1])
        assert regret(problem, path)[t - 1] == pytest.approx(lost, abs=1e-12)
    assert regret(problem, path).shape == (50,)


@pytest.mark.parametrize("seed", range(5))
def test_adagrads_regret_is_below_its_bound_and_grows_slower_than_the_steps(seed):
    """Duchi, Hazan and Singer 2011: at most √2 D times the sum of the gradients' norms, for D = 2,
    the width of the box, and a learning rate D/√2."""
    problem = features(rounds=1000, seed=seed)
    path = run(Adagrad(lr=2 / np.sqrt(2)), problem, 1000)
    norms = np.sqrt(np.cumsum(path.grad[:-1] ** 2, axis=0))
    lost = regret(problem, path)
    assert np.all(lost <= np.sqrt(2) * 2 * norms.sum(axis=1))
    assert lost[-1] / 1000 < 0.7 * lost[99] / 100


def test_features_are_seen_as_often_as_said_and_their_best_value_is_the_median():
    problem = features(rounds=2000)
    np.testing.assert_allclose(problem.active.mean(axis=0), FREQUENCIES, atol=0.03)
    assert np.abs(problem.targets).max() <= 1
    for k in range(3):
        seen = problem.targets[problem.active[:, k], k]
        assert problem.minima[0][k] == np.median(seen)
    assert problem.minima[0][3] == 0  # never seen


def test_the_same_seed_gives_the_same_features():
    np.testing.assert_array_equal(features(seed=1).targets, features(seed=1).targets)
    assert not np.array_equal(features(seed=1).targets, features(seed=2).targets)


@pytest.fixture
def unique():
    return UniqueFeatures(n=30, rng=np.random.default_rng(5))


def test_each_example_has_its_label_two_constants_and_features_of_its_own(unique):
    x, y = unique.x, unique.y
    assert set(y) == {1.0, -1.0} and set(np.unique(x)) == {-1.0, 0.0, 1.0}
    np.testing.assert_array_equal(x[:, 0], y)
    np.testing.assert_array_equal(x[:, 1:3], 1)
    np.testing.assert_array_equal((x[:, 3:] != 0).sum(axis=0), 1)
    np.testing.assert_array_equal(x[:, 3:].sum(axis=1), np.where(y > 0, 1, 5))


def test_the_signs_of_the_first_gradient_fit_every_label(unique):
    """The condition of Wilson's lemma: x sign(xᵀ y) = c y, here with c = 4."""
    assert unique.y.sum() > 0
    np.testing.assert_array_equal(unique.x @ np.sign(unique.x.T @ unique.y), 4 * unique.y)
    np.testing.assert_array_equal(unique.grad(unique.start), -unique.x.T @ unique.y)


def test_value_and_gradient_of_least_squares_take_any_leading_axes(unique):
    theta = np.random.default_rng(6).normal(size=(2, 3, unique.start.size))
    value, grad = unique.value(theta), unique.grad(theta)
    for place in np.ndindex(2, 3):
        residual = unique.x @ theta[place] - unique.y
        assert value[place] == pytest.approx(0.5 * residual @ residual)
        np.testing.assert_allclose(grad[place], unique.x.T @ residual, rtol=1e-10, atol=1e-10)
        wrong = np.sign(unique.x @ theta[place]) != unique.y
        assert unique.train_error(theta)[place] == pytest.approx(wrong.mean())
    assert unique.train_error(unique.start) == 1  # a score of 0 says nothing


@pytest.mark.parametrize(
    ("weights", "error"),
    [((1, 0, 0), 0.0), ((1, 1, 1), 0.4), ((1, -1, -1), 0.6), ((-1, 0, 0), 1.0), ((0, 0, 0), 1.0)],
)
def test_the_test_error_is_the_share_of_new_examples_with_a_wrong_sign(unique, weights, error):
    theta = unique.start.copy()
    theta[:3] = weights
    assert unique.test_error(theta) == pytest.approx(error)
    new = np.where(np.random.default_rng(7).random(4000) < 0.6, 1.0, -1.0)
    scores = np.stack([new, np.ones(4000), np.ones(4000)], axis=1) @ theta[:3]
    assert np.mean(np.sign(scores) != new) == pytest.approx(error, abs=0.03)


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("problem", "asks"),
    [
        (RareLargeGradient(), ["value", "grad"]),
        (features(), ["value", "grad"]),
        (UniqueFeatures(9, rng=RNG), ["value", "grad", "train_error", "test_error"]),
    ],
)
def test_a_point_of_another_dimension_is_refused(problem, asks):
    for ask in asks:
        for shape in ((), (2,), (3, 2)):
            with pytest.raises(ValueError, match=r"theta has shape .* takes shape \(\.\.\., \d+\)"):
                getattr(problem, ask)(np.zeros(shape))
