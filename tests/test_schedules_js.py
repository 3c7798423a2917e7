"""The JavaScript that the trace prints for a schedule gives Python's rate at every step."""

import dataclasses
import re

import node
import numpy as np
import pytest

from optim_lessons import SGD, minimize, problems
from optim_lessons.explorer.site import RATES_OF_T
from optim_lessons.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    CosineRestarts,
    Cyclic,
    Exponential,
    InverseSqrt,
    InverseTime,
    MultiStep,
    OneCycle,
    OneCycleLinear,
    Polynomial,
    ReduceOnPlateau,
    RobbinsMonro,
    StepDecay,
    Warmup,
    WarmupStableDecay,
)
from optim_lessons.trace import trace_schedule
from optim_lessons.trace.graph import numbers_of

EPS = np.finfo(float).eps
T = np.arange(1, 301)
SETTINGS = [
    *(cls() for cls in SCHEDULES.values()),
    *(Constant(0.3), Constant(0.0)),
    *(StepDecay(0.3, 17, 0.4), StepDecay(1e-3, 1, 0.99), StepDecay(0.3, 500)),
    *(MultiStep(0.3, (20, 51), 0.4), MultiStep(1.0, (1, 299), 0.5)),
    *(Exponential(0.3, 0.9), Exponential(1e-3, 1.0)),
    *(Polynomial(0.3, 150, 1.7, 0.03), Polynomial(0.3, 299, 0.9), Polynomial(2.0, 1, 3.0)),
    *(InverseTime(0.3, 0.01), InverseTime(0.3, 0.0), RobbinsMonro(0.3, 0.51)),
    *(InverseSqrt(0.3, 1), InverseSqrt(1e-3, 77)),
    *(Cosine(0.3, 150, 0.03), Cosine(0.3, 1), Cosine(1e-3, 299, 1e-4)),
    *(CosineRestarts(0.3, 7, 3, 0.03), CosineRestarts(0.3, 7, 1), CosineRestarts(0.3, 1, 2)),
    *(Warmup(30, 0.2, Constant(0.3)), Warmup(1, 1.0, Constant(0.3)), Warmup(299, 1 / 300)),
    *(WarmupStableDecay(0.3, 180, 30, 50, 0.03), WarmupStableDecay(0.3, 300, 150, 150)),
    *(OneCycle(0.3, 200, 0.25, 20.0, 50.0), OneCycle(0.3, 299, 0.77), OneCycle(0.3, 300, 0.0123)),
    *(OneCycleLinear(0.3, 200, 0.4, 20.0, 50.0), OneCycleLinear(0.3, 299, 0.33)),
    *(Cyclic(0.3, 13, 0.03), Cyclic(0.3, 1), Cyclic(0.3, 301)),
]
FALLS = [cls(lr=0.3) for name, cls in SCHEDULES.items() if name != "Warmup"]
# Of another form than the class has by default: another number of numbers, or others.
FORMS = [
    *(MultiStep(0.3, (20,)), MultiStep(0.3, (20, 50, 51, 120), 0.4)),
    *(Warmup(30, 0.2, then) for then in FALLS),
    Warmup(10, 0.0, Warmup(20, 0.5, Cosine(0.3, 200))),
]
# Made of + - * / and the square root, which all machines round alike.
EXACT = (Constant, InverseTime, InverseSqrt, WarmupStableDecay, OneCycleLinear, Cyclic)

RATES = """
const steps = Array.from({ length: 300 }, (_, k) => k + 1);
return data.map(([name, hp]) => steps.map((t) => schedules[name].rate(t, hp)));
"""


def javascript_rates(printed, settings):
    """What the code printed for a schedule makes of other settings, at the steps 1 to 300."""
    numbers = [{name: info.default for name, info in numbers_of(s).items()} for s in settings]
    data = [[type(s).__name__, hp] for s, hp in zip(settings, numbers, strict=True)]
    return np.array(node.run(RATES, data, [], [], [printed]))


def assert_same_rates(found, schedule):
    one_by_one = np.array([schedule(int(t)) for t in T])
    for expected in (schedule(T), one_by_one):
        if isinstance(getattr(schedule, "then", schedule), EXACT):
            np.testing.assert_array_equal(found, expected)
        else:  # relative to the largest: a cosine near -1 leaves little of 1 + cos
            np.testing.assert_allclose(found, expected, rtol=0, atol=4 * EPS * expected.max())


@pytest.mark.parametrize("cls", SCHEDULES.values(), ids=SCHEDULES)
def test_the_rates_in_javascript_are_pythons_at_every_step(cls):
    settings = [schedule for schedule in SETTINGS if type(schedule) is cls]
    assert len(settings) > 1
    for found, schedule in zip(javascript_rates(cls(), settings), settings, strict=True):
        assert_same_rates(found, schedule)


@pytest.mark.parametrize("schedule", FORMS, ids=repr)
def test_a_schedule_of_another_form_prints_with_its_own_numbers(schedule):
    assert_same_rates(javascript_rates(schedule, [schedule])[0], schedule)


def test_powers_and_rises_that_end_far_below_the_largest_rate_keep_their_digits():
    for schedule in (Exponential(0.3, 0.9), StepDecay(0.3, 5, 0.5), Warmup(7, 1e-9, Exponential())):
        (found,) = javascript_rates(schedule, [schedule])
        np.testing.assert_allclose(found, schedule(T), rtol=1e-15 * 4)


ABOUT = "return Object.entries(schedules).map(([name, { rate, ...about }]) => [name, about]);"


def test_the_figure_has_every_schedule_of_t_with_its_numbers_as_sliders_need_them():
    about = dict(node.run(ABOUT, None, [], [], RATES_OF_T))
    assert list(about) == list(SCHEDULES)
    for schedule in RATES_OF_T:
        found = about[type(schedule).__name__]
        assert found["title"] == schedule.title
        assert found["words"] in type(schedule).__doc__
        for entry in found["hyper"]:
            *inside, name = re.sub(r"\.\d+$", "", entry["name"]).split(".")
            holder = getattr(schedule, inside[0]) if inside else schedule
            field = {f.name: f for f in dataclasses.fields(holder)}[name]
            assert entry["words"] == field.metadata["words"]
            assert entry["interval"] == field.metadata["interval"]
            assert entry["scale"] == field.metadata["scale"]
            assert isinstance(entry["value"], int | float)
        values = {entry["name"]: entry["value"] for entry in found["hyper"]}
        assert values[found["peak"]] == pytest.approx(schedule(T).max(), rel=1e-14)
    assert about["Warmup"]["parts"] == {"then": "Cosine"}
    assert about["MultiStep"]["hyper"][2]["value"] == 60


def test_the_rate_stands_in_the_place_of_the_optimizers_lr():
    with_rates = minimize(SGD(lr=7.0), problems.beale, steps=50, schedule=Cosine(0.01, 50))
    without = minimize(SGD(lr=0.3), problems.beale, steps=50, schedule=Cosine(0.01, 50))
    assert np.array_equal(with_rates.theta, without.theta)


def test_a_schedule_that_reads_losses_is_refused_in_words():
    with pytest.raises(TypeError, match="cannot read ReduceOnPlateau: it reads the losses, so"):
        trace_schedule(ReduceOnPlateau)


def test_a_function_after_the_warm_up_is_read_too():
    schedule = Warmup(steps=5, then=lambda t: 0.1 / np.sqrt(t))
    (found,) = javascript_rates(schedule, [schedule])
    np.testing.assert_array_equal(found, schedule(T))


def test_remainder_and_floor_division_in_javascript_are_numpys():
    rng = np.random.default_rng(0)
    a = np.concatenate([rng.uniform(-50, 50, 500), rng.integers(-50, 50, 500), [0.0, 6.0, -6.0]])
    b = np.concatenate([rng.uniform(-5, 5, 500), rng.choice([-7, -3, -1, 1, 2, 9], 503)])
    script = "return data.map(([a, b]) => [remainder(a, b), floorDivide(a, b)]);"
    found = np.array(node.run(script, np.stack([a, b], axis=1).tolist(), [], [])).T
    np.testing.assert_array_equal(found[0], np.remainder(a, b))
    np.testing.assert_array_equal(found[1], np.floor_divide(a, b))


def test_a_power_that_is_no_number_or_infinite_ends():
    script = "return data.map((x) => String(integerPower(x, Infinity) + integerPower(x, NaN)));"
    assert node.run(script, [0.5, 2.0], [], []) == ["NaN", "NaN"]
    script = "return [integerPower(2, -Infinity), integerPower(0.5, Infinity)];"
    assert node.run(script, None, [], []) == [0, 0]
