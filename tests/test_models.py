"""Models: each gradient against differences and PyTorch's autograd, and what the models promise."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.nn import functional

from optim_lessons import SGD, Adam, Momentum, RMSprop, minimize
from optim_lessons.problems import (
    LSTM,
    MLP,
    Layout,
    LinearRegression,
    LogisticRegression,
    SkipGram,
    digits,
    series,
    text,
    windows,
    words,
)
from optim_lessons.problems.activations import ACTIVATIONS

RNG = partial(np.random.default_rng, 3)
X = RNG().normal(size=(7, 3))
Y = RNG().normal(size=(7, 2)) + 2
LABELS = np.array([0, 1, 2, 3, 0, 1, 1])
WINDOWS = RNG().normal(size=(7, 5))
WORDS = words("the cat sat on the mat and the dog sat on the cat and the mat " * 2)

MODELS = {
    "linear regression": LinearRegression(X, Y[:, 0]),
    "logistic regression": LogisticRegression(X, LABELS % 2),
    "softmax regression": MLP(X, LABELS, hidden=(), classes=4, rng=RNG()),
    **{f"MLP, {a}": MLP(X, LABELS, (5, 4), a, classes=4, rng=RNG()) for a in ACTIVATIONS},
    **{f"MLP, {a}, numbers": MLP(X, Y, (5, 4), a, rng=RNG()) for a in ("tanh", "prelu")},
    "skip-gram": SkipGram(WORDS, size=3, min_count=1, rng=RNG()),
    "skip-gram, sampled": SkipGram(WORDS, size=3, min_count=1, rng=RNG(), batch=9).sample(1, RNG()),
    "LSTM": LSTM(WINDOWS, Y[:, 0], hidden=4, rng=RNG()),
    "LSTM, two series": LSTM(RNG().normal(size=(7, 5, 2)), Y[:, 0], hidden=4, rng=RNG()),
}
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def a_point(model):
    """A theta at which all is in play: biases are not 0, and units stand on both sides of kinks."""
    return RNG().normal(size=model.layout.size)


# PyTorch's forward passes, in its own functions, on the same flat vector; autograd does the rest.

TORCH_ACTIVATIONS = {
    "linear": lambda z, a: z,
    "tanh": lambda z, a: torch.tanh(z),
    "sigmoid": lambda z, a: torch.sigmoid(z),
    "softmax": lambda z, a: functional.softmax(z, dim=1),
    "softplus": lambda z, a: functional.softplus(z),
    "softsign": lambda z, a: functional.softsign(z),
    "relu": lambda z, a: functional.relu(z),
    "relu6": lambda z, a: functional.relu6(z),
    "leaky relu": lambda z, a: functional.leaky_relu(z),
    "prelu": lambda z, a: functional.prelu(z, a.reshape(1)),
    "elu": lambda z, a: functional.elu(z),
}


def torch_mlp(model, v):
    h = torch.tensor(model.x)
    for k in range(1, model.depth + 1):
        z = functional.linear(h, v[f"W{k}"].T, v[f"b{k}"])
        if k < model.depth:
            h = TORCH_ACTIVATIONS[model.activation](z, v.get(f"a{k}"))
    loss = functional.mse_loss if model.classes is None else functional.cross_entropy
    return loss(z, torch.tensor(model.y))


def torch_skipgram(model, v):
    """From the text: the mean over its pairs, one by one, and over all noise."""
    ids = [model.index[w] for w in WORDS]
    pairs = [
        (c, ids[place])
        for at, c in enumerate(ids)
        for place in range(max(at - 2, 0), min(at + 3, len(ids)))
        if place != at
    ]
    centre, outer = torch.tensor(pairs).T
    noise = torch.tensor(np.array([WORDS.count(w) for w in model.vocabulary]) ** 0.75)
    noise = noise / noise.sum()
    score = v["V"][centre] @ v["U"].T
    true = score.gather(1, outer[:, None])[:, 0]
    return -(
        functional.logsigmoid(true) + model.negatives * (functional.logsigmoid(-score) @ noise)
    ).mean()


def torch_sampled_pairs(model, v):
    score = torch.einsum("nd,nkd->nk", v["V"][model.centre], v["U"][model.outer])
    return -(
        functional.logsigmoid(score[:, 0]) + functional.logsigmoid(-score[:, 1:]).sum(1)
    ).mean()


def torch_lstm(model, v):
    x = torch.tensor(model.x).reshape(*model.x.shape[:2], -1)
    lstm = torch.nn.LSTM(x.shape[2], model.hidden, batch_first=True, dtype=x.dtype)
    names = {"weight_ih_l0": "W_ih", "weight_hh_l0": "W_hh", "bias_ih_l0": "b"}
    parameters = {name: v[ours] for name, ours in names.items()}
    parameters["bias_hh_l0"] = torch.zeros_like(v["b"])
    h, _ = torch.func.functional_call(lstm, parameters, x)
    return functional.mse_loss(h[:, -1] @ v["w"] + v["w0"], torch.tensor(model.y))


def torch_regression(model, v):
    z = torch.tensor(model.x) @ v["w"] + v["b"]
    if isinstance(model, LinearRegression):
        return 0.5 * functional.mse_loss(z, torch.tensor(model.y))
    return functional.binary_cross_entropy_with_logits(z, torch.tensor(model.y))


TORCH = {
    "LinearRegression": torch_regression,
    "LogisticRegression": torch_regression,
    "MLP": torch_mlp,
    "SkipGram": torch_skipgram,
    "SampledPairs": torch_sampled_pairs,
    "LSTM": torch_lstm,
}


def torch_value_and_grad(model, theta):
    flat = torch.tensor(theta, requires_grad=True)
    parts = flat.split([np.prod(s, dtype=int) for s in model.layout.shapes.values()])
    shapes = model.layout.shapes.items()
    v = {name: part.reshape(s) for (name, s), part in zip(shapes, parts, strict=True)}
    value = TORCH[type(model).__name__](model, v)
    value.backward()
    return value.item(), flat.grad.numpy()


@every_model
def test_value_and_gradient_equal_pytorchs(model):
    theta = a_point(model)
    value, g = model.value_and_grad(theta)
    torch_value, torch_g = torch_value_and_grad(model, theta)
    assert value == pytest.approx(torch_value, rel=1e-13)
    np.testing.assert_allclose(g, torch_g, rtol=0, atol=1e-12 * np.abs(torch_g).max())


@every_model
def test_gradient_equals_central_differences(model):
    theta, h = a_point(model), 1e-5
    slopes = [
        (model.value(theta + h * e) - model.value(theta - h * e)) / (2 * h)
        for e in np.eye(len(theta))
    ]
    # The error is of order h**2 from the curve, and 1e-16 / h from rounding.
    g = model.grad(theta)
    np.testing.assert_allclose(g, slopes, rtol=0, atol=1e-8 * np.abs(g).max())


@every_model
def test_value_grad_and_both_together_are_one(model):
    theta = a_point(model)
    before = theta.copy()
    value, g = model.value_and_grad(theta)
    assert isinstance(value, float)
    assert model.value(theta) == pytest.approx(value, rel=1e-15)
    np.testing.assert_array_equal(model.grad(theta), g)
    assert not np.shares_memory(g, model.grad(theta))
    np.testing.assert_array_equal(theta, before)


@every_model
def test_float32_stays_float32(model):
    theta = a_point(model)
    g = model.grad(theta.astype(np.float32))
    assert g.dtype == np.float32
    exact = model.grad(theta)
    np.testing.assert_allclose(g, exact, rtol=0, atol=1e-5 * np.abs(exact).max())


def test_a_model_of_float32_data_starts_and_computes_in_float32():
    x, y = X.astype(np.float32), Y.astype(np.float32)
    for model in (
        LinearRegression(x, y[:, 0]),
        LogisticRegression(x, LABELS % 2),
        MLP(x, y, activation="leaky relu", rng=RNG()),
        MLP(x, LABELS, activation="prelu", classes=4, rng=RNG()),
        LSTM(x, y[:, 0], rng=RNG()),
    ):
        path = minimize(SGD(lr=0.1), model, steps=3)
        assert path.theta.dtype == path.grad.dtype == np.float32
        assert model.predict(model.start, x).dtype in (np.float32, np.intp)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_keeps_float32(name):
    z = np.linspace(-9, 9, 12, dtype=np.float32).reshape(3, 4)
    f, back = ACTIVATIONS[name]
    h = f(z, 0.25)
    assert h.dtype == back(z, z, h, 0.25).dtype == np.float32


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_and_its_slope_equal_pytorchs_at_kinks_and_far_out(name):
    z = np.array([[-1e3, -40.0, -1.0, -0.0], [0.0, 6.0, 40.0, 1e3]])
    f, back = ACTIVATIONS[name]
    h = f(z, 0.01)
    t = torch.tensor(z, requires_grad=True)
    expected = TORCH_ACTIVATIONS[name](t, torch.tensor(0.01, dtype=t.dtype))
    weight = RNG().normal(size=z.shape)
    (expected * torch.tensor(weight)).sum().backward()
    # PyTorch's softplus is z from z = 20 on, where log(1 + exp(z)) - z is 2e-9.
    far = 3e-9 if name == "softplus" else 1e-15
    np.testing.assert_allclose(h, expected.detach(), rtol=far, atol=1e-15)
    np.testing.assert_allclose(back(weight, z, h, 0.01), t.grad, rtol=far, atol=1e-15)


# The layout


def test_views_write_to_theta_and_cover_it_once():
    layout = Layout(W=(2, 3), b=(), last=(4,))
    assert (layout.names, layout.size) == (("W", "b", "last"), 11)
    for theta in (np.zeros(11), np.zeros(22)[::2]):  # also where theta is itself a view
        for view in layout.views(theta).values():
            view[...] += np.arange(1, view.size + 1).reshape(view.shape)
        np.testing.assert_array_equal(theta, [1, 2, 3, 4, 5, 6, 1, 1, 2, 3, 4])


# Mini-batches


def with_batch(batch):
    return {
        "linear": LinearRegression(X, Y[:, 0], batch=batch),
        "logistic": LogisticRegression(X, LABELS % 2, batch=batch),
        "MLP": MLP(X, LABELS, classes=4, rng=RNG(), batch=batch),
        "LSTM": LSTM(WINDOWS, Y[:, 0], rng=RNG(), batch=batch),
        "skip-gram": SkipGram(WORDS, size=3, min_count=1, rng=RNG(), batch=batch),
    }


@pytest.mark.parametrize("name", ["linear", "logistic", "MLP", "LSTM"])
def test_the_gradients_of_the_parts_average_to_that_of_the_whole(name):
    model = with_batch(None)[name]
    theta = a_point(model)
    g = [len(part) * model.rows(part).grad(theta) for part in np.split(np.arange(7), [2, 3])]
    np.testing.assert_allclose(np.sum(g, axis=0) / 7, model.grad(theta), atol=1e-14)


@pytest.mark.parametrize("name", with_batch(None))
def test_sample_is_unbiased_and_depends_on_the_generator_only(name):
    model = with_batch(4)[name]
    theta = a_point(model)
    whole = model.grad(theta)
    rng = RNG()
    g = np.array([model.sample(t, rng).grad(theta) for t in range(1, 1501)])
    standard_error = g.std(axis=0) / np.sqrt(len(g))
    assert np.all(np.abs(g.mean(axis=0) - whole) < 5 * standard_error + 1e-15)
    assert np.sum(standard_error > 1e-4) > 3  # else the line above would compare constants
    np.testing.assert_array_equal(model.sample(9, RNG()).grad(theta), g[0])


@pytest.mark.parametrize("name", with_batch(None))
def test_without_batch_there_is_no_sample_and_no_generator_is_needed(name):
    model = with_batch(None)[name]
    assert model.sample is None
    path = minimize(SGD(lr=0.1), model, steps=5)
    assert path.value[-1] < path.value[0]


def test_a_sampled_gradient_is_zero_outside_the_rows_drawn():
    model = with_batch(2)["skip-gram"]
    pairs = model.sample(1, RNG())
    dv = model.layout.views(pairs.grad(a_point(model)))
    assert set(np.flatnonzero(dv["V"].any(axis=1))) == set(pairs.centre)
    assert set(np.flatnonzero(dv["U"].any(axis=1))) == set(pairs.outer.ravel())
    assert len(set(pairs.centre)) < len(model.vocabulary)


# Starts


def test_the_start_is_the_generators():
    for one, same in zip(with_batch(None).values(), with_batch(None).values(), strict=True):
        np.testing.assert_array_equal(one.start, same.start)
    assert np.any(MLP(X, Y, rng=np.random.default_rng(4)).start != MLP(X, Y, rng=RNG()).start)


def test_before_a_rectifier_the_start_is_hes_and_elsewhere_glorots():
    x = np.ones((1, 300))
    v = MLP(x, [0.0], (200,), "relu", rng=RNG())
    v = v.layout.views(v.start)
    assert v["W1"].std() == pytest.approx(np.sqrt(2 / 300), rel=0.01)
    assert np.abs(v["W1"]).max() > 3 * v["W1"].std()  # normal
    assert np.abs(v["W2"]).max() == pytest.approx(np.sqrt(6 / 201), rel=0.02)
    v = MLP(x, [0.0], (200,), "tanh", rng=RNG())
    v = v.layout.views(v.start)
    assert np.abs(v["W1"]).max() == pytest.approx(np.sqrt(6 / 500), rel=1e-3)
    assert not v["b1"].any()


def test_prelu_learns_its_slope_and_leaky_relu_does_not():
    model = MODELS["MLP, prelu"]
    assert [name for name in model.layout.names if name[0] == "a"] == ["a1", "a2"]
    path = minimize(SGD(lr=0.1), model, steps=20)
    slopes = [float(model.layout.views(theta)["a1"]) for theta in path.theta[[0, -1]]]
    assert slopes[0] == 0.25
    assert slopes[1] != 0.25
    assert MODELS["MLP, leaky relu"].layout.names == ("W1", "b1", "W2", "b2", "W3", "b3")


# What they learn


def test_linear_regression_finds_the_least_squares_solution():
    model = LinearRegression(X, Y[:, 0])
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(7)]), Y[:, 0])[0]
    path = minimize(Momentum(lr=0.2, momentum=0.8), model, steps=400)
    np.testing.assert_allclose(path.theta[-1], exact, rtol=1e-8)
    np.testing.assert_allclose(model.predict(exact, X[:2]), X[:2] @ exact[:3] + exact[3])


def test_logistic_regression_predicts_probabilities_and_does_not_overflow():
    model = LogisticRegression([[1.0], [-1.0]], [1, 0])
    theta = np.array([1e4, 0.0])
    np.testing.assert_array_equal(model.predict(theta, [[1.0], [-1.0], [0.0]]), [1, 0, 0.5])
    assert (model.value(theta), model.value(-theta)) == (0, 1e4)
    assert (model.accuracy(theta), model.accuracy(-theta)) == (1, 0)


def test_mlp_reads_digits_of_writers_it_has_not_seen():
    x, y = digits()
    rng = RNG()
    model = MLP(x, y, hidden=(64,), classes=10, rng=rng)
    train, test = model.rows(slice(1300)), model.rows(slice(1300, None))
    theta, adam = model.start, Adam(lr=0.003)
    state = adam.init(theta)
    for _ in range(15):
        for batch in np.array_split(rng.permutation(1300), 1300 // 32):
            theta, state = adam.step(theta, train.rows(batch).grad(theta), state)
    assert test.accuracy(model.start) < 0.2
    assert train.accuracy(theta) > 0.99
    assert 0.9 < test.accuracy(theta) < train.accuracy(theta)
    assert np.mean(model.predict(theta, x[1300:]) == y[1300:]) == test.accuracy(theta)


def test_mlp_predicts_numbers_in_the_shape_of_y():
    for y in (Y[:, 0], Y):
        model = MLP(X, y, rng=RNG())
        assert model.predict(model.start, X[:2]).shape == y[:2].shape
        residual = model.predict(model.start, X) - y
        assert np.mean(residual**2) == pytest.approx(model.value(model.start))


def test_lstm_forecasts_later_years_better_than_the_last_month_or_the_last_year_does():
    celsius = series()
    x, y = windows((celsius - celsius.mean()) / celsius.std(), length=12)
    model = LSTM(x, y, hidden=8, rng=RNG())
    train, test = model.rows(slice(600)), model.rows(slice(600, None))
    path = minimize(Adam(lr=0.02), train, steps=150)
    error = test.value(path.theta[-1])
    assert error == pytest.approx(np.mean((model.predict(path.theta[-1], x[600:]) - y[600:]) ** 2))
    last_month, last_year = (np.mean((x[600:, k] - y[600:]) ** 2) for k in (-1, 0))
    assert error < 0.5 * min(last_month, last_year)


def test_skipgram_learns_from_samples():
    rng = RNG()
    model = SkipGram(words(text()), min_count=20, rng=rng, batch=128)
    path = minimize(Adam(lr=0.02), model, steps=300, rng=rng)
    assert path.value[0] == pytest.approx(6 * np.log(2))  # U = 0: each of 1 + 5 tests is a coin
    assert path.value[-1] < 2.8
    assert len(model.vocabulary) == 203


def test_nearest_is_by_the_angle_not_the_length():
    model = SkipGram(["a", "b", "c", "d"], size=2, min_count=1, rng=RNG())
    theta = np.zeros(model.layout.size)
    model.layout.views(theta)["V"][:] = [[1, 0], [1, 1], [9, 1], [-1, 0]]
    assert model.nearest(theta, "a", count=3) == ["c", "b", "d"]


def test_skipgram_counts_as_the_paper_says():
    model = SkipGram(["a", "b", "a", "c"], window=1, min_count=1, rng=RNG())
    assert model.vocabulary == ("a", "b", "c")
    # Pairs: ab ba, ba ab, ac ca.
    np.testing.assert_array_equal(model.pair_share * 6, [[0, 2, 1], [2, 0, 0], [1, 0, 0]])
    np.testing.assert_allclose(model.noise, np.array([2**0.75, 1, 1]) / (2**0.75 + 2))


# The figure of PyTorch's tutorial: four optimizers on y = x**2 + 0.1 noise (numbers.md, 18)

FIGURE = {
    "SGD": (SGD(lr=0.01), partial(torch.optim.SGD, lr=0.01)),
    "Momentum": (Momentum(lr=0.01), partial(torch.optim.SGD, lr=0.01, momentum=0.9)),
    "RMSprop": (RMSprop(lr=0.01, rho=0.9), partial(torch.optim.RMSprop, lr=0.01, alpha=0.9)),
    "Adam": (Adam(lr=0.01, beta2=0.99), partial(torch.optim.Adam, lr=0.01, betas=(0.9, 0.99))),
}


@pytest.mark.parametrize(("ours", "theirs"), FIGURE.values(), ids=FIGURE)
def test_the_curves_of_the_tutorial_are_pytorchs(ours, theirs):
    rng = RNG()
    x = np.linspace(-1, 1, 1000)[:, None]
    y = x**2 + 0.1 * rng.standard_normal(x.shape)
    net = MLP(x, y, hidden=(20,), activation="relu", rng=rng)
    batches = [b for _ in range(5) for b in np.split(rng.permutation(1000), range(32, 1000, 32))]

    theta, state, curve = net.start, ours.init(net.start), []
    for batch in batches:
        value, g = net.rows(batch).value_and_grad(theta)
        theta, state = ours.step(theta, g, state)
        curve.append(value)

    peer = torch.nn.Sequential(torch.nn.Linear(1, 20), torch.nn.ReLU(), torch.nn.Linear(20, 1))
    peer = peer.double()
    with torch.no_grad():
        for parameter, part in zip(
            peer.parameters(), net.layout.views(net.start).values(), strict=True
        ):
            parameter.copy_(torch.tensor(part.T))
    optimizer, peer_curve = theirs(peer.parameters()), []
    tx, ty = torch.tensor(x), torch.tensor(y)
    for batch in batches:
        loss = functional.mse_loss(peer(tx[batch]), ty[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        peer_curve.append(loss.item())

    assert len(curve) == 5 * 32
    np.testing.assert_allclose(curve, peer_curve, rtol=1e-9)
    for parameter, part in zip(peer.parameters(), net.layout.views(theta).values(), strict=True):
        np.testing.assert_allclose(part.T, parameter.detach(), rtol=0, atol=1e-9)
    assert net.value(theta) < net.value(net.start) / 4


# Bad input


@every_model
def test_a_theta_that_is_not_finite_gives_a_value_that_is_not(model):
    theta = np.full(model.layout.size, np.nan)
    assert not np.isfinite(model.value(theta))


def test_the_accuracy_of_a_model_without_classes_is_refused():
    with pytest.raises(ValueError, match="accuracy needs a model with classes"):
        MODELS["MLP, tanh, numbers"].accuracy(np.zeros(3))
