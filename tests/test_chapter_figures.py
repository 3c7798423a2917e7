"""Every figure of every page of the book, used by hand: what it says is what Python computes.

The Python that a figure offers of itself, as the hand left it, is run and compared with its texts.
"""

import re
from pathlib import Path

import numpy as np
import pytest
from figures import drawn, made_by, printed

from optim_lessons import minimize
from optim_lessons.explorer.choices import framework_of
from optim_lessons.problems import regret

HTML = Path(__file__).resolve().parent.parent / "_build" / "html"
PAGES = {
    path.relative_to(HTML).as_posix(): text.count("ol-interactive")
    for path in sorted(HTML.rglob("*.html"))
    if "ol-interactive" in (text := path.read_text(encoding="utf-8"))
}
HANDS = {
    "mouse": {"viewport": {"width": 1280, "height": 900}},
    "keyboard": {"viewport": {"width": 1280, "height": 900}},
    "finger": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


SETTING = re.compile("learning rate|decay")


def offered(element):
    """The figure that the Python below it makes."""
    button = element.get_by_role("button", name="Python")
    button.press("Enter")
    text = element.locator(".ol-code").inner_text()
    button.press("Enter")
    return made_by(text)


def said(element, what):
    return element.locator(what).all_inner_texts()


def says_of_explore(element, figure):
    texts = said(element, ".ol-method .ol-loss")
    for text, (_, path), row in zip(texts, figure.runs, figure.figure["optimizers"], strict=True):
        loss = printed(path.value[-1])
        if "played" in row and loss == "0":  # a path on the page is kept to some digits only
            assert float(text.removeprefix("loss ").replace("−", "-")) < 1e-15
        else:
            assert text == f"loss {loss}"


def says_of_modes(element, figure):
    *rows, total = element.locator(".ol-table tbody tr").all()
    ends = np.abs(figure.path.theta[-1])
    for row, end in zip(rows, ends, strict=True):
        assert row.locator("th, td").last.inner_text() == printed(end, 3)
    assert total.locator("th, td").last.inner_text() == printed(np.linalg.norm(ends), 3)


def says_of_online(element, figure):
    steps = figure.figure["steps"]
    for name, path in zip(figure.figure["methods"], figure.paths, strict=True):
        (text,) = said(element, f"[data-method={name}]")
        lost = regret(figure.problem, path)[-1] / steps
        x = printed(path.theta[-1, 0])
        assert f"x = {x}, average regret {printed(lost)}" in " ".join(text.split())


def says_of_cloud(element, figure):
    for k, row in enumerate(element.locator(".ol-table tbody tr").all()):
        assert row.locator("th, td").last.inner_text() == printed(figure.squares[-1, k])


def says_of_regions(element, figure):
    element.locator(".ol-map[aria-busy=false]").wait_for()
    path = minimize(figure.optimizer, figure.surface, figure.start, figure.figure["steps"])
    (text,) = said(element, ".ol-chosen")
    assert text.endswith(f"loss {printed(path.value[-1])}")


def says_of_build(element, figure):
    mine = framework_of(figure.figure["choice"], figure.figure["hyper"])
    path = minimize(mine, figure.surface, figure.start, figure.figure["steps"])
    assert said(element, ".ol-mine .ol-loss") == [f"loss {printed(path.value[-1])}"]


SAYS = {
    "explore": says_of_explore,
    "modes": says_of_modes,
    "online": says_of_online,
    "cloud": says_of_cloud,
    "regions": says_of_regions,
    "build": says_of_build,
}


def press(page, element, hand, share):
    """Press an element at a share of its width, or step through it by keys."""
    element.scroll_into_view_if_needed()
    drawn(page)
    if hand == "keyboard":
        element.press("ArrowRight" if share > 0.5 else "ArrowLeft")
        return
    box = element.bounding_box()
    at = box["x"] + share * box["width"], box["y"] + box["height"] / 2
    page.touchscreen.tap(*at) if hand == "finger" else page.mouse.click(*at)


def change(page, element, hand):
    """Change the figure by hand: choose a cell of its map, or move its first slider."""
    cells = element.locator(".ol-map")
    if cells.count():
        press(page, cells, hand, 0.3)
        return
    slider = element.get_by_role("slider", name=SETTING).first
    before = float(slider.input_value())
    middle = (float(slider.get_attribute("min")) + float(slider.get_attribute("max"))) / 2
    press(page, slider, hand, 0.7 if before < middle else 0.3)
    assert float(slider.input_value()) != before


@pytest.mark.browser
@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("name", PAGES)
def test_each_figure_obeys_and_says_what_python_computes(browser, site, name, hand):
    context = browser.new_context(**HANDS[hand])
    page = context.new_page()
    page.goto(site + name)
    figures = page.locator(".ol-explorer").all()
    assert len(figures) == PAGES[name]
    for element in figures:
        element.scroll_into_view_if_needed()
        element.locator(".ol-body").wait_for()
        drawn(page)
        steps = element.get_by_role("slider", name="Step", exact=True)
        if steps.count():
            steps.press("End")  # a figure that plays by itself stops
        opened = offered(element)
        says = SAYS[opened.figure["kind"]]
        says(element, opened)
        change(page, element, hand)
        page.wait_for_timeout(400)  # the figure reports, and a map begins
        changed = offered(element)
        assert changed.figure != opened.figure
        says(element, changed)
    context.close()
