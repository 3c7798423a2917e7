"""Grading a whole folder: in several processes, or on a Dask cluster; stopped and taken up again.

A result is kept under the hash of all that it follows from: the submission, the tests, the secret,
this grader. What has its result already is not graded again.
"""

from __future__ import annotations

import functools
import hashlib
import json
import multiprocessing
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from optim_lessons.course import grade, selftest, submission
from optim_lessons.course.folder import Course, CourseError, Submission, write
from optim_lessons.course.sandbox import MIB

HERE = Path(__file__).resolve().parent
TRUSTED_MEMORY = 4096 * MIB  # of a process that runs tests, lest an answer makes one huge
DASK_TASKS = 32  # on a cluster at a time


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

    @functools.cached_property
    def key(self) -> str:
        """The hash of all that the result follows from."""
        package = json.dumps(self.package, sort_keys=True).encode()
        parts = (self.secret, package, self.data, self.suffix.encode(), version().encode())
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


@functools.cache
def version() -> str:
    """Return the hash of the code that decides marks."""
    names = ("frames.py", "grade.py", "sandbox.py", "seccomp.py", "submission.py", "worker.py")
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in names)).hexdigest()


def mark(task: Task) -> dict[str, Any]:
    """Grade one submission, in whichever process this is."""
    selftest.prove()
    who = {"student": task.student, "hash": task.key}
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
    return {**who, **grade.grade(task.package, cells, task.secret)}


def run(
    course: Course,
    workers: int = 1,
    dask: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[int, list[str]]:
    """Grade what has no result yet; return how many were graded, and sentences on what was not.

    A process that is killed loses no result and doubles none: its submissions are graded again,
    once. Raises SandboxError if the sandbox does not hold here, or on a machine of the cluster.
    """
    packages = course.packages()
    if not packages:
        raise CourseError("nothing is released yet: run `course release` first")
    found, notes = course.submissions(set(packages))
    tasks = _stale(course, found, packages)
    done, total = 0, len(found)
    waiting: list[Task] = []
    tried: Counter[tuple[str, str]] = Counter()
    exhausted = False
    while not exhausted or waiting:
        with executor(workers, dask) as (pool, window):
            running: dict[Future, Task] = {}
            try:
                while True:
                    while len(running) < window and not (exhausted and not waiting):
                        task = waiting.pop() if waiting else next(tasks, None)
                        if task is None:
                            exhausted = True
                        elif isinstance(task, Task):
                            running[pool.submit(mark, task)] = task
                        else:  # its result is there
                            total -= 1
                    if not running:
                        break
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        result = future.result()
                        task = running.pop(future)
                        write(course.result(task.student, task.exercise), json.dumps(result) + "\n")
                        done += 1
                        progress(done, total)
            except BrokenProcessPool:
                for task in running.values():
                    tried[task.student, task.exercise] += 1
                    if tried[task.student, task.exercise] < 2:
                        waiting.append(task)
                    else:
                        notes.append(
                            f"{task.student}, {task.exercise}: not graded, its process was killed"
                            " twice; grade again"
                        )
    return done, notes


def _stale(
    course: Course, found: list[Submission], packages: dict[str, dict[str, Any]]
) -> Iterator[Task | bool]:
    """Yield a task for each submission without its result, False for the others."""
    secret = course.secret
    for item in found:
        task = task_of(item, packages[item.exercise], secret)
        path = course.result(item.student, item.exercise)
        kept = path.exists() and json.loads(path.read_text("utf-8"))["hash"] == task.key
        yield False if kept else task


def task_of(item: Submission, package: dict[str, Any], secret: bytes) -> Task:
    """Return the task of grading what was handed in."""
    data, unusable = b"", None
    try:
        data = submission.read(item.path)
    except submission.UnusableError as error:
        unusable = str(error)
    return Task(item.student, item.exercise, package, secret, data, item.path.suffix, unusable)


@contextmanager
def executor(workers: int, dask: str | None) -> Iterator[tuple[Executor, int]]:
    """Yield where tasks run, and how many of them to have there at a time."""
    if dask is None:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_bound) as pool:
            yield pool, 2 * workers
        return
    address = urlsplit(dask)
    if address.scheme != "tls" and address.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise CourseError(
            f"dask = {dask!r} is neither on this machine nor TLS (tls://...): a Dask scheduler runs"
            " whatever is sent to it, so it must not be open to others"
        )
    from distributed import Client

    with Client(dask) as client:
        yield client.get_executor(retries=1), DASK_TASKS


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (TRUSTED_MEMORY, TRUSTED_MEMORY))
