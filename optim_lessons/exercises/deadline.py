"""A deadline for code that may never end, without another process or thread.

From Python 3.12 on the interpreter reports every jump and every call, so that a loop ends in any
thread, even one that catches everything. Before, a signal ends it, which only the main thread of a
Unix system receives, and which a loop with `except BaseException` inside survives. Neither reaches
into a C function.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from types import CodeType, FrameType
from typing import Any


class OutOfTime(BaseException):
    """The deadline has passed. No Exception, so that `except Exception` does not swallow it."""


def deadline(seconds: float) -> AbstractContextManager[Any]:
    """Raise OutOfTime inside the block once the seconds are over; without effect if not `can_stop`.

    Example:
        >>> from optim_lessons.exercises.deadline import OutOfTime, deadline
        >>> try:
        ...     with deadline(0.1):
        ...         while True:
        ...             pass
        ... except OutOfTime:
        ...     print("stopped")
        stopped
    """
    if not can_stop():
        return nullcontext()
    return _Watch(seconds) if sys.version_info >= (3, 12) else _Alarm(seconds)


def can_stop() -> bool:
    """Whether this Python can end a loop that never ends, here in this thread."""
    if sys.version_info >= (3, 12):
        return True
    in_main_thread = threading.current_thread() is threading.main_thread()
    return hasattr(signal, "setitimer") and in_main_thread


class _Watch:
    """By sys.monitoring: looks at the clock at every jump and call of this thread."""

    def __init__(self, seconds: float):
        self.end = time.perf_counter() + seconds
        self.thread = threading.get_ident()

    def __enter__(self) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        self.tool = next(number for number in range(5, -1, -1) if not monitoring.get_tool(number))
        monitoring.use_tool_id(self.tool, "optim_lessons")
        events = monitoring.events
        for event in (events.JUMP, events.PY_START):
            monitoring.register_callback(self.tool, event, self._look)
        monitoring.set_events(self.tool, events.JUMP | events.PY_START)

    def __exit__(self, *_: object) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        monitoring.set_events(self.tool, 0)
        for event in (monitoring.events.JUMP, monitoring.events.PY_START):
            monitoring.register_callback(self.tool, event, None)
        monitoring.free_tool_id(self.tool)

    def _look(self, code: CodeType, *_: object) -> None:
        ours = code.co_filename == __file__  # __exit__ must not be stopped
        if not ours and time.perf_counter() > self.end and threading.get_ident() == self.thread:
            raise OutOfTime


class _Alarm:
    """By the signal SIGALRM, again every 0.2 s."""

    def __init__(self, seconds: float):
        self.seconds = seconds

    def __enter__(self) -> None:
        self.before = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self.seconds, 0.2)

    def __exit__(self, *_: object) -> None:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:  # for an alarm just before the line above
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self.before)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        raise OutOfTime
