"""Problems to optimise, found by name: `problems.beale`."""

from optim_lessons.problems.data import digits, series, text, windows, words
from optim_lessons.problems.layout import Layout
from optim_lessons.problems.linear import LinearRegression, LogisticRegression
from optim_lessons.problems.lstm import LSTM
from optim_lessons.problems.mlp import MLP
from optim_lessons.problems.skipgram import SkipGram
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
    "LSTM",
    "MLP",
    "SURFACES",
    "Layout",
    "LinearRegression",
    "LogisticRegression",
    "SkipGram",
    "Surface",
    "beale",
    "digits",
    "himmelblau",
    "rastrigin",
    "ravine",
    "rosenbrock",
    "saddle",
    "series",
    "text",
    "windows",
    "words",
]
