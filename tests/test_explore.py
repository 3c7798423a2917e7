"""`explore` in Python: what it refuses, what it shows without JavaScript, what can be read back."""

import gzip
import html
import json
import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from optim_lessons import LBFGS, SGD, TRACED, Adam, Newton, explore, minimize, problems
from optim_lessons.contract import learning_rate
from optim_lessons.problems import SURFACES


def html_of(figure):
    data, _ = figure._repr_mimebundle_()
    return data["text/html"]


@dataclass(frozen=True, eq=False)
class Halving:
    """An optimizer as a reader might write one; its step can be replaced."""

    lr: float = learning_rate(0.1)
    title = "Halving"
    family = "plain"

    class State(NamedTuple):
        m: float

    def init(self, theta):
        return self.State(m=np.zeros_like(theta))

    def step(self, theta, g, state):
        m = state.m / 2 + g
        theta = theta - self.lr * m
        return theta, self.State(m)


def test_the_start_and_the_optimizers_can_be_read_back():
    figure = explore(problems.beale, [Adam(lr=0.2, beta1=0.8), SGD], start=(0, 1))
    adam, sgd = figure.optimizers
    assert figure.start == (0.0, 1.0)
    assert (type(adam), adam.lr, adam.beta1, adam.beta2) == (Adam, 0.2, 0.8, 0.999)
    assert (type(sgd), sgd.lr) == (SGD, 0.01)


def test_what_the_reader_chose_is_what_is_read():
    figure = explore("beale", Adam(lr=0.2))
    chosen = json.loads(json.dumps(figure.figure)) | {"start": [2.0, 1.0]}
    chosen["optimizers"][0]["hyper"]["lr"] = 0.3
    figure.set_state({"figure": chosen})  # as the browser's message does
    assert figure.start == (2.0, 1.0)
    assert figure.optimizers[0].lr == 0.3


@pytest.mark.parametrize("name", SURFACES)
def test_the_page_holds_the_figure_as_data_and_a_light_picture_for_every_surface(name):
    figure = explore(name, [cls() for cls in TRACED.values()], caption="Six & more")
    page = html_of(figure)
    data = re.search(r'<div class="ol-explorer" data-figure="([^"]*)">', page)[1]
    assert json.loads(html.unescape(data)) == figure.figure
    assert '<svg role="img" aria-label="' in page
    assert "<figcaption>Six &amp; more</figcaption>" in page
    assert len(gzip.compress(page.encode())) < 30_000


def test_a_run_that_diverges_is_drawn_without_a_warning():
    assert minimize(SGD(lr=10.0), problems.rosenbrock).diverged
    assert "<svg" in html_of(explore("rosenbrock", SGD(lr=10.0)))


def test_the_same_method_twice_has_two_styles_and_two_names():
    page = html_of(explore("ravine", [Adam(lr=0.1), Adam(lr=0.3)]))
    assert "Adam (2)" in page
    assert "stroke-dasharray" in page


def test_the_readers_own_optimizer_runs_in_the_browser():
    figure = explore("ravine", [Halving(lr=0.02)])
    assert "Halving: {" in figure._generated
    assert "(state.m / 2)" in figure._generated.replace("2.0", "2")


def test_the_readers_own_functions_run_in_the_browser_and_are_seen_whole():
    def value(theta):
        x, y = theta
        return x**2 + np.exp(y) - y

    def grad(theta):
        x, y = theta
        return np.array([2 * x, np.exp(y) - 1])

    figure = explore((value, grad), [SGD(lr=0.1)], start=(3, 2))
    assert "Math.exp(y)" in figure._generated
    path = minimize(SGD(lr=0.1), (value, grad), (3, 2)).theta
    extents = re.search(r"own: \{.*?viewport: (\[\[.*?\]\])", figure._generated, re.S)[1]
    for (low, high), coordinate in zip(json.loads(extents), path.T, strict=True):
        assert low < coordinate.min() and coordinate.max() < high


def test_a_lambda_is_played_and_the_row_says_what_to_write_instead():
    pair = (lambda theta: theta @ theta, lambda theta: 2 * theta)
    bowl = problems.Surface(
        name="bowl", title="A bowl", f=lambda x, y: x**2 + y**2, df=lambda x, y: (2 * x, 2 * y),
        start=(1.0, 1.0), minima=((0.0, 0.0),), viewport=((-2, 2), (-2, 2)),
    )  # fmt: skip
    (method,) = explore(bowl, [SGD(lr=0.1)], steps=5)._given["methods"].values()
    assert "write the function with `def`" in method["why"]
    assert explore(pair, [SGD(lr=0.1)], start=(1, 1), steps=5).runs[0][1].value[-1] < 1


def test_a_function_that_cannot_be_traced_is_played_and_the_row_says_why():
    def value(theta):
        return abs(theta[0]) if theta[0] > 0 else theta[1] ** 2

    def grad(theta):
        return np.array([1.0, 2 * theta[1]])

    figure = explore((value, grad), SGD, start=(1, 1), steps=5)
    assert figure.figure["optimizers"][0]["played"] == {"start": "given", "setting": "given"}
    method = figure._given["methods"]["SGD"]
    assert "np.where instead" in method["why"]
    path = minimize(SGD(), (value, grad), (1, 1), 5)
    np.testing.assert_allclose(method["paths"]["given"]["given"]["theta"], path.theta, rtol=1e-4)
    assert np.shape(figure._given["heights"]) == (61, 61)
    assert "own: {" not in figure._generated
    assert "<svg" in html_of(figure)


def test_a_step_that_cannot_be_traced_is_played_and_the_row_says_why():
    class Sorting(Halving):
        def step(self, theta, g, state):
            theta = theta - self.lr * np.sort(g)
            return theta, state

    figure = explore("beale", [Sorting(), Sorting(lr=0.01), SGD()])
    assert "np.sort" in figure._given["methods"]["Sorting"]["why"]
    assert [o.lr for o in figure.optimizers] == [0.1, 0.01, 0.01]


def test_a_method_that_is_played_follows_the_start_that_the_reader_moves():
    figure = explore("beale", [LBFGS(), Adam(lr=0.1)], start=(0, 1))
    assert figure._given["methods"]["LBFGS"]["why"].startswith("the trace cannot read LBFGS")
    figure.set_state({"figure": figure.figure | {"start": [2.0, 1.0]}})
    path = minimize(LBFGS(), problems.beale, (2, 1))
    found = figure._given["methods"]["LBFGS"]["paths"]["given"]["given"]["value"]
    assert found[0] == pytest.approx(path.value[0], rel=1e-5)
    assert found[-1] == pytest.approx(path.value[len(found) - 1], rel=1e-5)
    figure.set_state({"figure": figure.figure | {"surface": "saddle", "start": [0.5, 0.1]}})
    assert figure._given["surface"] == "saddle"


def test_a_method_that_the_reader_added_to_play_can_be_read_back():
    figure = explore("beale", [Adam(lr=0.1)])
    played = {"start": "start", "setting": "damped"}
    added = {"method": "Newton", "hyper": {}, "played": played}
    rows = [*figure.figure["optimizers"], added]
    figure.set_state({"figure": figure.figure | {"optimizers": rows}})
    assert type(figure.optimizers[1]) is Newton
    assert figure.optimizers[1].damping in 10.0 ** np.arange(-1, 4)


def test_an_optimizer_without_a_title_or_family_is_told_what_to_add():
    class Odd(Halving):
        family = "odd"

    with pytest.raises(TypeError, match=r"Odd needs a `title` .* 'momentum'"):
        explore("beale", Odd())
    with pytest.raises(TypeError, match="int is not an optimizer"):
        explore("beale", [3])


def test_two_optimizers_of_one_name_are_refused():
    own = type("Adam", (Halving,), {})
    with pytest.raises(ValueError, match="two different optimizers are named Adam"):
        explore("beale", [Adam(), own()])


@pytest.mark.parametrize("name", SURFACES)
def test_the_picture_of_the_height_is_light_on_every_surface(name):
    methods = [cls() for cls in TRACED.values()]
    page = html_of(explore(name, methods, view="height", side="rate"))
    assert "the paths over the surface, and the effective learning rates" in page
    assert len(gzip.compress(page.encode())) < 30_000


def test_a_run_that_leaves_the_surface_is_drawn_on_it_as_far_as_it_is_inside():
    figure = explore("rosenbrock", [SGD(lr=10.0), SGD(lr=0.0)], view="height", side="rate")
    assert "<svg" in html_of(figure)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"view": "3-D"}, ValueError, "view = '3-D' is none of 'contours', 'height'"),
        ({"side": "m"}, ValueError, "side = 'm' is none of 'loss', 'rate', 'state'"),
        ({"arrows": 1}, TypeError, "arrows = 1 is neither True nor False"),
        ({"turn": 30}, ValueError, "turn = 30 is not a pair"),
        ({"turn": (0, 91)}, ValueError, r"turn = \(0, 91\) is outside"),
        ({"turn": (float("nan"), 30)}, ValueError, "is outside"),
        ({"watch": 1}, ValueError, "watch = 1 is not the place of one of 1 methods"),
    ],
)
def test_a_view_that_there_is_not_is_refused(wrong, error, words):
    with pytest.raises(error, match=words):
        explore("beale", [Adam()], **wrong)
