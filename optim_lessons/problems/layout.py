"""A flat vector with named views: an optimizer sees one array, a model its matrices."""

from __future__ import annotations

import math
from collections.abc import Mapping

from optim_lessons.contract import Array
from optim_lessons.problems.checks import whole


class Layout:
    """Names and shapes of the parts of one flat vector, in order.

    Shapes: `names` is a tuple, `shapes` maps a name to its shape, `size` is the length of the
    vector. `views(theta)` maps each name to its part of `theta`, in its shape and without a copy:
    what is written to a view is written to `theta`.
    Errors: ValueError for no part, an axis below 1, or a `theta` of another shape than (size,);
    TypeError for a shape that is not a tuple of whole numbers, or a `theta` that is not floating.

    Example:
        >>> import numpy as np
        >>> layout = Layout(W=(3, 2), b=(2,))
        >>> theta = np.zeros(layout.size)
        >>> layout.views(theta)["b"][:] = 7
        >>> theta
        array([0., 0., 0., 0., 0., 0., 7., 7.])
    """

    def __init__(self, **shapes: tuple[int, ...]) -> None:
        if not shapes:
            raise ValueError("a layout needs at least one named shape, for example W=(3, 2)")
        for name, shape in shapes.items():
            if not isinstance(shape, tuple):
                raise TypeError(f"{name} must be a tuple such as (3, 2), not {shape!r}")
        self.shapes: Mapping[str, tuple[int, ...]] = {
            name: tuple(whole(f"an axis of {name}", axis, low=1) for axis in shape)
            for name, shape in shapes.items()
        }
        self.names = tuple(shapes)
        self._places, end = [], 0
        for name, shape in self.shapes.items():
            begin, end = end, end + math.prod(shape)
            self._places.append((name, slice(begin, end), shape))
        self.size = end

    def views(self, theta: Array) -> dict[str, Array]:
        if getattr(theta, "shape", None) != (self.size,):
            raise ValueError(
                f"theta must be a vector of {self.size} numbers, but has shape "
                f"{getattr(theta, 'shape', None)}: the layout is {self}"
            )
        if theta.dtype.kind != "f":
            raise TypeError(f"theta must hold floating-point numbers, not {theta.dtype}")
        return {name: theta[place].reshape(shape) for name, place, shape in self._places}

    def __repr__(self) -> str:
        return f"Layout({', '.join(f'{name}={shape}' for name, shape in self.shapes.items())})"
