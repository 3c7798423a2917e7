"""The library on the command line: `python -m optim_lessons check notebook.ipynb`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return its exit code: 0 if all is well, 1 if not, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m optim_lessons")
    commands = parser.add_subparsers(dest="command", required=True)
    checker = commands.add_parser(
        "check", help="check the exercises that a notebook calls check on"
    )
    checker.add_argument("notebook", type=Path)
    checker.set_defaults(run=_check)
    progress = commands.add_parser("progress", help="say how far this machine's user has come")
    progress.set_defaults(run=_progress)
    if os.name == "posix":  # where a process can be limited
        from optim_lessons.course.cli import add_parser

        add_parser(commands)
    chosen = parser.parse_args(arguments)
    return chosen.run(chosen)


def _check(chosen: argparse.Namespace) -> int:
    from optim_lessons.exercises.notebook import NotebookError, check_notebook

    try:
        reports = check_notebook(chosen.notebook, say=lambda line: print(line, file=sys.stderr))
    except NotebookError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for exercise, report in reports.items():
        print(f"{exercise}\n{report}\n")
    return 0 if all(report.passed for report in reports.values()) else 1


def _progress(chosen: argparse.Namespace) -> int:
    from optim_lessons.exercises import packages, progress

    try:
        print(progress.summary({id: len(p["tests"]) for id, p in packages().items()}))
    except progress.ProgressError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
