"""Each schedule equals those of PyTorch, optax and Keras at every step, or tells how it differs."""

import dataclasses
import inspect
import re
from functools import partial
from types import SimpleNamespace

import jax
import keras
import numpy as np
import optax
import pytest
import torch
from test_elsewhere import signature

from optim_lessons import hyper_of, validate
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

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

STEPS = 200
T = np.arange(1, STEPS + 1)
CLASSES = [*SCHEDULES.values(), ReduceOnPlateau]
every_schedule = pytest.mark.parametrize("cls", SCHEDULES.values(), ids=SCHEDULES)

torch_schedules = torch.optim.lr_scheduler
keras_schedules = keras.optimizers.schedules


def torch_rates(make, lr):
    """The rates that PyTorch's optimizer holds at its steps under the scheduler that is made."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    scheduler, rates = make(optimizer), []
    for _ in T:
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(rates)


def torch_lambda(function, lr):
    """The rates of PyTorch's LambdaLR: lr times `function` of the steps already taken."""
    return torch_rates(partial(torch_schedules.LambdaLR, lr_lambda=function), lr)


def rates_of(schedule):
    """The rates of a schedule of optax or Keras, which is a function of the steps already taken."""
    with pytest.MonkeyPatch.context() as patch:
        # On JAX, Keras rounds the argument of a cosine to float32, whatever its floatx.
        patch.setattr(keras.src.backend.numpy, "cos", jax.numpy.cos)
        return np.asarray(jax.vmap(schedule)(jax.numpy.arange(STEPS)))


def torch_warmup(optimizer):
    rise = torch_schedules.LinearLR(optimizer, start_factor=0.2, total_iters=30)
    fall = torch_schedules.CosineAnnealingLR(optimizer, T_max=170, eta_min=0.01)
    return torch_schedules.SequentialLR(optimizer, [rise, fall], milestones=[30])


COSINE = Cosine(lr=0.3, steps=150, lr_min=0.03)
RESTARTS = CosineRestarts(lr=0.3, steps=7, t_mult=3, lr_min=0.03)
MILESTONES = MultiStep(lr=0.3, milestones=(20, 50, 51, 120), gamma=0.4)
POLYNOMIAL = Polynomial(lr=0.3, steps=150, power=1.7, lr_min=0.03)
TO_ZERO = Polynomial(lr=0.3, steps=150, power=1.7)
STAIRS = StepDecay(lr=0.3, steps=17, gamma=0.4)
WARMUP = Warmup(steps=30, start=0.2, then=Cosine(lr=0.3, steps=170, lr_min=0.01))
STABLE = WarmupStableDecay(lr=0.3, steps=180, warmup=30, decay=50, lr_min=0.03)
# The corners are whole steps, or optax could not put them where PyTorch does.
CYCLE = OneCycle(lr=0.3, steps=200, pct_start=0.25, div_factor=20.0, final_div_factor=50.0)
LINEAR = OneCycleLinear(lr=0.3, steps=200, pct_start=0.4, div_factor=20.0, final_div_factor=50.0)
PEAK = 49.5 / 199, 79.5 / 199, 158.5 / 199  # as parts of optax's steps; the half for its int()


def one_cycle(schedule, **flags):
    return partial(
        torch_schedules.OneCycleLR,
        max_lr=schedule.lr,
        total_steps=schedule.steps,
        pct_start=schedule.pct_start,
        div_factor=schedule.div_factor,
        final_div_factor=schedule.final_div_factor,
        cycle_momentum=False,
        **flags,
    )


# Fields unlike any default, so that a name mapped to the wrong place shows.
PEERS = [
    ("optax", Constant(lr=0.3), lambda: rates_of(optax.constant_schedule(0.3))),
    (
        "PyTorch",
        STAIRS,
        lambda: torch_rates(partial(torch_schedules.StepLR, step_size=17, gamma=0.4), 0.3),
    ),
    ("optax", STAIRS, lambda: rates_of(optax.exponential_decay(0.3, 17, 0.4, staircase=True))),
    (
        "Keras",
        STAIRS,
        lambda: rates_of(keras_schedules.ExponentialDecay(0.3, 17, 0.4, staircase=True)),
    ),
    (
        "PyTorch",
        MILESTONES,
        lambda: torch_rates(
            partial(torch_schedules.MultiStepLR, milestones=[20, 50, 51, 120], gamma=0.4), 0.3
        ),
    ),
    (
        "optax",
        MILESTONES,
        lambda: rates_of(
            optax.piecewise_constant_schedule(0.3, dict.fromkeys((20, 50, 51, 120), 0.4))
        ),
    ),
    (
        "Keras",
        MILESTONES,
        lambda: rates_of(
            keras_schedules.PiecewiseConstantDecay(
                [19, 49, 50, 119], [0.3 * 0.4**passed for passed in range(5)]
            )
        ),
    ),
    (
        "PyTorch",
        Exponential(lr=0.3, gamma=0.98),
        lambda: torch_rates(partial(torch_schedules.ExponentialLR, gamma=0.98), 0.3),
    ),
    (
        "optax",
        Exponential(lr=0.3, gamma=0.98),
        lambda: rates_of(optax.exponential_decay(0.3, 1, 0.98)),
    ),
    (
        "Keras",
        Exponential(lr=0.3, gamma=0.98),
        lambda: rates_of(keras_schedules.ExponentialDecay(0.3, 1, 0.98)),
    ),
    (
        "PyTorch",
        TO_ZERO,
        lambda: torch_rates(partial(torch_schedules.PolynomialLR, total_iters=150, power=1.7), 0.3),
    ),
    (
        "optax",
        POLYNOMIAL,
        lambda: rates_of(optax.polynomial_schedule(0.3, 0.03, 1.7, 150)),
    ),
    (
        "optax",
        Polynomial(lr=0.3, steps=150, lr_min=0.03),
        lambda: rates_of(optax.linear_schedule(0.3, 0.03, 150)),
    ),
    (
        "Keras",
        POLYNOMIAL,
        lambda: rates_of(keras_schedules.PolynomialDecay(0.3, 150, 0.03, 1.7)),
    ),
    (
        "PyTorch",
        InverseTime(lr=0.3, decay=0.7),
        lambda: torch_lambda(lambda k: 1 / (1 + 0.7 * k), 0.3),
    ),
    (
        "Keras",
        InverseTime(lr=0.3, decay=0.7),
        lambda: rates_of(keras_schedules.InverseTimeDecay(0.3, 1, 0.7)),
    ),
    (
        "PyTorch",
        RobbinsMonro(lr=0.3, power=0.7),
        lambda: torch_lambda(lambda k: (k + 1) ** -0.7, 0.3),
    ),
    (  # the paper's equation (3) for a model of width 512
        "PyTorch",
        InverseSqrt(lr=(512 * 40) ** -0.5, warmup=40),
        lambda: torch_lambda(lambda k: min((k + 1) ** -0.5, (k + 1) * 40**-1.5), 512**-0.5),
    ),
    (  # up to step T_max + 1, from where PyTorch's rate rises again
        "PyTorch",
        Cosine(lr=0.3, steps=199, lr_min=0.03),
        lambda: torch_rates(
            partial(torch_schedules.CosineAnnealingLR, T_max=199, eta_min=0.03), 0.3
        ),
    ),
    ("optax", COSINE, lambda: rates_of(optax.cosine_decay_schedule(0.3, 150, alpha=0.1))),
    ("Keras", COSINE, lambda: rates_of(keras_schedules.CosineDecay(0.3, 150, alpha=0.1))),
    (
        "PyTorch",
        RESTARTS,
        lambda: torch_rates(
            partial(torch_schedules.CosineAnnealingWarmRestarts, T_0=7, T_mult=3, eta_min=0.03),
            0.3,
        ),
    ),
    (
        "PyTorch",
        CosineRestarts(lr=0.3, steps=7, t_mult=1, lr_min=0.03),
        lambda: torch_rates(
            partial(torch_schedules.CosineAnnealingWarmRestarts, T_0=7, T_mult=1, eta_min=0.03),
            0.3,
        ),
    ),
    (
        "optax",
        RESTARTS,
        lambda: rates_of(
            optax.sgdr_schedule(
                {
                    "init_value": 0.3,
                    "peak_value": 0.3,
                    "warmup_steps": 0,
                    "decay_steps": 7 * 3**i,
                    "end_value": 0.03,
                }
                for i in range(4)
            )
        ),
    ),
    (
        "Keras",
        RESTARTS,
        lambda: rates_of(keras_schedules.CosineDecayRestarts(0.3, 7, t_mul=3.0, alpha=0.1)),
    ),
    ("PyTorch", WARMUP, lambda: torch_rates(torch_warmup, 0.3)),
    (
        "optax",
        WARMUP,
        lambda: rates_of(optax.warmup_cosine_decay_schedule(0.06, 0.3, 30, 200, 0.01)),
    ),
    (
        "optax",
        Warmup(steps=30, start=0.2, then=STAIRS),
        lambda: rates_of(
            optax.join_schedules(
                [
                    optax.linear_schedule(0.06, 0.3, 30),
                    optax.exponential_decay(0.3, 17, 0.4, staircase=True),
                ],
                [30],
            )
        ),
    ),
    (
        "optax",
        Warmup(steps=30, then=Constant(lr=0.3)),
        lambda: rates_of(optax.warmup_constant_schedule(0.0, 0.3, 30)),
    ),
    (
        "Keras",
        WARMUP,
        lambda: rates_of(
            keras_schedules.CosineDecay(0.06, 170, alpha=1 / 30, warmup_target=0.3, warmup_steps=30)
        ),
    ),
    (
        "optax",
        STABLE,
        lambda: rates_of(
            optax.join_schedules(
                [optax.linear_schedule(0.0, 0.3, 30), optax.linear_schedule(0.3, 0.03, 50)],
                [130],
            )
        ),
    ),
    ("PyTorch", CYCLE, lambda: torch_rates(one_cycle(CYCLE), 1.0)),
    (
        "PyTorch",
        dataclasses.replace(CYCLE, pct_start=0.3371),
        lambda: torch_rates(one_cycle(dataclasses.replace(CYCLE, pct_start=0.3371)), 1.0),
    ),
    (
        "optax",
        CYCLE,
        lambda: rates_of(optax.cosine_onecycle_schedule(199, 0.3, PEAK[0], 20.0, 50.0)),
    ),
    (
        "PyTorch",
        LINEAR,
        lambda: torch_rates(one_cycle(LINEAR, anneal_strategy="linear", three_phase=True), 1.0),
    ),
    (
        "optax",
        LINEAR,
        lambda: rates_of(optax.linear_onecycle_schedule(199, 0.3, *PEAK[1:], 20.0, 50.0)),
    ),
    (
        "PyTorch",
        Cyclic(lr=0.3, steps=17, lr_min=0.03),
        lambda: torch_rates(
            partial(
                torch_schedules.CyclicLR,
                base_lr=0.03,
                max_lr=0.3,
                step_size_up=17,
                cycle_momentum=False,
            ),
            1.0,
        ),
    ),
]


@pytest.mark.parametrize(
    ("schedule", "library"),
    [
        pytest.param(schedule, library, id=f"{type(schedule).__name__}-{name}")
        for name, schedule, library in PEERS
    ],
)
def test_equals_the_library_at_every_step(schedule, library):
    theirs = library()
    assert theirs.dtype == np.float64
    np.testing.assert_allclose(schedule(T), theirs, rtol=1e-12, atol=1e-15)


@every_schedule
def test_every_library_that_a_schedule_names_has_a_peer(cls):
    tested = {library for library, schedule, _ in PEERS if type(schedule) is cls}
    assert set(cls.elsewhere) <= tested


def test_pytorchs_cosine_rises_again_where_ours_stays():
    theirs = torch_rates(partial(torch_schedules.CosineAnnealingLR, T_max=100), 0.3)
    ours = Cosine(lr=0.3, steps=100)(T)
    np.testing.assert_allclose(ours[:101], theirs[:101], atol=1e-15)
    assert (np.diff(theirs[100:]) > 0).all()
    assert (ours[100:] == 0).all()


# Every field of every schedule, at the values of the tests above.
EXAMPLES = {type(schedule): schedule for _, schedule, _ in PEERS}
EXAMPLES[ReduceOnPlateau] = ReduceOnPlateau(
    lr=0.3, factor=0.4, patience=3, threshold=0.02, cooldown=4, lr_min=0.01
)


@every_schedule
def test_an_array_of_steps_gives_the_rate_of_each(cls):
    schedule = EXAMPLES[cls]
    rates = schedule(T)
    assert rates.shape == T.shape
    one_by_one = [schedule(int(t)) for t in T]
    assert all(isinstance(rate, float) for rate in one_by_one)
    np.testing.assert_allclose(rates, one_by_one, rtol=1e-14)
    np.testing.assert_array_equal(schedule(T.reshape(2, -1)), rates.reshape(2, -1))


@every_schedule
def test_lr_is_the_largest_rate_and_lr_min_the_smallest(cls):
    schedule = EXAMPLES[cls]
    rates = schedule(T)
    lr = WARMUP.then.lr if cls is Warmup else schedule.lr
    assert rates.max() == pytest.approx(lr, rel=1e-14)
    if hasattr(schedule, "lr_min") and cls is not WarmupStableDecay:
        assert rates.min() >= schedule.lr_min * (1 - 1e-14)


@every_schedule
def test_a_learning_rate_of_zero_stays_zero(cls):
    schedule = Warmup(then=Constant(lr=0.0)) if cls is Warmup else cls(lr=0.0)
    np.testing.assert_array_equal(schedule(T), np.zeros(STEPS))


FALLING = [Polynomial, Cosine, WarmupStableDecay]


@pytest.mark.parametrize("cls", FALLING)
def test_the_smallest_rate_is_reached_after_the_last_step_and_kept(cls):
    schedule = dataclasses.replace(EXAMPLES[cls], lr_min=0.03)
    last = schedule.steps
    assert schedule(last) > 0.03
    after = schedule(np.array([last + 1, last + 2, 10 * last]))
    np.testing.assert_allclose(after, 0.03, rtol=1e-15)


@pytest.mark.parametrize("schedule", [CYCLE, LINEAR], ids=["OneCycle", "OneCycleLinear"])
def test_one_cycle_has_its_peak_at_its_part_of_the_steps_and_ends_with_the_last_step(schedule):
    rates = schedule(T)
    assert T[rates.argmax()] == schedule.pct_start * schedule.steps
    assert rates[0] == pytest.approx(schedule.lr / 20, rel=1e-14)
    assert rates[-1] == rates.min() == pytest.approx(schedule.lr / 20 / 50, rel=1e-13)
    assert schedule(STEPS + 1) == schedule(10 * STEPS) == rates[-1]


@pytest.mark.parametrize("then", [COSINE, STAIRS, RobbinsMonro(lr=0.3), CYCLE, Warmup()])
@pytest.mark.parametrize("start", [0.0, 0.3, 1.0])
def test_warmup_rises_evenly_and_then_is_the_other_schedule(then, start):
    schedule = Warmup(steps=20, start=start, then=then)
    rise = schedule(np.arange(1, 22))
    assert rise[0] == start * then(1)
    assert schedule(21) == rise[-1] == then(1)
    np.testing.assert_allclose(np.diff(rise), (1 - start) * then(1) / 20, rtol=1e-12, atol=1e-17)
    np.testing.assert_array_equal(schedule(20 + T), then(T))


def test_warmup_that_starts_at_one_of_n_parts_has_two_of_them_at_step_2_and_all_at_step_n():
    rise = Warmup(steps=19, start=1 / 20, then=Constant(lr=0.3))(np.arange(1, 21))
    np.testing.assert_allclose(rise, 0.3 * np.arange(1, 21) / 20, rtol=1e-14)


@pytest.mark.parametrize("t_mult", [1, 2, 3, 10])
@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_each_restart_comes_at_its_step_however_late(steps, t_mult):
    schedule = CosineRestarts(lr=0.3, steps=steps, t_mult=t_mult)
    starts = 1 + np.cumsum([0, *(steps * t_mult**i for i in range(8))])
    np.testing.assert_array_equal(schedule(starts), 0.3)
    lengths = steps * t_mult ** np.arange(8)
    last = 0.15 * (1 + np.cos(np.pi * (lengths - 1) / lengths))
    np.testing.assert_allclose(schedule(starts[1:] - 1), last, rtol=1e-6)


def test_pytorch_misses_a_restart_when_it_is_told_the_step():
    """Its `step(epoch)` takes a logarithm, and log(243) / log(3) is a little less than 5."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.3)
    scheduler = torch_schedules.CosineAnnealingWarmRestarts(optimizer, T_0=1, T_mult=3)
    optimizer.step()
    start = (3**5 - 1) // 2
    scheduler.step(start)
    assert optimizer.param_groups[0]["lr"] < 1e-15
    assert CosineRestarts(lr=0.3, steps=1, t_mult=3)(start + 1) == 0.3


def sum_goes_to_infinity(schedule, power):
    """Whether the sum of schedule(t)**power over doubling blocks of steps does not shrink."""
    block = np.sum(schedule(np.arange(2**19, 2**20)) ** power)
    following = np.sum(schedule(np.arange(2**20, 2**21)) ** power)
    return following > 0.999 * block > 0


ROBBINS_MONRO = [
    RobbinsMonro(power=1.0),
    RobbinsMonro(power=0.51),
    InverseTime(decay=0.01),
    InverseTime(decay=5.0),
    Warmup(then=RobbinsMonro()),
]
NOT_ROBBINS_MONRO = [
    Constant(),
    StepDecay(),
    MultiStep(),
    Exponential(),
    Polynomial(lr_min=0.01),
    Polynomial(),
    InverseTime(decay=0.0),
    InverseSqrt(),
    Cosine(),
    CosineRestarts(),
    Warmup(),
    WarmupStableDecay(),
    OneCycle(),
    OneCycleLinear(),
    Cyclic(),
]


@pytest.mark.parametrize("schedule", ROBBINS_MONRO, ids=repr)
def test_robbins_and_monros_conditions_hold(schedule):
    assert sum_goes_to_infinity(schedule, 1)
    assert not sum_goes_to_infinity(schedule, 2)


@pytest.mark.parametrize("schedule", NOT_ROBBINS_MONRO, ids=repr)
def test_robbins_and_monros_conditions_do_not_hold(schedule):
    assert sum_goes_to_infinity(schedule, 2) or not sum_goes_to_infinity(schedule, 1)


@pytest.mark.parametrize(
    ("schedule", "total"),
    [(Exponential(lr=0.1, gamma=0.97), 0.1 / 0.03), (StepDecay(lr=0.1, steps=30, gamma=0.5), 6.0)],
)
def test_a_geometric_fall_never_ends_and_has_a_finite_sum(schedule, total):
    rates = schedule(np.arange(1, 20_001))
    assert rates[:15_000].min() > 0
    assert rates.sum() == pytest.approx(total, rel=1e-12)


def losses(rng):
    """A loss that falls, and stays noisy on two plateaus."""
    falling = np.concatenate([np.geomspace(10, 1, 60), np.ones(70), np.linspace(0.9, 0.3, 70)])
    return falling * (1 + 0.05 * rng.standard_normal(STEPS))


def plateau_rates(schedule, values):
    state, rates = schedule.init(), []
    for value in values:
        lr, state = schedule.step(value, state)
        assert state.lr == lr
        rates.append(lr)
    return np.array(rates)


PLATEAUS = [
    EXAMPLES[ReduceOnPlateau],
    ReduceOnPlateau(lr=0.3, factor=0.7, patience=0, threshold=0.1, lr_min=0.001),
    ReduceOnPlateau(lr=0.3, factor=0.5, patience=5, cooldown=1),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ours", PLATEAUS, ids=["cooldown", "impatient", "patient"])
def test_reduce_on_plateau_equals_pytorch_and_optax_at_every_step(ours, seed):
    values = losses(np.random.default_rng(seed))
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=ours.lr)
    scheduler = torch_schedules.ReduceLROnPlateau(
        optimizer,
        factor=ours.factor,
        patience=ours.patience,
        threshold=ours.threshold,
        cooldown=ours.cooldown,
        min_lr=ours.lr_min,
        eps=0.0,
    )
    transform = optax.contrib.reduce_on_plateau(
        factor=ours.factor,
        patience=ours.patience + 1,
        rtol=ours.threshold,
        cooldown=ours.cooldown,
        min_scale=ours.lr_min / ours.lr,
    )

    def optax_step(state, value):
        _, state = transform.update(jax.numpy.zeros(1), state, value=value)
        return state, state.scale

    _, scales = jax.lax.scan(optax_step, transform.init(jax.numpy.zeros(1)), values)
    pytorch = []
    for value in values:
        scheduler.step(value)
        pytorch.append(optimizer.param_groups[0]["lr"])
    rates = plateau_rates(ours, values)
    assert len(set(rates)) > 3
    np.testing.assert_allclose(rates, pytorch, rtol=1e-12)
    np.testing.assert_allclose(rates, ours.lr * np.asarray(scales), rtol=1e-12)


def keras_plateau_rates(ours, values):
    callback = keras.callbacks.ReduceLROnPlateau(
        monitor="loss",
        factor=ours.factor,
        patience=ours.patience + 1,
        mode="min",
        min_delta=0.0,
        cooldown=ours.cooldown,
        min_lr=ours.lr_min,
    )
    optimizer = SimpleNamespace(learning_rate=ours.lr)
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"loss": value})
        rates.append(optimizer.learning_rate)
    return np.array(rates)


def test_reduce_on_plateau_equals_keras_without_threshold_and_cooldown():
    ours = ReduceOnPlateau(lr=0.3, factor=0.7, patience=4, threshold=0.0)
    values = losses(np.random.default_rng(0))
    theirs = keras_plateau_rates(ours, values)
    assert len(set(theirs)) > 3
    np.testing.assert_allclose(plateau_rates(ours, values), theirs, rtol=1e-12)


def test_keras_counts_the_last_loss_of_a_cooldown():
    ours = ReduceOnPlateau(lr=0.3, factor=0.5, patience=2, threshold=0.0, cooldown=3)
    first, second = (
        np.flatnonzero(np.diff(rates)) + 2  # the number of the loss after which the rate falls
        for rates in (plateau_rates(ours, np.ones(11)), keras_plateau_rates(ours, np.ones(11)))
    )
    assert first.tolist() == [4, 10]
    assert second.tolist() == [4, 9]


def test_reduce_on_plateau_waits_patience_losses_and_rests_after_a_reduction():
    schedule = ReduceOnPlateau(lr=1.0, factor=0.5, patience=2, cooldown=3, lr_min=0.4)
    rates = plateau_rates(schedule, np.ones(30))
    assert rates.tolist() == [1.0] * 3 + [0.5] * 6 + [0.4] * 21


def test_reduce_on_plateau_counts_a_nan_as_no_improvement():
    schedule = ReduceOnPlateau(lr=1.0, factor=0.5, patience=0)
    rates = plateau_rates(schedule, [1.0, np.nan, 0.5, np.nan])
    assert rates.tolist() == [1.0, 0.5, 0.5, 0.25]


def test_a_step_of_reduce_on_plateau_changes_no_state_but_returns_one():
    schedule = ReduceOnPlateau(patience=0)
    state = schedule.init()
    assert schedule.step(1.0, state) == schedule.step(1.0, state)
    assert state == schedule.init()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StepDecay(steps=0), "StepDecay: steps = 0 is not a whole number in [1, inf)"),
        (lambda: Exponential(gamma=1.1), "Exponential: gamma = 1.1 is outside (0, 1]"),
        (lambda: RobbinsMonro(power=0.5), "RobbinsMonro: power = 0.5 is outside (0.5, 1]"),
        (lambda: Polynomial(power=0.0), "Polynomial: power = 0.0 is outside (0, inf)"),
        (lambda: Warmup(start=1.5), "Warmup: start = 1.5 is outside [0, 1]"),
        (lambda: ReduceOnPlateau(factor=1.0), "ReduceOnPlateau: factor = 1.0 is outside (0, 1)"),
        (
            lambda: Cosine(lr=0.1, lr_min=0.2),
            "Cosine: lr_min = 0.2 is outside [0, lr], and lr = 0.1",
        ),
        (
            lambda: MultiStep(milestones=(30, 20)),
            "MultiStep: milestones = (30, 20) is not an increasing tuple of whole numbers",
        ),
        (
            lambda: MultiStep(milestones=(30, 30)),
            "MultiStep: milestones = (30, 30) is not an increasing tuple of whole numbers",
        ),
        (lambda: MultiStep(milestones=()), "MultiStep: milestones = () is not a whole number"),
        (lambda: MultiStep(milestones=5), "MultiStep: milestones = 5 must be of the form (30, 60)"),
        (
            lambda: WarmupStableDecay(steps=100, warmup=60, decay=50),
            "WarmupStableDecay: warmup = 60 and decay = 50 together are above steps = 100",
        ),
        (
            lambda: OneCycle(steps=10, pct_start=0.1),
            "OneCycle: pct_start = 0.1 leaves no step to rise: it must be above 1 / steps,"
            " and steps = 10",
        ),
        (
            lambda: OneCycleLinear(pct_start=0.6),
            "OneCycleLinear: pct_start = 0.6 is outside (0, 0.5]",
        ),
    ],
)
def test_values_that_do_not_go_together_are_refused_in_words(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


@pytest.mark.parametrize("schedule", EXAMPLES.values(), ids=lambda s: type(s).__name__)
def test_validate_of_the_optimizers_accepts_a_schedule(schedule):
    validate(schedule)
    assert list(hyper_of(schedule)) == [
        field.name for field in dataclasses.fields(schedule) if field.name != "then"
    ]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_schedule_has_an_example_and_names_shapes_errors_variant_and_source(cls):
    assert ">>> " in cls.__doc__
    for heading in ("Shapes:", "Errors:", "Variant:", "Source:", "Example:"):
        assert heading in cls.__doc__


SPELLINGS = [
    pytest.param(cls, library, spelling, id=f"{cls.__name__}-{library}")
    for cls in CLASSES
    for library, spelling in cls.elsewhere.items()
]


@pytest.mark.parametrize(("cls", "library", "spelling"), SPELLINGS)
def test_names_and_defaults_are_the_librarys_own(cls, library, spelling):
    parameters, flags = signature(spelling.call)
    words = {inspect.Parameter.empty: "required", None: "None"}
    for name, default in spelling.args.values():
        theirs = parameters[name].default
        assert default == words.get(theirs, theirs), name
    for flag, value in flags.items():
        assert str(parameters[flag].default) != value, f"{flag}={value} is the default"


@pytest.mark.parametrize(("cls", "library", "spelling"), SPELLINGS)
def test_every_field_has_a_name_there_or_is_the_optimizers_rate_or_missing_in_words(
    cls, library, spelling
):
    assert [*spelling.args] == [name for name in hyper_of(cls) if name in spelling.args]
    for name in hyper_of(cls):
        of_the_optimizer = name == "lr" and (library == "PyTorch" or cls is ReduceOnPlateau)
        assert name in spelling.args or of_the_optimizer or name in spelling.note


@every_schedule
def test_the_libraries_stand_in_one_order(cls):
    libraries = ("PyTorch", "optax", "Keras")
    assert [*cls.elsewhere] == [library for library in libraries if library in cls.elsewhere]


@every_schedule
def test_the_trace_can_read_a_schedule(cls):
    """For equations and sliders: no branch on t or on a field, no name twice."""
    (rate,) = trace_schedule(EXAMPLES[cls]).results
    assert rate.depends_on("count")
    assert rate.depends_on("hyper")
