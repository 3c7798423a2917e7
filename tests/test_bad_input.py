"""Bad input: whatever is public refuses, for each of its arguments, what does not fit, in words.

A row of `TABLE` is a call that works and, for each argument, values that must not: the error names
the argument, the value or its shape, and what would fit; after it, the good call still works.
Hyperparameters, flags, and points of another dimension are crossed with every class that has them.
A string in the place of bad values says why there are none. The tests at the end demand that no
public name and no argument is missing.
"""

import dataclasses
import inspect
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

import optim_lessons
from optim_lessons import (
    LBFGS,
    OPTIMIZERS,
    SGD,
    WRAPPERS,
    Adam,
    ClipNorm,
    Momentum,
    Muon,
    PerLayer,
    adapter,
    check,
    explore,
    framework,
    hyper_of,
    minimize,
    problems,
    rules,
    schedules,
    state_from_json,
    state_to_json,
    sweep,
    validate,
)
from optim_lessons.adapter import TorchOptimizer
from optim_lessons.contract import flags_of
from optim_lessons.framework import Framework, name_of, row
from optim_lessons.problems import (
    LSTM,
    MLP,
    Layout,
    LinearRegression,
    LogisticRegression,
    Noisy,
    NoisyQuadratic,
    Quadratic,
    RareFeatures,
    RareLargeGradient,
    SkipGram,
    Surface,
    ThreePieces,
    Tridiagonal,
    UniqueFeatures,
    random_rotation,
    regret,
    spectrum,
    windows,
    words,
)
from optim_lessons.schedules import SCHEDULES, Cosine, ReduceOnPlateau, Warmup


class Bad(NamedTuple):
    """A value, words of its error, and the other arguments with which it does not go together."""

    value: Any
    words: str
    error: type[Exception] = ValueError
    beside: Mapping[str, Any] = MappingProxyType({})


class Row(NamedTuple):
    call: Any
    good: dict[str, Any]
    bad: dict[str, list[Bad] | str]


def typed(value, words):
    return Bad(value, words, TypeError)


def numbers(name, below, high=None, low=None):
    """Values that are no whole number of the range: `below` is one under it."""
    bounds = f"at least {below + 1}" if high is None else f"from {below + 1} to {high}"
    above = [] if high is None else [Bad(high + 1, f"{name} = {high + 1} must be {bounds}")]
    return [
        Bad(below, f"{name} = {below} must be {bounds}"),
        *above,
        *(typed(x, f"{name} = {x!r} must be a whole number") for x in (2.5, "2", None, True, [2])),
        typed(np.nan, f"{name} = nan must be a whole number"),
        typed(np.inf, f"{name} = inf must be a whole number"),
    ]


def arrays(name, axes):
    """Values that are no array of finite numbers with `axes` axes."""
    other = np.ones((2,) * (max(axes) + 1))
    return [
        Bad(other, f"{name} has shape {other.shape}"),
        *([] if 0 in axes else [Bad(3.0, f"{name} has shape ()")]),
        Bad(np.full((2,) * max(axes), np.nan), f"{name} must be finite"),
        Bad(np.full((2,) * max(axes), np.inf), f"{name} must be finite"),
        Bad(np.zeros((0,) * max(axes)), f"{name} has shape {(0,) * max(axes)}"),
        Bad([[1.0], [1.0, 2.0]], f"{name} has rows of different lengths"),
        typed("abc", f"{name} must hold real numbers, not <U3"),
        typed(None, f"{name} must hold real numbers, not object"),
        typed(np.full((2,) * max(axes), 1j), f"{name} must hold real numbers, not complex128"),
    ]


def real(name, interval, *outside):
    """Values that are no number in the interval."""
    return [
        *(Bad(x, f"{name} = {x} is outside {interval}") for x in (*outside, np.nan, np.inf)),
        *(
            typed(x, f"{name} = {x!r} must be a real number")
            for x in ("1", None, 1j, True, np.ones(2))
        ),
    ]


RNG = np.random.default_rng(0)
GENERATOR = [typed(x, f"rng must be np.random.default_rng(seed), not {x!r}") for x in (3, None)]
NO_OPTIMIZER = [
    typed(x, f"{x!r} is not an optimizer") for x in (SGD, 3, None, "Adam", problems.beale)
]
NO_FLAG = [1, 0, None, "yes"]
# A hyperparameter that is never valid; what its interval forbids besides is added to these.
NO_NUMBER = [np.nan, -np.inf, np.inf, "0.1", None, 1j, True, [[0.1], [0.1, 0.2]], {}]

BOWL = (lambda theta: 0.5 * np.sum(theta**2), lambda theta: theta)
ONLINE = RareLargeGradient()
X, Y = np.random.default_rng(3).normal(size=(7, 3)), np.arange(7.0)
LABELS, WINDOWS = np.arange(7) % 3, np.random.default_rng(3).normal(size=(7, 5))
WORDS = words("the cat sat on the mat and the dog sat on the cat and the mat " * 2)
LINEAR = LinearRegression(X, Y)
LOGISTIC = LogisticRegression(X, LABELS % 2)
NETWORK = MLP(X, LABELS, classes=3, rng=RNG)
MEMORY = LSTM(WINDOWS, Y, rng=RNG)
GRAM = SkipGram(WORDS, min_count=1, rng=RNG)
PROBLEMS = [
    *(problems.beale, Quadratic([1.0, 2.0]), NoisyQuadratic([1.0], 1.0), Tridiagonal(3)),
    *(ThreePieces(), ONLINE, RareFeatures([0.5, 1], 9, RNG), UniqueFeatures(9, rng=RNG)),
    *(LINEAR, LOGISTIC, NETWORK, MEMORY, GRAM, Noisy(problems.beale)),
]
MODEL_DATA = {"x": X, "y": Y}
RUN = {"optimizer": SGD(), "problem": problems.beale, "steps": 3}
STATE = Momentum().init(np.zeros(2))


class Halves:
    """A layout of two parts."""

    size = 4

    def views(self, theta):
        return {"left": theta[:2], "right": theta[2:]}


def begin(layout, inner, theta0=None):
    """A wrapper is checked when it begins to step: its constructor knows no theta."""
    return minimize(PerLayer(layout, inner), BOWL, np.ones(4) if theta0 is None else theta0)


def parameter(size=2):
    p = torch.nn.Parameter(torch.ones(size))
    p.grad = torch.ones(size)
    return p


def torch_step(closure=None, optimizer=None):
    TorchOptimizer([parameter()], optimizer or SGD()).step(closure)


def torch_group(param_group):
    TorchOptimizer([parameter()], SGD()).add_param_group(param_group)


def torch_load(state_dict):
    TorchOptimizer([parameter()], SGD()).load_state_dict(state_dict)


PROBLEM = [
    typed(3, "3 is no problem: neither with `value` and `grad`"),
    typed(None, "None is no problem"),
    typed((1, 2), "(1, 2) is no problem"),
    typed((np.sin,), "is no problem"),
    Bad(BOWL, "theta0 is missing, and the problem has no start"),
    Bad((np.cos, np.sin), "value(theta) has shape (2,)", beside={"theta0": [1, 1]}),
    Bad(
        (BOWL[0], lambda theta: theta[:1]),
        "grad(theta) has shape (1,), but theta has (2,)",
        beside={"theta0": [1, 1]},
    ),
]
THETA0 = [
    Bad(np.zeros(3), "theta0 has shape (3,), but this problem takes shape (2,)"),
    Bad(np.zeros((4, 2)), "theta0 has shape (4, 2)"),
    Bad(1.0, "theta0 has shape ()"),
    Bad([], "theta0 has shape (0,)"),
    Bad([np.nan, 1], "theta0 = [nan  1.] must be finite"),
    Bad([np.inf, 1], "theta0 = [inf  1.] must be finite"),
    Bad([[1], [1, 2]], "theta0 = [[1], [1, 2]] has rows of different lengths"),
    typed(["a", "b"], "theta0 = ['a', 'b'] must hold real numbers"),
    typed([1j, 0], "theta0 = [1j, 0] must hold real numbers"),
    typed([None, 0], "theta0 = [None, 0] must hold real numbers"),
]
STEPS = [
    Bad(-1, "steps = -1 must be at least 0"),
    *(
        typed(x, f"steps = {x!r} is not a whole number")
        for x in (2.5, "10", None, True, np.nan, np.inf, [3])
    ),
]
SPECTRAL = {
    "eigenvalues": arrays("eigenvalues", (1,)),
    "rotation": [
        Bad(np.eye(3), "rotation has shape (3, 3), but must be (2, 2)"),
        Bad(2 * np.eye(2), "rotation must be orthogonal"),
        Bad(np.ones(2), "rotation has shape (2,)"),
        Bad(np.full((2, 2), np.nan), "rotation must be finite"),
        typed("turn", "rotation must hold real numbers"),
    ],
    "minimum": [*arrays("minimum", (0, 1)), Bad(np.ones(3), "minimum has shape (3,)")],
    "start": [
        Bad([1.0], "start has shape (1,), but must be () or (2,)"),
        Bad([1, np.inf], "start must be finite"),
        typed("far", "start must hold real numbers"),
    ],
}
BATCH = [x for x in numbers("batch", 0, 7) if x.value is not None]
ANY_BATCH = [x for x in numbers("batch", 0) if x.value is not None]
SURFACE = {f.name: getattr(problems.beale, f.name) for f in dataclasses.fields(Surface)}
DATA_FILE = [
    Bad("/nowhere", "nowhere", FileNotFoundError),
    Bad(__file__, "is damaged, or is not"),
    typed(3, "PathLike"),
]


TABLE = {
    # optim_lessons
    "minimize": Row(
        minimize,
        RUN,
        {
            "optimizer": [
                *NO_OPTIMIZER,
                typed(Cosine(), "is not an optimizer: it has no `init`"),
                Bad(Adam(beta1=1.0), "Adam: beta1 = 1.0 is outside [0, 1)"),
                Bad(ClipNorm(Adam(lr=-1)), "Adam: lr = -1 is outside [0, inf)"),
                Bad(SGD(lr=np.ones(3)), "SGD: lr has shape (3,), which does not broadcast to (2,)"),
                Bad(SGD(lr=np.ones((5, 1))), "SGD: lr has shape (5, 1)"),
                Bad(SGD(lr=[]), "SGD: lr has shape (0,)"),  # valid: an empty sweep
                Bad(ClipNorm(SGD(lr=np.ones(3))), "SGD: lr has shape (3,)"),
                Bad(LBFGS(memory=[3, 4]), "LBFGS: memory has shape (2,)"),
                Bad(Muon(), "Muon couples 2 axes, but theta0 has shape (2,)"),
                Bad(
                    optim_lessons.Newton(),
                    "needs a problem with hessian",
                    beside={"problem": BOWL, "theta0": [1, 1]},
                ),
            ],
            "problem": [
                *PROBLEM,
                typed("beale", "'beale' is no problem"),
                *(
                    Bad(
                        (lambda theta, f=f: f, BOWL[1]),
                        f"value(theta) = {f!r} must hold real numbers",
                        TypeError,
                        {"theta0": [1, 1]},
                    )
                    for f in (None, "1", 1j)
                ),
                Bad(
                    (BOWL[0], lambda theta: 1j * theta),
                    "must hold real numbers",
                    TypeError,
                    {"theta0": [1, 1]},
                ),
            ],
            "theta0": THETA0,
            "steps": STEPS,
            "rng": [
                typed(7, "rng = 7 is not a np.random.Generator"),
                typed(np.random, "is not a np.random.Generator"),
                Bad(
                    None,
                    "this problem is random: pass rng=np.random.default_rng",
                    beside={"problem": NoisyQuadratic([1.0], 1.0)},
                ),
            ],
            "project": [
                typed(3, "project = 3 is not a function of theta"),
                Bad(lambda theta: theta[:1], "project(theta) has shape (1,), but theta has (2,)"),
            ],
            "schedule": [
                typed(0.1, "schedule = 0.1 is neither a function of t nor reads losses"),
                *(
                    Bad(lambda t, lr=lr: lr, f"schedule: the rate {lr!r} of step 1 is no number")
                    for lr in (-0.1, np.nan, np.inf, "0.1", None, 1j, True, [0.1, 0.2])
                ),
            ],
        },
    ),
    "sweep": Row(
        sweep,
        RUN,
        {
            "optimizer": [
                *NO_OPTIMIZER,
                Bad(SGD(lr=[0.1, -1]), "SGD: lr = [0.1, -1] is outside [0, inf)"),
                Bad(Adam(lr=np.ones(2), beta1=np.full(3, 0.5)), "(2,)"),
            ],
            "problem": PROBLEM,
            "theta0": THETA0,
            "steps": STEPS,
            "schedule": [
                typed(0.1, "schedule = 0.1 is neither a function of t nor reads losses"),
                Bad(
                    Cosine(),
                    "lr is an array, but `schedule` gives the learning rate",
                    beside={"optimizer": SGD(lr=[0.1, 0.2])},
                ),
                *(
                    Bad(lambda t, lr=lr: lr, f"schedule: the rate {lr!r} of step 1 is no number")
                    for lr in (-0.1, np.nan, np.inf, "0.1", None, 1j, True, [0.1, 0.2])
                ),
            ],
            "engine": [
                Bad(x, f"engine = {x!r} is none of 'numpy', 'numba', 'loop'")
                for x in ("cuda", 3, True, ["loop"])
            ],
            "executor": [typed(4, "executor = 4 is no concurrent.futures.Executor")],
            "seed": [
                *(Bad(x, f"seed = {x!r} must be a whole number") for x in (-1, 0.5, "x", np.nan)),
                Bad(
                    None,
                    "this problem is random: pass seed=",
                    beside={"problem": NoisyQuadratic([1.0], 1.0)},
                ),
            ],
            "block": [
                Bad(x, f"block = {x!r} must be a whole number, at least 1")
                for x in (0, -3, 2.5, "all", True, np.nan)
            ],
            "store": [typed(3, "store = 3 must be the path of a folder")],
            "progress": [typed("yes", "progress = 'yes' must be True, False or a function")],
        },
    ),
    "validate": Row(validate, {"optimizer": SGD()}, {"optimizer": NO_OPTIMIZER}),
    "hyper_of": Row(
        hyper_of,
        {"optimizer": SGD},
        {"optimizer": [typed(x, f"{x!r} is not an optimizer") for x in (3, None, "Adam")]},
    ),
    "check": Row(
        check,
        {"exercise": "adam-step", "function": max},
        {
            "exercise": [
                Bad(x, f"exercise = {x!r} is not one of ['adadelta-step', 'adagrad-step'")
                for x in ("adam", 3, [])
            ],
            "function": [typed(x, f"function = {x!r} is not a function") for x in (3, None, (1,))],
            "others": "as function; tests/test_exercise_check.py calls with one too many",
        },
    ),
    "explore": Row(
        explore,
        {"problem": "beale", "optimizers": [SGD()]},
        {
            "problem": [
                Bad("banana", "problem = 'banana' is none of beale, rosenbrock"),
                *PROBLEM[:4],
                Bad(BOWL, "start is missing, and the problem has no start"),
                Bad(BOWL, "start has shape (3,)", beside={"start": [1, 1, 1]}),
            ],
            "optimizers": [
                typed(3, "int is not an optimizer: it has no `init` and `step`"),
                typed([None], "NoneType is not an optimizer"),
                Bad(Adam(beta1=1.0), "Adam: beta1 = 1.0 is outside [0, 1)"),
                Bad(Adam(lr=np.ones(2)), "Adam: lr must be one number, not an array"),
            ],
            "start": [Bad(x.value, x.words.replace("theta0", "start"), x.error) for x in THETA0],
            "steps": [
                Bad(0, "steps = 0 is outside [1, 2000]"),
                Bad(2001, "steps = 2001 is outside [1, 2000]"),
                *STEPS,
            ],
            "locked": [typed(x, f"locked = {x!r} is neither True nor False") for x in NO_FLAG],
            "plays": [typed(x, f"plays = {x!r} is neither True nor False") for x in NO_FLAG],
            "arrows": [typed(x, f"arrows = {x!r} is neither True nor False") for x in NO_FLAG],
            "view": [Bad(x, f"view = {x!r} is none of 'contours', 'height'") for x in ("3d", 3)],
            "side": [Bad(x, f"side = {x!r} is none of 'loss', 'rate'") for x in ("losses", None)],
            "turn": [
                Bad(30, "turn = 30 is not a pair"),
                Bad((200, 30), "turn = (200, 30) is outside [-180, 180] and [5, 90] degrees"),
                Bad((0, np.nan), "is outside [-180, 180] and [5, 90] degrees"),
            ],
            "watch": [Bad(x, f"watch = {x!r} is not the place of one of") for x in (1, -1, "0")],
            "tolerance": [b for b in real("tolerance", "(0, inf)", 0.0) if b.value is not None],
            "schedule": [
                typed(x, f"schedule = {x!r} cannot be shown") for x in (0.1, ReduceOnPlateau())
            ],
            "caption": [typed(x, f"caption = {x!r} must be a str") for x in (3, None)],
        },
    ),
    "state_to_json": Row(
        state_to_json,
        {"state": STATE},
        {"state": [typed({1, 2}, "set is not JSON serializable")]},
    ),
    "state_from_json": Row(
        state_from_json,
        {"text": state_to_json(STATE), "like": STATE},
        {
            "text": [
                Bad('{"m": [1, 2, 3]}', "state.m has shape (3,), but theta's gives (2,)"),
                Bad('{"v": [1, 2]}', "state = ['v'] does not have the fields ['m']"),
                Bad("[1, 2]", "state = [1, 2] does not have the fields ['m']"),
                Bad('{"m": [1, "two"]}', "state.m = [1, 'two'] is not of type float64"),
                Bad('{"m": [1, null]}', "state.m = [1, None] is not of type float64"),
                Bad('{"m": [[1], [1, 2]]}', "state.m = [[1], [1, 2]] has rows of different"),
                Bad('{"m": [1, 2', "Expecting"),
                Bad("", "Expecting value"),
                typed(3, "must be str"),
                typed(None, "must be str"),
            ],
            "like": [
                Bad(Adam().init(np.zeros(2)), "state = ['m'] does not have the fields ['t', 'm',"),
                Bad(Momentum().init(np.zeros(3)), "state.m has shape (2,), but theta's gives (3,)"),
                Bad(None, "is not of type NoneType"),
            ],
        },
    ),
    **{
        name: Row(
            lambda inner, cls=cls: validate(cls(inner)), {"inner": SGD()}, {"inner": NO_OPTIMIZER}
        )
        for name, cls in (OPTIMIZERS | WRAPPERS).items()
        if hasattr(cls, "inner") and cls is not PerLayer
    },
    "PerLayer": Row(
        begin,
        {"layout": Halves(), "inner": {"left": SGD(), "right": Adam()}},
        {
            "layout": [
                typed(3, "PerLayer: layout = 3 has no views"),
                typed(None, "PerLayer: layout = None has no views"),
                Bad(Layout(left=(2,)), "theta has shape (4,), not (2,)"),
                Bad(Layout(left=(2,), middle=(2,)), "but layers ['left', 'middle']"),
            ],
            "inner": [
                *NO_OPTIMIZER,
                typed({"left": SGD(), "right": 3}, "3 is not an optimizer"),
                Bad({"left": SGD()}, "PerLayer: optimizers for ['left'], but layers"),
                Bad({"left": SGD(), "right": Adam(lr=-1)}, "Adam: lr = -1 is outside [0, inf)"),
                Bad(Muon(), "PerLayer: Muon couples 2 axes, but left has shape (2,)"),
                Bad(LBFGS(), "PerLayer: LBFGS needs value and grad of all layers"),
                Bad(SGD(), "theta has shape (4, 1), not (4,)", beside={"theta0": np.ones((4, 1))}),
            ],
        },
    ),
    # problems
    "LinearRegression": Row(
        LinearRegression,
        MODEL_DATA,
        {
            "x": [*arrays("x", (2,)), Bad(X[:3], "x has 3 rows, but y has 7")],
            "y": arrays("y", (1,)),
            "batch": BATCH,
        },
    ),
    "LogisticRegression": Row(
        LogisticRegression,
        {"x": X, "y": LABELS % 2},
        {
            "x": [*arrays("x", (2,)), Bad(X[:3], "x has 3 rows, but y has 7")],
            "y": [
                *arrays("y", (1,)),
                Bad(LABELS, "y holds 2, but labels are 0 to 1"),
                Bad(LABELS - 1, "y holds -1, but labels are 0 to 1"),
                Bad(LABELS / 2, "y holds 0.5, but labels are 0 to 1"),
            ],
            "batch": BATCH,
        },
    ),
    "MLP": Row(
        MLP,
        MODEL_DATA | {"rng": RNG},
        {
            "x": [*arrays("x", (2,)), Bad(X[:3], "x has 3 rows, but y has 7")],
            "y": [
                *arrays("y", (1, 2)),
                Bad(LABELS, "y holds 2, but labels are 0 to 1", beside={"classes": 2}),
                Bad(X, "y has shape (7, 3)", beside={"classes": 2}),
            ],
            "hidden": [
                Bad((0,), "a width in hidden = 0 must be at least 1"),
                typed((2.5,), "a width in hidden = 2.5 must be a whole number"),
                typed("ab", "a width in hidden = 'a' must be a whole number"),
                typed(5, "hidden must be a sequence of widths, not 5"),
                typed(None, "hidden must be a sequence of widths, not None"),
            ],
            "activation": [
                Bad(x, f"activation = {x!r} is none of 'linear', 'tanh',")
                for x in ("swish", 3, None, ["relu"])
            ],
            "classes": [x for x in numbers("classes", 1) if x.value is not None],
            "rng": GENERATOR,
            "batch": BATCH,
        },
    ),
    "LSTM": Row(
        LSTM,
        {"x": WINDOWS, "y": Y, "rng": RNG},
        {
            "x": [*arrays("x", (2, 3)), Bad(WINDOWS[:3], "x has 3 rows, but y has 7")],
            "y": arrays("y", (1,)),
            "hidden": numbers("hidden", 0),
            "rng": GENERATOR,
            "batch": BATCH,
        },
    ),
    "SkipGram": Row(
        SkipGram,
        {"words": WORDS, "min_count": 1, "rng": RNG},
        {
            "words": [
                *(typed(x, "words must be a sequence of strings") for x in ("text", [1, 2], 3)),
                typed(None, "words must be a sequence of strings"),
                Bad([], "words has 0 words that occur min_count = 1 times"),
                Bad(["a"], "words has 1 words that occur min_count = 1 times"),
            ],
            "size": numbers("size", 0),
            "window": numbers("window", 0),
            "negatives": numbers("negatives", 0),
            "min_count": numbers("min_count", 0),
            "rng": GENERATOR,
            "batch": ANY_BATCH,
        },
    ),
    **{
        f"{type(model).__name__}.predict": Row(
            model.predict,
            {"theta": model.start, "x": model.x},
            {
                "theta": [Bad(np.zeros(500), "theta must be a vector of")],
                "x": [
                    *arrays("x", (model.x.ndim,)),
                    Bad(model.x[:, :2], "x has rows of shape (2,), not"),
                ],
            },
        )
        for model in (LINEAR, LOGISTIC, NETWORK, MEMORY)
    },
    "Model.inputs": Row(LINEAR.inputs, {"x": X}, {"x": arrays("x", (2,))}),
    "Model.rows": Row(
        LINEAR.rows,
        {"index": [0, 1]},
        {"index": [Bad([7], "index 7 is out of bounds", IndexError)]},
    ),
    "SkipGram.nearest": Row(
        GRAM.nearest,
        {"theta": GRAM.start, "word": "cat", "count": 3},
        {
            "theta": [Bad(np.zeros(3), "theta must be a vector of")],
            "word": [Bad(x, f"word = {x!r} is not in the vocabulary") for x in ("queen", 3, None)],
            "count": numbers("count", 0, 6),
        },
    ),
    "Layout": Row(
        lambda shapes: Layout(**shapes),
        {"shapes": {"W": (2, 3), "b": ()}},
        {
            "shapes": [
                Bad({}, "a layout needs at least one named shape"),
                Bad({"W": (2, 0)}, "an axis of W = 0 must be at least 1"),
                typed({"W": (2, 1.5)}, "an axis of W = 1.5 must be a whole number"),
                typed({"W": (True,)}, "an axis of W = True must be a whole number"),
                typed({"W": 3}, "W must be a tuple such as (3, 2), not 3"),
                typed({"W": [2, 3]}, "W must be a tuple such as (3, 2), not [2, 3]"),
            ]
        },
    ),
    "Layout.views": Row(
        Layout(W=(2, 3), b=()).views,
        {"theta": np.zeros(7)},
        {
            "theta": [
                Bad(np.zeros(8), "vector of 7 numbers, but has shape (8,): the layout is Layout("),
                Bad(np.zeros((7, 1)), "but has shape (7, 1)"),
                Bad([0.0] * 7, "but has shape None"),
                Bad(None, "but has shape None"),
                typed(np.zeros(7, int), "theta must hold floating-point numbers, not int64"),
                typed(np.full(7, 1j), "theta must hold floating-point numbers, not complex128"),
            ]
        },
    ),
    "Quadratic": Row(Quadratic, {"eigenvalues": [1.0, 2.0]}, SPECTRAL),
    "NoisyQuadratic": Row(
        NoisyQuadratic,
        {"eigenvalues": [1.0, 2.0], "sigma": 0.1},
        SPECTRAL
        | {
            "sigma": [
                *arrays("sigma", (0, 1)),
                Bad(np.ones(3), "sigma has shape (3,), but must be () or (2,)"),
                Bad(-0.1, "sigma = [-0.1 -0.1] is outside [0, inf)"),
            ]
        },
    ),
    "Noisy": Row(
        Noisy,
        {"problem": problems.beale, "sigma": 0.1, "seed": 3},
        {
            "problem": [
                *(
                    typed(x, f"{x!r} is no problem: neither with `value`")
                    for x in (3, None, np.sin)
                ),
                typed(ONLINE, "has another loss at every step already"),
                typed(Noisy(problems.beale), "has another loss at every step already"),
            ],
            "sigma": real("sigma", "[0, inf)", -0.1),
            "seed": numbers("seed", -1, 2**32 - 1),
        },
    ),
    "Quadratic.hvp": Row(
        Quadratic([1.0, 2.0]).hvp,
        {"theta": np.zeros(2), "p": np.zeros(2)},
        {
            "theta": "the Hessian is the same everywhere, so it is not looked at",
            "p": [Bad(np.zeros(n), f"p has shape ({n},), but this problem") for n in (1, 3)],
        },
    ),
    "Tridiagonal": Row(
        Tridiagonal,
        {"d": 3},
        {"d": numbers("d", 0), "smoothness": real("smoothness", "(0, inf)", 0.0, -1.0)},
    ),
    "Tridiagonal.hvp": Row(
        Tridiagonal(3).hvp,
        {"theta": np.zeros(3), "p": np.zeros(3)},
        {
            "theta": "the Hessian is the same everywhere, so it is not looked at",
            "p": [Bad(np.zeros(n), f"p has shape ({n},), but this problem") for n in (1, 4)],
        },
    ),
    "spectrum": Row(
        spectrum,
        {"d": 3, "condition": 10},
        {"d": numbers("d", 0), "condition": real("condition", "[1, inf)", 0.5, -1)},
    ),
    "random_rotation": Row(
        random_rotation, {"d": 3, "rng": RNG}, {"d": numbers("d", 0), "rng": GENERATOR}
    ),
    "RareLargeGradient": Row(
        RareLargeGradient,
        {},
        {
            "large": [
                *real("large", "(-inf, inf)", -np.inf),
                Bad(2.0, "large = 2.0 and small = -1.0 average to 0"),
            ],
            "small": real("small", "(-inf, inf)", -np.inf),
            "period": numbers("period", 1),
        },
    ),
    "RareFeatures": Row(
        RareFeatures,
        {"frequencies": [0.5], "rounds": 9, "rng": RNG},
        {
            "frequencies": [
                *arrays("frequencies", (1,)),
                Bad([1.5], "frequencies = [1.5] is outside [0, 1]"),
                Bad([-0.5], "frequencies = [-0.5] is outside [0, 1]"),
            ],
            "rounds": numbers("rounds", 0),
            "rng": GENERATOR,
        },
    ),
    "UniqueFeatures": Row(
        UniqueFeatures,
        {"n": 9, "rng": RNG},
        {
            "n": numbers("n", 0),
            "positive": real("positive", "(0.5, 1)", 0.5, 1.0, -1),
            "rng": GENERATOR,
        },
    ),
    "regret": Row(
        regret,
        {"problem": ONLINE, "path": minimize(SGD(), ONLINE, steps=3)},
        {
            "problem": [
                typed(x, "has not both `sample` and `minima`: it is not online")
                for x in (3, None, problems.beale, LINEAR)
            ],
            "path": [
                typed(x, f"path = {x!r} is not what `minimize` returns") for x in (3, None, [1.0])
            ],
        },
    ),
    "Surface": Row(
        Surface,
        SURFACE,
        {
            "name": [typed(x, f"name = {x!r} must be a str") for x in (3, None)],
            "title": [typed(x, f"title = {x!r} must be a str") for x in (3, None)],
            "f": [typed(x, f"f = {x!r} must be a function of x and y") for x in (3, None)],
            "df": [typed(x, f"df = {x!r} must be a function of x and y") for x in (3, None)],
            "start": [
                Bad((1.0,), "start = (1.0,) is not made of points of two numbers"),
                Bad(1.0, "start has shape (1,)"),
                Bad((np.nan, 1.0), "start must be finite"),
                typed("here", "start must hold real numbers"),
            ],
            "minima": [
                Bad((1.0, 1.0), "minima has shape (2,)"),
                Bad(((1.0, 1.0, 1.0),), "is not made of points of two numbers"),
                Bad(((1.0, np.inf),), "minima must be finite"),
                typed(("a", "b"), "minima must hold real numbers"),
            ],
            "viewport": [
                Bad(((0, 1),), "viewport = ((0, 1),) is not ((x from, x to), (y from, y to))"),
                Bad(((0, 1), (1, 0)), "viewport = ((0, 1), (1, 0)) is not ((x from, x to),"),
                Bad(((0, 1), (0, np.nan)), "viewport must be finite"),
                Bad(((0, 1), (0,)), "viewport has rows of different lengths"),
                Bad((0, 1), "viewport has shape (2,)"),
                typed(((0, 1), ("a", 1)), "viewport must hold real numbers"),
            ],
        },
    ),
    "digits": Row(problems.digits, {}, {"path": DATA_FILE}),
    "text": Row(problems.text, {}, {"path": DATA_FILE}),
    "series": Row(problems.series, {}, {"path": DATA_FILE}),
    "words": Row(
        words, {"text": "Off!"}, {"text": [typed(x, f"not {x!r}") for x in (3, None, b"a", ["a"])]}
    ),
    "windows": Row(
        windows,
        {"series": [1, 2, 3], "length": 2},
        {"series": arrays("series", (1,)), "length": numbers("length", 0, 2)},
    ),
    # schedules: their fields are crossed below
    "Warmup": Row(
        Warmup,
        {"then": Cosine()},
        {
            "then": [
                typed(x, f"Warmup: then = {x!r} must be a schedule") for x in (0.1, None, Cosine)
            ]
        },
    ),
    # framework
    "Framework": Row(
        Framework,
        {"psi": rules.SumOfSquares()},
        {
            part: [
                typed(x, f"Framework: {part} = {x!r} is not a rule, such as Average(0.9)")
                for x in (0.9, "Adam", rules.Average, *([None] if part == "phi" else []))
            ]
            for part in Framework.parts
        },
    ),
    "row": Row(
        row,
        {"optimizer": Adam()},
        {
            "optimizer": [
                *NO_OPTIMIZER,
                Bad(Muon(), "Muon is not a row of the framework"),
                Bad(Adam(lr=np.nan), "Adam: lr = nan is outside [0, inf)"),
                Bad(Framework(), "Framework is not a row of the framework: see ROWS"),
                Bad(optim_lessons.FTRL(l1=0.1), "FTRL is not a row of the framework: with l1 ="),
            ]
        },
    ),
    "name_of": Row(
        name_of,
        {"framework": Framework()},
        {
            "framework": [
                typed(x, f"framework = {x!r} is not a Framework") for x in (3, None, SGD(), "SGD")
            ]
        },
    ),
    # adapter
    "TorchOptimizer": Row(
        TorchOptimizer,
        {"params": [parameter()], "optimizer": SGD()},
        {
            "params": [
                Bad([], "empty parameter list"),
                typed(parameter(), "iterable of Tensors"),
                typed([3], "can only optimize Tensors"),
                typed([{"params": parameter(), "optimizer": "Adam"}], "'Adam' is not an optimizer"),
                Bad([{"params": parameter(), "lr": -1.0}], "SGD: lr = -1.0 is outside [0, inf)"),
                Bad([torch.ones(2, device="meta")], "shape (2,) is on meta: this library computes"),
                Bad([torch.ones(2, dtype=torch.complex64)], "is torch.complex64, torch.strided"),
                Bad([torch.ones(2, dtype=torch.bfloat16)], "is torch.bfloat16, torch.strided"),
                Bad([torch.ones(2, dtype=torch.int64)], "must be dense, float32 or float64"),
                Bad([torch.ones(2).to_sparse()], "torch.sparse_coo: it must be dense"),
            ],
            "optimizer": [
                *NO_OPTIMIZER,
                Bad(Adam(beta1=1.0), "Adam: beta1 = 1.0 is outside [0, 1)"),
                Bad(SGD(lr=np.ones(2)), "lr = array([1., 1.]) must be one number"),
                Bad(Muon(), "a parameter of shape (2,) is not a matrix, as Muon needs"),
            ],
            "flat": [typed(x, f"flat = {x!r} is neither True nor False") for x in NO_FLAG],
        },
    ),
    "TorchOptimizer.step": Row(
        torch_step,
        {},
        {
            "closure": [
                typed(3, "closure = 3 is not a function that returns the loss"),
                Bad(
                    None,
                    "LBFGS evaluates the loss: call step(closure)",
                    beside={"optimizer": LBFGS()},
                ),
                Bad(
                    lambda: None,
                    "LBFGS evaluates the loss: call step(closure), which returns it",
                    beside={"optimizer": LBFGS()},
                ),
            ]
        },
    ),
    "TorchOptimizer.add_param_group": Row(
        torch_group,
        {"param_group": {"params": [parameter()]}},
        {
            "param_group": [
                typed(3, "param_group = 3 must be a dict"),
                typed(None, "param_group = None must be a dict"),
                Bad({"params": [parameter()], "lr": np.nan}, "SGD: lr = nan is outside [0, inf)"),
                typed({"params": [parameter()], "flat": 1}, "flat = 1 is neither True nor False"),
            ]
        },
    ),
    "TorchOptimizer.load_state_dict": Row(
        torch_load,
        {"state_dict": TorchOptimizer([parameter()], SGD()).state_dict()},
        {
            "state_dict": [
                Bad(3, "state_dict = 3 is not what `state_dict()` returned"),
                Bad({}, "state_dict = {} is not what `state_dict()` returned"),
                Bad({"state": {}, "param_groups": []}, "different number of parameter groups"),
            ]
        },
    ),
}

# Public, and without a check of their own; the reason why.
UNCHECKED = {
    "Path": "minimize makes it",
    "Sweep": "sweep makes it",
    "Loss": "sample makes it; minimize looks at what its functions return",
    "Schedule": "a form, not called",
    "Rule": "the base of rules, not called",
    "Nothing": "it takes no argument",
    "ThreePieces": "it takes no argument",
    "table": "it takes no argument",
    "TorchOptimizer.reported": "it takes no argument",
    "TorchOptimizer.state_dict": "it takes no argument",
    # In the loop, where minimize has checked what it hands on.
    "RareLargeGradient.sample": "any t has a loss, and rng is not used",
    "RareFeatures.sample": "any t has a loss, and rng is not used",
    "NoisyQuadratic.sample": "any t has noise of one size; minimize has checked rng",
    "Noisy.sample": "any t from 1 has its noise; minimize counts t, and rng is not used",
    "RareLargeGradient.project": "coordinate by coordinate, it takes any shape",
    "RareFeatures.project": "coordinate by coordinate, it takes any shape",
}

CASES = [
    pytest.param(*of[:2], argument, bad, id=f"{name}-{argument}-{k}")
    for name, of in TABLE.items()
    for argument, values in of.bad.items()
    for k, bad in enumerate(values if isinstance(values, list) else [])
]


@pytest.mark.parametrize(("call", "good", "argument", "bad"), CASES)
def test_a_bad_argument_is_refused_in_words_and_the_good_call_still_works(
    call, good, argument, bad
):
    with pytest.raises(bad.error, match=re.escape(bad.words)):
        call(**good | bad.beside | {argument: bad.value})
    call(**good)


# Hyperparameters and flags, of every class that declares some.
RULES = {n: c for of in (rules.PHI, rules.PSI, rules.CHI, rules.DECAY) for n, c in of.items()}
CLASSES_OF_SCHEDULES = [*SCHEDULES.values(), ReduceOnPlateau]
DECLARED = OPTIMIZERS | WRAPPERS | RULES | {"Framework": Framework}
DECLARED |= {cls.__name__: cls for cls in CLASSES_OF_SCHEDULES}


def forbidden(info):
    """What the interval and the scale of a hyperparameter forbid: ends, beyond them, parts."""
    low, high = (float(end) for end in info.interval[1:-1].split(","))
    outside = [low - 1] + [low] * (info.interval[0] == "(")
    if high < np.inf:
        outside += [high + 1] + [high] * (info.interval[-1] == ")")
    if info.scale == "whole":
        outside.append(low + 0.5)
    if isinstance(info.default, tuple):
        return [*((x,) for x in outside), (30, np.nan)]
    return [*outside, [info.default, low - 1], np.array([info.default, np.nan])]


def refusal(cls, **arguments):
    """What is said when an optimizer is made and validated; a schedule validates itself."""
    try:
        validate(cls(**arguments))
    except ValueError as error:
        return str(error)
    return "accepted"


HYPER = [
    pytest.param(cls, info, id=f"{cls.__name__}-{info.name}")
    for cls in DECLARED.values()
    for info in hyper_of(cls).values()
]


@pytest.mark.parametrize(("cls", "info"), HYPER)
def test_a_bad_hyperparameter_is_named_with_its_value_and_interval(cls, info):
    name, place = info.name, "not a whole number in" if info.scale == "whole" else "outside"
    for bad in [*NO_NUMBER, *forbidden(info)]:
        words = f"{cls.__name__}: {name} = {bad!r} is {place} {info.interval}"
        assert refusal(cls, **{name: bad}) == words


@pytest.mark.parametrize("cls", CLASSES_OF_SCHEDULES)
def test_a_field_of_a_schedule_is_one_number_and_a_count_an_integer(cls):
    for name, info in hyper_of(cls).items():
        if not isinstance(info.default, tuple):
            words = f"{cls.__name__}: {name} = {[info.default]} must be of the form {info.default}"
            assert refusal(cls, **{name: [info.default]}) == words
        if info.scale == "whole":
            bad = (2.0,) if isinstance(info.default, tuple) else 2.0
            words = f"{cls.__name__}: {name} = {bad} is not a whole number in {info.interval}"
            assert refusal(cls, **{name: bad}) == words


@pytest.mark.parametrize(
    ("cls", "flag"), [(cls, flag) for cls in DECLARED.values() for flag in flags_of(cls)]
)
def test_a_bad_flag_is_named_with_its_value(cls, flag):
    for bad in NO_FLAG:
        words = f"{cls.__name__}: {flag} = {bad!r} is neither True nor False"
        assert refusal(cls, **{flag: bad}) == words


@pytest.mark.parametrize("cls", [SGD, ClipNorm, Framework])
def test_minimize_sweep_explore_row_and_the_adapter_validate_before_they_run(cls):
    bad = ClipNorm(SGD(lr=-1.0)) if cls is ClipNorm else cls(lr=-1.0)
    for run in (
        lambda: minimize(bad, problems.beale),
        lambda: sweep(bad, problems.beale),
        lambda: explore("beale", bad),
        lambda: row(bad),
        lambda: TorchOptimizer([parameter()], bad),
    ):
        with pytest.raises(ValueError, match=r": lr = -1.0 is outside \[0, inf\)$"):
            run()


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: type(p).__name__)
def test_a_theta_of_another_dimension_is_refused_by_all_that_a_problem_answers(problem):
    size = np.size(problem.start)
    asked = [ask for ask in AT_THETA if hasattr(problem, ask)]
    assert asked
    for ask in asked:
        for shape in ((), (size + 1,), (2, size + 1)):
            with pytest.raises(ValueError, match=r"^theta (has shape|must be a vector of) "):
                getattr(problem, ask)(np.zeros(shape))


# Nothing public is left out.
AT_THETA = ("value", "grad", "hessian", "value_and_grad", "train_error", "test_error", "accuracy")


def public():
    """Everything that a reader can call, by name, with the methods of problems and the adapter."""
    found = {}
    for module in (optim_lessons, problems, schedules):
        found |= {name: getattr(module, name) for name in module.__all__}
    for module in (framework, rules, adapter):
        found |= {
            n: x for n, x in vars(module).items() if home(x) == module.__name__ and n[0] != "_"
        }
    found = {n: x for n, x in found.items() if callable(x) and not isinstance(x, Surface)}
    for cls in [x for x in found.values() if has_methods(x)]:
        methods = [f for _, f in inspect.getmembers(cls, inspect.isfunction) if has_methods(f)]
        found |= {f.__qualname__: f for f in methods if f.__name__[0] != "_"}
    return {n: x for n, x in found.items() if n.split(".")[-1] not in AT_THETA}


def home(x):
    return getattr(x, "__module__", None) or ""


def has_methods(x):
    """Whether a class is one whose methods a reader calls; an optimizer's are in the loop."""
    return home(x).startswith((problems.__name__, adapter.__name__))


PUBLIC = public()


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_argument_is_in_the_table_or_has_a_reason(name):
    arguments = set(inspect.signature(PUBLIC[name]).parameters) - {"self"}
    if dataclasses.is_dataclass(PUBLIC[name]) and name in DECLARED:
        arguments -= {*hyper_of(PUBLIC[name]), *flags_of(PUBLIC[name])}  # crossed above
    if name in UNCHECKED or not arguments:
        assert name not in TABLE
    else:
        assert set(TABLE[name].bad) == arguments
        assert all(TABLE[name].bad.values())


def test_the_table_and_the_reasons_name_nothing_that_is_not_public():
    assert not (TABLE.keys() | UNCHECKED.keys()) - PUBLIC.keys()
    with_grad = {x for x in PUBLIC.values() if isinstance(x, type) and hasattr(x, "grad")}
    assert {type(problem) for problem in PROBLEMS} == with_grad - {problems.Loss}
