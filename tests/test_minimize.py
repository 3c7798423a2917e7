"""The loop: what it records, what it refuses, and how a run ends that meets no finite value."""

from types import SimpleNamespace

import numpy as np
import pytest

from optim_lessons import (
    FTRL,
    SGD,
    TRACED,
    Adadelta,
    Adagrad,
    Adam,
    Momentum,
    hyper_of,
    minimize,
    problems,
    sweep,
    validate,
)

BOWL = (lambda theta: 0.5 * np.sum(theta**2), lambda theta: theta)

every_optimizer = pytest.mark.parametrize("cls", TRACED.values(), ids=TRACED)
every_hyperparameter = pytest.mark.parametrize(
    ("cls", "name"), [(cls, name) for cls in TRACED.values() for name in hyper_of(cls)]
)


@every_optimizer
def test_row_k_is_the_point_after_k_steps(cls):
    optimizer, problem = cls(lr=0.01), problems.himmelblau
    path = minimize(optimizer, problem, steps=5)
    assert path.steps == 5
    theta = np.array(problem.start)
    state = optimizer.init(theta)
    for k in range(6):
        np.testing.assert_array_equal(path.theta[k], theta)
        assert path.value[k] == problem.value(theta)
        np.testing.assert_array_equal(path.grad[k], problem.grad(theta))
        for recorded, field in zip(path.state, state, strict=True):
            np.testing.assert_array_equal(recorded[k], field)
        theta, state = optimizer.step(theta, problem.grad(theta), state)


def test_any_pair_of_functions_and_any_shape_of_theta_serves():
    for shape in [(), (5,), (2, 3)]:
        path = minimize(SGD(lr=0.5), BOWL, theta0=np.ones(shape), steps=3)
        assert path.theta.shape == (4, *shape)
        np.testing.assert_array_equal(path.theta[-1], np.full(shape, 0.125))


def test_no_steps_leave_one_row():
    path = minimize(Adam(), problems.beale, steps=0)
    assert (path.steps, len(path.theta), path.diverged) == (0, 1, False)


def test_a_whole_number_start_becomes_a_float_and_float32_stays():
    assert minimize(SGD(), problems.ravine, theta0=[3, 1]).theta.dtype == np.float64
    path = minimize(SGD(), problems.ravine, theta0=np.array([3, 1], np.float32))
    assert path.theta.dtype == np.float32


def test_a_problem_may_write_its_gradients_into_one_array():
    buffer = np.zeros(2)

    def grad(theta):
        buffer[:] = theta
        return buffer

    path = minimize(SGD(lr=0.5), (BOWL[0], grad), theta0=np.ones(2), steps=2)
    np.testing.assert_array_equal(path.grad, path.theta)


@every_hyperparameter
@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf, np.array([0.1, -0.1]), "0.1", None])
@pytest.mark.parametrize(
    "use",
    [validate, lambda o: minimize(o, problems.beale), lambda o: sweep(o, problems.beale)],
    ids=["validate", "minimize", "sweep"],
)
def test_a_bad_hyperparameter_is_named_with_its_value_and_interval(cls, name, bad, use):
    with pytest.raises(
        ValueError, match=rf"^{cls.__name__}: {name} = .* is outside [\[(]"
    ) as error:
        use(cls(**{name: bad}))
    assert repr(bad) in str(error.value)
    assert hyper_of(cls)[name].interval in str(error.value)


DECAYS = [(o, n) for o in TRACED.values() for n, h in hyper_of(o).items() if h.scale == "one_minus"]


@pytest.mark.parametrize(("cls", "name"), DECAYS)
@pytest.mark.parametrize("run", [minimize, sweep])
def test_a_decay_of_one_is_refused(cls, name, run):
    assert {(Momentum, "momentum"), (Adam, "beta1")} < set(DECAYS)
    with pytest.raises(ValueError, match=rf"{name} = 1.0 is outside \[0, 1\)"):
        run(cls(**{name: 1.0}), problems.beale)


@every_optimizer
def test_zero_is_a_valid_learning_rate_and_the_defaults_are_valid(cls):
    validate(cls())
    if cls is FTRL:  # it divides by the learning rate
        with pytest.raises(ValueError, match=r"FTRL: lr = 0.0 is outside \(0, inf\)"):
            validate(FTRL(lr=0.0))
    else:
        validate(cls(lr=0.0))


@pytest.mark.parametrize("run", [minimize, sweep])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"problem": problems.beale, "theta0": np.zeros(3)}, r"theta0 has shape \(3,\).*\(2,\)"),
        ({"problem": problems.beale, "theta0": np.zeros((4, 2))}, r"theta0 has shape \(4, 2\)"),
        ({"problem": problems.beale, "theta0": [np.nan, 1]}, "theta0 = .* must be finite"),
        ({"problem": problems.beale, "steps": -1}, "steps = -1 must be at least 0"),
        ({"problem": BOWL}, "theta0 is missing"),
        (
            {"problem": (BOWL[0], lambda theta: theta[:1]), "theta0": np.ones(2)},
            r"grad\(theta\) has shape \(1,\), but theta has \(2,\)",
        ),
        ({"problem": (np.cos, np.sin), "theta0": np.ones(2)}, r"value\(theta\) has shape \(2,\)"),
    ],
)
def test_bad_arguments_are_refused_with_what_was_given(run, arguments, words):
    with pytest.raises(ValueError, match=words):
        run(SGD(), **arguments)


@every_optimizer
def test_an_objective_that_returns_nan_marks_the_path_diverged(cls):
    """Beyond x = 0.5 the loss is not a number; the gradient leads there."""
    objective = (lambda theta: np.sqrt(0.5 - theta[0]), lambda theta: np.array([-1.0, 0.0]))
    lr = 10.0 if cls is Adadelta else 0.1  # its own rate of 1 begins with steps of 0.003
    path = minimize(cls(lr=lr), objective, theta0=np.zeros(2), steps=200)
    assert path.diverged
    assert 0 < path.steps < 200
    assert np.isnan(path.value[-1])
    assert np.isfinite(path.value[:-1]).all()
    assert path.theta[-1, 0] > 0.5 >= path.theta[-2, 0]


def test_an_objective_that_is_nan_at_once_leaves_its_start():
    path = minimize(Adam(), (lambda theta: np.nan, BOWL[1]), theta0=np.ones(2))
    assert (path.diverged, path.steps) == (True, 0)
    np.testing.assert_array_equal(path.theta, [[1, 1]])


def test_overflow_ends_the_run_with_what_was_computed_and_without_a_warning():
    path = minimize(SGD(lr=1.0), problems.rosenbrock, steps=200)
    assert path.diverged
    assert 0 < path.steps < 20
    assert len(path.theta) == len(path.value) == len(path.grad) == path.steps + 1
    assert np.isfinite(path.theta[:-1]).all()
    assert np.isfinite(path.value[:-1]).all()
    assert not (np.isfinite(path.value[-1]) and np.isfinite(path.grad[-1]).all())


def test_division_by_zero_in_adagrad_without_epsilon_is_marked_too():
    path = minimize(Adagrad(eps=0.0), problems.ravine, theta0=[1.0, 0.0], steps=5)
    assert path.diverged


def test_project_keeps_every_point_after_the_start_in_the_set():
    path = minimize(SGD(lr=0.1), problems.saddle, steps=50, project=lambda u: np.clip(u, -1, 1))
    assert np.abs(path.theta).max() == 1.0
    np.testing.assert_array_equal(path.theta[-1, 1], 1.0)


class Noisy:
    """A bowl whose gradient is that of a bowl with a random bottom."""

    start = (1.0, 1.0)
    value, grad = (staticmethod(f) for f in BOWL)

    def __init__(self):
        self.asked = []

    def sample(self, t, rng):
        self.asked.append(t)
        bottom = 0.1 * rng.standard_normal(2)
        return SimpleNamespace(grad=lambda theta: theta - bottom)


def test_a_random_problem_needs_a_generator():
    with pytest.raises(ValueError, match=r"pass rng=np.random.default_rng"):
        minimize(SGD(), Noisy())


def test_step_t_uses_the_gradient_of_sample_t_and_the_value_of_the_whole():
    problem = Noisy()
    path = minimize(SGD(lr=0.5), problem, steps=10, rng=np.random.default_rng(1))
    assert problem.asked[:10] == list(range(1, 11))
    np.testing.assert_array_equal(path.theta[1:], path.theta[:-1] - 0.5 * path.grad[:-1])
    np.testing.assert_array_equal(path.value, [BOWL[0](theta) for theta in path.theta])
    assert not np.allclose(path.grad, path.theta, atol=1e-3)


def test_the_same_seed_gives_the_same_path_and_another_one_another():
    a, b, c = (minimize(Adam(), Noisy(), rng=np.random.default_rng(s)).theta for s in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)
