"""Gradient noise from a seed is the same in NumPy and in the explorer's JavaScript."""

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from node import execute

from optim_lessons import SGD, TRACED, minimize, sweep
from optim_lessons.contract import hyper_of, variant_name, variants
from optim_lessons.problems import SURFACES, Noisy, Quadratic, beale, ravine
from optim_lessons.problems.noisy import noise
from optim_lessons.schedules import Cosine, Warmup
from optim_lessons.trace.javascript import module

SEEDS = [0, 1, 12345, 2**32 - 1]
METHODS = {variant_name(m): m for cls in TRACED.values() for m in variants(cls)}
PAIRS = [
    (name, surface)
    for k, name in enumerate(METHODS)
    for surface in [list(SURFACES)[k % len(SURFACES)], "ravine"]
]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Ask the explorer's functions: a list of (name, arguments...) gives a list of answers."""
    generated = tmp_path_factory.mktemp("noise") / "generated.mjs"
    generated.write_text(module(METHODS.values(), SURFACES.values()), "utf-8")

    def answers(questions):
        script = Path(__file__).parent / "js" / "random.mjs"
        env = os.environ | {"GENERATED": generated.as_uri()}
        return execute(str(script), data=questions, env=env)

    return answers


def test_the_seed_sequence_in_javascript_is_numpys(ask):
    entropies = [[seed, t] for seed in SEEDS for t in SEEDS] + [[7], [0], [1, 2, 3, 4]]
    found = ask([["seedWords", entropy, 9] for entropy in entropies])
    expected = [np.random.SeedSequence(e).generate_state(9).tolist() for e in entropies]
    assert found == expected


def test_the_noise_in_javascript_is_numpys_to_the_last_bit(ask):
    draws = [(seed, t, d) for seed in SEEDS for t in (1, 2, 500, 2**32 - 1) for d in (1, 2, 7, 400)]
    found = ask([["normals", *draw] for draw in draws])
    assert found == [noise(*draw).tolist() for draw in draws]


def test_the_noise_is_the_exact_sum_of_twelve_of_numpys_uniforms():
    for seed in SEEDS:
        rng = np.random.Generator(np.random.SFC64([seed, 3]))
        uniforms = rng.random((50, 12), dtype=np.float32).astype(float)
        exact = [sum(map(Fraction, row)) - 6 for row in uniforms.tolist()]
        assert [Fraction(x) for x in noise(seed, 3, 50).tolist()] == exact


def test_a_uniform_is_24_bits_of_numpys_half_words_low_half_first():
    words = np.random.SFC64([5, 1]).random_raw(6)  # NumPy promises to keep these
    halves = np.stack([words & 0xFFFFFFFF, words >> 32], axis=-1).ravel()
    assert noise(5, 1, 1)[0] == np.sum(halves >> 8) / 2**24 - 6


def test_the_noise_depends_on_seed_and_step_and_begins_alike_in_every_dimension():
    x = noise(3, 4, 1000)
    assert np.array_equal(noise(3, 4, 10), x[:10])
    for other in (noise(3, 5, 1000), noise(4, 4, 1000), noise(4, 3, 1000)):
        assert abs(np.corrcoef(x, other)[0, 1]) < 5 / np.sqrt(1000)


def test_the_noise_has_mean_0_variance_1_and_the_kurtosis_of_twelve_uniforms():
    x = np.concatenate([noise(seed, t, 200) for seed in range(20) for t in range(1, 101)])
    n = len(x)
    assert abs(x.mean()) < 4 / np.sqrt(n)
    assert abs(x.var() - 1) < 4 * np.sqrt(1.9 / n)  # the variance of x² is kurtosis - 1
    assert abs(np.mean(x**4) - 2.9) < 0.05
    assert np.abs(x).max() < 6


def test_the_noise_of_neighbouring_steps_is_uncorrelated():
    x = np.array([noise(0, t, 2) for t in range(1, 20_001)])
    for lagged in (x[1:] * x[:-1], x[1:] * x[:-1, ::-1]):
        assert np.all(np.abs(lagged.mean(axis=0)) < 4 / np.sqrt(len(x)))
    assert abs(np.mean(x[:, 0] * x[:, 1])) < 4 / np.sqrt(len(x))


def test_the_noise_of_a_seed_is_drawn_once(ask):
    (kept,) = ask([["kept"]])
    assert kept["again"]
    assert kept["first"] == kept["back"] == noise(1, 5, 2).tolist()
    assert kept["longer"] == noise(1, 5, 3).tolist()
    assert kept["fewer"] == 3  # what was drawn serves fewer coordinates as well
    assert kept["other"] == noise(2, 5, 2).tolist()


def test_a_million_uniforms_take_less_than_a_tenth_of_a_second(ask):
    (milliseconds,) = ask([["milliseconds", 10**6 // 12]])
    assert milliseconds < 100


def settings(name, lr):
    return {h.name: h.default for h in hyper_of(METHODS[name]).values()} | {"lr": lr}


@pytest.mark.parametrize("scheduled", [False, True], ids=["", "scheduled"])
def test_noisy_paths_in_javascript_are_minimizes(ask, scheduled):
    steps, rate = 100, Warmup(10, start=0.1, then=Cosine(lr=0.002, steps=80, lr_min=1e-4))
    rates = rate(np.arange(1, steps + 1)).tolist() if scheduled else None
    changes = {"noise": {"sigma": 0.3, "seed": 12345}, "rates": rates}
    questions = [["run", n, s, settings(n, 0.002), steps, changes] for n, s in PAIRS]
    for (name, surface), found in zip(PAIRS, ask(questions), strict=True):
        problem = Noisy(SURFACES[surface], 0.3, 12345)
        optimizer = type(METHODS[name])(**vars(METHODS[name]) | {"lr": 0.002})
        path = minimize(optimizer, problem, steps=steps, schedule=rate if scheduled else None)
        assert found["diverged"] == path.diverged
        for part in ("theta", "grad", "value"):
            expected = getattr(path, part)
            scale = np.abs(expected).max()
            np.testing.assert_allclose(
                found[part], expected, rtol=0, atol=1e-11 * scale, err_msg=f"{name} on {surface}"
            )


def test_without_noise_and_rates_a_path_is_the_plain_one(ask):
    question = ["run", "Adam", "beale", settings("Adam", 0.1), 50]
    plain, empty, nulls = ask([question, [*question, {}], [*question, {"noise": None}]])
    assert plain == empty == nulls
    np.testing.assert_allclose(
        plain["theta"], minimize(TRACED["Adam"](lr=0.1), beale, steps=50).theta, rtol=1e-11
    )


def test_a_noisy_step_has_the_true_loss_and_the_true_gradient_plus_sigma_times_the_noise():
    problem = Noisy(beale, sigma=0.5, seed=9)
    path = minimize(SGD(lr=0.01), problem, steps=20)
    pushes = [noise(9, t, 2) for t in range(1, 22)]
    assert np.array_equal(path.value, [beale.value(theta) for theta in path.theta])
    assert np.array_equal(path.grad, beale.grad(path.theta) + 0.5 * np.array(pushes))
    assert np.array_equal(problem.value(path.theta), beale.value(path.theta))
    assert np.array_equal(problem.grad(path.theta), beale.grad(path.theta))


def test_no_noise_gives_the_path_of_the_problem_itself():
    assert np.array_equal(
        minimize(SGD(lr=0.01), Noisy(beale, sigma=0.0)).theta, minimize(SGD(lr=0.01), beale).theta
    )


def test_a_step_may_be_asked_twice_and_out_of_order():
    problem, theta = Noisy(Quadratic(np.ones(3)), sigma=2.0, seed=4), np.ones(3)
    late, early = (problem.sample(t).grad(theta) for t in (7, 2))
    assert np.array_equal(problem.sample(7).grad(theta), late)
    assert np.array_equal(late - early, 2.0 * (noise(4, 7, 3) - noise(4, 2, 3)))


def test_all_runs_of_a_sweep_meet_the_noise_of_one_run():
    rates, problem = np.array([0.001, 0.01, 0.03]), Noisy(ravine, sigma=1.0, seed=2)
    ends = sweep(SGD(lr=rates), problem, steps=30)
    for lr, theta in zip(rates, ends.theta, strict=True):
        assert np.array_equal(theta, minimize(SGD(lr=lr), problem, steps=30).theta[-1])


def test_a_pair_of_functions_may_be_noisy_and_float32_stays():
    def grad(theta):
        return 2 * theta

    problem = Noisy((lambda theta: np.sum(theta**2), grad), sigma=0.1)
    theta = minimize(SGD(lr=0.1), problem, np.ones(4, np.float32), steps=5).theta
    assert theta.dtype == np.float32
    with pytest.raises(ValueError, match="the problem has no start of its own"):
        minimize(SGD(), problem)


def test_start_and_minima_are_those_of_the_problem_behind():
    assert Noisy(beale).start == beale.start
    assert Noisy(beale).minima == beale.minima


def test_at_a_constant_rate_the_noise_floor_of_sgd_is_that_of_the_theory():
    """On 1/2 theta² the variance tends to lr sigma² / (2 - lr), whatever the noise's shape."""
    problem = Noisy(Quadratic(np.ones(4000), start=np.zeros(4000)), sigma=1.5, seed=8)
    ends = minimize(SGD(lr=0.2), problem, steps=60).theta[-1]
    assert np.var(ends) == pytest.approx(0.2 * 1.5**2 / 1.8, rel=0.07)
