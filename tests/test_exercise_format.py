"""The file of an exercise: what is read from it, and how it complains."""

import pytest

from optim_lessons.exercises import source
from optim_lessons.exercises.questions import QuestionError, question_html

FILE = '''---
kernelspec:
  name: python3
  display_name: Python 3
exercise:
  id: half
  title: Half
  entry: [half]
  limit: 1
  mutants:
    - {old: x / 2, new: x / 3, test: test_ten, words: five}
---

Write `half`; see the [chapter](../ground/one.md#idea).

```{code-cell} ipython3
:tags: [setup]

import math
```

```{code-cell} ipython3
:tags: [solution]

def half(x):
    """Return the half."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION
```

+++ {"tags": ["hint"]}

Divide.

+++ {"tags": ["hint"]}

By two.

+++ {"tags": ["solution"]}

A half is one of two.

+++ {"tags": ["question"]}

How many halves are there?

- [ ] One.
  One is the whole.
- [x] Two.
  That is what *half* means.

```{code-cell} ipython3
:tags: [helper]

TEN = 10
```

```{code-cell} ipython3
:tags: [visible]

def test_ten(half):
    """Half of ten is five."""
    assert half(TEN) == 5, "should be five"
```

```{code-cell} ipython3
:tags: [hidden]

def test_eight(half):
    """Half of eight is four."""
    assert half(8) == 4, "should be four"
```
'''


@pytest.fixture
def read(tmp_path):
    def read(text=FILE):
        path = tmp_path / "half.md"
        path.write_text(text, encoding="utf-8")
        return source.read(path)

    return read


def test_an_exercise_is_read_with_all_its_parts(read):
    exercise = read()
    assert (exercise.id, exercise.title, exercise.entry, exercise.limit) == (
        *("half", "Half", ("half",)),
        1,
    )
    assert exercise.prose == ("Write `half`; see the [chapter](../ground/one.md#idea).",)
    assert exercise.solution == 'def half(x):\n    """Return the half."""\n    return x / 2'
    assert exercise.starter == (
        'def half(x):\n    """Return the half."""\n    raise NotImplementedError("write me")'
    )
    assert "TEN = 10" in exercise.helper
    assert exercise.mutants == (source.Mutant("x / 2", "x / 3", "test_ten", "five"),)
    assert [(t.name, t.claim, t.visible) for t in exercise.tests] == [
        ("test_ten", "Half of ten is five.", True),
        ("test_eight", "Half of eight is four.", False),
    ]


def test_the_page_folds_hints_and_solution_and_has_no_test(read):
    page = read().page()
    assert "<summary>Hint 2 of 2</summary>\n\nBy two." in page
    assert "```python\ndef half(x):" in page.split("<summary>Solution</summary>")[1]
    assert 'check("half", half)' in page
    assert "test_" not in page and "TEN" not in page and "BEGIN SOLUTION" not in page


def test_the_students_notebook_has_hints_and_questions_but_no_answer(read):
    cells = [cell.source for cell in read().student_notebook().cells]
    assert cells[0] == "# Half"
    assert cells[1] == "Write `half`; see the chapter."
    assert cells[3].endswith('check("half", half)')
    assert "A half is one of two." not in "\n".join(cells)


def test_visible_only_leaves_the_hidden_tests_out(read):
    assert [test["name"] for test in read().package(visible_only=True)["tests"]] == ["test_ten"]
    assert len(read().package(visible_only=False)["tests"]) == 2


WORTH = FILE.replace(":tags: [hidden]\n", ":tags: [hidden]\n:points: 2.5\n")


def test_a_test_is_worth_one_point_or_what_its_cell_says(read):
    assert [test.points for test in read().tests] == [1, 1]
    assert [test["points"] for test in read(WORTH).package(visible_only=False)["tests"]] == [1, 2.5]


def test_nbgraders_assignment_and_otters_have_the_points(read):
    exercise = read(WORTH)
    says = [cell.metadata.get("nbgrader", {}) for cell in exercise.nbgrader_source().cells]
    points = {cell["grade_id"]: cell["points"] for cell in says if cell.get("grade")}
    assert points == {"test_ten": 1, "test_eight": 2.5}
    assert any("points:\n  - 1\n  - 2.5" in cell.source for cell in exercise.otter().cells)


def line_of(text):
    return FILE[: FILE.index(text)].count("\n") + 1


WRONG = {
    "no front matter": (FILE[: FILE.index("Write `half`")], "# Half\n", 1, "no `exercise:`"),
    "a part missing": ("  limit: 1\n", "", 1, "see limit"),
    "a part unknown": ("  limit: 1\n", "  limit: 1\n  color: red\n", 1, "see color"),
    "another id": ("id: half", "id: third", 1, "id = 'third' should be 'half'"),
    "no mutant": ("old: x / 2, ", "", 1, "a mutant should have old, new, test and words"),
    "no such test": ("test: test_ten", "test: test_two", 1, "names test_two"),
    "mutant not there": ("old: x / 2", "old: x // 2", line_of("def half"), "occurs 0 times"),
    "no markers": ("    ### BEGIN SOLUTION\n", "", line_of("def half"), "### BEGIN SOLUTION"),
    "other entry": ("entry: [half]", "entry: [halve]", line_of("def half"), "not define halve"),
    "unknown tag": ("[visible]", "[shown]", line_of("def test_ten"), "the tags ['shown']"),
    "no tag": (":tags: [visible]\n", "", line_of("def test_ten") - 1, "the tags []"),
    "unknown text": ('"solution"]}', '"words"]}', line_of("A half is one"), "the tags ['words']"),
    "syntax": ("half(TEN) ==", "half(TEN ==", line_of("half(TEN)"), "was never closed"),
    "no claim": ('    """Half of ten is five."""\n', "", line_of("def test_ten"), "a docstring"),
    "two functions": ("    assert half(8)", "def f():\n    assert 8", line_of("def test_e"), ""),
    "the library": ("half(8) == 4", "optim_lessons", line_of("def test_eight"), "of its own"),
    "no right option": ("- [x] Two.", "- [ ] Two.", line_of("How many"), "one of them right"),
    "no points": ("[hidden]", "[hidden]\n:points: 0", line_of("def test_eight") + 1, "points = 0"),
    "words for points": (
        *("[visible]", "[visible]\n:points: many", line_of("def test_ten") + 1, "points = 'many'"),
    ),
    "points of no test": (
        *("[helper]", "[helper]\n:points: 2", line_of("TEN = 10") + 1, "belong to a test"),
    ),
    "same name": ("test_eight", "test_ten", 1, "different names"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_in_the_file_is_named_with_file_and_line(read, case):
    old, new, line, words = WRONG[case]
    assert old in FILE
    with pytest.raises(source.ExerciseError) as caught:
        read(FILE.replace(old, new))
    place, said = str(caught.value).split(": ", 1)
    assert place.endswith(f"half.md:{line}")
    assert words in said


def test_front_matter_that_is_no_yaml_is_an_error_with_the_file(read):
    with pytest.raises(source.ExerciseError, match=r"half\.md:1: "):
        read(FILE.replace("entry: [half]", "entry: [half"))


QUESTION = "Is `x < 1`?\n\n- [ ] No, `x > 1`.\n  Since $x = 0$.\n  Really.\n- [x] Yes.\n  $0 < 1$."


def test_an_option_opens_its_reason():
    text = question_html(QUESTION, 3)
    assert text.startswith("**Question 3.** Is `x < 1`?")
    assert (
        '<details name="question-3"><summary>No, <code>x &gt; 1</code>.</summary>\n\n'
        "**Not so.** Since $x = 0$.\nReally.\n\n</details>"
    ) in text
    assert "<summary>Yes.</summary>\n\n**Right.** $0 < 1$." in text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[ ]", "[x]", "one of them right"),
        ("[x]", "[ ]", "one of them right"),
        ("\n  $0 < 1$.", "", "its reason"),
        ("Yes.", "$y$.", "plain text"),
        ("\n  $0 < 1$.", "\n  $0 < 1$.\n\nMore text.", "end with its options"),
    ],
)
def test_a_question_with_a_mistake_says_which(old, new, words):
    with pytest.raises(QuestionError, match=words):
        question_html(QUESTION.replace(old, new), 1)
