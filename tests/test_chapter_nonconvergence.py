"""The claims of the chapter on non-convergence, recomputed without its code."""

import dataclasses

import numpy as np
import optax
import pytest
import torch
from streams import downhill

from optim_lessons import SGD, AdaBelief, Adagrad, Adam, AMSGrad, RMSprop, Yogi, minimize, problems
from optim_lessons.problems import RareLargeGradient, regret
from optim_lessons.schedules import InverseSqrt


def run(optimizer, slopes, start=1.0, alpha=0.5):
    """Points and inverse steps of a run on [-1, 1] at the rates alpha / sqrt(t)."""
    x, state, points = start, optimizer.init(np.zeros(())), [start]
    for t, slope in enumerate(slopes, start=1):
        now = dataclasses.replace(optimizer, lr=alpha / t**0.5)
        x, state = now.step(x, slope, state)
        x = min(1.0, max(-1.0, float(x)))
        points.append(x)
    return np.array(points)


def inverse_steps(optimizer, gradients, rate):
    """How much gradient makes a move of 1, at each step; beta1 = 0."""
    state, inverse = optimizer.init(np.zeros(())), []
    for t, g in enumerate(gradients, start=1):
        moved, state = dataclasses.replace(optimizer, lr=rate(t)).step(0.0, g, state)
        inverse.append(-g / moved)
    return np.array(inverse)


@pytest.mark.parametrize("large", [2.01, 3.0, 10.0, 1000.0])
@pytest.mark.parametrize("alpha", [1e-3, 0.5, 50.0])
def test_theorem_1_adam_is_back_at_plus_1_after_every_round(large, alpha):
    adam = Adam(beta1=0.0, beta2=1 / (1 + large**2), eps=0.0)
    slopes = np.tile([large, -1.0, -1.0], 200)
    points = run(adam, slopes, alpha=alpha)
    np.testing.assert_allclose(points[::3], 1, atol=1e-12)
    assert np.sum(slopes * (points[:-1] + 1)) >= 2 / 3 * (large - 2) * len(slopes) * (1 - 1e-12)


@pytest.mark.parametrize("large", [2.01, 3.0, 30.0])
def test_the_inequalities_of_the_proof_hold_with_and_without_the_first_round(large):
    beta2 = 1 / (1 + large**2)
    v, slopes = 0.0, np.tile([large, -1.0, -1.0], 50)
    for t, g in enumerate(slopes, start=1):
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = v / (1 - beta2**t)
        if t % 3 == 1:
            assert v_hat >= (1 - beta2) * large**2 * (1 - 1e-12)
        else:
            assert v_hat <= 2 * (1 - beta2) * (1 + 1e-12)
        if t == 3:
            assert v_hat <= 1 + beta2 - 2 * beta2**2 <= 9 / 8
    for k in range(1, 50):
        assert np.sqrt(2 / (3 * k + 3)) >= 1 / np.sqrt(3 * k + 1)
    assert np.sqrt(2 / 3) < 1  # which is why k = 0 needs its own look


@pytest.mark.parametrize("start", [-1.0, -0.3, 0.9])
def test_exercise_2_every_start_leads_to_plus_1_for_good(start):
    adam = Adam(beta1=0.0, beta2=0.1, eps=0.0)
    rounds = run(adam, np.tile([3.0, -1.0, -1.0], 200), start)[::3]
    arrived = int(np.argmax(rounds == 1.0))
    assert 0 < arrived < 60 and np.all(rounds[arrived:] == 1.0)


def test_the_same_problem_of_the_library_gives_the_regrets_of_the_chapter():
    problem, ends = RareLargeGradient(), {}
    for cls in (Adam, AMSGrad):
        optimizer = cls(beta1=0.0, beta2=0.1, eps=0.0)
        path = minimize(
            optimizer,
            problem,
            steps=3000,
            project=problem.project,
            schedule=InverseSqrt(0.5, warmup=1),
        )
        ends[cls] = path.theta[-1, 0], regret(problem, path)[-1] / 3000
    assert ends[Adam][0] == 1.0 and ends[Adam][1] == pytest.approx(2 / 3, abs=0.01)
    assert ends[AMSGrad][0] < -0.99 and ends[AMSGrad][1] < 0.03


def test_by_chance_too_adam_ends_wrong_and_amsgrad_and_yogi_right():
    heads = np.random.default_rng(5).random((2000, 100)) < 1 / 3
    ends = {}
    for cls in (Adam, AMSGrad, Yogi):
        optimizer = cls(beta1=0.0, beta2=0.1, eps=0.0)
        x, state = np.zeros(100), optimizer.init(np.zeros(100))
        for t, row in enumerate(heads, start=1):
            now = dataclasses.replace(optimizer, lr=0.5 / t**0.5)
            x, state = now.step(x, np.where(row, 3.0, -1.0), state)
            x = np.clip(x, -1, 1)
        ends[cls] = x
    assert ends[Adam].min() > 0.8
    assert ends[AMSGrad].max() < -0.8
    assert ends[Yogi].mean() < -0.8


def test_with_its_usual_betas_adam_drifts_to_the_wrong_end_of_a_long_round():
    adam = Adam(lr=1.0, eps=0.0)
    state, slopes = adam.init(np.zeros(())), np.array([1001.0] + 1000 * [-1.0])
    for _ in range(20):
        drift = 0.0
        for g in slopes:
            moved, state = adam.step(0.0, g, state)
            drift += moved
    assert slopes.sum() > 0 and drift > 0


def test_the_inverse_step_falls_for_adam_and_rmsprop_and_for_no_other():
    gradients = np.tile([3.0, -1.0, -1.0], 60)
    methods = {
        Adam(beta1=0.0, beta2=0.1): True,
        RMSprop(rho=0.1): True,
        AMSGrad(beta1=0.0, beta2=0.1): False,
        Adagrad(): False,
        SGD(): False,
    }
    for optimizer, falls in methods.items():
        inverse = inverse_steps(optimizer, gradients, lambda t: 0.5 / t**0.5)
        assert bool(np.diff(inverse).min() < -1e-9) == falls, optimizer


def test_the_rises_that_the_proof_pays_grow_like_t_to_three_halves_for_adam():
    gradients = np.tile([3.0, -1.0, -1.0], 2000)
    powers = {}
    for cls in (Adam, AMSGrad):
        optimizer = cls(beta1=0.0, beta2=0.1, eps=0.0)
        inverse = inverse_steps(optimizer, gradients, lambda t: 0.5 / t**0.5)
        rises = inverse[0] + np.maximum(0, np.diff(inverse)).cumsum()
        powers[cls] = np.log(rises[-1] / rises[598]) / np.log(10)
    assert powers[Adam] == pytest.approx(1.5, abs=0.01)
    assert powers[AMSGrad] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("seed", range(6))
def test_amsgrads_inverse_step_never_falls_at_a_rate_of_one_over_root_t(seed):
    rng = np.random.default_rng(seed)
    gradients = rng.normal(size=300) * 10.0 ** rng.uniform(-3, 3, 300)
    optimizer = AMSGrad(beta1=0.0, beta2=rng.choice([0.5, 0.99, 0.999]), eps=1e-3)
    inverse = inverse_steps(optimizer, gradients, lambda t: t**-0.5)
    assert np.all(np.diff(inverse) >= -1e-9 * inverse[1:])


def test_exercise_3_at_a_constant_rate_pytorchs_may_fall():
    gradients = np.append(1.0, np.full(300, 1e-9))
    ours = inverse_steps(AMSGrad(beta1=0.0, eps=0.0), gradients, lambda t: 1.0)
    assert ours[0] == pytest.approx(1) and ours[-1] < 0.07
    assert np.sqrt(1 - 0.999) == pytest.approx(0.03, abs=0.002)


@pytest.mark.parametrize("seed", range(6))
def test_amsgrads_regret_stays_below_the_bound(seed):
    """Random and hostile slopes in several coordinates; the best point in hindsight is a corner."""
    rng = np.random.default_rng(seed)
    n, steps, alpha = 4, 1500, rng.choice([0.05, 0.5, 3.0])
    slopes = rng.normal(rng.normal(size=n) * 0.2, 1.0, (steps, n))
    slopes[:, 0] = np.tile([3.0, -1.0, -1.0], steps // 3)
    slopes[rng.random((steps, n)) < 0.3] *= 5
    beta2, eps = rng.choice([0.1, 0.9, 0.999]), 0.01
    optimizer = AMSGrad(beta1=0.0, beta2=beta2, eps=eps)
    theta, state, paid = np.ones(n), optimizer.init(np.ones(n)), 0.0
    for t, g in enumerate(slopes, start=1):
        paid += g @ theta
        now = dataclasses.replace(optimizer, lr=alpha / t**0.5)
        theta, state = now.step(theta, g, state)
        theta = np.clip(theta, -1, 1)
    lost = paid + np.abs(slopes.sum(axis=0)).sum()
    biggest, side = np.abs(slopes).max(), 2
    bound = (
        n
        * (side**2 * (biggest + eps) / (2 * alpha) + alpha * biggest / np.sqrt(1 - beta2))
        * np.sqrt(steps)
    )
    assert lost <= bound


@pytest.mark.parametrize("large", [11, 101, 301])
def test_the_memory_that_adam_needs_is_about_a_quarter_of_the_square(large):
    def drift(memory):
        adam = Adam(lr=1.0, beta1=0.0, beta2=1 - 1 / memory, eps=0.0)
        round_of = np.array([large] + (large - 1) * [-1.0])
        ages = np.arange(large)[::-1]
        start = (1 - adam.beta2) * np.sum(adam.beta2**ages * round_of**2) / (1 - adam.beta2**large)
        state = adam.init(np.zeros(()))._replace(t=10**9, v=start)
        moved = 0.0
        for g in round_of:
            theta, state = adam.step(0.0, g, state)
            moved += theta
        return moved

    assert drift(0.7 * large**2 / 4) > 0 > drift(1.3 * large**2 / 4)


def test_yogi_falls_by_no_more_than_the_new_square_and_stays_positive():
    rng, yogi = np.random.default_rng(0), Yogi(beta2=0.6)
    state = yogi.init(np.zeros(50))
    for _ in range(400):
        g = rng.normal(size=50) * 10.0 ** rng.uniform(-2, 2, 50)
        before = state.v
        _, state = yogi.step(np.zeros(50), g, state)
        limit = (1 - 0.6) * g**2 + 1e-12 * before  # the last digits of a difference
        assert np.all(np.abs(state.v - before) <= limit * (1 + 1e-12))
        assert np.all(state.v >= 0.6 * before * (1 - 1e-12))
    before = state.v
    assert np.array_equal(yogi.step(np.zeros(50), np.zeros(50), state)[1].v, before)


def test_after_a_spike_adam_recovers_first_yogi_later_and_amsgrad_never():
    gradients, last = np.ones(3000), {}
    gradients[400] = 30.0
    for cls in (Adam, Yogi, AMSGrad):
        taken = downhill(cls(lr=1.0, beta2=0.99), gradients)
        last[cls] = np.flatnonzero(taken < 0.9)[-1] - 400
    assert last[Adam] < 400 < 800 < last[Yogi] < 1000
    assert last[AMSGrad] == 2599


def test_on_a_constant_gradient_adabeliefs_s_is_the_closed_form_and_epsilon_its_floor():
    belief, g = AdaBelief(lr=1.0, eps=0.0), 2.5
    state = belief.init(0.0)
    for t in range(1, 400):
        moved, state = belief.step(0.0, g, state)
        beta1, beta2 = belief.beta1, belief.beta2
        closed = (1 - beta2) * beta1**2 * (beta2**t - beta1 ** (2 * t)) / (beta2 - beta1**2) * g**2
        assert state.s == pytest.approx(closed, rel=1e-8)
        if t == 1:
            assert -moved == pytest.approx(1 / beta1)
    with_eps = dataclasses.replace(belief, eps=1e-4)
    state = with_eps.init(0.0)
    for _ in range(20_000):
        moved, state = with_eps.step(0.0, g, state)
    assert state.s == pytest.approx(1e-4 / (1 - 0.999), rel=1e-3)


def test_optax_keeps_the_first_square_for_ever_and_pytorch_does_not():
    stream = np.full(4000, 0.1)
    stream[0] = 1.0
    parameter = torch.nn.Parameter(torch.zeros((), dtype=torch.float64))
    adam = torch.optim.Adam([parameter], lr=1.0, amsgrad=True, eps=1e-300)
    for g in stream:
        before = parameter.item()
        parameter.grad = torch.tensor(g, dtype=torch.float64)
        adam.step()
    moved_torch = before - parameter.item()
    theirs = optax.amsgrad(1.0, eps=1e-30)
    theta = np.zeros(())
    state = theirs.init(theta)
    for g in stream[:400]:
        moved, state = theirs.update(np.asarray(g), state, theta)
    assert -float(moved) == pytest.approx(0.1, rel=1e-4)
    ours, state = AMSGrad(lr=1.0, eps=0.0), AMSGrad().init(0.0)
    for g in stream:
        expected, state = ours.step(0.0, g, state)
    assert moved_torch == pytest.approx(-expected, rel=1e-9)
    assert -expected > 0.95


def test_a_large_first_gradient_holds_amsgrad_back_in_a_valley_until_its_rate_is_raised():
    ends = [
        minimize(o, problems.rosenbrock, (-1.8, 2.8), steps=400).value[-1]
        for o in (Adam(0.1, beta2=0.95), AMSGrad(0.1, beta2=0.95), AMSGrad(1.0, beta2=0.95))
    ]
    assert ends[0] < 0.1 and ends[2] < 0.1 < 1 < ends[1]
    from_valley = [
        minimize(o, problems.rosenbrock, (0.0, 0.0), steps=400).value[-1]
        for o in (Adam(0.1, beta2=0.95), AMSGrad(0.1, beta2=0.95))
    ]
    assert from_valley[1] < from_valley[0]


def test_the_answer_by_hand_of_the_exercise():
    for cls, third in ((AMSGrad, 0.661), (Adam, 0.935)):
        optimizer = cls(lr=1.0, beta1=0.0, beta2=0.5, eps=0.0)
        state, moves = optimizer.init(0.0), []
        for g in (2.0, 0.0, 1.0):
            moved, state = optimizer.step(0.0, g, state)
            moves.append(-moved)
        np.testing.assert_allclose(moves, [1, 0, third], atol=6e-4)
