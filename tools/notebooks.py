"""Plain notebooks: every chapter as .ipynb without a MyST directive or role, to run anywhere.

Equations get the site's numbers, citations become links, measured numbers their values.
"""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import nbformat
from myst_nb.core.variables import format_plain_text

from tools import execute, markdown
from tools.pages import Page
from tools.references import References

SET_UP = """\
# This notebook needs the book's library.
try:
    import optim_lessons
except ImportError:
    raise ImportError(
        "Run `pip install -e .[book]` in your copy of the book's repository, "
        "then restart this notebook's kernel."
    ) from None
"""
FOLDED = {"hide-input", "remove-input"}  # code that a page folds or leaves out, a notebook folds
KERNEL = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}
ADMONITION = re.compile(
    r"^:::\{admonition\}[ ]*(?P<title>.*)\n(?::.*\n)*(?P<body>(?:.*\n)*?):::[ ]*$", re.M
)
EQUATION = re.compile(
    r"^\$\$(?P<latex>(?:(?!\$\$)[\s\S])+)\$\$[ ]*\((?P<label>[^)\s]+)\)[ ]*$", re.M
)
DISPLAY = re.compile(r"\$\$[\s\S]+?\$\$")
BIBLIOGRAPHY = re.compile(r"^(`{3,}|:{3,})\{bibliography\}.*\n(?:.*\n)*?\1[ ]*$", re.M)
TARGET = re.compile(r"^\([\w:.-]+\)=\n", re.M)
EQ = re.compile(r"\{eq\}`([^`]+)`")
CITE = re.compile(r"\{cite:([pt])\}`([^`]+)`")
GLUE = re.compile(r"\{glue:text\}`([^`:]+)(?::([^`]*))?`")


def write_all(root: Path, pages: list[Page], folder: Path) -> None:
    """Write every page of the book into the folder, from an empty one."""
    shutil.rmtree(folder, ignore_errors=True)
    references = References(root / "book" / "references.bib")
    numbers = equation_numbers(pages)
    for page in pages:
        values = glued(nbformat.read(execute.executed(root, page), as_version=4))
        notebook = convert(markdown.read(page.source), numbers, values, references)
        path = folder / f"{page.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")


def convert(
    notebook: nbformat.NotebookNode,
    numbers: dict[str, str],
    values: dict[str, str],
    references: References,
) -> nbformat.NotebookNode:
    """Make the plain notebook of a chapter."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    cited = [key for _, keys in CITE.findall(text) for key in split(keys)]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source, numbers, values, references, cited)
        elif FOLDED & set(cell.metadata.get("tags", [])):
            cell.metadata["jupyter"] = {"source_hidden": True}
    set_up = nbformat.v4.new_code_cell(SET_UP, id="set-up")
    return nbformat.v4.new_notebook(cells=[set_up, *notebook.cells], metadata=KERNEL)


def plain(
    text: str,
    numbers: dict[str, str],
    values: dict[str, str],
    references: References,
    cited: list[str],
) -> str:
    """Turn a cell's MyST into Markdown that every notebook program shows."""
    text = BIBLIOGRAPHY.sub(lambda _: references.listing(cited), text)
    text = EQUATION.sub(
        lambda m: f"$${m['latex'].rstrip()}\n\\tag{{{numbers[m['label']]}}}\n$$", text
    )
    text = EQ.sub(lambda m: f"({numbers[m[1]]})", text)
    text = CITE.sub(lambda m: references.cite(split(m[2]), textual=m[1] == "t"), text)
    text = GLUE.sub(lambda m: format_plain_text(values[m[1]], m[2] or "s"), text)
    text = TARGET.sub("", text)
    text = ADMONITION.sub(lambda m: quote(f"**{m['title']}**\n\n{m['body']}"), text)
    return markdown.link_notebooks(text)


def tagged(latex: str, number: str) -> str:
    """Write a display equation with its number."""
    return f"$${latex.rstrip()}\n\\tag{{{number}}}\n$$"


def equation_numbers(pages: list[Page]) -> dict[str, str]:
    """Number the labelled equations as Sphinx does: by chapter, in the order of the text."""
    numbers, count = {}, Counter[int | None]()
    for page in pages:
        for match in EQUATION.finditer(page.source.read_text(encoding="utf-8")):
            count[page.number] += 1
            parts = [page.number, count[page.number]] if page.number else [count[page.number]]
            numbers[match["label"]] = ".".join(map(str, parts))
    return numbers


def glued(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Collect the values that a chapter's cells glued, by name."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            scrapbook = output.get("metadata", {}).get("scrapbook")
            if scrapbook:
                found[scrapbook["name"]] = output.data[scrapbook["mime_prefix"] + "text/plain"]
    return found


def split(keys: str) -> list[str]:
    """Split "first,second" into its keys."""
    return [key.strip() for key in keys.split(",")]


def quote(text: str) -> str:
    """Quote a box; its equations go on one line, where the marks of a quote cannot enter."""
    text = DISPLAY.sub(lambda m: " ".join(m[0].split()), text.strip())
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
