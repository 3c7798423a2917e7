"""A sweep is the loop of runs that it stands for."""

import itertools

import numpy as np
import pytest

from optim_lessons import SGD, TRACED, Adam, hyper_of, minimize, problems, sweep

every_optimizer = pytest.mark.parametrize("cls", TRACED.values(), ids=TRACED)


def open_grid(cls):
    """Values for the learning rate and every decay, and the optimizer of their open grid."""
    decays = [name for name in hyper_of(cls) if name in ("momentum", "beta1", "beta2", "rho")]
    axes = {"lr": np.array([1e-4, 1e-2, 0.2])} | {name: np.array([0.5, 0.9]) for name in decays}
    return axes, cls(**dict(zip(axes, np.ix_(*axes.values()), strict=True)))


@every_optimizer
@pytest.mark.parametrize("problem", [problems.ravine, problems.beale], ids=lambda p: p.name)
def test_a_sweep_equals_the_loop_and_marks_the_same_runs_diverged(cls, problem):
    """Bit for bit, except that C's power may round an array and a number differently.

    Such powers are beta**t, in every method that counts its steps, and Beale's y**3.
    """
    axes, optimizer = open_grid(cls)
    ends = sweep(optimizer, problem, steps=60)
    assert ends.value.shape == ends.diverged.shape == tuple(map(len, axes.values()))
    assert ends.theta.shape == (*ends.value.shape, 2)
    for place in itertools.product(*(range(len(values)) for values in axes.values())):
        one = {
            name: float(values[k]) for (name, values), k in zip(axes.items(), place, strict=True)
        }
        path = minimize(cls(**one), problem, steps=60)
        assert path.diverged == ends.diverged[place]
        found = np.append(ends.theta[place], ends.value[place])
        expected = np.append(path.theta[-1], path.value[-1])
        if "t" in cls.State._fields or problem is problems.beale:
            np.testing.assert_allclose(found, expected, rtol=1e-9)
        else:
            np.testing.assert_array_equal(found, expected)


def test_diverged_runs_stay_where_they_met_the_first_value_that_is_not_finite():
    ends = sweep(SGD(lr=np.array([1e-3, 1.0])), problems.rosenbrock, steps=100)
    np.testing.assert_array_equal(ends.diverged, [False, True])
    path = minimize(SGD(lr=1.0), problems.rosenbrock, steps=100)
    np.testing.assert_array_equal(ends.theta[1], path.theta[-1])


def test_without_arrays_the_grid_has_one_point():
    ends = sweep(Adam(lr=0.1), problems.himmelblau, steps=10)
    assert ends.value.shape == ends.diverged.shape == ()
    path = minimize(Adam(lr=0.1), problems.himmelblau, steps=10)
    np.testing.assert_array_equal(ends.theta, path.theta[-1])


def test_no_steps_leave_every_run_at_the_start():
    ends = sweep(SGD(lr=np.array([0.1, 0.2])), problems.beale, steps=0)
    np.testing.assert_array_equal(ends.theta, [problems.beale.start] * 2)


def test_a_pair_of_functions_serves_and_theta_may_have_any_shape():
    pair = (lambda theta: 0.5 * np.sum(theta**2, axis=(-2, -1)), lambda theta: theta)
    ends = sweep(SGD(lr=np.array([0.0, 0.5, 1.0])), pair, theta0=np.ones((2, 3)), steps=2)
    assert ends.theta.shape == (3, 2, 3)
    np.testing.assert_array_equal(ends.value, [3.0, 3 / 16, 0.0])


def test_hyperparameters_that_do_not_broadcast_are_refused():
    with pytest.raises(ValueError, match="shape mismatch"):
        sweep(Adam(lr=np.ones(2), beta1=np.full(3, 0.5)), problems.beale)
