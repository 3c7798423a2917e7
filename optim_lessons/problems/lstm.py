"""A long short-term memory that forecasts a series, its gradient by hand: back through time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from optim_lessons.contract import Array
from optim_lessons.problems.activations import sigmoid
from optim_lessons.problems.checks import finite, generator, whole
from optim_lessons.problems.layout import Layout
from optim_lessons.problems.model import Model


class Memory(NamedTuple):
    """What the forward pass keeps: row t of each holds time t, and c and h begin with time -1."""

    gates: Array  # (time, n, 4 hidden): i, f, o between 0 and 1, g between -1 and 1
    c: Array  # (time + 1, n, hidden), the cells
    h: Array  # (time + 1, n, hidden), what they show


class LSTM(Model):
    """One layer of LSTM reads a window; a linear layer reads the next value from its last state.

    At each time, from the input x and the last h and c, all of them (n, hidden),

        i, f, g, o = sigmoid, sigmoid, tanh, sigmoid of the four parts of x W_ih' + h W_hh' + b
        c = f c + i g,    h = o tanh(c),

    and after the last, y_hat = h . w + w0. The value is the mean of (y_hat - y)**2.

    Shapes: x (n, time), or (n, time, d) for several series; y (n,). theta is W_ih (4 hidden, d),
    W_hh (4 hidden, hidden), b (4 hidden,), w (hidden,), w0 (). `batch`: see `Model`.
    Errors: ValueError for other shapes, NaN or infinity; TypeError for what is not a number, or an
    rng that is not a Generator.
    Variant: PyTorch's order of the gates, and its matrices; one b, where PyTorch adds two.
    Source: Hochreiter and Schmidhuber 1997; the forget gate f: Gers, Schmidhuber and Cummins 2000.
    Start: uniform within 1/sqrt(hidden), as PyTorch, but 1 in b for the forget gate, so that cells
    begin by remembering (Jozefowicz, Zaremba and Sutskever 2015).

    Example:
        >>> import numpy as np
        >>> from optim_lessons import Adam, minimize
        >>> from optim_lessons.problems import series, windows
        >>> celsius = series()
        >>> x, y = windows((celsius - celsius.mean()) / celsius.std(), length=12)
        >>> rng = np.random.default_rng(1)
        >>> lstm = LSTM(x, y, hidden=8, rng=rng, batch=32)
        >>> path = minimize(Adam(lr=0.02), lstm, steps=150, rng=rng)
        >>> path.value[[0, 150]].round(3)
        array([0.992, 0.057])
    """

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        hidden: int = 16,
        *,
        rng: np.random.Generator,
        batch: int | None = None,
    ) -> None:
        x = finite("x", x, axes=(2, 3))
        super().__init__(x, finite("y", y, axes=(1,)).astype(x.dtype), batch)
        self.hidden = whole("hidden", hidden, low=1)
        d = 1 if x.ndim == 2 else x.shape[2]
        gates = 4 * self.hidden
        self.layout = Layout(
            W_ih=(gates, d), W_hh=(gates, self.hidden), b=(gates,), w=(self.hidden,), w0=()
        )
        bound = 1 / np.sqrt(self.hidden)
        self.start = generator(rng).uniform(-bound, bound, self.layout.size).astype(x.dtype)
        self.layout.views(self.start)["b"][self.hidden : 2 * self.hidden] = 1

    def _times_first(self, x: Array) -> Array:
        """x as (time, n, d)."""
        return np.ascontiguousarray(x.reshape(*x.shape[:2], -1).swapaxes(0, 1))

    def _forward(self, v: dict[str, Array], x: Array) -> Memory:
        time, n, _ = x.shape
        size = self.hidden
        gates = x @ v["W_ih"].T  # (time, n, 4 hidden): the inputs' part, for all times at once
        gates += v["b"]
        c = np.zeros((time + 1, n, size), gates.dtype)
        h = np.zeros_like(c)
        for t in range(time):
            a = gates[t]
            a += h[t] @ v["W_hh"].T
            a[:, : 2 * size] = sigmoid(a[:, : 2 * size])
            a[:, 2 * size : 3 * size] = np.tanh(a[:, 2 * size : 3 * size])
            a[:, 3 * size :] = sigmoid(a[:, 3 * size :])
            i, f, g, o = np.split(a, 4, axis=1)
            c[t + 1] = f * c[t] + i * g
            h[t + 1] = o * np.tanh(c[t + 1])
        return Memory(gates, c, h)

    def value(self, theta: Array) -> float:
        return float(np.mean((self._output(theta, self.x) - self.y) ** 2))

    def _output(self, theta: Array, x: Array) -> Array:
        v = self.layout.views(theta)
        return self._forward(v, self._times_first(x)).h[-1] @ v["w"] + v["w0"]

    def value_and_grad(self, theta: Array) -> tuple[float, Array]:
        v = self.layout.views(theta)
        x = self._times_first(self.x)
        gates, c, h = self._forward(v, x)
        r = h[-1] @ v["w"] + v["w0"] - self.y  # (n,)

        grad = np.empty_like(theta)
        dv = self.layout.views(grad)
        d_out = r * (2 / len(r))
        dv["w"][:] = d_out @ h[-1]
        dv["w0"][...] = d_out.sum()

        dh = np.outer(d_out, v["w"])  # (n, hidden)
        dc = np.zeros_like(dh)
        da = np.empty_like(gates)  # by the gates' sums, before sigmoid and tanh
        for t in range(len(x) - 1, -1, -1):
            i, f, g, o = np.split(gates[t], 4, axis=1)
            tanh_c = np.tanh(c[t + 1])
            dc = dc + dh * o * (1 - tanh_c**2)  # c reaches the value through h, and the next c
            da[t] = np.concatenate(
                [
                    dc * g * i * (1 - i),
                    dc * c[t] * f * (1 - f),
                    dc * i * (1 - g**2),
                    dh * tanh_c * o * (1 - o),
                ],
                axis=1,
            )
            dh = da[t] @ v["W_hh"]
            dc = dc * f
        # The same matrices act at each time, so that their gradients are sums over time.
        da = da.reshape(-1, da.shape[2])  # (time n, 4 hidden)
        dv["W_ih"][:] = da.T @ x.reshape(len(da), -1)
        dv["W_hh"][:] = da.T @ h[:-1].reshape(len(da), -1)
        dv["b"][:] = da.sum(axis=0)
        return float(np.mean(r**2)), grad

    def predict(self, theta: Array, x: ArrayLike) -> Array:
        """The next value after each window of x."""
        return self._output(theta, self.inputs(x))
