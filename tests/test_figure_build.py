"""The figure "Build": rules chosen by mouse, touch and keyboard, as Python knows the choice."""

import html
import json
import re
from urllib.parse import urlencode

import figures
import numpy as np
import pytest
from figures import drawn, made_by, printed, settled

from optim_lessons import SGD, Adagrad, Adam, RMSprop, minimize, problems
from optim_lessons.explorer import build
from optim_lessons.explorer.choices import RULES, choice_of, framework_of, values_of
from optim_lessons.explorer.tuning import tuned
from optim_lessons.framework import FORMS, LIMITS, Framework, name_of, row
from optim_lessons.rules import PHI, PSI, Average, AverageOfSquares, SumOfSquares

site, open_page = figures.site, figures.open_page  # pytest finds them here
browser = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
GROUPS = {"phi": "direction", "psi": "scale", "chi": "what is made", "decay": "weight decay"}
EPS = {None: "none", "outside": "outside the root", "inside": "inside the root"}


def group(page, words):
    return page.get_by_role("group", name=words)


def option(page, part, name):
    rule = RULES[part][name]
    words = rule.title if rule else "none"
    return group(page, GROUPS[part]).get_by_role("radio", name=words, exact=True)


def choose(page, choice):
    """Make a choice of rules by the controls, as a reader does."""
    for part in GROUPS:
        option(page, part, choice[part]).check()
    for part in ("phi", "psi"):
        box = group(page, GROUPS[part]).get_by_role("checkbox")
        if box.is_enabled():
            box.set_checked(RULES[part][choice[part]].corrected)
    if choice["psi"]:
        eps = group(page, "epsilon").get_by_role("radio", name=EPS[choice["eps"]], exact=True)
        eps.check()


def verdict(page):
    return page.locator(".ol-verdict").inner_text()


def lit(page):
    return page.locator(".ol-chip[aria-pressed=true]").evaluate_all(
        "all => all.map((chip) => chip.dataset.method)"
    )


def loss(page):
    drawn(page)
    return page.locator(".ol-mine .ol-loss").inner_text().removeprefix("loss ")


def end(optimizer, start=None, problem=problems.beale, steps=100):
    return printed(minimize(optimizer, problem, start, steps).value[-1])


def chosen(figure):
    return framework_of(figure["choice"], figure["hyper"])


@browser
def test_every_named_form_lights_up_when_its_choice_is_made_by_the_controls(open_page):
    page = open_page(build(steps=100), listen=True)
    for name, form in FORMS.items():
        choose(page, choice_of(row(form)))
        expected = {name, name_of(row(form))}
        assert set(lit(page)) == expected | ({"FTRL"} if "Adagrad" in expected else set())
        assert verdict(page).startswith("This is ")
        figure = settled(page)
        ours = chosen(figure)
        assert name_of(ours) == name_of(row(form))
        assert ours.lr == tuned(ours, problems.beale, steps=100).lr
        assert loss(page) == end(ours), name


@browser
def test_a_chip_makes_the_choice_with_the_methods_own_numbers(open_page):
    page = open_page(build(steps=100), listen=True)
    for name in ("RMSprop", "Adam", "Adadelta", "SignSGD_momentum"):
        page.locator(f"[data-method={name}]").click()
        assert lit(page) == [name]
        ours = chosen(settled(page))
        expected = tuned(FORMS[name], problems.beale, steps=100)
        assert values_of(ours) == values_of(row(expected))
        assert loss(page) == end(expected)


@browser
def test_what_is_one_choice_away_is_outlined_and_says_what_to_change(open_page):
    page = open_page(build(row(Adam(lr=0.1))))
    near = dict(
        page.locator(".ol-chip[data-near]").evaluate_all(
            "all => all.map((c) => [c.dataset.method, c.querySelector('small').textContent])"
        )
    )
    assert near == {
        "AdaMax": "scale → square of the largest gradient",
        "NAdam": "direction → average, one step ahead",
        "AMSGrad": "scale → largest average of squares, corrected",
        "AdaBelief": "scale → average squared deviation, corrected",
        "RAdam": "scale → average of squares, rectified",
        "AdamW": "weight decay → decoupled",
    }
    page.locator("[data-method=AdamW]").click()
    near = page.locator("[data-method=Adam]")
    assert near.inner_text().split("\n") == ["Adam", "weight decay → none"]


@browser
def test_ftrl_is_lit_beside_adagrad_with_its_limits(open_page):
    page = open_page(build(Framework(psi=SumOfSquares(), eps=1e-10)))
    assert lit(page) == ["Adagrad", "FTRL"]
    assert verdict(page) == f"This is Adagrad. It is also FTRL-Proximal, {LIMITS['FTRL']}."


@browser
def test_the_equations_change_with_the_choice_and_the_changed_lines_are_marked(open_page):
    page = open_page(build(row(SGD(lr=0.01))), reduced_motion="reduce")
    lines = page.locator(".ol-equations .ol-equation")
    assert lines.count() == 1 and page.locator(".ol-changed").count() == 0
    option(page, "phi", "Sum").check()
    assert lines.count() == page.locator(".ol-changed").count() == 2
    option(page, "psi", "AverageOfSquares").check()
    changed = lines.evaluate_all("all => all.map((line) => line.classList.contains('ol-changed'))")
    assert changed == [False, True, True]
    assert page.locator(".ol-equations math msqrt").count() == 1
    colour = "e => [getComputedStyle(e).animationName, getComputedStyle(e).backgroundColor]"
    name, background = lines.last.evaluate(colour)
    assert name == "none" and background != "rgba(0, 0, 0, 0)"


@browser
def test_epsilon_and_corrections_are_offered_where_they_do_something(open_page):
    page = open_page(build(row(SGD(lr=0.01))), listen=True)
    eps = group(page, "epsilon").get_by_role("radio")
    assert all(eps.nth(i).is_disabled() for i in range(3))
    phi, psi = (group(page, GROUPS[part]).get_by_role("checkbox") for part in ("phi", "psi"))
    assert phi.is_disabled() and psi.is_disabled()
    option(page, "psi", "SumOfSquares").check()
    assert settled(page)["hyper"]["eps"] == 1e-8
    assert eps.nth(1).is_checked() and psi.is_disabled()
    option(page, "phi", "AverageAhead").check()
    assert phi.is_checked() and phi.is_disabled()
    option(page, "phi", "Average").check()  # as far corrected as the rule before it
    assert phi.is_checked() and phi.is_enabled()
    option(page, "phi", "Sum").check()
    option(page, "phi", "Average").check()
    assert not phi.is_checked() and phi.is_enabled()
    option(page, "psi", None).check()
    assert settled(page)["choice"]["eps"] is None
    assert eps.nth(1).is_disabled()


@browser
def test_rules_are_chosen_by_keyboard_and_focus_stays(open_page):
    page = open_page(build(row(SGD(lr=0.01))))
    option(page, "phi", "Gradient").focus()
    page.keyboard.press("ArrowRight")
    assert verdict(page) == "This is Momentum."
    page.keyboard.press("ArrowDown")
    assert verdict(page) == "This is Nesterov momentum."
    assert option(page, "phi", "LookAhead").evaluate("e => e === document.activeElement")
    outline = "e => getComputedStyle(e.parentElement).outlineStyle"
    assert option(page, "phi", "LookAhead").evaluate(outline) == "solid"
    chip = page.locator("[data-method=SGD]")
    chip.focus()
    page.keyboard.press("Enter")
    assert verdict(page) == "This is Gradient descent."
    assert chip.evaluate("e => e === document.activeElement")
    page.wait_for_timeout(400)
    assert page.locator("[aria-live=polite]").inner_text().startswith("This is Gradient descent. ")


@browser
def test_sliders_are_named_by_their_part_and_move_the_path(open_page):
    rmsprop = row(RMSprop(lr=0.01, momentum=0.5))
    page = open_page(build(rmsprop, steps=100), listen=True)
    page.get_by_role("radio", name="decaying sum", exact=True).check()  # two momenta now
    for name, key in [("direction", "phi"), ("what is made of it", "chi")]:
        page.get_by_label(f"{name}: momentum, typed").fill("0.25")
        page.get_by_label(f"{name}: momentum, typed").press("Enter")
        assert settled(page)["hyper"][f"{key}_momentum"] == 0.25
    figure = settled(page)
    assert loss(page) == end(chosen(figure))
    page.get_by_label("Tune the learning rate at each choice").uncheck()
    page.get_by_label("learning rate, typed").fill("0.002")
    page.get_by_label("learning rate, typed").press("Enter")
    option(page, "chi", None).check()
    assert settled(page)["hyper"]["lr"] == 0.002
    page.get_by_label("Tune the learning rate at each choice").check()
    figure = settled(page)
    assert figure["hyper"]["lr"] == tuned(chosen(figure), problems.beale, steps=100).lr
    page.get_by_role("button", name="Reset the figure").click()
    assert vars(chosen(settled(page))) == vars(rmsprop)


@browser
def test_rivals_race_with_tuned_rates_from_the_same_start(open_page):
    page = open_page(build(row(Adam(lr=0.1)), rivals=["SGD"], steps=100), listen=True)
    page.get_by_label("Race against a method").select_option("Adagrad")
    page.locator(".ol-contours").focus()
    page.keyboard.press("ArrowRight")
    start = settled(page)["start"]
    rows = page.locator(".ol-rivals .ol-loss")
    for k, cls in enumerate((SGD, Adagrad)):
        rival = tuned(cls(), problems.beale, start, 100)
        said = f"loss {end(rival, start)}, learning rate {printed(rival.lr)}"
        assert rows.nth(k).inner_text() == said
    assert loss(page) == end(Adam(lr=0.1), start)
    widths = page.locator(".ol-contours .ol-line:not(.ol-whole)").evaluate_all(
        "all => all.map((line) => parseFloat(getComputedStyle(line).strokeWidth))"
    )
    assert widths[-1] > 2 * max(widths[:-1])
    page.get_by_role("button", name="Remove Gradient descent").click()
    assert settled(page)["rivals"] == ["Adagrad"]
    drawn(page)
    assert rows.first.inner_text().startswith(f"loss {end(rival, start)}")


@browser
def test_another_surface_is_run_and_divergence_is_said(open_page):
    page = open_page(build(row(Adam(lr=0.1)), steps=100), listen=True)
    page.get_by_label("Surface").select_option("rosenbrock")
    ours = chosen(settled(page))
    assert ours.lr == tuned(Adam(), problems.rosenbrock, steps=100).lr
    assert loss(page) == end(ours, problem=problems.rosenbrock)
    page.locator("[data-method=SGD]").click()
    page.get_by_label("learning rate, typed").fill("9")
    page.get_by_label("learning rate, typed").press("Enter")
    drawn(page)
    assert page.locator(".ol-mine .ol-trouble").inner_text().startswith("diverged: at step")
    page.get_by_role("slider", name="Step", exact=True).fill("0")
    assert loss(page) == printed(problems.rosenbrock.value(np.array(problems.rosenbrock.start)))


@browser
def test_the_address_keeps_the_choice_and_what_is_none_stays_out(open_page):
    page = open_page(build(row(SGD(lr=0.01)), steps=100))
    page.locator("[data-method=Lion_weight_decay]").click()
    page.get_by_label("weight decay: weight decay, typed").fill("0.3")
    page.get_by_label("weight decay: weight decay, typed").press("Enter")
    page.get_by_label("Race against a method").select_option("Adam")
    before = loss(page)
    page.get_by_role("button", name="Share").click()
    address = page.url
    page.goto(address)
    page.wait_for_selector(".ol-contours .ol-line")
    assert lit(page) == ["Lion_weight_decay"] and loss(page) == before
    assert page.get_by_label("weight decay: weight decay, typed").input_value() == "0.3"
    assert page.locator(".ol-rival").count() == 2
    wrong = {
        "choice": {"phi": "constructor", "psi": None, "chi": None, "decay": None, "eps": None},
        "hyper": {"lr": -1},
        "rivals": ["__proto__"],
    }
    page.goto(address.split("?")[0] + "?" + urlencode({"figure-1": json.dumps(wrong)}))
    page.wait_for_selector(".ol-contours .ol-line")
    assert lit(page) == ["SGD"] and loss(page) == end(SGD(lr=0.01))
    assert page.locator(".ol-rival").count() == 1
    part = {"choice": choice_of(row(Adam())), "hyper": {"lr": 0.2, "chi_rho": 0.5}}
    page.goto(address.split("?")[0] + "?" + urlencode({"figure-1": json.dumps(part)}))
    page.wait_for_selector(".ol-contours .ol-line")
    assert lit(page) == ["Adam"] and loss(page) == end(Adam(lr=0.2))  # completed by defaults


@browser
def test_the_python_that_is_offered_builds_the_same_figure(open_page):
    page = open_page(build(row(Adam(lr=0.1)), steps=100, rivals=["SGD", "Momentum"]), listen=True)
    page.get_by_role("button", name="Python").click()
    for name in ("AdamW", "Adadelta", "SGD", "NAdam", "Lion_weight_decay"):
        page.locator(f"[data-method={name}]").click()
        figure = settled(page)
        for _ in range(2):  # written anew when it is opened
            page.get_by_role("button", name="Python").click()
        text = page.locator(".ol-code").inner_text()
        assert made_by(text).figure == figure, text


@browser
def test_on_a_phone_rules_are_tapped_and_the_equations_stay_in_sight(open_page):
    page = open_page(build(row(SGD(lr=0.01)), steps=100, rivals=["Adam"]), listen=True, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    targets = page.locator(".ol-explorer :is(button, select, .ol-tick, .ol-option)").all()
    assert len(targets) > 50
    assert all(target.bounding_box()["height"] >= 44 for target in targets)
    option(page, "phi", "Sum").tap()
    assert verdict(page) == "This is Momentum."
    box = page.locator(".ol-live").bounding_box()
    assert box["y"] + box["height"] == pytest.approx(740, abs=1)  # pinned below the choices
    page.locator("[data-method=NAdam]").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator(".ol-equations").evaluate("e => e.scrollHeight > e.clientHeight")
    assert loss(page) == end(chosen(settled(page)))


@browser
@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
def test_the_figure_fits_every_screen(open_page, width):
    page = open_page(build(FRAMEWORK), viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    size = page.locator(".ol-equations math").first.evaluate(
        "e => [e, e.closest('.ol-explorer')].map((x) => parseFloat(getComputedStyle(x).fontSize))"
    )
    assert size[0] > size[1]


FRAMEWORK = Framework(0.1, Average(0.9, corrected=True), AverageOfSquares(0.99), eps=1e-6)


@browser
def test_every_control_has_a_name(open_page):
    page = open_page(build(FRAMEWORK, rivals=["SGD"]))
    tree = page.locator(".ol-explorer").aria_snapshot()
    kinds = "button|slider|textbox|combobox|application|radio|checkbox|group|region"
    controls = re.findall(rf"^\s*- '?(?:{kinds})\b(.*)$", tree, re.M)
    assert len(controls) > 60
    assert all(re.match(r' "\S', control) for control in controls)


@browser
def test_removal_leaves_no_frame_timer_or_observer(open_page):
    page = open_page(build(FRAMEWORK), listen=True)
    page.get_by_role("button", name="Play").click()
    page.locator("[data-method=Adam]").click()
    assert page.evaluate("pending.size") > 0
    page.evaluate("unmount()")
    assert page.evaluate("pending.size") == 0
    assert page.locator(".ol-explorer").inner_html() == ""


@browser
def test_without_javascript_the_picture_and_the_equations_are_there(open_page):
    page = open_page(build(row(Adam(lr=0.1))), java_script_enabled=False)
    picture = page.get_by_role("img", name="Adam on Beale's function")
    assert picture.bounding_box()["width"] > 400
    assert page.locator(".ol-equations math").count() == 5


def test_the_choice_can_be_read_back_as_the_reader_left_it():
    figure = build(FRAMEWORK)
    assert vars(figure.framework) == vars(FRAMEWORK)
    new = {"choice": choice_of(row(Adagrad())), "hyper": {"lr": 0.5, "eps": 1e-10}}
    figure.set_state({"figure": figure.figure | new})  # as the browser's message does
    assert (figure.framework.lr, name_of(figure.framework)) == (0.5, "Adagrad")


def test_without_a_framework_it_begins_with_tuned_gradient_steps():
    figure = build(problem="rosenbrock", start=(0, 1))
    assert name_of(figure.framework) == "SGD"
    assert figure.framework.lr == tuned(SGD(), problems.rosenbrock, (0, 1)).lr


def test_the_picture_says_the_equations_and_is_light():
    page = build(row(Adam(lr=0.1)), rivals=["SGD"])._html()
    alt = html.unescape(re.search(r'role="img" aria-label="([^"]*)"', page)[1])
    assert alt.startswith("Adam and Gradient descent on Beale's function from (1, 1.5)")
    assert r"The equations: m_{t} = \beta_1 m_{t-1} + (1 - \beta_1) g_{t}; " in alt
    assert len(page) < 60_000


def test_the_readers_own_function_is_shown():
    bowl = (lambda theta: np.sum(theta**4), lambda theta: 4 * theta**3)
    figure = build(FRAMEWORK, bowl, start=(1.0, -0.5), steps=50)
    assert figure.figure["surface"] == "own"
    assert "own: {" in figure._generated and "export const framework" in figure._generated


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"framework": Adam()}, TypeError, "`row` makes one of a method"),
        ({"framework": Framework(lr=-1)}, ValueError, "lr = -1 is outside"),
        ({"rivals": "Adam"}, TypeError, "rivals = 'Adam' must be a list of names"),
        ({"rivals": ["Adams"]}, ValueError, "rivals: 'Adams' is none of SGD, "),
        ({"rivals": ["Adam", "Adam"]}, ValueError, "must be 4 different names at most"),
        ({"rivals": [*FORMS][:5]}, ValueError, "must be 4 different names at most"),
        ({"problem": "bealé"}, ValueError, "is none of"),
        ({"problem": problems.Noisy(problems.beale, 1.0, 1)}, TypeError, "noise"),
        ({"steps": 0}, ValueError, r"steps = 0 is outside \[1, 2000\]"),
        ({"start": (1,)}, ValueError, "start"),
        ({"locked": 1}, TypeError, "locked = 1 is neither"),
        ({"caption": None}, TypeError, "caption = None must be a str"),
    ],
)
def test_bad_input_is_refused_in_words(arguments, error, words):
    with pytest.raises(error, match=words):
        build(**arguments)


def test_every_rule_can_be_found_by_its_words():
    for rules in (PHI, PSI):
        titles = [rule.title for rule in rules.values()]
        assert len(set(titles)) == len(titles)
