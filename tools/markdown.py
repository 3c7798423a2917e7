"""Rewriting of a chapter's Markdown: what the site and the plain notebooks have in common."""

import re
from pathlib import Path

import jupytext
import nbformat

LINK = re.compile(r"(\]\((?!\w+:)[^)\s#]+)\.md(?=[)#])")


def read(source: Path) -> nbformat.NotebookNode:
    """Read a chapter as a notebook; cell ids do not change from run to run."""
    notebook = jupytext.read(source, fmt="md:myst")
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook


def link_notebooks(text: str) -> str:
    """Let links between chapters point at the .ipynb files that stand for them."""
    return LINK.sub(r"\1.ipynb", text)
