"""What `import optim_lessons` costs, Python's own start taken off."""

import subprocess
import sys
import time

TITLE = "Import in a fresh Python, its own start taken off"
ROUNDS, ONE_THREAD = 9, True
UNIT = "import optim_lessons"


def start(code):
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begin


def imported(code):
    def run():
        taken = start(code) - start("pass")
        run.seconds = taken
        return ()

    return lambda: run


def unit(name):
    """The row that every row is compared with."""
    return UNIT


CONTESTANTS = {code: imported(code) for code in ("import optim_lessons", "import numpy")}
GOALS = []
