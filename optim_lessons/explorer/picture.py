"""What stands in the place of `explore`'s figure before anybody touches it, and in print."""

from __future__ import annotations

from typing import Any

import numpy as np

from optim_lessons import look, plot
from optim_lessons.explorer.height import Height
from optim_lessons.explorer.site import place
from optim_lessons.minimize import Path
from optim_lessons.problems import Surface


def picture(
    surface: Surface, runs: list[tuple[Any, Path]], figure: dict[str, Any], words: str = ""
) -> str:
    """The figure as it is before anybody touches it: paths, and losses or effective rates.

    `words` are said besides to those who do not see it.
    """
    fig, (left, right) = plot.figure(2, height=3.0)
    view: Any
    if figure["view"] == "height":
        left.remove()
        view = Height(fig, surface, figure["turn"])
    else:
        view = plot.contours(surface, left)
    titles = [optimizer.title for optimizer, _ in runs]
    rates = figure["side"] == "rate"
    taken: set[tuple[str, int]] = set()
    for i, (optimizer, path) in enumerate(runs):
        near = np.max(np.abs(path.theta), axis=1) < 1e6  # the rest is far outside the picture
        last = [int(near.sum()) - 1]
        style = _free_style(optimizer, taken)
        earlier = titles[:i].count(titles[i])
        label = f"{titles[i]} ({earlier + 1})" if earlier else titles[i]
        view.plot(*path.theta[near].T, **style, markevery=last)
        if rates:
            first, second = _rates(path)[near].T
            right.plot(first, **style, markevery=last, label=label)
            right.plot(second, **style | {"linewidth": 0.8, "linestyle": "dashed"}, markevery=last)
        else:
            right.plot(path.value[near], **style, markevery=last, label=label)
    x, y = figure["start"]
    view.plot(x, y, "o", color=look.INK.light, markerfacecolor="none")
    if rates or all(line.get_ydata().min() >= 0 for line in right.lines):
        right.set_yscale("log")
    what = r"$|\Delta\theta\,/\,g|$" if rates else r"loss $f(\theta_t)$"
    right.set(xlabel="step $t$", ylabel=what)
    if runs:
        right.legend(frameon=False, labelcolor=look.INK.light)
    names = " and ".join(titles) or "No method"
    where = f"on {surface.title} from ({x:.4g}, {y:.4g})"
    ground = "surface" if figure["view"] == "height" else "contours"
    beside = "the effective learning rates" if rates else "loss"
    return plot.svg(
        fig, f"{names} {where}: the paths over the {ground}, and {beside} against step.{words}"
    )


def _rates(path: Path) -> np.ndarray:
    """|Δθ / g| of the step that led to each point; NaN where there is none, as in rate.js."""
    steps, grad = np.abs(np.diff(path.theta, axis=0)), np.abs(path.grad[:-1])
    seen = (grad > 0) & (steps > 1e-12 * np.abs(path.theta[1:]))
    rates = np.full(path.theta.shape, np.nan)
    rates[1:][seen] = steps[seen] / grad[seen]
    return rates


def _free_style(optimizer: Any, taken: set[tuple[str, int]]) -> dict[str, Any]:
    """A method's line and marker; where they are taken, the next of its family (as plots.js)."""
    count = len(look.LINES)
    places = [(place(optimizer) + k) % count for k in range(count)]
    free = next((p for p in places if (optimizer.family, p) not in taken), places[0])
    taken.add((optimizer.family, free))
    return {
        "color": look.FAMILIES[optimizer.family].light,
        "linestyle": look.LINES[free],
        "marker": look.MARKERS[free],
    }
