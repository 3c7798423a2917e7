"""The claims of the chapter Adagrad, each against the library."""

import dataclasses
import inspect

import keras
import numpy as np
import optax
import pytest
import torch

from optim_lessons import SGD, Adagrad, Momentum, minimize, problems

SEEDS = pytest.mark.parametrize("seed", range(4))


def games(seed, rounds=400, size=6):
    """The rows a and numbers b of losses |a x - b|, some coordinates rare, of all scales."""
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((rounds, size)) * 10.0 ** rng.uniform(-2, 1, size)
    a[rng.random(a.shape) < rng.uniform(0, 0.98, size)] = 0.0
    return a, a @ rng.uniform(-1, 1, size) + rng.standard_normal(rounds)


def play(step, a, b):
    """The points and subgradients of a method on [-1, 1]^d; `step` may remember."""
    x, points, gradients = np.zeros(a.shape[1]), [], []
    for row, target in zip(a, b, strict=True):
        g = np.sign(row @ x - target) * row
        points.append(x)
        gradients.append(g)
        x = np.clip(step(x, g), -1, 1)
    return np.array(points), np.array(gradients)


def regret(points, g):
    """Against the best point of the tangents, which no point of the losses themselves can beat."""
    paid = np.cumsum(np.sum(g * points, axis=1))
    return paid + np.abs(np.cumsum(g, axis=0)).sum(axis=1)


def by_library(optimizer, size):
    state = optimizer.init(np.zeros(size))

    def step(x, g):
        nonlocal state
        x, state = optimizer.step(x, g, state)
        return x

    return step


def test_a_gradient_of_zero_does_not_age_a_coordinate_and_no_move_is_longer_than_lr():
    rng = np.random.default_rng(0)
    optimizer = Adagrad(lr=0.3, eps=0.0)
    theta, state = np.zeros(2), optimizer.State(np.array([0.0, 1.0]))
    for _ in range(50):
        g = np.array([0.0, 10.0 ** rng.uniform(-3, 3)])
        with np.errstate(invalid="ignore"):  # 0/0, where the record is empty
            new, state = optimizer.step(theta, g, state)
        assert 0 < theta[1] - new[1] <= 0.3
    theta, state = optimizer.step(np.zeros(2), np.array([1e-5, 1.0]), state)
    assert theta[0] == pytest.approx(-0.3)


@SEEDS
def test_lemma_1_projecting_in_the_weighted_norm_brings_no_further_from_any_point(seed):
    rng = np.random.default_rng(seed)
    s = 10.0 ** rng.uniform(-1, 1, 2)
    angle = np.linspace(0, 2 * np.pi, 20001)
    edge = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # of the unit disc
    x = 3 * rng.normal(size=2) + np.array([2.0, 0.0])
    p = edge[(s * (edge - x) ** 2).sum(axis=1).argmin()]
    plain = x / np.linalg.norm(x)
    assert np.linalg.norm(p - plain) > 1e-3  # the norm matters for a disc
    inside = edge[::50] * np.sqrt(rng.random((401, 1)))
    before, after = ((s * (point - inside) ** 2).sum(axis=1) for point in (x, p))
    assert np.all(after <= before + 1e-6)


@SEEDS
@pytest.mark.parametrize("power", [0.2, 0.5, 0.8])
def test_lemma_2_and_its_exercise_with_another_power(seed, power):
    g = np.random.default_rng(seed).standard_cauchy(300)
    v = np.cumsum(g**2)
    total, limit = np.cumsum(g**2 / v**power), v ** (1 - power) / (1 - power)
    assert np.all(total <= limit)
    even = np.cumsum(np.ones(10**5))  # many small squares come near the limit
    assert np.sum(even**-power) > 0.9 * even[-1] ** (1 - power) / (1 - power)


@SEEDS
@pytest.mark.parametrize("c", [0.1, 1.0, 10.0])
def test_the_theorem_holds_in_every_round_for_every_rate(seed, c):
    a, b = games(seed)
    lr = c * 2.0 / np.sqrt(2)
    points, g = play(by_library(Adagrad(lr=lr, eps=1e-300), 6), a, b)
    roots = np.sqrt(np.cumsum(g**2, axis=0)).sum(axis=1)
    bound = (4.0 / (2 * lr) + lr) * roots
    assert bound[-1] == pytest.approx(np.sqrt(2) * 2 * roots[-1] * (c + 1 / c) / 2)
    assert np.all(regret(points, g) <= bound * (1 + 1e-12))


@SEEDS
def test_the_bounds_with_rates_chosen_in_hindsight_and_with_one_record_for_all(seed):
    a, b = games(seed)
    d, width = 6, 2.0
    size = np.abs(a)  # |g| is known: each subgradient is +-a
    roots = np.sqrt((size**2).sum(axis=0))
    one = width * np.sqrt(d) / np.linalg.norm(roots)
    points, g = play(lambda x, g: x - one * g, a, b)
    assert regret(points, g)[-1] <= width * np.sqrt(d) * np.linalg.norm(roots)
    points, g = play(lambda x, g: x - width / roots * g, a, b)
    assert (
        regret(points, g)[-1] <= width * roots.sum() <= width * np.sqrt(d) * np.linalg.norm(roots)
    )

    record = 0.0

    def norm_step(x, g):
        nonlocal record
        record += g @ g
        return x - width * np.sqrt(d) / np.sqrt(2) * g / np.sqrt(record or 1.0)

    points, g = play(norm_step, a, b)
    assert regret(points, g)[-1] <= np.sqrt(2) * width * np.sqrt(d) * np.linalg.norm(roots)


def gain(d, c):
    p = np.arange(1.0, d + 1) ** -c
    return np.sqrt(d * p.sum()) / np.sqrt(p).sum()


def test_the_gain_is_nothing_at_equal_frequencies_and_half_root_ln_d_for_words():
    assert gain(1000, 0.0) == pytest.approx(1.0)
    for d in (10**4, 10**6):
        assert gain(d, 1.0) == pytest.approx(np.sqrt(np.log(d)) / 2, rel=0.05)
    assert gain(10**6, 2.0) > 80
    assert all(gain(50, c) >= 1 for c in np.linspace(0, 3, 20))


def test_with_gradients_of_size_one_everywhere_adagrad_is_descent_with_one_over_root_t():
    targets = np.random.default_rng(0).uniform(-0.9, 0.9, (300, 5))
    theta = other = np.zeros(5)
    state = Adagrad().init(theta)
    for t, c in enumerate(targets, start=1):
        theta, state = Adagrad(lr=0.4).step(theta, np.sign(theta - c), state)
        theta = np.clip(theta, -1, 1)
        other = np.clip(other - 0.4 / np.sqrt(t) * np.sign(other - c), -1, 1)
        np.testing.assert_allclose(theta, other, atol=1e-8)  # epsilon is 1e-10


def test_the_puzzle_one_rate_is_a_hundredfold_wrong_and_momentum_does_not_help():
    rounds, runs, rates = 2000, 60, 10.0 ** np.arange(-3, 0.6, 0.5)
    rng = np.random.default_rng(5)
    seen = rng.random((rounds, runs, 2)) < [1, 1 / 200]
    truth = rng.normal(size=(rounds, runs, 2))

    def ends(optimizer):
        x = np.full((len(rates), runs, 2), -2.0)
        state = optimizer.init(x)
        for now, there in zip(truth, seen, strict=True):
            x, state = optimizer.step(x, there * np.sign(x - now), state)
        return np.sqrt(np.mean(x**2, axis=1))

    column = rates[:, None, None]
    plain, ball = ends(SGD(lr=column)), ends(Momentum(lr=0.1 * column, momentum=0.9))
    adagrad = ends(Adagrad(lr=column))
    best = plain.argmin(axis=0)
    assert rates[best[1]] / rates[best[0]] > 90
    best = adagrad.argmin(axis=0)
    assert rates[best[1]] / rates[best[0]] < 11
    np.testing.assert_allclose(ball[:5], plain[:5], rtol=0.1)  # up to a rate of 0.1
    best = ball.argmin(axis=0)
    assert rates[best[1]] / rates[best[0]] > 90
    assert ball[:, 1].min() > 0.95 * plain[:, 1].min()
    assert ball.sum(axis=1).min() > 0.8 * plain.sum(axis=1).min()
    assert adagrad.sum(axis=1).min() < 0.7 * plain.sum(axis=1).min()


def test_in_noise_the_steps_to_follow_a_jump_grow_like_the_root_of_the_age():
    rng, runs, lr = np.random.default_rng(7), 400, 0.5
    needed = []
    for age in (1000, 4000, 16000):
        optimizer, error, n = Adagrad(lr=lr), np.full(runs, 2.0), 0
        state = optimizer.State(np.full(runs, float(age)))
        while error.mean() >= 0.2:
            error, state = optimizer.step(error, error + rng.normal(size=runs), state)
            n += 1
        needed.append(n)
        assert n == pytest.approx(np.log(10) / lr * np.sqrt(age), rel=0.2)
    assert needed[2] / needed[0] == pytest.approx(4, rel=0.15)


def test_without_noise_the_record_has_a_limit_and_the_error_falls_by_a_constant_factor():
    path = minimize(Adagrad(lr=0.5, eps=0.0), (lambda x: float(x @ x) / 2, lambda x: x), [3.0], 80)
    factor = path.theta[1:, 0] / path.theta[:-1, 0]
    assert path.state.v[-1, 0] == pytest.approx(path.state.v[-20, 0], rel=1e-3)
    assert factor[-1] == pytest.approx(1 - 0.5 / np.sqrt(path.state.v[-1, 0]), rel=1e-6)


def test_a_wild_start_makes_the_larger_rate_the_slower_one():
    careful, bold = (
        minimize(Adagrad(lr=lr), problems.rosenbrock, (-0.5, 0.3), steps=1000) for lr in (0.1, 2.0)
    )
    np.testing.assert_allclose(np.abs(bold.theta[1] - bold.theta[0]), 2.0)
    assert np.abs(bold.grad).max() > 700 * np.abs(bold.grad[0]).max()
    assert bold.value[-1] > 20 * careful.value[-1]


def test_the_answers_of_the_exercises():
    optimizer = Adagrad(lr=1.0, eps=0.0)
    theta, _ = optimizer.step(0.0, 1.0, optimizer.State(100 + 1000.0**2))
    assert -theta == pytest.approx(0.001, rel=1e-3)
    c = np.array([0.1, 10.0])
    np.testing.assert_allclose((c + 1 / c) / 2, 5.05)


def default(function, name):
    return inspect.signature(function).parameters[name].default


def test_the_box_of_conventions_says_what_the_libraries_do():
    assert default(torch.optim.Adagrad, "initial_accumulator_value") == 0
    assert default(torch.optim.Adagrad, "lr_decay") == 0
    assert default(torch.optim.Adagrad, "eps") == 1e-10
    assert default(torch.optim.Adagrad, "lr") == 0.01
    assert default(optax.adagrad, "initial_accumulator_value") == 0.1
    assert default(optax.adagrad, "eps") == 1e-7
    assert default(optax.adagrad, "learning_rate") is inspect.Parameter.empty
    assert default(keras.optimizers.Adagrad, "initial_accumulator_value") == 0.1
    assert default(keras.optimizers.Adagrad, "learning_rate") == 0.001


def test_pytorchs_lr_decay_divides_the_rate_by_1_plus_its_multiple_of_t_minus_1():
    theta = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    theirs = torch.optim.Adagrad([theta], lr=0.5, lr_decay=0.3)
    ours, state = np.ones(1), Adagrad().init(np.ones(1))
    for t, g in enumerate([2.0, -1.0, 0.5, 3.0], start=1):
        theta.grad = torch.tensor([g], dtype=torch.float64)
        theirs.step()
        now = Adagrad(lr=0.5 / (1 + (t - 1) * 0.3))
        ours, state = now.step(ours, np.array([g]), state)
        np.testing.assert_allclose(ours, theta.detach().numpy(), rtol=1e-12)


@pytest.mark.parametrize("g", [0.01, 0.3, 5.0])
def test_a_record_that_starts_at_a_tenth_shortens_the_first_move(g):
    update, _ = (o := optax.adagrad(1.0)).update(np.array([g]), o.init(np.zeros(1)))
    assert -float(update[0]) == pytest.approx(g / np.sqrt(0.1 + g**2), rel=1e-4)


@pytest.fixture(scope="module")
def alice():
    words = problems.words(problems.text())
    return problems.SkipGram(words, min_count=5, batch=64, rng=np.random.default_rng(21))


def test_a_pair_has_a_gradient_in_one_row_of_v_and_at_most_six_of_u(alice):
    many = alice.sample(1, np.random.default_rng(0))
    pair = dataclasses.replace(many, centre=many.centre[:1], outer=many.outer[:1])
    theta = np.random.default_rng(1).normal(size=alice.layout.size)
    rows = alice.layout.views(pair.grad(theta))
    assert np.count_nonzero(rows["V"].any(axis=1)) == 1
    assert 2 <= np.count_nonzero(rows["U"].any(axis=1)) <= 6


def test_on_other_draws_adagrad_helps_rare_words_and_its_rates_fall_like_one_over_root_count(alice):
    rng = np.random.default_rng(22)
    steps = len(alice.centre) // 64
    drawn = [alice.sample(t, rng) for t in range(steps)]

    def train(optimizer, falling=False):
        theta, state = alice.start, optimizer.init(alice.start)
        for t, pairs in enumerate(drawn):
            lr = optimizer.lr * (1 - t / steps if falling else 1)
            now = dataclasses.replace(optimizer, lr=lr)
            theta, state = now.step(theta, pairs.grad(theta), state)
        v = alice.layout.views(theta)
        score = v["V"] @ v["U"].T
        loss = alice.all_share * np.logaddexp(0, score) - alice.pair_share * score
        assert loss.sum() == pytest.approx(alice.value(theta))
        return loss.sum(axis=1), state

    share = alice.pair_share.sum(axis=1)
    occurs = np.bincount(alice.centre) / 4
    rare, often = occurs < 20, occurs >= 200
    adagrad, state = train(Adagrad(lr=10**-0.5))
    falling, _ = train(SGD(lr=10**1.25), falling=True)
    assert adagrad.sum() < falling.sum()
    assert (falling - adagrad)[rare].sum() / share[rare].sum() > 0.05
    assert abs((falling - adagrad)[often].sum()) / share[often].sum() < 0.03
    record = alice.layout.views(state.v)["V"].mean(axis=1)
    slope = np.polyfit(np.log(occurs), np.log(record), 1)[0] / 2
    assert slope == pytest.approx(0.5, abs=0.05)
