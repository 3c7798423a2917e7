"""Each optimizer equals PyTorch, optax and Keras at every step, or differs as the table says."""

import importlib

import jax
import keras
import numpy as np
import optax
import pytest
import torch
from cases import CASES, Peer, Proof

from optim_lessons import OPTIMIZERS, TRACED, hyper_of
from optim_lessons.contract import flags_of, with_lr

STEPS, SIZE = 300, 64
# Differences of two paths, by coordinate, in units of the farthest that the coordinate goes.
ROUNDING = 2e-14
VISIBLE = 1e-3

PEERS = [
    pytest.param(ours, peer, id=f"{ours.__name__}-{peer.library}{'-differs' * bool(peer.differs)}")
    for ours, peers in CASES.items()
    for peer in peers
    if isinstance(peer, Peer)
]
PROOFS = [
    pytest.param(peer, id=ours.__name__)
    for ours, peers in CASES.items()
    for peer in peers
    if isinstance(peer, Proof)
]


def recorded_gradients(steps=STEPS, shape=(SIZE,)):
    """Gradients of scales 1e-5 to 1e2: a tenth are exactly 0, and of several coordinates one is."""
    rng = np.random.default_rng(2)
    scale = 10.0 ** rng.uniform(-5, 2, shape)
    g = scale * rng.standard_normal((steps, *shape))
    g[rng.random(g.shape) < 0.1] = 0.0
    if np.prod(shape) > 1:
        g[(..., *(0,) * len(shape))] = 0.0
    return g


def rates(peer):
    """What multiplies the learning rate: a tenth in the second half, where the row allows it."""
    factor = np.ones(STEPS)
    factor[STEPS // 2 :] = 1.0 if peer.constant_rate else 0.1
    return lr_of(peer.twin) * factor


def lr_of(optimizer):
    """The learning rate of an optimizer; of one that wraps another, the inner one's."""
    return lr_of(optimizer.inner) if hasattr(optimizer, "inner") else optimizer.lr


def shape_of(optimizer):
    """A vector, or a matrix for a method that couples two axes."""
    return (8, 8) if getattr(optimizer, "couples", 0) == 2 else (SIZE,)


def numpy_path(optimizer, theta, gradients, rates):
    path, state = [], optimizer.init(theta)
    for g, lr in zip(gradients, rates, strict=True):
        theta, state = with_lr(optimizer, lr).step(theta, g, state)
        path.append(theta)
    return np.array(path)


def torch_path(peer, theta, gradients, rates):
    parameter = torch.tensor(theta)
    optimizer = peer.make(peer.twin)([parameter])
    path = []
    for g, lr in zip(gradients, rates, strict=True):
        optimizer.param_groups[0]["lr"] = lr
        parameter.grad = torch.tensor(g)
        optimizer.step()
        path.append(parameter.numpy().copy())
    return np.array(path)


def optax_path(peer, theta, gradients, rates):
    rates = jax.numpy.asarray(rates)
    optimizer = peer.make(with_lr(peer.twin, lambda count: rates[count]))

    def step(carry, g):
        theta, state = carry
        updates, state = optimizer.update(g, state, theta)
        theta = optax.apply_updates(theta, updates)
        return (theta, state), theta

    theta = jax.numpy.asarray(theta)
    _, path = jax.lax.scan(step, (theta, optimizer.init(theta)), jax.numpy.asarray(gradients))
    return np.asarray(path)


def keras_path(peer, theta, gradients, rates):
    variable = keras.Variable(theta, dtype="float64")
    optimizer = peer.make(peer.twin)
    optimizer.build([variable])
    path = []
    for g, lr in zip(gradients, rates, strict=True):
        optimizer.learning_rate = lr
        optimizer.apply([g], [variable])
        path.append(np.asarray(variable.value))
    return np.array(path)


RUN = {"PyTorch": torch_path, "optax": optax_path, "Keras": keras_path}


def difference(a, b):
    assert a.shape == b.shape
    assert a.dtype == b.dtype == np.float64
    scale = np.maximum(np.abs(a).max(axis=0), np.finfo(float).tiny)  # a coordinate may stay at 0
    return (np.abs(a - b).max(axis=0) / scale).max()


@pytest.mark.parametrize(("ours", "peer"), PEERS)
def test_equals_the_library_at_every_step(ours, peer):
    shape = shape_of(ours)
    theta, g = np.zeros(shape), recorded_gradients(shape=shape)
    library = RUN[peer.library](peer, theta, g, rates(peer))
    error = difference(numpy_path(peer.twin, theta, g, rates(peer)), library)
    assert error < ROUNDING


@pytest.mark.parametrize(("ours", "peer"), [p for p in PEERS if p.values[1].differs])
def test_a_stated_difference_is_visible(ours, peer):
    theta, g = np.zeros(SIZE), recorded_gradients()
    same_numbers = {name: getattr(peer.twin, name) for name in (*hyper_of(ours), *flags_of(ours))}
    library = RUN[peer.library](peer, theta, g, rates(peer))
    assert difference(numpy_path(ours(**same_numbers), theta, g, rates(peer)), library) > VISIBLE


@pytest.mark.parametrize("ours", OPTIMIZERS.values())
def test_the_table_proves_every_optimizer_in_every_library_that_has_it_or_names_another_proof(ours):
    peers = [peer for peer in CASES[ours] if isinstance(peer, Peer)]
    equal = [peer.library for peer in peers if type(peer.twin) is ours]
    if len(peers) == len(CASES[ours]):
        assert list(dict.fromkeys(equal)) == list(ours.elsewhere) != []
    else:
        assert set(equal) <= set(ours.elsewhere)


@pytest.mark.parametrize("proof", PROOFS)
def test_a_proof_that_the_table_names_is_a_test(proof):
    file, name = proof.test.split(".py::")
    assert callable(getattr(importlib.import_module(file), name))


@pytest.mark.parametrize("ours", OPTIMIZERS.values())
def test_the_docstring_table_notes_a_difference_exactly_where_the_test_shows_one(ours):
    shown = {p.library for p in CASES[ours] if isinstance(p, Peer) and p.differs}
    noted = {lib for lib, spelled in ours.elsewhere.items() if spelled.note != "The same update."}
    assert shown == noted


IN_PYTORCH = [cls for cls in TRACED.values() if "PyTorch" in cls.elsewhere]


@pytest.mark.parametrize("shape", [(), (1,), (3, 2), (2, 3, 2), (2, 1, 3, 2)], ids=str)
@pytest.mark.parametrize("ours", IN_PYTORCH)
def test_equals_pytorch_for_any_shape_of_theta(ours, shape):
    peer = CASES[ours][0]
    theta, g = np.full(shape, 0.5), recorded_gradients(20, shape)
    path = numpy_path(peer.twin, theta, g, [0.03] * 20)
    assert path.shape == (20, *shape)
    assert difference(path, RUN["PyTorch"](peer, theta, g, [0.03] * 20)) < ROUNDING


@pytest.mark.parametrize("ours", TRACED.values())
def test_float32_stays_float32(ours):
    optimizer = CASES[ours][0].twin
    g = recorded_gradients(20)
    exact = numpy_path(optimizer, np.ones(SIZE), g, [lr_of(optimizer)] * 20)
    theta = np.ones(SIZE, np.float32)
    state = optimizer.init(theta)
    for row, expected in zip(g.astype(np.float32), exact, strict=True):
        theta, state = optimizer.step(theta, row, state)
        arrays = [x for x in state if isinstance(x, np.ndarray)]
        assert {x.dtype for x in (theta, *arrays)} == {np.dtype(np.float32)}
        np.testing.assert_allclose(theta, expected, atol=1e-5 * np.abs(exact).max())
