"""Time the course's grader against nbgrader, on the same submissions, in turns; then whole folders.

.venv/bin/python tests/bench/grading.py [--nbgrader PYTHON] [--write]

PYTHON is that of an environment with nbgrader and NumPy; it is kept apart from .venv. Only correct
and mistaken submissions are graded here: nbgrader has no sandbox. Processor time is that of all
processes, the sandbox's too.
"""

# ruff: noqa: E402 - the imports need the folders above

import argparse
import json
import os
import resource
import runpy
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "optim_lessons" / "measured" / "grading.json"
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(Path(__file__).resolve().parent)]

from hostile.graded import CUBIC, SOLUTION
from hostile.submissions import MISTAKES, notebook

from optim_lessons.course import marking, selftest
from optim_lessons.course.folder import Course
from optim_lessons.course.sandbox import Sandbox
from optim_lessons.files import write

STUDENTS, ROUNDS, HUNDRED, THOUSAND = 10, 3, 100, 1000


def submissions(count):
    """So many submissions: every second one right, the others with one mistake each."""
    data = [notebook(SOLUTION) if i % 2 else MISTAKES[i // 2 % 8].data for i in range(count)]
    return {f"student-{i:04}": text for i, text in enumerate(data)}


def course(folder, count):
    made = Course.init(folder)
    write(made.path / "packages" / "cubic-step.json", json.dumps(CUBIC))
    (made.path / "submitted" / "cubic-step").mkdir()
    for student, data in submissions(count).items():
        (made.path / "submitted" / "cubic-step" / f"{student}.ipynb").write_bytes(data)
    return made


class Inside:
    """The processor time of all sandboxes, read before each is closed."""

    def __init__(self):
        self.seconds = 0.0
        close = Sandbox.close

        def counted(sandbox):
            if sandbox.first is not None:
                self.seconds += self.read(sandbox.first)
            return close(sandbox)

        Sandbox.close = counted

    def read(self, first):
        info = Path(f"/proc/self/fdinfo/{first}").read_text()
        pid = next(line.split()[1] for line in info.splitlines() if line.startswith("Pid:"))
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        spent = [Path(f"/proc/{process}/schedstat").read_text() for process in (pid, *children)]
        return sum(int(text.split()[0]) for text in spent) / 1e9


def used():
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in parts)


def ours(inside):
    """Grade the submissions one by one, in this process; return seconds of CPU for one."""
    before = used() + inside.seconds
    for student, data in submissions(STUDENTS).items():
        marking.mark(marking.Task(student, "cubic-step", CUBIC, b"s" * 32, data, ".ipynb", None))
    return (used() + inside.seconds - before) / STUDENTS


def nbgrader_course(folder, python, answers):
    """Make nbgrader's course of the same exercise, and hand in the students' cells of code."""

    def cell(source, name, **says):
        made = {"schema_version": 3, "grade_id": name, "task": False}
        made |= {"grade": False, "solution": False, "locked": False} | says
        return {"cell_type": "code", "metadata": {"nbgrader": made}, "source": source} | {
            "outputs": [],
            "execution_count": None,
        }

    helpers = "import numpy as np\nSEED = 7\n" + CUBIC["helper"]

    def whole(first, *others):
        cells = [cell(helpers, "helpers", locked=True), cell(first, "answer", solution=True)]
        cells += [{**cell(other, ""), "metadata": {}} for other in others]
        for test in CUBIC["tests"]:
            source = f"{test['code']}\n{test['name']}(cubic_step)"
            points = {"grade": True, "locked": True, "points": test["points"]}
            cells.append(cell(source, test["name"], **points))
        kernel = {"kernelspec": {"display_name": "Python 3", "name": "python3"}}
        return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4})

    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    source = folder / "source" / "cubic-step" / "cubic-step.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(whole(f"### BEGIN SOLUTION\n{SOLUTION}\n### END SOLUTION"))
    nbgrader(folder, python, "generate_assignment", "cubic-step", "--create")
    for student, data in answers.items():
        path = folder / "submitted" / student / "cubic-step" / "cubic-step.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(whole(*(cell["source"] for cell in json.loads(data)["cells"])))


def nbgrader(folder, python, *words):
    command = [python, "-m", "nbgrader", *words]
    path = f"{Path(python).parent}:{os.environ['PATH']}"  # it calls alembic by name
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    if done.returncode:
        raise SystemExit(f"nbgrader {words[0]} failed:\n{done.stderr[-2000:]}")


def theirs(folder, python):
    """Let nbgrader grade them; return seconds of CPU for one."""
    shutil.rmtree(folder / "autograded", ignore_errors=True)
    before = used()
    nbgrader(folder, python, "autograde", "cubic-step", "--force")
    return (used() - before) / STUDENTS


def rate(folder, count, workers=1, dask=None):
    """Grade a folder; return submissions a second, from the first to the last."""
    made = course(folder, count)
    start = time.perf_counter()
    done, notes = marking.run(made, workers, dask)
    seconds = time.perf_counter() - start
    right = [result for result in made.results() if result["score"] == 6]
    assert (done, notes, len(right)) == (count, [], count // 2)
    return count / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nbgrader", metavar="PYTHON", help="a Python that has nbgrader")
    parser.add_argument("--write", action="store_true", help=f"keep the numbers in {FILE.name}")
    options = parser.parse_args()
    machine = runpy.run_path(str(Path(__file__).with_name("__main__.py")))["machine"]
    from distributed import LocalCluster

    table = {"machine": machine()}
    selftest.prove()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inside, cpu = Inside(), {"ours": [], "nbgrader": []}
        if options.nbgrader:
            (folder / "nbgrader").mkdir()
            nbgrader_course(folder / "nbgrader", options.nbgrader, submissions(STUDENTS))
        for _ in range(ROUNDS):
            cpu["ours"].append(ours(inside))
            if options.nbgrader:
                cpu["nbgrader"].append(theirs(folder / "nbgrader", options.nbgrader))
        table["cpu"] = {who: statistics.median(some) for who, some in cpu.items() if some}
        if options.nbgrader:
            table["ratio"] = table["cpu"]["nbgrader"] / table["cpu"]["ours"]
        print(table, flush=True)
        rates = {f"workers={n}": rate(folder / f"w{n}", HUNDRED, n) for n in (1, 2)}
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            rates["dask, 2 workers"] = rate(
                folder / "dask", HUNDRED, dask=cluster.scheduler_address
            )
        table["submissions a second"] = rates
        print(rates, flush=True)
        start = time.perf_counter()
        rate(folder / "thousand", THOUSAND, 2)
        table["seconds for 1,000"] = time.perf_counter() - start
    print(json.dumps(table, indent=1))
    if options.write:
        FILE.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
