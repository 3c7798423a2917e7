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
from optim_lessons.problems.online import RareFeatures, RareLargeGradient, regret
from optim_lessons.problems.problem import Loss
from optim_lessons.problems.quadratics import (
    NoisyQuadratic,
    Quadratic,
    ThreePieces,
    Tridiagonal,
    random_rotation,
    spectrum,
)
from optim_lessons.problems.separable import UniqueFeatures
from optim_lessons.problems.surface import Surface
from optim_lessons.problems.surfaces import SURFACES

__all__ = [
    "SURFACES",
    "Loss",
    "NoisyQuadratic",
    "Quadratic",
    "RareFeatures",
    "RareLargeGradient",
    "Surface",
    "ThreePieces",
    "Tridiagonal",
    "UniqueFeatures",
    "ackley",
    "beale",
    "camel",
    "goldstein_price",
    "himmelblau",
    "kink",
    "matyas",
    "monkey_saddle",
    "neuron",
    "random_rotation",
    "rastrigin",
    "ravine",
    "regret",
    "rosenbrock",
    "saddle",
    "spectrum",
    "two_layers",
    "wells",
]
