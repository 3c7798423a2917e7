"""A graded variant changes the algorithm: who hands in a known optimizer's step earns nothing."""

import json
from pathlib import Path

import jax
import numpy as np
import optax
import pytest
import torch

from optim_lessons import Adam
from optim_lessons.course import marking
from optim_lessons.exercises import run_tests, source

jax.config.update("jax_enable_x64", True)
ROOT = Path(__file__).resolve().parent.parent
GRADED = source.read(ROOT / "tests" / "graded" / "absolute-step.md")
PRACTICE = source.read(ROOT / "book" / "exercises" / "adam-step.md")


def practice_solution():
    names = {}
    exec(f"{PRACTICE.setup}\n\n{PRACTICE.solution}", names)
    return names["adam_step"]


def library(theta, g, m, v, t, lr, beta1, beta2, eps):
    adam = Adam(lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    theta, state = adam.step(theta, g, Adam.State(m=m, v=v, t=t - 1))
    return theta, state.m, state.v


def pytorch(theta, g, m, v, t, lr, beta1, beta2, eps):
    parameter = torch.tensor(theta, requires_grad=True)
    parameter.grad = torch.tensor(g)
    adam = torch.optim.Adam([parameter], lr=lr, betas=(beta1, beta2), eps=eps)
    moments = {"exp_avg": torch.tensor(m), "exp_avg_sq": torch.tensor(v)}
    adam.state[parameter] = {"step": torch.tensor(float(t - 1)), **moments}
    adam.step()
    return tuple(x.detach().numpy() for x in (parameter, moments["exp_avg"], moments["exp_avg_sq"]))


def with_optax(theta, g, m, v, t, lr, beta1, beta2, eps):
    adam = optax.adam(lr, b1=beta1, b2=beta2, eps=eps)
    first, *rest = adam.init(theta)
    state = first._replace(count=np.asarray(t - 1, np.int32), mu=m, nu=v)
    updates, (state, *_) = adam.update(g, (state, *rest), theta)
    return tuple(np.asarray(x) for x in (theta + updates, state.mu, state.nu))


KNOWN = {
    "practice solution": practice_solution(),
    "optim_lessons": library,
    "PyTorch": pytorch,
    "optax": with_optax,
}


def passed(exercise, function):
    package = exercise.package(visible_only=False)
    results = run_tests(package, {exercise.entry[0]: function}, limit=60)
    assert len(results) == len(package["tests"])
    return [result.name for result in results if result.passed]


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_adam_earns_all_in_practice_and_nothing_on_the_graded_variant(name):
    assert len(passed(PRACTICE, KNOWN[name])) == len(PRACTICE.tests)
    assert passed(GRADED, KNOWN[name]) == []


def graded(code):
    """The result where marks are decided: in the sandbox, with a seed from the course's secret."""
    package = GRADED.package(visible_only=False)
    for test in package["tests"]:
        test["points"] = 1
    data = json.dumps(
        {"nbformat": 4, "cells": [{"cell_type": "code", "source": text} for text in code]}
    ).encode()
    return marking.mark(marking.Task("ada", GRADED.id, package, b"s", data, ".ipynb", None))


def test_in_the_sandbox_the_solution_earns_all_and_the_stub_nothing(sandbox):
    assert graded([GRADED.setup, GRADED.solution])["score"] == len(GRADED.tests)
    assert graded([GRADED.setup, GRADED.starter])["score"] == 0


def test_in_the_sandbox_the_practice_solution_earns_nothing(sandbox):
    code = [PRACTICE.setup, PRACTICE.solution, "absolute_step = adam_step"]
    assert graded(code)["score"] == 0
