"""The course folder: what lies where, and who may read it. Its names are nbgrader's.

secret.key                                 from which the tests' random inputs follow
exercises/EXERCISE.md                      authoring files, with solutions and hidden tests
packages/EXERCISE.json                     the tests as plain data, made by `release`
release/EXERCISE/EXERCISE.ipynb            to hand out, made by `release`
source/EXERCISE/EXERCISE.ipynb             nbgrader's source assignment, made by `release`
otter/EXERCISE.ipynb                       the source of Otter Assign, made by `release`
submitted/STUDENT/EXERCISE/EXERCISE.ipynb  handed in (.ipynb or .py)
submitted/EXERCISE/STUDENT.ipynb           the same, flat
results/EXERCISE/STUDENT.json              made by `grade`
feedback/STUDENT/EXERCISE/EXERCISE.html    made by `feedback`
canvas.csv, moodle.csv                     made by `export`
gradebook.db                               nbgrader's, filled by `export --nbgrader`
autograded/STUDENT/EXERCISE/EXERCISE.ipynb what its formgrader shows
"""

from __future__ import annotations

import json
import re
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optim_lessons.files import write

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
SUFFIXES = (".ipynb", ".py")


class CourseError(ValueError):
    """The course folder, or something in it, is not as it must be; the sentence says what."""


@dataclass(frozen=True)
class Submission:
    """One file that a student handed in."""

    student: str
    exercise: str
    path: Path


@dataclass(frozen=True)
class Course:
    """A course folder that exists."""

    path: Path

    @classmethod
    def init(cls, path: Path) -> Course:
        """Make a course folder that only its owner can enter. Nothing there is overwritten."""
        if path.exists() and any(path.iterdir()):
            raise CourseError(f"{path} is not empty: name a folder that is yet to be made")
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        course = cls(path)
        for name in ("exercises", "submitted"):
            (path / name).mkdir()
        write(path / "secret.key", secrets.token_hex(32) + "\n")
        write(path / ".gitignore", "# Solutions, hidden tests, students' work: nothing of it.\n*\n")
        name = re.sub(r"[^A-Za-z0-9_-]", "-", path.resolve().name)
        config = f'c = get_config()\nc.CourseDirectory.course_id = "{name}"\n'
        write(path / "nbgrader_config.py", config)
        return course

    @classmethod
    def open(cls, path: Path) -> Course:
        """Return the course in a folder. Raises CourseError if others may read its secret."""
        course = cls(path)
        if not course._key.exists():
            raise CourseError(f"{path} is no course folder: `course init {path}` makes one")
        for name in (path, course._key):
            if name.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise CourseError(f"others may read {name}: run `chmod go-rwx {name}`")
        return course

    @property
    def _key(self) -> Path:
        return self.path / "secret.key"

    @property
    def secret(self) -> bytes:
        """The course's secret."""
        return bytes.fromhex(self._key.read_text())

    def packages(self) -> dict[str, dict[str, Any]]:
        """Return the released exercises' packages by their id."""
        files = sorted((self.path / "packages").glob("*.json"))
        return {file.stem: json.loads(file.read_text("utf-8")) for file in files}

    def submissions(self, exercises: set[str]) -> tuple[list[Submission], list[str]]:
        """Return what was handed in for these exercises, and a sentence for all else that is there.

        Links are not followed, and names that could lead elsewhere are not used.
        """
        found: dict[tuple[str, str], Submission] = {}
        skipped = []
        for student, exercise, path in self._files(exercises):
            key = student, exercise
            if exercise not in exercises:
                skipped.append(f"{path}: there is no exercise {exercise!r}")
            elif not NAME.fullmatch(student):
                skipped.append(f"{path}: {student!r} cannot be a student's name")
            elif key in found:
                skipped.append(f"{path}: {found[key].path} is graded instead")
            else:
                found[key] = Submission(student, exercise, path)
        return list(found.values()), skipped

    def _files(self, exercises: set[str]) -> Iterator[tuple[str, str, Path]]:
        for folder in _folders(self.path / "submitted"):
            if folder.name in exercises:  # the flat layout
                for path in sorted(folder.iterdir()):
                    if not path.is_dir():
                        yield path.stem, folder.name, path
                continue
            for inner in _folders(folder):
                files = [path for path in sorted(inner.iterdir()) if path.suffix in SUFFIXES]
                files.sort(key=lambda path: path.stem != inner.name)  # the one of that name first
                for path in files[:1]:
                    yield folder.name, inner.name, path

    def result(self, student: str, exercise: str) -> Path:
        """Return where a result is kept."""
        return self.path / "results" / exercise / f"{student}.json"

    def results(self) -> list[dict[str, Any]]:
        """Return all results, by exercise and student."""
        files = sorted((self.path / "results").glob("*/*.json"))
        return [json.loads(file.read_text("utf-8")) for file in files]


def _folders(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    return [p for p in sorted(path.iterdir()) if p.is_dir() and not p.is_symlink()]
