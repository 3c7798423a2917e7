"""Print a trace as a Numba kernel, so that a sweep runs compiled by the same text as Python.

The kernel takes `WIDTH` runs at a time through all of their steps. Its innermost loop goes over
these runs and never branches, so that one instruction can serve several of them.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from optim_lessons.contract import Array, flags_of
from optim_lessons.trace.graph import (
    FunctionTrace,
    Node,
    Statement,
    StepTrace,
    trace_function,
    trace_step,
)

WIDTH = 32

BINARY = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "floor_divide": "//",
    "remainder": "%",
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
}
CALLS = {
    "sqrt": "math.sqrt",
    "absolute": "abs",
    "sign": "np.sign",
    "maximum": "np.maximum",
    "minimum": "np.minimum",
    "exp": "math.exp",
    "log": "math.log",
    "sin": "math.sin",
    "cos": "math.cos",
    "floor": "np.floor",
}


def run(
    optimizer: Any,
    problem: Any,
    hyper: Mapping[str, Any],
    shape: tuple[int, ...],
    theta0: Array,
    steps: int,
    rates: Array | None = None,
) -> tuple[Array, Array, np.ndarray]:
    """Run a grid: `hyper` broadcasts to `shape`, and `rates` are the learning rates of the steps.

    Returns the arrays of a `Sweep`. Raises ImportError without Numba, TypeError for an optimizer or
    a problem that the trace cannot read.
    """
    if not (hasattr(problem, "f") and hasattr(problem, "df")):
        raise TypeError("Numba needs a problem with f(x, y) and df(x, y), as the surfaces have")
    if hasattr(optimizer, "trace"):
        raise TypeError(f"Numba cannot run {type(optimizer).__name__}, a choice of rules")
    flags = tuple((name, getattr(optimizer, name)) for name in flags_of(optimizer))
    cls: Any = type(optimizer)
    step, kernel = kernel_of(cls, flags, problem.f, problem.df, rates is not None)

    # The last group of runs is filled up with copies of the last run.
    n = math.prod(shape)
    padded = np.minimum(np.arange(-(-n // WIDTH) * WIDTH), n - 1)

    def flat(x: Any) -> np.ndarray:
        return np.broadcast_to(x, shape).ravel()[padded]

    # What changes with t is a table with a row a step; `column` says where a run's numbers stand.
    times = (steps + 1, *(1 for _ in shape))
    leaves = {("hyper", name): x for name, x in hyper.items()}
    leaves["state", "t"] = np.arange(steps + 1).reshape(times)
    if rates is not None:
        leaves["hyper", "lr"] = rates.reshape(times)
    tables, columns = [np.zeros((steps + 1, 0))], [np.zeros((0, len(padded)), int)]
    with np.errstate(all="ignore"):
        for node in looked_up(step, rates is not None).values():
            values = evaluate(node, leaves)
            numbers = np.arange(math.prod(values.shape[1:])).reshape(values.shape[1:])
            columns.append(flat(numbers)[None] + sum(table.shape[1] for table in tables))
            tables.append(values.reshape(steps + 1, -1))
    constant = [flat(x) for name, x in hyper.items() if rates is None or name != "lr"]

    theta, value = np.empty((len(theta0), len(padded))), np.empty(len(padded))
    alive = np.empty(len(padded), bool)
    kernel(
        *(steps, theta0, np.array(constant), np.concatenate(tables, 1), np.concatenate(columns)),
        *(theta, value, alive),
    )
    ends = theta[:, :n].T.reshape(*shape, len(theta0))
    return ends, value[:n].reshape(shape), ~alive[:n].reshape(shape)


@lru_cache
def kernel_of(
    cls: Any, flags: tuple[tuple[str, bool], ...], f: Any, df: Any, scheduled: bool
) -> tuple[StepTrace, Callable[..., None]]:
    """The trace of a method's step, and its kernel on a surface, for any hyperparameters."""
    step = trace_step(cls(**dict(flags)))
    return step, compiled(source(step, trace_function(f), trace_function(df), scheduled))


def looked_up(step: StepTrace, scheduled: bool) -> dict[str, Node]:
    """What NumPy computes for the kernel, by name: powers and the like of t and hyperparameters.

    So beta**t is as exact as NumPy's, and is computed once for all runs that share beta. A divisor
    of this kind, such as 1 - beta**t, is looked up as its reciprocal: a product takes a fraction of
    a quotient's time. A learning rate that a schedule gives is looked up too.
    """
    found = {"lr": Node("leaf", "hyper", "lr")} if scheduled else {}
    seen = set()

    def search(node: Any) -> None:
        if not isinstance(node, Node) or node.op == "leaf" or node in seen:
            return
        seen.add(node)
        if node.op == "divide" and _of_t(node.args[1]) and not _of_t(node):
            found[f"at_t_{len(found)}"] = Node("divide", 1.0, node.args[1])
            search(node.args[0])
        elif node.op in ("power", "exp", "log", "sin", "cos") and _of_t(node):
            found[f"at_t_{len(found)}"] = node
        else:
            for a in node.args:
                search(a)

    for result in (step.theta, *step.state.values()):
        search(result)
    return found


def _of_t(node: Any) -> bool:
    """Whether a node depends on t, and on hyperparameters at most besides."""
    return isinstance(node, Node) and set(_leaves(node)) == {"t"}


def _key(node: Node) -> Any:
    """What `expression` looks up: a node, or for a reciprocal the divisor, marked as one."""
    return ("1 /", node.args[1]) if node.op == "divide" else node


def _leaves(node: Node) -> Iterator[str]:
    """The names of the leaves below, except hyperparameters."""
    if node.op == "leaf":
        if node.args[0] != "hyper":
            yield node.args[1]
    else:
        for a in node.args:
            if isinstance(a, Node):
                yield from _leaves(a)


def evaluate(node: Any, leaves: Mapping[tuple[str, str], Any]) -> Any:
    """What NumPy makes of a node."""
    if not isinstance(node, Node):
        return node
    if node.op == "leaf":
        return leaves[node.args]
    return getattr(np, node.op)(*(evaluate(a, leaves) for a in node.args))


def source(step: StepTrace, f: FunctionTrace, df: FunctionTrace, scheduled: bool = False) -> str:
    """Python text of `value`, `grad`, `init`, `step`, and of the `kernel` that calls them.

    `lane[row, j]` keeps what run j of a group takes from step to step.
    """
    tables = looked_up(step, scheduled)
    powers = {_key(node): name for name, node in tables.items() if name not in step.hyper}
    fields = [name for name in step.initial if name != "t"]
    hp = [f"hp_{name}" for name in step.hyper]
    before = ["theta", "g", "old_t", *(f"old_{name}" for name in fields), *hp, *powers.values()]
    # A tuple of one element or none needs its comma: a last 0 that nobody reads spares the cases.
    initial = [*(step.initial[name] for name in fields), 0]
    after = [step.theta, *(step.state[name] for name in fields), 0]
    functions = [
        _function("value", f.arguments, f.statements, f.results, {}),
        _function("grad", df.arguments, df.statements, df.results, {}),
        _function("init", ["theta", *hp], (), initial, {}),
        _function("step", before, step.statements, after, powers),
    ]

    constant = [f"hp_{name}" for name in step.hyper if name not in tables]
    timed = {f"hp_{name}" if name in step.hyper else name: k for k, name in enumerate(tables)}
    d = range(len(f.arguments))
    states = ["".join(f"{name}{k}, " for name in fields) for k in d]
    changing = ["check", "f", *(f"{name}{k}" for k in d for name in ("theta", *fields))]
    rows = list(enumerate(constant + changing))
    keep = [f"lane[{row}, j] = {name}" for row, name in rows]
    recall = [f"{name} = lane[{row}, j]" for row, name in rows]
    begin = [f"{name} = hyper[{k}, i]" for k, name in enumerate(constant)]
    begin += [f"{name} = table[0, column[{k}, i]]" for name, k in timed.items()]
    begin += ["check = f = 0.0"]
    move = [f"{name} = table[t, column[{k}, i]]" for name, k in timed.items()]
    move += ["f = value(" + ", ".join(f"theta{k}" for k in d) + ")"]
    move += [
        ", ".join(f"grad{k}" for k in d) + " = grad(" + ", ".join(f"theta{k}" for k in d) + ")"
    ]
    # 0 as long as all was finite, NaN from then on.
    move += ["check += 0 * f" + "".join(f" + 0 * grad{k}" for k in d)]
    move += ["go = (check == 0) & (t < steps)"]
    for k in d:
        begin += [f"theta{k} = start[{k}]", f"{states[k]}_ = init(theta{k}, {', '.join(hp)})"]
        arguments = ", ".join([*hp, *powers.values()])
        move += [f"new, {states[k]}_ = step(theta{k}, grad{k}, t, {states[k]}{arguments})"]
        move += [f"theta{k} = new if go else theta{k}"]
    end = [f"theta[{k}, i] = theta{k}" for k in d] + [
        "value_at_end[i] = f",
        "alive[i] = check == 0",
    ]

    def loop(head: str, *body: str) -> str:
        return f"for {head}:\n" + textwrap.indent("\n".join(body), "    ")

    def lanes(*body: str) -> str:
        return loop(f"j in range({WIDTH})", f"i = {WIDTH} * group + j", *body)

    kernel = loop(
        f"group in prange(theta.shape[1] // {WIDTH})",
        f"lane = np.empty(({len(rows)}, {WIDTH}))",
        lanes(*begin, *keep),
        loop("t in range(steps + 1)", lanes(*recall, *move, *keep)),
        lanes(*recall, *end),
    )
    arguments = "steps, start, hyper, table, column, theta, value_at_end, alive"
    return "".join(functions) + f"def kernel({arguments}):\n" + textwrap.indent(kernel, "    ")


def _function(
    name: str,
    arguments: Sequence[str],
    statements: Sequence[Statement],
    results: Sequence[Any],
    known: Mapping[Any, str],
) -> str:
    named = dict(known)
    lines = [f"def {name}({', '.join(arguments)}):"]
    for statement in statements:
        new = "theta_new" if statement.name == "theta" else statement.name
        lines.append(f"{new} = {expression(statement.node, named)}")
        if isinstance(statement.node, Node):
            named.setdefault(statement.node, new)
    lines.append("return " + ", ".join(expression(result, named) for result in results))
    return "\n    ".join(lines) + "\n\n"


def expression(x: Any, named: Mapping[Any, str]) -> str:
    """Python for a node or a number; every operation is in brackets, in the step's order."""
    if not isinstance(x, Node):
        return repr(float(x))
    if x in named:
        return named[x]
    if x.op == "divide" and ("1 /", x.args[1]) in named:
        return f"({expression(x.args[0], named)} * {named['1 /', x.args[1]]})"
    if x.op == "leaf":
        kind, name = x.args
        return {"hyper": f"hp_{name}", "state": f"old_{name}"}.get(kind, name)
    if x.op == "zeros_like":
        return "0.0"
    args = [expression(a, named) for a in x.args]
    if x.op == "full_like":
        return args[1]
    if x.op in BINARY:
        return f"({args[0]} {BINARY[x.op]} {args[1]})"
    if x.op == "negative":
        return f"(-{args[0]})"
    if x.op == "where":
        return f"({args[1]} if {args[0]} else {args[2]})"
    if x.op == "clip":
        return f"np.minimum(np.maximum({args[0]}, {args[1]}), {args[2]})"
    if x.op == "power":
        exponent = x.args[1]
        # A whole number that stands in the text becomes products, as NumPy squares by one product.
        if not isinstance(exponent, Node) and float(exponent).is_integer():
            return f"({args[0]} ** {int(exponent)})"
        return f"math.pow({args[0]}, {args[1]})"
    if x.op in CALLS:
        return f"{CALLS[x.op]}({', '.join(args)})"
    raise TypeError(f"the trace cannot print np.{x.op} for Numba")


@lru_cache
def compiled(text: str) -> Callable[..., None]:
    """The kernel of a text that `source` printed; it is compiled when it is first called."""
    try:
        import numba
    except ImportError as error:
        raise ImportError(f"{error}: pip install numba") from error
    names: dict[str, Any] = {"np": np, "math": math, "prange": numba.prange}
    exec(compile(text, "<kernel from the trace>", "exec"), names)
    for name in ("value", "grad", "init", "step"):
        names[name] = numba.njit(error_model="numpy")(names[name])
    return numba.njit(error_model="numpy", parallel=True)(names["kernel"])
