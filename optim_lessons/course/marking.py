"""Grading a whole folder: in several processes, or on a Dask cluster; stopped and taken up again.

A result is kept under the hash of all that it follows from: the submission, the tests, the secret,
this grader. What has its result already is not graded again.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import json
import multiprocessing
import resource
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from optim_lessons.course import grade, selftest, submission
from optim_lessons.course.folder import Course, CourseError, Submission
from optim_lessons.course.sandbox import MIB, Bare, Sandbox
from optim_lessons.files import write

HERE = Path(__file__).resolve().parent
TRUSTED_MEMORY = 4096 * MIB  # of a process that runs tests, lest an answer makes one huge
DASK_TASKS = 32  # on a cluster at a time
DASK_STARTS = 30  # seconds for a scheduler to be found
HANGING = 600  # seconds over a task's own: a test of the teacher's that never ends, a lost machine

Outcome = tuple["Task", "dict[str, Any] | None"]  # None: its process was killed each time


@dataclass(frozen=True)
class Task:
    """One submission to grade; plain data, so that it can go to another machine."""

    student: str
    exercise: str
    package: dict[str, Any]
    secret: bytes
    data: bytes
    suffix: str
    unusable: str | None
    unsafe: bool = False  # without a sandbox

    @functools.cached_property
    def key(self) -> str:
        """The hash of all that the result follows from."""
        package = json.dumps(self.package, sort_keys=True).encode()
        words = self.suffix, version(), "unsafe" if self.unsafe else ""
        parts = (self.secret, package, self.data, *map(str.encode, words))
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()

    @property
    def patience(self) -> float:
        """The seconds after which something hangs that is not the student's."""
        return HANGING + grade.cpu_limit(self.package)


@functools.cache
def version() -> str:
    """Return the hash of the code that decides marks."""
    names = ("frames.py", "grade.py", "sandbox.py", "seccomp.py", "submission.py", "worker.py")
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in names)).hexdigest()


def mark(task: Task) -> dict[str, Any]:
    """Grade one submission, in whichever process this is."""
    if not task.unsafe:
        selftest.prove()
    who = {"student": task.student, "hash": task.key, "unsafe": task.unsafe}
    try:
        if task.unusable is not None:
            raise submission.UnusableError(task.unusable)
        cells = submission.cells(task.data, task.suffix)
    except submission.UnusableError as unusable:
        points = sum(test["points"] for test in task.package["tests"])
        nothing = {
            "exercise": task.exercise,
            "score": 0,
            "points": points,
            "tests": [],
            "cells": [],
        }
        return {**who, **nothing, "seconds": 0, "unusable": str(unusable)}
    kind = Bare if task.unsafe else Sandbox
    return {**who, **grade.grade(task.package, cells, task.secret, kind)}


def run(
    course: Course,
    workers: int = 1,
    dask: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    unsafe: bool = False,
) -> tuple[int, list[str]]:
    """Grade what has no result yet; return how many were graded, and sentences on what was not.

    A process that is killed loses no result and doubles none: what it was at is graded again.
    Raises SandboxError if the sandbox does not hold here, or on a machine of the cluster.
    """
    packages = course.packages()
    if not packages:
        raise CourseError("nothing is released yet: run `course release` first")
    found, notes = course.submissions(set(packages))

    def task(item: Submission) -> Task:
        return task_of(item, packages[item.exercise], course.secret, unsafe)

    stale = [item for item in found if not _has_result(course, task(item))]
    tasks = map(task, stale)  # read anew, one by one: all files together may be large
    done = 0
    with closing(cluster(tasks, dask) if dask else local(tasks, workers)) as outcomes:
        for graded, result in outcomes:
            who = f"{graded.student}, {graded.exercise}"
            if result is None:
                notes.append(f"{who}: not graded, its process was killed each time; grade again")
                continue
            write(course.result(graded.student, graded.exercise), json.dumps(result) + "\n")
            done += 1
            progress(done, len(stale))
    return done, notes


def _has_result(course: Course, task: Task) -> bool:
    path = course.result(task.student, task.exercise)
    return path.exists() and json.loads(path.read_text("utf-8"))["hash"] == task.key


def task_of(item: Submission, package: dict[str, Any], secret: bytes, unsafe: bool = False) -> Task:
    """Return the task of grading what was handed in."""
    data, unusable = b"", None
    try:
        data = submission.read(item.path)
    except submission.UnusableError as error:
        unusable = str(error)
    suffix = item.path.suffix
    return Task(item.student, item.exercise, package, secret, data, suffix, unusable, unsafe)


def local(tasks: Iterator[Task], workers: int) -> Generator[Outcome]:
    """Mark in processes of this machine. A task whose process dies is tried once more."""
    idle: list[_Process] = []
    busy: dict[Any, _Process] = {}  # by their pipes
    again: list[Task] = []
    died: set[tuple[str, str]] = set()
    try:
        while True:
            while len(busy) < workers and (task := again.pop() if again else next(tasks, None)):
                process = idle.pop() if idle else _Process()
                process.begin(task)
                busy[process.pipe] = process
            if not busy:
                return
            for process in _ready(busy):
                task, result = process.task, process.result()
                del busy[process.pipe]
                if result is not None:
                    idle.append(process)
                    yield task, result
                    continue
                process.close()
                if (task.student, task.exercise) in died:
                    yield task, None
                else:
                    died.add((task.student, task.exercise))
                    again.append(task)
    finally:
        for process in (*idle, *busy.values()):
            process.close()


class _Process:
    """A process that marks one submission at a time."""

    task: Task
    end: float

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipe, other = spawn.Pipe()
        self.process = spawn.Process(target=_serve, args=(other, mark), daemon=True)
        self.process.start()
        other.close()  # so that the pipe ends with the process

    def begin(self, task: Task) -> None:
        """Send a task; a process that is dead will be found so by `result`."""
        self.task = task
        self.end = time.monotonic() + task.patience
        with suppress(OSError):
            self.pipe.send(task)

    def result(self) -> dict[str, Any] | None:
        """Return the result; None if the process is dead. What was raised there is raised here."""
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError):
            return None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """End the process, if it has not ended."""
        self.process.kill()
        self.process.join(10)
        self.pipe.close()


def _ready(busy: dict[Any, _Process]) -> list[_Process]:
    """Wait for one that has its result, or is dead; kill what hangs."""
    end = min(process.end for process in busy.values())
    if ready := connection.wait(busy, max(0, end - time.monotonic())):
        return [busy[pipe] for pipe in ready]
    late = [process for process in busy.values() if process.end <= time.monotonic()]
    for process in late:
        process.process.kill()
    return late


def _serve(pipe: Any, mark: Callable[[Task], dict[str, Any]]) -> None:
    """Mark what comes through the pipe, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that closes it
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (TRUSTED_MEMORY, TRUSTED_MEMORY))
    with suppress(EOFError):
        while True:
            task = pipe.recv()
            try:
                answer: Any = mark(task)
            except Exception as error:
                answer = error
            pipe.send(answer)


def cluster(tasks: Iterator[Task], address: str) -> Generator[Outcome]:
    """Mark on a Dask cluster, which gives a task whose worker dies to another.

    Dask gives up a task after some deaths, of which it may be innocent: it waited at a worker that
    another task killed. So those are done once more in the end, one at a time.
    """
    place = urlsplit(address)
    if place.scheme != "tls" and place.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise CourseError(
            f"dask = {address!r} is neither on this machine nor TLS (tls://...): a Dask scheduler"
            " runs whatever is sent to it, so it must not be open to others"
        )
    suspects = []
    with _client(address) as client:
        for task, result in _on_dask(client, tasks, DASK_TASKS):
            if result is None:
                suspects.append(task)
            else:
                yield task, result
        yield from _on_dask(client, iter(suspects), 1)


def _client(address: str) -> Any:
    try:
        import distributed
    except ImportError:
        raise CourseError("--dask needs Dask: `pip install distributed`") from None
    try:
        return distributed.Client(address, timeout=DASK_STARTS)
    except (OSError, TypeError, RuntimeError) as error:
        words = f"the Dask scheduler at {address} cannot be reached: {error}"
    # The client that failed closes itself when it is collected. Now, as it can lock up if that is
    # while another is being made: distributed.LoopRunner.
    gc.collect()
    raise CourseError(words)


def _on_dask(client: Any, tasks: Iterator[Task], at_once: int) -> Generator[Outcome]:
    import distributed

    running: dict[Any, Task] = {}
    while True:
        for task in islice(tasks, at_once - len(running)):
            running[client.submit(mark, task, pure=False)] = task
        if not running:
            return
        patience = max(task.patience for task in running.values())
        try:
            done = distributed.wait(list(running), patience, "FIRST_COMPLETED").done
        except TimeoutError:
            raise CourseError(f"Dask gave no result in {patience:.0f} seconds") from None
        for future in done:
            task, result = running.pop(future), None
            with suppress(distributed.KilledWorker):
                result = future.result()
            yield task, result
