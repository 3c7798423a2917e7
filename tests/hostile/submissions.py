"""The submissions, each with the mark that it deserves, stated before it is graded.

Most are in submissions.txt; here are the known mistakes, and files that are no notebook.
"""

import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from hostile.graded import SOLUTION

WRONG = """
import numpy as np

def cubic_step(theta, g, m, w, t, lr, beta1, beta2, eps):
    return theta * 0, m * 0, w * 0
"""
FORGE = """
import os, struct

def forge(header, body=b"", sizes=None):
    a, b = sizes or (len(header), len(body))
    for fd in range(3, 12):
        try: os.write(fd, struct.pack(">II", a, b) + header + body)
        except OSError: pass
"""
NAMED = {"RIGHT": SOLUTION, "WRONG": WRONG, "FORGE": FORGE}
SECTION = re.compile(r"^=== (\S+) \| (\w+) \| (\d) \| ?(.*)\n((?:(?!===|# ).*\n?)*)", re.M)


@dataclass(frozen=True)
class Case:
    """A submission, its mark, and words that its feedback must hold."""

    name: str
    mark: float
    data: bytes
    says: str = ""
    suffix: str = ".ipynb"
    exercise: str = "cubic-step"


def notebook(*sources: str) -> bytes:
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    made = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(made).encode()


def written() -> list[Case]:
    """The cases of submissions.txt."""
    text = Path(__file__).with_suffix(".txt").read_text()
    found = SECTION.findall(text)
    assert len(found) == len(re.findall("^===", text, re.M))
    return [
        Case(
            name,
            int(mark),
            notebook(*cells(kind, body.strip("\n"))),
            says,
            exercise="descend" if kind == "descend" else "cubic-step",
        )
        for name, kind, mark, says, body in found
    ]


def cells(kind: str, body: str) -> list[str]:
    if kind == "forged":
        body = f"FORGE\n{body}\nimport time; time.sleep(1000)"
    body = re.sub("^(RIGHT|WRONG|FORGE)$", lambda match: NAMED[match[1]], body, flags=re.M)
    if kind in ("right", "wrong"):
        return [NAMED[kind.upper()], body]
    if kind in ("function", "forged"):
        solution = SOLUTION.replace("def cubic_step", "def solution")
        lines = body.replace("\n", "\n    ")
        return [f"{solution}\n\ndef cubic_step(*args):\n    {lines}\n"]
    if kind == "descend":
        return ["import numpy as np", body]
    assert kind == "cells"
    return body.split("\n---\n") if body else []


def mistake(name: str, mark: int, old: str, new: str, says: str) -> Case:
    assert SOLUTION.count(old) == 1, old
    return Case(name, mark, notebook(SOLUTION.replace(old, new)), says)


AVERAGE = "m = beta1 * m + (1 - beta1) * g"
MISTAKES = [
    mistake("epsilon-inside", 5, "np.cbrt(w_hat) + eps", "np.cbrt(w_hat + eps)", "is outside"),
    mistake("no-correction-of-m", 2, "* m_hat /", "* m /", "corrections?"),
    mistake("no-correction-of-w", 2, "cbrt(w_hat)", "cbrt(w)", "corrections?"),
    mistake("t-frozen", 3, "m_hat = ", "t = 1; m_hat = ", "corrections?"),
    mistake("wrong-sign", 2, "theta - lr", "theta + lr", "corrections?"),
    mistake("betas-swapped", 0, AVERAGE, f"beta1, beta2 = beta2, beta1; {AVERAGE}", "belongs"),
    mistake("in-place", 5, AVERAGE, "m *= beta1; m += (1 - beta1) * g", "changed its argument 3"),
    mistake("sign-of-the-cube", 0, "np.abs(g)**3", "g**3", "cubes of |g|"),
]


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(10**8))
    return file.getvalue()


CELL = b'{"cells": [{"cell_type": "code", "source": %s}], "nbformat": 4}'
FILES = [
    Case("python-file", 6, SOLUTION.encode(), suffix=".py"),
    Case("byte-order-mark", 6, b"\xef\xbb\xbf" + SOLUTION.encode(), suffix=".py"),
    Case("parser-bomb", 0, b"(" * 10_000 + b")" * 10_000, "too many nested", ".py"),
    Case("null-bytes", 0, b"def cubic_step(*args):\n    return \0", "null bytes", ".py"),
    Case("much-code", 0, b"x = 1\n" * 10**5, "longer than 100,000", ".py"),
    Case("utf-16", 0, SOLUTION.encode("utf-16"), "not text in UTF-8", ".py"),
    Case("latin-1", 0, ("# é\n" + SOLUTION).encode("latin-1"), "not text in UTF-8", ".py"),
    Case("empty-file", 0, b"", "cannot be read as JSON"),
    Case("text", 0, b"hello", "cannot be read as JSON"),
    Case("a-list", 0, b"[1, 2]", "no list of cells"),
    Case("old-format", 0, b'{"worksheets": [], "nbformat": 3}', "no list of cells"),
    Case("source-of-numbers", 0, CELL % b"[1, 2]", "no text"),
    Case("half-a-character", 0, CELL % b'"\\ud800"', "half a character"),
    Case("many-cells", 0, notebook(*["x = 1"] * 501), "more than 500"),
    Case("deep-json", 0, b"[" * 10**6, "cannot be read as JSON"),
    Case("picture", 0, b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not text in UTF-8"),
    Case("hundred-megabytes", 0, bytes(10**8), "larger than 10 MB"),
    Case("zip-bomb", 0, bomb(), "not text in UTF-8"),
]

CASES = [*written(), *MISTAKES, *FILES]
