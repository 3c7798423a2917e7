"""What stands for `marking.mark` in another process. It imports little, for that starts sooner."""

import os
import signal
import time
from pathlib import Path


def marked(task):
    """A result as `mark` makes it, without grading."""
    made = {"student": task.student, "exercise": task.exercise, "hash": task.key}
    return made | {"score": 2, "points": 3, "tests": [], "cells": [], "process": os.getpid()}


def killed_once(task):
    """The process dies at the first call for ada; the path of a flag comes as her work."""
    flag = Path(task.data.decode())
    if task.student == "ada" and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return marked(task)


def killed_always(task):
    """The process dies at each call for ada; others take a while, so that they are at work then."""
    if task.student == "ada":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.1)
    return marked(task)


def hangs(task):
    """For ada it never ends."""
    while task.student == "ada":
        time.sleep(1)
    return marked(task)


def complains(task):
    raise ValueError(f"test_a of {task.exercise}: wrong")
