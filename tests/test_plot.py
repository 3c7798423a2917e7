"""Figures as outputs of cells: a picture for a notebook, SVG for the page."""

import base64
import re

import numpy as np
import pytest

from optim_lessons import look, plot, problems


@pytest.fixture(scope="module")
def shown():
    """The outputs of a figure with a black line, a black word and a line of Adam's colour."""
    figure, axes = plot.figure()
    axes.plot([0, 1], [0, 1], color="black")
    axes.plot([0, 1], [1, 0], color=look.FAMILIES["adam"].light)
    axes.text(0.5, 0.123456, "0.123456")
    outputs = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plot, "display", lambda data, raw: outputs.append(data))
        plot.show(figure, alt="two <lines>", caption="They cross.")._ipython_display_()
    return outputs


def test_a_notebook_shows_a_picture_with_its_caption_below(shown):
    picture, caption = shown
    assert base64.b64decode(picture["image/png"]).startswith(b"\x89PNG")
    assert picture["text/plain"] == "two <lines>"
    assert caption["text/plain"] == "They cross."


def test_the_page_has_the_alternative_text_and_the_caption(shown):
    page = shown[0][plot.PAGE_TYPE]["html"]
    assert 'aria-label="two &lt;lines&gt;"' in page
    assert "<figcaption>They cross.</figcaption>" in page


def test_every_colour_on_the_page_follows_its_theme(shown):
    page = shown[0][plot.PAGE_TYPE]["html"]
    assert "var(--ol-adam, " in page and "var(--ol-ink, " in page
    without = re.sub(r"var\(--ol-\w+, #[0-9a-f]{6}\)", "", page)
    assert not re.findall(r": ?#[0-9a-f]{6}\b", without)


def test_coordinates_are_rounded_but_not_what_a_label_says(shown):
    page = shown[0][plot.PAGE_TYPE]["html"]
    assert ">0.123456<" in page
    assert not re.search(r"<path[^>]*\d\.\d{3}", page)


def test_two_figures_share_no_id():
    pages = []
    for right in (1, 2):
        figure, axes = plot.figure()
        axes.plot([0, right], [0, 1], "o")
        pages.append(set(re.findall(r' id="([^"]+)"', plot.svg(figure, "a"))))
    assert pages[0] and not pages[0] & pages[1]


@pytest.mark.parametrize("surface", problems.SURFACES.values(), ids=lambda s: s.name)
def test_contours_rise_and_are_dense_where_the_paths_are_slow(surface):
    levels = plot.levels(surface)
    gaps = np.diff(levels)
    assert np.all(gaps > 0)
    slow = 0.0 if surface.minima == () else levels[0]  # the saddle's height, or the valley's floor
    assert np.argmin(gaps) in np.argsort(abs(levels - slow))[:3]
