"""The views of `explore` in a real browser: 3-D, effective rates, state, a step in its parts."""

import numpy as np
import pytest
from figures import made_by
from test_explorer import drawn, open_page, printed, settled, site, swipe  # noqa: F401

from optim_lessons import SGD, Adam, Momentum, minimize, problems
from optim_lessons.explorer import explore

pytestmark = pytest.mark.browser

THREE = [SGD(lr=0.005), Momentum(lr=0.002), Adam(lr=0.1)]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def open_figure(open_page):  # noqa: F811
    """Open a page with three methods on Beale's function."""

    def open_figure(options=None, **page):
        figure = explore("beale", THREE, steps=100, **{"view": "height", **(options or {})})
        return open_page(figure, listen=True, **page)

    return open_figure


def place(page, k=0):
    """Where the mark of a run stands in the picture."""
    drawn(page)
    return page.locator(".ol-pictures .ol-mark").nth(k).get_attribute("transform")


def surface(page):
    """The surface's picture, and how many of its pixels are not empty."""
    drawn(page)
    return page.locator(".ol-heights canvas").evaluate(
        """canvas => {
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
          copy.drawImage(canvas, 0, 0);
          const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
          let sum = 0;
          for (let i = 3; i < data.length; i += 4) sum += data[i] > 0;
          return [canvas.toDataURL(), sum / (data.length / 4)];
        }"""
    )


def test_the_view_turns_by_mouse_and_a_reset_turns_it_back(open_figure):
    page = open_figure()
    before, filled = surface(page)
    assert 0.15 < filled < 0.9
    mark, box = place(page), page.locator(".ol-heights").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 190, steps=4)
    page.mouse.up()
    assert settled(page)["turn"] == [-90, 50]
    assert place(page) != mark and surface(page)[0] != before
    page.get_by_role("button", name="Reset the figure").click()
    assert settled(page)["turn"] == [-60, 30]
    assert place(page) == mark and surface(page)[0] == before


def test_the_view_turns_by_keyboard(open_figure):
    page = open_figure()
    page.get_by_label("Side picture").focus()
    page.keyboard.press("Tab")
    plot = page.locator(".ol-heights")
    assert plot.evaluate("e => e === document.activeElement")
    assert plot.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowDown")
    assert settled(page)["turn"] == [-55, 34]


def test_a_finger_turns_sideways_and_scrolls_upwards(open_figure):
    page = open_figure(**PHONE)
    box = page.locator(".ol-heights").bounding_box()
    swipe(page, box["x"] + 100, box["y"] + 150, 80, 5)
    azimuth, elevation = settled(page)["turn"]
    assert azimuth < -80 and elevation == 30
    swipe(page, box["x"] + 100, box["y"] + 150, 0, -120)
    assert settled(page)["turn"] == [azimuth, elevation]
    assert page.evaluate("scrollY") > 50


def test_the_surface_follows_the_page_into_the_dark(open_figure):
    page = open_figure()
    light, _ = surface(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert surface(page)[0] != light


def test_choosing_a_view_and_a_side_keeps_the_focus_and_what_python_draws(open_figure):
    page = open_figure({"view": "contours"})
    page.get_by_role("button", name="3-D").press("Enter")
    assert page.evaluate("document.activeElement.innerText") == "3-D"
    assert page.get_by_role("button", name="3-D").get_attribute("aria-pressed") == "true"
    page.get_by_label("Side picture").select_option("state")
    page.get_by_label("Whose state").select_option("2")
    page.locator(".ol-heights").press("ArrowLeft")
    figure = settled(page)
    page.get_by_role("button", name="Python").click()
    assert made_by(page.locator(".ol-code").inner_text()).figure == figure


def test_the_bars_show_the_state_that_minimize_computes(open_figure):
    page = open_figure({"side": "state", "watch": 2})
    path = minimize(THREE[2], problems.beale, steps=100)
    for k in (100, 7):
        page.get_by_role("slider", name="Step", exact=True).fill(str(k))
        drawn(page)
        texts = page.locator(".ol-bars text:not(.ol-bar-name)").all_text_contents()
        step = path.theta[k] - path.theta[k - 1]
        expected = [*path.grad[k - 1], *step, *path.state.m[k], *path.state.v[k]]
        assert texts[:8] == [printed(u, 3) for u in expected]
        bars = page.locator(".ol-bars rect").evaluate_all(
            "all => all.map((bar) => [bar.x.baseVal.value, bar.width.baseVal.value])"
        )
        zeros = page.locator(".ol-zero").evaluate_all("all => all.map((z) => z.getBBox().x)")
        for (x, width), value, zero in zip(bars, expected, np.repeat(zeros, 2), strict=False):
            assert (x + width if value < 0 else x) == pytest.approx(zero, abs=0.2)


def test_the_rates_of_gradient_descent_are_one_level_line(open_figure):
    page = open_figure({"side": "rate", "view": "contours"})
    lines = page.locator(".ol-pictures > .ol-plot .ol-whole")
    assert lines.count() == 6
    first, second = (lines.nth(k).get_attribute("d") for k in (0, 1))
    heights = {point.split(" ")[1] for point in first[1:].split("L")}
    assert first == second and len(heights) == 1
    assert len({lines.nth(k).get_attribute("d") for k in (4, 5)}) == 2  # Adam's differ


def test_the_parts_of_a_step_end_where_the_step_went(open_figure):
    page = open_figure({"arrows": True, "view": "contours"})
    page.get_by_role("slider", name="Step", exact=True).fill("1")
    drawn(page)
    arrows = page.locator(".ol-arrows > g")
    kinds = [a.locator(".ol-arrow").count() for a in arrows.all()]
    assert kinds == [2, 3, 3]  # gradient descent has no average
    tip = arrows.nth(0).locator(".ol-step .ol-shaft").get_attribute("d").split("L")[1]
    assert f"translate({tip})" == place(page)
    page.get_by_label("Show the step's parts").click()
    drawn(page)
    assert page.locator(".ol-arrow").count() == 0


def test_played_slowly_a_step_shows_its_gradient_then_its_average_then_moves(open_figure):
    page = open_figure({"arrows": True, "view": "contours"})
    page.evaluate(
        """() => {
          window.seen = new Set();
          const parts = document.querySelector(".ol-arrows");
          new MutationObserver(() => {
            const group = parts.children[2];
            const shown = ["downhill", "average", "step"]
              .filter((name) => group?.querySelector(`.ol-${name} path`));
            seen.add(shown.join(" "));
          }).observe(parts, { childList: true });
        }"""
    )
    page.get_by_label("Speed").select_option("2")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1500)
    seen = set(page.evaluate("[...seen]")) - {""}
    assert seen == {"downhill", "downhill average", "downhill average step"}


@pytest.mark.parametrize("width", [360, 390, 768, 1280, 2560])
def test_the_views_fit_every_screen(open_figure, width):
    phone = width < 500
    size = {"viewport": {"width": width, "height": 800}, "has_touch": phone, "is_mobile": phone}
    page = open_figure({"side": "state"}, **size)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".ol-heights").bounding_box()["height"] < 700
    if phone:
        controls = page.locator(".ol-head :is(button, select)").all()
        assert len(controls) >= 5
        assert all(control.bounding_box()["height"] >= 44 for control in controls)


def test_removal_leaves_nothing_of_the_3d_view(open_figure):
    page = open_figure()
    page.evaluate("unmount()")
    assert page.evaluate("pending.size") == 0
    assert page.locator(".ol-explorer").inner_html() == ""
    page.evaluate("document.documentElement.dataset.theme = 'dark'")  # nobody draws any more
    drawn(page)
