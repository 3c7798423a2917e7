"""Problems to optimise, found by name: `problems.beale`."""

from optim_lessons.problems.surfaces import (
    SURFACES,
    Surface,
    beale,
    himmelblau,
    rastrigin,
    ravine,
    rosenbrock,
    saddle,
)

__all__ = [
    "SURFACES",
    "Surface",
    "beale",
    "himmelblau",
    "rastrigin",
    "ravine",
    "rosenbrock",
    "saddle",
]
