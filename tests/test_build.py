"""The build, on a tiny book of its own: what runs again, what does not, and how it fails."""

import shutil
from pathlib import Path

import pytest

from tools import BuildError, build, execute, katex, pages

ROOT = Path(__file__).resolve().parent.parent
HEAD = "---\njupytext:\n  text_representation:\n    format_name: myst\n---\n\n"
TOC = """
format: jb-book
root: index
parts:
  - caption: The ground
    numbered: 1
    chapters:
      - file: ground/one
"""
INDEX = "# Welcome\n\nSee [the idea](ground/one.md#idea).\n"
ONE = """# One

## Idea

```{code-cell} ipython3
print("the sum is", 1 + 1)
```

$$
a = b
$$ (eq:one:a)

By {eq}`eq:one:a`.
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Build the tiny book once."""
    root = tmp_path_factory.mktemp("tiny")
    shutil.copy(ROOT / "_config.yml", root)
    shutil.copytree(ROOT / "book" / "_ext", root / "book" / "_ext")
    shutil.copytree(ROOT / "book" / "_static", root / "book" / "_static")
    (root / "book" / "references.bib").touch()
    (root / "_toc.yml").write_text(TOC)
    write(root, "optim_lessons/core.py", "step = 1\n")
    write(root, "book/index.md", HEAD + INDEX)
    write(root, "book/ground/one.md", HEAD + ONE)
    katex.install()
    assert build.build(root)
    return root


@pytest.fixture
def book(built, tmp_path) -> Path:
    """Copy the built book, for one test to change."""
    return shutil.copytree(built, tmp_path / "book")


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def ran(root: Path, capsys) -> list[str]:
    """Bring the chapters up to date; return which of them ran."""
    capsys.readouterr()
    execute.run(root, pages.read(root))
    return sorted(line.split()[1] for line in capsys.readouterr().out.splitlines())


def test_page_shows_output_link_and_number(built):
    html = (built / "_build/html/ground/one.html").read_text()
    assert "the sum is 2" in html
    assert "(1.1)" in html
    assert 'href="ground/one.html#idea"' in (built / "_build/html/index.html").read_text()


def test_second_build_does_nothing(book):
    assert not build.build(book)


def test_no_chapter_runs_again_without_a_change(book, capsys):
    assert ran(book, capsys) == []


def test_edited_chapter_runs_again_alone(book, capsys):
    write(book, "book/index.md", HEAD + INDEX + "\nMore.\n")
    assert ran(book, capsys) == ["book/index.md"]


@pytest.mark.parametrize(
    "changed", ["optim_lessons/core.py", "requirements.txt", "book/_ext/lean_pages.py"]
)
def test_edit_of_library_lock_or_extension_runs_every_chapter_again(book, capsys, changed):
    write(book, changed, "# changed\n")
    assert ran(book, capsys) == ["book/ground/one.md", "book/index.md"]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import warnings; warnings.warn('look out')", "look out"),
        ("import ipywidgets; ipywidgets.interact(lambda a: 1 / a, a=(0, 0))", "inside a widget"),
    ],
    ids=["error", "warning", "error in a widget"],
)
def test_bad_chapter_fails_the_build_and_leaves_no_stamp(book, cell, words):
    write(book, "book/ground/one.md", HEAD + ONE.replace('print("the sum is", 1 + 1)', cell))
    with pytest.raises(BuildError, match=words) as failure:
        build.build(book)
    assert "book/ground/one.md" in str(failure.value)
    assert not (book / "_build/html.hash").exists()
    assert not (book / "_build/executed/ground/one.hash").exists()


def test_bad_reference_fails_the_build_and_leaves_no_stamp(book):
    write(book, "book/index.md", HEAD + INDEX + "\n[Nowhere](ground/two.md)\n")
    with pytest.raises(BuildError, match=r"ground/two"):
        build.build(book)
    assert not (book / "_build/html.hash").exists()


def test_wrong_latex_fails_the_build(book):
    write(book, "book/index.md", HEAD + INDEX + "\nBy $\\frac{1$ we see.\n")
    with pytest.raises(BuildError, match="frac"):
        build.build(book)


def test_page_named_in_toc_but_missing_is_said(book):
    (book / "book/ground/one.md").unlink()
    with pytest.raises(BuildError, match="ground/one"):
        build.build(book)
