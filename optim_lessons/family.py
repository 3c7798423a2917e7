"""The family tree of the methods: who descends from whom, and the one idea each adds."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from optim_lessons import look
from optim_lessons.optimizers import OPTIMIZERS
from optim_lessons.plot import PAGE_TYPE

# Sizes in the drawing's own units; 360 fills a phone, so text and targets keep their size there.
LEFT, MIDDLE, RIGHT = 58, 180, 302
COLUMNS = {"momentum": LEFT, "adaptive": RIGHT}  # other families stand in the middle
WIDTH, HEIGHT, ROW = 114, 58, 92


class FamilyTree:
    """The tree as the output of a cell: on the site a drawing, in a notebook the same in words."""

    def __init__(self, page: str):
        self.page = page

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        words = "\n".join(f"- {_words(name, None)}" for name in OPTIMIZERS)
        return {"text/markdown": words, "text/plain": words, PAGE_TYPE: {"html": self.page}}


def family_tree(links: Mapping[str, str]) -> FamilyTree:
    """Draw the family tree; `links` maps a method's class name to the address of its chapter.

    Below the drawing the same tree stands in words. Raises ValueError for a link of a method
    that is not in the tree.
    """
    unknown = set(links) - set(OPTIMIZERS)
    if unknown:
        raise ValueError(f"links name {sorted(unknown)}, not in the tree of {sorted(OPTIMIZERS)}")
    places = _places()
    height = max(y for _, y in places.values()) + HEIGHT
    edges = "".join(
        _edge(places[parent], places[name])
        for name, cls in OPTIMIZERS.items()
        for parent in cls.descent.parents
    )
    nodes = "".join(_node(name, places[name], links.get(name)) for name in OPTIMIZERS)
    words = "".join(f"<li>{_words(name, links.get(name))}</li>" for name in OPTIMIZERS)
    return FamilyTree(
        f'<figure class="ol-figure"><svg role="group" aria-label="Family tree of the methods; '
        f'the same in words is below" viewBox="-6 -2 372 {height + 4}" '
        'style="width: 100%; max-width: 32rem; height: auto">'
        f"{edges}{nodes}</svg><figcaption>The methods of the book, from gradient descent at the "
        "top. Left, the memory of directions; right, the memory of sizes; Adam has both. "
        "A full frame leads to a chapter, a dashed one waits for its own.</figcaption>"
        f"<details><summary>The tree in words</summary><ul>{words}</ul></details></figure>"
    )


def _places() -> dict[str, tuple[int, int]]:
    """Centre and top of each method: below its parents, in the column of its family."""
    places: dict[str, tuple[int, int]] = {}
    for name, cls in OPTIMIZERS.items():
        x = COLUMNS.get(cls.family, MIDDLE)
        y = max((places[parent][1] + ROW for parent in cls.descent.parents), default=0)
        while (x, y) in places.values():
            y += ROW
        places[name] = x, y
    return places


def _edge(parent: tuple[int, int], child: tuple[int, int]) -> str:
    """Draw a line from the lower edge of a parent, or from its side, to the top of a child."""
    (x, y), (x_child, y_child) = parent, child
    if x == x_child or y == 0:
        path = f"M{x},{y + HEIGHT} C{x},{y + ROW} {x_child},{y + HEIGHT} {x_child},{y_child}"
    else:  # from the side that faces the child
        side = x + WIDTH // 2 * (1 if x_child > x else -1)
        path = f"M{side},{y + HEIGHT // 2} Q{x_child},{y + HEIGHT // 2} {x_child},{y_child}"
    stroke = f"var(--ol-faint, {look.FAINT.light})"
    return f'<path d="{path}" style="fill: none; stroke: {stroke}; stroke-width: 1.5"/>'


def _node(name: str, place: tuple[int, int], link: str | None) -> str:
    """Draw the box of a method, a link if the method has a chapter."""
    x, y = place
    cls = OPTIMIZERS[name]
    hue = f"var(--ol-{cls.family}, {look.FAMILIES[cls.family].light})"
    ink = f"fill: var(--ol-ink, {look.INK.light})"
    dash, underline = (
        ("", "; text-decoration: underline") if link else ("; stroke-dasharray: 4 3", "")
    )
    title = cls.title.removesuffix(" momentum")  # the column says it
    width = max(WIDTH, 9 * len(title))
    box = (
        f'<rect x="{x - width // 2}" y="{y}" width="{width}" height="{HEIGHT}" rx="8" style="fill: '
        f'var(--ol-paper, {look.PAPER.light}); stroke: {hue}; stroke-width: 2{dash}"/>'
        f'<g text-anchor="middle"><text x="{x}" y="{y + 19}" style="font-size: 13px; '
        f'font-weight: 600; fill: {hue}{underline}">{title}</text>'
        f'<text x="{x}" y="{y + 34}" style="font-size: 11.5px; {ink}">{cls.descent.adds}</text>'
        f'<text x="{x}" y="{y + 49}" style="font-size: 11.5px; {ink}">{cls.descent.year}</text></g>'
    )
    return f'<a href="{escape(link)}" style="text-decoration: none">{box}</a>' if link else box


def _words(name: str, link: str | None) -> str:
    """Say in words what the box and its edges show."""
    cls = OPTIMIZERS[name]
    title = f'<a href="{escape(link)}">{cls.title}</a>' if link else cls.title
    parents = " and ".join(OPTIMIZERS[parent].title for parent in cls.descent.parents)
    origin = f", after {parents}" if parents else ""
    return f"{title} ({cls.descent.year}){origin}: {cls.descent.adds}."
