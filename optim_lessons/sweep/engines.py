"""Three ways to run a block of a grid: broadcast in NumPy, compiled by Numba, or run by run."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from optim_lessons.contract import Array, HyperInfo, hyper_of, map_hyper, parts_of, with_lr
from optim_lessons.minimize import checked_rate, functions_of, minimize

Piece = tuple[slice, ...]  # a block of the grid: a slice of each axis


class Task(NamedTuple):
    """What all blocks of a sweep share; it goes to other processes."""

    optimizer: Any
    problem: Any
    theta0: Array
    steps: int
    schedule: Any
    seed: int | None
    grid: tuple[int, ...]


class Ends(NamedTuple):
    """How the runs of a block ended, and the tracebacks of those that failed, by place."""

    theta: Array
    value: Array
    diverged: np.ndarray
    failed: dict[tuple[int, ...], str]


def optimizers_of(optimizer: Any, where: str = "") -> list[tuple[str, Any]]:
    """The optimizer and its parts, each with what stands before its names: "inner.", "phi."."""
    found = [(where, optimizer)]
    for part in parts_of(optimizer):
        inside = getattr(optimizer, part)
        for name, each in inside.items() if isinstance(inside, Mapping) else [("", inside)]:
            found += optimizers_of(each, f"{where}{part}.{name}." if name else f"{where}{part}.")
    return found


def hyper_values(optimizer: Any) -> list[tuple[str, HyperInfo, Any]]:
    """Each hyperparameter, of wrapped optimizers too: name, description, value."""
    return [
        (where + name, info, getattr(each, name))
        for where, each in optimizers_of(optimizer)
        for name, info in hyper_of(each).items()
    ]


def cut(x: Any, piece: Piece) -> Any:
    """A hyperparameter's part of a block: its axes of length 1 stay open, a number a number."""
    if not isinstance(x, np.ndarray):
        return x
    x = x.reshape((1,) * (len(piece) - x.ndim) + x.shape)
    return x[tuple(s if n > 1 else slice(None) for s, n in zip(piece, x.shape, strict=True))]


def shape_of(piece: Piece, grid: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a block."""
    return tuple(len(range(*s.indices(n))) for s, n in zip(piece, grid, strict=True))


def run_numpy(task: Task, piece: Piece) -> Ends:
    """Take each step for the whole block at once."""
    try:
        return _broadcast(task, piece)
    except Exception as error:
        error.add_note("If problem or method do not broadcast: pass engine='loop' or executor=")
        raise


def _broadcast(task: Task, piece: Piece) -> Ends:
    shape, inner = shape_of(piece, task.grid), task.theta0.shape
    axes = tuple(range(-len(inner), 0))  # those of theta itself, behind those of the block

    def behind(x: Any) -> Any:
        return np.expand_dims(x, axes) if isinstance(x, np.ndarray) else x

    optimizer = map_hyper(task.optimizer, lambda name, x: behind(cut(x, piece)))
    reported = getattr(optimizer, "output", lambda theta, state: theta)
    value, grad = functions_of(task.problem)
    sample = getattr(task.problem, "sample", None)
    # Few coordinates lie apart in memory, so that the innermost loop is one over runs. Eight and
    # more lie together: NumPy adds those in another order, and then adds as in a single run.
    order: Any = "F" if task.theta0.size < 8 else "C"
    theta = np.full(shape + inner, task.theta0, task.theta0.dtype, order)
    state = optimizer.init(theta)
    alive, point, f = np.ones(shape, bool), theta, np.zeros(shape)
    with np.errstate(all="ignore"):
        for t in range(1, task.steps + 2):
            new_point = reported(theta, state)
            new_f = value(new_point)
            g = sample(t, None).grad(theta) if sample else grad(theta)
            if np.shape(new_f) != shape:
                raise ValueError(f"value(theta) has shape {np.shape(new_f)}, not {shape}")
            if np.shape(g) != theta.shape:
                raise ValueError(
                    f"grad(theta) has shape {np.shape(g)}, but theta has {theta.shape}"
                )
            if alive.all():
                point, f = new_point, new_f
            else:  # a run that met a value that is not finite stays there
                point = np.where(behind(alive), new_point, point)
                f = np.where(alive, new_f, f)
            alive = alive & np.isfinite(f) & np.isfinite(g).all(axis=axes)
            if t > task.steps or not alive.any():
                break
            if task.schedule is not None:
                optimizer = with_lr(optimizer, checked_rate(task.schedule(t), t))
            new, state = optimizer.step(theta, g, state)
            theta = new if alive.all() else np.where(behind(alive), new, theta)
    return Ends(point, f, ~alive, {})


def run_loop(task: Task, piece: Piece) -> Ends:
    """Give each configuration to `minimize`, with random numbers of its own."""
    ends = lost(task, piece, "not run")
    for place in list(ends.failed):
        where = tuple(s.start + k for s, k in zip(piece, place, strict=True))
        rng = None
        if task.seed is not None:
            # The generator of SeedSequence(seed).spawn(number + 1)[number].
            number = int(np.ravel_multi_index(where, task.grid)) if where else 0
            own = np.random.SeedSequence(task.seed, spawn_key=(number,))
            rng = np.random.default_rng(own)
        try:
            path = minimize(
                *(configuration(task, where), task.problem, task.theta0, task.steps, rng),
                schedule=task.schedule,
            )
        except Exception:
            ends.failed[place] = traceback.format_exc()
        else:
            ends.theta[place], ends.value[place] = path.theta[-1], path.value[-1]
            ends.diverged[place] = path.diverged
            del ends.failed[place]
    return ends


def lost(task: Task, piece: Piece, trouble: str) -> Ends:
    """A block of which nothing is known but why."""
    shape = shape_of(piece, task.grid)
    theta = np.full(shape + task.theta0.shape, np.nan, task.theta0.dtype)
    failed = dict.fromkeys(np.ndindex(shape), trouble)
    return Ends(theta, np.full(shape, np.nan), np.ones(shape, bool), failed)


def configuration(task: Task, place: tuple[int, ...]) -> Any:
    """The optimizer of one run: an array's element stays an array, so that powers round alike."""

    def one(x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return x
        element = np.broadcast_to(x, task.grid)[(*place, ...)]  # type: ignore[arg-type]
        return element if element.dtype.kind == "f" else element.item()

    return map_hyper(task.optimizer, lambda name, x: one(x))


def run_numba(task: Task, piece: Piece) -> Ends:
    """Run the kernel that is printed from the trace of step and surface."""
    from optim_lessons.trace import numba

    hyper = {name: cut(x, piece) for name, _, x in hyper_values(task.optimizer)}
    rates = None
    if task.schedule is not None:
        rates = np.array([checked_rate(task.schedule(t), t) for t in range(1, task.steps + 2)])
    shape = shape_of(piece, task.grid)
    kernel = numba.run(task.optimizer, task.problem, hyper, shape, task.theta0, task.steps, rates)
    return Ends(*kernel, {})


ENGINES = {"numpy": run_numpy, "numba": run_numba, "loop": run_loop}
