"""Print a trace as LaTeX, in the order of the code."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from optim_lessons.trace.graph import FunctionTrace, Node, Statement, StepTrace

GREEK = {
    *("alpha", "beta", "gamma", "delta", "eps", "eta", "lam", "mu", "phi", "psi", "rho", "sigma"),
    *("theta", "Pi"),
}
GREEK_SPELLING = {"eps": "epsilon", "lam": "lambda"}
NAMES = {"mu_product": "Pi"}  # a product needs a letter of its own
WORDS = {"inf": r"\infty", "max": r"\max"}  # of a subscript; others are set upright

# How tightly a printed expression holds together: a sum least, a symbol most.
SUM, PRODUCT, POWER, ATOM = range(4)

Printed = tuple[str, int]


def equations(trace: StepTrace) -> list[tuple[Statement, str]]:
    r"""Each statement of a step with its equation; counting t needs none and is left out.

    Example:
        >>> from optim_lessons import SGD
        >>> from optim_lessons.trace import trace_step
        >>> equations(trace_step(SGD))[0][1]
        '\\theta_{t} = \\theta_{t-1} - \\alpha\\,g_{t}'
    """
    named: dict[Node, str] = {}
    lines = []
    for statement in trace.statements:
        if statement.name == "t":
            named[statement.node] = "t"
            continue
        is_node = isinstance(statement.node, Node)
        changes = is_node and statement.node.depends_on("theta", "g", "state")
        left = symbol(statement.name, "t" if changes else "")
        right = _print(statement.node, lambda leaf: _step_leaf(leaf, trace), named)
        if is_node:
            named[statement.node] = left
        lines.append((statement, f"{left} = {right}"))
    return lines


def formula(trace: FunctionTrace, name: str = "f") -> str:
    r"""A function of one result as a single equation.

    Example:
        >>> from optim_lessons import problems
        >>> from optim_lessons.trace import trace_function
        >>> formula(trace_function(problems.saddle.f))
        'f(x, y) = x^{2} - y^{2}'
    """
    (result,) = trace.results
    arguments = ", ".join(trace.arguments)
    return f"{name}({arguments}) = {_print(result, lambda leaf: symbol(leaf.args[1]), {})}"


def symbol(name: str, time: str = "") -> str:
    """The book's symbol for a name in the code: `v_hat` at time t is v with a hat, subscript t."""
    stem, *words = NAMES.get(name, name).split("_")
    accent = words.pop(0) if words[:1] in (["hat"], ["bar"]) else None
    if time and words[-1:] == ["next"]:
        words.pop()
        time = f"{time}+1"
    letters, digits = re.fullmatch(r"([A-Za-z]+)(\d*)", stem).groups()  # type: ignore[union-attr]
    if letters in GREEK:
        letters = "\\" + GREEK_SPELLING.get(letters, letters)
    elif len(letters) > 1:
        letters = rf"\mathrm{{{letters}}}"
    if accent:
        letters = rf"\{accent}{{{letters}}}"
    rest = [WORDS.get(word, rf"\mathrm{{{word}}}") for word in words]
    subscript = ",".join(part for part in (digits, *rest, time) if part)
    return f"{letters}_{{{subscript}}}" if subscript else letters


def _step_leaf(leaf: Node, trace: StepTrace) -> str:
    kind, name = leaf.args
    if kind == "hyper":
        return trace.hyper[name].symbol
    if kind == "g":
        return symbol("g", "t")
    return "t-1" if name == "t" else symbol(name, "t-1")


def _print(node: Any, leaf: Callable[[Node], str], named: Mapping[Node, str]) -> str:
    """The expression for `node`; nodes below it that have a name are printed by that name."""

    def text(x: Any, least: int) -> str:
        """`x`, in brackets if it holds together less tightly than `least`."""
        printed, strength = go(x)
        return printed if strength >= least else rf"\left({printed}\right)"

    def go(x: Any) -> Printed:
        if not isinstance(x, Node):
            return _number(x)
        if x in named:
            return named[x], ATOM
        if x.op == "leaf":
            return leaf(x), SUM if x.args == ("state", "t") else ATOM
        return PRINT[x.op](text, go, *x.args)

    return go(node)[0]


def _number(x: Any) -> Printed:
    turns = float(x) / math.pi
    if turns and turns.is_integer():
        strength = ATOM if turns == 1 else PRODUCT if turns > 0 else SUM
        return (r"\pi" if turns == 1 else rf"{turns:g}\pi"), strength
    return f"{float(x):.12g}", SUM if x < 0 else ATOM


def _add(text: Any, go: Any, a: Any, b: Any) -> Printed:
    if not isinstance(b, Node) and b == 0:
        return go(a)
    return f"{text(a, SUM)} + {text(b, SUM)}", SUM


def _subtract(text: Any, go: Any, a: Any, b: Any) -> Printed:
    return f"{text(a, SUM)} - {text(b, PRODUCT)}", SUM


def _multiply(text: Any, go: Any, a: Any, b: Any) -> Printed:
    if isinstance(b, Node) and b.op == "power" and b.args[0] is a and isinstance(b.args[1], int):
        return _power(text, go, a, b.args[1] + 1)  # y * y**2 is a cube, computed as a product
    left, right = text(a, PRODUCT), text(b, PRODUCT)
    # A number after a factor needs a dot, or 2 times 3 would read as 23.
    return left + (r" \cdot " if right[0].isdigit() else r"\,") + right, PRODUCT


def _divide(text: Any, go: Any, a: Any, b: Any) -> Printed:
    return rf"\frac{{{go(a)[0]}}}{{{go(b)[0]}}}", PRODUCT


def _power(text: Any, go: Any, a: Any, b: Any) -> Printed:
    return f"{text(a, ATOM)}^{{{go(b)[0]}}}", POWER


def _negative(text: Any, go: Any, a: Any) -> Printed:
    return f"-{text(a, PRODUCT)}", SUM


def _call(before: str, after: str) -> Callable[..., Printed]:
    def call(text: Any, go: Any, *args: Any) -> Printed:
        return before + ", ".join(go(a)[0] for a in args) + after, ATOM

    return call


def _where(text: Any, go: Any, condition: Any, a: Any, b: Any) -> Printed:
    rows = rf"{go(a)[0]} & \text{{if }} {go(condition)[0]} \\ {go(b)[0]} & \text{{else}}"
    return rf"\begin{{cases}} {rows} \end{{cases}}", SUM


def _clip(text: Any, go: Any, x: Any, low: Any, high: Any) -> Printed:
    bounds = f"{go(low)[0]}, {go(high)[0]}"
    return rf"\operatorname{{clip}}\left({go(x)[0]}, {bounds}\right)", ATOM


def _compare(sign: str) -> Callable[..., Printed]:
    return lambda text, go, a, b: (f"{text(a, SUM)} {sign} {text(b, SUM)}", SUM)


PRINT: dict[str, Callable[..., Printed]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "negative": _negative,
    "sqrt": _call(r"\sqrt{", "}"),
    "absolute": _call(r"\left|", r"\right|"),
    "sign": _call(r"\operatorname{sign}\left(", r"\right)"),
    "maximum": _call(r"\max\left(", r"\right)"),
    "minimum": _call(r"\min\left(", r"\right)"),
    "exp": _call(r"\exp\left(", r"\right)"),
    "log": _call(r"\log\left(", r"\right)"),
    "sin": _call(r"\sin\left(", r"\right)"),
    "cos": _call(r"\cos\left(", r"\right)"),
    "floor": _call(r"\left\lfloor ", r" \right\rfloor"),
    "floor_divide": lambda text, go, a, b: (
        rf"\left\lfloor \frac{{{go(a)[0]}}}{{{go(b)[0]}}} \right\rfloor",
        ATOM,
    ),
    # Always in brackets: readers do not agree how tightly mod holds together.
    "remainder": lambda text, go, a, b: (
        rf"\left({text(a, ATOM)} \bmod {text(b, ATOM)}\right)",
        ATOM,
    ),
    "where": _where,
    "zeros_like": lambda text, go, x: ("0", ATOM),
    "full_like": lambda text, go, x, value: go(value),
    "clip": _clip,
    "greater": _compare(">"),
    "greater_equal": _compare(r"\ge"),
    "less": _compare("<"),
    "less_equal": _compare(r"\le"),
}
