"""The page Which optimizer do I use?: its code runs as printed, and its table is no accident."""

import re
from pathlib import Path

import keras
import numpy as np
import optax
import pytest
import torch

from optim_lessons import Adam, AdamW, Nesterov, problems

TEXT = (Path(__file__).resolve().parent.parent / "book" / "which.md").read_text(encoding="utf-8")
CODE = dict(re.findall(r"^```python\n# (\w+).*?\n(.*?)^```", TEXT, re.S | re.M))
STEPS = 100


def run_code(library, **names):
    names["steps"] = STEPS
    exec(CODE[library], names)  # the page's own text
    return names


def pytorch_rates(names):
    optimizer, scheduler, rates = names["optimizer"], names["scheduler"], []
    for _ in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def test_the_three_texts_warm_up_for_a_twentieth_peak_at_a_thousandth_and_fall_to_zero():
    model = torch.nn.Linear(2, 1)
    rates = {
        "PyTorch": pytorch_rates(run_code("PyTorch", model=model)),
        "optax": [float(run_code("optax", optax=optax)["schedule"](t)) for t in range(STEPS)],
        "Keras": [float(run_code("Keras", keras=keras)["schedule"](t)) for t in range(STEPS)],
    }
    for library, values in rates.items():
        assert np.argmax(values) == pytest.approx(STEPS / 20, abs=1), library
        assert max(values) == pytest.approx(1e-3), library
        assert values[0] <= 1e-3 / (STEPS / 20) + 1e-12, library
        assert values[-1] < 1e-5, library
    np.testing.assert_allclose(rates["optax"], rates["Keras"], atol=1e-9)


def test_the_decay_that_is_written_out_has_another_default_in_each_library():
    defaults = {there.args["weight_decay"][1] for there in AdamW.elsewhere.values()}
    assert len(defaults) == 3
    assert run_code("Keras", keras=keras)["optimizer"].weight_decay == 0.01
    model = torch.nn.Linear(2, 1)
    group = run_code("PyTorch", model=model)["optimizer"].param_groups[0]
    assert group["weight_decay"] == 0.01


def error(optimizer, seed):
    """The test error in per cent, with batches drawn with replacement: another loop, other data."""
    x, y = problems.digits()
    order = np.random.default_rng(seed).permutation(len(x))
    rng = np.random.default_rng(seed + 100)
    network = problems.MLP(x, y, hidden=(32,), classes=10, rng=rng)
    theta, state = network.start, optimizer.init(network.start)
    for _ in range(250):
        g = network.rows(rng.choice(order[:1000], 40)).grad(theta)
        theta, state = optimizer.step(theta, g, state)
    return 100 * (1 - network.rows(order[1000:]).accuracy(theta))


def test_the_rates_found_beat_the_defaults_by_far_more_than_the_methods_differ():
    def mean(optimizer):
        return np.mean([error(optimizer, seed) for seed in range(4)])

    found = [mean(Nesterov(lr=0.1)), mean(AdamW(lr=0.01))]
    default = [mean(Nesterov(lr=0.001)), mean(AdamW(lr=0.001))]
    assert default[0] > 30 and default[1] > 6
    assert max(found) < 6 and abs(found[0] - found[1]) < 1.5


def test_summing_the_loss_changes_gradient_descent_s_step_and_not_adam_s():
    g = np.array([0.3, -2.0])
    adam = Adam(eps=0.0)
    once, many = (adam.step(np.zeros(2), k * g, adam.init(g))[0] for k in (1, 64))
    np.testing.assert_allclose(once, many)
