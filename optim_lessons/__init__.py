"""Optim Lessons: small, tested reference implementations of the optimizers of deep learning."""

from optim_lessons import problems
from optim_lessons.contract import hyper_of, validate
from optim_lessons.exercises import check
from optim_lessons.minimize import Path, minimize
from optim_lessons.optimizers import OPTIMIZERS, SGD, Adagrad, Adam, Momentum, Nesterov, RMSprop
from optim_lessons.sweep import Sweep, sweep

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "Momentum",
    "Nesterov",
    "Path",
    "RMSprop",
    "Sweep",
    "check",
    "hyper_of",
    "minimize",
    "problems",
    "sweep",
    "validate",
]
