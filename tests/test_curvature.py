"""Newton, conjugate gradients and L-BFGS against SciPy, PyTorch and the theorems about them."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize
from scipy.sparse.linalg import cg
from torch.optim.lbfgs import _strong_wolfe as strong_wolfe_of_torch

from optim_lessons import LBFGS, SGD, ConjugateGradient, Newton, minimize, problems
from optim_lessons.contract import variant_name, variants
from optim_lessons.optimizers.lbfgs import inverse_hessian_times
from optim_lessons.optimizers.line_search import Trial, cubic_minimum, strong_wolfe

settings.register_profile("book", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("book")

ROSENBROCK = SimpleNamespace(
    value=optimize.rosen,
    grad=optimize.rosen_der,
    hessian=optimize.rosen_hess,
    hvp=optimize.rosen_hess_prod,
)
START = np.linspace(-1.0, 1.5, 10)


def quadratic(eigenvalues, seed=0):
    """0.5 x.H x - b.x with a Hessian of these eigenvalues, in random directions; and its bottom."""
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues),) * 2))
    h, b = q * np.asarray(eigenvalues, float) @ q.T, rng.standard_normal(len(eigenvalues))
    h = (h + h.T) / 2
    return SimpleNamespace(
        value=lambda x: 0.5 * x @ h @ x - b @ x,
        grad=lambda x: h @ x - b,
        hessian=lambda x: h,
        hvp=lambda x, p: h @ p,
        h=h,
        b=b,
        start=np.zeros(len(b)),
        bottom=np.linalg.solve(h, b),
    )


# Newton


def test_newton_ends_on_a_quadratic_after_one_step():
    problem = quadratic([1, 2, 50, 1000])
    path = minimize(Newton(), problem, steps=1)
    np.testing.assert_allclose(path.theta[1], problem.bottom, rtol=1e-12)


@pytest.mark.parametrize("lr", [0.5, 0.1])
def test_a_shorter_newton_step_shrinks_the_error_alike_in_all_directions(lr):
    problem = quadratic([1, 2, 50, 1000])
    path = minimize(Newton(lr=lr), problem, steps=5)
    errors = path.theta - problem.bottom
    np.testing.assert_allclose(errors[1:], (1 - lr) * errors[:-1], rtol=1e-9)


def test_newton_is_quadratic_near_the_minimum_of_scipys_rosenbrock():
    """Each error is at most a constant times the square of the one before: digits double."""
    path = minimize(Newton(), ROSENBROCK, theta0=np.full(4, 0.98), steps=6)
    error = np.linalg.norm(path.theta - 1, axis=1)
    assert (error[1:] <= 60 * error[:-1] ** 2).all()
    assert error[3] > 1e-4
    assert error[6] < 1e-15


def test_newton_goes_to_the_saddle_and_damping_leads_away_from_it():
    """The Hessian of x^2 - y^2 has eigenvalues 2 and -2."""
    hessian = {"hessian": lambda x: np.diag([2.0, -2.0])}
    saddle = SimpleNamespace(value=problems.saddle.value, grad=problems.saddle.grad, **hessian)
    start = [1.0, 0.001]
    np.testing.assert_array_equal(minimize(Newton(), saddle, start, steps=1).theta[1], [0, 0])
    path = minimize(Newton(damping=3.0), saddle, start, steps=10)
    assert (np.diff(path.value) < 0).all()
    assert abs(path.theta[-1, 1]) > 1


def test_a_large_damping_makes_newton_gradient_descent():
    path = minimize(Newton(lr=1e12 * 0.001, damping=1e12), ROSENBROCK, theta0=START, steps=20)
    plain = minimize(SGD(lr=0.001), ROSENBROCK, theta0=START, steps=20)
    np.testing.assert_allclose(path.theta, plain.theta, rtol=1e-6)


def test_a_singular_hessian_is_a_diverged_run_that_keeps_what_it_had():
    flat = SimpleNamespace(
        value=lambda x: x[0] ** 2, grad=lambda x: 2 * x * [1, 0], hessian=lambda x: np.diag([2, 0])
    )
    path = minimize(Newton(), flat, theta0=[1.0, 1.0], steps=3)
    assert (path.diverged, path.steps) == (True, 1)
    np.testing.assert_array_equal(path.theta[0], [1, 1])
    assert not minimize(Newton(damping=1.0), flat, theta0=[1.0, 1.0], steps=3).diverged


def test_newton_steps_leading_axes_as_independent_runs():
    points = np.random.default_rng(1).uniform(0.5, 1.5, (3, 4))
    oracle = SimpleNamespace(hessian=lambda x: np.array([optimize.rosen_hess(row) for row in x]))
    g = np.array([optimize.rosen_der(row) for row in points])
    together, _ = Newton().step(points, g, Newton().init(points), oracle)
    for row, moved in zip(points, together, strict=True):
        path = minimize(Newton(), ROSENBROCK, theta0=row, steps=1)
        np.testing.assert_allclose(moved, path.theta[1], rtol=1e-12)


# Conjugate gradients

EXACT = [ConjugateGradient(exact=True), ConjugateGradient(exact=True, fletcher_reeves=True)]
every_exact = pytest.mark.parametrize("optimizer", EXACT, ids=["PR+", "FR"])


@every_exact
def test_exact_conjugate_gradients_equal_scipys_cg_at_every_step(optimizer):
    problem = quadratic(np.geomspace(1, 10, 12))
    iterates = [problem.start]
    cg(
        problem.h,
        problem.b,
        x0=problem.start,
        rtol=0,
        atol=1e-9,
        callback=lambda x: iterates.append(x.copy()),
    )
    assert len(iterates) > 12
    path = minimize(optimizer, problem, steps=len(iterates) - 1)
    np.testing.assert_allclose(path.theta, iterates, atol=1e-9)


@every_exact
@pytest.mark.parametrize(
    "eigenvalues", [[1], [3, 3, 3], [1, 1, 9], [1, 4, 9, 9, 4], range(1, 7)], ids=str
)
def test_it_ends_after_as_many_steps_as_there_are_eigenvalues(optimizer, eigenvalues):
    """Numbers of the book, row 16; it is the different eigenvalues that count."""
    problem, different = quadratic(eigenvalues), len(set(eigenvalues))
    path = minimize(optimizer, problem, steps=different)
    errors = np.linalg.norm(path.theta - problem.bottom, axis=1) / np.linalg.norm(problem.bottom)
    assert errors[-1] < 1e-12
    assert errors[-2] > 1e-3


@every_exact
def test_its_steps_are_conjugate_and_its_gradients_orthogonal(optimizer):
    problem = quadratic([1, 3, 7, 20, 50])
    path = minimize(optimizer, problem, steps=5)
    moved = np.diff(path.theta, axis=0)
    for vectors, metric in ((moved, problem.h), (path.grad[:-1], np.eye(5))):
        products = vectors @ metric @ vectors.T
        sizes = np.sqrt(np.diag(products))
        np.testing.assert_allclose(products / np.outer(sizes, sizes), np.eye(5), atol=1e-9)


def test_the_line_search_finds_the_exact_step_on_a_quadratic_so_all_forms_are_one():
    problem = quadratic([1, 2, 4])
    paths = [minimize(o, problem, steps=3).theta for o in variants(ConjugateGradient)]
    for path in paths:
        assert np.linalg.norm(path[-1] - problem.bottom) < 0.2 * np.linalg.norm(problem.bottom)
    np.testing.assert_allclose(paths[1], paths[3], atol=1e-12)


def test_an_exact_step_against_negative_curvature_goes_to_the_stationary_point_of_its_line():
    problem = quadratic([-1.0, -1.0])
    path = minimize(ConjugateGradient(exact=True), problem, theta0=[3.0, 4.0], steps=1)
    np.testing.assert_allclose(problem.grad(path.theta[1]), 0, atol=1e-12)
    assert path.value[1] > path.value[0]


@pytest.mark.parametrize("optimizer", variants(ConjugateGradient), ids=variant_name)
def test_a_direction_that_climbs_is_replaced_by_the_gradients(optimizer):
    bowl = quadratic([1.0, 1.0])
    theta = bowl.bottom + np.array([1.0, 0.0])
    state = optimizer.State(g=np.array([-1.0, 0.0]), p=np.array([10.0, 5.0]), drop=0.0)
    new, state = optimizer.step(theta, bowl.grad(theta), state, bowl)
    np.testing.assert_allclose(state.p, [-1, 0], atol=1e-12)
    np.testing.assert_allclose(new, bowl.bottom, atol=1e-12)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_a_direction_that_does_not_descend_is_replaced_too(shift):
    """Fletcher and Reeves's factor is 1: p = -g + old p is orthogonal to g, or climbs a bit."""
    optimizer, oracle = ConjugateGradient(True, exact=True), SimpleNamespace(hvp=lambda x, p: p)
    state = optimizer.State(g=np.array([0.0, 1.0]), p=np.array([1 + shift, 2.0]), drop=0.0)
    _, state = optimizer.step(np.ones(2), np.array([1.0, 0.0]), state, oracle)
    np.testing.assert_array_equal(state.p, [-1, 0])


@pytest.mark.parametrize("optimizer", [LBFGS(), ConjugateGradient()], ids=["LBFGS", "PR+"])
@pytest.mark.parametrize(("size", "first"), [(0.5, 1.0), (1.5, 1 / 1.5), (8.0, 1 / 8)])
def test_the_first_trial_of_all_is_as_long_as_the_gradient_but_no_longer_than_1(
    optimizer, size, first
):
    asked = []

    def value(theta):
        asked.append(theta[0])
        return size * theta[0] + 1e-3 * theta[0] ** 2

    oracle = SimpleNamespace(value=value, grad=lambda theta: size + 2e-3 * theta)
    theta = np.zeros(1)
    optimizer.step(theta, oracle.grad(theta), optimizer.init(theta), oracle)
    assert asked[1] == pytest.approx(-size * first)


NONLINEAR = [LBFGS(), LBFGS(memory=4), ConjugateGradient()]


@pytest.mark.parametrize("optimizer", NONLINEAR, ids=["LBFGS", "LBFGS-4", "PR+"])
@pytest.mark.parametrize(
    ("problem", "start"),
    [
        (ROSENBROCK, np.full(6, 0.3)),
        (problems.beale, None),
        (quadratic(np.geomspace(1, 1e3, 8)), None),
    ],
    ids=["rosenbrock", "beale", "quadratic"],
)
def test_they_reach_the_minimum_that_scipys_own_method_reaches(optimizer, problem, start):
    path = minimize(optimizer, problem, start, steps=200)
    method = "L-BFGS-B" if isinstance(optimizer, LBFGS) else "CG"
    found = optimize.minimize(
        problem.value, path.theta[0], jac=problem.grad, method=method, tol=1e-10
    )
    np.testing.assert_allclose(path.theta[-1], found.x, atol=1e-4)
    assert path.value[-1] <= found.fun + 1e-10
    assert (np.diff(path.value) <= 1e-12 * np.abs(path.value[:-1])).all()


def test_fletcher_reeves_may_creep_where_polak_ribiere_does_not():
    """Powell 1977: after one bad direction it takes many small steps; PR+ begins anew instead."""
    paths = [
        minimize(ConjugateGradient(fr), ROSENBROCK, np.full(6, 0.3), 400) for fr in (False, True)
    ]
    assert paths[0].value[100] < 1e-10
    assert 1e-4 < paths[1].value[400] < 0.1 < paths[1].value[100]


# L-BFGS


def torch_path(problem, start, steps, lr, memory):
    """PyTorch's points, and how often it asked for the gradient."""
    x = torch.tensor(np.array(start, float))
    optimizer = torch.optim.LBFGS(
        [x],
        lr=lr,
        max_iter=1,
        max_eval=26,  # one at the point, and 25 trials
        tolerance_grad=0,
        tolerance_change=0,
        history_size=memory,
        line_search_fn="strong_wolfe",
    )
    asked = 0

    def closure():
        nonlocal asked
        asked += 1
        x.grad = torch.tensor(problem.grad(x.numpy().copy()))
        return float(problem.value(x.numpy()))

    path = [x.numpy().copy()]
    for _ in range(steps):
        optimizer.step(closure)
        path.append(x.numpy().copy())
    return np.array(path), asked


@pytest.mark.parametrize("lr", [1.0, 0.3, 3.0])
@pytest.mark.parametrize("memory", [100, 3])
@pytest.mark.parametrize(
    ("problem", "start", "steps"),
    [
        (problems.rosenbrock, problems.rosenbrock.start, 25),
        (ROSENBROCK, START, 20),
        (problems.beale, problems.beale.start, 12),
        (problems.himmelblau, problems.himmelblau.start, 8),
        (problems.rastrigin, problems.rastrigin.start, 6),
        (quadratic(np.geomspace(1, 100, 20)), np.zeros(20), 20),
    ],
    ids=["rosenbrock", "rosenbrock-10", "beale", "himmelblau", "rastrigin", "quadratic"],
)
def test_lbfgs_equals_pytorch_at_every_step(problem, start, steps, memory, lr):
    """To rounding, which the curved valley amplifies; and it tries as many points as PyTorch."""
    asked = 0

    def grad(x):
        nonlocal asked
        asked += 1
        return problem.grad(x)

    path = minimize(LBFGS(lr=lr, memory=memory), (problem.value, grad), start, steps=steps)
    theirs, asked_by_torch = torch_path(problem, start, steps, lr, memory)
    np.testing.assert_allclose(path.theta[:11], theirs[:11], atol=1e-9)
    np.testing.assert_allclose(path.theta, theirs, atol=1e-6)
    assert asked == asked_by_torch + 1  # the last row of the path


def test_lbfgs_equals_pytorch_when_the_learning_rate_changes():
    theirs = torch.tensor(np.array(problems.rosenbrock.start))
    optimizer = torch.optim.LBFGS(
        [theirs], max_iter=1, max_eval=26, history_size=100, line_search_fn="strong_wolfe"
    )

    def closure():
        theirs.grad = torch.tensor(problems.rosenbrock.grad(theirs.numpy().copy()))
        return float(problems.rosenbrock.value(theirs.numpy()))

    rates = [1.0, 0.5, 0.1, 2.0, 1.0]
    path = minimize(LBFGS(), problems.rosenbrock, steps=5, schedule=lambda t: rates[t - 1])
    for lr, point in zip(rates, path.theta[1:], strict=True):
        optimizer.param_groups[0]["lr"] = lr
        optimizer.step(closure)
        np.testing.assert_allclose(point, theirs, rtol=1e-12)


@pytest.mark.parametrize("memory", [1, 5, 100])
def test_the_inverse_hessian_is_scipys_at_every_step(memory):
    """SciPy's begins with 1, ours with gamma: H(gamma; s, y) = gamma H(1; s / gamma, y)."""
    path = minimize(LBFGS(memory=memory), ROSENBROCK, START, steps=30)
    state, directions = path.state, np.diff(path.theta, axis=0)
    for k in range(1, 30):
        pairs = state.pairs[k + 1]
        s, y = (x[k + 1, memory - pairs :] for x in (state.s, state.y))
        assert pairs == min(k, memory)
        gamma = s[-1] @ y[-1] / (y[-1] @ y[-1])
        expected = -gamma * optimize.LbfgsInvHessProduct(s / gamma, y).matvec(path.grad[k])
        length = np.linalg.norm(directions[k]) / np.linalg.norm(expected)
        np.testing.assert_allclose(directions[k], length * expected, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(s[-1], directions[k - 1], atol=1e-12)
        np.testing.assert_allclose(y[-1], path.grad[k] - path.grad[k - 1], atol=1e-9)


@given(seed=st.integers(0, 10**6), d=st.integers(1, 6), n=st.integers(1, 4))
def test_the_inverse_hessian_meets_the_secant_equation_and_is_symmetric_and_positive(seed, d, n):
    rng = np.random.default_rng(seed)
    h = quadratic(rng.uniform(0.5, 5, d), seed).h
    s = rng.standard_normal((n, d))
    y = s @ h
    inverse = np.array([inverse_hessian_times(e, s, y) for e in np.eye(d)])
    np.testing.assert_allclose(inverse_hessian_times(y[-1], s, y), s[-1], atol=1e-8)
    np.testing.assert_allclose(inverse, inverse.T, atol=1e-8 * np.abs(inverse).max())
    assert np.linalg.eigvalsh((inverse + inverse.T) / 2).min() > 0


def test_a_pair_without_positive_curvature_is_not_kept():
    optimizer, theta, g = LBFGS(memory=3), np.zeros(2), np.array([1.0, 0.0])
    linear = SimpleNamespace(value=lambda x: x[0], grad=lambda x: np.array([1.0, 0.0]))
    state = optimizer.init(theta)
    for t in range(1, 4):
        theta, state = optimizer.step(theta, g, state, linear)
        assert (state.t, state.pairs) == (t, 0)
    assert theta[0] < -1e3  # and the search goes on down the slope


def test_a_pair_of_functions_is_problem_enough_and_where_the_gradient_is_zero_nothing_moves():
    bowl = (lambda x: 0.5 * np.sum(x**2), lambda x: x)
    for optimizer in NONLINEAR:
        path = minimize(optimizer, bowl, theta0=[3.0, -4.0], steps=5)
        np.testing.assert_allclose(path.theta[-1], 0, atol=1e-12)
        rest = minimize(optimizer, bowl, theta0=[0.0, 0.0], steps=3)
        np.testing.assert_array_equal(rest.theta, np.zeros((4, 2)))
        assert not rest.diverged


# The line search

coefficients = st.tuples(*[st.floats(-3, 3).map(lambda x: round(x, 3))] * 3)


@given(
    coefficients=coefficients,
    first=st.floats(0.01, 10),
    c1=st.sampled_from([1e-4, 0.3]),
    c2=st.sampled_from([0.31, 0.5, 0.9]),
)
def test_the_length_found_satisfies_the_strong_wolfe_conditions(coefficients, first, c1, c2):
    """On t^4 and lower terms, which has one to three stationary points; and SciPy's length does."""
    line = np.polynomial.Polynomial([0.0, *coefficients, 1.0])
    slope = line.deriv()(0.0)
    assume(slope < -1e-2)

    def holds(t):
        enough = line(t) <= c1 * t * slope + 1e-15
        return enough and abs(line.deriv()(t)) <= c2 * abs(slope) * (1 + 1e-9)

    t = strong_wolfe(lambda t: (line(t), line.deriv()(t)), 0.0, slope, first, c1, c2)
    assert t > 0
    assert holds(t)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optimize._linesearch.LineSearchWarning)
        theirs = optimize.line_search(
            lambda x: line(x[0]), lambda x: line.deriv()(x), np.zeros(1), np.ones(1), c1=c1, c2=c2
        )[0]
    assert theirs is None or holds(theirs)


@given(
    coefficients=coefficients,
    ends=st.tuples(st.floats(-2, 2), st.floats(0.1, 3)).map(lambda e: (e[0], e[0] + e[1])),
    flip=st.booleans(),
)
def test_the_cubic_through_two_trials_of_a_cubic_is_that_cubic(coefficients, ends, flip):
    line = np.polynomial.Polynomial([1.0, *coefficients])
    trials = [Trial(t, line(t), line.deriv()(t)) for t in ends]
    t = cubic_minimum(*(trials[::-1] if flip else trials), *ends)
    assert ends[0] <= t <= ends[1]
    if ends[0] + 1e-3 < t < ends[1] - 1e-3 and abs(t - sum(ends) / 2) > 1e-9:
        assert abs(line.deriv()(t)) < 1e-5
        assert line.deriv(2)(t) > -1e-5


def test_a_flat_place_without_enough_decrease_is_not_taken():
    """t^2 - 2t at 1.9: the slope 1.8 would do for c2 = 0.95, the decrease 0.19 would not."""
    t = strong_wolfe(lambda t: (t**2 - 2 * t, 2 * t - 2), 0.0, -2.0, t=1.9, c1=0.1, c2=0.95)
    assert t == pytest.approx(1)


def test_the_length_found_is_pytorchs_on_lines_that_wiggle():
    """Many dips, first lengths from 1e-3 to 1e2, few or many trials: every rule gets its turn."""
    rng = np.random.default_rng(8)
    ends = set()
    for _ in range(500):
        a, w = rng.normal(size=3), rng.uniform(0.2, 6, 3)
        shift, (tilt, bowl) = rng.uniform(0, 6, 3), rng.choice([[-2, 0], [0, 0.05], [0, 1.0]])
        first, size = 10.0 ** rng.uniform(-3, 2), 2.0 ** rng.integers(-36, 3)
        trials, c2 = (
            int(rng.choice([1, 2, 3, 6] if tilt else [1, 3, 8, 25])),
            float(rng.choice([1e-3, 0.1, 0.9])),
        )
        ours, theirs = [], []

        def along(t, asked, a=a, w=w, shift=shift, tilt=tilt, bowl=bowl):
            t = float(t)
            asked.append(t)
            value = a @ np.sin(w * t + shift) + tilt * t + bowl * t**2
            return float(value), float((a * w) @ np.cos(w * t + shift) + tilt + 2 * bowl * t)

        f, slope = along(0.0, [])
        if slope > -1e-3:
            continue

        def objective(x, t, d, along=along, theirs=theirs, size=size):
            value, slope = along(t, theirs)
            return value, torch.tensor([slope / size], dtype=torch.float64)

        d = torch.tensor([size], dtype=torch.float64)
        g, gtd = (
            torch.tensor([slope / size], dtype=torch.float64),
            torch.tensor(slope, dtype=torch.float64),
        )
        *_, expected, _ = strong_wolfe_of_torch(
            objective, None, first, d, f, g, gtd, c2=c2, max_ls=trials
        )
        t = strong_wolfe(
            lambda t, to=ours, on=along: on(t, to), f, slope, first, c2=c2, size=size, trials=trials
        )
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)
        assert t == pytest.approx(float(expected), rel=1e-9)
        ends.add((len(ours), t == 0))
    assert len(ends) > 10


def test_the_length_found_is_pytorchs_whatever_the_line_answers():
    """Answers drawn at random, which need not belong to any function: each rule decides alike."""
    for seed in range(400):
        rng = np.random.default_rng(seed)
        c1 = (1e-4, 3.0)[seed % 2]  # how much decrease is enough decides in half of the cases
        values, slopes = rng.normal(-5, 5, 9), rng.normal(-2, 1, 9)
        if seed >= 200:  # many that are lower, but not low enough, and of either slope
            values, slopes = rng.uniform(-3, 1, 9), rng.normal(0, 3, 9)
        answers = list(zip(values, slopes, strict=True))
        ours, theirs = [], []

        def along(t, asked, answers=answers):
            asked.append(float(t))
            return answers[len(asked) - 1]

        def objective(x, t, d, along=along, theirs=theirs):
            value, slope = along(t, theirs)
            return float(value), torch.tensor([slope])

        one, gtd = torch.tensor([1.0], dtype=torch.float64), torch.tensor(-1.0).double()
        *_, expected, _ = strong_wolfe_of_torch(
            objective, None, 1.0, one, 0.0, -one, gtd, c1=c1, c2=0.1, max_ls=8
        )
        t = strong_wolfe(lambda t, to=ours, on=along: on(t, to), 0.0, -1.0, 1.0, c1, 0.1, trials=8)
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)
        assert t == pytest.approx(float(expected), rel=1e-9)


def test_a_loss_that_is_not_finite_beyond_a_wall_is_no_trap():
    def along(t):
        return (np.nan, np.nan) if t > 0.3 else ((t - 0.2) ** 2, 2 * (t - 0.2))

    for wall in (np.nan, np.inf, -np.nan):
        t = strong_wolfe(lambda t, w=wall: along(t) if t <= 0.3 else (w, w), 0.04, -0.4, 1.0)
        assert 0 < t <= 0.3
    log = SimpleNamespace(value=lambda x: x[0] - np.log(x[0]), grad=lambda x: 1 - 1 / x)
    for optimizer in NONLINEAR:
        path = minimize(optimizer, log, theta0=[1e-3], steps=30)
        np.testing.assert_allclose(path.theta[-1], [1.0], atol=1e-6)
        assert not path.diverged


def test_the_search_gives_up_after_its_trials_at_the_best_length_seen():
    asked = []

    def along(t):
        asked.append(t)
        return -t, -1.0

    best = strong_wolfe(along, 0.0, -1.0, 1.0, trials=6)
    assert len(asked) == 7
    assert best == max(asked)
    assert strong_wolfe(lambda t: (1.0, 1.0), 0.0, -1.0, 1.0) == 0.0


# What is refused


@pytest.mark.parametrize("optimizer", [LBFGS(), ConjugateGradient()])
@pytest.mark.parametrize("shape", [(), (2, 3)])
def test_a_theta_that_is_no_vector_is_refused(optimizer, shape):
    bowl = (lambda x: 0.5 * np.sum(x**2), lambda x: x)
    with pytest.raises(ValueError, match=r"(couples 1 axes|steps a vector), but theta0? has shape"):
        minimize(optimizer, bowl, theta0=np.ones(shape))


@pytest.mark.parametrize(
    ("optimizer", "missing"),
    [(Newton(), "hessian"), (ConjugateGradient(exact=True), "hvp")],
)
def test_a_problem_that_cannot_answer_is_refused(optimizer, missing):
    bowl = (lambda x: 0.5 * np.sum(x**2), lambda x: x)
    with pytest.raises(ValueError, match=f"this optimizer needs a problem with {missing}"):
        minimize(optimizer, bowl, theta0=np.ones(2))
