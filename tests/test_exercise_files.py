"""Every exercise of the book, and a graded one: its tests know right from wrong, and nothing secret
gets out.
"""

import ast
import html
import inspect
import json
import re
from pathlib import Path

import bs4
import nbformat
import numpy as np
import pytest

from optim_lessons.exercises import run_tests, source
from tools import exercises

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
PRACTICE = sorted((ROOT / "book" / "exercises").glob("*.md"))
GRADED = sorted((ROOT / "tests" / "graded").glob("*.md"))  # as a teacher would write them
EXERCISES = {path.stem: source.read(path) for path in [*PRACTICE, *GRADED]}
MUTANTS = [(name, i) for name, exercise in EXERCISES.items() for i in range(len(exercise.mutants))]
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.S)

every = pytest.mark.parametrize("name", EXERCISES)


def functions(exercise, code):
    names = {}
    exec(f"{exercise.setup}\n\n{code}", names)
    return {name: names[name] for name in exercise.entry}


def results(exercise, functions):
    return {r.name: r for r in run_tests(exercise.package(visible_only=False), functions, limit=9)}


def mutated(exercise, mutant):
    return functions(exercise, exercise.solution.replace(mutant.old, mutant.new))


def test_there_are_six_exercises():
    assert len(PRACTICE) >= 6


@every
def test_the_solution_passes_every_test(name):
    exercise = EXERCISES[name]
    found = results(exercise, functions(exercise, exercise.solution))
    assert not [result for result in found.values() if not result.passed]


@every
def test_the_stub_fails_every_test_by_its_own_error(name):
    exercise = EXERCISES[name]
    found = results(exercise, functions(exercise, exercise.starter))
    assert all(r.words.startswith("Nothing to check yet") for r in found.values())


@pytest.mark.parametrize(("name", "i"), MUTANTS, ids=lambda part: str(part))
def test_a_known_mistake_fails_in_its_test_with_its_words(name, i):
    exercise = EXERCISES[name]
    mutant = exercise.mutants[i]
    assert exercise.solution.count(mutant.old) == 1
    result = results(exercise, mutated(exercise, mutant))[mutant.test]
    assert not result.passed
    assert mutant.words in result.words


@every
def test_every_test_kills_a_known_mistake(name):
    exercise = EXERCISES[name]
    found = [results(exercise, mutated(exercise, mutant)) for mutant in exercise.mutants]
    killed = {test for result in found for test in result if not result[test].passed}
    assert killed == {test.name for test in exercise.tests}


@every
@pytest.mark.parametrize("kind", ["input", "zeros", "nan", "none"])
def test_a_constant_answer_earns_nothing(name, kind):
    exercise = EXERCISES[name]
    (function,) = functions(exercise, exercise.solution).values()
    signature = inspect.signature(function)
    last = ast.parse(exercise.solution).body[-1].body[-1].value
    parts = getattr(last, "elts", [last])  # a function may return one thing
    shapes = [getattr(part, "id", None) for part in parts]  # an argument has the same shape

    def constant(*args, **kwargs):
        given = signature.bind(*args, **kwargs).arguments
        if kind == "none":
            return None
        if kind == "input":
            answer = tuple(given.get(shape, args[0]) for shape in shapes)
        else:
            value = {"zeros": 0.0, "nan": np.nan}[kind]
            answer = tuple(np.full(np.shape(given.get(shape, 0.0)), value) for shape in shapes)
        return answer if isinstance(last, ast.Tuple) else answer[0]

    found = results(exercise, {exercise.entry[0]: constant})
    assert not [result.name for result in found.values() if result.passed]


@pytest.mark.parametrize("name", [path.stem for path in PRACTICE])
def test_it_has_the_parts_that_an_exercise_should_have(name):
    exercise = EXERCISES[name]
    tags = [cell.tag for cell in exercise.cells if cell.kind == "markdown"]
    assert 2 <= tags.count("hint") <= 3
    assert 2 <= tags.count("question") <= 3
    assert tags.count("answer") >= 1
    assert tags.count("solution") == 1
    visible = [test.visible for test in exercise.tests]
    assert 3 <= visible.count(True) <= 6
    assert 2 <= visible.count(False) <= 4
    assert len(exercise.mutants) >= 5


def test_the_data_of_the_library_is_current():
    there = {path.name: path.read_text(encoding="utf-8") for path in exercises.DATA.glob("*.json")}
    assert there == exercises.data(ROOT), "run `make exercises`"


# What nobody may see


def lines(text):
    """The lines of a text that say something."""
    return {line.strip() for line in text.splitlines() if len(line.strip()) > 15}


def secret(exercise):
    """The lines of hidden tests, with their names, and the lines of the solution."""
    hidden = [test for test in exercise.tests if not test.visible]
    shown = exercise.helper + "".join(test.code for test in exercise.tests if test.visible)
    tests = lines("\n".join(test.code for test in hidden)) - lines(shown)
    return tests, lines(exercise.solution) - lines(exercise.starter)


def leaks(secrets, text):
    return [line for line in secrets if line in text]


def cells(notebook):
    return "\n".join(cell.source for cell in notebook.cells)


def without_solution(text):
    return re.sub(r"<details><summary>Solution</summary>.*?</details>", "", text, flags=re.S)


@every
def test_released_files_hold_no_hidden_test_and_no_solution(name):
    exercise = EXERCISES[name]
    hidden, solution = secret(exercise)
    assert len(hidden) > 5
    assert solution
    everything = json.dumps(exercise.package(visible_only=False))
    assert any(json.dumps(line)[1:-1] in everything for line in hidden)  # the search can find
    nbgrader = cells(exercise.nbgrader_source())
    assert leaks(hidden, nbgrader)
    released = source.BODY.sub("", HIDDEN.sub("", nbgrader))
    for text in (cells(exercise.student_notebook()), released):
        assert not leaks(hidden | solution, text)
    package = exercise.package(visible_only=True)
    package = "\n".join([package["helper"], *(test["code"] for test in package["tests"])])
    assert not leaks(hidden | solution, package)
    assert leaks(solution, exercise.page())
    assert not leaks(hidden | solution, without_solution(exercise.page()))


def site_texts():
    """Every file of the site as text, its folded solutions apart."""
    for path in sorted(SITE.rglob("*")):
        name = path.relative_to(SITE).as_posix()
        if path.suffix == ".html":
            soup = bs4.BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            for details in soup.select("details"):
                if details.summary and details.summary.get_text() == "Solution":
                    details.decompose()
            yield name, soup.get_text()
        elif path.suffix == ".ipynb":
            notebook = nbformat.read(path, as_version=4)
            yield name, without_solution(cells(notebook))
        elif path.is_file() and path.suffix in (".js", ".json", ".txt", ".md", ".py", ".css", ""):
            yield name, html.unescape(path.read_text(encoding="utf-8", errors="replace"))


def test_the_site_holds_no_hidden_test_and_no_solution_but_folded():
    assert SITE.exists(), "the book is not built: run `make book`"
    texts = dict(site_texts())
    assert "exercises/adam-step.html" in texts
    for exercise in EXERCISES.values():
        hidden, solution = secret(exercise)
        names = {f"def {test.name}" for test in exercise.tests}
        for name, text in texts.items():
            assert not leaks(hidden | solution | names, text), name


@every
def test_notebooks_are_valid_and_the_same_in_every_run(name):
    exercise = EXERCISES[name]
    for make in (exercise.student_notebook, exercise.nbgrader_source, exercise.otter):
        nbformat.validate(make())
        assert make() == make()
        assert ".md)" not in cells(make())  # a link to a chapter that does not come along
        assert exercise.title in cells(make())


@every
def test_the_sources_of_nbgrader_and_otter_pass_their_own_tests_when_they_are_run(name):
    for notebook in (EXERCISES[name].nbgrader_source(), EXERCISES[name].otter()):
        names = {}
        for cell in notebook.cells:
            if cell.cell_type == "code":
                exec(cell.source, names)
        assert {test.name for test in EXERCISES[name].tests} <= names.keys()
