"""Every surface's gradient, minima and viewport are what they are said to be."""

from types import FunctionType, SimpleNamespace

import numpy as np
import pytest
import sympy

from optim_lessons import problems
from optim_lessons.problems import SURFACES

SYMPY = SimpleNamespace(sin=sympy.sin, cos=sympy.cos, pi=sympy.pi)
WITH_MINIMA = [surface for surface in SURFACES.values() if surface.minima]
every_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
every_minimum = pytest.mark.parametrize("surface", WITH_MINIMA, ids=lambda s: s.name)


def on_symbols(function, *symbols):
    """What a function makes of SymPy's symbols, with SymPy where it says `np`."""
    return FunctionType(function.__code__, {"np": SYMPY})(*symbols)


@every_surface
def test_the_gradient_is_sympys_derivative_of_the_value(surface):
    x, y = symbols = sympy.symbols("x y", real=True)
    f = on_symbols(surface.f, x, y)
    by_hand = on_symbols(surface.df, x, y)
    assert [sympy.expand(d - f.diff(s)) for d, s in zip(by_hand, symbols, strict=True)] == [0, 0]


@every_minimum
def test_minima_have_no_gradient_and_no_point_of_the_viewport_lies_lower(surface):
    axes = (np.linspace(*ends, 401) for ends in surface.viewport)
    everywhere = np.stack(np.meshgrid(*axes), axis=-1)
    for minimum in np.array(surface.minima):
        np.testing.assert_allclose(surface.grad(minimum), 0, atol=1e-12)
        assert surface.value(minimum) <= surface.value(everywhere).min() + 1e-20


def test_only_the_saddle_has_no_minimum():
    assert {*SURFACES} - {surface.name for surface in WITH_MINIMA} == {"saddle"}


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
