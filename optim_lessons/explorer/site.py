"""What the figure is made of: its scripts and style sheet, and the code generated for it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl

from optim_lessons import look, plot
from optim_lessons.contract import variant_name, variants
from optim_lessons.explorer import choices
from optim_lessons.explorer.bundle import bundle
from optim_lessons.explorer.recorded import RECORDED
from optim_lessons.explorer.tuning import RATES
from optim_lessons.optimizers import OPTIMIZERS, TRACED
from optim_lessons.problems import SURFACES, Surface
from optim_lessons.schedules import SCHEDULES, Cosine, Warmup
from optim_lessons.trace import javascript

HERE = Path(__file__).parent
# A warm-up stands in front of a cosine here: one of its own would soon be a constant rate.
RISES = {"Warmup": Warmup(then=Cosine(steps=90))}
RATES_OF_T = {name: cls() for name, cls in SCHEDULES.items()} | RISES
METHODS = [method for cls in TRACED.values() for method in variants(cls)]


def write_site(folder: str | Path) -> None:
    """Write what the site serves.

    Every page loads explorer.css and explorer.js, which is small. When a figure comes near the view
    it loads figures.js, with the code of all kinds, and generated.js; worker.js computes beside it,
    and framework.js is apart, as few figures let the reader choose rules.
    """
    texts = {
        "explorer.js": bundle("site"),
        "explorer.css": style_sheet(),
        "figures.js": bundle("figures"),
        "worker.js": bundle("worker"),
        "generated.js": library(),
        "framework.js": javascript.HELPERS + choices.code(),
    }
    for name, text in texts.items():
        (Path(folder) / name).write_text(text, encoding="utf-8")


def style_sheet() -> str:
    """The style of the figure, after the book's colours as CSS variables for light and dark."""
    return look.style_sheet() + (HERE / "explorer.css").read_text("utf-8")


def generated(
    optimizers: Iterable[Any], surfaces: Iterable[Surface], schedules: Iterable[Any]
) -> str:
    """An ES module: optimizers, surfaces, schedules, levels, looks, playable and rates."""
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
        f"{javascript.module(optimizers, surfaces, schedules)}"
        f"export const levels = {json.dumps(levels)};\n"
        f"export const looks = {json.dumps(looks)};\n"
        f"export const playable = {json.dumps(playable())};\n"
        f"export const rates = {json.dumps(RATES)};\n"
    )


@lru_cache(maxsize=1)
def library() -> str:
    """The generated module with the library's own methods, surfaces and schedules."""
    return generated(METHODS, SURFACES.values(), RATES_OF_T.values())


def playable() -> dict[str, Any]:
    """The methods that the figure plays as `recorded` has them, and the names of their settings."""
    about = {}
    for name, settings in RECORDED.items():
        cls = OPTIMIZERS[name]
        described = {"title": cls.title, "family": cls.family, "why": cls.untraced}
        about[name] = described | {"settings": list(settings)}
    return about


def place(optimizer: Any) -> int:
    """Which of the line styles and markers of its family is a method's own."""
    return look.MARKERS.index(look.style(optimizer)["marker"])


def _dashes(line: Any) -> list[float]:
    """A Matplotlib line style as lengths of dashes and gaps for a line two pixels wide."""
    if line == "solid":
        return []
    pattern = mpl.rcParams[f"lines.{line}_pattern"] if isinstance(line, str) else line[1]
    return [2 * float(length) for length in pattern]
