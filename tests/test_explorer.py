"""The interactive figure in a real browser: on a page like the site's, and in JupyterLab."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import figures
import numpy as np
import pytest
from figures import TWO, drawn, made_by, printed, settled, step_of, swipe
from server import TOKEN, jupyter

from optim_lessons import (
    LBFGS,
    SGD,
    Adagrad,
    Adam,
    Momentum,
    Nesterov,
    RMSprop,
    minimize,
    problems,
    schedules,
)
from optim_lessons.explorer import explore
from optim_lessons.explorer.site import RATES_OF_T
from optim_lessons.explorer.tuning import tuned

SIX = [SGD, Momentum, Nesterov, Adagrad, RMSprop, Adam]

pytestmark = pytest.mark.browser
site, open_page = figures.site, figures.open_page  # pytest finds them here


def shown(page, row=0):
    """What a row says: its loss, and the pairs by name, as text."""
    drawn(page)
    method = page.locator(".ol-method").nth(row)
    loss = method.locator(".ol-loss").inner_text().removeprefix("loss ")
    pairs = method.locator("dd").evaluate_all("all => all.map(d => [d.dataset.name, d.innerText])")
    return {"loss": loss} | {name: text.split("\n") for name, text in pairs}


def expected(optimizer, start, steps=100, problem=problems.beale):
    return printed(minimize(optimizer, problem, start, steps).value[-1])


def test_the_figure_first_shows_what_minimize_computes(open_page):
    page = open_page()
    path = minimize(Adam(lr=0.1), problems.beale, steps=100)
    row = shown(page, 1)
    assert row["loss"] == printed(path.value[-1])
    assert row["theta"] == [printed(u, 3) for u in path.theta[-1]]
    assert row["m"] == [printed(u, 3) for u in path.state.m[-1]]
    assert row["v"] == [printed(u, 3) for u in path.state.v[-1]]
    assert row["step"] == [printed(u, 3) for u in path.theta[-1] - path.theta[-2]]
    assert page.locator(".ol-steps").count() == 4  # two methods in two pictures


def test_a_click_sets_the_start_of_every_method(open_page):
    page = open_page(listen=True)
    box = page.locator(".ol-contours").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.6 * box["height"])
    start = settled(page)["start"]
    assert start[0] > 2 and start[1] < 0.6
    for row, optimizer in enumerate(TWO):
        assert shown(page, row)["loss"] == expected(optimizer, start)
    assert "100 of 100 steps" in page.locator("[aria-live=polite]").inner_text()


def test_a_drag_moves_the_start_to_where_it_ends(open_page):
    page = open_page(listen=True)
    before = page.locator(".ol-start").bounding_box()
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=5)
    page.mouse.up()
    after = page.locator(".ol-start").bounding_box()
    assert after["x"] - before["x"] == pytest.approx(40, abs=1)
    assert after["y"] - before["y"] == pytest.approx(30, abs=1)
    assert shown(page, 1)["loss"] == expected(Adam(lr=0.1), settled(page)["start"])


def test_arrow_keys_move_the_start_and_its_focus_is_seen(open_page):
    page = open_page(listen=True)
    page.get_by_label("Show the step's parts").focus()
    page.keyboard.press("Tab")
    plot = page.locator(".ol-contours")
    assert plot.evaluate("e => e === document.activeElement")
    assert plot.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowDown")
    x, y = settled(page)["start"]
    assert x == pytest.approx(1 + 5.5 / 50)
    assert y == pytest.approx(1.5 + 3.5 / 50 - 3.5 / 500)
    assert shown(page, 1)["loss"] == expected(Adam(lr=0.1), [x, y])


def test_a_slider_is_used_by_keyboard(open_page):
    page = open_page(listen=True)
    page.get_by_role("slider", name="Adam: learning rate").focus()
    page.keyboard.press("ArrowRight")
    lr = settled(page)["optimizers"][1]["hyper"]["lr"]
    assert 0.1 < lr < 0.11
    assert page.get_by_label("Adam: learning rate, typed").input_value() == str(lr)
    assert shown(page, 1)["loss"] == expected(Adam(lr=lr), None)


def test_a_typed_value_is_used_and_a_wrong_one_answered(open_page):
    page = open_page()
    typed = page.get_by_label("Adam: decay of the average gradient, typed")
    typed.fill("0.5")
    typed.press("Enter")
    settled(page)
    assert shown(page, 1)["loss"] == expected(Adam(lr=0.1, beta1=0.5), None)
    typed.fill("1")
    typed.press("Enter")
    assert "number in [0, 1)" in page.get_by_role("alert").inner_text()
    settled(page)
    assert shown(page, 1)["loss"] == expected(Adam(lr=0.1, beta1=0.5), None)


def test_steps_go_back_and_forth_and_reset_restores_the_figure(open_page):
    page = open_page()
    path = minimize(Adam(lr=0.1), problems.beale, steps=100)
    page.get_by_role("slider", name="Step", exact=True).fill("7")
    assert step_of(page) == "step 7 of 100"
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_role("button", name="Step back").click()
    assert step_of(page) == "step 8 of 100"
    row = shown(page, 1)
    assert row["loss"] == printed(path.value[8])
    assert row["g"] == [printed(u, 3) for u in path.grad[7]]
    page.get_by_role("button", name="Remove Adam").click()
    page.get_by_role("button", name="Reset the figure").click()
    assert step_of(page) == "step 100 of 100"
    assert shown(page, 1)["loss"] == printed(path.value[-1])


def test_play_moves_until_pause(open_page):
    page = open_page()
    page.wait_for_timeout(200)
    assert step_of(page) == "step 100 of 100"  # nothing moves until asked
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.ol-count').innerText.startsWith('step 5 ')")
    page.get_by_role("button", name="Pause").click()
    paused = step_of(page)
    page.wait_for_timeout(200)
    assert step_of(page) == paused


def test_a_figure_that_plays_by_itself_does_so_unless_motion_is_unwelcome(open_page):
    figure = explore("beale", TWO, steps=100, plays=True)
    page = open_page(figure)
    page.wait_for_function(
        "/^step [1-9][0-9]? of/.test(document.querySelector('.ol-count').innerText)"
    )
    page.wait_for_function("document.querySelector('.ol-count').innerText === 'step 100 of 100'")
    page = open_page(figure, reduced_motion="reduce")
    page.wait_for_timeout(200)
    assert step_of(page) == "step 100 of 100"


def test_play_jumps_by_whole_steps_where_motion_is_unwelcome(open_page):
    page = open_page(reduced_motion="reduce")
    page.evaluate(
        """() => {
          window.places = new Set();
          const mark = document.querySelector(".ol-contours .ol-mark");
          new MutationObserver(() => places.add(mark.getAttribute("transform")))
            .observe(mark, { attributes: true });
        }"""
    )
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1200)
    assert 1 <= page.evaluate("places.size") <= 4


def test_methods_are_added_twice_and_removed(open_page):
    page = open_page()
    page.get_by_label("Add a method").select_option("Momentum")
    page.get_by_label("Add a method").select_option("Adam")
    names = page.locator(".ol-method strong")
    assert names.all_inner_texts() == ["Gradient descent", "Adam", "Momentum", "Adam (2)"]
    momentum, adam = (tuned(o(), problems.beale, steps=100) for o in (Momentum, Adam))
    assert shown(page, 2)["loss"] == expected(momentum, None)
    assert shown(page, 3)["loss"] == expected(adam, None)
    page.get_by_role("button", name="Remove Gradient descent").click()
    assert names.all_inner_texts() == ["Adam", "Momentum", "Adam (2)"]
    drawn(page)
    assert page.locator(".ol-contours .ol-mark").count() == 3


def test_the_table_compares_and_tunes_as_python_does(open_page):
    page = open_page(explore("beale", [*TWO, SGD(lr=10.0)], steps=100, tolerance=0.1), listen=True)
    table = page.locator(".ol-race tbody")

    def cells():
        drawn(page)
        return [row.split("\t")[1:] for row in table.inner_text().split("\n") if "\t" in row]

    path = minimize(TWO[1], problems.beale, steps=100)
    reached = int(np.argmax(path.value <= 0.1))
    diverged = minimize(SGD(lr=10.0), problems.beale, steps=100)
    assert cells()[0] == ["0.1", str(reached), printed(path.value[-1])]
    assert cells()[2] == ["10", "not reached", f"diverged at step {len(diverged.value) - 1}"]
    page.get_by_label("tolerance, typed").fill("1e-9")
    page.get_by_label("tolerance, typed").press("Enter")
    assert {row[1] for row in cells()} == {"not reached"}
    page.get_by_role("button", name="Tune every learning rate").click()
    assert "best of 20 from 0.0001 to 5" in page.locator(".ol-race [role=status]").inner_text()
    rates = [entry["hyper"]["lr"] for entry in settled(page)["optimizers"]]
    sgd, adam = (tuned(o, problems.beale, steps=100).lr for o in (SGD(), Adam()))
    assert rates == [sgd, adam, sgd]
    page.get_by_label("Compare in a table").click()
    assert table.count() == 0


def test_the_address_keeps_what_the_reader_changed_and_nothing_else_gets_in(open_page, site):
    page = open_page()
    page.get_by_role("slider", name="Adam: learning rate").fill("200")
    page.get_by_label("Surface").select_option("rosenbrock")
    page.get_by_role("button", name="Share").click()
    loss = shown(page, 1)["loss"]
    address = page.url
    assert "figure-1=" in address and "beale" not in address
    page.goto(address)
    page.wait_for_selector(".ol-contours .ol-line")
    assert page.get_by_label("Surface").input_value() == "rosenbrock"
    assert shown(page, 1)["loss"] == loss
    adam = '[{"method":"Adam","hyper":{"lr":-1}}]'
    wrong = f'{{"surface":"__proto__","start":[1e9,0],"optimizers":{adam},"kind":"x"}}'
    page.goto(address.split("?")[0] + "?" + urlencode({"figure-1": wrong}))
    page.wait_for_selector(".ol-contours .ol-line")
    assert page.get_by_label("Surface").input_value() == "beale"
    assert shown(page, 1)["loss"] == expected(Adam(lr=0.1), None)


def test_noise_and_a_schedule_act_as_in_python(open_page):
    page = open_page(listen=True)
    page.get_by_text("Noise and schedule").click()
    page.get_by_label("Noise on the gradient").check()
    page.get_by_label("seed, typed").fill("7")
    page.get_by_label("seed, typed").press("Enter")
    page.get_by_label("Schedule of the learning rate").select_option("Cosine")
    page.get_by_label("steps, typed").fill("80")
    page.get_by_label("steps, typed").press("Enter")
    figure = settled(page)
    assert figure["noise"] == {"sigma": 1, "seed": 7}
    assert figure["schedule"] == {"name": "Cosine", "hyper": {"steps": 80}}
    noisy = problems.Noisy(problems.beale, 1.0, 7)
    for row, optimizer in enumerate(TWO):
        schedule = schedules.Cosine(lr=optimizer.lr, steps=80)
        path = minimize(optimizer, noisy, steps=100, schedule=schedule)
        assert shown(page, row)["loss"] == printed(path.value[-1])
    page.get_by_label("Noise on the gradient").uncheck()
    assert settled(page)["noise"] is None


@pytest.mark.parametrize("schedule", [None, *RATES_OF_T.values()], ids=lambda s: type(s).__name__)
def test_the_python_that_is_offered_draws_the_same_figure(open_page, schedule):
    noisy = problems.Noisy(problems.beale, 0.5, 3) if schedule else problems.beale
    page = open_page(explore(noisy, TWO, steps=100, schedule=schedule), listen=True)
    page.get_by_role("slider", name="Adam: learning rate").fill("200")
    page.get_by_label("Compare in a table").click()
    figure = settled(page)
    page.get_by_role("button", name="Python").click()
    assert made_by(page.locator(".ol-code").inner_text()).figure == figure


@pytest.mark.parametrize(("button", "start"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_the_pictures_are_saved(open_page, button, start):
    page = open_page()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    content = Path(waiting.value.path()).read_bytes()
    assert waiting.value.suggested_filename == f"optim-lessons-explore.{button.lower()}"
    assert content.startswith(start) and len(content) > 10_000


def test_of_many_methods_each_row_is_folded_to_what_matters_and_unfolds_by_keyboard(open_page):
    page = open_page(explore("beale", [*TWO, Momentum(lr=0.002)], steps=100))
    rows = page.locator(".ol-method")
    assert rows.evaluate_all("all => all.every((row) => row.offsetHeight < 54)")
    assert page.get_by_role("slider", name="learning rate").count() == 3
    assert page.get_by_role("slider", name="Adam: decay").count() == 0
    more = page.get_by_role("button", name="More of Adam")
    assert more.get_attribute("aria-expanded") == "false"
    more.press("Enter")
    assert more.get_attribute("aria-expanded") == "true"
    assert page.get_by_role("slider", name="Adam: decay").count() == 2
    drawn(page)
    assert rows.nth(1).locator("dl").is_visible()
    page.get_by_role("button", name="Remove Momentum").click()  # the list is made anew
    assert page.get_by_role("slider", name="Adam: decay").count() == 2


def test_two_methods_are_unfolded_and_fold(open_page):
    page = open_page()
    more = page.get_by_role("button", name="More of Adam")
    assert more.get_attribute("aria-expanded") == "true"
    assert page.get_by_role("slider", name="Adam: epsilon").is_visible()
    more.press("Space")
    assert page.locator(".ol-method").nth(1).locator("dl").is_hidden()


def test_six_methods_are_no_endless_column_on_a_phone(open_page):
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    page = open_page(explore("beale", [cls() for cls in SIX]), **phone)
    assert page.locator(".ol-explorer").bounding_box()["height"] < 1500
    buttons = page.get_by_role("button", name="More of").all()
    assert len(buttons) == 6
    assert all(min(b.bounding_box()[side] for side in ("width", "height")) >= 44 for b in buttons)


def test_a_method_that_is_added_moves(open_page):
    page = open_page(explore("beale", [SGD(lr=0.01)]))
    page.get_by_label("Add a method").select_option("Adam")
    rate = tuned(Adam(), problems.beale).lr
    shown = page.get_by_role("textbox", name="Adam: learning rate").input_value()
    assert float(shown) == rate
    end = minimize(Adam(lr=rate), problems.beale).value[-1]
    others = [minimize(Adam(lr=other), problems.beale).value[-1] for other in (1e-3, rate / 2)]
    assert end < min(others)


def test_another_surface_starts_at_its_own_start(open_page):
    page = open_page()
    page.get_by_label("Surface").select_option("himmelblau")
    assert shown(page, 1)["loss"] == expected(Adam(lr=0.1), None, problem=problems.himmelblau)
    assert page.locator(".ol-minimum").count() == 4


def test_focus_stays_where_a_keyboard_works(open_page):
    page = open_page()
    page.get_by_label("Surface").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    drawn(page)
    assert page.get_by_label("Surface").input_value() == "himmelblau"
    page.get_by_role("button", name="Remove Adam").press("Enter")
    focused = page.evaluate("document.activeElement.ariaLabel")
    assert focused == "Add a method"


def test_a_locked_figure_offers_no_other_surface(open_page):
    page = open_page(explore("ravine", [SGD(lr=0.05)], steps=20, locked=True))
    assert page.locator("select[aria-label=Surface]").count() == 0
    assert page.locator(".ol-head").inner_text().startswith("A ravine")


def test_divergence_is_said_in_words(open_page):
    page = open_page(explore("rosenbrock", [SGD(lr=1.0), Adam(lr=0.05)], steps=100))
    path = minimize(SGD(lr=1.0), problems.rosenbrock, steps=100)
    assert path.diverged
    words = page.locator(".ol-trouble").first.inner_text()
    assert words.startswith(f"diverged: at step {len(path.value) - 1} ")


def test_a_tap_sets_the_start_and_a_swipe_elsewhere_does_not(open_page):
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    page = open_page(listen=True, **phone)
    box = page.locator(".ol-contours").bounding_box()
    page.touchscreen.tap(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"])
    start = settled(page)["start"]
    assert start[0] > 2
    assert shown(page, 1)["loss"] == expected(Adam(lr=0.1), start)
    swipe(page, box["x"] + 100, box["y"] + 200, 0, -120)
    assert settled(page)["start"] == start
    assert page.evaluate("scrollY") > 50


def test_a_finger_drags_the_start_itself(open_page):
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    page = open_page(listen=True, **phone)
    box = page.locator(".ol-start").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    swipe(page, x + 8, y + 8, 50, 60)
    moved = settled(page)["start"]
    assert moved[0] > 1.5 and moved[1] < 1
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("width", [360, 390, 768, 1280, 2560])
def test_the_figure_fits_every_screen_and_targets_are_large(open_page, width):
    phone = width < 500
    page = open_page(viewport={"width": width, "height": 800}, has_touch=phone, is_mobile=phone)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".ol-contours").bounding_box()["height"] < 700
    if phone:
        controls = page.locator(
            ".ol-explorer :is(button, select, .ol-tick, input:not([type=checkbox]))"
        ).all()
        assert len(controls) > 15
        assert all(control.bounding_box()["height"] >= 44 for control in controls)


def test_every_control_has_a_name(open_page):
    page = open_page()
    tree = page.locator(".ol-explorer").aria_snapshot()
    kinds = "button|slider|textbox|combobox|application"
    controls = re.findall(rf"^\s*- '?(?:{kinds})\b(.*)$", tree, re.M)
    assert len(controls) > 15
    assert all(re.match(r' "\S', control) for control in controls)


def test_removal_leaves_no_frame_timer_or_observer(open_page):
    page = open_page(listen=True)
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(100)
    page.get_by_label("Add a method").select_option("Momentum")
    assert page.evaluate("pending.size") > 0
    page.evaluate("unmount()")
    assert page.evaluate("pending.size") == 0
    assert page.locator(".ol-explorer").inner_html() == ""


def test_without_javascript_the_picture_is_there(open_page):
    page = open_page(java_script_enabled=False)
    picture = page.get_by_role("img", name="Adam on Beale's function")
    assert picture.bounding_box()["width"] > 400


def test_six_methods_are_drawn_within_a_frame(open_page):
    everything = [cls() for cls in SIX]
    page = open_page(explore("beale", everything, steps=200))
    page.evaluate(figures.COUNT_SPENT)
    box = page.locator(".ol-contours").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    for k in range(60):
        page.mouse.move(box["x"] + 100 + 3 * k, box["y"] + 100 + k)
    page.mouse.up()
    spent = page.evaluate("spent")
    assert len(spent) > 10
    assert np.median(spent) < 8


NOTEBOOK = [
    "from optim_lessons import *\nfrom optim_lessons.explorer import explore",
    """from dataclasses import dataclass
from typing import NamedTuple
import numpy as np
from optim_lessons.contract import learning_rate

@dataclass(frozen=True)
class Cautious:
    lr: float = learning_rate(0.1)
    title = "Cautious"
    family = "plain"
    class State(NamedTuple):
        pass
    def init(self, theta):
        return self.State()
    def step(self, theta, g, state):
        theta = theta - self.lr * g / (1 + np.abs(g))
        return theta, state

bowl = (lambda theta: np.sum(theta**4), lambda theta: 4 * theta**3)
figure = explore(bowl, [Cautious(lr=0.2), Adam(lr=0.1)], start=(1.0, -0.5), steps=50)
figure""",
    "print('in Python:', figure.start, figure.optimizers[0].lr)",
    "figure.figure = {**figure.figure, 'start': [0.25, 0.25]}",
    "from optim_lessons import explorer\nplayed = explore('beale', [LBFGS()])\nplayed",
    "print('in Python:', *played.start, played._given['methods']['LBFGS']['paths']"
    "['given']['given']['value'][-1])",
    "map = explorer.regions(Momentum(lr=0.02), 'ravine')\nmap",
    "print('in Python:', map.optimizer.lr)",
    "explorer.modes()",
    "explorer.online(steps=3000)",
    "explorer.cloud(steps=50)",
    "explorer.build()",
]
KINDS = ["modes", "online", "cloud", "build"]


@pytest.fixture
def lab(tmp_path):
    """The address of a notebook in JupyterLab, while its server runs."""
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "id": f"cell-{k}",
         "execution_count": None}
        for k, source in enumerate(NOTEBOOK)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4}
    (tmp_path / "own.ipynb").write_text(json.dumps(notebook | {"nbformat_minor": 5}))
    settings = tmp_path / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    flag = f"--LabApp.user_settings_dir={tmp_path / 'settings'}"
    with jupyter("jupyterlab", tmp_path, tmp_path / "lab.log", flag) as address:
        yield f"{address}/lab/tree/own.ipynb?token={TOKEN}"


@pytest.mark.lab
def test_in_jupyterlab_it_runs_the_readers_own_and_tells_python_what_was_chosen(browser, lab):
    context = browser.new_context(viewport={"width": 1200, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(lab)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    page.wait_for_selector("#jp-main-statusbar >> text=| Idle")
    run(page, 0)
    run(page, 1)
    page.wait_for_selector(".ol-contours .ol-line")
    assert page.locator(".ol-method strong").all_inner_texts() == ["Cautious", "Adam"]
    page.locator(".ol-contours").focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("slider", name="Cautious: learning rate").focus()
    page.keyboard.press("ArrowRight")
    typed = page.get_by_label("Cautious: learning rate, typed").input_value()
    page.wait_for_timeout(1000)
    loss = shown(page)["loss"]
    run(page, 2)
    said = page.locator(".jp-OutputArea-output pre", has_text="in Python:").inner_text()
    x, y, lr = map(float, re.findall(r"-?[\d.]+", said))
    assert x < 1 and y == -0.5 and str(lr) == typed

    theta = np.array([x, y])
    for _ in range(50):
        g = 4 * theta**3
        theta = theta - lr * g / (1 + np.abs(g))
    assert loss == printed(np.sum(theta**4))
    run(page, 3)
    page.wait_for_function("document.querySelector('.ol-at').innerText === '(0.25, 0.25)'")
    context.close()


@pytest.mark.lab
def test_in_jupyterlab_every_kind_runs_and_what_cannot_be_traced_is_computed_by_python(
    browser, lab
):
    context = browser.new_context(viewport={"width": 1200, "height": 1400})
    page = context.new_page()
    page.set_default_timeout(60_000)
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(lab)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    page.wait_for_selector("#jp-main-statusbar >> text=| Idle")
    run(page, 0)
    run(page, 4)
    page.wait_for_selector(".ol-contours .ol-line")
    assert "the trace cannot read LBFGS" in page.locator(".ol-why").inner_text()
    before = shown(page)["loss"]
    page.locator(".ol-contours").focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"document.querySelector('.ol-loss').innerText !== 'loss {before}'")
    page.wait_for_timeout(500)
    loss = shown(page)["loss"]
    x, y, last = told(page, 5)
    path = minimize(LBFGS(), problems.beale, (x, y))
    assert x < 1 and last == pytest.approx(path.value[-1], rel=1e-4, abs=1e-12)
    assert loss == printed(last)

    run(page, 6)
    page.wait_for_selector(".ol-map")
    before = page.locator(".ol-kind-regions").inner_text()
    page.locator(".ol-map").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1000)
    assert page.locator(".ol-kind-regions").inner_text() != before
    (lr,) = told(page, 7)
    assert lr > 0.02
    for k, kind in enumerate(KINDS):
        run(page, 8 + k)
        page.wait_for_selector(f".ol-kind-{kind} svg.ol-plot")
    assert troubles == []
    context.close()


def told(page, k):
    """The numbers that cell k prints."""
    run(page, k)
    output = page.locator(".jp-Cell").nth(k).locator(".jp-OutputArea-output pre")
    return [float(u) for u in re.findall(r"-?\d[\d.]*(?:e-?\d+)?", output.inner_text())]


def run(page, k):
    """Run cell k, as a reader does, and wait until it ran."""
    prompt = page.locator(".jp-Cell").nth(k).locator(".jp-InputPrompt")
    prompt.click()
    page.keyboard.press("Shift+Enter")
    prompt.filter(has_text=re.compile(r"\[\d+\]")).wait_for()
