"""The one look of every picture: colour means the family of a method.

Based on the Okabe-Ito palette, darkened or lightened until each colour stands out from its
background by a contrast of at least 3:1 (tested). Within a family, methods differ by line style
and marker, so that a grey print and a colour-blind reader lose nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Hue(NamedTuple):
    """A family's colour on a light and on a dark background."""

    light: str
    dark: str


FAMILIES = {
    "plain": Hue("#444444", "#d0d0d0"),
    "momentum": Hue("#0072b2", "#56b4e9"),
    "adaptive": Hue("#a86b00", "#e69f00"),
    "adam": Hue("#d55e00", "#ff8f4d"),
    "sign": Hue("#a3568c", "#e0a3c8"),
    "curvature": Hue("#00805e", "#2cc79b"),
    "averaging": Hue("#14808a", "#5fd0d6"),
}
WORDS = {
    "plain": "Plain gradient steps",
    "momentum": "Momentum",
    "adaptive": "Steps scaled by coordinate",
    "adam": "Adam and its kin",
    "sign": "Signs of the gradient",
    "curvature": "Curvature",
    "averaging": "Averages of the path",
}
PAPER = Hue("#ffffff", "#121212")
INK = Hue("#333333", "#cfcfcf")
FAINT = Hue("#9a9a9a", "#707070")
# The two ends of the ramp of curvatures: yellow and blue, and of different lightness, so that
# colour-blind readers can tell them apart.
FLAT = Hue("#9a7d00", "#f2d649")
STEEP = Hue("#12306b", "#6f8fd6")
GROUNDS = {"paper": PAPER, "ink": INK, "faint": FAINT, "flat": FLAT, "steep": STEEP}
# A heat map's colours, from low to high: 16 of Matplotlib's cividis (Nunez et al. 2018), which
# looks nearly the same to all eyes and grows lighter evenly.
RAMP = [
    *("#00224e", "#002e6c", "#1e3a6f", "#35456c", "#47516c", "#575d6d", "#666970", "#757575"),
    *("#848279", "#948e77", "#a59c74", "#b7a96e", "#c8b866", "#dbc75a", "#eed649", "#fee838"),
]

LINES = [
    *("solid", "dashed", "dashdot", "dotted", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2))),
    *((0, (2, 1)), (0, (1, 3)), (0, (8, 2, 2, 2)), (0, (3, 1, 3, 1, 1, 1)), (0, (5, 5))),
    (0, (10, 2, 1, 2, 1, 2)),
]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "p", "h"]


def style(optimizer: Any) -> dict[str, Any]:
    """Matplotlib's colour, line style and marker for a method, given its class or an instance.

    A method of the reader's own, which no table lists, gets the first style of its family.
    """
    from optim_lessons.optimizers import OPTIMIZERS

    cls: Any = optimizer if isinstance(optimizer, type) else type(optimizer)
    kin = [other for other in OPTIMIZERS.values() if other.family == cls.family]
    place = kin.index(cls) if cls in kin else 0
    return {
        "color": FAMILIES[cls.family].light,
        "linestyle": LINES[place % len(LINES)],
        "marker": MARKERS[place % len(MARKERS)],
    }


def style_sheet() -> str:
    """The colours as CSS variables, `--ol-adam` and so on, for light and dark pages.

    The site says which by `data-theme` on its root element, JupyterLab by `data-jp-theme-light`.
    """
    hues = {**FAMILIES, **GROUNDS}
    light = "".join(f"--ol-{name}: {hue.light}; " for name, hue in hues.items())
    dark = "".join(f"--ol-{name}: {hue.dark}; " for name, hue in hues.items())
    return (
        f':root {{ {light}}}\n:root[data-theme="dark"], [data-jp-theme-light="false"] {{ {dark}}}\n'
    )
