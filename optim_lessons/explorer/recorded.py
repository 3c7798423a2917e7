"""Paths computed in Python, for the figure to play: of methods that the trace cannot read.

The site has them as one file a surface, for named starts and named settings; a notebook plays what
`play` computes for the reader's own optimizer or function.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from optim_lessons.contract import Array, Optimizer, map_hyper, with_lr
from optim_lessons.explorer.tuning import RATES, lowest_inside
from optim_lessons.minimize import minimize, starting_point
from optim_lessons.optimizers import (
    LAMB,
    LARS,
    LBFGS,
    OPTIMIZERS,
    SGD,
    SWA,
    SWATS,
    Adam,
    ConjugateGradient,
    Lookahead,
    Momentum,
    Newton,
)
from optim_lessons.problems import SURFACES, Surface
from optim_lessons.problems.checks import finite, whole
from optim_lessons.sweep import sweep
from optim_lessons.sweep.engines import hyper_values

STEPS = 200
TRIED: Any = np.array(RATES)
DAMPINGS: Any = 10.0 ** np.arange(-1, 4)
STILL = 1e-9  # of the viewport: who moves less does not move

# The settings of each method by name. Of a hyperparameter that is an array, `chosen` takes one.
RECORDED: Mapping[str, Mapping[str, Any]] = {
    "LARS": {"tuned": LARS(lr=TRIED)},
    # With the paper's tolerance of 1e-9 it does not switch within these steps: it is Adam.
    "SWATS": {"tolerance 0.01": SWATS(lr=TRIED, tolerance=0.01)},
    "LAMB": {"tuned": LAMB(lr=TRIED)},
    "SWA": {"of momentum": with_lr(SWA(Momentum(), start=100), TRIED)},
    "Lookahead": {
        "of SGD": with_lr(Lookahead(SGD()), TRIED),
        "of Adam": with_lr(Lookahead(Adam()), TRIED),
    },
    "Newton": {"default": Newton(), "damped": Newton(damping=DAMPINGS)},
    "ConjugateGradient": {
        "default": ConjugateGradient(),
        "Fletcher-Reeves": ConjugateGradient(fletcher_reeves=True),
    },
    "LBFGS": {"default": LBFGS(), "one step remembered": LBFGS(memory=1)},
}

# Starts as parts of the viewport. None is the mirror image of another, which on a symmetric surface
# would give the same path again, and none lies on a diagonal.
CORNERS = {
    "upper left": np.array([0.15, 0.8]),
    "upper right": np.array([0.75, 0.9]),
    "lower left": np.array([0.3, 0.25]),
    "lower right": np.array([0.9, 0.35]),
}

# The methods that are neither traced nor recorded, with the reason.
LEFT_OUT = {
    "Muon": "two parameters are a matrix of one row, whose only singular value is its length: "
    "there is nothing to make orthogonal, and Muon only sets the momentum's length"
}


def write_recorded(folder: str | Path) -> None:
    """Write recorded/NAME.json, what `recorded` gives, for each surface of the library."""
    folder = Path(folder) / "recorded"
    folder.mkdir(parents=True, exist_ok=True)
    for name, surface in SURFACES.items():
        text = json.dumps(recorded(surface), separators=(",", ":"), allow_nan=False)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def recorded(surface: Surface) -> dict[str, Any]:
    """All that is played on one surface, as plain data.

    `starts` has the points by name. `methods` has for each class name `title`, `family`, `why` it
    is played, `settings` by name with their `title` and their Python `code`, and `paths` by the
    names of start and setting, in the form of `play`. Raises TypeError for what is no surface.

    Example:
        >>> from optim_lessons import problems
        >>> newton = recorded(problems.himmelblau)["methods"]["Newton"]
        >>> newton["why"], newton["settings"]["damped"]["title"]
        ('it solves a linear system', 'damped: damping = 100, the best of 5 tried')
        >>> {name: path["value"][-1] for name, path in newton["paths"]["start"].items()}
        {'default': 181.617, 'damped': 1.27212e-15}
    """
    if not isinstance(surface, Surface):
        raise TypeError(f"surface = {surface!r} is not a Surface, such as problems.beale")
    starts = starts_of(surface)
    methods = {}
    for method, settings in RECORDED.items():
        cls = OPTIMIZERS[method]
        found = {name: chosen(name, setting, surface) for name, setting in settings.items()}
        methods[method] = {
            "title": cls.title,
            "family": cls.family,
            "why": cls.untraced,
            "settings": {
                name: {"title": title, "code": repr(optimizer)}
                for name, (optimizer, title) in found.items()
            },
            "paths": {
                start: {
                    name: play(optimizer, surface, point, STEPS)
                    for name, (optimizer, _) in found.items()
                }
                for start, point in starts.items()
            },
        }
    return {"starts": starts, "methods": methods}


def starts_of(surface: Surface) -> dict[str, list[float]]:
    """The surface's own start, and the two of the four corners that lie farthest from it."""
    low, high = np.array(surface.viewport).T
    own = (np.array(surface.start) - low) / (high - low)
    far = sorted(CORNERS, key=lambda name: -np.linalg.norm(CORNERS[name] - own))[:2]
    points = {name: rounded(low + CORNERS[name] * (high - low), 3) for name in far}
    return {"start": [float(u) for u in surface.start], **points}


def chosen(name: str, optimizer: Any, surface: Surface) -> tuple[Any, str]:
    """A setting with one value for the hyperparameter that is an array, and a title that tells it.

    Of the values tried it is, as for the traced methods, the one that ends lowest after 200 steps
    from the surface's own start, among those that end inside the picture. A setting without an
    array stays as it is.
    """
    tried = {where: x for where, _, x in hyper_values(optimizer) if np.ndim(x)}
    if not tried:
        return optimizer, name
    ((where, values),) = tried.items()
    engine = "loop" if getattr(optimizer, "needs", ()) else "numpy"
    ends = sweep(optimizer, surface, steps=STEPS, engine=engine)
    best = float(values[lowest_inside(ends, surface)])
    one = map_hyper(optimizer, lambda _, value: best if np.ndim(value) else value)
    hyper = where.split(".")[-1]
    return one, f"{name}: {hyper} = {best:g}, the best of {len(values)} tried"


def play(
    optimizer: Optimizer, problem: Any, start: Any = None, steps: int = STEPS
) -> dict[str, Any]:
    """One run of `minimize` on two parameters, as plain data for the figure.

    Row k of `theta` and `value` belongs to the point after k steps. The rows end where the run
    diverged, or after `steps` steps, or before that at the point from which it no longer moves: by
    less than 1e-9 of the problem's viewport, if it has one, else not at all. Points have five
    significant digits and losses six, one more than the figure can show; a number that is not
    finite is a str, which JSON can hold, and `float` and JavaScript's `Number` read.

    Raises ValueError and TypeError like `minimize`, and ValueError for a start that is not a point
    of two numbers.

    Example:
        >>> from optim_lessons import Newton, problems
        >>> play(Newton(), problems.ravine)
        {'theta': [[-4.0, 1.0], [0.0, 0.0]], 'value': [18.0, 0.0], 'diverged': False}
    """
    point = starting_point(problem, start, "start")
    if point.shape != (2,):
        raise ValueError(f"the figure shows two parameters, but start has shape {point.shape}")
    path = minimize(optimizer, problem, point, steps)
    size = np.ptp(getattr(problem, "viewport", np.zeros((2, 2))), axis=1)
    with np.errstate(invalid="ignore"):  # a point may be infinite
        moves = np.any(~(np.abs(path.theta - path.theta[-1]) <= STILL * size), axis=1)
    rows = len(moves) if path.diverged else 2 + max(np.flatnonzero(moves), default=-1)
    return {
        "theta": rounded(path.theta[:rows], 5),
        "value": rounded(path.value[:rows], 6),
        "diverged": bool(path.diverged),
    }


def grid(
    value: Callable[[Array], Any], viewport: Sequence[Sequence[float]], side: int = 61
) -> list[list[float | None]]:
    """The heights of a function of theta over a viewport ((x from, x to), (y from, y to)).

    Row j has the j-th y from below, its i-th number the i-th x from the left, `side` of each. The
    height is None where the function is not finite, or raises ArithmeticError or ValueError.

    Raises ValueError for a viewport that is none, a side below 2, and a function that is finite
    nowhere or returns an array; TypeError for what is no function or no number.

    Example:
        >>> grid(lambda theta: theta[0] / theta[1], ((0, 2), (0, 1)), side=3)
        [[None, None, None], [0.0, 2.0, 4.0], [0.0, 1.0, 2.0]]
    """
    if not callable(value):
        raise TypeError(f"value = {value!r} is not a function of theta")
    side = whole("side", side, low=2)
    ends = finite("viewport", viewport, axes=(2,))
    if ends.shape != (2, 2) or not np.all(ends[:, 0] < ends[:, 1]):
        raise ValueError(f"viewport = {viewport} is not ((x from, x to), (y from, y to))")
    trouble: Exception | None = None

    def height(x: float, y: float) -> float | None:
        nonlocal trouble
        try:
            f = value(np.array([x, y]))
        except (ArithmeticError, ValueError) as error:  # as of math.log(-1)
            trouble = error
            return None
        if np.ndim(f) != 0:
            raise ValueError(f"value(theta) has shape {np.shape(f)}, but a loss is one number")
        if np.asarray(f).dtype.kind not in "iufb":
            raise TypeError(f"value(theta) = {f!r} must be a real number")
        return rounded(f, 6) if np.isfinite(f) else None

    xs, ys = (np.linspace(low, high, side) for low, high in ends)
    with np.errstate(all="ignore"):
        heights = [[height(x, y) for x in xs] for y in ys]
    if all(h is None for row in heights for h in row):
        raise ValueError(f"value(theta) is nowhere finite in viewport = {viewport}") from trouble
    return heights


def rounded(x: Any, digits: int) -> Any:
    """Numbers with so many significant digits, as lists; NaN and infinities as a str.

    Example:
        >>> rounded(np.array([[1 / 3, 2e9 / 3], [np.nan, -np.inf]]), 6)
        [[0.333333, 666667000.0], ['NaN', '-Infinity']]
    """
    if np.ndim(x):
        return [rounded(each, digits) for each in x]
    if np.isfinite(x):
        return float(f"{x:.{digits}g}")
    return "NaN" if np.isnan(x) else "Infinity" if x > 0 else "-Infinity"
