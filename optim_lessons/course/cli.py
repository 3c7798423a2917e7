"""`python -m optim_lessons course ...`: what a teacher types."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

from optim_lessons.course import export, feedback, gradebook, marking, selftest
from optim_lessons.course.folder import Course, CourseError
from optim_lessons.course.sandbox import SandboxError
from optim_lessons.files import write

UNSAFE = """
WARNING: THERE IS NO SANDBOX ({error}), AND --unsafe RUNS STUDENTS' CODE AS YOU.
It can read what you can read: the course's secret, hidden tests, other students' work, your keys.
It can send all of it away, delete your files, stay behind as a process, and change marks.
Only limits on time and memory hold. Stop with Ctrl-C, unless you trust every submission.
"""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `course` and its own commands."""
    course = subparsers.add_parser("course", help="release, grade, feedback: for teachers")
    commands = course.add_subparsers(required=True, metavar="COMMAND")
    for name, words, function in (
        ("init", "make a course folder", init),
        ("release", "make students' notebooks and the tests' packages", release),
        ("grade", "grade what has no result yet, in the sandbox", grade),
        ("feedback", "write a page for each student and exercise", make_feedback),
        ("export", "write the marks for Canvas, Moodle, nbgrader", make_export),
        ("status", "say how far things are", status),
    ):
        parser = commands.add_parser(name, help=words, description=words)
        parser.add_argument("folder", type=Path, help="the course folder")
        parser.set_defaults(run=lambda arguments, function=function: _run(function, arguments))
        if name == "grade":
            parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
            parser.add_argument(
                "--dask", metavar="ADDRESS", help="a running Dask scheduler instead"
            )
            parser.add_argument(
                "--unsafe",
                action="store_true",
                help="where no sandbox holds, run students' code without one, as yourself",
            )
        if name == "export":
            parser.add_argument(
                "--nbgrader", action="store_true", help="fill nbgrader's gradebook too"
            )


def _run(function, arguments: argparse.Namespace) -> int:
    try:
        function(arguments)
    except CourseError as error:
        print(f"{error}.", file=sys.stderr)
        return 2
    except SandboxError as error:
        print(selftest.sentence(error), file=sys.stderr)
        return 3
    return 0


def init(arguments: argparse.Namespace) -> None:
    """Make a course folder."""
    course = Course.init(arguments.folder)
    print(f"Made {course.path}. Put graded exercises into {course.path / 'exercises'}.")


def release(arguments: argparse.Namespace) -> None:
    """Make what students get, and what the grader reads."""
    course = Course.open(arguments.folder)
    files = sorted((course.path / "exercises").glob("*.md"))
    if not files:
        raise CourseError(f"there is no exercise in {course.path / 'exercises'}")
    # Needs jupytext, which grading does not.
    from optim_lessons.exercises import source

    for file in files:
        file.chmod(0o600)
        exercise = source.read(file)
        package = exercise.package(visible_only=False)
        for test in package["tests"]:
            # `untouched` compares a test's own arrays, which no worker can change: see grade.py.
            test["in_place"] = "untouched(" in test["code"]
        name = package["id"]
        write(course.path / "packages" / f"{name}.json", json.dumps(package) + "\n")
        notebook = json.dumps(exercise.student_notebook(), indent=1)
        write(course.path / "release" / name / f"{name}.ipynb", notebook + "\n")
        visible = json.dumps(exercise.package(visible_only=True))  # `check` finds it beside
        write(course.path / "release" / name / f"{name}.json", visible + "\n")
        for path, made in (
            (course.path / "source" / name / f"{name}.ipynb", exercise.nbgrader_source()),
            (course.path / "otter" / f"{name}.ipynb", exercise.otter()),
        ):
            write(path, json.dumps(made, indent=1) + "\n")
        print(f"{name}: {course.path / 'release' / name / f'{name}.ipynb'}")


def grade(arguments: argparse.Namespace) -> None:
    """Grade what has no result yet."""
    course = Course.open(arguments.folder)
    if not 1 <= arguments.workers <= 4 * (os.cpu_count() or 1):
        raise CourseError(
            f"workers = {arguments.workers} is not in 1 ... {4 * (os.cpu_count() or 1)}"
        )
    unsafe = False
    if arguments.dask is None:
        unsafe = _no_sandbox(arguments.unsafe)
    elif arguments.unsafe:
        raise CourseError("--unsafe is for this machine: a cluster needs its sandboxes")
    done, notes = marking.run(course, arguments.workers, arguments.dask, _progress, unsafe)
    print(*(f"{note}." for note in notes), f"Graded {done} submissions.", sep="\n")


def _no_sandbox(allowed: bool) -> bool:
    """Say whether to grade without a sandbox. Raises SandboxError if that is not allowed."""
    try:
        selftest.prove()
    except SandboxError as error:
        if not allowed:
            raise
        print(UNSAFE.format(error=error), file=sys.stderr, flush=True)
        return True
    if allowed:
        print("The sandbox holds here: --unsafe is not needed, and not done.", file=sys.stderr)
    return False


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(
            f"\r{done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True
        )
    elif done * 10 // total > (done - 1) * 10 // total:  # each tenth
        print(f"{done} of {total}", file=sys.stderr, flush=True)


def make_feedback(arguments: argparse.Namespace) -> None:
    """Write the pages of feedback."""
    course = Course.open(arguments.folder)
    print(f"Wrote {feedback.make(course)} pages into {course.path / 'feedback'}.")


def make_export(arguments: argparse.Namespace) -> None:
    """Write the marks for other programs."""
    course = Course.open(arguments.folder)
    for name in export.make(course):
        print(f"Wrote {course.path / name}.")
    if arguments.nbgrader:
        count = gradebook.fill(course)
        print(f"Filled {course.path / 'gradebook.db'}: {count} submissions.")


def status(arguments: argparse.Namespace) -> None:
    """Say what is handed in and what is graded, for each exercise."""
    course = Course.open(arguments.folder)
    packages = course.packages()
    found, skipped = course.submissions(set(packages))
    handed_in = Counter(item.exercise for item in found)
    results = course.results()
    for name in packages:
        scores = [result["score"] for result in results if result["exercise"] == name]
        mean = f", {sum(scores) / len(scores):.3g} points on average" if scores else ""
        print(f"{name}: {handed_in[name]} handed in, {len(scores)} graded{mean}")
    if unsafe := sum(result.get("unsafe", False) for result in results):
        print(f"{unsafe} graded without a sandbox: `course grade` where one holds grades them anew")
    print(*(f"Not used: {words}." for words in skipped), sep="\n", end="\n" if skipped else "")
