"""An exercise is written once, in one MyST file; what everybody gets is made from it here.

The front matter says under `exercise` the id, the title, the entry points, the time limit of a
test in seconds, and the mutants: known wrong answers, each with the test that must catch it and
words that it must say. Cells are told apart by their tags:

    text, no tag    what everybody reads
    text, hint      a hint, folded; hints are given one by one
    text, question  a concept question: "- [ ] option" or "- [x] option", each with its reason below
    text, answer    the answer to the pen-and-paper question before it, folded; on the page only
    text, solution  the solution in words, folded with its code; on the page only
    code, setup     what runs before the student's code
    code, solution  the function, its body between ### BEGIN SOLUTION and ### END SOLUTION
    code, helper    what the tests share, beside common.py
    code, visible   a test: one function test_...(entry points), its docstring the claim
    code, hidden    a test that nobody but the grader sees

A test is worth one point, or what it says below its tags: `:points: 2`.

Needs jupytext: the extra `course`.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import nbformat
import yaml
from jupytext.myst import MystMetadataParsingError, myst_to_notebook
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from optim_lessons.exercises.questions import QuestionError, question_html

TEXT_TAGS = {"hint", "question", "answer", "solution"}
CODE_TAGS = {"setup", "solution", "helper", "visible", "hidden"}
BODY = re.compile(r"^( *)### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION$", re.S | re.M)
COMMON = resources.files("optim_lessons.exercises").joinpath("common.py").read_text("utf-8")
CHAPTER_LINK = re.compile(r"\[([^\]]*)\]\((?!\w+:)[^)]*\.md[^)]*\)")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
HEAD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""


class ExerciseError(Exception):
    """What is wrong with an exercise, with its file and line."""


@dataclass(frozen=True)
class Test:
    """A test: the source of a function, the claim that its docstring makes, and its points."""

    name: str
    claim: str
    code: str
    visible: bool
    points: float


@dataclass(frozen=True)
class Mutant:
    """A known mistake: `old` in the solution becomes `new`, and `test` must fail with `words`."""

    old: str
    new: str
    test: str
    words: str


@dataclass(frozen=True)
class Cell:
    """A cell of the file: its tag ("" for text that everybody reads), its source and its line."""

    kind: str
    tag: str
    source: str
    line: int
    points: float = 1  # of a test


@dataclass(frozen=True)
class Exercise:
    """One exercise, with everything that is made of it."""

    id: str
    title: str
    entry: tuple[str, ...]
    limit: float
    mutants: tuple[Mutant, ...]
    cells: tuple[Cell, ...]
    tests: tuple[Test, ...]

    @property
    def prose(self) -> tuple[str, ...]:
        """The text that everybody reads."""
        return tuple(cell.source for cell in self.cells if cell.kind == "markdown" and not cell.tag)

    @property
    def setup(self) -> str:
        """What runs before the student's code."""
        return self._code("setup")

    @property
    def solution(self) -> str:
        """The function as it should be."""
        return BODY.sub(lambda match: match[2].rstrip("\n"), self._code("solution"))

    @property
    def starter(self) -> str:
        """The function as the student gets it."""
        stub = 'raise NotImplementedError("write me")'
        return BODY.sub(lambda match: match[1] + stub, self._code("solution"))

    @property
    def helper(self) -> str:
        """What the tests share."""
        return f"{COMMON}\n\n{self._code('helper')}\n"

    def _code(self, tag: str) -> str:
        sources = [cell.source for cell in self.cells if cell.kind == "code" and cell.tag == tag]
        return "\n\n".join(sources)

    @property
    def _names(self) -> str:
        return ", ".join(self.entry)

    def package(self, visible_only: bool) -> dict[str, Any]:
        """What `run_tests` runs: plain data."""
        tests = [test for test in self.tests if test.visible or not visible_only]
        return {
            "id": self.id,
            "title": self.title,
            "entry": list(self.entry),
            "limit": self.limit,
            "helper": self.helper,
            "tests": [dataclasses.asdict(test) for test in tests],
        }

    def page(self) -> str:
        """The page of the book as MyST: hints, answers and the solution folded, no test at all."""
        parts = [HEAD, f"# {self.title}"]
        for cell in self._with_check({"hint", "question", "answer", "solution"}):
            if cell.cell_type == "code":
                parts.append(f"```{{code-cell}} ipython3\n{cell.source}\n```")
            else:
                parts.append(cell.source)
        return "\n\n".join(parts) + "\n"

    def student_notebook(self) -> NotebookNode:
        """The notebook for a student: the starter with its check, hints folded, no solution.

        Where the exercise is a course's own, `check` finds its visible tests in the file ID.json
        beside the notebook: `package(visible_only=True)`.
        """
        title = new_markdown_cell(f"# {self.title}")
        return _notebook([title, *self._with_check({"hint", "question"})])

    def _with_check(self, tags: set[str]) -> Iterator[NotebookNode]:
        for cell, text in self._shown(tags):
            if cell.kind == "markdown":
                yield new_markdown_cell(text)
            elif cell.tag == "setup":
                yield new_code_cell(f"{text}\n\nfrom optim_lessons import check")
            else:
                yield new_code_cell(f'{self.starter}\n\n\ncheck("{self.id}", {self._names})')

    def _shown(self, tags: set[str]) -> Iterator[tuple[Cell, str]]:
        """The cells that are no test, in order; of tagged texts those with one of the tags."""
        hints = sum(cell.tag == "hint" for cell in self.cells)
        hint = question = 0
        for cell in self.cells:
            text = cell.source
            if cell.kind == "code":
                if cell.tag in ("setup", "solution"):
                    yield cell, text
                continue
            if cell.tag == "hint":
                hint += 1
                text = _fold(f"Hint {hint} of {hints}", text)
            elif cell.tag == "question":
                question += 1
                text = question_html(text, question)
            elif cell.tag == "answer":
                text = _fold("Answer", text)
            elif cell.tag == "solution":
                text = _fold("Solution", f"```python\n{self.solution}\n```\n\n{text}")
            if cell.tag in tags or not cell.tag:
                yield cell, text

    def nbgrader_source(self) -> NotebookNode:
        """The source assignment of nbgrader, which cuts the solution and the hidden tests out."""
        cells = [new_markdown_cell(f"# {self.title}")]
        for cell, text in self._shown({"hint", "question"}):
            if cell.kind == "markdown":
                cells.append(new_markdown_cell(text))
            elif cell.tag == "setup":
                cells.append(_nbgrader_cell(text, "setup", locked=True))
            else:
                cells.append(_nbgrader_cell(text, self.id, solution=True))
        cells.append(_nbgrader_cell(self.helper, "helper", locked=True))
        for test in self.tests:
            source = self._called(test)
            if not test.visible:
                source = f"### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS"
            source = f"# {test.name}\n{source}"
            says = {"locked": True, "grade": True, "points": test.points}
            cells.append(_nbgrader_cell(source, test.name, **says))
        return _notebook(cells)

    def otter(self) -> NotebookNode:
        """The source of Otter Assign, for Gradescope."""
        points = "\n".join(["points:", *(f"  - {test.points}" for test in self.tests)])
        shown = self._shown({"hint", "question"})
        texts = [new_markdown_cell(text) for cell, text in shown if cell.kind == "markdown"]
        code = self._code("solution").replace("### BEGIN", "# BEGIN").replace("### END", "# END")
        cells = [
            new_raw_cell("# ASSIGNMENT CONFIG\nrequirements: null\nexport_cell: false"),
            new_markdown_cell(f"# {self.title}"),
            new_code_cell(self.setup),
            new_code_cell(self.helper),
            new_raw_cell(f"# BEGIN QUESTION\nname: {self.id}\n{points}"),
            *texts,
            new_raw_cell("# BEGIN SOLUTION"),
            new_code_cell(code),
            new_raw_cell("# END SOLUTION"),
            new_raw_cell("# BEGIN TESTS"),
        ]
        for test in self.tests:
            hidden = "" if test.visible else "# HIDDEN\n"
            cells.append(new_code_cell(hidden + self._called(test)))
        cells += [new_raw_cell("# END TESTS"), new_raw_cell("# END QUESTION")]
        return _notebook(cells)

    def _called(self, test: Test) -> str:
        return f"{test.code}\n\n\n{test.name}({self._names})"


def _nbgrader_cell(source: str, grade_id: str, **says: Any) -> NotebookNode:
    nbgrader = {"schema_version": 3, "grade_id": grade_id, "task": False}
    nbgrader |= {"grade": False, "solution": False, "locked": False} | says
    return new_code_cell(source, metadata={"nbgrader": nbgrader})


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    """A notebook to hand out, away from the book: without links to its chapters.

    Its cells have the same ids in every run.
    """
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
        if cell.cell_type == "markdown":
            cell.source = CHAPTER_LINK.sub(r"\1", cell.source)
    return new_notebook(cells=cells, metadata={"kernelspec": copy.copy(KERNEL)})


def _fold(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def read(path: Path) -> Exercise:
    """Read an exercise; raise ExerciseError, with file and line, if it is not one."""
    try:
        text = path.read_text(encoding="utf-8")
        notebook = myst_to_notebook(text, add_source_map=True)
    except (MystMetadataParsingError, yaml.YAMLError, nbformat.ValidationError) as error:
        raise ExerciseError(f"{path}:1: {error}") from None
    starts = notebook.metadata.pop("source_map")
    cells = tuple(
        _cell(path, cell, text.splitlines().index(cell.source.split("\n")[0], start) + 1)
        for cell, start in zip(notebook.cells, starts, strict=True)
    )
    head = notebook.metadata.get("exercise")
    if not isinstance(head, dict):
        raise ExerciseError(f"{path}:1: the front matter has no `exercise:`")
    if missing := {"id", "title", "entry", "limit", "mutants"} ^ set(head):
        raise ExerciseError(
            f"{path}:1: `exercise:` should have id, title, entry, limit and mutants; "
            f"see {', '.join(sorted(missing))}"
        )
    if head["id"] != path.stem:
        raise ExerciseError(
            f"{path}:1: id = {head['id']!r} should be {path.stem!r}, the file's name"
        )
    tests = tuple(_test(path, cell) for cell in cells if cell.tag in ("visible", "hidden"))
    exercise = Exercise(
        id=head["id"],
        title=head["title"],
        entry=tuple(head["entry"]),
        limit=float(head["limit"]),
        mutants=tuple(_mutant(path, item) for item in head["mutants"]),
        cells=cells,
        tests=tests,
    )
    _complain_of_parts(path, exercise)
    return exercise


def _cell(path: Path, cell: NotebookNode, line: int) -> Cell:
    tags = cell.metadata.get("tags", [])
    known = CODE_TAGS if cell.cell_type == "code" else TEXT_TAGS | {""}
    tag = tags[0] if tags else ""
    if len(tags) > 1 or tag not in known:
        raise ExerciseError(
            f"{path}:{line}: a {cell.cell_type} cell has the tags {tags}, "
            f"but should have one of {sorted(known)}"
        )
    if tag == "question":
        try:
            question_html(cell.source, 1)
        except QuestionError as error:
            raise ExerciseError(f"{path}:{line}: {error}") from None
    if cell.cell_type == "code":
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            raise ExerciseError(f"{path}:{line - 1 + (error.lineno or 1)}: {error.msg}") from None
    points = cell.metadata.get("points", 1)
    if type(points) not in (int, float) or not 0 < points <= 1000:
        raise ExerciseError(f"{path}:{line}: points = {points!r} should be a number in (0, 1000]")
    if "points" in cell.metadata and tag not in ("visible", "hidden"):
        raise ExerciseError(f"{path}:{line}: points belong to a test, not to a cell tagged {tag!r}")
    return Cell(cell.cell_type, tag, cell.source, line, points)


def _test(path: Path, cell: Cell) -> Test:
    body = ast.parse(cell.source).body
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        raise ExerciseError(f"{path}:{cell.line}: a test cell should be one function, test_...")
    claim = ast.get_docstring(body[0])
    if not body[0].name.startswith("test_") or not claim:
        raise ExerciseError(
            f"{path}:{cell.line}: {body[0].name} should be called test_..., "
            "and have a docstring: the claim that the student reads"
        )
    if re.search(r"\boptim_lessons\b", cell.source):
        raise ExerciseError(
            f"{path}:{cell.line}: {body[0].name} should compare with a formula of its own, "
            "not with optim_lessons"
        )
    return Test(body[0].name, claim, cell.source, cell.tag == "visible", cell.points)


def _mutant(path: Path, item: Any) -> Mutant:
    try:
        return Mutant(**{name: str(value).rstrip("\n") for name, value in item.items()})
    except (AttributeError, TypeError):
        raise ExerciseError(
            f"{path}:1: a mutant should have old, new, test and words, not {item!r}"
        ) from None


def _complain_of_parts(path: Path, exercise: Exercise) -> None:
    """Complain of what is missing or does not fit together."""
    solutions = [c for c in exercise.cells if c.kind == "code" and c.tag == "solution"]
    if len(solutions) != 1 or len(BODY.findall(solutions[0].source)) != 1:
        line = solutions[-1].line if solutions else 1
        raise ExerciseError(
            f"{path}:{line}: there should be one code cell tagged `solution`, with one body "
            "between ### BEGIN SOLUTION and ### END SOLUTION"
        )
    functions = [n.name for n in ast.parse(exercise.solution).body if hasattr(n, "name")]
    if missing := set(exercise.entry) - set(functions):
        raise ExerciseError(
            f"{path}:{solutions[0].line}: the solution does not define {', '.join(missing)}"
        )
    names = [test.name for test in exercise.tests]
    if len(set(names)) != len(names) or not any(test.visible for test in exercise.tests):
        raise ExerciseError(f"{path}:1: tests should have different names, and one be visible")
    for mutant in exercise.mutants:
        if mutant.test not in names:
            raise ExerciseError(
                f"{path}:1: a mutant names {mutant.test}, but there is no such test"
            )
        if (count := exercise.solution.count(mutant.old)) != 1:
            raise ExerciseError(
                f"{path}:{solutions[0].line}: a mutant's text {mutant.old!r} should occur once in "
                f"the solution, but occurs {count} times"
            )
