"""Results of the literature that the book reproduces: which test holds each, and the last two."""

import ast
from pathlib import Path

import numpy as np
import pytest

from optim_lessons import SGD
from optim_lessons.problems import MLP, digits

TESTS = Path(__file__).parent
# The rows of the project's list of results, and the tests that hold them.
ROWS = {
    "Reddi, Kale, Kumar 2018, theorem 1": ["test_numbers_adaptive.py::"],
}


@pytest.mark.parametrize("result", ROWS)
def test_every_result_has_its_tests(result):
    assert ROWS[result]
    for place in ROWS[result]:
        file, name = place.split("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert name in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def stale_descent(product, delay, steps):
    """Gradient descent on x**2 / 2 with gradients `delay` steps old, the first of them at 1."""
    optimizer, theta = SGD(lr=product), [np.ones(1)] * (delay + 1)
    for _ in range(steps):
        theta.append(optimizer.step(theta[-1], theta[-1 - delay], optimizer.init(theta[-1]))[0])
    return np.abs(np.concatenate(theta))


@pytest.mark.parametrize(("delay", "printed"), [(0, 2.0), (1, 1.0), (2, 0.618), (3, 0.445)])
def test_stale_gradients_are_stable_below_twice_the_sine_of_a_share_of_pi(delay, printed):
    """Asynchronous SGD on a quadratic: theta moves by -lr * lambda * theta of tau steps ago."""
    limit = 2 * np.sin(np.pi / (2 * (2 * delay + 1)))
    assert limit == pytest.approx(printed, abs=5e-4)
    below, above = (stale_descent(share * limit, delay, 20_000) for share in (0.99, 1.01))
    assert below[-100:].max() < 1e-9
    assert above[-100:].max() > 1e9
    # The same from the roots of z**(tau + 1) = z**tau - lr * lambda.
    for share, inside in ((0.999, True), (1.001, False)):
        polynomial = np.zeros(delay + 2)
        polynomial[0], polynomial[1] = 1, -1
        polynomial[-1] += share * limit
        assert (np.abs(np.roots(polynomial)).max() < 1) == inside


def sharpness(model, theta, products=60, h=1e-5):
    """The largest eigenvalue of the Hessian, by power iteration on differences of gradients."""
    v = np.random.default_rng(1).standard_normal(theta.size)
    for _ in range(products):
        v /= np.linalg.norm(v)
        product = (model.grad(theta + h * v) - model.grad(theta - h * v)) / (2 * h)
        largest, v = v @ product, product
    return largest


@pytest.mark.parametrize("lr", [0.1, 0.2])
def test_full_batch_gradient_descent_sharpens_until_two_over_lr_and_stays_there(lr):
    """A tanh network with squared error, as in Cohen et al. 2021, on fifty digits."""
    x, y = digits()
    rng = np.random.default_rng(0)
    hidden = (16, 16, 16)
    model = MLP(x[:50] / 16, 2 * np.eye(10)[y[:50]], hidden, activation="tanh", rng=rng)
    theta, optimizer = model.start, SGD(lr=lr)
    found, losses = [], []
    for step in range(8001):
        if step % 1000 == 0:
            found.append(sharpness(model, theta) / (2 / lr))
            losses.append(model.value(theta))
        theta, _ = optimizer.step(theta, model.grad(theta), optimizer.init(theta))
    assert found[0] < 0.3
    assert np.all(np.abs(np.array(found[2:]) - 1) < 0.15)
    assert np.abs(np.mean(found[2:]) - 1) < 0.08
    assert np.all(np.diff(losses) < 0)  # over a thousand steps, the loss still falls
