"""A surface: a loss in two dimensions, on which a path can be seen whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from optim_lessons.contract import Array
from optim_lessons.problems.checks import finite
from optim_lessons.problems.problem import check_dimension

Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Surface:
    """A loss of two parameters, with its gradient and a good place to look at it from.

    `f(x, y)` returns the loss and `df(x, y)` its two partial derivatives. They use only what the
    trace can read, so the page's JavaScript and the formula in the text come from their lines.
    `minima` are the known global minima, `viewport` is ((x from, x to), (y from, y to)), `start` a
    telling first point. Raises ValueError for a point or viewport that is none, and for a theta
    whose last axis has not two numbers; TypeError for what is no str or no function.

    Example:
        >>> from optim_lessons import problems
        >>> problems.ravine.hessian(np.array([3.0, 1.0]))
        array([[ 1.,  0.],
               [ 0., 20.]])
    """

    name: str
    title: str
    f: Callable[[Any, Any], Any]
    df: Callable[[Any, Any], tuple[Any, Any]]
    start: Point
    minima: tuple[Point, ...]
    viewport: tuple[Point, Point]

    def __post_init__(self) -> None:
        for name in ("name", "title"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} = {getattr(self, name)!r} must be a str")
        for name in ("f", "df"):
            if not callable(getattr(self, name)):
                raise TypeError(f"{name} = {getattr(self, name)!r} must be a function of x and y")
        points = {"start": (self.start,), "minima": self.minima, "viewport": self.viewport}
        for name, pairs in points.items():
            given = getattr(self, name)
            if len(pairs) and finite(name, pairs, axes=(2,)).shape[1] != 2:
                raise ValueError(f"{name} = {given} is not made of points of two numbers")
        if len(self.viewport) != 2 or not all(low < high for low, high in self.viewport):
            raise ValueError(f"viewport = {self.viewport} is not ((x from, x to), (y from, y to))")

    def value(self, theta: Array) -> Any:
        """The loss at `theta` of shape (..., 2), with shape (...)."""
        return self.f(*_coordinates(theta)).T

    def grad(self, theta: Array) -> Array:
        """The gradient at `theta` of shape (..., 2), with that shape."""
        return np.array(self.df(*_coordinates(theta))).T

    def hessian(self, theta: Array) -> Array:
        """The second derivatives at `theta` of shape (..., 2), with shape (..., 2, 2).

        Exact to rounding, by a complex step on `df` (Squire and Trapp 1998): for an analytic g,
        g(x + ih) = g(x) + ih g'(x) + O(h²), and h is so small that h² vanishes. It is NaN on a kink
        of np.abs or np.sign; where two branches of np.where meet, it is that of the upper one.
        """
        h = 1e-20
        check_dimension(theta, 2)
        x, y = theta[..., 0, None], theta[..., 1, None]
        along_x, along_y = 1j * h * np.eye(2)
        with np.errstate(invalid="ignore"):  # NaN is a result here
            df = self.df(_Step(x + along_x), _Step(y + along_y))
        rows = [np.broadcast_to(_rate(d), (*theta.shape[:-1], 2)) for d in df]
        return np.stack(rows, axis=-2) / h


def _coordinates(theta: Array) -> tuple[Any, Any]:
    """Each coordinate with the leading axes turned round, at one point a number."""
    check_dimension(theta, 2)
    x, y = theta.T
    return x, y


class _Step(np.lib.mixins.NDArrayOperatorsMixin):
    """A complex number whose imaginary part is the rate at which the real part changes.

    NumPy's analytic functions carry the rate along by themselves, and its comparisons and choices
    look at the real part first; only np.abs and np.sign must be told how.
    """

    def __init__(self, z: Any):
        self.z = z

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any) -> _Step:
        z = [_complex(a) for a in args]
        if ufunc not in (np.absolute, np.sign):
            return _Step(ufunc(*z))
        x, rate = np.real(z[0]), np.imag(z[0])
        slope = np.sign(x) if ufunc is np.absolute else 0.0
        on_kink = (x == 0) & (rate != 0)
        return _Step(ufunc(x) + 1j * np.where(on_kink, np.nan, slope * rate))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> _Step:
        return _Step(func(*map(_complex, args), **kwargs))


def _complex(x: Any) -> Any:
    return x.z if isinstance(x, _Step) else x


def _rate(x: Any) -> Any:
    return np.imag(_complex(x))
