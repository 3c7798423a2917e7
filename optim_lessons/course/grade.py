"""Marks: decided here, in the trusted process, by tests that call the student's function from afar.

A test is given a proxy. Each call sends copies of the arguments into the sandbox, and brings back a
plain value. What the test expects is computed here, from its own arrays, which no answer changes.
So a student's process can give answers, and nothing else; a forged answer is just a wrong one.

Whether a call changed its arguments in place only the student's process can know. It says so, and
the word is used in one direction only: it can lose the points of a test marked `in_place`, never
win any. Who makes it lie gains what one more `.copy()` would have gained honestly.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from optim_lessons.course import frames
from optim_lessons.course.sandbox import Ended, Limits, Sandbox, Worker

Package = dict[str, Any]
STARTS = 3  # the first, and two after a death: one crash must not void the other tests
CALLBACKS = 100_000  # calls of a test's function during one test
WORDS = 1_500  # characters of a test's message

# What a test may wait for in `except`. No StopIteration: it would end a test's loop in silence.
RAISED = (
    "ArithmeticError FloatingPointError NotImplementedError OverflowError TypeError ValueError "
    "ZeroDivisionError"
).split()


class StudentError(Exception):
    """The student's function raised something else."""


class Session:
    """The student's code, loaded in a worker that is started anew after a death."""

    def __init__(self, cells: list[str], limit: float, limits: Limits, kind: type[Worker]) -> None:
        self.cells, self.limit, self.limits, self.kind = cells, limit, limits, kind
        self.worker: Worker | None = None
        self.starts = 0
        self.errors: list[dict[str, Any]] = []  # of the cells
        self.raised: tuple[Exception, dict[str, Any]] | None = None  # the last by the student
        self.changed: list[int] = []
        self.end = 0.0

    def close(self) -> None:
        """End the worker, if there is one."""
        if self.worker is not None:
            self.worker.close()
            self.worker = None

    def begin(self) -> None:
        """Get ready for the next test: start a worker if need be, and set the clock."""
        self.raised, self.changed = None, []
        while self.worker is None or not self.worker.alive:
            self.close()
            if self.starts == STARTS:
                raise Ended("not run: your code had already ended or hung three times")
            self.starts += 1
            self.worker = self.kind(self.limits)
            self._load(self.worker)
        self.end = time.monotonic() + self.limit

    def _load(self, worker: Worker) -> None:
        # Where running everything kills the process, the definitions alone may yet be right.
        message = {"cells": self.cells, "definitions_only": self.starts > 1}
        end = time.monotonic() + self.limit
        try:
            worker.send(message, end, [])
            errors = self._expect(worker.receive(end), "errors", list)
        except Ended as ended:
            self.errors.append({"type": "Ended", "text": str(ended), "cell": 0, "line": 0})
            return
        if self.starts == 1:
            self.errors += [_description(error) for error in errors]

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the student's function `name`; return its value, or raise what it raised."""
        assert self.worker is not None
        functions: list[frames.Function] = []
        message = {"call": name, "args": args, "kwargs": kwargs}
        self.worker.send(message, self.end, functions)
        for _ in range(CALLBACKS):
            answer = self.worker.receive(self.end)
            if not isinstance(answer, dict):
                break
            if "function" in answer:
                self.worker.send(_call_back(functions, answer), self.end, [])
            elif "error" in answer:
                self._raise(_description(answer["error"]))
            elif "value" in answer:
                changed = answer.get("changed")
                if isinstance(changed, list):
                    self.changed += [i for i in changed if type(i) is int and i not in self.changed]
                return answer["value"]
            else:
                break
        self.worker.alive = False
        raise Ended("your code sent what is no answer")

    def _raise(self, description: dict[str, Any]) -> None:
        name, text = description["type"], description["text"]
        kind = getattr(builtins, name) if name in RAISED else StudentError
        error = kind(text if name in RAISED else f"{name}: {text}")
        self.raised = error, description
        raise error

    def _expect(self, answer: Any, key: str, kind: type) -> Any:
        if not isinstance(answer, dict) or not isinstance(answer.get(key), kind):
            assert self.worker is not None
            self.worker.alive = False
            raise Ended("your code sent what is no answer")
        return answer[key]


def proxy(session: Session, name: str) -> Callable[..., Any]:
    """Return a function that stands for the student's function `name`."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return session.call(name, args, kwargs)

    function.__name__ = function.__qualname__ = name
    return function


def grade(package: Package, cells: list[str], secret: bytes, kind: type[Worker] = Sandbox) -> dict:
    """Run a package's tests on a student's cells; return the marks, as plain data for JSON.

    `secret` is the course's: the random inputs of a test, drawn from its `SEED`, follow from it.
    `kind` of worker: in a sandbox, or Bare.
    Raises SandboxError where the sandbox does not start; whatever student code does is a mark.
    """
    started = time.monotonic()
    session = Session(cells, package["limit"], Limits(cpu=cpu_limit(package)), kind)
    try:
        tests = [_run(package, test, session, secret) for test in package["tests"]]
    finally:
        session.close()
    return {
        "exercise": package["id"],
        "score": sum(test["score"] for test in tests),
        "points": sum(test["points"] for test in tests),
        "tests": tests,
        "cells": session.errors,
        "seconds": round(time.monotonic() - started, 3),
    }


def cpu_limit(package: Package) -> int:
    """Return the processor time that one process may take for all tests, in whole seconds."""
    return math.ceil((len(package["tests"]) + 1) * package["limit"]) + 2


def seed(secret: bytes, *words: str) -> int:
    """Return the seed of a test: 64 bits that follow from the secret and the words."""
    return int.from_bytes(
        hashlib.sha256(b"\0".join([secret, *map(str.encode, words)])).digest()[:8]
    )


def _run(package: Package, test: dict[str, Any], session: Session, secret: bytes) -> dict:
    result = {key: test[key] for key in ("name", "claim", "visible", "points")}
    try:
        session.begin()
        namespace = {"np": np, "SEED": seed(secret, package["id"], test["name"])}
        exec(compile(package["helper"], "<helper>", "exec"), namespace)
        exec(compile(test["code"], f"<{test['name']}>", "exec"), namespace)
        function: Any = namespace[test["name"]]
        function(*(proxy(session, name) for name in package["entry"]))
        message = None
        if session.changed and test.get("in_place", False):
            which = " and ".join(str(i + 1) for i in sorted(session.changed)[:8])
            message = f"Your function changed its argument {which} in place: make a new array."
    except Ended as ended:
        message = f"{ended}."[:1].upper() + f"{ended}."[1:]
    except frames.FrameError as error:  # a test that sends what has no frame
        raise ValueError(f"test {test['name']} of {package['id']}: {error}") from None
    except Exception as error:
        message = _message(error, session, package, test)
    return {**result, "score": test["points"] if message is None else 0, "message": message}


def _message(error: Exception, session: Session, package: Package, test: dict[str, Any]) -> str:
    """Say what was wrong. For a hidden test, in words that hold nothing of its inputs.

    A student's function can put its arguments into the message of an exception, or return them,
    to read them in the feedback. So of a hidden test only its author's own words are shown.
    """
    raised = session.raised is not None and session.raised[0] is error
    if raised:
        assert session.raised is not None
        what = session.raised[1]
        where = f"in line {what['line']} of cell {what['cell']}" if what["cell"] else ""
        if what["type"] == "NotImplementedError":
            return "Nothing to grade: the function's body is not written yet."
        known = isinstance(getattr(builtins, what["type"], None), type)
        name = what["type"] if known or test["visible"] else "an exception"
        text = f": {what['text']}" if test["visible"] else ""
        return f"Your function raised {name} {where}{text}"[:WORDS]
    if not isinstance(error, AssertionError):
        text = f" ({type(error).__name__}: {error})" if test["visible"] else ""
        return f"The test could not read your function's answer{text}"[:WORDS]
    if test["visible"]:
        return str(error).strip()[:WORDS] or test["claim"]
    return _own_words(str(error), package["helper"] + "\n" + test["code"]) or test["claim"]


def _own_words(message: str, source: str) -> str:
    """Return what of a message stands literally, as text, in the test's source."""
    texts = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    words, at = [], 0
    message = message[: 10 * WORDS]
    while at < len(message):
        fitting = [text for text in texts if len(text) >= 8 and message.startswith(text, at)]
        if fitting:
            words.append(max(fitting, key=len))
            at += len(words[-1])
        else:
            if not words or words[-1] != "…":
                words.append("…")
            at += 1
    return "".join(words).strip("…").strip()[:WORDS]


def _call_back(functions: list[frames.Function], answer: dict[str, Any]) -> dict[str, Any]:
    """Call a function of the test for the student's code."""
    place, args, kwargs = answer["function"], answer.get("args"), answer.get("kwargs")
    if type(place) is not int or not 0 <= place < len(functions):
        return {"error": "there is no such function"}
    if not isinstance(args, tuple) or not isinstance(kwargs, dict):
        return {"error": "a function is called with arguments"}
    try:
        value = functions[place](*args, **kwargs)
        frames.pack(value)
        return {"value": value}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def _description(error: Any) -> dict[str, Any]:
    """Make what the worker says about an exception plain, whatever it sent."""
    error = error if isinstance(error, dict) else {}
    texts = {key: str(error.get(key, ""))[:300] for key in ("type", "text")}
    numbers = {}
    for key in ("cell", "line"):
        value = error.get(key)
        numbers[key] = value if type(value) is int and 0 <= value < 10_000 else 0
    return {**texts, **numbers}
