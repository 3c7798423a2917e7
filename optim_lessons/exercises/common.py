"""What the tests of the exercises share: this file's text stands before the tests of each of them.

So an exercise's package is complete in itself, and what runs it needs NumPy and nothing of ours.
"""

import numpy as np


class PathsPartError(AssertionError):
    """Two paths part at a step: words for the student, and the paths for a report to draw."""

    def __init__(self, words, expected, yours, step):
        super().__init__(words)
        self.paths = {"expected": expected.tolist(), "yours": yours.tolist(), "step": step}


def text(x):
    """Write numbers as a reader would."""
    return np.array2string(np.asarray(x, dtype=float), precision=4, separator=", ").strip("[]")


def short(x):
    """Write anything in one line."""
    words = " ".join(repr(x).split())
    return words if len(words) < 80 else words[:77] + "..."


def close(x, y, rtol=1e-6):
    """Tell whether two arrays agree in all their digits but the last."""
    return np.allclose(x, y, rtol=rtol, atol=1e-12)


def returned(answer, **shapes):
    """Give what a function returned as arrays, if it has the parts and shapes that it should."""
    wanted = f"({', '.join(shapes)})"
    assert isinstance(answer, (tuple, list)) and len(answer) == len(shapes), (
        f"The function should return {len(shapes)} things, {wanted}, but returned {short(answer)}."
    )
    arrays = []
    for (name, shape), part in zip(shapes.items(), answer, strict=True):
        try:
            arrays.append(np.array(part, dtype=float))
        except (TypeError, ValueError):
            raise AssertionError(
                f"{name} should be made of numbers, but it is {short(part)}."
            ) from None
        assert arrays[-1].shape == shape, (
            f"{name} should have the shape {shape}, but it has {arrays[-1].shape}."
        )
    return arrays


def untouched(before, after):
    """Complain of an argument that is no longer what it was; both map names to arrays."""
    for name in before:
        assert np.array_equal(before[name], after[name]), (
            f"The argument {name} was changed in place, from {text(before[name])} to "
            f"{text(after[name])}.\n`{name} *= ...` and `{name} += ...` write into the caller's "
            f"array: write `{name} = {name} * ...` instead."
        )


def same_path(yours, expected, mistakes, hint):
    """Complain at the first step where a path parts from the expected one.

    `mistakes` maps words to the path that a known mistake leads to: the mistake that leads to the
    student's own path is named. Where none does, `hint` is all that can be said.
    """
    yours, expected = np.array(yours), np.array(expected)
    for t, (here, there) in enumerate(zip(yours, expected, strict=True)):
        if not close(here, there):
            known = [words for words, path in mistakes.items() if close(yours, path)]
            words = f"The paths part at step t = {t}: theta should be {text(there)}, "
            words += f"but it is {text(here)}.\n{known[0] if known else hint}"
            raise PathsPartError(words, expected, yours, t)
