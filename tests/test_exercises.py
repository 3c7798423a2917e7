"""The exercises: the solution passes, and each known mistake is met with the words that mend it."""

import numpy as np
import pytest

from optim_lessons import check

SOLUTION = """
def adam_step(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v
"""

# What is written instead of what, the claim that must fail, and words that its advice must hold.
MISTAKES = {
    "sign": ("theta - lr", "theta + lr", "against the gradient", "wrong direction"),
    "no step": ("theta - lr *", "theta - 0 *", "against the gradient", "did not move"),
    "no correction": (
        ("m / (1 - beta1**t)", "v / (1 - beta2**t)"),
        ("m", "v"),
        "lr long",
        "bias correction is missing",
    ),
    "epsilon inside": ("np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)", "root", "outside"),
    "betas swapped": (
        "    m = beta1",
        "    beta1, beta2 = beta2, beta1\n    m = beta1",
        "averages",
        "swapped",
    ),
    "v not squared": ("g**2", "np.abs(g)", "averages", "2**2"),
    "m not averaged": ("(1 - beta1) * g", "g", "averages", "0.2 * 2"),
    "t frozen": ("**t", "**1", "in a row", "stays at 1"),
    "root missing": ("np.sqrt(v_hat)", "v_hat", "lr long", "corrected v is g**2"),
    "in place": (
        "m = beta1 * m + (1 - beta1) * g",
        "m *= beta1; m += (1 - beta1) * g",
        "left",
        "m *=",
    ),
    "two results": ("return theta, m, v", "return theta", "against", "three things"),
    "exception": ("m_hat = m /", "m_hat = missing /", "against", "NameError"),
    "stub": (
        "m = beta1",
        "raise NotImplementedError; m = beta1",
        "against",
        "Nothing to check yet",
    ),
}


def compile_step(source):
    namespace = {"np": np}
    exec(source, namespace)
    return namespace["adam_step"]


def broken(old, new):
    source = SOLUTION
    for before, after in zip(*((x,) if isinstance(x, str) else x for x in (old, new)), strict=True):
        assert before in source
        source = source.replace(before, after)
    return source


def test_the_solution_satisfies_every_claim():
    report = check("adam-step", compile_step(SOLUTION))
    assert report.passed, report
    assert "Well done" in repr(report)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_known_mistake_is_named(mistake):
    old, new, claim, words = MISTAKES[mistake]
    report = check("adam-step", compile_step(broken(old, new)))
    assert not report.passed
    last = report.results[-1]
    assert claim in last.claim and words in last.advice, report


def test_an_unknown_exercise_is_an_error_that_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'adam' is not one of \['adam-step'\]"):
        check("adam", compile_step(SOLUTION))
