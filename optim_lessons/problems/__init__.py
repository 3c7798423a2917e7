"""Problems to optimise, found by name: `problems.beale`."""

from optim_lessons.problems.classics import (
    ackley,
    beale,
    camel,
    goldstein_price,
    himmelblau,
    matyas,
    rastrigin,
    rosenbrock,
)
from optim_lessons.problems.ideas import (
    kink,
    monkey_saddle,
    neuron,
    ravine,
    saddle,
    two_layers,
    wells,
)
from optim_lessons.problems.surface import Surface
from optim_lessons.problems.surfaces import SURFACES

__all__ = [
    "SURFACES",
    "Surface",
    "ackley",
    "beale",
    "camel",
    "goldstein_price",
    "himmelblau",
    "kink",
    "matyas",
    "monkey_saddle",
    "neuron",
    "rastrigin",
    "ravine",
    "rosenbrock",
    "saddle",
    "two_layers",
    "wells",
]
