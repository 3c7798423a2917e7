"""Optim Lessons: small, tested reference implementations of the optimizers of deep learning."""

from typing import TYPE_CHECKING, Any

from optim_lessons import problems, schedules
from optim_lessons.contract import hyper_of, validate
from optim_lessons.exercises import check
from optim_lessons.minimize import Path, minimize
from optim_lessons.optimizers import (
    FTRL,
    LAMB,
    LARS,
    LBFGS,
    OPTIMIZERS,
    SGD,
    SWA,
    SWATS,
    TRACED,
    WRAPPERS,
    AdaBelief,
    Adadelta,
    Adagrad,
    Adam,
    AdaMax,
    AdamW,
    AMSGrad,
    ClipNorm,
    ClipValue,
    ConjugateGradient,
    GradientNoise,
    Lion,
    Lookahead,
    Momentum,
    Muon,
    NAdam,
    Nesterov,
    Newton,
    PerLayer,
    RAdam,
    RMSprop,
    SignSGD,
    Yogi,
)
from optim_lessons.state import state_from_json, state_to_json
from optim_lessons.sweep import Sweep, sweep

if TYPE_CHECKING:
    from optim_lessons.explorer import explore

__all__ = [
    "FTRL",
    "LAMB",
    "LARS",
    "LBFGS",
    "OPTIMIZERS",
    "SGD",
    "SWA",
    "SWATS",
    "TRACED",
    "WRAPPERS",
    "AMSGrad",
    "AdaBelief",
    "AdaMax",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "ClipNorm",
    "ClipValue",
    "ConjugateGradient",
    "GradientNoise",
    "Lion",
    "Lookahead",
    "Momentum",
    "Muon",
    "NAdam",
    "Nesterov",
    "Newton",
    "Path",
    "PerLayer",
    "RAdam",
    "RMSprop",
    "SignSGD",
    "Sweep",
    "Yogi",
    "check",
    "explore",
    "hyper_of",
    "minimize",
    "problems",
    "schedules",
    "state_from_json",
    "state_to_json",
    "sweep",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Load `explore` when it is asked for: it needs the extra `book`, all the rest NumPy only."""
    if name == "explore":
        from optim_lessons.explorer import explore

        return explore
    raise AttributeError(f"module 'optim_lessons' has no attribute {name!r}")
