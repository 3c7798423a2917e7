"""Every surface's gradient, minima and viewport are what they are said to be."""

import dataclasses
from types import FunctionType, SimpleNamespace

import numpy as np
import pytest
import sympy

from optim_lessons import SGD, minimize, problems
from optim_lessons.problems import SURFACES

SYMPY = SimpleNamespace(
    sin=sympy.sin,
    cos=sympy.cos,
    exp=sympy.exp,
    sqrt=sympy.sqrt,
    abs=sympy.Abs,
    sign=sympy.sign,
    pi=sympy.pi,
    e=sympy.E,
)
WITH_MINIMA = [surface for surface in SURFACES.values() if surface.minima]
every_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
every_minimum = pytest.mark.parametrize("surface", WITH_MINIMA, ids=lambda s: s.name)


def on_symbols(function, *symbols):
    """What a function makes of SymPy's symbols, with SymPy where it says `np`."""
    return FunctionType(function.__code__, {"np": SYMPY})(*symbols)


def expressions(surface):
    """The symbols x and y, and the surface's value and gradient in them, with exact numbers."""
    symbols = sympy.symbols("x y", real=True)
    value = on_symbols(surface.f, *symbols)
    gradient = on_symbols(surface.df, *symbols)
    return symbols, *(sympy.nsimplify(f, rational=True) for f in (value, *gradient))


def points_in(viewport, count):
    """Random points with rational coordinates, none of which is 0."""
    whole = np.random.default_rng(7).integers(1, 1000, (count, 2))
    for row in whole.tolist():
        yield [
            sympy.nsimplify(low) + sympy.Rational(k, 1001) * sympy.nsimplify(high - low)
            for k, (low, high) in zip(row, viewport, strict=True)
        ]


@every_surface
def test_the_gradient_is_sympys_derivative_of_the_value(surface):
    """To 30 digits at random points: on them, a wrong formula cannot agree by chance."""
    symbols, f, *by_hand = expressions(surface)
    for d, s in zip(by_hand, symbols, strict=True):
        error = d - f.diff(s)
        for point in points_in(surface.viewport, 5):
            at = dict(zip(symbols, point, strict=True))
            assert abs(error.evalf(30, at)) < 1e-20 * (1 + abs(d.evalf(30, at)))


@every_surface
def test_the_hessian_is_sympys_to_rounding(surface):
    symbols, f, *_ = expressions(surface)
    second = [[f.diff(a, b) for b in symbols] for a in symbols]
    for point in points_in(surface.viewport, 5):
        at = dict(zip(symbols, point, strict=True))
        exact = [[float(d.evalf(30, at)) for d in row] for row in second]
        found = surface.hessian(np.array(point, float))
        # A second derivative below 1e-288 vanishes, as its product with the step 1e-20 does.
        atol = max(1e-12 * np.abs(exact).max(), 1e-288)
        np.testing.assert_allclose(found, exact, rtol=0, atol=atol)


@every_minimum
def test_minima_have_no_gradient_and_no_point_of_the_viewport_lies_lower(surface):
    axes = (np.linspace(*ends, 401) for ends in surface.viewport)
    everywhere = np.stack(np.meshgrid(*axes), axis=-1)
    for minimum in np.array(surface.minima):
        np.testing.assert_allclose(surface.grad(minimum), 0, atol=1e-12)
        assert surface.value(minimum) <= surface.value(everywhere).min() + 1e-20


def test_only_the_two_that_are_nothing_but_a_saddle_have_no_minimum():
    names = {surface.name for surface in WITH_MINIMA}
    assert {*SURFACES} - names == {"saddle", "monkey_saddle"}


# All that the viewports hold, except of Rastrigin and Ackley, which have one between any two dents.
SADDLES = {
    "beale": [(0, 1)],
    "himmelblau": [
        (-3.07303, -0.08135),
        (-0.12796, -1.95371),
        (0.08668, 2.88425),
        (3.38515, 0.07385),
    ],
    "saddle": [(0, 0)],
    "camel": [
        (0, 0),
        *((1.10921, -0.76827), (1.29607, 0.60508), (1.63807, 0.22867)),
        *((-1.10921, 0.76827), (-1.29607, -0.60508), (-1.63807, -0.22867)),
    ],
    "goldstein_price": [(-0.4, -0.6), (0.6, 0.4), (1.2, -0.2), (1.4, 0.6)],
    "two_layers": [(0, 0)],
    "wells": [(-0.43967, 0)],
}
FEW_SADDLES = [s for name, s in SURFACES.items() if name not in {"rastrigin", "ackley", "kink"}]


def stationary_points(surface):
    """Where Newton's method ends in the viewport, from a grid of starts."""
    x, y = (np.linspace(*ends, 31) for ends in surface.viewport)
    theta = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    with np.errstate(all="ignore"):
        for _ in range(40):
            (a, b), (c, d) = np.moveaxis(surface.hessian(theta), 0, -1)
            g, h = surface.grad(theta).T
            step = np.stack([d * g - b * h, a * h - c * g], axis=-1) / (a * d - b * c)[:, None]
            theta = np.where(np.isfinite(step), theta - step, theta)
        at_rest = np.linalg.norm(surface.grad(theta), axis=1) < 1e-9
    inside = (np.abs(theta - [x.mean(), y.mean()]) < [np.ptp(x) / 2, np.ptp(y) / 2]).all(axis=1)
    return np.unique(theta[at_rest & inside].round(5) + 0.0, axis=0)


@pytest.mark.parametrize("surface", FEW_SADDLES, ids=lambda s: s.name)
def test_the_saddles_are_those_named(surface):
    points = stationary_points(surface)
    curvatures = np.linalg.eigvalsh(surface.hessian(points))
    found = points[(curvatures[:, 0] < 0) & (curvatures[:, 1] > 0)]
    expected = np.array(sorted(SADDLES.get(surface.name, []))).reshape(-1, 2)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("surface", "minima", "maxima"),
    [(problems.himmelblau, 4, 1), (problems.camel, 6, 2), (problems.goldstein_price, 4, 1)],
    ids=lambda s: getattr(s, "name", None),
)
def test_minima_and_maxima_are_one_more_than_saddles(surface, minima, maxima):
    """The mountaineer's equation, for a surface that rises on every side."""
    curvatures = np.linalg.eigvalsh(surface.hessian(stationary_points(surface)))
    assert np.sum(curvatures[:, 0] > 0) == minima
    assert np.sum(curvatures[:, 1] < 0) == maxima
    assert len(SADDLES[surface.name]) == minima + maxima - 1


def test_the_monkey_saddle_is_degenerate():
    np.testing.assert_array_equal(problems.monkey_saddle.hessian(np.zeros(2)), np.zeros((2, 2)))
    angles = np.radians(np.arange(0, 360, 60))  # down, up, down, ... around the point
    circle = np.stack([-np.cos(angles), np.sin(angles)], axis=-1)
    np.testing.assert_allclose(problems.monkey_saddle.value(circle), [-1, 1] * 3)


@every_minimum
def test_no_minimum_in_the_viewport_is_forgotten(surface):
    """Where the value on a fine grid comes near the least one, a listed minimum is near."""
    axes = (np.linspace(*ends, 401) for ends in surface.viewport)
    everywhere = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    values = surface.value(everywhere)
    low = everywhere[values < np.quantile(values, 1e-4)]
    distances = np.linalg.norm(low[:, None] - np.array(surface.minima), axis=-1)
    assert distances.min(axis=1).max() < 0.3


@every_surface
def test_start_and_minima_lie_inside_the_viewport(surface):
    (left, right), (bottom, top) = surface.viewport
    for x, y in (surface.start, *surface.minima):
        assert left < x < right
        assert bottom < y < top


@every_surface
def test_the_start_is_not_at_rest(surface):
    assert np.linalg.norm(surface.grad(np.array(surface.start))) > 1e-3


@every_surface
def test_value_and_gradient_take_any_leading_axes(surface):
    theta = np.random.default_rng(1).uniform(-1, 1, (4, 3, 2))
    value, grad = surface.value(theta), surface.grad(theta)
    assert value.shape == (4, 3)
    assert grad.shape == (4, 3, 2)
    for place in np.ndindex(4, 3):
        np.testing.assert_allclose(value[place], surface.value(theta[place]), rtol=1e-12)
        np.testing.assert_allclose(grad[place], surface.grad(theta[place]), rtol=1e-12)


@every_surface
def test_a_surface_is_found_by_its_name(surface):
    assert getattr(problems, surface.name) is surface


@every_surface
def test_a_hessian_takes_any_leading_axes_and_is_symmetric(surface):
    theta = np.random.default_rng(2).uniform(-1, 1, (4, 3, 2))
    hessian = surface.hessian(theta)
    assert hessian.shape == (4, 3, 2, 2)
    np.testing.assert_allclose(hessian, np.swapaxes(hessian, -1, -2), rtol=1e-12, atol=1e-12)
    for place in np.ndindex(4, 3):
        np.testing.assert_allclose(hessian[place], surface.hessian(theta[place]), rtol=1e-12)


def of_gradient(df):
    return dataclasses.replace(problems.ravine, df=df)


@pytest.mark.parametrize(
    ("df", "derivative"),
    [
        (lambda x, y: (x * np.abs(x), y), lambda x: 2 * abs(x)),
        (lambda x, y: (x**2 * np.sign(x), y), lambda x: 2 * abs(x)),
        (lambda x, y: (np.maximum(x, 0.0) ** 2, y), lambda x: 2 * max(x, 0)),
        (lambda x, y: (np.minimum(x, 3 * x), y), lambda x: 1 if x > 0 else 3),
        (lambda x, y: (np.clip(x, -1, 1), y), lambda x: float(abs(x) < 1)),
        (lambda x, y: (np.where(x < 0.5, x, 2 * x - 0.5), y), lambda x: 1 if x < 0.5 else 2),
        (lambda x, y: (np.sqrt(x**2), y), np.sign),
        (lambda x, y: (np.where(np.abs(x) > 1, np.sign(x), x), y), lambda x: float(abs(x) <= 1)),
    ],
)
def test_a_hessian_is_right_on_both_sides_of_a_kink(df, derivative):
    for x in (-2.0, -0.3, 0.2, 0.7, 2.5):
        found = of_gradient(df).hessian(np.array([x, 1.0]))
        np.testing.assert_allclose(found, [[derivative(x), 0], [0, 1]], rtol=1e-15)


def test_on_a_kink_there_is_no_hessian():
    nan = np.nan
    kink = problems.kink.hessian
    np.testing.assert_array_equal(kink(np.array([0.5, -1.0])), [[0, 0], [0, 0]])
    np.testing.assert_array_equal(kink(np.array([0.5, 0.0])), [[0, 0], [0, nan]])
    assert np.isnan(problems.ackley.hessian(np.zeros(2))).all()
    folded = of_gradient(lambda x, y: (np.abs(x), y))
    np.testing.assert_array_equal(folded.hessian(np.array([0.0, 3.0])), [[nan, 0], [0, 1]])


def test_at_its_minimum_ackleys_gradient_is_said_to_be_zero_though_it_is_a_cone():
    assert problems.ackley.value(np.zeros(2)) == 0
    np.testing.assert_array_equal(problems.ackley.grad(np.zeros(2)), 0)
    for angle in (0.0, 1.0, 2.0):
        close = 1e-9 * np.array([np.cos(angle), np.sin(angle)])
        assert np.linalg.norm(problems.ackley.grad(close)) == pytest.approx(np.sqrt(8), rel=1e-6)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1)])
@pytest.mark.parametrize("ask", ["value", "grad", "hessian"])
def test_a_point_of_another_dimension_is_refused(ask, shape):
    with pytest.raises(ValueError, match=r"theta has shape .* takes shape \(\.\.\., 2\)"):
        getattr(problems.beale, ask)(np.zeros(shape))


def test_on_the_plateau_of_the_neuron_the_gradient_is_lost():
    right, wrong = np.array([9.0, 0.0]), np.array([-9.0, 0.0])
    assert problems.neuron.value(wrong) > 1.1 > problems.neuron.value(right) > 0.12
    for theta in (right, wrong):
        assert np.linalg.norm(problems.neuron.grad(theta)) < 1e-3


def test_a_learning_rate_above_the_limit_of_the_sharp_well_cycles_in_it_and_a_larger_one_leaves():
    sharp, wide = map(np.array, problems.wells.minima)
    sharpness = np.linalg.eigvalsh(problems.wells.hessian(sharp))[-1]
    assert sharpness == pytest.approx(13.8, abs=0.05)
    paths = [minimize(SGD(k * 2 / sharpness), problems.wells, steps=500) for k in (0.9, 1.05, 3)]
    below, above, far_above = (path.theta for path in paths)
    np.testing.assert_allclose(below[-1], sharp, atol=1e-9)
    np.testing.assert_allclose(above[-1], 2 * sharp - above[-2], atol=0.01)  # to and fro across it
    assert np.linalg.norm(above[-1] - above[-2]) > 0.1
    np.testing.assert_allclose(far_above[-1], wide, atol=1e-9)


def test_on_the_kinked_valley_gradient_descent_never_settles():
    path = minimize(SGD(lr=0.01), problems.kink, steps=1000)
    assert path.value[-100:].min() > 0.3 and np.all(np.abs(np.diff(path.theta[:, 1])) > 0.09)


def test_a_monkey_saddle_is_approached_like_one_over_t():
    path = minimize(SGD(lr=0.1), problems.monkey_saddle, theta0=(1.0, 0.0), steps=2000)
    assert path.theta[-1, 0] * 0.3 * 2000 == pytest.approx(1, rel=0.02)
