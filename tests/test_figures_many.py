"""Figures of one dimension and many in a real browser, used by mouse, touch and keyboard."""

import re

import numpy as np
import pytest
from test_explorer import drawn, open_page, printed, settled, site, step_of  # noqa: F401 (fixtures)

from optim_lessons import SGD, Adam, Momentum
from optim_lessons.explorer import cloud, modes, online
from optim_lessons.problems import regret

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
FIGURES = {"modes": modes, "online": lambda: online(steps=3000), "cloud": lambda: cloud(steps=60)}
every_kind = pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)


def cells(page, row):
    """The texts of a row of the table."""
    drawn(page)
    return page.locator(".ol-table tbody tr").nth(row).locator("th, td").all_inner_texts()


def lit(page):
    """What is drawn strong: the names of lines."""
    drawn(page)
    return page.locator("text.ol-lit").all_text_contents()


def read(page, figure):
    """The figure as the reader has set it, in Python."""
    figure.figure = settled(page)
    return figure


# ---- modes ----


def test_the_table_of_modes_says_what_python_computes(open_page):
    figure = modes(Momentum(lr=0.01, momentum=0.7), (1, 10, 100), steps=100)
    page = open_page(figure)
    error = np.abs(figure.path.theta)
    rate = (1.69 + np.sqrt(1.69**2 - 4 * 0.7)) / 2
    assert cells(page, 0)[:4] == ["1", "0.01", "monotone", printed(rate)]
    assert cells(page, 2)[:4] == ["100", "1", "oscillates", printed(np.sqrt(0.7))]
    page.get_by_role("slider", name="Step", exact=True).fill("20")
    for row in range(3):
        assert cells(page, row)[-1] == printed(error[20, row], 3)
    assert cells(page, 3)[-1] == printed(np.linalg.norm(error[20]), 3)


def test_the_optimal_values_keep_their_promise(open_page):
    figure = modes(Momentum(lr=0.01), (1, 10, 100))
    page = open_page(figure, listen=True)
    page.get_by_role("button", name="Optimal values (Polyak)").press("Enter")
    chosen = read(page, figure).optimizer
    assert (chosen.lr, chosen.momentum) == pytest.approx((4 / 121, (9 / 11) ** 2))
    said = page.locator(".ol-promised").inner_text()
    assert said.count(printed(9 / 11)) == 2
    assert page.evaluate("document.activeElement.innerText") == "Optimal values (Polyak)"
    assert "theory promises" in page.locator("[aria-live=polite]").inner_text()


def test_pointing_at_a_dot_or_focusing_its_row_lights_its_line(open_page):
    page = open_page(modes(Momentum(lr=0.01), (1, 10, 100)))
    box = page.locator(".ol-plane .ol-dot").nth(1).bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    assert lit(page) == ["λ 10"]
    page.mouse.move(5, 5)
    assert lit(page) == []
    page.get_by_role("button", name="100", exact=True).focus()
    assert lit(page) == ["λ 100"]
    page.keyboard.press("Shift+Tab")
    assert lit(page) == ["λ 10"]


def test_dragging_the_plane_moves_all_dots_by_rate_and_momentum(open_page):
    figure = modes(Momentum(lr=0.01, momentum=0.5), (1, 10, 100))
    page = open_page(figure, listen=True)
    box = page.locator(".ol-plane").bounding_box()
    x, y = box["x"] + 200, box["y"] + 150
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y - 30, steps=4)
    page.mouse.up()
    chosen = read(page, figure).optimizer
    assert 0.015 < chosen.lr < 0.1
    assert 0.55 < chosen.momentum < 0.75
    assert page.get_by_label("learning rate, typed").input_value() == str(chosen.lr)
    assert cells(page, 0)[1] == printed(chosen.lr, 3)


def test_the_spectrum_is_set_by_menu_and_by_typing(open_page):
    figure = modes(SGD(lr=0.01))
    page = open_page(figure, listen=True)
    page.get_by_label("Number of eigenvalues").select_option("4")
    page.get_by_label("Spacing").select_option("linear")
    assert read(page, figure).eigenvalues == (1, 34, 67, 100)
    assert page.locator(".ol-table tbody tr").count() == 5
    typed = page.get_by_label("Eigenvalues λ, typed")
    typed.fill("8, 2")
    typed.press("Enter")
    assert read(page, figure).eigenvalues == (2, 8)
    assert page.get_by_label("condition number κ, typed").input_value() == "4"
    assert cells(page, 1)[-1] == printed(abs(figure.path.theta[-1, 1]), 3)
    typed.fill("8, -2")
    typed.press("Enter")
    assert "2 to 12 numbers" in page.get_by_role("alert").inner_text()
    assert read(page, figure).eigenvalues == (2, 8)


def test_a_method_without_theory_shows_its_errors_by_eigenvalue(open_page):
    figure = modes(SGD(lr=0.01), (1, 10, 100))
    page = open_page(figure, listen=True)
    page.get_by_label("Method").select_option("Adam")
    assert type(read(page, figure).optimizer).__name__ == "Adam"
    assert page.locator(".ol-plane").count() == 0
    assert page.locator(".ol-dot").count() == 3
    heights = page.locator(".ol-dot").evaluate_all(
        "all => all.map((dot) => dot.getAttribute('cy'))"
    )
    assert len(set(heights)) == 1  # Adam does not see the eigenvalue
    assert cells(page, 0)[-1] == printed(abs(figure.path.theta[-1, 0]), 3)


def test_modes_that_diverge_are_said_to(open_page):
    page = open_page(modes(SGD(lr=1.0), (1, 100), steps=500))
    assert "Diverged: at step" in page.locator(".ol-promised").inner_text()
    assert cells(page, 1)[2] == "diverges"


# ---- online ----


def test_adam_and_amsgrad_end_where_python_says(open_page):
    figure = online(steps=3000)
    page = open_page(figure)
    drawn(page)
    for name, path in zip(("Adam", "AMSGrad"), figure.paths, strict=True):
        said = page.locator(f"[data-method={name}]").inner_text()
        lost = regret(figure.problem, path)[-1] / 3000
        x = printed(path.theta[-1, 0])
        assert f"x = {x}, average regret {printed(lost)}" in " ".join(said.split())


def test_all_steps_pass_in_ten_seconds_on_an_axis_of_logarithmic_time(open_page):
    page = open_page(online())
    page.get_by_label("Speed").select_option("60")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()  # until then the last step stands there
    page.wait_for_function(
        "document.querySelector('.ol-count').innerText === 'step 30000 of 30000'"
    )
    assert page.get_by_role("button", name="Play").count() == 1


def test_play_moves_on_where_motion_is_unwelcome(open_page):
    page = open_page(online(), reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1300)
    assert int(step_of(page).split()[1]) >= 1


def test_period_methods_and_sliders_are_used_by_keyboard(open_page):
    figure = online(steps=2000)
    page = open_page(figure, listen=True)
    page.get_by_label("Period").focus()
    page.keyboard.press("ArrowDown")
    assert read(page, figure).figure["problem"] == {"large": 11, "small": -1, "period": 11}
    page.get_by_label("Gradient descent").press("Space")
    page.get_by_role("slider", name="decay of the average gradient").press("ArrowRight")
    page.get_by_role("slider", name="start").press("Home")
    assert figure.figure["methods"] == ["Adam", "AMSGrad"]
    read(page, figure)
    assert figure.figure["methods"] == ["Adam", "AMSGrad", "SGD"]
    assert figure.figure["hyper"]["beta1"] > 0
    assert figure.figure["start"] == -1
    said = page.locator("[data-method=Adam]").inner_text()
    assert f"x = {printed(figure.paths[0].theta[-1, 0])}," in " ".join(said.split())


def test_the_arrows_show_the_step_that_comes(open_page):
    """The first step of Adam without memory is a learning rate, downhill of the large gradient."""
    page = open_page(online(steps=100))
    page.get_by_role("slider", name="Step", exact=True).fill("0")
    drawn(page)
    paths = page.locator(".ol-arrow").evaluate_all("all => all.map((d) => d.getAttribute('d'))")
    ends = [[float(u) for u in re.match(r"M(\S+) \S+?H([\d.-]+)", d).groups()] for d in paths]
    lengths = [end - start for start, end in ends]
    assert lengths[0] == pytest.approx(lengths[1], abs=0.3) and lengths[0] < 0
    assert "gradient 3" in page.locator(".ol-plot").first.text_content()


# ---- cloud ----


def test_the_table_of_the_cloud_says_what_python_computes(open_page):
    figure = cloud(0.1, 0.5, steps=80)
    page = open_page(figure)
    late = figure.squares[41:].mean(axis=0)
    for row in range(2):
        _, floor, measured, _, now = cells(page, row)
        assert floor == printed(figure.floor[row])
        assert measured == printed(late[row])
        assert now == printed(figure.squares[-1, row])
    page.get_by_role("slider", name="Step", exact=True).fill("0")
    assert cells(page, 0)[-1] == printed(figure.squares[0, 0])
    assert cells(page, 0)[-2] == "2.25"


def test_another_cloud_and_a_falling_rate(open_page):
    figure = cloud(steps=80)
    page = open_page(figure, listen=True)
    before = page.locator(".ol-particles").get_attribute("d")
    page.get_by_role("button", name="Another cloud").click()
    assert read(page, figure).figure["seed"] == 1
    assert page.locator(".ol-particles").get_attribute("d") != before
    assert page.locator(".ol-particles").get_attribute("d").count("M") == 200
    page.get_by_label("Schedule").select_option("falling")
    assert read(page, figure).schedule.decay == pytest.approx(0.1)
    assert cells(page, 1)[-1] == printed(figure.squares[-1, 1])


def test_the_ellipse_is_the_floor_and_goes_when_there_is_none(open_page):
    figure = cloud(steps=40)
    page = open_page(figure)
    ellipse = page.locator(".ol-ellipse")
    box = ellipse.bounding_box()
    width, height = (
        page.locator(".ol-inner").first.evaluate(f"e => Number(e.getAttribute('{side}'))")
        for side in ("width", "height")
    )
    across, up = 4 * np.sqrt(figure.floor) / 8  # of the picture, which is 8 wide
    assert box["width"] == pytest.approx(across * width, abs=3)
    assert box["height"] == pytest.approx(up * height, abs=3)
    typed = page.get_by_label("learning rate, typed")
    typed.fill("0.25")
    typed.press("Enter")
    drawn(page)
    assert ellipse.get_attribute("visibility") == "hidden"
    assert "Diverges along eigenvalue 10" in page.locator(".ol-promised").inner_text()


# ---- all three ----


@every_kind
@pytest.mark.parametrize("width", [360, 768, 2560])
def test_each_kind_fits_every_screen_and_targets_are_large(open_page, make, width):
    phone = width < 500
    page = open_page(
        make(), viewport={"width": width, "height": 800}, has_touch=phone, is_mobile=phone
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if phone:
        controls = page.locator(
            ".ol-explorer :is(button, select, input:not([type=checkbox]), label.ol-tick)"
        )
        heights = controls.evaluate_all(
            "all => all.map((each) => each.getBoundingClientRect().height)"
        )
        assert len(heights) > 8
        assert min(heights) >= 44


@every_kind
def test_a_finger_moves_the_step_and_a_slider(open_page, make):
    page = open_page(make(), **PHONE)
    page.get_by_role("button", name="Step back").tap()
    steps = int(step_of(page).split()[3])
    assert step_of(page) == f"step {steps - 1} of {steps}"
    slider = page.get_by_role("slider", name="learning rate").first
    slider.scroll_into_view_if_needed()
    drawn(page)
    before = slider.input_value()
    box = slider.bounding_box()
    page.touchscreen.tap(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2)
    assert slider.input_value() != before


@every_kind
def test_every_control_of_each_kind_has_a_name(open_page, make):
    page = open_page(make())
    tree = page.locator(".ol-explorer").aria_snapshot()
    kinds = "button|slider|textbox|combobox|checkbox|application"
    controls = re.findall(rf"^\s*- '?(?:{kinds})\b(.*)$", tree, re.M)
    assert len(controls) > 10
    assert all(re.match(r' "\S', control) for control in controls)


@every_kind
def test_removal_of_each_kind_leaves_no_frame_timer_or_observer(open_page, make):
    page = open_page(make(), listen=True)
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(100)
    page.get_by_role("slider", name="learning rate").first.press("ArrowRight")
    assert page.evaluate("pending.size") > 0
    page.evaluate("unmount()")
    assert page.evaluate("pending.size") == 0
    assert page.locator(".ol-explorer").inner_html() == ""


@every_kind
def test_reset_restores_each_kind(open_page, make):
    figure = make()
    page = open_page(figure, listen=True)
    page.get_by_role("slider", name="learning rate").first.press("Home")
    assert settled(page) != figure.figure
    page.get_by_role("button", name="Reset the figure").click()
    assert settled(page) == figure.figure


@every_kind
def test_each_kind_comes_back_from_its_address(open_page, make):
    page = open_page(make())
    page.get_by_role("slider", name="learning rate").first.press("ArrowRight")
    lr = page.get_by_label(re.compile("^learning rate.*typed")).input_value()
    page.get_by_role("button", name="Share").click()
    assert "?figure-1=" in page.url
    page.reload()
    page.wait_for_selector(".ol-body")
    assert page.get_by_label(re.compile("^learning rate.*typed")).input_value() == lr


@every_kind
def test_without_javascript_the_picture_of_each_kind_is_there(open_page, make):
    page = open_page(make(), java_script_enabled=False)
    assert page.get_by_role("img").bounding_box()["width"] > 400


def test_adam_is_the_same_along_all_eigenvalues():
    """What the figure shows for Adam: without epsilon, the curvature does not matter."""
    errors = np.abs(modes(Adam(lr=0.05, eps=0), (1, 10, 100)).path.theta)
    np.testing.assert_allclose(errors[:, 0], errors[:, 2], rtol=1e-6)
