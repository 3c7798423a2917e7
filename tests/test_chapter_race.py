"""What the chapter "The race" claims, computed apart from its cells."""

import itertools
import math

import numpy as np
import pytest

from optim_lessons import (
    SGD,
    Adagrad,
    Adam,
    Momentum,
    Nesterov,
    RMSprop,
    minimize,
    problems,
    sweep,
)

RATES = np.logspace(-4, 1, 41)
SCALE_FREE = [Adagrad, RMSprop, Adam]
LINEAR = [SGD, Momentum, Nesterov]
SIX = {cls.__name__: cls for cls in [*LINEAR, *SCALE_FREE]}


def first_step(path, holds):
    """The first step at which `holds(path)` is true."""
    return int(np.argmax(holds(path))) if holds(path).any() else math.inf


def leaves(optimizer, y0, steps=1500):
    path = minimize(optimizer, problems.saddle, theta0=(1.0, y0), steps=steps)
    return first_step(path, lambda path: np.abs(path.theta[:, 1]) >= 1)


@pytest.mark.parametrize("lr, winner", [(0.001, "Nesterov"), (0.01, "SGD"), (0.1, "RMSprop")])
def test_one_shared_learning_rate_crowns_three_different_winners_on_beale(lr, winner):
    losses = {name: minimize(cls(lr=lr), problems.beale, steps=200) for name, cls in SIX.items()}
    finished = {name: path.value[-1] for name, path in losses.items() if not path.diverged}
    assert min(finished, key=finished.get) == winner


def test_learning_rates_alone_give_every_one_of_the_720_orders_on_beale():
    arrival = {}
    for name, cls in SIX.items():
        optimizer = cls(lr=RATES[:, None])  # all learning rates at once
        theta = np.tile(problems.beale.start, (RATES.size, 1))
        state, arrival[name] = optimizer.init(theta), np.full(RATES.size, np.inf)
        with np.errstate(all="ignore"):
            for t in range(1000):
                there = problems.beale.value(theta) <= 0.01
                arrival[name] = np.where(there, np.minimum(arrival[name], t), arrival[name])
                theta, state = optimizer.step(theta, problems.beale.grad(theta), state)

    def possible(order):
        now = -1
        for name in order:
            now = min((step for step in arrival[name] if step > now), default=math.inf)
        return math.isfinite(now)

    assert all(possible(order) for order in itertools.permutations(SIX))


@pytest.mark.parametrize("y0", [0.1, 1e-3, 1e-6, 1e-9])
def test_gradient_descent_leaves_the_saddle_after_the_logarithm_of_the_distance(y0):
    assert leaves(SGD(lr=0.01), y0) == math.ceil(math.log(1 / y0) / math.log(1.02))


def test_a_decade_costs_momentum_the_logarithm_of_its_larger_root():
    mu, lr = 0.9, 0.01
    root = max(np.roots([1, -(1 + mu + 2 * lr), mu]))
    cost = (leaves(Momentum(lr=lr), 1e-12) - leaves(Momentum(lr=lr), 1e-2)) / 10
    assert cost == pytest.approx(math.log(10) / math.log(root), abs=0.1)


@pytest.mark.parametrize("cls", SCALE_FREE)
def test_scale_free_methods_leave_the_saddle_after_one_number_of_steps(cls):
    assert leaves(cls(lr=0.01), 1e-3) == leaves(cls(lr=0.01), 1e-6)


@pytest.mark.parametrize("cls", LINEAR)
def test_linear_methods_walk_the_same_path_made_smaller(cls):
    near, far = (
        minimize(cls(lr=0.01), problems.saddle, theta0=(1.0, y0), steps=100).theta[:, 1]
        for y0 in (1e-6, 1e-3)
    )
    np.testing.assert_allclose(near * 1e3, far, rtol=1e-12)


@pytest.mark.parametrize("cls", SCALE_FREE)
def test_the_limit_path_on_the_saddle_is_proportional_to_the_learning_rate(cls):
    slow, fast = (
        minimize(cls(lr=lr, eps=0.0), problems.saddle, theta0=(1.0, 1e-9 * lr), steps=50)
        for lr in (0.001, 0.004)
    )
    np.testing.assert_allclose(4 * slow.theta[:, 1], fast.theta[:, 1], rtol=1e-9)


def test_adagrad_leaves_after_an_eighth_of_the_inverse_squared_learning_rate():
    assert leaves(Adagrad(lr=0.01), 1e-6) == pytest.approx(1 / (8 * 0.01**2), rel=0.02)


def test_adagrad_leaves_later_than_gradient_descent_although_it_ignores_the_flatness():
    assert leaves(Adagrad(lr=0.01), 1e-6) > leaves(SGD(lr=0.01), 1e-6)


@pytest.mark.parametrize("surface", ["ravine", "beale", "rosenbrock", "himmelblau"])
def test_tuned_momentum_never_loses_to_tuned_gradient_descent(surface):
    problem = problems.SURFACES[surface]
    plain = sweep(SGD(lr=RATES), problem, steps=200)
    momenta = np.array([0, 0.5, 0.8, 0.9, 0.95, 0.99])
    general = sweep(Momentum(lr=RATES, momentum=momenta[:, None]), problem, steps=200)
    assert np.nanmin(general.value) <= np.nanmin(plain.value)


def test_the_podium_of_rmsprop_depends_on_the_finishing_line():
    """It touches 0.01 quickly with a learning rate at which it cannot stay there."""
    path = minimize(RMSprop(lr=RATES[30], rho=0.8), problems.beale, steps=1000)
    assert first_step(path, lambda path: path.value <= 0.01) == 23
    assert path.value[500:].max() > 0.01


def test_a_finer_search_finds_a_better_rate_that_the_coarse_one_stepped_over():
    def best(rates):
        """The fewest steps after which Nesterov momentum is at 1e-4 on Beale's function."""
        for steps in range(50, 130, 6):
            if (sweep(Nesterov(lr=rates), problems.beale, steps=steps).value <= 1e-4).any():
                return steps
        return math.inf

    assert best(np.linspace(0.0033, 0.0037, 41)) < best(RATES)


def test_momentum_has_no_neighbour_of_its_best_rate_that_needs_at_most_twice_its_steps():
    """On Beale's function, in steps from which the loss stays below 1e-4."""
    settled = []
    for lr in RATES[11:14]:
        path = minimize(Momentum(lr=lr), problems.beale, steps=1000)
        settled.append(1 + np.flatnonzero(path.value > 1e-4)[-1])
    assert min(settled[0], settled[2]) > 2 * settled[1]


@pytest.mark.parametrize("name", ["SGD", "Adagrad"])
def test_without_memory_of_directions_nobody_follows_rosenbrocks_ravine(name):
    ends = sweep(SIX[name](lr=RATES), problems.rosenbrock, steps=1000)
    assert not (ends.value <= 1e-4).any()


def test_momentum_can_end_in_another_minimum_than_gradient_descent():
    ends = {
        name: minimize(SIX[name](lr=0.01), problems.himmelblau, steps=500).theta[-1]
        for name in ("SGD", "Momentum")
    }
    np.testing.assert_allclose(ends["SGD"], problems.himmelblau.minima[0], atol=1e-6)
    np.testing.assert_allclose(ends["Momentum"], problems.himmelblau.minima[3], atol=1e-6)


@pytest.mark.parametrize(
    "name, lr",
    [
        ("SGD", 3e-3),
        ("Momentum", 1e-4),
        ("Nesterov", 3e-4),
        ("Adagrad", 0.3),
        ("RMSprop", 3e-3),
        ("Adam", 0.1),
    ],
)
def test_every_method_ends_in_the_dent_of_rastrigin_where_it_began(name, lr):
    for x in (-2.2, 0.3, 1.4):
        start = np.array([x, 0.8])
        path = minimize(SIX[name](lr=lr), problems.rastrigin, theta0=start, steps=300)
        np.testing.assert_array_equal(np.round(path.theta[-1]), np.round(start))
        assert np.linalg.norm(path.grad[-1]) < 1
