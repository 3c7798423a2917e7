"""The loop: what it records, what it refuses, and how a run ends that meets no finite value."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

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
    minimize,
    problems,
    validate,
)
from optim_lessons.contract import count, variant_name, variant_title, variants, with_lr

BOWL = (lambda theta: 0.5 * np.sum(theta**2), lambda theta: theta)

every_optimizer = pytest.mark.parametrize("cls", TRACED.values(), ids=TRACED)


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


@every_optimizer
def test_zero_is_a_valid_learning_rate_and_the_defaults_are_valid(cls):
    validate(cls())
    if cls is FTRL:  # it divides by the learning rate
        with pytest.raises(ValueError, match=r"FTRL: lr = 0.0 is outside \(0, inf\)"):
            validate(FTRL(lr=0.0))
    else:
        validate(cls(lr=0.0))


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


@dataclass(frozen=True, eq=False)
class Reporter(SGD):
    """Gradient descent that asks for the value and a second gradient, and reports an average."""

    inner: object = SGD(lr=0.1)
    needs = ("value", "grad")

    class State(NamedTuple):
        average: object
        asked: object
        nested: dict

    def init(self, theta):
        return self.State(theta, np.zeros(()), {"inner": self.inner.init(theta)})

    def step(self, theta, g, state, oracle):
        np.testing.assert_array_equal(oracle.grad(theta), g)
        inner = {"inner": self.inner.step(theta, g, state.nested["inner"])[1]}
        theta = theta - self.lr * g
        return theta, self.State((state.average + theta) / 2, oracle.value(theta), inner)

    def output(self, theta, state):
        return state.average


def test_a_method_gets_what_it_needs_and_its_reported_point_is_recorded():
    path = minimize(Reporter(lr=0.5), BOWL, theta0=np.ones(2), steps=3)
    np.testing.assert_array_equal(path.theta[:, 0], [1, 0.75, 0.5, 0.3125])
    np.testing.assert_array_equal(path.value, path.theta[:, 0] ** 2)
    np.testing.assert_array_equal(path.grad[:, 0], [1, 0.5, 0.25, 0.125])
    np.testing.assert_array_equal(path.state.asked, [0, 0.25, 0.0625, 0.015625])


def test_nested_states_are_stacked_step_by_step():
    class Ball(Reporter):
        pass

    path = minimize(Ball(inner=Momentum(momentum=0.5)), BOWL, theta0=np.ones(2), steps=2)
    m = path.state.nested["inner"].m
    assert m.shape == (3, 2)
    np.testing.assert_allclose(m[:, 0], [0, 1, 1.49])


def test_a_problem_that_lacks_what_a_method_needs_is_refused_with_its_name():
    class Curious(Reporter):
        needs = ("value", "hessian")

    with pytest.raises(ValueError, match="needs a problem with hessian"):
        minimize(Curious(), BOWL, theta0=np.ones(2))


def test_a_method_that_couples_axes_refuses_a_theta_with_fewer():
    class Rows(SGD):
        couples = 2

    with pytest.raises(ValueError, match=r"Rows couples 2 axes, but theta0 has shape \(3,\)"):
        minimize(Rows(), BOWL, theta0=np.ones(3))


def test_a_schedule_gives_the_learning_rate_of_step_t():
    path = minimize(SGD(lr=9.0), BOWL, theta0=np.ones(1), steps=3, schedule=lambda t: 1 / (t + 1))
    np.testing.assert_allclose(path.theta[:, 0], [1, 1 / 2, 1 / 3, 1 / 4])


def test_a_schedule_that_reads_losses_sees_the_loss_before_each_step():
    class Halve:
        def init(self):
            return ()

        def step(self, value, seen):
            return 0.5 ** len(seen), (*seen, value)

    schedule = Halve()
    path = minimize(SGD(lr=9.0), BOWL, theta0=np.ones(1), steps=2, schedule=schedule)
    np.testing.assert_array_equal(path.theta[:, 0], [1, 0, 0])
    assert schedule.step(0.0, (0.5,)) == (0.5, (0.5, 0.0))


def test_a_schedule_reaches_the_rate_of_a_wrapped_method():
    assert with_lr(Reporter(inner=Adam(lr=0.1)), 0.3).inner.lr == 0.3


def test_an_online_problem_without_chance_needs_no_generator():
    class Alternating:
        start, random = (0.0,), False
        value, grad = (staticmethod(f) for f in BOWL)

        def sample(self, t, rng):
            return SimpleNamespace(grad=lambda theta: np.full(1, (-1.0) ** t))

    path = minimize(SGD(lr=1.0), Alternating(), steps=4)
    np.testing.assert_array_equal(path.theta[:, 0], [0, 1, 0, 1, 0])


@pytest.mark.parametrize("bad", [Adam, 3, None, "Adam"])
def test_what_is_no_optimizer_is_refused(bad):
    with pytest.raises(TypeError, match=r"is not an optimizer: write for example Adam\(lr=0.1\)"):
        validate(bad)
    with pytest.raises(TypeError, match="is not an optimizer"):
        validate(Reporter(inner=bad))


def test_a_hyperparameter_of_a_wrapped_method_is_checked_too():
    with pytest.raises(ValueError, match=r"Adam: beta1 = 1.0 is outside \[0, 1\)"):
        validate(Reporter(inner=Adam(beta1=1.0)))


@dataclass(frozen=True, eq=False)
class Flagged(SGD):
    memory: int = count(3, "m", "pairs remembered")
    sharp: bool = False
    title = "Flagged"


@pytest.mark.parametrize("bad", [0, 2.5, -1, np.inf, np.nan, True, "3", None, [1, 2.5]])
def test_a_count_must_be_a_whole_number_of_at_least_one(bad):
    with pytest.raises(ValueError, match=r"Flagged: memory = .* is not a whole number in \[1, inf"):
        validate(Flagged(memory=bad))
    validate(Flagged(memory=7))


@pytest.mark.parametrize("bad", [1, None, "yes"])
def test_a_flag_must_be_true_or_false(bad):
    with pytest.raises(ValueError, match=r"Flagged: sharp = .* is neither True nor False"):
        validate(Flagged(sharp=bad))


def test_the_variants_of_a_method_are_all_choices_of_its_flags():
    assert [o.sharp for o in variants(Flagged)] == [False, True]
    assert [variant_name(o) for o in variants(Flagged)] == ["Flagged", "Flagged_sharp"]
    assert [variant_title(o) for o in variants(Flagged)] == ["Flagged", "Flagged, sharp"]
    assert [variant_name(o) for o in variants(SGD)] == ["SGD"]
