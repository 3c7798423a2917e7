"""A sweep: a grid of hyperparameters, cut into blocks."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from optim_lessons.contract import Array, Optimizer, map_hyper, validate
from optim_lessons.minimize import (
    check_axes,
    check_schedule,
    check_steps,
    functions_of,
    starting_point,
)
from optim_lessons.sweep.engines import (
    ENGINES,
    Ends,
    Piece,
    Task,
    hyper_values,
    lost,
    optimizers_of,
)

# What takes time to import is imported where it is used.
if TYPE_CHECKING:
    from concurrent.futures import Executor

    from optim_lessons.sweep.store import Store


@dataclass(frozen=True, eq=False)
class Sweep:
    """Where each run of a grid ended.

    `theta` has shape (*grid, *shape of theta); `value` and `diverged` have the shape of the grid.
    A run that met a value that is not finite stays at that point and is marked. `theta` is the
    point that the method reports.
    """

    theta: Array
    value: Array
    diverged: np.ndarray


class SweepError(RuntimeError):
    """Runs failed: `failed` has the traceback of each by its place in the grid.

    `ends` is the sweep with all others, and NaN where these would be.
    """

    def __init__(self, message: str, ends: Sweep, failed: dict[tuple[int, ...], str]):
        super().__init__(message)
        self.ends, self.failed = ends, failed


def sweep(
    optimizer: Optimizer,
    problem: Any,
    theta0: ArrayLike | None = None,
    steps: int = 200,
    *,
    schedule: Any = None,
    engine: str | None = None,
    executor: Executor | None = None,
    seed: int | None = None,
    block: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: bool | Callable[[int, int], object] = False,
) -> Sweep:
    """Run `optimizer` for every combination of its hyperparameters.

    Hyperparameters that are arrays broadcast against each other: an open grid is
    `Adam(lr=rates[:, None], beta1=betas)`. Each run is one of `minimize`, and `problem`, `theta0`,
    `steps` and `schedule` are as there. The grid is done in blocks of about `block` runs, by one of
    three engines:

    - "numpy", the usual one, takes each step for a whole block. The problem's `value` and `grad`
      must accept leading axes, as those of all surfaces do.
    - "numba" runs a kernel compiled from the trace: for an elementwise method on a surface, with
      `pip install numba`. It equals NumPy to rounding.
    - "loop" calls `minimize` for one configuration after the other: for a problem or a method that
      does not broadcast. A random problem needs `seed`; each run has a generator of its own, from
      `np.random.SeedSequence(seed).spawn`, so that no order of runs changes a result.

    An `executor` of `concurrent.futures`, also a Dask cluster's `client.get_executor()`, gets the
    blocks; with it the usual engine is "loop". `store` names a folder that keeps each block that is
    done: the same call later goes on from there, after a crash too. `progress` is called with the
    numbers of runs done and in all; True prints them on the standard error stream.

    NumPy's runs equal those of `minimize` bit for bit, save that C rounds a power x**n of numbers
    otherwise than NumPy one of arrays, in some cases, by one unit in the last place.

    Raises ValueError like `minimize`, for arrays that do not broadcast, and for a `store` with
    another sweep; TypeError for what Numba cannot run, ImportError without it; SweepError, when all
    others are done and stored, if runs of a loop raised errors.

    Example:
        >>> from optim_lessons import SGD, problems, sweep
        >>> ends = sweep(SGD(lr=np.array([0.01, 0.09, 0.11])), problems.ravine, steps=200)
        >>> ends.value < 1e-6
        array([False,  True, False])
    """
    validate(optimizer)
    check_steps(steps)
    functions_of(problem)
    theta = starting_point(problem, theta0)
    check_axes(optimizer, theta)
    engine = engine or ("numpy" if executor is None else "loop")
    optimizer = map_hyper(optimizer, lambda name, x: _array(x, theta.dtype))
    task = Task(optimizer, problem, theta, steps, schedule, seed, grid_of(optimizer))
    check(task, engine, executor, store, progress)
    if block is None:
        # NumPy: 256 KB an array, which stays in cache. Loop: shares for many workers.
        usual = {"numpy": 2**15 // theta.size, "loop": -(-math.prod(task.grid) // 64)}
        block = max(1, usual.get(engine, 2**17))
    elif not isinstance(block, int) or isinstance(block, bool) or block < 1:
        raise ValueError(f"block = {block!r} must be a whole number, at least 1")
    pieces = list(cut_grid(task.grid, block))
    kept = None
    if store is not None:
        from optim_lessons.sweep.store import Store, key_of

        kept = Store(store, key_of(task, engine, block))

    ends = Sweep(
        np.full(task.grid + theta.shape, np.nan, theta.dtype),
        np.full(task.grid, np.nan),
        np.ones(task.grid, bool),
    )
    failed: dict[tuple[int, ...], str] = {}
    done = 0
    for number, result in results(task, engine, pieces, executor, kept):
        piece = pieces[number]
        ends.theta[piece], ends.value[piece] = result.theta, result.value
        ends.diverged[piece] = result.diverged
        for place, trouble in result.failed.items():
            failed[tuple(s.start + k for s, k in zip(piece, place, strict=True))] = trouble
        done += result.value.size
        if progress is True:
            end = "\n" if done == ends.value.size else ""
            print(
                f"\rsweep: {done} of {ends.value.size} runs", end=end, file=sys.stderr, flush=True
            )
        elif progress:
            progress(done, ends.value.size)
    if failed:
        place = min(failed)
        where = ", ".join(
            f"{name} = {np.broadcast_to(x, task.grid)[place]}"
            for name, _, x in hyper_values(optimizer)
            if np.ndim(x)
        )
        runs = f"{len(failed)} of {ends.value.size} runs failed"
        raise SweepError(f"{runs}; the first, at {where}:\n{failed[place]}", ends, failed)
    return ends


def results(
    task: Task,
    engine: str,
    pieces: list[Piece],
    executor: Executor | None,
    kept: Store | None,
) -> Iterator[tuple[int, Ends]]:
    """The number of each block and how its runs ended: those kept, then the others when done."""
    waiting = []
    for number in range(len(pieces)):
        found = kept.read(number) if kept else None
        if found:
            yield number, found
        else:
            waiting.append(number)
    for number, ends in computed(task, engine, {n: pieces[n] for n in waiting}, executor):
        if kept and not ends.failed:
            kept.write(number, ends)
        yield number, ends


def computed(
    task: Task, engine: str, pieces: dict[int, Piece], executor: Executor | None
) -> Iterator[tuple[int, Ends]]:
    """Blocks as they are finished, here or by the executor."""
    run = ENGINES[engine]
    if executor is None:
        for number, piece in pieces.items():
            yield number, run(task, piece)
        return
    from concurrent.futures import as_completed

    futures = {executor.submit(run, task, piece): number for number, piece in pieces.items()}
    try:
        for future in as_completed(futures):
            number = futures[future]
            error = future.exception()
            if error is None or engine != "loop":
                yield number, future.result()
            else:  # a worker died, or the problem cannot be sent to one
                yield number, lost(task, pieces[number], repr(error))
    finally:
        for future in futures:
            future.cancel()


def cut_grid(grid: tuple[int, ...], block: int) -> Iterator[Piece]:
    """Cut a grid into blocks, in which an open grid stays open.

    A block is one index of the first axes, a part of the next one, and all of the rest.

    Example:
        >>> for piece in cut_grid((2, 3, 5), block=10):
        ...     print(*(f"{s.start}:{s.stop}" for s in piece))
        0:1 0:2 0:5
        0:1 2:3 0:5
        1:2 0:2 0:5
        1:2 2:3 0:5
    """
    whole = len(grid)  # the first axis of which a block has all
    while whole and math.prod(grid[whole - 1 :]) <= block:
        whole -= 1
    lengths = [1] * (whole - 1)
    if whole:
        lengths.append(block // math.prod(grid[whole:]))
    lengths += [max(1, n) for n in grid[whole:]]
    starts = [range(0, n, length) for n, length in zip(grid, lengths, strict=True)]
    for corner in product(*starts):
        yield tuple(
            slice(begin, min(begin + length, n))
            for begin, length, n in zip(corner, lengths, grid, strict=True)
        )


def grid_of(optimizer: Any) -> tuple[int, ...]:
    """The shape to which the hyperparameters broadcast."""
    shapes = {name: np.shape(x) for name, _, x in hyper_values(optimizer) if np.ndim(x)}
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        given = ", ".join(f"{name} has shape {shape}" for name, shape in shapes.items())
        raise ValueError(f"hyperparameters do not broadcast to one grid: {given}") from None


def check(task: Task, engine: str, executor: Any, store: Any, progress: Any) -> None:
    """Raise ValueError or TypeError for what does not go together, and say what does."""
    if engine not in list(ENGINES):
        raise ValueError(f"engine = {engine!r} is none of {', '.join(map(repr, ENGINES))}")
    if executor is not None:
        from concurrent.futures import Executor

        if not isinstance(executor, Executor):
            raise TypeError(f"executor = {executor!r} is no concurrent.futures.Executor")
    if not (isinstance(progress, bool) or callable(progress)):
        raise TypeError(f"progress = {progress!r} must be True, False or a function")
    if not isinstance(store, str | os.PathLike | None):
        raise TypeError(f"store = {store!r} must be the path of a folder")
    if task.seed is not None and (not isinstance(task.seed, int) or task.seed < 0):
        raise ValueError(f"seed = {task.seed!r} must be a whole number, at least 0")
    arrays = {name: info for name, info, x in hyper_values(task.optimizer) if np.ndim(x)}
    if task.schedule is not None and any(info.name == "lr" for info in arrays.values()):
        raise ValueError("lr is an array, but `schedule` gives the learning rate: sweep only one")
    check_schedule(task.schedule)
    name = type(task.optimizer).__name__
    random = getattr(task.problem, "sample", None) and getattr(task.problem, "random", True)
    if random and task.seed is None:
        raise ValueError("this problem is random: pass seed=")
    if engine == "loop":
        return
    inside = [each for _, each in optimizers_of(task.optimizer)]
    alone = [type(each).__name__ for each in inside if not getattr(each, "broadcasts", True)]
    counts = [name for name, info in arrays.items() if info.scale == "whole"]
    reasons = {
        "this problem is random and": random,
        f"{name} asks the problem for more than gradients and": getattr(
            task.optimizer, "needs", ()
        ),
        " and ".join(alone): alone,
        f"{name} counts by an array ({', '.join(counts)}) and": counts,
        "this schedule reads the loss and": hasattr(task.schedule, "init"),
    }
    for reason, holds in reasons.items():
        if holds:
            raise ValueError(f"{reason} does not broadcast: pass engine='loop' or executor=")
    if engine == "numba" and executor is not None:
        raise ValueError("engine='numba' has its own threads: pass no executor")
    if engine == "numba" and task.theta0.dtype != np.float64:
        raise ValueError(f"engine='numba' computes in float64, but theta0 is {task.theta0.dtype}")


def _array(x: Any, dtype: np.dtype) -> Any:
    """A hyperparameter that is a sequence as an array, floating-point numbers as theta's are."""
    if np.ndim(x) == 0:
        return x
    x = np.asarray(x)
    return x.astype(dtype) if x.dtype.kind == "f" else x
