"""Muon: what Newton and Schulz's steps do to singular values, and how exactly PyTorch does them."""

import numpy as np
import pytest
import torch
from cases.matrices import TorchMuonInFullPrecision
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optim_lessons import SGD, Adam, Momentum, Muon, PerLayer, minimize
from optim_lessons.optimizers.muon import orthogonalise

settings.register_profile("book", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("book")

shapes = st.tuples(st.integers(1, 5), st.integers(1, 5))
matrices = shapes.flatmap(lambda s: arrays(float, s, elements=st.floats(-10, 10).map(round)))


def matrix(shape, singular_values, seed=0):
    """A matrix of these singular values, with random singular vectors."""
    rng = np.random.default_rng(seed)
    k = len(singular_values)
    u, v = (np.linalg.qr(rng.standard_normal((n, k)))[0] for n in shape)
    return u * singular_values @ v.T, u, v


def iterate(s, steps=5):
    for _ in range(steps):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    return s


def test_singular_values_from_0_01_to_1_land_between_0_681_and_1_135():
    """Numbers of the book, row 16, on matrices whose Frobenius norm is 1."""
    s = np.geomspace(0.01, 1, 2000)
    diagonals = np.zeros((len(s), 2, 2))
    diagonals[:, 0, 0], diagonals[:, 1, 1] = s, np.sqrt(1 - s**2)
    values = orthogonalise(diagonals)[:, 0, 0]
    assert 0.681 <= values.min() < 0.683
    assert 1.133 < values.max() <= 1.135


@pytest.mark.parametrize("shape", [(6, 6), (9, 6), (6, 9)], ids=str)
def test_orthogonalise_keeps_singular_vectors_and_sends_each_value_through_the_polynomial(shape):
    s = np.array([1.0, 0.6, 0.3, 0.1, 0.03, 0.0])
    x, u, v = matrix(shape, s)
    expected = iterate(s / np.linalg.norm(s))
    assert 0.681 <= expected[:-1].min() <= expected.max() <= 1.135
    np.testing.assert_allclose(orthogonalise(x), u * expected @ v.T, atol=1e-12)


@given(x=matrices, c=st.integers(-20, 20).map(lambda k: 2.0**k))
def test_orthogonalise_ignores_scale_and_commutes_with_transposing(x, c):
    y = orthogonalise(x)
    np.testing.assert_allclose(orthogonalise(c * x), y, atol=1e-13)
    np.testing.assert_allclose(orthogonalise(x.T), y.T, atol=1e-13)
    np.testing.assert_allclose(orthogonalise(-x), -y, atol=1e-13)
    assert np.linalg.norm(y, 2) < 1.21


def test_no_gradient_means_only_weight_decay():
    theta = np.ones((2, 3))
    optimizer = Muon(lr=0.1, weight_decay=0.2)
    moved, _ = optimizer.step(theta, np.zeros((2, 3)), optimizer.init(theta))
    np.testing.assert_allclose(moved, 0.98 * theta)


def test_the_step_is_the_same_in_rotated_coordinates():
    """Muon sees the matrix, not its entries: rotations of rows and columns pass through."""
    rng = np.random.default_rng(1)
    q, r = (np.linalg.qr(rng.standard_normal((4, 4)))[0] for _ in range(2))
    optimizer, theta = Muon(), rng.standard_normal((4, 4))
    turned, state, turned_state = q @ theta @ r, *(optimizer.init(theta) for _ in range(2))
    for g in rng.standard_normal((5, 4, 4)):
        theta, state = optimizer.step(theta, g, state)
        turned, turned_state = optimizer.step(turned, q @ g @ r, turned_state)
    np.testing.assert_allclose(turned, q @ theta @ r, atol=1e-12)


def torch_path(cls, theta, gradients):
    parameter = torch.tensor(theta)
    optimizer = cls([parameter], lr=0.1, weight_decay=0.2, momentum=0.9)
    path = []
    for g in gradients:
        parameter.grad = torch.tensor(g)
        optimizer.step()
        path.append(parameter.numpy().copy())
    return np.array(path)


def numpy_path(optimizer, theta, gradients):
    state, path = optimizer.init(theta), []
    for g in gradients:
        theta, state = optimizer.step(theta, g, state)
        path.append(theta)
    return np.array(path)


@pytest.mark.parametrize("shape", [(8, 8), (12, 4), (4, 12), (1, 5), (5, 1)], ids=str)
def test_equals_pytorch_for_any_shape_once_it_does_not_round_to_bfloat16(shape):
    theta, g = np.ones(shape), np.random.default_rng(4).standard_normal((30, *shape))
    ours = numpy_path(Muon(0.1, 0.9, 0.2), theta, g)
    np.testing.assert_allclose(ours, torch_path(TorchMuonInFullPrecision, theta, g), atol=1e-12)


def test_equals_pytorchs_own_to_the_precision_of_bfloat16():
    """Eight bits of mantissa: steps agree to a few per cent, no more and no less."""
    theta, g = np.ones((12, 4)), np.random.default_rng(4).standard_normal((30, 12, 4))
    ours = numpy_path(Muon(0.1, 0.9, 0.2), theta, g)
    theirs = torch_path(torch.optim.Muon, theta, g)
    steps, difference = np.diff(ours, axis=0), np.diff(ours - theirs, axis=0)
    apart = np.linalg.norm(difference, axis=(1, 2)) / np.linalg.norm(steps, axis=(1, 2))
    assert 2**-9 < apart.mean() < apart.max() < 0.05


def test_pytorchs_average_and_our_sum_are_one_direction():
    """PyTorch's text says mu B + g, its code averages: the scale is divided out all the same."""
    g = np.random.default_rng(4).standard_normal((10, 3, 3))
    optimizer, theta, average = Muon(), np.zeros((3, 3)), np.zeros((3, 3))
    state = optimizer.init(theta)
    for row in g:
        theta, state = optimizer.step(theta, row, state)
        average = 0.95 * average + 0.05 * row
    np.testing.assert_allclose(orthogonalise(state.m), orthogonalise(average), atol=1e-13)


def test_leading_axes_are_independent_matrices():
    rng = np.random.default_rng(7)
    theta, g = rng.standard_normal((2, 3, 4, 2))
    together = numpy_path(Muon(), theta, [g, -g, g])[-1]
    alone = [numpy_path(Muon(), one, [x, -x, x])[-1] for one, x in zip(theta, g, strict=True)]
    np.testing.assert_allclose(together, alone, atol=1e-13)


def test_it_refuses_a_vector_and_works_on_the_matrices_of_a_network_by_per_layer():
    bowl = (lambda x: 0.5 * np.sum((x - 1) ** 2), lambda x: x - 1)
    with pytest.raises(ValueError, match=r"Muon couples 2 axes, but theta0 has shape \(8,\)"):
        minimize(Muon(), bowl, theta0=np.zeros(8))

    class Layout:
        size = 8

        def views(self, vector):
            return {"W": vector[:6].reshape(2, 3), "b": vector[6:]}

    inner = {"W": Muon(lr=0.02, weight_decay=0.0), "b": Adam(lr=0.02)}
    path = minimize(PerLayer(Layout(), inner), bowl, theta0=np.zeros(8), steps=300)
    assert path.value[-1] < 1e-2 < path.value[0]
    with pytest.raises(ValueError, match=r"Muon couples 2 axes, but b has shape \(2,\)"):
        minimize(PerLayer(Layout(), Muon()), bowl, theta0=np.zeros(8))


def test_it_moves_every_direction_alike_where_momentum_moves_the_steepest():
    """A gradient of condition number 20: after one step all directions have gone nearly as far."""
    g, _, _ = matrix((4, 4), np.array([1.0, 0.5, 0.2, 0.05]))
    for optimizer, spread in ((Muon(nesterov=False), 1.7), (Momentum(), 20.1), (SGD(), 20.1)):
        moved = numpy_path(optimizer, np.zeros((4, 4)), [g])[0]
        assert np.linalg.cond(moved) < spread
