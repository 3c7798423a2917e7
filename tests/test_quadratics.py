"""Quadratics have the spectrum, the minimum and the noise that they are said to have."""

from fractions import Fraction

import numpy as np
import pytest

from optim_lessons import SGD, Momentum, minimize
from optim_lessons.problems import (
    NoisyQuadratic,
    Quadratic,
    ThreePieces,
    Tridiagonal,
    random_rotation,
    spectrum,
)

EIGENVALUES = np.array([0.5, 2.0, 7.0])
MINIMUM = np.array([1.0, -2.0, 3.0])


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture(params=["axes", "turned"])
def bowl(request, rng):
    rotation = random_rotation(3, rng) if request.param == "turned" else None
    return Quadratic(EIGENVALUES, rotation, MINIMUM)


def test_the_hessian_has_the_given_eigenvalues_and_eigenvectors(bowl):
    hessian = bowl.hessian(bowl.start)
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian), EIGENVALUES, rtol=1e-13)
    vectors = np.eye(3) if bowl.rotation is None else bowl.rotation
    np.testing.assert_allclose(hessian @ vectors, vectors * EIGENVALUES, atol=1e-13)


def test_value_and_gradient_are_those_of_the_hessian(bowl, rng):
    hessian = bowl.hessian(bowl.start)
    for theta in rng.normal(size=(5, 3)):
        z = theta - MINIMUM
        assert bowl.value(theta) == pytest.approx(0.5 * z @ hessian @ z, rel=1e-13)
        np.testing.assert_allclose(bowl.grad(theta), hessian @ z, atol=1e-13)
        np.testing.assert_allclose(bowl.hvp(theta, z + 1), hessian @ (z + 1), atol=1e-13)


def test_every_method_takes_any_leading_axes(bowl, rng):
    theta, p = rng.normal(size=(2, 4, 5, 3))
    assert bowl.value(theta).shape == (4, 5)
    assert bowl.hessian(theta).shape == (4, 5, 3, 3)
    place = (2, 3)
    for found, alone in (
        (bowl.value(theta), bowl.value(theta[place])),
        (bowl.grad(theta), bowl.grad(theta[place])),
        (bowl.hvp(theta, p), bowl.hvp(theta[place], p[place])),
    ):
        np.testing.assert_allclose(found[place], alone, rtol=1e-13)


def test_the_start_is_one_unit_from_the_minimum_along_every_eigenvector(bowl):
    vectors = np.eye(3) if bowl.rotation is None else bowl.rotation
    np.testing.assert_allclose((bowl.start - MINIMUM) @ vectors, 1, rtol=1e-13)
    assert bowl.minima == ((1.0, -2.0, 3.0),)


def test_a_given_start_is_kept_and_the_caller_may_change_their_arrays():
    eigenvalues, start = np.ones(2), np.array([5.0, 6.0])
    bowl = Quadratic(eigenvalues, start=start)
    eigenvalues[:], start[:] = 0, 0
    np.testing.assert_array_equal(bowl.start, [5, 6])
    np.testing.assert_array_equal(bowl.eigenvalues, [1, 1])


def test_a_flat_direction_leaves_a_minimum_and_a_negative_eigenvalue_none():
    assert Quadratic([0.0, 1.0]).minima == ((0.0, 0.0),)
    assert Quadratic([-1e-3, 1.0]).minima == ()


def test_on_a_turned_quadratic_each_mode_shrinks_by_its_own_factor(bowl):
    path = minimize(SGD(lr=0.2), bowl, steps=20)
    vectors = np.eye(3) if bowl.rotation is None else bowl.rotation
    expected = (1 - 0.2 * EIGENVALUES) ** np.arange(21)[:, None]
    np.testing.assert_allclose((path.theta - MINIMUM) @ vectors, expected, atol=1e-12)


def test_a_spectrum_has_the_condition_number_and_a_constant_ratio():
    eigenvalues = spectrum(6, condition=50)
    assert eigenvalues[-1] / eigenvalues[0] == pytest.approx(50)
    np.testing.assert_allclose(np.diff(np.log(eigenvalues)), np.log(50) / 5)


def test_a_random_rotation_is_orthogonal_and_prefers_no_direction(rng):
    turns = np.array([random_rotation(4, rng) for _ in range(2000)])
    np.testing.assert_allclose(turns @ np.swapaxes(turns, 1, 2) - np.eye(4), 0, atol=1e-13)
    # Of a column uniform on the sphere, entries have mean 0, variance 1/4, fourth moment 3/24.
    assert np.abs(turns.mean(axis=0)).max() < 4 * 0.5 / np.sqrt(2000)
    np.testing.assert_allclose((turns**2).mean(axis=0), 1 / 4, atol=0.02)
    np.testing.assert_allclose((turns**4).mean(axis=0), 1 / 8, atol=0.02)


@pytest.mark.parametrize(("d", "smoothness"), [(101, 4.0), (2, 4.0), (1, 4.0), (7, 10.0)])
def test_the_tridiagonal_quadratic_is_tridiagonal_with_sines_for_eigenvectors(d, smoothness):
    problem = Tridiagonal(d, smoothness)
    matrix = smoothness / 4 * (2 * np.eye(d) - np.eye(d, k=1) - np.eye(d, k=-1))
    np.testing.assert_allclose(problem.hessian(problem.start), matrix, atol=1e-13)
    np.testing.assert_allclose(problem.eigenvalues, np.linalg.eigvalsh(matrix), rtol=1e-11)
    assert problem.eigenvalues.max() < smoothness
    # In Nesterov's form the gradient at 0 is -L/4 in the first coordinate, and 0 in the others.
    np.testing.assert_array_equal(problem.start, 0)
    expected = -smoothness / 4 * np.eye(d)[0]
    np.testing.assert_allclose(problem.grad(problem.start), expected, atol=1e-13)
    height = smoothness / 8 * (1 - 1 / (d + 1))
    assert problem.value(problem.start) == pytest.approx(height, rel=1e-12)


def test_a_sample_of_a_noisy_quadratic_is_the_gradient_of_a_tilted_one(rng):
    bowl = NoisyQuadratic(EIGENVALUES, 0.3, random_rotation(3, rng), MINIMUM)
    theta, step = rng.normal(size=(2, 3))
    loss = bowl.sample(1, rng)
    tilt = loss.grad(theta) - bowl.grad(theta)
    np.testing.assert_allclose(loss.grad(step) - bowl.grad(step), tilt, atol=1e-12)
    rise = loss.value(theta + 1e-6 * step) - loss.value(theta - 1e-6 * step)
    assert rise / 2e-6 == pytest.approx(loss.grad(theta) @ step, rel=1e-7)


def test_the_noise_has_the_given_deviation_and_no_memory(rng):
    bowl = NoisyQuadratic(np.ones(2), sigma=[0.5, 2.0])
    noise = np.array([bowl.sample(t, rng).grad(bowl.minimum) for t in range(1, 4001)])
    np.testing.assert_allclose(noise.std(axis=0), [0.5, 2.0], rtol=0.05)
    assert np.abs(noise.mean(axis=0) / [0.5, 2.0]).max() < 4 / np.sqrt(4000)
    assert np.abs(np.corrcoef(noise[:-1].T, noise[1:].T) - np.eye(4)).max() < 4 / np.sqrt(4000)


def test_noise_of_size_zero_is_none():
    quiet, rng = NoisyQuadratic(EIGENVALUES, 0.0), np.random.default_rng(0)
    paths = [minimize(SGD(lr=0.1), p, rng=rng).theta for p in (quiet, Quadratic(EIGENVALUES))]
    np.testing.assert_array_equal(*paths)


def test_the_three_pieces_join_and_have_the_gradient_and_hessian_of_their_value():
    problem, h = ThreePieces(), 1e-6
    for x in (-1.0, 0.5, 1.5, 2.5):
        theta, step = np.array([x]), np.array([h])
        slope = (problem.value(theta + step) - problem.value(theta - step)) / (2 * h)
        bend = (problem.grad(theta + step) - problem.grad(theta - step)) / (2 * h)
        np.testing.assert_allclose(problem.grad(theta), slope, rtol=1e-8)
        np.testing.assert_allclose(problem.hessian(theta), [bend], rtol=1e-8)
    for corner in (1.0, 2.0):
        below, at = np.array([np.nextafter(corner, 0)]), np.array([corner])
        assert problem.value(below) == pytest.approx(problem.value(at), abs=1e-13)
        np.testing.assert_allclose(problem.grad(below), problem.grad(at), atol=1e-13)
    np.testing.assert_array_equal(problem.hessian(np.array([[1.0], [2.0]])), [[[1]], [[25]]])
    assert problem.grad(np.array(problem.minima[0])) == problem.value(np.zeros(1)) == 0


def test_the_heavy_ball_maps_each_point_of_the_cycle_to_the_next():
    """The points of appendix B; that paths end there, and others do not, is in the chapter."""
    cycle = [float(Fraction(k, 1225)) for k in (792, -2208, 2592)]
    lr, momentum = 1 / 9, 4 / 9
    ball = Momentum(lr, momentum)
    for k, x in enumerate(cycle):
        before, after = cycle[k - 1], cycle[(k + 1) % 3]
        state = ball.State(np.array([(before - x) / lr]))
        moved, _ = ball.step(np.array([x]), ThreePieces().grad(np.array([x])), state)
        assert moved[0] == pytest.approx(after, abs=1e-14)


@pytest.mark.parametrize("problem", [Quadratic(EIGENVALUES), ThreePieces()])
@pytest.mark.parametrize("ask", ["value", "grad", "hessian"])
def test_a_point_of_another_dimension_is_refused(problem, ask):
    for shape in ((), (2,), (3, 2)):
        with pytest.raises(ValueError, match=r"theta has shape .* takes shape \(\.\.\., [13]\)"):
            getattr(problem, ask)(np.zeros(shape))
