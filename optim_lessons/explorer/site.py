"""What the figure is made of: its scripts and style sheet, and the code generated for it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from optim_lessons import look, plot
from optim_lessons.contract import variant_name, variants, with_lr
from optim_lessons.explorer.bundle import bundle
from optim_lessons.optimizers import TRACED
from optim_lessons.problems import SURFACES, Surface
from optim_lessons.sweep import sweep
from optim_lessons.trace import javascript

HERE = Path(__file__).parent
RATES = np.array([float(f"{k}e{e}") for e in range(-4, 1) for k in (1, 2, 3, 5)])
METHODS = [method for cls in TRACED.values() for method in variants(cls)]


def write_site(folder: str | Path) -> None:
    """Write what the site serves.

    Every page loads explorer.css and explorer.js, which is small. When a figure comes near the view
    it loads figures.js, with the code of all kinds, and generated.js; worker.js computes beside it.
    """
    texts = {
        "explorer.js": bundle("site"),
        "explorer.css": style_sheet(),
        "figures.js": bundle("figures"),
        "worker.js": bundle("worker"),
        "generated.js": generated(METHODS, SURFACES.values()),
    }
    for name, text in texts.items():
        (Path(folder) / name).write_text(text, encoding="utf-8")


def style_sheet() -> str:
    """The style of the figure, after the book's colours as CSS variables for light and dark."""
    return look.style_sheet() + (HERE / "explorer.css").read_text("utf-8")


def generated(optimizers: Iterable[Any], surfaces: Iterable[Surface]) -> str:
    """An ES module: `optimizers`, `surfaces`, `levels` of contours, `looks` and `rates`."""
    optimizers, surfaces = list(optimizers), list(surfaces)
    levels = {surface.name: plot.levels(surface).tolist() for surface in surfaces}
    looks = {
        "places": {variant_name(o): place(o) for o in optimizers},
        "dashes": [_dashes(line) for line in look.LINES],
        "markers": look.MARKERS,
        "families": look.WORDS,
        "ramp": look.RAMP,
    }
    return (
        f"{javascript.module(optimizers, surfaces)}"
        f"export const levels = {json.dumps(levels)};\n"
        f"export const looks = {json.dumps(looks)};\n"
        f"export const rates = {json.dumps(rates())};\n"
    )


@lru_cache(maxsize=1)
def rates() -> dict[str, dict[str, float]]:
    """The learning rate with which a method that the reader adds begins, on each surface.

    Of the rates tried, it is the one that ends lowest after 200 steps from the surface's own start,
    among those that end inside the picture. The library's default would hardly move on some.
    """
    found: dict[str, dict[str, float]] = {}
    for name, surface in SURFACES.items():
        (x0, x1), (y0, y1) = surface.viewport
        for method in METHODS:
            ends = sweep(with_lr(method, RATES), surface)
            x, y = ends.theta.T
            inside = ~ends.diverged & (x0 < x) & (x < x1) & (y0 < y) & (y < y1)
            best = np.argmin(np.where(inside, ends.value, np.inf))
            found.setdefault(name, {})[variant_name(method)] = float(RATES[best])
    return found


def place(optimizer: Any) -> int:
    """Which of the line styles and markers of its family is a method's own."""
    return look.MARKERS.index(look.style(optimizer)["marker"])


def _dashes(line: Any) -> list[float]:
    """A Matplotlib line style as lengths of dashes and gaps for a line two pixels wide."""
    if line == "solid":
        return []
    pattern = mpl.rcParams[f"lines.{line}_pattern"] if isinstance(line, str) else line[1]
    return [2 * float(length) for length in pattern]
