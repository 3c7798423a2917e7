"""The kernel that is printed from the trace gives NumPy's sweep, to rounding."""

import dataclasses
import math
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numba
import numpy as np
import pytest
from test_sweep import Normed
from test_trace import EPS, Everything

from optim_lessons import SGD, TRACED, Adam, Momentum, RMSprop, hyper_of, problems, sweep
from optim_lessons.contract import variant_name, variants
from optim_lessons.framework import Framework, SumOfSquares
from optim_lessons.problems import SURFACES
from optim_lessons.trace import numba as printer
from optim_lessons.trace import trace_function, trace_step

RAVINE = trace_function(problems.ravine.f), trace_function(problems.ravine.df)


def printed(text):
    """The functions of a printed text, not compiled."""
    names = {"np": np, "math": math, "prange": range}
    exec(text, names)
    return names


def one_step(method, step, n=1000):
    """What a printed step makes of n random inputs, and what the method's own makes of them."""
    rng = np.random.default_rng(4)
    hyper = {name: rng.uniform(0.01, 0.9, n) for name in hyper_of(method)}
    state = {name: rng.uniform(0.01, 0.9, n) for name in method.State._fields if name != "t"}
    if "g_bar" in state:  # no average square is below the square of the average
        state["v"] += state["g_bar"] ** 2
    counter = {"t": rng.integers(0, 100, n)} if "t" in method.State._fields else {}
    theta, g = rng.uniform(-2, 2, (2, n))

    leaves = {("hyper", name): x for name, x in hyper.items()} | {("state", "t"): counter.get("t")}
    powers = printer.looked_up(trace_step(method), scheduled=False).values()
    timed = [printer.evaluate(node, leaves) for node in powers]
    t = counter.get("t", np.zeros(n, int))
    inputs = [theta, g, t, *state.values(), *hyper.values(), *timed]
    rows = [step(*row) for row in zip(*(x.tolist() for x in inputs), strict=True)]
    found = dict(zip(["theta", *state], np.array(rows).T, strict=False))

    old = method.State(**counter, **state)
    new_theta, new = dataclasses.replace(method, **hyper).step(theta, g, old)
    return found, {"theta": new_theta} | new._asdict()


METHODS = [method for cls in TRACED.values() for method in variants(cls)]


@pytest.mark.parametrize("method", METHODS, ids=variant_name)
def test_the_printed_step_is_numpys_to_rounding(method):
    found, expected = one_step(method, printed(printer.source(trace_step(method), *RAVINE))["step"])
    for name, x in found.items():
        np.testing.assert_allclose(x, expected[name], rtol=8 * EPS, atol=8 * EPS)


def test_all_that_the_trace_can_read_compiles_and_is_numpys_to_rounding():
    text = printer.source(trace_step(Everything), *RAVINE)
    step = numba.njit(error_model="numpy")(printed(text)["step"])
    found, expected = one_step(Everything(), step)
    for name, x in found.items():
        np.testing.assert_allclose(x, expected[name], rtol=64 * EPS, atol=64 * EPS)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_printed_value_and_gradient_are_numpys_to_rounding(surface):
    rng = np.random.default_rng(5)
    x, y = (rng.uniform(*ends, 1000) for ends in surface.viewport)
    text = printer.source(trace_step(SGD), trace_function(surface.f), trace_function(surface.df))
    names = printed(text)
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    found = np.array([[names["value"](*p), *names["grad"](*p)] for p in points]).T
    for row, expected in zip(found, [surface.f(x, y), *surface.df(x, y)], strict=True):
        np.testing.assert_allclose(row, expected, rtol=0, atol=8 * EPS * np.abs(expected).max())


RUNS = {
    "Adam": (Adam(np.geomspace(1e-4, 0.05, 9)[:, None], beta1=[0.0, 0.5, 0.9, 0.99]), "beale", 300),
    "SGD": (SGD(np.geomspace(1e-5, 1e-3, 70)), "rosenbrock", 300),
    "RMSprop": (RMSprop(np.array([0.001, 0.01]), rho=np.array([[0.5], [0.9]])), "rastrigin", 100),
    "a single run": (Adam(0.05), "beale", 200),
    "no run": (Adam(np.ones((3, 0))), "beale", 200),
}


@pytest.mark.parametrize("run", RUNS)
def test_a_calm_sweep_is_numpys_within_1e_12(run):
    optimizer, surface, steps = RUNS[run]
    found, expected = (
        sweep(optimizer, SURFACES[surface], steps=steps, engine=engine)
        for engine in ("numba", "numpy")
    )
    np.testing.assert_allclose(found.theta, expected.theta, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.value, expected.value, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(found.diverged, expected.diverged)
    assert found.theta.dtype == found.value.dtype == float
    assert found.diverged.dtype == bool


def test_diverged_runs_stay_where_they_met_the_first_value_that_is_not_finite():
    optimizer = SGD(lr=np.geomspace(1e-4, 1e3, 70))
    found, expected = (
        sweep(optimizer, problems.rosenbrock, steps=40, engine=engine)
        for engine in ("numba", "numpy")
    )
    assert 10 < expected.diverged.sum() < 60
    np.testing.assert_array_equal(found.diverged, expected.diverged)
    np.testing.assert_allclose(found.theta, expected.theta, rtol=1e-9)
    np.testing.assert_array_equal(np.isfinite(found.value), np.isfinite(expected.value))


def _root(x, y):
    return np.sqrt(np.abs(x)) + y


def _root_df(x, y):
    return np.sign(x) / (2 * np.sqrt(np.abs(x))), 1 + 0 * y


def test_a_gradient_that_is_not_finite_ends_a_run_though_its_value_is_finite():
    """At x = 0, which a step of 2 from x = 1 meets exactly."""
    root = dataclasses.replace(problems.ravine, f=_root, df=_root_df, start=(1.0, 0.0))
    ends = sweep(SGD(lr=[0.1, 2.0]), root, steps=5, engine="numba")
    np.testing.assert_array_equal(ends.diverged, [False, True])
    np.testing.assert_array_equal(ends.theta[1], [0, -2])
    assert ends.value[1] == -2


def test_a_schedule_gives_the_rate_of_each_step():
    optimizer = Adam(beta1=np.linspace(0, 0.9, 40))
    found, expected = (
        sweep(optimizer, problems.beale, schedule=lambda t: 0.1 / t, engine=engine)
        for engine in ("numba", "numpy")
    )
    np.testing.assert_allclose(found.theta, expected.theta, rtol=1e-12)


def test_powers_of_the_step_are_numpys_and_within_one_unit_of_the_exact_ones():
    trace = trace_step(Adam)
    beta1, t = np.array([0.3, 0.9, 0.999]), np.arange(500)[:, None]
    leaves = {("state", "t"): t, ("hyper", "beta1"): beta1, ("hyper", "beta2"): 0.99}
    first, second = printer.looked_up(trace, scheduled=False).values()
    powers = printer.evaluate(first.args[1].args[1], leaves)  # first is 1 / (1 - beta1**t)
    np.testing.assert_array_equal(printer.evaluate(first, leaves), 1 / (1 - powers))
    np.testing.assert_array_equal(powers, beta1 ** (t + 1))
    exact = [[float(Fraction(b) ** int(k + 1)) for b in beta1] for k in t[:, 0]]
    np.testing.assert_allclose(powers, exact, rtol=2 * EPS)
    assert printer.evaluate(second, leaves).shape == (500, 1)


def test_a_method_on_a_surface_is_compiled_once():
    for rate in (0.01, 0.02):
        sweep(Adam(rate), problems.beale, engine="numba")
    text = printer.source(
        trace_step(Adam), trace_function(problems.beale.f), trace_function(problems.beale.df)
    )
    assert len(printer.compiled(text).signatures) == 1


def test_a_choice_of_rules_is_refused():
    choice = Framework(lr=[0.1, 0.2], psi=SumOfSquares(), eps=1e-3)
    with pytest.raises(TypeError, match="Numba cannot run Framework, a choice of rules"):
        sweep(choice, problems.beale, engine="numba")


def test_without_numba_the_error_says_how_to_get_it(monkeypatch):
    printer.compiled.cache_clear()
    printer.kernel_of.cache_clear()
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError, match=r"pip install numba"):
        sweep(Adam(), problems.beale, engine="numba")


def test_what_the_trace_cannot_read_is_refused_by_name():
    with pytest.raises(TypeError, match=r"the trace cannot read np\.sum"):
        sweep(Normed(), problems.beale, engine="numba")
    pair = problems.beale.value, problems.beale.grad
    with pytest.raises(TypeError, match=r"needs a problem with f\(x, y\) and df\(x, y\)"):
        sweep(Adam(), pair, problems.beale.start, engine="numba")
    with pytest.raises(ValueError, match="computes in float64, but theta0 is float32"):
        sweep(Adam(), problems.beale, np.ones(2, np.float32), engine="numba")
    with ThreadPoolExecutor() as pool, pytest.raises(ValueError, match="threads: pass no executor"):
        sweep(Momentum(), problems.beale, engine="numba", executor=pool)
