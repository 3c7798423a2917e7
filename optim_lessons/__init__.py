"""Optim Lessons: small, tested reference implementations of the optimizers of deep learning."""

from typing import TYPE_CHECKING, Any

from optim_lessons import problems
from optim_lessons.contract import hyper_of, validate
from optim_lessons.exercises import check
from optim_lessons.minimize import Path, minimize
from optim_lessons.optimizers import (
    FTRL,
    OPTIMIZERS,
    SGD,
    TRACED,
    AdaBelief,
    Adadelta,
    Adagrad,
    Adam,
    AdaMax,
    AdamW,
    AMSGrad,
    Lion,
    Momentum,
    NAdam,
    Nesterov,
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
    "OPTIMIZERS",
    "SGD",
    "TRACED",
    "AMSGrad",
    "AdaBelief",
    "AdaMax",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Lion",
    "Momentum",
    "NAdam",
    "Nesterov",
    "Path",
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
