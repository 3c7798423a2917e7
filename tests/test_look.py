"""Colour means the family of a method, and stands out on light and dark paper."""

import itertools
import re
from pathlib import Path

import pytest

from optim_lessons import OPTIMIZERS, Adam, explorer
from optim_lessons.explorer import site
from optim_lessons.look import (
    FAMILIES,
    FLAT,
    INK,
    LINES,
    MARKERS,
    PAPER,
    STEEP,
    style,
    style_sheet,
)

both_papers = pytest.mark.parametrize("paper", ["light", "dark"])


def luminance(colour):
    """The relative luminance of WCAG 2.2 for a colour such as "#d55e00"."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """WCAG's contrast ratio, from 1 to 21."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_21_for_black_on_white_and_as_published_for_a_grey():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@both_papers
@pytest.mark.parametrize("family", FAMILIES)
def test_a_familys_colour_stands_out_from_the_paper_by_3_to_1(family, paper):
    assert contrast(getattr(FAMILIES[family], paper), getattr(PAPER, paper)) >= 3


@both_papers
def test_the_ends_of_the_ramp_of_curvatures_stand_out_and_differ_in_lightness(paper):
    flat, steep = (getattr(hue, paper) for hue in (FLAT, STEEP))
    assert min(contrast(flat, getattr(PAPER, paper)), contrast(steep, getattr(PAPER, paper))) >= 3
    assert contrast(flat, steep) >= 2


@both_papers
def test_text_stands_out_from_the_paper_by_4_5_to_1(paper):
    assert contrast(getattr(INK, paper), getattr(PAPER, paper)) >= 4.5


@both_papers
def test_no_two_families_share_a_colour(paper):
    colours = [getattr(hue, paper) for hue in FAMILIES.values()]
    assert len(set(colours)) == len(FAMILIES)


def test_methods_of_one_family_differ_by_line_and_marker():
    for one, other in itertools.combinations(OPTIMIZERS.values(), 2):
        a, b = style(one), style(other)
        assert (a["color"] == b["color"]) == (one.family == other.family)
        if one.family == other.family:
            assert a["linestyle"] != b["linestyle"]
            assert a["marker"] != b["marker"]


def test_every_family_has_room_for_twelve_methods():
    assert len(LINES) == len(MARKERS) == len(set(map(str, LINES))) == len(set(MARKERS)) == 12
    dashes = [tuple(site._dashes(line)) for line in LINES]
    assert len(set(dashes)) == 12


def test_the_explorer_has_a_shape_of_its_own_for_every_marker():
    script = (Path(explorer.__file__).parent / "js" / "looks.js").read_text("utf-8")
    table = re.search(r"const MARKS = \{\n(.*?)\n\};", script, re.DOTALL)[1]
    shapes = dict(re.findall(r'^  "?([^":]+)"?: "(M[^"]*z)",$', table, re.MULTILINE))
    assert set(MARKERS) <= set(shapes)
    assert len(set(shapes.values())) == len(shapes)


def test_an_instance_and_a_readers_own_method_are_drawn_like_their_family():
    own = type("Own", (Adam,), {})
    assert style(Adam(lr=0.5)) == style(Adam)
    assert style(own)["color"] == style(Adam)["color"]


def test_the_style_sheet_holds_every_familys_two_colours():
    light, dark = style_sheet().strip().split("\n")
    for family, hue in FAMILIES.items():
        assert f"--ol-{family}: {hue.light};" in light
        assert f"--ol-{family}: {hue.dark};" in dark
