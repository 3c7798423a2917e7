"""What all figures share in Python: a widget in a notebook, a picture and data on a page."""

from __future__ import annotations

import html
import json
from typing import Any

import anywidget
import traitlets

from optim_lessons.explorer.bundle import bundle
from optim_lessons.explorer.site import style_sheet
from optim_lessons.minimize import check_steps
from optim_lessons.problems import SURFACES, Surface


class Figure(anywidget.AnyWidget):
    """An interactive figure: `figure` is all that it shows, as plain data, and can be read back.

    A kind of figure is a subclass that says in `picture` what stands there before anybody touches
    it, and in print.
    """

    figure = traitlets.Dict().tag(sync=True)
    _generated = traitlets.Unicode().tag(sync=True)
    _worker = traitlets.Unicode("").tag(sync=True)
    _given = traitlets.Dict().tag(sync=True)  # what the page cannot compute
    _esm = bundle("widget")
    _css = style_sheet()

    def __init__(self, figure: dict[str, Any], generated: str):
        super().__init__(figure=figure, _generated=generated)

    def picture(self) -> str:
        """The figure as an SVG, drawn by Matplotlib, with the words for those who do not see it."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**options)  # type: ignore[misc]
        return {**data, "text/html": self._html()}, metadata

    def _html(self) -> str:
        """The figure for a page without a kernel: a picture, and data to bring it to life."""
        data = html.escape(json.dumps(self.figure))
        given = f' data-given="{html.escape(json.dumps(self._given))}"' if self._given else ""
        caption = self.figure["caption"]
        return (
            '<figure class="ol-interactive">'
            f'<div class="ol-explorer" data-figure="{data}"{given}>{self.picture()}</div>'
            + (f"<figcaption>{html.escape(caption)}</figcaption>" if caption else "")
            + "</figure>"
        )


class OnSurface(Figure):
    """A figure of paths on a surface, which the reader may change where `locked` is not set."""

    def __init__(self, figure: dict[str, Any], surface: Surface, generated: str):
        self._surfaces = {**SURFACES, surface.name: surface}  # the reader's own among them
        super().__init__(figure, generated)

    @property
    def start(self) -> tuple[float, float]:
        """Where the paths begin now."""
        x, y = self.figure["start"]
        return x, y

    @property
    def surface(self) -> Surface:
        """The surface that is shown now."""
        return self._surfaces[self.figure["surface"]]


def check_figure(steps: Any, caption: Any, most: int, least: int = 1, **flags: Any) -> None:
    """Raise ValueError or TypeError for what no figure can have."""
    check_steps(steps)
    if not least <= steps <= most:
        raise ValueError(f"steps = {steps} is outside [{least}, {most}]")
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise TypeError(f"{name} = {flag!r} is neither True nor False")
    if not isinstance(caption, str):
        raise TypeError(f"caption = {caption!r} must be a str")
