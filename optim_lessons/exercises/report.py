"""The answer to a student, in a terminal and in a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from optim_lessons import look
from optim_lessons.exercises.run import Result

WIDTH, HEIGHT, HEAD = 560, 260, 50  # pixels; the labels stand in the head
COLOURS = {name: f"var(--ol-{name}, {look.FAMILIES[name].light})" for name in ("momentum", "adam")}


@dataclass(frozen=True)
class Report:
    """Each claim in turn, up to the first that does not hold, and what to do about it.

    `paths` are the expected path and the student's, if they part.
    """

    results: tuple[Result, ...]
    total: int
    paths: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every claim holds."""
        return self.held == self.total

    @property
    def held(self) -> int:
        """How many claims hold."""
        return sum(result.passed for result in self.results)

    def __repr__(self) -> str:
        return "\n".join([*self._lines(), *self._parting(), self._summary(), *self.notes])

    def _repr_html_(self) -> str:
        shown = "<br>".join(map(html.escape, [*self._lines(), *self._parting()]))
        picture = paths_svg(self.paths) if self.paths else ""
        below = "<br>".join(map(html.escape, [self._summary(), *self.notes]))
        return f'<div class="ol-report"><p>{shown}</p>{picture}<p>{below}</p></div>'

    def _lines(self) -> Iterator[str]:
        for result in self.results:
            yield f"{'✓' if result.passed else '✗'} {result.claim}"
            yield from (f"  {line}" for line in result.words.splitlines())

    def _parting(self) -> Iterator[str]:
        """Where the paths part, unless the failed test says so itself."""
        if self.paths and not self.results[-1].paths:
            step = self.paths["step"]
            yours, expected = (self.paths[name][step] for name in ("yours", "expected"))
            yield (
                f"  So your path parts from the expected one at step t = {step}: "
                f"{_point(yours)} instead of {_point(expected)}."
            )

    def _summary(self) -> str:
        if self.passed:
            return f"All {self.total} claims hold. Well done."
        return f"{self.held} of {self.total} claims hold so far."


def _point(point: list[float]) -> str:
    return f"[{', '.join(f'{x:.4g}' for x in point)}]"


def paths_svg(paths: dict[str, Any]) -> str:
    """Draw the student's path over the expected one, in the plane of the first two coordinates.

    Drawn by hand: to load Matplotlib would take longer than all the tests.
    """
    expected, yours = (np.array(paths[name])[:, :2] for name in ("expected", "yours"))
    step = paths["step"]
    low, high = expected.min(axis=0), expected.max(axis=0)
    margin = 0.15 * (high - low).max()
    scale = (WIDTH, HEIGHT) / (high - low + 2 * margin)

    def place(path: np.ndarray) -> np.ndarray:
        """To pixels; what flies off, or is no number, ends a little outside of the picture."""
        x, y = ((path - low + margin) * scale).T
        pixels = np.stack([x, HEAD + HEIGHT - y], axis=-1)
        return np.nan_to_num(pixels, nan=-WIDTH).clip(-WIDTH, 2 * WIDTH).round(1)

    def drawn(path: np.ndarray, name: str, radius: float, dashes: str) -> str:
        line = " ".join(f"{x},{y}" for x, y in path)
        dots = "".join(f'<circle cx="{x}" cy="{y}" r="{radius}"/>' for x, y in path)
        return (
            f'<g fill="{COLOURS[name]}"><polyline points="{line}" fill="none" '
            f'stroke="{COLOURS[name]}" stroke-width="2" stroke-dasharray="{dashes}"/>{dots}</g>'
        )

    here, there = place(expected), place(yours)
    x, y = there[step].clip(0, (WIDTH, HEAD + HEIGHT))
    return (
        f'<svg role="img" aria-label="The expected path and yours; they part at step {step}." '
        f'viewBox="0 0 {WIDTH} {HEAD + HEIGHT}" font-family="sans-serif" font-size="14" '
        f'style="display: block; width: 100%; max-width: {WIDTH}px; '
        f'background: var(--ol-paper, {look.PAPER.light})">'
        f"{drawn(here, 'momentum', 4.5, 'none')}{drawn(there, 'adam', 3, '6 3')}"
        f'<circle cx="{x}" cy="{y}" r="9" fill="none" stroke="{COLOURS["adam"]}"/>'
        f'<text x="8" y="20" fill="{COLOURS["momentum"]}">solid: the expected path</text>'
        f'<text x="8" y="40" fill="{COLOURS["adam"]}">dashed: yours, ringed at t = {step}</text>'
        "</svg>"
    )
