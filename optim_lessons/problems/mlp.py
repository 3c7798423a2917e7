"""The multilayer perceptron, its gradient by hand: backpropagation, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from optim_lessons.contract import Array
from optim_lessons.problems.activations import ACTIVATIONS, RECTIFIERS
from optim_lessons.problems.checks import finite, generator, labels, whole
from optim_lessons.problems.layout import Layout
from optim_lessons.problems.model import Model


class MLP(Model):
    """Layers h = f(h_before W + b), the last without f, under cross-entropy or squared error.

    Shapes: x (n, d). With `classes`, y is (n,) labels from 0, and the value is the mean of
    -log softmax(last layer)[y]. Without, y is (n,) or (n, k), and the value is the mean of
    (last layer - y)**2 over rows and columns. theta is W1 (d, hidden[0]), b1 (hidden[0],), W2, ...;
    with "prelu" also the slope a1 () of each hidden layer. hidden=() is softmax regression.
    `batch`: see `Model`.
    Errors: ValueError for other shapes or labels, NaN or infinity, an unknown activation;
    TypeError for what is not a number, or an rng that is not a Generator.
    Variant: PyTorch's CrossEntropyLoss and MSELoss agree (W is the transpose of its weight); leaky
    relu has slope 0.01, prelu begins at 0.25 and has one slope a layer, elu has alpha = 1.
    Source: Rumelhart, Hinton and Williams 1986. Start: before a rectifier, normal of variance
    2/n_in (He et al. 2015, equation 10), else uniform within the root of 6/(n_in + n_out) (Glorot
    and Bengio 2010, equation 16); b = 0.

    Example:
        >>> import numpy as np
        >>> from optim_lessons import Adam, minimize
        >>> from optim_lessons.problems import digits
        >>> x, y = digits()
        >>> rng = np.random.default_rng(1)
        >>> mlp = MLP(x, y, hidden=(32,), classes=10, rng=rng, batch=32)
        >>> path = minimize(Adam(lr=0.01), mlp, steps=200, rng=rng)
        >>> [round(mlp.accuracy(path.theta[k]), 3) for k in (0, 200)]
        [0.09, 0.96]
    """

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        hidden: Sequence[int] = (32,),
        activation: str = "relu",
        classes: int | None = None,
        *,
        rng: np.random.Generator,
        batch: int | None = None,
    ) -> None:
        x = finite("x", x, axes=(2,))
        if classes is None:
            targets = finite("y", y, axes=(1, 2)).astype(x.dtype)
            self._target_shape = targets.shape[1:]
            super().__init__(x, targets.reshape(len(targets), -1), batch)
            outputs = self.y.shape[1]
        else:
            outputs = whole("classes", classes, low=2)
            one_hot = np.eye(outputs, dtype=x.dtype)
            super().__init__(x, one_hot[labels("y", y, outputs)], batch)
        if activation not in list(ACTIVATIONS):
            known = ", ".join(map(repr, ACTIVATIONS))
            raise ValueError(f"activation = {activation!r} is none of {known}")
        self.activation, self.classes = activation, classes
        if not isinstance(hidden, Sequence):
            raise TypeError(f"hidden must be a sequence of widths, not {hidden!r}")
        widths = [x.shape[1], *(whole("a width in hidden", n, low=1) for n in hidden), outputs]
        self.depth = len(widths) - 1

        shapes: dict[str, tuple[int, ...]] = {}
        for k, (n_in, n_out) in enumerate(pairwise(widths), start=1):
            shapes |= {f"W{k}": (n_in, n_out), f"b{k}": (n_out,)}
            if activation == "prelu" and k < self.depth:
                shapes[f"a{k}"] = ()
        self.layout = Layout(**shapes)
        self.start = self._random_start(generator(rng))

    def _random_start(self, rng: np.random.Generator) -> Array:
        theta = np.zeros(self.layout.size, self.x.dtype)
        for name, part in self.layout.views(theta).items():
            if name.startswith("W"):
                n_in, n_out = part.shape
                if self.activation in RECTIFIERS and name != f"W{self.depth}":
                    part[:] = np.sqrt(2 / n_in) * rng.standard_normal(part.shape)
                else:
                    part[:] = np.sqrt(6 / (n_in + n_out)) * rng.uniform(-1, 1, part.shape)
            if name.startswith("a"):
                part[...] = 0.25
        return theta

    def _forward(self, v: dict[str, Array], x: Array) -> tuple[list[Array], list[Array]]:
        """The sums z and outputs h of each layer; h[0] is x, the last z is the network's output."""
        f = ACTIVATIONS[self.activation].f
        z: list[Array] = []
        h = [x]
        for k in range(1, self.depth + 1):
            z.append(h[-1] @ v[f"W{k}"])  # (n, widths[k])
            z[-1] += v[f"b{k}"]
            if k < self.depth:
                h.append(f(z[-1], v.get(f"a{k}", 0.01)))
        return z, h

    def _loss(self, output: Array) -> tuple[float, Array]:
        """The value, and its derivative by the network's output (n, k)."""
        n = len(output)
        if self.classes is None:
            r = output - self.y
            return float(np.vdot(r, r)) / r.size, r * (2 / r.size)
        # y is one-hot: it picks the log-probability of each row's own class.
        shifted = output - output.max(axis=1, keepdims=True)
        p = np.exp(shifted)
        total = p.sum(axis=1, keepdims=True)
        value = float(np.log(total).sum() - np.vdot(shifted, self.y)) / n
        p /= total
        return value, (p - self.y) / n

    def value(self, theta: Array) -> float:
        z, _ = self._forward(self.layout.views(theta), self.x)
        return self._loss(z[-1])[0]

    def value_and_grad(self, theta: Array) -> tuple[float, Array]:
        v = self.layout.views(theta)
        z, h = self._forward(v, self.x)
        value, dz = self._loss(z[-1])

        g = np.empty_like(theta)
        dv = self.layout.views(g)
        back = ACTIVATIONS[self.activation].back
        for k in range(self.depth, 0, -1):
            # From z = h W + b, with h of the layer below.
            np.matmul(h[k - 1].T, dz, out=dv[f"W{k}"])
            np.add.reduce(dz, axis=0, out=dv[f"b{k}"])
            if k > 1:
                dh = dz @ v[f"W{k}"].T
                below = z[k - 2]
                if f"a{k - 1}" in dv:  # h = a z where z < 0
                    dv[f"a{k - 1}"][...] = np.sum(dh * np.minimum(below, 0))
                dz = back(dh, below, h[k - 1], v.get(f"a{k - 1}", 0.01))
        return value, g

    def predict(self, theta: Array, x: ArrayLike) -> Array:
        """For each row of x, the most probable class, or without `classes` the output, as y is."""
        z, _ = self._forward(self.layout.views(theta), self.inputs(x))
        if self.classes is None:
            return z[-1].reshape(-1, *self._target_shape)
        return z[-1].argmax(axis=1)

    def accuracy(self, theta: Array) -> float:
        """The share of the model's own examples that it puts into their class."""
        if self.classes is None:
            raise ValueError("accuracy needs a model with classes; this one predicts numbers")
        return float(np.mean(self.predict(theta, self.x) == self.y.argmax(axis=1)))
