"""Surfaces in two dimensions on which a path can be seen whole.

Each is a pair of functions of x and y: the loss, and its gradient by hand. They use only what the
trace can read, so the page's JavaScript and the formula in the text come from these lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from optim_lessons.contract import Array

Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Surface:
    """A loss of two parameters, with its gradient and a good place to look at it from.

    `f(x, y)` returns the loss and `df(x, y)` its two partial derivatives. `minima` are the known
    global minima, `viewport` is ((x from, x to), (y from, y to)), `start` a telling first point.
    """

    name: str
    title: str
    f: Callable[[Any, Any], Any]
    df: Callable[[Any, Any], tuple[Any, Any]]
    start: Point
    minima: tuple[Point, ...]
    viewport: tuple[Point, Point]

    def value(self, theta: Array) -> Any:
        """The loss at `theta` of shape (..., 2), with shape (...)."""
        return self.f(*theta.T).T

    def grad(self, theta: Array) -> Array:
        """The gradient at `theta` of shape (..., 2), with that shape."""
        return np.array(self.df(*theta.T)).T


# The cube is a product: NumPy's power is far slower where its base is negative.
def _beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * (y * y**2)) ** 2


def _beale_df(x, y):
    a = 1.5 - x + x * y
    b = 2.25 - x + x * y**2
    c = 2.625 - x + x * (y * y**2)
    df_dx = 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y * y**2 - 1)
    df_dy = 2 * a * x + 4 * b * x * y + 6 * c * x * y**2
    return df_dx, df_dy


# Beale 1958: a flat valley that bends, with steep walls behind it.
beale = Surface(
    name="beale",
    title="Beale's function",
    f=_beale,
    df=_beale_df,
    start=(1.0, 1.5),
    minima=((3.0, 0.5),),
    viewport=((-1.0, 4.5), (-1.5, 2.0)),
)


def _rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _rosenbrock_df(x, y):
    return -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)


# Rosenbrock 1960: a curved ravine, quick to enter and slow to follow.
rosenbrock = Surface(
    name="rosenbrock",
    title="Rosenbrock's banana",
    f=_rosenbrock,
    df=_rosenbrock_df,
    start=(-1.2, 1.0),
    minima=((1.0, 1.0),),
    viewport=((-2.0, 2.0), (-1.0, 3.0)),
)


def _himmelblau(x, y):
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def _himmelblau_df(x, y):
    a = x**2 + y - 11
    b = x + y**2 - 7
    return 4 * a * x + 2 * b, 2 * a + 4 * b * y


# Himmelblau 1972: four minima, all with value 0; which one is reached depends on the path.
himmelblau = Surface(
    name="himmelblau",
    title="Himmelblau's function",
    f=_himmelblau,
    df=_himmelblau_df,
    start=(0.0, 0.0),
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ),
    viewport=((-5.5, 5.5), (-5.5, 5.5)),
)


def _ravine(x, y):
    return 0.5 * x**2 + 10 * y**2


def _ravine_df(x, y):
    return x, 20 * y


# The quadratic with Hessian eigenvalues 1 and 20: the smallest ravine, condition number 20.
ravine = Surface(
    name="ravine",
    title="A ravine",
    f=_ravine,
    df=_ravine_df,
    start=(-4.0, 1.0),
    minima=((0.0, 0.0),),
    viewport=((-5.0, 5.0), (-2.0, 2.0)),
)


def _saddle(x, y):
    return x**2 - y**2


def _saddle_df(x, y):
    return 2 * x, -2 * y


# The plainest saddle: no minimum, and a start close to the line from which nothing leaves.
saddle = Surface(
    name="saddle",
    title="A saddle",
    f=_saddle,
    df=_saddle_df,
    start=(1.0, 0.001),
    minima=(),
    viewport=((-1.5, 1.5), (-1.5, 1.5)),
)


def _rastrigin(x, y):
    return 20 + x**2 + y**2 - 10 * (np.cos(2 * np.pi * x) + np.cos(2 * np.pi * y))


def _rastrigin_df(x, y):
    df_dx = 2 * x + 20 * np.pi * np.sin(2 * np.pi * x)
    df_dy = 2 * y + 20 * np.pi * np.sin(2 * np.pi * y)
    return df_dx, df_dy


# Rastrigin 1974: a bowl covered with dents, each a local minimum.
rastrigin = Surface(
    name="rastrigin",
    title="Rastrigin's function",
    f=_rastrigin,
    df=_rastrigin_df,
    start=(2.3, -1.4),
    minima=((0.0, 0.0),),
    viewport=((-3.0, 3.0), (-3.0, 3.0)),
)

SURFACES = {s.name: s for s in (beale, rosenbrock, himmelblau, ravine, saddle, rastrigin)}
