"""The edge of stability from theory, for the picture made in Python; as js/stability.js."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from optim_lessons.problems import Surface

STRIDE = 1e-3  # of central differences
SHARES = np.array([(0.13, 0.37), (0.83, 0.29), (0.41, 0.93)])  # of the viewport: odd places

# The largest stable learning rate times the curvature, by momentum; derived in js/stability.js.
EDGES: dict[str, Callable[[Any], Any]] = {
    "Momentum": lambda beta: 2 * (1 + beta),
    "Momentum_average": lambda beta: 2 * (1 + beta) / (1 - beta),
    "Nesterov": lambda beta: 2 * (1 + beta) / (1 + 2 * beta),
}


class Curvature(NamedTuple):
    """The smallest and largest eigenvalue at a minimum; `exact` if the surface is a quadratic."""

    mu: float
    L: float
    exact: bool


def polyak(method: str, mu: float, largest: float) -> tuple[float, float] | None:
    """Polyak's best (lr, momentum) for eigenvalues from mu to the largest; None without one."""
    if method not in ("Momentum", "Momentum_average"):
        return None
    low, high = np.sqrt([mu, largest])
    lr, momentum = 4 / (low + high) ** 2, ((high - low) / (high + low)) ** 2
    return float(lr if method == "Momentum" else lr / (1 - momentum)), float(momentum)


def curvature_near(surface: Surface, point: Any) -> Curvature | None:
    """The curvature at the minimum nearest to a point; None without one, or on a kink."""
    if not surface.minima:
        return None
    minima = np.array(surface.minima)
    minimum = minima[np.argmin(np.hypot(*(minima - point).T))]
    hessian = _hessian(surface, minimum, STRIDE)
    mu, largest = np.linalg.eigvalsh(hessian)
    nearer = np.linalg.eigvalsh(_hessian(surface, minimum, STRIDE / 8))[1]
    if not (largest > 0 and abs(nearer - largest) < 0.1 * largest):
        return None
    low, high = np.array(surface.viewport).T
    others = [_hessian(surface, low + share * (high - low), STRIDE) for share in SHARES]
    exact = bool(np.all(np.abs(np.array(others) - hessian) < 1e-6 * largest))
    return Curvature(float(mu), float(largest), exact)


def _hessian(surface: Surface, point: np.ndarray, h: float) -> np.ndarray:
    """The second derivatives, by central differences of the gradient."""
    rows = [(surface.grad(point + e) - surface.grad(point - e)) / (2 * h) for e in h * np.eye(2)]
    return (np.array(rows) + np.array(rows).T) / 2
