"""The claims of the chapter Learning-rate schedules, each computed in another way than there."""

import numpy as np
import pytest
from scipy.optimize import minimize as solve

from optim_lessons import SGD, lesson, minimize, problems
from optim_lessons.exercises import source
from optim_lessons.schedules import (
    Constant,
    Cosine,
    CosineRestarts,
    Exponential,
    InverseTime,
    Polynomial,
    RobbinsMonro,
    StepDecay,
    Warmup,
    WarmupStableDecay,
)


def errors(rates, s0=1.0, curvature=1.0, sigma=1.0):
    """E e_t² from the weights of the start and of each noise in e_t, not from the recursion."""
    found = [s0]
    for t in range(1, len(rates) + 1):
        kept = np.append(np.cumprod(1 - curvature * rates[:t][::-1]), 1.0)
        after = np.append(1.0, kept[: t - 1])[::-1]  # what later steps leave of each noise
        found.append(kept[t - 1] ** 2 * s0 + sigma**2 * np.sum((rates[:t] * after) ** 2))
    return np.array(found)


@pytest.mark.parametrize(("lr", "floor"), [(0.5, 1 / 3), (0.1, 0.1 / 1.9), (0.02, 0.02 / 1.98)])
def test_the_floor_is_lr_over_two_less_lr_and_a_run_has_it(lr, floor):
    assert errors(np.full(800, lr), s0=floor)[-1] == pytest.approx(floor)
    bowls = problems.NoisyQuadratic(np.ones(4000), sigma=1.0, start=np.zeros(4000))
    run = minimize(SGD(lr=lr), bowls, steps=300, rng=np.random.default_rng(3))
    assert np.mean(run.theta[-1] ** 2) == pytest.approx(floor, rel=0.08)


def test_the_distance_to_the_floor_shrinks_by_the_square_of_the_factor():
    curvature, lr, sigma = 0.7, 0.3, 2.0
    floor = lr * sigma**2 / (curvature * (2 - lr * curvature))
    away = errors(np.full(20, lr), 50.0, curvature, sigma) - floor
    assert away[1:] / away[:-1] == pytest.approx((1 - lr * curvature) ** 2)


def best_rates(steps, s0, curvature, sigma):
    return 1 / (curvature * (np.arange(1, steps + 1) + sigma**2 / (curvature**2 * s0)))


def test_the_best_rates_add_one_precision_a_step_and_no_search_finds_better_ones():
    steps, s0, curvature, sigma = 6, 3.0, 0.7, 1.5
    rates = best_rates(steps, s0, curvature, sigma)
    precision = 1 / errors(rates, s0, curvature, sigma)
    assert np.diff(precision) == pytest.approx(curvature**2 / sigma**2)
    for start in (0.2, 0.8):
        # Free rates, all at once: being greedy was not a loss.
        found = solve(
            lambda x: errors(x, s0, curvature, sigma)[-1], np.full(steps, start), method="BFGS"
        )
        assert found.fun == pytest.approx(1 / precision[-1], rel=1e-6)


def test_the_best_rates_are_inverse_time_of_the_library():
    t, t0 = np.arange(1, 50), 0.01
    ours = InverseTime(lr=1 / (1 + t0), decay=1 / (1 + t0))(t)
    assert ours == pytest.approx(best_rates(49, 100.0, 1.0, 1.0))


def test_one_over_t_is_the_plain_mean_of_the_measurements():
    x = np.random.default_rng(0).normal(size=40)
    theta = 7.0
    for t, value in enumerate(x, start=1):
        theta -= RobbinsMonro(1.0)(t) * (theta - value)
    assert theta == pytest.approx(x.mean())


def test_the_noise_of_the_three_schedules_in_the_figure():
    n = np.arange(1, 201)
    for schedule, shown in ((Constant(0.1), 0.053), (RobbinsMonro(1.0), 0.005)):
        assert errors(schedule(n), s0=0.0)[-1] == pytest.approx(shown, abs=5e-4)
    assert errors(Polynomial(0.1, steps=200)(n), s0=0.0)[-1] == pytest.approx(0.010, abs=5e-4)


def test_with_a_finite_area_the_bowl_is_not_reached_even_without_noise():
    rates = Exponential(0.1, gamma=0.9)(np.arange(1, 2000))
    assert rates.sum() == pytest.approx(1.0)
    left = np.prod(1 - rates)
    assert 0.3 < left < np.exp(-1)
    assert Exponential(0.1, gamma=0.99)(np.arange(2, 5000)).sum() == pytest.approx(9.9)


def test_one_over_root_t_follows_the_floor_of_its_current_rate():
    t = np.arange(1, 4001)
    found = errors(1 / np.sqrt(t))
    assert found[4000] == pytest.approx(1 / np.sqrt(4000) / 2, rel=0.05)


def test_a_wrong_curvature_costs_a_third_when_the_rate_is_twice_too_large():
    t = np.arange(1, 3001)
    for c in (1.0, 2.0):
        assert 3000 * errors(c / t)[-1] == pytest.approx(c**2 / (2 * c - 1), rel=0.01)


def test_after_a_million_steps_of_one_over_t_a_quarter_of_a_flat_direction_is_left():
    # The product of 1 - a/k up to T is Gamma(T + 1 - a) / (Gamma(1 - a) T!).
    from scipy.special import gammaln

    def left(steps):
        return np.exp(gammaln(steps + 0.9) - gammaln(0.9) - gammaln(steps + 1))

    assert left(1e6) == pytest.approx(0.235, abs=5e-4)
    assert left(4e9) > 0.1 > left(6e9)


def test_a_cosine_and_a_linear_fall_have_one_area_and_differ_in_its_first_half():
    t = np.arange(1, 1001)
    cosine, linear = Cosine(0.3, steps=1000)(t), Polynomial(0.3, steps=1000)(t)
    assert cosine.sum() == pytest.approx(0.3 * 1001 / 2)
    assert linear.sum() == pytest.approx(0.3 * 1001 / 2)
    assert cosine[:500].sum() / cosine.sum() == pytest.approx(0.5 + 1 / np.pi, abs=2e-3)
    assert linear[:500].sum() / linear.sum() == pytest.approx(0.75, abs=2e-3)


def test_many_directions_constant_067_linear_035_and_no_schedule_below_022():
    curvatures, t = np.geomspace(0.01, 1, 20), np.arange(1, 1001)

    def loss(rates):
        return 0.5 * sum(h * errors(rates, 100.0, h)[-1] for h in curvatures)

    # Peaks near the best of the chapter's search.
    assert loss(Constant(0.101)(t)) == pytest.approx(0.674, abs=2e-3)
    assert loss(0.291 * Polynomial(1.0, steps=1000)(t)) == pytest.approx(0.348, abs=2e-3)
    bound = 0.5 * sum(h / (1 / 100 + 1000 * h**2) for h in curvatures)
    assert bound == pytest.approx(0.2215, abs=1e-4)


def test_a_drop_lowers_the_loss_of_the_digits_at_once_and_a_restart_raises_it():
    x, y = problems.digits()
    odd = problems.LogisticRegression(x, y % 2, batch=8)
    t = np.arange(1, 451)
    for schedule, falls in (
        (StepDecay(1.5, steps=400, gamma=0.1), True),
        (CosineRestarts(1.5, steps=400, t_mult=1), False),
    ):
        before, after = [], []
        for seed in range(4):
            rng, theta = np.random.default_rng(seed), odd.start
            for lr in schedule(t):
                theta = theta - lr * odd.sample(0, rng).grad(theta)
                if lr == schedule(400):
                    before.append(odd.value(theta))
            after.append(odd.value(theta))
        assert (np.mean(after) < np.mean(before) - 0.03) == falls
        assert (np.mean(after) > np.mean(before)) != falls


def test_the_restarts_of_the_contest_end_with_the_run_and_six_steps_later_with_142():
    assert CosineRestarts(1.0, steps=143)(1000) < 0.001
    found = CosineRestarts(1.0, steps=142)(np.arange(1, 1001))
    assert np.flatnonzero(found == 1.0).tolist() == [0, 142, 426, 994]


def test_a_constant_run_with_four_branches_costs_2350_steps():
    ends = [250, 500, 1000, 2000]
    branches = [WarmupStableDecay(1.0, steps=end, warmup=1, decay=end // 5) for end in ends]
    t = np.arange(1, 2001)
    stable = [int(np.flatnonzero(b(t) >= 1.0)[-1]) + 1 for b in branches]
    assert max(stable) - 1 + sum(end // 5 for end in ends) == 2350


def test_the_exercise_writes_the_schedule_of_the_library():
    names = {}
    exercise = source.read(source.Path("book/exercises/cosine-warmup.md"))
    exec(f"{exercise.setup}\n\n{exercise.solution}", names)
    ours = Warmup(steps=10, then=Cosine(lr=0.4, steps=40))
    assert [names["rate"](t, 0.4, 10, 50) for t in range(1, 80)] == pytest.approx(
        ours(np.arange(1, 80))
    )


def test_the_chapter_names_every_schedule_of_the_library():
    text = lesson.schedules().data
    assert all(name in text for name in ("Cosine", "WarmupStableDecay", "ReduceOnPlateau"))
