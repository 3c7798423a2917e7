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
from optim_lessons.problems.data import digits, series, text, windows, words
from optim_lessons.problems.ideas import (
    kink,
    monkey_saddle,
    neuron,
    ravine,
    saddle,
    two_layers,
    wells,
)
from optim_lessons.problems.layout import Layout
from optim_lessons.problems.linear import LinearRegression, LogisticRegression
from optim_lessons.problems.lstm import LSTM
from optim_lessons.problems.mlp import MLP
from optim_lessons.problems.noisy import Noisy
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
from optim_lessons.problems.skipgram import SkipGram
from optim_lessons.problems.surface import Surface
from optim_lessons.problems.surfaces import SURFACES

__all__ = [
    "LSTM",
    "MLP",
    "SURFACES",
    "Layout",
    "LinearRegression",
    "LogisticRegression",
    "Loss",
    "Noisy",
    "NoisyQuadratic",
    "Quadratic",
    "RareFeatures",
    "RareLargeGradient",
    "SkipGram",
    "Surface",
    "ThreePieces",
    "Tridiagonal",
    "UniqueFeatures",
    "ackley",
    "beale",
    "camel",
    "digits",
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
    "series",
    "spectrum",
    "text",
    "two_layers",
    "wells",
    "windows",
    "words",
]
