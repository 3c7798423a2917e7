"""Pictures with one look: contours, paths and losses, as SVG that follows the page's theme."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optim_lessons import look
from optim_lessons.minimize import Path
from optim_lessons.problems import Surface

PAGE_TYPE = "application/vnd.optim-lessons.page+json"  # what the site shows for an output

WIDTH = 6.8  # inches: the text column

RC = {
    "font.size": 12,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": look.INK.light,
    "axes.labelcolor": look.INK.light,
    "text.color": look.INK.light,
    "xtick.color": look.INK.light,
    "ytick.color": look.INK.light,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "svg.fonttype": "none",  # text stays text: small, searchable, in the page's own font
    "svg.hashsalt": "optim-lessons",  # equal input gives equal SVG
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "figure.constrained_layout.use": True,
}


def figure(columns: int = 1, height: float = 3.2, **options: Any) -> tuple[Figure, Any]:
    """A figure as wide as the text, in the book's look, with `columns` axes side by side."""
    with plt.rc_context(RC):
        return plt.subplots(1, columns, figsize=(WIDTH, height), **options)


def levels(problem: Surface, count: int = 14) -> np.ndarray:
    """Contour values spread so that valley and wall both show their shape."""
    (x0, x1), (y0, y1) = problem.viewport
    x, y = np.meshgrid(np.linspace(x0, x1, 80), np.linspace(y0, y1, 80))
    f = problem.f(x, y)
    low, high = f.min(), f.max()
    if not problem.minima and low < 0 < high:  # a saddle: dense about its level, on both sides
        heights = np.linspace(0, 1, count // 2 + 1)[1:-1] ** 2
        return np.concatenate([low * heights[::-1], [0], high * heights])
    # Even steps in the cube root of the height: dense near the floor, sparse on the walls.
    return low + (high - low) * np.linspace(0, 1, count + 2)[1:-1] ** 3


def contours(problem: Surface, ax: Axes | None = None) -> Axes:
    """Pale contour lines of a surface over its viewport, with a cross at each minimum."""
    with plt.rc_context(RC):
        ax = ax or figure()[1]
        (x0, x1), (y0, y1) = problem.viewport
        x, y = np.meshgrid(np.linspace(x0, x1, 120), np.linspace(y0, y1, 120))
        ax.contour(
            x,
            y,
            problem.f(x, y),
            levels(problem),
            colors=look.FAINT.light,
            linewidths=0.5,
            linestyles="solid",
        )
        for minimum in problem.minima:
            ax.plot(*minimum, "+", color=look.INK.light, markersize=8)
        ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
        _lighten(ax)
    return ax


def _lighten(ax: Axes) -> None:
    """Leave out of contour lines the points that nobody would miss: a third of the bytes stays."""
    for lines in ax.collections:
        kept = [path.transformed(ax.transData) for path in lines.get_paths()]
        for path in kept:
            path.simplify_threshold = 0.5  # pixels
        inverse = ax.transData.inverted()
        lines.set_paths([path.cleaned(simplify=True).transformed(inverse) for path in kept])


def paths(problem: Surface, runs: Mapping[str, tuple[Any, Path]], ax: Axes | None = None) -> Axes:
    """Runs over the contours of a surface; `runs` maps a label to (optimizer, path).

    An open circle marks the start, a filled one the end.
    """
    ax = contours(problem, ax)
    for label, (optimizer, path) in runs.items():
        style = look.style(optimizer)
        x, y = path.theta.T
        ax.plot(x, y, label=label, color=style["color"], linestyle=style["linestyle"])
        ax.plot(x[0], y[0], "o", color=look.INK.light, markerfacecolor="none")
        ax.plot(x[-1], y[-1], style["marker"], color=style["color"])
    return ax


def losses(runs: Mapping[str, tuple[Any, Path]], ax: Axes | None = None, log: bool = True) -> Axes:
    """Loss against step, one labelled line a run; `runs` maps a label to (optimizer, path)."""
    with plt.rc_context(RC):
        ax = ax or figure()[1]
        for label, (optimizer, path) in runs.items():
            style = look.style(optimizer)
            ax.plot(path.value, label=label, color=style["color"], linestyle=style["linestyle"])
        ax.set(xlabel=r"step $t$", ylabel=r"loss $f(\theta_t)$")
        ax.legend()
        if log:
            ax.set_yscale("log")
    return ax


class Picture:
    """A figure with its caption, as the output of a cell.

    A notebook gets a PNG and the caption below it: Jupyter strips SVG from notebooks that somebody
    else has run. The site takes the page that comes along, with the figure as SVG in it.
    """

    def __init__(self, fig: Figure, alt: str, caption: str):
        buffer = io.BytesIO()
        fig.savefig(buffer, format="png", dpi=110, facecolor=look.PAPER.light)
        self.png = base64.b64encode(buffer.getvalue()).decode()
        self.alt, self.caption = alt, caption
        self.page = (
            f'<figure class="ol-figure">{svg(fig, alt)}<figcaption>{caption}</figcaption></figure>'
        )

    def _ipython_display_(self) -> None:
        picture = {"text/plain": self.alt, "image/png": self.png, PAGE_TYPE: {"html": self.page}}
        display(picture, raw=True)
        caption = {"text/plain": self.caption, "text/html": f"<p><small>{self.caption}</small></p>"}
        display({**caption, PAGE_TYPE: {"html": ""}}, raw=True)


def show(fig: Figure, alt: str, caption: str) -> Picture:
    """Show a figure with its alternative text and its caption, and close it.

    On the site the figure follows the light and the dark theme, its colours being CSS variables;
    in a notebook it is dark on white.
    """
    return Picture(fig, alt, caption)


def svg(fig: Figure, alt: str) -> str:
    """A figure as an SVG element for a page, small and in the colours of the page's theme."""
    buffer = io.StringIO()
    with plt.rc_context(RC):
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(fig)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"\s*\n\s*", " ", re.sub(r">\s*\n\s*<", "><", text))
    text = re.sub(r"<[^>]*>", _rounded, text)  # coordinates stand in tags, labels between them
    text = _own_ids(text)
    for name, hue in {**look.FAMILIES, **look.GROUNDS}.items():
        text = text.replace(hue.light, f"var(--ol-{name}, {hue.light})")
    # Matplotlib's own black, written out or left to the default, would vanish in the dark.
    ink = f"var(--ol-ink, {look.INK.light})"
    text = text.replace("#000000", ink)
    width = fig.get_figwidth() * 72
    return text.replace(
        "<svg",
        f'<svg role="img" aria-label="{html.escape(alt)}" '
        f'style="width: 100%; max-width: {width:.0f}pt; height: auto; '
        f"fill: {ink}; "
        f'background: var(--ol-paper, {look.PAPER.light})"',
        1,
    )


def _rounded(tag: re.Match[str]) -> str:
    return re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.1f}", tag[0])


def _own_ids(text: str) -> str:
    """Drop the ids that nothing refers to, and make the others unique in the page."""
    used = set(re.findall(r"url\(#([^)]+)\)", text)) | set(re.findall(r'href="#([^"]+)"', text))
    salt = hashlib.sha256(text.encode()).hexdigest()[:6]

    def own(match: re.Match[str]) -> str:
        return f' id="{salt}-{match[1]}"' if match[1] in used else ""

    text = re.sub(r' id="([^"]+)"', own, text)
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{salt}-", text)
