"""Linear and logistic regression: convex problems with data, on one flat vector."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from optim_lessons.contract import Array
from optim_lessons.problems.activations import sigmoid, softplus
from optim_lessons.problems.checks import finite, labels
from optim_lessons.problems.layout import Layout
from optim_lessons.problems.model import Model


class LinearRegression(Model):
    """Least squares: half the mean of (w.x + b - y)**2.

    Shapes: x (n, d), y (n,); theta is w (d,) and b (), and starts at 0. `batch`: see `Model`.
    Errors: ValueError for other shapes, NaN or infinity; TypeError for what is not a number.
    Variant: 1/(2n), so that the Hessian is the matrix of second moments of (x, 1); PyTorch's
    MSELoss is twice that.
    Source: Legendre 1805; the gradient follows by the chain rule.

    Example:
        >>> import numpy as np
        >>> from optim_lessons import SGD, minimize
        >>> x = np.array([[0.0], [1.0], [2.0]])
        >>> path = minimize(SGD(lr=0.5), LinearRegression(x, 3 * x[:, 0] - 1), steps=100)
        >>> path.theta[-1].round(4)
        array([ 3., -1.])
    """

    def __init__(self, x: ArrayLike, y: ArrayLike, batch: int | None = None) -> None:
        super().__init__(finite("x", x, axes=(2,)), finite("y", y, axes=(1,)), batch)
        self.layout = Layout(w=(self.x.shape[1],), b=())
        self.start = np.zeros(self.layout.size, self.x.dtype)

    def predict(self, theta: Array, x: ArrayLike) -> Array:
        """The prediction for each row of x."""
        return self._output(theta, self.inputs(x))

    def _output(self, theta: Array, x: Array) -> Array:
        v = self.layout.views(theta)
        return x @ v["w"] + v["b"]

    def value(self, theta: Array) -> float:
        return 0.5 * float(np.mean((self._output(theta, self.x) - self.y) ** 2))

    def value_and_grad(self, theta: Array) -> tuple[float, Array]:
        g = np.empty_like(theta)
        dv = self.layout.views(g)
        r = self._output(theta, self.x) - self.y
        dv["w"][:] = r @ self.x / len(r)
        dv["b"][...] = r.mean()
        return 0.5 * float(np.mean(r**2)), g


class LogisticRegression(Model):
    """Two classes: the mean of log(1 + exp(z)) - y z, where z = w.x + b is the log-odds of class 1.

    Shapes: x (n, d), y (n,) of 0 and 1; theta is w (d,) and b (), and starts at 0. `batch`: see
    `Model`. More than two classes: `MLP(x, y, hidden=(), classes=k)` is softmax regression.
    Errors: ValueError for other shapes or labels, NaN or infinity; TypeError for what is no number.
    Variant: no penalty, so on separable data the infimum 0 is not reached and theta grows for ever.
    PyTorch's BCEWithLogitsLoss agrees.
    Source: Cox 1958; Bishop 2006, equations 4.90 and 4.91.

    Example:
        >>> from optim_lessons import SGD, minimize
        >>> from optim_lessons.problems import digits
        >>> x, y = digits()
        >>> odd = LogisticRegression(x, y % 2)
        >>> path = minimize(SGD(lr=1.0), odd, steps=50)
        >>> [float(path.value[k].round(3)) for k in (0, 50)]
        [0.693, 0.272]
        >>> [round(odd.accuracy(path.theta[k]), 3) for k in (0, 50)]
        [0.496, 0.898]
    """

    def __init__(self, x: ArrayLike, y: ArrayLike, batch: int | None = None) -> None:
        x = finite("x", x, axes=(2,))
        super().__init__(x, labels("y", y, classes=2).astype(x.dtype), batch)
        self.layout = Layout(w=(self.x.shape[1],), b=())
        self.start = np.zeros(self.layout.size, self.x.dtype)

    def _log_odds(self, theta: Array, x: Array) -> Array:
        v = self.layout.views(theta)
        return x @ v["w"] + v["b"]

    def predict(self, theta: Array, x: ArrayLike) -> Array:
        """The probability of class 1 for each row of x."""
        return sigmoid(self._log_odds(theta, self.inputs(x)))

    def accuracy(self, theta: Array) -> float:
        """The share of the model's own examples whose more probable class is theirs."""
        return float(np.mean((self._log_odds(theta, self.x) > 0) == self.y))

    def value(self, theta: Array) -> float:
        z = self._log_odds(theta, self.x)
        return float(np.mean(softplus(z) - self.y * z))

    def value_and_grad(self, theta: Array) -> tuple[float, Array]:
        g = np.empty_like(theta)
        dv = self.layout.views(g)
        z = self._log_odds(theta, self.x)
        r = sigmoid(z) - self.y
        dv["w"][:] = r @ self.x / len(r)
        dv["b"][...] = r.mean()
        return float(np.mean(softplus(z) - self.y * z)), g
