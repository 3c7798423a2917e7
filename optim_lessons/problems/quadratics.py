"""Quadratics of a given spectrum, on which the rates of the literature are proved and attained."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_lessons.contract import Array
from optim_lessons.problems.checks import finite, generator, number, whole
from optim_lessons.problems.problem import Loss, check_dimension


class Quadratic:
    """f(theta) = ½ (theta - minimum)ᵀ A (theta - minimum), where A has the given eigenvalues.

    `eigenvalues` has shape (d,). The eigenvectors are the columns of `rotation`, an orthogonal
    (d, d) matrix; without it they are the axes, and d may be large. The start, unless given, is one
    unit away from the minimum along every eigenvector. With an eigenvalue 0 the minimum is one of
    many; with a negative one there is none, and `minimum` is where the saddle stands.
    Raises ValueError for an argument that is not finite or does not fit the others, and for a theta
    whose last axis is not d.

    Example:
        >>> from optim_lessons import SGD, minimize
        >>> bowl = Quadratic(spectrum(5, condition=100))
        >>> path = minimize(SGD(lr=2 / (1 + 100)), bowl, steps=400)
        >>> print(f"{path.theta[400, 0] / path.theta[399, 0]:.4f} = {99 / 101:.4f}")
        0.9802 = 0.9802
    """

    def __init__(
        self,
        eigenvalues: ArrayLike,
        rotation: ArrayLike | None = None,
        minimum: ArrayLike = 0.0,
        start: ArrayLike | None = None,
    ):
        self.eigenvalues = np.array(finite("eigenvalues", eigenvalues, axes=(1,)), float)
        d = self.eigenvalues.size
        self.rotation = None if rotation is None else _orthogonal(rotation, d)
        self.minimum = _vector("minimum", minimum, d)
        ones = self._from_eigenvectors(np.ones(d))
        self.start = _vector("start", self.minimum + ones if start is None else start, d)
        convex = self.eigenvalues.min() >= 0
        self.minima = (tuple(self.minimum.tolist()),) if convex else ()

    def value(self, theta: Array) -> Any:
        """The loss at `theta` of shape (..., d), with shape (...)."""
        z = self._along_eigenvectors(self._moved(theta))
        return 0.5 * np.sum(self.eigenvalues * z**2, axis=-1)

    def grad(self, theta: Array) -> Array:
        """The gradient at `theta` of shape (..., d), with that shape."""
        return self.hvp(theta, self._moved(theta))

    def hessian(self, theta: Array) -> Array:
        """A, the same at every `theta` of shape (..., d), with shape (..., d, d)."""
        return np.broadcast_to(self._matrix, (*self._moved(theta).shape, self.minimum.size))

    def hvp(self, theta: Array, p: Array) -> Array:
        """The Hessian at `theta` times `p` of shape (..., d), at no more cost than a gradient."""
        check_dimension(p, self.minimum.size, "p")
        return self._from_eigenvectors(self.eigenvalues * self._along_eigenvectors(p))

    @cached_property
    def _matrix(self) -> Array:
        return self.hvp(self.minimum, np.eye(self.minimum.size))

    def _along_eigenvectors(self, x: Array) -> Array:
        return x if self.rotation is None else x @ self.rotation

    def _from_eigenvectors(self, z: Array) -> Array:
        return z if self.rotation is None else z @ self.rotation.T

    def _moved(self, theta: Array) -> Array:
        check_dimension(theta, self.minimum.size)
        return theta - self.minimum


class NoisyQuadratic(Quadratic):
    """A quadratic whose gradient at each step has fresh Gaussian noise added.

    `sigma`, at least 0, is the standard deviation of the noise on each coordinate, of shape () or
    (d,). At a fixed learning rate the iterates do not converge but keep a variance, the noise
    floor. Many equal eigenvalues are as many independent runs in one dimension.
    Raises ValueError like `Quadratic`, and for a sigma that is negative or not finite.

    Example:
        >>> from optim_lessons import SGD, minimize
        >>> bowls = NoisyQuadratic(np.full(3000, 1.0), sigma=1.0)
        >>> path = minimize(SGD(lr=0.2), bowls, steps=100, rng=np.random.default_rng(0))
        >>> float(np.var(path.theta[-1]).round(2))  # 0.2 / (2 - 0.2)
        0.11
    """

    def __init__(
        self,
        eigenvalues: ArrayLike,
        sigma: ArrayLike,
        rotation: ArrayLike | None = None,
        minimum: ArrayLike = 0.0,
        start: ArrayLike | None = None,
    ):
        super().__init__(eigenvalues, rotation, minimum, start)
        self.sigma = _vector("sigma", sigma, self.minimum.size)
        if self.sigma.min() < 0:
            raise ValueError(f"sigma = {self.sigma} is outside [0, inf)")

    def sample(self, t: int, rng: np.random.Generator) -> Loss:
        """The problem of one step: the quadratic, tilted by the noise."""
        tilt = self.sigma * rng.standard_normal(self.minimum.size)
        return Loss(
            lambda theta: self.value(theta) + self._moved(theta) @ tilt,
            lambda theta: self.grad(theta) + tilt,
        )


class Tridiagonal(Quadratic):
    """The quadratic from which the lower bound of smooth convex optimisation is proved.

    A is L/4 times the matrix with 2 on its diagonal and -1 beside it, L the smoothness, and the
    start is 0. A gradient tells only about the neighbours of the coordinates that are not 0, so
    that after k steps all but k coordinates still are: no method that moves only where it has seen
    a gradient gets below L (1/(k+1) - 1/(d+1)) / 8, which for d = 2k + 1 is at least
    3 L |start - minimum|² / (32 (k+1)²). The eigenvectors are sines.
    Raises ValueError for d below 1, a smoothness outside (0, inf), and a theta whose last axis is
    not d.
    Source: Nesterov 2018, section 2.1.2 and theorem 2.1.7, less the value at the minimum.

    Example:
        >>> from optim_lessons import Momentum, minimize
        >>> minimize(Momentum(lr=0.25), Tridiagonal(5), steps=3).theta.round(3)
        array([[0.   , 0.   , 0.   , 0.   , 0.   ],
               [0.25 , 0.   , 0.   , 0.   , 0.   ],
               [0.6  , 0.062, 0.   , 0.   , 0.   ],
               [0.881, 0.238, 0.016, 0.   , 0.   ]])
    """

    def __init__(self, d: int = 101, smoothness: float = 4.0):
        d = whole("d", d, low=1)
        self.smoothness = smoothness = number("smoothness", smoothness, "(0, inf)")
        k = np.arange(1, d + 1)
        super().__init__(
            smoothness * np.sin(np.pi * k / (2 * (d + 1))) ** 2,
            rotation=np.sqrt(2 / (d + 1)) * np.sin(np.pi * np.outer(k, k) / (d + 1)),
            minimum=1 - k / (d + 1),
            start=np.zeros(d),
        )

    # From neighbour to neighbour, not by way of the eigenvectors: rounding would leave 1e-16 where
    # no gradient has come yet, and a method that divides by the gradient's size would follow it.

    def grad(self, theta: Array) -> Array:
        """The gradient at `theta` of shape (..., d), with that shape."""
        check_dimension(theta, self.minimum.size)
        first = np.arange(self.minimum.size) == 0
        return self.hvp(theta, theta) - self.smoothness / 4 * first

    def hvp(self, theta: Array, p: Array) -> Array:
        """The Hessian at `theta` times `p` of shape (..., d), at no more cost than a gradient."""
        check_dimension(p, self.minimum.size, "p")
        product = 2 * p
        product[..., 1:] -= p[..., :-1]
        product[..., :-1] -= p[..., 1:]
        return self.smoothness / 4 * product


class ThreePieces:
    """Curvature 25, then 1 for one unit, then 25 again: convex, and its derivative has two corners.

    f'(x) = 25 x below 1, x + 24 from 1 to 2, 25 x - 24 above. The heavy ball with the learning rate
    1/9 and the momentum 4/9, the best on every quadratic with curvatures from 1 to 25, started here
    at 3.3 ends in a cycle of three points. theta has shape (..., 1); at a corner the Hessian is
    that of the right side.
    Raises ValueError for a theta whose last axis is not 1.
    Source: Lessard, Recht and Packard 2016 (arXiv 1408.3595), equation 4.11 and appendix B.

    Example:
        >>> from optim_lessons import Momentum, minimize
        >>> path = minimize(Momentum(lr=1 / 9, momentum=4 / 9), ThreePieces(), steps=300)
        >>> path.theta[[-6, -5, -4, -3, -2, -1], 0].round(3)
        array([-1.802,  2.116,  0.647, -1.802,  2.116,  0.647])
    """

    start: ClassVar = (3.3,)
    minima: ClassVar = ((0.0,),)

    def value(self, theta: Array) -> Any:
        """The loss at `theta` of shape (..., 1), with shape (...)."""
        check_dimension(theta, 1)
        x = theta[..., 0]
        middle, last = x**2 / 2 + 24 * x - 12, 12.5 * x**2 - 24 * x + 36
        return np.where(x < 1, 12.5 * x**2, np.where(x < 2, middle, last))

    def grad(self, theta: Array) -> Array:
        """The gradient at `theta` of shape (..., 1), with that shape."""
        check_dimension(theta, 1)
        return np.where(theta < 1, 25 * theta, np.where(theta < 2, theta + 24, 25 * theta - 24))

    def hessian(self, theta: Array) -> Array:
        """The second derivative at `theta` of shape (..., 1), with shape (..., 1, 1)."""
        check_dimension(theta, 1)
        return np.where((theta >= 1) & (theta < 2), 1.0, 25.0)[..., None]


def spectrum(d: int, condition: float) -> Array:
    """`d` eigenvalues from 1 to `condition`, evenly spaced in their logarithm.

    Raises ValueError for d below 1, or a condition number below 1 or not finite, and TypeError for
    what is no number.

    Example:
        >>> spectrum(3, condition=100)
        array([  1.,  10., 100.])
    """
    return np.geomspace(1, number("condition", condition, "[1, inf)"), whole("d", d, low=1))


def random_rotation(d: int, rng: np.random.Generator) -> Array:
    """An orthogonal (d, d) matrix, drawn so that no direction is preferred.

    It is the Q of a Gaussian matrix's QR factorisation, with the signs that make R's diagonal
    positive; without them it is not uniform.
    Raises ValueError for d below 1, and TypeError for an rng that is not a Generator.
    Source: Mezzadri 2007 (arXiv math-ph/0609050).

    Example:
        >>> turn = random_rotation(3, np.random.default_rng(0))
        >>> np.allclose(turn @ turn.T, np.eye(3))
        True
    """
    d = whole("d", d, low=1)
    q, r = np.linalg.qr(generator(rng).standard_normal((d, d)))
    return q * np.sign(np.diag(r))


def _vector(name: str, value: ArrayLike, d: int) -> Array:
    """A number or d numbers, as an array of d that was checked."""
    x = finite(name, value, axes=(0, 1))
    if x.shape not in ((), (d,)):
        raise ValueError(f"{name} has shape {x.shape}, but must be () or ({d},)")
    return np.broadcast_to(x, d).astype(float)


def _orthogonal(rotation: ArrayLike, d: int) -> Array:
    q = np.array(finite("rotation", rotation, axes=(2,)), float)
    if q.shape != (d, d):
        raise ValueError(f"rotation has shape {q.shape}, but must be ({d}, {d})")
    if not np.allclose(q.T @ q, np.eye(d), rtol=0, atol=1e-8):
        raise ValueError("rotation must be orthogonal: its columns have length 1 and right angles")
    return q
