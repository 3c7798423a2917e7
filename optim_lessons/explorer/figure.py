"""What all figures share in Python: a widget in a notebook, a picture and data on a page."""

from __future__ import annotations

import html
import json
from typing import Any

import anywidget
import traitlets

from optim_lessons.explorer.bundle import bundle
from optim_lessons.explorer.site import style_sheet


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


def check_caption(caption: Any) -> None:
    """Raise TypeError for a caption that is no text."""
    if not isinstance(caption, str):
        raise TypeError(f"caption = {caption!r} must be a str")
