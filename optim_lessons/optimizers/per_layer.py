"""An optimizer for each layer: a matrix method for the matrices, another one for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from optim_lessons.contract import Descent, Elsewhere
from optim_lessons.optimizers.wrapper import reported


@dataclass(frozen=True, eq=False)
class PerLayer:
    """Step each named part of one flat vector by an optimizer of its own.

    `layout` names the parts: any object with `size` and `views(vector)`, a dict from name to view,
    such as `problems.Layout`. `inner` maps each name to an optimizer, or is one for all. A part
    goes to its optimizer as a vector, one layer whatever its shape, or in its own shape to a method
    that sees matrices, such as Muon.

    Shapes: `theta` and `g` are vectors of length layout.size; the state is a dict by name.
    Errors: `init` raises ValueError for names that are not the layout's, a theta of another length,
    a part of fewer axes than its optimizer couples, or an optimizer that asks more of the problem
    than a gradient; TypeError for a layout without views. `validate` checks each optimizer.
    Variant: optax.partition. In PyTorch it takes an optimizer for each method: parameter groups
    differ in their hyperparameters only.
    Source: the layers of LARS, LAMB and Muon; see there.

    Example:
        >>> from types import SimpleNamespace
        >>> from optim_lessons import LARS, SGD, PerLayer
        >>> halves = SimpleNamespace(size=4, views=lambda x: {"left": x[:2], "right": x[2:]})
        >>> optimizer = PerLayer(halves, {"left": SGD(lr=0.5), "right": LARS(trust=0.01)})
        >>> theta = np.ones(4)
        >>> optimizer.step(theta, np.array([1.0, 0.0, 1.0, 0.0]), optimizer.init(theta))[0].round(3)
        array([0.5  , 1.   , 0.986, 1.   ])
    """

    layout: Any
    inner: Any

    title: ClassVar = "One method a layer"
    family: ClassVar = "plain"
    couples: ClassVar = 1
    untraced: ClassVar = "it wraps other methods"
    descent: ClassVar = Descent((), "layers", 2017)
    elsewhere: ClassVar[dict[str, Elsewhere]] = {}

    class State(NamedTuple):
        inner: dict[str, Any]

    def init(self, theta):
        if not hasattr(self.layout, "views"):
            raise TypeError(f"PerLayer: layout = {self.layout!r} has no views")
        if np.shape(theta) != (self.layout.size,):
            shape = np.shape(theta)
            raise ValueError(f"PerLayer: theta has shape {shape}, not ({self.layout.size},)")
        views, inner = self.layout.views(theta), self._optimizers()
        if inner.keys() != views.keys():
            raise ValueError(f"PerLayer: optimizers for {list(inner)}, but layers {list(views)}")
        for name, view in views.items():
            optimizer, method = inner[name], type(inner[name]).__name__
            if view.ndim < (couples := getattr(optimizer, "couples", 0)):
                raise ValueError(
                    f"PerLayer: {method} couples {couples} axes, but {name} has shape {view.shape}"
                )
            if needs := getattr(optimizer, "needs", ()):
                raise ValueError(f"PerLayer: {method} needs {' and '.join(needs)} of all layers")
        parts = self._parts(theta)
        return self.State({name: inner[name].init(part) for name, part in parts.items()})

    def step(self, theta, g, state):
        inner, gradients = self._optimizers(), self._parts(g)
        new, states = {}, {}
        for name, part in self._parts(theta).items():
            new[name], states[name] = inner[name].step(part, gradients[name], state.inner[name])
        return self._join(theta, new), self.State(states)

    def output(self, theta, state):
        """The points that the optimizers of the layers report."""
        inner, parts = self._optimizers(), self._parts(theta)
        points = {n: reported(inner[n], part, state.inner[n]) for n, part in parts.items()}
        return self._join(theta, points)

    def _optimizers(self):
        if isinstance(self.inner, Mapping):
            return self.inner
        return dict.fromkeys(self.layout.views(np.zeros(self.layout.size)), self.inner)

    def _parts(self, vector):
        inner = self._optimizers()
        return {
            name: view if getattr(inner[name], "couples", 0) > 1 else view.reshape(-1)
            for name, view in self.layout.views(vector).items()
        }

    def _join(self, theta, parts):
        vector = np.empty_like(theta)
        for name, view in self.layout.views(vector).items():
            view[...] = parts[name].reshape(view.shape)
        return vector
