"""The optimizers, each in a file of its own. The order here is the order of every table."""

from typing import Any

from optim_lessons.optimizers.adabelief import AdaBelief
from optim_lessons.optimizers.adadelta import Adadelta
from optim_lessons.optimizers.adagrad import Adagrad
from optim_lessons.optimizers.adam import Adam
from optim_lessons.optimizers.adamax import AdaMax
from optim_lessons.optimizers.adamw import AdamW
from optim_lessons.optimizers.amsgrad import AMSGrad
from optim_lessons.optimizers.ftrl import FTRL
from optim_lessons.optimizers.lion import Lion
from optim_lessons.optimizers.momentum import Momentum
from optim_lessons.optimizers.nadam import NAdam
from optim_lessons.optimizers.nesterov import Nesterov
from optim_lessons.optimizers.radam import RAdam
from optim_lessons.optimizers.rmsprop import RMSprop
from optim_lessons.optimizers.sgd import SGD
from optim_lessons.optimizers.signsgd import SignSGD
from optim_lessons.optimizers.yogi import Yogi

OPTIMIZERS: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        *(SGD, Momentum, Nesterov),
        *(Adagrad, RMSprop, Adadelta, FTRL),
        *(Adam, AdaMax, NAdam, AMSGrad, Yogi, AdaBelief, AdamW, RAdam),
        *(SignSGD, Lion),
    )
}

# Those whose step the trace can read: they run in the browser, and have printed equations.
TRACED = {name: cls for name, cls in OPTIMIZERS.items() if not hasattr(cls, "untraced")}

__all__ = ["OPTIMIZERS", "TRACED", *OPTIMIZERS]
