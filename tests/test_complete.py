"""Nothing is half there: each method has all its parts, each method of a library a place or none.

A new version of PyTorch, optax or Keras that brings an optimizer or a schedule fails here, until it
is a peer of one of ours or stands in `NOT_TAUGHT` with a reason.
"""

import functools
import inspect
import re
from pathlib import Path

import keras
import optax
import pytest
import torch
from cases import CASES

from optim_lessons import OPTIMIZERS, TRACED, WRAPPERS, problems, schedules
from optim_lessons.family import CHAPTERS_TO_COME
from optim_lessons.trace import trace_step

ROOT = Path(__file__).parent.parent
METHODS = OPTIMIZERS | WRAPPERS
PEERS = [*(ROOT / "tests/cases").glob("*.py"), ROOT / "tests/test_schedules.py"]
CHAPTERS = [path.read_text(encoding="utf-8") for path in (ROOT / "book").glob("*/*.md")]

# Modules beside the optimizers that are none.
HELPERS = {"__init__", "line_search", "wrapper"}


def test_every_module_of_the_optimizers_is_one_optimizer_named_after_it():
    files = {path.stem for path in (ROOT / "optim_lessons/optimizers").glob("*.py")} - HELPERS
    assert {cls.__module__.split(".")[-1] for cls in METHODS.values()} == files
    assert {name.replace("_", "") for name in files} == {name.lower() for name in METHODS}


def test_every_optimizer_and_nothing_else_has_a_row_in_the_table_of_cases():
    assert CASES.keys() == set(OPTIMIZERS.values())
    assert all(CASES.values())


def test_every_optimizer_is_taught_in_a_chapter_or_waits_for_one_in_a_list():
    # Two chapters may teach one step, as gradient descent and its stochastic form.
    taught = {name for text in CHAPTERS for name in re.findall(r"lesson\.update\((\w+)", text)}
    waiting = [name for names in CHAPTERS_TO_COME.values() for name in names]
    assert sorted([*taught, *waiting]) == sorted(METHODS)
    assert list(CHAPTERS_TO_COME) == sorted(CHAPTERS_TO_COME)


@pytest.mark.parametrize("name", [name for name in METHODS if name not in TRACED])
def test_a_method_that_the_trace_cannot_read_says_why_and_the_trace_repeats_it(name):
    reason = METHODS[name].untraced
    assert len(reason.split()) > 3
    method = METHODS[name] if name != "PerLayer" else METHODS[name](problems.Layout(w=(2,)), {})
    with pytest.raises(TypeError, match=f"^the trace cannot read {name}: {re.escape(reason)}$"):
        trace_step(method)


@pytest.mark.parametrize("name", TRACED)
def test_a_method_without_such_a_reason_is_read(name):
    assert trace_step(TRACED[name]).statements


# What the libraries have that is no peer of ours, and why.
NOT_TAUGHT = {
    "torch.optim.ASGD": "averaged SGD with a decay of its own; SWA averages as the papers do",
    "torch.optim.Adafactor": "less memory: comes later, in chapter 20",
    "torch.optim.Rprop": "for full batches; RMSprop came of it, as its chapter says in words",
    "torch.optim.SparseAdam": "Adam for sparse gradients; ours are dense",
    "optax.adafactor": "less memory: comes later, in chapter 20",
    "optax.adamaxw": "AdaMax with decoupled weight decay, as AdamW has",
    "optax.adan": "not in the plan of the book",
    "optax.fromage": "not in the plan of the book",
    "optax.lbfgs": "its line search is another one; ours equals PyTorch's",
    "optax.nadamw": "NAdam with decoupled weight decay, as AdamW has",
    "optax.noisy_sgd": "SGD with add_noise, which is a peer of GradientNoise",
    "optax.novograd": "not in the plan of the book",
    "optax.optimistic_adam": "for games, not in the plan of the book",
    "optax.optimistic_adam_v2": "for games, not in the plan of the book",
    "optax.optimistic_gradient_descent": "for games, not in the plan of the book",
    "optax.polyak_sgd": "Polyak's step needs the value at the minimum; not in the plan",
    "optax.rprop": "for full batches; RMSprop came of it, as its chapter says in words",
    "optax.sm3": "not in the plan of the book",
    "optax.contrib.acprop": "not in the plan of the book",
    "optax.contrib.ademamix": "not in the plan of the book",
    "optax.contrib.adopt": "not in the plan of the book",
    "optax.contrib.cocob": "not in the plan of the book",
    "optax.contrib.dadapt_adamw": "no learning rate: comes later, in chapter 21",
    "optax.contrib.differentially_private_aggregate": "privacy, no optimizer",
    "optax.contrib.dog": "not in the plan of the book",
    "optax.contrib.dowg": "not in the plan of the book",
    "optax.contrib.dpsgd": "privacy, not in the plan of the book",
    "optax.contrib.galore": "not in the plan of the book",
    "optax.contrib.hutchinson_estimator_diag_hessian": "an estimate of curvature, no optimizer",
    "optax.contrib.madgrad": "not in the plan of the book",
    "optax.contrib.mechanize": "a tuner of learning rates; not in the plan of the book",
    "optax.contrib.momo": "not in the plan of the book",
    "optax.contrib.momo_adam": "not in the plan of the book",
    "optax.contrib.normalize": "a transformation, no optimizer",
    "optax.contrib.prodigy": "no learning rate: comes later, in chapter 21",
    "optax.contrib.sam": "sharpness: comes later, in chapter 21",
    "optax.contrib.schedule_free": "no schedule: comes later, in chapter 21",
    "optax.contrib.schedule_free_adamw": "no schedule: comes later, in chapter 21",
    "optax.contrib.schedule_free_eval_params": "what schedule_free reports, no optimizer",
    "optax.contrib.schedule_free_sgd": "no schedule: comes later, in chapter 21",
    "optax.contrib.simplified_ademamix": "not in the plan of the book",
    "optax.contrib.sophia": "not in the plan of the book",
    "optax.contrib.split_real_and_imaginary": "for complex numbers, no optimizer",
    "keras.optimizers.Adafactor": "less memory: comes later, in chapter 20",
    "keras.optimizers.LossScaleOptimizer": "a guard of half precision, no method",
    "keras.optimizers.MultiOptimizer": "several optimizers by layer, as PerLayer",
    "keras.optimizers.ScheduleFreeAdamW": "no schedule: comes later, in chapter 21",
    # Schedules
    "torch.optim.lr_scheduler.ChainedScheduler": "multiplies schedules; Warmup is ours that joins",
    "torch.optim.lr_scheduler.ConstantLR": "a part of the rate at first; MultiStep only falls",
    "torch.optim.lr_scheduler.LambdaLR": "any function of t is a schedule here",
    "torch.optim.lr_scheduler.MultiplicativeLR": "any function of t is a schedule here",
    "torch.optim.lr_scheduler.SequentialLR": "joins schedules; Warmup is ours that joins",
    "optax.schedules.piecewise_interpolate_schedule": "any function of t is a schedule here",
    "optax.schedules.warmup_exponential_decay_schedule": "Warmup(then=Exponential())",
}


def exported(module, wanted):
    """The public names of a module whose objects are wanted, with the module's before them."""
    found = {name: x for name, x in vars(module).items() if name[0] != "_" and wanted(x)}
    return {f"{module.__name__}.{name}" for name in found}


def subclass_of(base):
    return lambda x: inspect.isclass(x) and issubclass(x, base) and x is not base


def of_optax(x):
    """An optimizer of optax is a function of its module alias, or a part of contrib with a name."""
    function = x.func if isinstance(x, functools.partial) else x
    home = getattr(function, "__module__", "")
    if not inspect.isfunction(function) or function.__name__.startswith("scale_by_"):
        return False
    return home == "optax._src.alias" or home.startswith("optax.contrib.")


def a_schedule(x):
    return inspect.isfunction(x) and not x.__name__.startswith("inject_")


THEIRS = {
    *exported(torch.optim, subclass_of(torch.optim.Optimizer)),
    *exported(optax, of_optax),
    *exported(optax.contrib, of_optax),
    *exported(keras.optimizers, subclass_of(keras.optimizers.Optimizer)),
    *exported(torch.optim.lr_scheduler, subclass_of(torch.optim.lr_scheduler.LRScheduler)),
    *exported(optax.schedules, a_schedule),
    *exported(
        keras.optimizers.schedules, subclass_of(keras.optimizers.schedules.LearningRateSchedule)
    ),
}


def mentioned():
    """What some `elsewhere` names, and what the tests of parity call."""
    ours = [*METHODS.values(), *schedules.SCHEDULES.values(), schedules.ReduceOnPlateau]
    names = {e.call.split("(")[0] for cls in ours for e in cls.elsewhere.values()}
    for path in PEERS:
        names |= set(re.findall(r"[\w.]+", path.read_text(encoding="utf-8")))
    return names | {re.sub(r"^optax\.", "optax.schedules.", name) for name in names}


def test_every_optimizer_and_schedule_of_the_libraries_is_a_peer_or_not_taught_for_a_reason():
    assert {"torch.optim.Adam", "optax.nadam", "optax.contrib.muon"} < THEIRS
    assert THEIRS - mentioned() == NOT_TAUGHT.keys()
