"""Exercise adam-step: write one step of Adam.

The tests compare with the sums that the recursions stand for, m_t = (1 - beta1) * sum of
beta1**(t - k) * g_k, never with the library's own step. When a path parts from the expected one,
known mistakes are tried in turn: the one that leads to the student's own numbers is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

BETA1, BETA2 = 0.8, 0.95
LR = 0.1
STEPS = 12

Step = Callable[..., Any]


def test_direction(adam_step: Step) -> None:
    """A step goes against the gradient."""
    g = np.array([100.0, -0.01])
    theta, _, _ = _call(adam_step, np.zeros(2), g, np.zeros(2), np.zeros(2), 1)
    assert np.any(theta != 0), (
        "theta did not move. At t = 1, from theta = 0 and with g = [100, -0.01], it should."
    )
    assert np.all(np.sign(theta) == -np.sign(g)), (
        f"With g = [100, -0.01] theta went from [0, 0] to {_text(theta)}: the wrong direction.\n"
        "Adam subtracts its step, because the gradient points uphill."
    )


def test_moments(adam_step: Step) -> None:
    """m averages the gradients with beta1, v averages their squares with beta2."""
    one = np.ones(1)
    _, m, v = _call(adam_step, one, 2 * one, 3 * one, 5 * one, 4)
    if np.allclose(m, 0.95 * 3 + 0.05 * 2) and np.allclose(v, 0.8 * 5 + 0.2 * 4):
        raise AssertionError("The two decays are swapped: beta1 belongs to m, beta2 to v.")
    assert np.allclose(m, 2.8), (
        f"From m = 3 with g = 2 and beta1 = 0.8 the new m should be 0.8 * 3 + 0.2 * 2 = 2.8, "
        f"but it is {_text(m)}."
    )
    assert np.allclose(v, 4.95), (
        f"From v = 5 with g = 2 and beta2 = 0.95 the new v should be 0.95 * 5 + 0.05 * 2**2 = 4.95,"
        f" but it is {_text(v)}."
    )


def test_first_step(adam_step: Step) -> None:
    """The first step is lr long in every coordinate, however large or small the gradient."""
    g = np.array([100.0, -0.01])
    theta, _, _ = _call(adam_step, np.zeros(2), g, np.zeros(2), np.zeros(2), 1)
    uncorrected = LR * (1 - BETA1) / np.sqrt(1 - BETA2)
    assert not np.allclose(np.abs(theta), uncorrected, rtol=1e-3), (
        f"The first step is {_text(np.abs(theta))} long instead of lr = {LR}: "
        "the bias correction is missing.\n"
        "m and v start at 0, so m / (1 - beta1**t) and v / (1 - beta2**t) belong in the step."
    )
    assert np.allclose(np.abs(theta), LR, rtol=1e-3), (
        f"The first step should be lr = {LR} long in both coordinates, but it is "
        f"{_text(np.abs(theta))}.\nAt t = 1 the corrected m is g, and the corrected v is g**2."
    )


def test_epsilon(adam_step: Step) -> None:
    """Epsilon is added to the root, not under it."""
    g, eps = np.array([1e-4]), 1e-4
    theta, _, _ = _call(adam_step, np.zeros(1), g, np.zeros(1), np.zeros(1), 1, eps=eps)
    inside = LR * g / np.sqrt(g**2 + eps)
    assert not np.allclose(-theta, inside, rtol=1e-3), (
        "Epsilon is inside the square root. There it acts like the root of epsilon: "
        "a hundred times more here.\nAdd it outside: sqrt(v_hat) + eps."
    )
    assert np.allclose(-theta, LR / 2, rtol=1e-6), (
        f"With g = eps = 1e-4 the first step should be lr * g / (g + eps) = {LR / 2}, "
        f"but it is {_text(-theta)}."
    )


def test_path(adam_step: Step) -> None:
    """Twelve steps in a row agree with the sums that m and v stand for."""
    gradients = np.random.default_rng(7).normal(size=(STEPS, 3)) * [1e-3, 1.0, 1e2]
    path = list(_walk(adam_step, gradients))
    for t, (theta, expected) in enumerate(zip(path, _expected(gradients), strict=True), start=1):
        if not np.allclose(theta, expected, rtol=1e-9, atol=0):
            why = _diagnose(path, gradients)
            raise AssertionError(
                f"The paths part at step t = {t}: theta should be {_text(expected)}, "
                f"but it is {_text(theta)}.\n{why}"
            )


def test_inputs(adam_step: Step) -> None:
    """The arrays that were passed in are left as they were."""
    theta, g, m, v = given = [np.full(2, x) for x in (1.0, 2.0, 3.0, 4.0)]
    before = [x.copy() for x in given]
    _call(adam_step, theta, g, m, v, 3)
    for name, now, then in zip(("theta", "g", "m", "v"), given, before, strict=True):
        assert np.array_equal(now, then), (
            f"The argument {name} was changed in place, from {_text(then)} to {_text(now)}.\n"
            f"`{name} *= ...` and `{name} += ...` write into the caller's array: "
            f"write {name} = {name} * ... instead."
        )


TESTS = (test_direction, test_moments, test_first_step, test_epsilon, test_path, test_inputs)


def _call(adam_step: Step, theta: Any, g: Any, m: Any, v: Any, t: int, eps: float = 1e-8) -> Any:
    result = adam_step(theta, g, m, v, t, lr=LR, beta1=BETA1, beta2=BETA2, eps=eps)
    assert isinstance(result, tuple) and len(result) == 3, (
        f"adam_step should return three things, (theta, m, v), but it returned {result!r}."
    )
    return result


def _walk(adam_step: Step, gradients: np.ndarray) -> Iterator[np.ndarray]:
    theta, m, v = np.zeros((3, gradients.shape[1]))
    for t, g in enumerate(gradients, start=1):
        theta, m, v = _call(adam_step, theta, g.copy(), m, v, t)
        theta, m, v = np.array(theta), np.array(m), np.array(v)
        yield theta


def _expected(gradients: np.ndarray, frozen: bool = False) -> Iterator[np.ndarray]:
    """Adam's path from the sums; with t held at 1 in the correction, if `frozen`."""
    theta = np.zeros(gradients.shape[1])
    for t in range(1, len(gradients) + 1):
        age = np.arange(t)[::-1, None]
        m = (1 - BETA1) * np.sum(BETA1**age * gradients[:t], axis=0)
        v = (1 - BETA2) * np.sum(BETA2**age * gradients[:t] ** 2, axis=0)
        power = 1 if frozen else t
        scale = np.sqrt(v / (1 - BETA2**power)) + 1e-8
        theta = theta - LR * m / (1 - BETA1**power) / scale
        yield theta


def _diagnose(path: list[np.ndarray], gradients: np.ndarray) -> str:
    if np.allclose(path, list(_expected(gradients, frozen=True))):
        return (
            "Your path is the one of a t that stays at 1: raise the decays to the power t, "
            "which grows with every step."
        )
    return (
        "The first step was right, so look at what changes later: the powers beta1**t and "
        "beta2**t, and what the function keeps from one step to the next."
    )


def _text(x: Any) -> str:
    return np.array2string(np.asarray(x), precision=4, separator=", ").strip("[]")
