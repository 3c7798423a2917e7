"""The family tree of the methods: who descends from whom, and the one idea each adds."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from optim_lessons.optimizers import OPTIMIZERS
from optim_lessons.plot import PAGE_TYPE

# The chapters that will teach the methods which have none yet, by number and title.
CHAPTERS_TO_COME: Mapping[tuple[int, str], tuple[str, ...]] = {
    (15, "Adam against SGD"): ("SWATS",),
    (17, "Warm-up and RAdam"): ("RAdam", "ClipNorm", "ClipValue", "GradientNoise"),
    (18, "Newton, conjugate gradient, L-BFGS"): ("Newton", "ConjugateGradient", "LBFGS"),
    (19, "Matrix methods"): ("Muon", "PerLayer"),
    (20, "Less memory, larger batches"): ("SignSGD", "Lion", "LARS", "LAMB"),
    (21, "No schedule, no learning rate"): ("SWA", "Lookahead"),
}


class FamilyTree:
    """The tree as the output of a cell: nested lists, on the site with lines and colours."""

    def __init__(self, page: str):
        self.page = page

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        words = "\n".join(
            f"{'  ' * depth}- **{OPTIMIZERS[name].title}**{_idea(name)}" for name, depth in _lines()
        )
        return {"text/markdown": words, "text/plain": words, PAGE_TYPE: {"html": self.page}}


def family_tree(links: Mapping[str, str]) -> FamilyTree:
    """Show the family tree; `links` maps a method's class name to the address of its chapter.

    Each method stands below its first parent; a second parent is named beside it. Raises ValueError
    for a link of a method that is not in the tree.
    """
    unknown = set(links) - set(OPTIMIZERS)
    if unknown:
        raise ValueError(f"links name {sorted(unknown)}, not in the tree of {sorted(OPTIMIZERS)}")
    roots = "".join(_branch(name, links) for name in _children(None))
    return FamilyTree(
        f'<figure class="ol-figure"><ul class="ol-tree">{roots}</ul>'
        "<figcaption>The methods of the book, each below the one that it grew from, with the idea "
        "that it adds. Colour means family. A filled dot has its chapter, an open one waits for it."
        "</figcaption></figure>"
    )


def _children(parent: str | None) -> list[str]:
    """The methods that stand below another one; those without a parent below None."""
    return [n for n, c in OPTIMIZERS.items() if next(iter(c.descent.parents), None) == parent]


def _lines(parent: str | None = None, depth: int = 0) -> list[tuple[str, int]]:
    """Each method from the top, with its depth in the tree."""
    lines = []
    for name in _children(parent):
        lines += [(name, depth), *_lines(name, depth + 1)]
    return lines


def _branch(name: str, links: Mapping[str, str]) -> str:
    """A method and all below it, as an item of a list."""
    cls, link = OPTIMIZERS[name], links.get(name)
    title = f'<a href="{escape(link)}">{cls.title}</a>' if link else f"<b>{cls.title}</b>"
    below = "".join(_branch(child, links) for child in _children(name))
    return (
        f'<li style="--ol-colour: var(--ol-{cls.family})">'
        f"<div>{title}<span>{_idea(name)}</span></div>"
        + (f"<ul>{below}</ul>" if below else "")
        + "</li>"
    )


def _idea(name: str) -> str:
    """What a method adds, its other parents, and its year."""
    _, adds, year = OPTIMIZERS[name].descent
    others = [OPTIMIZERS[parent].title for parent in OPTIMIZERS[name].descent.parents[1:]]
    after = f"; after {' and '.join(others)} too" if others else ""
    return f" {adds}{after} ({year})"
