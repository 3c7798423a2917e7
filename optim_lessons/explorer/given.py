"""What the page cannot compute for one figure, and Python computes for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from optim_lessons import plot
from optim_lessons.explorer.recorded import grid, play
from optim_lessons.problems import Surface
from optim_lessons.trace import javascript


def unreadable(printed: Callable[[Any], str], thing: Any) -> str:
    """Why the trace cannot print an optimizer or a surface for the page; "" where it can.

    Example:
        >>> from optim_lessons import SGD, Newton
        >>> unreadable(javascript.optimizer_object, SGD())
        ''
        >>> unreadable(javascript.optimizer_object, Newton())
        'the trace cannot read Newton: it solves a linear system'
    """
    if reason := getattr(thing, "untraced", ""):
        return f"the trace cannot read {type(thing).__name__}: {reason}"
    try:
        printed(thing)
    except (TypeError, OSError, AttributeError) as error:
        return str(error)
    return ""


def given(
    surface: Surface, start: Sequence[float], steps: int, played: Sequence[tuple[str, Any, str]]
) -> dict[str, Any]:
    """The paths of methods from a start, in the form of `recorded`; {} where there are none.

    `played` names each setting, with its optimizer and the reason why it is played. A surface that
    the trace cannot read goes as heights on a grid.
    """
    lacking = unreadable(javascript.surface_object, surface)
    if not played and not lacking:
        return {}
    methods: dict[str, Any] = {}
    for setting, optimizer, why in played:
        cls = type(optimizer)
        about = {"title": cls.title, "family": cls.family, "why": why, "settings": {}, "paths": {}}
        method = methods.setdefault(cls.__name__, about)
        method["settings"][setting] = {"title": f"as {setting}", "code": repr(optimizer)}
        path = play(optimizer, surface, start, steps)
        method["paths"].setdefault("given", {})[setting] = path
    found: dict[str, Any] = {
        "surface": surface.name,
        "starts": {"given": list(start)},
        "methods": methods,
    }
    if lacking:
        about = {name: getattr(surface, name) for name in ("title", "viewport", "start", "minima")}
        heights = grid(surface.value, surface.viewport)
        found |= {"heights": heights, "about": about, "levels": plot.levels(surface).tolist()}
    return found
