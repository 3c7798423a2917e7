"""SWATS: no library has it, so it is compared with its pseudocode and with what it switches to."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optim_lessons import SWATS, Adam, Momentum, minimize, problems, sweep

settings.register_profile("book", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("book")

away_from_zero = st.floats(1e-2, 1e2).flatmap(lambda x: st.sampled_from([x, -x]))


def algorithm_1(grad, w, steps, alpha, beta1, beta2, epsilon, tolerance):
    """The paper's loop over numbers, with its phase; and a switch only to a positive rate."""
    w, phase, rate = list(w), "Adam", 0.0
    m, a, v = [0.0] * len(w), [0.0] * len(w), [0.0] * len(w)
    average, path, switched = 0.0, [list(w)], None
    for k in range(1, steps + 1):
        g = [float(x) for x in grad(np.array(w))]
        if phase == "SGD":
            v = [beta1 * vi + gi for vi, gi in zip(v, g, strict=True)]
            w = [wi - (1 - beta1) * rate * vi for wi, vi in zip(w, v, strict=True)]
            path.append(w)
            continue
        m = [beta1 * mi + (1 - beta1) * gi for mi, gi in zip(m, g, strict=True)]
        a = [beta2 * ai + (1 - beta2) * gi * gi for ai, gi in zip(a, g, strict=True)]
        size = alpha * math.sqrt(1 - beta2**k) / (1 - beta1**k)
        p = [-size * mi / (math.sqrt(ai) + epsilon) for mi, ai in zip(m, a, strict=True)]
        w = [wi + pi for wi, pi in zip(w, p, strict=True)]
        path.append(w)
        pg = sum(pi * gi for pi, gi in zip(p, g, strict=True))
        if pg != 0:
            gamma = sum(pi * pi for pi in p) / -pg
            average = beta2 * average + (1 - beta2) * gamma
            corrected = average / (1 - beta2**k)
            if k > 1 and abs(corrected - gamma) < tolerance and corrected > 0:
                phase, rate, switched = "SGD", corrected, k
    return np.array(path), switched, rate


@pytest.mark.parametrize(
    ("problem", "lr", "tolerance", "switch"),
    [
        (problems.beale, 0.1, 1e-4, 27),
        (problems.himmelblau, 0.03, 1e-5, 63),
        (problems.ravine, 0.1, 1e-3, 2),
        (problems.ravine, 0.1, 1e-9, None),
    ],
)
def test_swats_is_algorithm_1_of_the_paper_at_every_step(problem, lr, tolerance, switch):
    path = minimize(SWATS(lr, 0.9, 0.999, 1e-6, tolerance), problem, steps=150)
    expected, switched, rate = algorithm_1(
        problem.grad, problem.start, 150, lr, 0.9, 0.999, 1e-6, tolerance
    )
    assert switched == switch
    np.testing.assert_allclose(path.theta, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(path.state.rate[-1], [rate], rtol=1e-9)
    if switch:
        assert not path.state.rate[:switch].any()
        assert (path.state.rate[switch:] == path.state.rate[switch]).all()


def test_before_the_switch_the_path_is_adams():
    path = minimize(SWATS(lr=0.1, tolerance=0.0, eps=1e-300), problems.beale, steps=100)
    adam = minimize(Adam(lr=0.1, eps=1e-300), problems.beale, steps=100)
    np.testing.assert_allclose(path.theta, adam.theta, rtol=1e-10)
    assert not path.state.rate.any()


def test_after_the_switch_the_path_is_momentums():
    path = minimize(SWATS(lr=0.1, tolerance=1e-4), problems.beale, steps=100)
    rate = float(path.state.rate[-1, 0])
    plain = minimize(
        Momentum(lr=(1 - 0.9) * rate, momentum=0.9),
        problems.beale,
        theta0=path.theta[27],
        steps=100 - 27,
    )
    np.testing.assert_allclose(path.theta[27:], plain.theta, rtol=1e-11)


@given(g=arrays(float, 5, elements=away_from_zero), lr=st.floats(1e-3, 1.0))
def test_a_gradient_step_of_the_projected_rate_projects_onto_adams_step(g, lr):
    """The identity behind the method: gamma = p.p / -(p.g), with p the step; not yet a rate."""
    optimizer = SWATS(lr=lr)
    p, state = optimizer.step(np.zeros(5), g, optimizer.init(np.zeros(5)))
    gamma = state.average[0] / (1 - 0.999)
    assert (-gamma * g) @ p / (p @ p) == pytest.approx(1.0)
    assert state.rate[0] == 0.0


@given(g=away_from_zero)
def test_on_a_constant_gradient_it_switches_at_once_and_keeps_adams_speed(g):
    """There Adam's steps are lr and gamma is lr / |g|, so momentum's steps tend to lr too."""
    optimizer, theta = SWATS(lr=0.1, eps=0.0, tolerance=1e-6), np.zeros(1)
    state, points = optimizer.init(theta), [theta]
    for _ in range(400):
        theta, state = optimizer.step(theta, np.array([g]), state)
        points.append(theta)
    assert state.rate[0] == pytest.approx(0.1 / abs(g))
    assert points[-1][0] - points[-2][0] == pytest.approx(-0.1 * np.sign(g))


def test_a_step_that_climbs_gives_no_rate():
    """With momentum Adam may step along the gradient: gamma is then negative."""
    optimizer, theta = SWATS(lr=0.1, tolerance=1e9), np.zeros(2)
    state = optimizer.init(theta)
    theta, state = optimizer.step(theta, np.array([1e-3, 1e-3]), state)
    before = theta
    theta, state = optimizer.step(theta, np.array([-1e-6, -1e-6]), state)
    assert (theta - before) @ np.array([-1e-6, -1e-6]) > 0
    assert state.average[0] < 0
    assert state.rate[0] == 0.0


def test_no_gradient_means_no_step_and_no_switch():
    optimizer, theta = SWATS(tolerance=1.0), np.ones(3)
    state = optimizer.init(theta)
    for _ in range(3):
        theta, state = optimizer.step(theta, np.zeros(3), state)
    np.testing.assert_array_equal(theta, np.ones(3))
    assert not state.rate.any()


def test_a_sweep_equals_the_loop_and_each_run_switches_when_it_will():
    lr, tolerance = np.array([[0.03], [0.1]]), np.array([1e-3, 1e-4, 1e-5])
    ends = sweep(SWATS(lr=lr, tolerance=tolerance), problems.beale, steps=60)
    switches = set()
    for i, j in np.ndindex(2, 3):
        one = SWATS(lr=lr[i, 0], tolerance=tolerance[j])
        path = minimize(one, problems.beale, steps=60)
        np.testing.assert_allclose(ends.theta[i, j], path.theta[-1], rtol=1e-8)
        switches.add(int(np.argmax(path.state.rate > 0)))
    assert switches == {0, 2, 27, 32}
