"""The claims of the chapter Adadelta, each against the library."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from streams import moves_on, run

from optim_lessons import Adadelta, RMSprop, minimize, problems

START = np.array([-4.0, 1.0])


def in_unit(unit, scale=1.0):
    """The ravine as a function of z = theta / unit, its loss multiplied by a scale."""
    ravine = problems.ravine
    return (
        lambda z: scale * ravine.value(unit * z),
        lambda z: scale * unit * ravine.grad(unit * z),
    )


def exact(steps, eps, rho=0.9):
    """The lengths of the first steps on a constant gradient, by theorem 2."""
    k = np.arange(2, steps + 1)
    grown = np.append(0, np.cumsum(1 / (1 - rho**k)))
    return np.sqrt(eps * (1 / (1 - rho) + (1 - rho) * grown))


def bowl(curvature):
    return lambda x: float(curvature * x @ x / 2), lambda x: curvature * x


def test_rmsprop_feels_the_unit_and_not_the_scale():
    paths = {
        key: key[0] * minimize(RMSprop(lr=0.05, eps=0), in_unit(*key), START / key[0], 50).theta
        for key in [(1.0, 1.0), (2.0, 1.0), (1.0, 100.0)]
    }
    assert paths[1.0, 100.0] == pytest.approx(paths[1.0, 1.0], rel=1e-9)
    assert np.abs(paths[2.0, 1.0] - paths[1.0, 1.0]).max() > 0.5


@pytest.mark.parametrize(("unit", "scale"), [(100.0, 1.0), (1.0, 0.01), (0.03, 50.0)])
def test_theorem_1_without_epsilon_the_path_knows_neither_unit_nor_scale(unit, scale):
    def path(unit, scale):
        optimizer, z, places = Adadelta(eps=0), START / unit, []
        state = optimizer.State(v=np.zeros(2), u=np.full(2, (0.01 / unit) ** 2))
        for _ in range(200):
            z, state = optimizer.step(z, in_unit(unit, scale)[1](z), state)
            places.append(unit * z)
        return np.array(places)

    assert path(unit, scale) == pytest.approx(path(1.0, 1.0), rel=1e-9)


def test_without_epsilon_and_without_a_seed_it_never_moves():
    moves = moves_on(Adadelta(eps=0), np.ones(20))
    assert np.all(moves == 0)


@pytest.mark.parametrize("rho", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("eps", [1e-8, 1e-6])
def test_theorem_2_gives_every_step_on_a_constant_gradient(rho, eps):
    moves = moves_on(Adadelta(rho=rho, eps=eps), np.full(3000, 50.0))
    assert -moves == pytest.approx(exact(3000, eps, rho), rel=1e-6)


def test_the_first_step_is_the_root_of_eps_over_one_minus_rho():
    for g in (0.1, 7.0, 1e4):
        moves = moves_on(Adadelta(eps=1e-10), np.array([g]))
        assert -moves[0] == pytest.approx((1e-10 / 0.1) ** 0.5, rel=1e-5)


def test_the_waiting_times_are_those_of_the_formulas():
    lengths = exact(110_000, 1e-6)
    assert np.searchsorted(lengths, 0.1) == pytest.approx(0.1**2 / (0.1 * 1e-6), rel=0.02)
    way = np.cumsum(lengths)
    assert np.searchsorted(way, 1.0) + 1 == 214
    assert np.searchsorted(way, 10.0) + 1 == 1217
    assert np.searchsorted(way, 100.0) == pytest.approx(150 ** (2 / 3) / 1e-7 ** (1 / 3), rel=0.02)
    keras = np.cumsum(0.001 * exact(100_000, 1e-7, rho=0.95))
    assert np.searchsorted(keras, 1.0) == pytest.approx(76_600, rel=0.01)


@pytest.mark.parametrize("rho", [0.5, 0.9, 0.99])
def test_theorem_3_without_epsilon_u_over_v_to_the_rho_never_grows(rho):
    rng = np.random.default_rng(0)
    for g in (rng.normal(size=500), np.exp(rng.normal(size=500)), 1.02 ** np.arange(500.0)):
        seed = Adadelta.State(v=np.array(1.0), u=np.array(1e-4))
        _, states = run(Adadelta(rho=rho, eps=0), g, seed)
        kept = np.log([s.u for s in states]) - rho * np.log([s.v for s in states])
        assert np.all(np.diff(kept) <= 1e-12)
        assert kept[-1] < kept[0]


def test_on_noise_the_steps_settle_at_26_roots_of_epsilon():
    g = 5 * np.random.default_rng(0).normal(size=(2000, 300))
    for eps in (1e-8, 1e-6):
        moves = moves_on(Adadelta(eps=eps), g)
        assert np.sqrt(np.mean(moves[500:] ** 2) / eps) == pytest.approx(2.64, abs=0.06)


def test_a_unit_ten_times_larger_is_an_epsilon_a_hundred_times_larger():
    path = minimize(Adadelta(eps=1e-4), in_unit(1.0), START, 60).theta
    same = 10 * minimize(Adadelta(eps=1e-6), in_unit(10.0), START / 10, 60).theta
    other = 10 * minimize(Adadelta(eps=1e-4), in_unit(10.0), START / 10, 60).theta
    assert same == pytest.approx(path, abs=1e-3)
    assert np.abs(other - path).max() > 1


def inside(lr, steps, eps=1e-6, rho=0.9):
    """The steps on a constant gradient if u averaged the squares of lr * delta."""
    u, v, lengths = 0.0, 0.0, []
    for _ in range(steps):
        v = rho * v + (1 - rho) * 25.0
        lengths.append(lr * ((u + eps) / (v + eps)) ** 0.5 * 5)
        u = rho * u + (1 - rho) * lengths[-1] ** 2
    return np.array(lengths)


def test_with_the_rate_inside_only_lr_1_has_no_preferred_length():
    assert inside(0.5, 300)[-1] == pytest.approx(0.5 * (1e-6 / 0.75) ** 0.5, rel=1e-6)
    assert inside(1.1, 1500)[-1] > 1000
    assert inside(1.0, 2000) == pytest.approx(exact(2000, 1e-6), rel=1e-4)


def test_outside_the_learning_rate_is_a_factor_and_no_more():
    g = np.random.default_rng(1).normal(size=100)
    whole = moves_on(Adadelta(), g)
    part = moves_on(Adadelta(lr=0.001), g)
    assert part == pytest.approx(0.001 * whole, rel=1e-12)


@pytest.mark.parametrize(("lr", "curvature"), [(1.0, 0.5), (1.0, 1.9), (0.09, 20.0)])
def test_theorem_4_below_two_the_minimum_attracts(lr, curvature):
    path = minimize(Adadelta(lr=lr, eps=1e-2), bowl(curvature), [1e-4], 600)
    assert abs(path.theta[-1, 0]) < 1e-12


@pytest.mark.parametrize(("lr", "curvature"), [(1.0, 3.0), (1.0, 20.0), (0.2, 20.0)])
def test_beyond_two_the_square_of_the_swing_grows_as_computed(lr, curvature):
    eps = 1e-3
    theta = minimize(Adadelta(lr=lr, eps=eps), bowl(curvature), [0.5], 12_000).theta[:, 0]
    assert np.all(np.sign(theta[-100:-1]) == -np.sign(theta[-99:]))
    grown = (theta[12_000] ** 2 - theta[6_000] ** 2) / 6_000
    assert grown == pytest.approx(eps * (lr**2 / 4 - 1 / curvature**2), rel=0.01)


def test_near_the_end_the_ratio_is_one_or_two_over_the_curvature():
    run = minimize(Adadelta(eps=1e-4), problems.ravine, START, 500)
    ratio = np.sqrt((run.state.u[-2] + 1e-4) / (run.state.v[-1] + 1e-4))
    assert ratio == pytest.approx([1.0, 2 / 20], rel=0.01)


def test_the_defaults_of_optax_go_uphill():
    theta = jnp.ones(1)
    for rate, sign in ((None, 1), (1.0, -1)):
        optimizer = optax.adadelta(learning_rate=rate)
        update, _ = optimizer.update(jnp.ones(1), optimizer.init(theta), theta)
        assert np.sign(update[0]) == sign


def test_pytorch_keeps_the_averages_under_the_names_in_the_box():
    p = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.Adadelta([p])
    p.grad = torch.ones(1)
    optimizer.step()
    assert {"square_avg", "acc_delta"} <= set(optimizer.state[p])


def test_exercise_3_takes_1700_steps_inside_and_fewer_outside():
    way = np.cumsum(inside(0.5, 18_000))
    assert np.searchsorted(way, 1.0) == pytest.approx(1700, rel=0.03)
    assert np.searchsorted(way, 10.0) == pytest.approx(17_000, rel=0.03)
    outside = [(1.5 * way) ** (2 / 3) / 1e-7 ** (1 / 3) for way in (2, 20)]
    assert outside == pytest.approx([450, 2100], rel=0.02)


def test_exercise_4_the_stated_epsilons_lead_half_way():
    assert np.sum(exact(1000, 5.6e-9)) == pytest.approx(0.5, rel=0.15)
    assert np.sum(exact(100, 1.7e-6)) == pytest.approx(0.5, rel=0.1)


def test_exercise_5_epsilon_outside_needs_a_million_steps():
    rho, eps, u, v = 0.9, 1e-6, 0.0, 0.0
    for t in range(1, 200_001):
        v = rho * v + (1 - rho)
        length = (u**0.5 + eps) / (v**0.5 + eps)
        u = rho * u + (1 - rho) * length**2
        if t == 1:
            assert length == pytest.approx(eps / 0.1**0.5, rel=1e-4)
        if t == 100_000:
            before = length
    assert (length - before) / 100_000 == pytest.approx((1 - rho) * eps, rel=0.02)
