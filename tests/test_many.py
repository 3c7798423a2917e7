"""Figures of one dimension and many: their numbers are Python's, and the literature's."""

import gzip
import html
import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from figures import made_by
from test_explorer_js import NODE

from optim_lessons import SGD, Adam, AMSGrad, Momentum, Muon, Nesterov, explorer
from optim_lessons.contract import variant_name, with_lr
from optim_lessons.explorer import cloud, modes, online
from optim_lessons.explorer.site import METHODS, library
from optim_lessons.problems import regret, spectrum

SCRIPT = Path(__file__).parent / "js" / "many.mjs"


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """What the page computes of figures, given as Python's figures or as plain data."""
    code = tmp_path_factory.mktemp("code") / "generated.js"
    code.write_text(library(), encoding="utf-8")

    def play(*figures):
        data = json.dumps([getattr(figure, "figure", figure) for figure in figures])
        env = os.environ | {"GENERATED": code.as_uri()}
        run = subprocess.run(
            [NODE, SCRIPT], input=data, env=env, capture_output=True, encoding="utf-8", check=True
        )
        return json.loads(run.stdout)

    return play


# ---- modes ----


def test_the_errors_of_every_method_are_those_of_minimize(play):
    """One step differs by rounding; methods of signs may then turn at another step."""
    figures = [modes(with_lr(m, 0.02), spectrum(5, 30), steps=60) for m in METHODS]
    for figure, result in zip(figures, play(*figures), strict=True):
        name = variant_name(figure.optimizer)
        theta = figure.path.theta
        np.testing.assert_allclose(
            np.transpose(result["errors"]), np.abs(theta), rtol=1e-6, atol=1e-10, err_msg=name
        )
        np.testing.assert_allclose(result["total"], np.linalg.norm(theta, axis=1), atol=1e-10)


def test_a_run_that_diverges_ends_where_pythons_ends(play):
    figure = modes(SGD(lr=0.5), (1, 1e4), steps=500)
    (result,) = play(figure)
    assert figure.path.diverged
    assert result["diverged"] == figure.path.steps < 500
    assert len(result["total"]) == figure.path.steps + 1


def roots(optimizer):
    """The eigenvalues of one step on ½ x² from (1, 0) and (0, 1), and so the long run's factors."""
    x, m = np.eye(2)
    if isinstance(optimizer, SGD):
        return np.array([optimizer.step(1.0, 1.0, SGD.State())[0], 0.0])
    after, state = optimizer.step(x, x, optimizer.State(m))
    return np.linalg.eigvals(np.array([after, state.m]))


@pytest.mark.parametrize("cls", [SGD, Momentum, Nesterov])
def test_rates_and_regimes_are_read_from_the_roots_of_the_step_itself(play, cls):
    betas = [0.0] if cls is SGD else [0.0, 0.3, 0.7, 0.9, 0.99]
    grid = [(x, beta) for beta in betas for x in np.geomspace(1.1e-4, 9.7, 60).tolist()]
    data = {"kind": "theory", "method": cls.__name__, "grid": grid, "betas": betas, "mu": 1, "L": 9}
    (result,) = play(data)
    for (x, beta), said in zip(grid, result["grid"], strict=True):
        optimizer = SGD(lr=x) if cls is SGD else cls(lr=x, momentum=beta)
        found = roots(optimizer)
        largest = found[np.argmax(np.abs(found))]
        assert said["rate"] == pytest.approx(abs(largest), abs=1e-9)
        if abs(largest) > 1:
            regime = "diverges"
        elif abs(largest.imag) > 1e-9:
            regime = "oscillates"
        else:
            regime = "monotone" if largest.real >= 0 else "alternates"
        assert said["regime"] == regime, (x, beta)
        ends = result["bounds"][betas.index(beta)]
        place = ["monotone", "oscillates", "alternates", "diverges"][
            int(np.sum(x > np.array(ends)))
        ]
        assert place == regime, (x, beta)


def test_at_momentum_09_the_regions_are_those_of_goh(play):
    data = {"kind": "theory", "method": "Momentum", "grid": [], "betas": [0.9], "mu": 1, "L": 100}
    (result,) = play(data)
    (bounds,) = result["bounds"]
    for found, printed, unit in zip(
        bounds, (0.00263, 3.797, 3.8), (1e-5, 1e-3, 1e-12), strict=True
    ):
        assert found == pytest.approx(printed, abs=unit / 2)


@pytest.mark.parametrize(
    ("cls", "rates"),
    [(SGD, [99 / 101]), (Momentum, [9 / 11]), (Nesterov, [1 - 2 / np.sqrt(301), 0.9])],
)
def test_the_buttons_set_values_that_keep_the_promise_at_condition_number_100(play, cls, rates):
    data = {"kind": "theory", "method": cls.__name__, "grid": [], "betas": [], "mu": 1, "L": 100}
    (result,) = play(data)
    assert [tuned["rate"] for tuned in result["tuned"]] == pytest.approx(rates)
    values = spectrum(9, 100)
    for tuned, rate in zip(result["tuned"], rates, strict=True):
        steps = [cls(**tuned["hyper"] | {"lr": tuned["hyper"]["lr"] * lam}) for lam in values]
        # A double root is found to half of the digits.
        assert max(abs(roots(step)).max() for step in steps) == pytest.approx(rate, abs=1e-6)


def test_the_measured_rate_is_the_rate_where_no_double_root_inflates_it(play):
    """At the heavy ball's best, the Jordan block of the ends multiplies the error by the step."""
    figures = [
        modes(SGD(lr=2 / 101), (1, 10, 100), steps=400),
        modes(Momentum(lr=0.01, momentum=0.7), (1, 10, 100), steps=400),
        modes(Momentum(lr=4 / 11**2, momentum=(9 / 11) ** 2), (1, 10, 100), steps=150),
    ]
    descent, momentum, best = (result["measured"] for result in play(*figures))
    assert descent == pytest.approx(99 / 101, abs=1e-4)
    assert momentum == pytest.approx(abs(roots(Momentum(0.01, 0.7))).max(), abs=1e-4)
    assert 9 / 11 < best < 9 / 11 + 0.02


# ---- online ----


def test_points_and_regret_are_those_of_minimize(play):
    figure = online(("Adam", "AMSGrad", "Adagrad", "SGD"), beta1=0.5, start=-0.3, steps=2000)
    (result,) = play(figure)
    for points, lost, path in zip(result["points"], result["regret"], figure.paths, strict=True):
        np.testing.assert_allclose(points, path.theta[:, 0], rtol=1e-9, atol=1e-12)
        average = regret(figure.problem, path) / np.arange(1, 2001)
        np.testing.assert_allclose(lost[1:], average, rtol=1e-9, atol=1e-12)


def test_adam_ends_at_plus_1_and_amsgrad_at_minus_1_after_30000_steps(play):
    """Reddi, Kale and Kumar 2018, theorem 1."""
    (result,) = play(online(start=1))
    adam, amsgrad = result["points"]
    assert len(adam) == 30_001
    assert adam[-1] == 1.0
    assert amsgrad[-1] < -0.997
    adam, amsgrad = result["regret"]
    assert adam[-1] == pytest.approx(2 / 3, abs=3e-3)
    assert 0 < amsgrad[-1] < 0.006


def test_the_page_computes_figure_1_of_reddi_kale_and_kumar(play):
    figure = online(beta1=0.9, beta2=0.99, large=1010, small=-10, period=101).figure
    (result,) = play(figure | {"kind": "end", "steps": 1_000_000})
    (adam, adam_lost), (amsgrad, amsgrad_lost) = result["0"], result["1"]
    assert adam == 1.0
    assert amsgrad == pytest.approx(-0.997, abs=5e-4)
    assert amsgrad_lost < 0.04 < 0.198 < adam_lost


# ---- cloud ----


@pytest.mark.parametrize("falling", [False, True])
def test_the_cloud_is_numpys_to_the_last_bit(play, falling):
    figure = cloud(0.13, 0.6, sigma=1.7, falling=falling, seed=5, particles=30, steps=80)
    (result,) = play(figure)
    np.testing.assert_array_equal(np.transpose(result["points"]), figure.path.theta)
    np.testing.assert_allclose(np.transpose(result["squares"]), figure.squares, rtol=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_cloud_ends_at_the_floor_within_its_sampling_error(play, momentum):
    figure = cloud(0.1, momentum, particles=500, steps=400)
    (result,) = play(figure)
    lam = np.array([1.0, 10.0])
    floor = 0.1 * 9 * (1 + momentum) / (lam * (1 - momentum) * (2 * (1 + momentum) - 0.1 * lam))
    np.testing.assert_allclose(result["floors"], floor)
    np.testing.assert_allclose(figure.floor, floor)
    np.testing.assert_allclose(np.mean(figure.squares[200:], axis=0), floor, rtol=0.04)
    expected = np.transpose(result["expected"])
    np.testing.assert_allclose(expected[-1], floor, rtol=1e-6)
    # 500 squares of normal numbers: their mean is off by sqrt(2 / 500), 6 %.
    np.testing.assert_allclose(figure.squares[1:], expected[1:], rtol=4 * np.sqrt(2 / 500))


def test_where_the_rate_falls_the_cloud_shrinks_as_one_over_t(play):
    figure = cloud(0.1, sigma=1.0, falling=True, particles=500, steps=1000)
    (result,) = play(figure)
    flat = np.array(result["expected"][0])
    t = np.arange(1001)
    # The start weighs 9 / (9 + t), each noise 1 / (9 + t): in the end sigma² / (lambda² t).
    np.testing.assert_allclose(flat, (9**2 * 1.5**2 + t) / (9 + t) ** 2, rtol=1e-9)
    np.testing.assert_allclose(figure.squares[-1, 0], flat[-1], rtol=4 * np.sqrt(2 / 500))


def test_a_cloud_whose_rate_is_too_large_has_no_floor():
    figure = cloud(lr=0.25)
    assert figure.floor[0] < np.inf == figure.floor[1]
    assert figure.squares[-1, 1] > 1e6


# ---- all three ----

CHANGED = [
    modes(),
    modes(Nesterov(lr=0.002, momentum=0.95), (0.5, 2, 700), steps=77),
    modes(replace(Adam(), lr=0.05, beta1=0.5)),
    modes(Momentum(average=True)),
    online(steps=500),
    online(
        ["SGD"], 0.1, 0.9, 0.99, large=1010, small=-10, period=101, start=0.5, steps=50, log=False
    ),
    cloud(steps=20),
    cloud(0.02, 0.9, 0.5, True, 77, (0.5, 3), particles=20, steps=30),
]


def test_the_printed_python_makes_the_same_figure(play):
    for figure, result in zip(CHANGED, play(*CHANGED), strict=True):
        again = made_by(result["python"])
        assert type(again).__name__ == type(figure).__name__  # each widget has a class of its own
        assert again.figure == figure.figure, result["python"]


@pytest.mark.parametrize("figure", CHANGED, ids=lambda figure: figure.figure["kind"])
def test_the_page_holds_the_figure_as_data_and_a_light_picture(figure):
    data, _ = figure._repr_mimebundle_()
    page = data["text/html"]
    kept = re.search(r'<div class="ol-explorer" data-figure="([^"]*)">', page)[1]
    assert json.loads(html.unescape(kept)) == figure.figure
    assert re.search(r'<svg role="img" aria-label="[^"]{40}', page)
    assert len(gzip.compress(page.encode())) < 30_000


def test_what_the_reader_chose_is_what_is_read():
    figure = modes()
    chosen = figure.figure | {"eigenvalues": [1, 2]}
    chosen["optimizer"] = {"method": "Momentum_average", "hyper": {"lr": 0.5, "momentum": 0.25}}
    figure.set_state({"figure": chosen})
    assert (figure.optimizer.momentum, figure.optimizer.average) == (0.25, True)
    assert figure.eigenvalues == (1.0, 2.0)
    figure = online(steps=10)
    figure.set_state({"figure": figure.figure | {"methods": ["AMSGrad", "SGD"]}})
    amsgrad, sgd = figure.optimizers
    assert (type(amsgrad), amsgrad.beta2, type(sgd), sgd.lr) == (AMSGrad, 0.1, SGD, 0.5)
    figure = cloud(steps=10, particles=3)
    figure.set_state({"figure": figure.figure | {"falling": True, "seed": 3}})
    assert figure.schedule.decay == 0.1
    assert figure.path.theta.shape == (11, 6)


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: modes(Muon()), TypeError, "Muon is none of the library's methods"),
        (lambda: modes(SGD(lr=-1)), ValueError, r"lr = -1 is outside \[0, inf\)"),
        (lambda: modes(SGD(lr=np.ones(7))), ValueError, "lr must be one number"),
        (lambda: modes(eigenvalues=(1,)), ValueError, "must be 2 to 12"),
        (lambda: modes(eigenvalues=(-1, 1)), ValueError, "must be 2 to 12"),
        (lambda: modes(eigenvalues=range(1, 20)), ValueError, "must be 2 to 12"),
        (lambda: modes(steps=0), ValueError, r"steps = 0 is outside \[1, 2000\]"),
        (lambda: modes(caption=3), TypeError, "caption = 3"),
        (lambda: online(["Adma"]), ValueError, "'Adma' is none of Adam, AMSGrad"),
        (lambda: online(beta2=1), ValueError, r"beta2 = 1 is outside \[0, 1\)"),
        (lambda: online(large=1.9), ValueError, "-1 is not the best point"),
        (lambda: online(large=-3, small=1), ValueError, "-1 is not the best point"),
        (lambda: online(start=1.5), ValueError, r"start = 1.5 is outside \[-1, 1\]"),
        (lambda: online(steps=10**6), ValueError, r"outside \[1, 100000\]"),
        (lambda: online(log="no"), TypeError, "log = 'no' is neither"),
        (lambda: cloud(momentum=1), ValueError, r"momentum = 1 is outside \[0, 1\)"),
        (lambda: cloud(sigma=-1), ValueError, r"sigma = -1 is outside \[0, 10\]"),
        (lambda: cloud(seed=-1), ValueError, "seed = -1 must be from 0"),
        (lambda: cloud(falling=1), TypeError, "falling = 1 is neither"),
        (lambda: cloud(eigenvalues=(2, 1)), ValueError, "two positive numbers in order"),
        (lambda: cloud(particles=1), ValueError, "particles = 1 must be from 2 to 500"),
        (lambda: cloud(steps=5000), ValueError, r"steps = 5000 is outside \[1, 1000\]"),
    ],
)
def test_bad_input_is_refused_with_its_name_and_value(make, error, says):
    with pytest.raises(error, match=says):
        make()


def test_the_three_are_exported():
    assert {"modes", "online", "cloud"} <= set(explorer.__all__)
