"""What every step has that couples coordinates, searches or wraps, for all inputs (Hypothesis)."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optim_lessons import (
    LAMB,
    LARS,
    LBFGS,
    OPTIMIZERS,
    SGD,
    SWA,
    SWATS,
    TRACED,
    WRAPPERS,
    Adam,
    ClipNorm,
    ClipValue,
    ConjugateGradient,
    GradientNoise,
    Lookahead,
    Momentum,
    Muon,
    Newton,
    PerLayer,
    hyper_of,
    minimize,
    state_from_json,
    state_to_json,
    validate,
)
from optim_lessons.contract import variant_name, variants, with_lr
from optim_lessons.minimize import oracle_of

settings.register_profile("book", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("book")

SIZE, STEPS = 6, 5


class Layout:
    size = SIZE

    def views(self, vector):
        return {"W": vector[:4].reshape(2, 2), "b": vector[4:]}


METHODS = {
    "LARS": LARS(trust=0.1, weight_decay=0.01),
    "LAMB": LAMB(lr=0.1, weight_decay=0.01),
    "SWATS": SWATS(lr=0.1, tolerance=0.1),
    "Muon": Muon(lr=0.1),
    "Muon_nesterov": Muon(lr=0.1, nesterov=False),
    "Lookahead": Lookahead(Adam(lr=0.1), k=2),
    "SWA": SWA(Momentum(lr=0.01), start=1),
    "ClipNorm": ClipNorm(Adam(lr=0.1)),
    "ClipValue": ClipValue(Momentum(lr=0.1)),
    "GradientNoise": GradientNoise(SGD(lr=0.01)),
    "PerLayer": PerLayer(Layout(), {"W": Muon(lr=0.1), "b": LAMB(lr=0.1)}),
    "Newton": Newton(lr=0.5),
    "Newton, damped": Newton(damping=1.0),
    "LBFGS": LBFGS(memory=2),
    "Lookahead of LBFGS": Lookahead(LBFGS(), k=2),
    "SWA of clipped Newton": SWA(ClipNorm(Newton(), max_norm=0.5)),
} | {variant_name(method): method for method in variants(ConjugateGradient)}
every_method = pytest.mark.parametrize("name", METHODS)

points = arrays(float, SIZE, elements=st.floats(-2, 2).map(lambda x: round(x, 2)))
seeds = st.integers(0, 10**6)


def problem(seed, scale=1.0, turn=None):
    """A convex quadratic and a quartic, for theta of any shape; `turn` is a change of variables."""
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((SIZE, SIZE)) / SIZE
    h = root @ root.T + np.diag(rng.uniform(0.5, 2.0, SIZE))
    a = np.eye(SIZE) if turn is None else turn

    def value(x):
        u = a @ x.ravel()
        return scale * (0.5 * u @ h @ u + 0.25 * np.sum(u**4))

    def grad(x):
        u = a @ x.ravel()
        return (scale * (a.T @ (h @ u + u**3))).reshape(x.shape).astype(x.dtype)

    def hessian(x):
        u = a @ x.ravel()
        return (scale * (a.T @ (h + 3 * np.diag(u**2)) @ a)).astype(x.dtype)

    def hvp(x, p):
        return hessian(x) @ p

    return SimpleNamespace(value=value, grad=grad, hessian=hessian, hvp=hvp)


def shaped(name, theta):
    return theta.reshape(2, 3) if name.startswith("Muon") else theta


def step(optimizer, theta, state, of):
    needs = getattr(optimizer, "needs", ())
    return optimizer.step(theta, of.grad(theta), state, *([oracle_of(of, needs)] if needs else []))


def path(optimizer, theta, of, steps=STEPS):
    """The points after 0, 1, ... steps, and the last state."""
    state, thetas = optimizer.init(theta), [theta]
    for _ in range(steps):
        theta, state = step(optimizer, theta, state, of)
        thetas.append(theta)
    return np.array(thetas), state


def leaves(state):
    """The arrays and numbers of a state, nested ones too."""
    if isinstance(state, dict):
        state = tuple(state.values())
    return [x for part in state for x in leaves(part)] if isinstance(state, tuple) else [state]


@every_method
@given(theta=points, seed=seeds)
def test_a_step_changes_none_of_its_inputs_and_twice_gives_the_same(name, theta, seed):
    optimizer, of, theta = METHODS[name], problem(seed), shaped(name, theta)
    state = optimizer.init(theta)
    for _ in range(STEPS):
        inputs = [x for x in (theta, *leaves(state)) if isinstance(x, np.ndarray)]
        before = [x.copy() for x in inputs]
        for x in inputs:
            x.flags.writeable = False
        new_theta, new_state = step(optimizer, theta, state, of)
        again_theta, again_state = step(optimizer, theta, state, of)
        for x, old in zip(inputs, before, strict=True):
            np.testing.assert_array_equal(x, old)
        np.testing.assert_array_equal(new_theta, again_theta)
        for x, y in zip(leaves(new_state), leaves(again_state), strict=True):
            np.testing.assert_array_equal(x, y)
        assert not np.shares_memory(new_theta, theta)
        theta, state = new_theta, new_state


@every_method
@given(theta=points, seed=seeds)
def test_a_state_keeps_its_form_and_survives_json_in_mid_run(name, theta, seed):
    optimizer, of, theta = METHODS[name], problem(seed), shaped(name, theta)
    expected, _ = path(optimizer, theta, of)
    empty = state = optimizer.init(theta)
    for k in range(STEPS):
        state = state_from_json(state_to_json(state), like=empty)
        theta, state = step(optimizer, theta, state, of)
        np.testing.assert_array_equal(theta, expected[k + 1])
        for old, new in zip(leaves(empty), leaves(state), strict=True):
            assert type(old) is type(new)
            assert np.shape(old) == np.shape(new)


@every_method
def test_minimize_records_the_path_and_its_states(name):
    of, theta = problem(1), shaped(name, np.linspace(-1, 1, SIZE))
    run = minimize(METHODS[name], of, theta, steps=STEPS)
    expected, last = path(METHODS[name], theta, of)
    assert (run.steps, run.diverged) == (STEPS, False)
    if not hasattr(METHODS[name], "output"):
        np.testing.assert_array_equal(run.theta, expected)
    for recorded, end in zip(leaves(run.state), leaves(last), strict=True):
        assert len(recorded) == STEPS + 1
        np.testing.assert_array_equal(recorded[-1], end)


@every_method
def test_it_goes_down(name):
    of, theta = problem(1), shaped(name, np.linspace(-1, 1, SIZE))
    run = minimize(METHODS[name], of, theta, steps=50)
    assert run.value[-1] < 0.8 * run.value[0]


@every_method
@given(theta=points, seed=seeds)
def test_float32_stays_float32(name, theta, seed):
    optimizer, of, theta = METHODS[name], problem(seed), shaped(name, theta)
    exact, _ = path(optimizer, theta, of, steps=2)
    rough, state = path(optimizer, theta.astype(np.float32), of, steps=2)
    arrays_ = [rough, *(x for x in leaves(state) if isinstance(x, np.ndarray))]
    assert {x.dtype for x in arrays_} == {np.dtype(np.float32)}
    if name not in ("SWATS", "LAMB"):  # at a zero of the gradient, Adam's first step is a sign
        np.testing.assert_allclose(rough, exact, atol=2e-2)


WITH_RATE = [name for name in METHODS if not name.startswith("ConjugateGradient")]


@pytest.mark.parametrize("name", WITH_RATE)
@given(theta=points, seed=seeds)
def test_a_learning_rate_of_zero_leaves_theta_unchanged(name, theta, seed):
    theta = shaped(name, theta)
    still, _ = path(with_lr(METHODS[name], 0.0), theta, problem(seed))
    np.testing.assert_array_equal(still, [theta] * (STEPS + 1))


SYMMETRIC = [name for name in METHODS if name not in ("PerLayer", "GradientNoise")]


@pytest.mark.parametrize("name", SYMMETRIC)
@given(theta=points, seed=seeds, order=st.permutations(range(SIZE)))
def test_renaming_the_coordinates_renames_the_path(name, theta, seed, order):
    """Of a matrix, the rows and the columns: here both are taken backwards."""
    order = list(range(SIZE))[::-1] if name.startswith("Muon") else list(order)
    back = np.eye(SIZE)[np.argsort(order)]
    there, _ = path(METHODS[name], shaped(name, theta), problem(seed), 3)
    renamed, _ = path(METHODS[name], shaped(name, theta[order]), problem(seed, turn=back), 3)
    expected = there.reshape(4, SIZE)[:, order]
    np.testing.assert_allclose(renamed.reshape(4, SIZE), expected, atol=1e-6)


ROTATED = {
    "SGD": SGD(lr=0.1),
    "Momentum": Momentum(lr=0.1),
    "LARS": LARS(trust=0.1, weight_decay=0.01),
    "ClipNorm of Momentum": ClipNorm(Momentum(lr=0.1), max_norm=0.1),
    "Lookahead of Momentum": Lookahead(Momentum(lr=0.1), k=2),
    "SWA of SGD": SWA(SGD(lr=0.1)),
    "Newton": Newton(lr=0.5),
    "Newton, damped": Newton(damping=1.0),
    "LBFGS": LBFGS(memory=2),
} | {variant_name(method): method for method in variants(ConjugateGradient)}


def rotation(seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((SIZE, SIZE)))[0]


@pytest.mark.parametrize("name", ROTATED)
@given(theta=points, seed=seeds)
def test_turned_coordinates_turn_the_path(name, theta, seed):
    """These have no favourite axes; the loss is small, as first trials look at |g|_1 above 1."""
    q = rotation(seed)
    there, _ = path(ROTATED[name], theta, problem(seed, scale=0.005), 4)
    turned, _ = path(ROTATED[name], q.T @ theta, problem(seed, scale=0.005, turn=q), 4)
    np.testing.assert_allclose(turned, there @ q, atol=1e-6)


@pytest.mark.parametrize(
    "optimizer",
    [Adam(lr=0.1), LAMB(lr=0.1), SWATS(lr=0.1), ClipValue(SGD(lr=0.1)), LBFGS()],
    ids=lambda o: type(o).__name__,
)
def test_adam_and_its_kin_have_favourite_axes_and_so_has_the_first_trial_of_lbfgs(optimizer):
    theta, q = np.linspace(-2, 2, SIZE), rotation(3)
    there, _ = path(optimizer, theta, problem(3), 4)
    turned, _ = path(optimizer, q.T @ theta, problem(3, turn=q), 4)
    assert np.abs(turned - there @ q).max() > 1e-3


@given(theta=points, seed=seeds)
def test_newton_ignores_any_linear_change_of_variables(theta, seed):
    stretch = rotation(seed) * np.geomspace(0.1, 10, SIZE)
    there, _ = path(Newton(), theta, problem(seed))
    stretched, _ = path(Newton(), np.linalg.solve(stretch, theta), problem(seed, turn=stretch))
    np.testing.assert_allclose(stretched @ stretch.T, there, atol=1e-9)


EXACT = ConjugateGradient(exact=True)


@pytest.mark.parametrize("optimizer", [Newton(), EXACT, LAMB(eps=0.0), LARS()], ids=str)
@given(theta=points, seed=seeds, c=st.integers(-10, 10).map(lambda k: 2.0**k))
def test_the_scale_of_the_loss_does_not_matter(optimizer, theta, seed, c):
    theta = theta + 0.01 * np.sign(theta + 0.001)  # no coordinate at rest: 0/0 without epsilon
    once, _ = path(optimizer, theta, problem(seed), 3)
    scaled, _ = path(optimizer, theta, problem(seed, scale=c), 3)
    np.testing.assert_allclose(scaled, once, atol=1e-9)


@given(theta=points, seed=seeds, c=st.floats(0.01, 10), d=st.floats(0.01, 10))
def test_clipping_twice_is_clipping_by_the_smaller_bound(theta, seed, c, d):
    for clip in (ClipNorm, ClipValue):
        twice, _ = path(clip(clip(SGD(lr=0.1), c), d), theta, problem(seed))
        once, _ = path(clip(SGD(lr=0.1), min(c, d)), theta, problem(seed))
        np.testing.assert_allclose(twice, once, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["LARS", "LAMB", "SWATS", "ClipNorm"])
@given(theta=arrays(float, (3, SIZE), elements=st.floats(-2, 2)), seed=seeds)
def test_leading_axes_are_independent_runs(name, theta, seed):
    rows = problem(seed)
    together = SimpleNamespace(grad=lambda x: np.array([rows.grad(row) for row in x]))
    whole, _ = path(METHODS[name], theta, together)
    for k in range(3):
        alone, _ = path(METHODS[name], theta[k], rows)
        np.testing.assert_allclose(whole[:, k], alone, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("cls", [*OPTIMIZERS.values(), *WRAPPERS.values()])
def test_every_public_class_works_by_default_and_is_traced_or_says_why_not(cls):
    if cls is not PerLayer:
        validate(cls())
    assert cls.__name__ in TRACED or len(cls.untraced.split()) > 2
    assert all(info.contains(info.default) for info in hyper_of(cls).values())


@pytest.mark.parametrize(
    ("optimizer", "shape"),
    [
        (LARS(), ()),
        (LAMB(), ()),
        (SWATS(), ()),
        (Newton(), ()),
        (ClipNorm(), ()),
        (Muon(), (3,)),
        (Lookahead(Muon()), (3,)),
        (ClipNorm(SWA(LARS())), ()),
    ],
    ids=str,
)
def test_a_theta_of_too_few_axes_is_refused(optimizer, shape):
    bowl = SimpleNamespace(value=np.sum, grad=lambda x: x, hessian=lambda x: x)
    with pytest.raises(ValueError, match=r"couples [12] axes, but theta0 has shape"):
        minimize(optimizer, bowl, theta0=np.ones(shape))


@pytest.mark.parametrize("name", ["Lookahead", "SWA", "ClipNorm", "ClipValue", "GradientNoise"])
def test_a_wrapper_asks_for_what_its_inner_method_needs(name):
    bowl = (lambda x: 0.5 * np.sum(x**2), lambda x: x)
    with pytest.raises(ValueError, match="needs a problem with hessian"):
        minimize((OPTIMIZERS | WRAPPERS)[name](Newton()), bowl, theta0=np.ones(2))
