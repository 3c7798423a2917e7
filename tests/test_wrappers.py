"""Methods around a method: each against a library or its definition, alone and nested."""

import inspect
import pkgutil
from types import SimpleNamespace

import jax
import keras
import numpy as np
import optax
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optim_lessons import (
    LAMB,
    LARS,
    SGD,
    SWA,
    WRAPPERS,
    Adam,
    ClipNorm,
    ClipValue,
    GradientNoise,
    Lookahead,
    Momentum,
    PerLayer,
    hyper_of,
    minimize,
    problems,
    state_from_json,
    state_to_json,
    sweep,
    validate,
)
from optim_lessons.contract import map_hyper, with_lr

settings.register_profile("book", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("book")
jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

STEPS, SIZE = 60, 8
BOWL = (lambda theta: 0.5 * np.sum(theta**2), lambda theta: theta)
INNER = {
    "SGD": (SGD(lr=0.03), lambda: optax.sgd(0.03)),
    "Momentum": (Momentum(lr=0.03, momentum=0.8), lambda: optax.sgd(0.03, momentum=0.8)),
    "Adam": (Adam(lr=0.03, beta2=0.99), lambda: optax.adam(0.03, b2=0.99)),
}
every_inner = pytest.mark.parametrize("name", INNER)


def recorded_gradients():
    """Gradients of scales 1e-5 to 1e2, a tenth of them 0."""
    rng = np.random.default_rng(2)
    g = 10.0 ** rng.uniform(-5, 2, SIZE) * rng.standard_normal((STEPS, SIZE))
    g[rng.random(g.shape) < 0.1] = 0.0
    return g


def run(optimizer, theta, gradients):
    """The points and the reported points after each step."""
    state, points, outputs = optimizer.init(theta), [], []
    for g in gradients:
        theta, state = optimizer.step(theta, g, state)
        points.append(theta)
        outputs.append(optimizer.output(theta, state) if hasattr(optimizer, "output") else theta)
    return np.array(points), np.array(outputs)


def run_optax(optimizer, params, gradients):
    state, points = optimizer.init(params), []
    for g in gradients:
        updates, state = optimizer.update(jax.numpy.asarray(g), state, params)
        params = optax.apply_updates(params, updates)
        points.append(params)
    return points


@every_inner
def test_lookahead_equals_optax_at_every_step(name):
    ours, theirs = INNER[name]
    g, start = recorded_gradients(), np.ones(SIZE)
    fast, slow = run(Lookahead(ours, k=4, alpha=0.3), start, g)
    params = optax.LookaheadParams.init_synced(jax.numpy.asarray(start))
    path = run_optax(optax.lookahead(theirs(), 4, 0.3), params, g)
    np.testing.assert_allclose(fast, [p.fast for p in path], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(slow, [p.slow for p in path], rtol=1e-12, atol=1e-13)


def test_lookahead_is_the_two_loops_of_the_paper():
    k, alpha, inner = 5, 0.5, Momentum(lr=0.002)
    phi = np.array(problems.beale.start)
    state = inner.init(phi)
    for _ in range(12):
        theta = phi
        for _ in range(k):
            theta, state = inner.step(theta, problems.beale.grad(theta), state)
        phi = phi + alpha * (theta - phi)
    path = minimize(Lookahead(inner, k, alpha), problems.beale, steps=12 * k)
    np.testing.assert_array_equal(path.theta[-1], phi)
    np.testing.assert_array_equal(path.state.t, range(12 * k + 1))


@pytest.mark.parametrize("optimizer", [Lookahead(Adam(), k=3, alpha=1.0), SWA(Adam(), start=99)])
def test_lookahead_with_alpha_1_and_swa_before_its_start_are_the_inner_method(optimizer):
    g = recorded_gradients()
    points, outputs = run(optimizer, np.ones(SIZE), g)
    plain, _ = run(Adam(), np.ones(SIZE), g)
    np.testing.assert_allclose(points, plain, rtol=1e-13)
    if isinstance(optimizer, SWA):
        np.testing.assert_array_equal(outputs, plain)
    else:
        np.testing.assert_array_equal(outputs[2::3], points[2::3])


def test_lookahead_reports_the_slow_point_and_takes_the_gradient_at_the_fast_one():
    path = minimize(Lookahead(SGD(lr=0.01), k=5), problems.ravine, steps=10)
    np.testing.assert_array_equal(path.theta[:5], [problems.ravine.start] * 5)
    assert not np.array_equal(path.grad[1], problems.ravine.grad(path.theta[1]))
    np.testing.assert_array_equal(path.grad[5], problems.ravine.grad(path.theta[5]))


@pytest.mark.parametrize(("start", "every"), [(0, 1), (1, 1), (10, 1), (7, 3)])
def test_swa_equals_pytorchs_averaged_model_at_every_step(start, every):
    g = recorded_gradients()
    model = torch.nn.Linear(SIZE, 1, bias=False, dtype=torch.float64)
    torch.nn.init.ones_(model.weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.8)
    averaged = torch.optim.swa_utils.AveragedModel(model)
    if start == 0:
        averaged.update_parameters(model)
    points, outputs = run(SWA(Momentum(lr=0.03, momentum=0.8), start, every), np.ones(SIZE), g)
    for t in range(1, STEPS + 1):
        model.weight.grad = torch.tensor(g[t - 1 : t])
        optimizer.step()
        if t >= start and (t - start) % every == 0:
            averaged.update_parameters(model)
        np.testing.assert_allclose(points[t - 1], model.weight.detach().numpy()[0], rtol=1e-13)
        if t >= start:
            mean = averaged.module.weight.detach().numpy()[0]
            np.testing.assert_allclose(outputs[t - 1], mean, rtol=1e-12)


def test_polyak_ruppert_is_the_mean_of_all_points_but_the_first():
    g = recorded_gradients()
    points, outputs = run(SWA(SGD(lr=0.1), start=1, every=1), np.ones(SIZE), g)
    means = np.cumsum(points, axis=0) / np.arange(1, STEPS + 1)[:, None]
    np.testing.assert_allclose(outputs, means, rtol=1e-11)


def test_averaging_calms_the_noise_that_a_constant_rate_leaves():
    """On a bowl with gradient noise SGD keeps a variance; the average's falls as 1 / steps."""
    rng = np.random.default_rng(5)
    theta, sgd = np.full(1000, 3.0), SWA(SGD(lr=0.5), start=50)
    state = sgd.init(theta)
    for _ in range(450):
        theta, state = sgd.step(theta, theta + rng.standard_normal(1000), state)
    assert np.var(theta) == pytest.approx(0.5 / (2 - 0.5), rel=0.15)
    assert np.var(sgd.output(theta, state)) == pytest.approx(1 / 400, rel=0.15)


def clipped(wrapper, g):
    """What the inner method gets."""
    theta = np.zeros_like(g)
    return theta - wrapper.step(theta, g, wrapper.init(theta))[0]


lengths = st.floats(1e-3, 1e3)
vectors = arrays(float, SIZE, elements=st.floats(-100, 100).map(lambda x: round(x, 3)))


@given(g=vectors, c=lengths)
def test_clipping_by_norm_keeps_the_direction_and_bounds_the_norm(g, c):
    h, norm = clipped(ClipNorm(SGD(lr=1.0), max_norm=c), g), np.linalg.norm(g)
    if norm <= c:
        np.testing.assert_array_equal(h, g)
    else:
        np.testing.assert_allclose(h, c * g / norm, rtol=1e-13)


@given(g=vectors, c=lengths)
def test_clipping_by_norm_equals_optax_and_keras_and_pytorch_but_for_its_small_number(g, c):
    ours = clipped(ClipNorm(SGD(lr=1.0), max_norm=c), g)
    of_optax, _ = optax.clip_by_global_norm(c).update(jax.numpy.asarray(g), optax.EmptyState())
    np.testing.assert_allclose(ours, of_optax, rtol=1e-13)
    if np.any(g):  # at 0, Keras gives NaN
        of_keras = keras.optimizers.SGD(1.0, global_clipnorm=c)._clip_gradients([g])[0]
        np.testing.assert_allclose(ours, of_keras, rtol=1e-13)
    parameter = torch.zeros(SIZE, dtype=torch.float64)
    parameter.grad = torch.tensor(g)
    torch.nn.utils.clip_grad_norm_([parameter], c)
    norm = np.linalg.norm(g)
    np.testing.assert_allclose(parameter.grad, g * min(1.0, c / (norm + 1e-6)), rtol=1e-13)
    np.testing.assert_allclose(parameter.grad, ours, rtol=1.1e-6 / max(norm, c))


@given(g=vectors, c=lengths)
def test_clipping_by_value_equals_pytorch_optax_and_keras(g, c):
    ours = clipped(ClipValue(SGD(lr=1.0), max_value=c), g)
    of_optax, _ = optax.clip(c).update(jax.numpy.asarray(g), optax.EmptyState())
    of_keras = keras.optimizers.SGD(1.0, clipvalue=c)._clip_gradients([g])[0]
    parameter = torch.zeros(SIZE, dtype=torch.float64)
    parameter.grad = torch.tensor(g)
    torch.nn.utils.clip_grad_value_([parameter], c)
    for theirs in (of_optax, of_keras, parameter.grad):
        np.testing.assert_array_equal(ours, theirs)


def test_clipping_by_norm_treats_each_row_alone_or_a_matrix_as_one_where_the_inner_method_does():
    g = np.array([[3.0, 4.0], [0.3, 0.4]])
    np.testing.assert_allclose(clipped(ClipNorm(SGD(lr=1.0)), g), [[0.6, 0.8], [0.3, 0.4]])
    of_matrices = type("OfMatrices", (SGD,), {"couples": 2})(lr=1.0)
    np.testing.assert_allclose(clipped(ClipNorm(of_matrices), g), g / np.linalg.norm(g))


def test_a_sweep_over_the_norm_equals_the_loop():
    norms = np.array([0.5, 5.0, 1e100])
    ends = sweep(ClipNorm(SGD(lr=0.01), max_norm=norms), problems.rosenbrock, steps=50)
    assert list(ends.diverged) == [False, False, True]
    for k, c in enumerate(norms):
        path = minimize(ClipNorm(SGD(lr=0.01), max_norm=c), problems.rosenbrock, steps=50)
        np.testing.assert_allclose(ends.theta[k], path.theta[-1], rtol=1e-10)


@pytest.mark.parametrize("t", [0, 1, 99])
def test_gradient_noise_is_normal_with_the_papers_variance_which_is_optaxs(t):
    eta, gamma, n = 0.3, 0.55, 200_000
    optimizer, zero = GradientNoise(SGD(lr=1.0), eta, gamma), np.zeros(n)
    state = optimizer.init(zero)._replace(t=t)
    noise = -optimizer.step(zero, zero, state)[0]
    sigma = np.sqrt(eta / (1 + t) ** gamma)
    assert np.std(noise) == pytest.approx(sigma, rel=0.01)
    assert abs(np.mean(noise)) < 4 * sigma / np.sqrt(n)
    assert np.mean(np.abs(noise) < sigma) == pytest.approx(0.6827, abs=0.005)
    theirs = optax.add_noise(eta, gamma, key=1)
    state = theirs.init(zero)._replace(count=jax.numpy.asarray(t))
    assert np.std(theirs.update(jax.numpy.asarray(zero), state)[0]) == pytest.approx(
        sigma, rel=0.01
    )


def test_gradient_noise_is_added_and_is_that_of_its_seed_and_step():
    optimizer, g = GradientNoise(SGD(lr=1.0), eta=0.3, gamma=0.55, seed=7), np.arange(5.0)
    theta = np.zeros(5)
    state = optimizer.init(theta)
    for t in range(3):
        noise = np.random.default_rng([7, t]).standard_normal(5) * np.sqrt(0.3 / (1 + t) ** 0.55)
        new, state = optimizer.step(theta, g, state)
        np.testing.assert_allclose(new, theta - (g + noise), rtol=1e-12)
        theta = new
        assert state.t == t + 1


def test_a_wrapper_of_an_elementwise_method_couples_nothing():
    assert Lookahead(SGD()).couples == SWA(SGD()).couples == GradientNoise(SGD()).couples == 0
    assert minimize(Lookahead(SGD(lr=0.5)), BOWL, 1.0, steps=1).theta.shape == (2,)


def test_gradient_noise_is_new_at_each_step_and_for_each_seed_and_the_same_for_the_same():
    def noises(seed):
        zero = np.zeros(1000)
        return np.diff(run(GradientNoise(SGD(), seed=seed), zero, [zero] * 5)[0], axis=0)

    np.testing.assert_array_equal(noises(1), noises(1))
    correlations = np.corrcoef(np.vstack([noises(1), noises(2)]))
    np.testing.assert_allclose(correlations, np.eye(8), atol=0.15)


class Newtonlike:
    """A method with an oracle, a reported point and no state: to see what wrappers pass on."""

    needs = ("value", "hessian")
    couples = 1

    def init(self, theta):
        return ()

    def step(self, theta, g, state, oracle):
        assert oracle.value(theta) == pytest.approx(0.5 * np.sum(theta**2))
        return theta - 0.5 * np.linalg.solve(oracle.hessian(theta), g), ()

    def output(self, theta, state):
        return theta + 100


AROUND = {
    "Lookahead": lambda inner: Lookahead(inner, k=3),
    "SWA": lambda inner: SWA(inner, start=2),
    "ClipNorm": lambda inner: ClipNorm(inner, max_norm=0.5),
    "ClipValue": lambda inner: ClipValue(inner, max_value=0.5),
    "GradientNoise": GradientNoise,
}
every_wrapper = pytest.mark.parametrize("wrap", AROUND.values(), ids=AROUND)


@every_wrapper
def test_a_wrapper_passes_on_needs_axes_oracle_and_reported_point(wrap):
    optimizer, theta = wrap(Newtonlike()), np.array([3.0, 4.0])
    assert optimizer.needs == ("value", "hessian")
    assert optimizer.couples == 1
    oracle = SimpleNamespace(value=lambda x: 0.5 * np.sum(x**2), hessian=lambda x: np.eye(2))
    state = optimizer.init(theta)
    for _ in range(2):
        theta, state = optimizer.step(theta, theta, state, oracle)
    assert np.all(np.abs(theta) < 4)
    if not isinstance(optimizer, Lookahead):  # it reports its own slow point
        np.testing.assert_array_equal(optimizer.output(theta, state), theta + 100)


@every_wrapper
@pytest.mark.parametrize("outer", AROUND.values(), ids=AROUND)
def test_wrappers_nest_and_their_states_survive_json_in_mid_run(wrap, outer):
    optimizer, g = outer(wrap(Adam(lr=0.1))), recorded_gradients()[:10]
    points, outputs = run(optimizer, np.ones(SIZE), g)
    state = optimizer.init(np.ones(SIZE))
    theta = np.ones(SIZE)
    for k, row in enumerate(g):
        state = state_from_json(state_to_json(state), like=optimizer.init(theta))
        theta, state = optimizer.step(theta, row, state)
        np.testing.assert_array_equal(theta, points[k])
        np.testing.assert_array_equal(optimizer.output(theta, state), outputs[k])


@every_wrapper
def test_minimize_runs_a_wrapper_with_a_schedule_of_the_inner_methods_rate(wrap):
    schedule = [0.1, 0.05, 0.02, 0.01]
    path = minimize(
        wrap(Momentum(lr=9.0)), problems.beale, steps=4, schedule=lambda t: schedule[t - 1]
    )
    theta, optimizer = np.array(problems.beale.start), wrap(Momentum())
    state = optimizer.init(theta)
    for lr in schedule:
        theta, state = with_lr(optimizer, lr).step(theta, problems.beale.grad(theta), state)
    np.testing.assert_array_equal(path.theta[-1], optimizer.output(theta, state))


class Layout:
    """Views on a flat vector, the second part first."""

    size = 8

    def views(self, vector):
        return {"W": vector[2:].reshape(3, 2), "b": vector[:2]}


PARTS = {"W": Momentum(lr=0.1), "b": Adam(lr=0.5)}


def test_per_layer_steps_each_part_as_its_optimizer_would_alone():
    g = recorded_gradients()
    points, _ = run(PerLayer(Layout(), PARTS), np.ones(8), g)
    np.testing.assert_array_equal(points[:, 2:], run(PARTS["W"], np.ones(6), g[:, 2:])[0])
    np.testing.assert_array_equal(points[:, :2], run(PARTS["b"], np.ones(2), g[:, :2])[0])


def test_per_layer_with_one_optimizer_makes_each_part_one_layer_whatever_its_shape():
    g, theta = recorded_gradients(), np.linspace(1, 2, 8)
    for inner in (LAMB(lr=0.1), LARS(lr=10.0), ClipNorm(SGD(lr=0.1))):
        points, _ = run(PerLayer(Layout(), inner), theta, g)
        np.testing.assert_array_equal(points[:, 2:], run(inner, theta[2:], g[:, 2:])[0])
        np.testing.assert_array_equal(points[:, :2], run(inner, theta[:2], g[:, :2])[0])


def test_per_layer_takes_a_part_without_axes():
    layout = problems.Layout(w=(2,), a=())
    optimizer, theta = PerLayer(layout, SGD(lr=0.5)), np.ones(3)
    new, _ = optimizer.step(theta, np.array([1.0, 2.0, 3.0]), optimizer.init(theta))
    np.testing.assert_array_equal(new, [0.5, 0.0, -0.5])


def test_per_layer_equals_pytorchs_parameter_groups():
    g = recorded_gradients()
    w, b = (torch.ones(shape, dtype=torch.float64) for shape in [(3, 2), (2,)])
    groups = [{"params": [w], "lr": 0.1}, {"params": [b], "lr": 0.02}]
    theirs = torch.optim.SGD(groups, momentum=0.9)
    parts = {"W": Momentum(lr=0.1), "b": Momentum(lr=0.02)}
    points, _ = run(PerLayer(Layout(), parts), np.ones(8), g)
    for row, point in zip(g, points, strict=True):
        w.grad, b.grad = torch.tensor(row[2:].reshape(3, 2)), torch.tensor(row[:2])
        theirs.step()
        np.testing.assert_allclose(point, np.concatenate([b, w.reshape(-1)]), rtol=1e-13)


def test_per_layer_reports_what_its_optimizers_report_and_its_state_survives_json():
    optimizer = PerLayer(Layout(), {"W": SWA(SGD()), "b": GradientNoise(Lookahead(SGD()))})
    g = recorded_gradients()
    points, outputs = run(optimizer, np.ones(8), g)
    of_w = run(SWA(SGD()), np.ones(6), g[:, 2:])[1]
    np.testing.assert_array_equal(outputs[:, 2:], of_w)
    theta, state = np.ones(8), optimizer.init(np.ones(8))
    for k, row in enumerate(g):
        state = state_from_json(state_to_json(state), like=optimizer.init(theta))
        theta, state = optimizer.step(theta, row, state)
        np.testing.assert_array_equal(theta, points[k])


def test_minimize_records_a_run_of_per_layer_and_a_wrapper_goes_around_it():
    bowl = (lambda x: 0.5 * np.sum(x**2), lambda x: x)
    path = minimize(ClipNorm(PerLayer(Layout(), PARTS)), bowl, theta0=np.ones(8), steps=3)
    assert path.theta.shape == (4, 8)
    assert path.state.inner.inner["W"].m.shape == (4, 6)
    assert path.state.inner.inner["b"].v.shape == (4, 2)


def test_a_rate_reaches_every_optimizer_of_a_per_layer_and_so_does_validation():
    slower = with_lr(PerLayer(Layout(), PARTS), 0.01)
    assert [inner.lr for inner in slower.inner.values()] == [0.01, 0.01]
    assert with_lr(PerLayer(Layout(), ClipNorm(Adam())), 0.01).inner.inner.lr == 0.01
    halved = map_hyper(slower, lambda name, x: x / 2 if name == "lr" else x)
    assert halved.inner["b"].lr == 0.005
    assert PARTS["W"].lr == 0.1
    validate(PerLayer(Layout(), PARTS))
    with pytest.raises(ValueError, match=r"^Adam: lr = -1 is outside \[0, inf\)"):
        validate(PerLayer(Layout(), PARTS | {"b": Adam(lr=-1)}))
    with pytest.raises(TypeError, match="3 is not an optimizer"):
        validate(PerLayer(Layout(), PARTS | {"b": 3}))


OF_MATRICES = type("OfMatrices", (SGD,), {"couples": 2})()


@pytest.mark.parametrize(
    ("inner", "theta", "words"),
    [
        ({"W": SGD()}, np.ones(8), r"optimizers for \['W'\], but layers \['W', 'b'\]"),
        (PARTS | {"c": SGD()}, np.ones(8), r"optimizers for \['W', 'b', 'c'\], but layers"),
        (PARTS, np.ones(7), r"theta has shape \(7,\), not \(8,\)"),
        (PARTS, np.ones((2, 8)), r"theta has shape \(2, 8\), not \(8,\)"),
        (OF_MATRICES, np.ones(8), r"OfMatrices couples 2 axes, but b has shape \(2,\)"),
        (Newtonlike(), np.ones(8), "Newtonlike needs value and hessian of all layers"),
    ],
)
def test_per_layer_refuses_what_does_not_fit_its_layout(inner, theta, words):
    with pytest.raises(ValueError, match=words):
        PerLayer(Layout(), inner).init(theta)


@pytest.mark.parametrize("cls", [ClipNorm, ClipValue, GradientNoise])
def test_the_libraries_names_and_defaults_are_their_own(cls):
    for spelled in cls.elsewhere.values():
        parameters = inspect.signature(pkgutil.resolve_name(spelled.call)).parameters
        assert list(spelled.args) == list(hyper_of(cls))
        for name, default in spelled.args.values():
            words = {inspect.Parameter.empty: "required", None: "None"}
            assert default == words[parameters[name].default]


@pytest.mark.parametrize("cls", WRAPPERS.values(), ids=WRAPPERS)
def test_every_wrapper_says_why_it_is_not_traced_and_documents_itself(cls):
    assert isinstance(cls.untraced, str)
    for heading in ("Shapes:", "Errors:", "Variant:", "Source:", "Example:"):
        assert heading in cls.__doc__
