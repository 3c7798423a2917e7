"""Print a trace as JavaScript, so that the page steps by the same text as Python."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from optim_lessons.contract import HyperInfo, flags_of, variant_name, variant_title
from optim_lessons.trace.graph import (
    FunctionTrace,
    Node,
    StepTrace,
    numbers_of,
    trace_function,
    trace_schedule,
    trace_step,
)

BINARY = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
}
CALLS = {
    "sqrt": "Math.sqrt",
    "absolute": "Math.abs",
    "sign": "Math.sign",
    "maximum": "Math.max",
    "minimum": "Math.min",
    "exp": "Math.exp",
    "log": "Math.log",
    "sin": "Math.sin",
    "cos": "Math.cos",
    "floor": "Math.floor",
    "floor_divide": "floorDivide",
    "remainder": "remainder",
}

# What JavaScript lacks, or does otherwise than NumPy. Its remainder has the sign of the dividend.
# x**n is for a whole n: JavaScript's Math.pow may differ from C's in the last place, so the
# products are carried as an unevaluated sum hi + lo (Dekker 1971) and rounded once, at the end.
HELPERS = """\
let low = 0; // what the last product leaves beside its rounded value
function product(a, aLow, b, bLow) {
  const p = a * b;
  low = 0;
  if (!Number.isFinite(p) || p === 0) return p;
  const c = 134217729 * a;
  const a1 = c - (c - a);
  const a2 = a - a1;
  const d = 134217729 * b;
  const b1 = d - (d - b);
  const b2 = b - b1;
  const error = a2 * b2 - (p - a1 * b1 - a2 * b1 - a1 * b2) + (a * bLow + aLow * b);
  const high = p + error;
  low = error - (high - p);
  return high;
}
function integerPower(x, n) {
  if (!Number.isFinite(n)) return x ** n; // the loop would have no end
  if (n < 0) return 1 / integerPower(x, -n);
  if (n * Math.log(Math.abs(x)) < -750) return 0; // below the least double: soon so for beta ** t
  let [result, resultLow, base, baseLow] = [1, 0, x, 0];
  for (let k = n; k > 0; k = Math.floor(k / 2)) {
    if (k % 2 === 1) {
      result = product(result, resultLow, base, baseLow);
      resultLow = low;
    }
    if (k > 1) {
      base = product(base, baseLow, base, baseLow);
      baseLow = low;
    }
  }
  return result;
}
function square(x) {
  return x * x;
}
function remainder(a, b) {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}
function floorDivide(a, b) {
  return Math.round((a - remainder(a, b)) / b);
}
"""


def module(
    optimizers: Iterable[Any], surfaces: Iterable[Any], schedules: Iterable[Any] = ()
) -> str:
    """An ES module without imports: exports `optimizers`, `surfaces` and `schedules` by name."""
    entries = ",\n".join(f"{variant_name(o)}: {optimizer_object(o)}" for o in optimizers)
    rates = ",\n".join(f"{type(s).__name__}: {schedule_object(s)}" for s in schedules)
    places = ",\n".join(f"{s.name}: {surface_object(s)}" for s in surfaces)
    return (
        "// Made from the Python source by optim_lessons.trace.javascript: do not edit.\n"
        f"{HELPERS}"
        f"export const optimizers = {{\n{entries}\n}};\n"
        f"export const surfaces = {{\n{places}\n}};\n"
        f"export const schedules = {{\n{rates}\n}};\n"
    )


def optimizer_object(optimizer: Any) -> str:
    """A JavaScript object with an optimizer's description, `init` and `step` for one coordinate."""
    trace = trace_step(optimizer)
    optimizer = trace.optimizer
    about = {
        "title": variant_title(optimizer),
        "cls": type(optimizer).__name__,
        "flags": {name: True for name in flags_of(optimizer) if getattr(optimizer, name)},
        "family": optimizer.family,
    }
    return step_object(trace, about)


def step_object(trace: StepTrace, about: Mapping[str, Any]) -> str:
    """A JavaScript object with what `about` says, and a trace's `init` and `step`."""
    described = {
        **about,
        "hyper": [_describe(info) for info in trace.hyper.values()],
        "state": list(trace.state),
    }
    fields = "".join(f"{key}: {json.dumps(value)},\n" for key, value in described.items())
    initial = _object(trace.initial, {})
    return f"{{\n{fields}init(theta, hp) {{ return {initial}; }},\n{_step(trace)}\n}}"


def surface_object(surface: Any) -> str:
    """A JavaScript object with a surface's description, `value(x, y)` and `grad(x, y)`."""
    about = {
        "title": surface.title,
        "start": surface.start,
        "minima": surface.minima,
        "viewport": surface.viewport,
    }
    fields = "".join(f"{key}: {json.dumps(value)},\n" for key, value in about.items())
    value = _function("value", trace_function(surface.f))
    grad = _function("grad", trace_function(surface.df))
    return f"{{\n{fields}{value},\n{grad}\n}}"


def schedule_object(schedule: Any) -> str:
    """A JavaScript object with a schedule's description and `rate(t, hp)`, for t = 1, 2, ...

    The rate of step t stands in the place of the optimizer's `lr`, as in `minimize`. `hp` has a
    number for each entry of `hyper`, which are those of a schedule inside too, with a dot:
    "then.lr". `peak` is the name of the largest rate, and `parts` are the schedules inside.

    Example:
        >>> from optim_lessons.schedules import InverseTime
        >>> print(schedule_object(InverseTime()).splitlines()[-3])
        return (hp.lr / (1 + (hp.decay * (t - 1))));
    """
    numbers = numbers_of(schedule)
    fields = {f.name: getattr(schedule, f.name) for f in dataclasses.fields(schedule)}
    about = {
        "title": schedule.title,
        "words": inspect.getdoc(type(schedule)).splitlines()[0],  # type: ignore[union-attr]
        "peak": next((name for name in numbers if name.split(".")[-1] == "lr"), None),
        "hyper": [_describe(info) for info in numbers.values()],
        "parts": {f: type(x).__name__ for f, x in fields.items() if dataclasses.is_dataclass(x)},
    }
    described = "".join(f"{key}: {json.dumps(value)},\n" for key, value in about.items())
    return f"{{\n{described}{_function('rate', trace_schedule(schedule))}\n}}"


def _describe(info: HyperInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "symbol": info.symbol,
        "words": info.words,
        "interval": info.interval,
        "scale": info.scale,
        "value": info.default,
    }


def _step(trace: StepTrace) -> str:
    named: dict[Node, str] = {}
    lines = []
    for statement in trace.statements:
        name = "theta_new" if statement.name == "theta" else statement.name
        if name != "t" or "t" not in named.values():  # rules of one optimizer count the same t
            lines.append(f"const {name} = {expression(statement.node, named)};")
        if isinstance(statement.node, Node):
            named.setdefault(statement.node, name)
    state = _object(trace.state, named)
    kept = {"theta", *trace.state, *trace.state.values()}
    seen = {s.name: s.node for s in trace.statements if not kept & {s.name, s.node}}
    theta, seen_too = expression(trace.theta, named), _object(seen, named)
    result = f"{{ theta: {theta}, state: {state}, named: {seen_too} }}"
    body = "\n".join(lines)
    return f"step(theta, g, state, hp) {{\n{body}\nreturn {result};\n}}"


def _function(name: str, trace: FunctionTrace) -> str:
    named: dict[Node, str] = {}
    lines = []
    for statement in trace.statements:
        lines.append(f"const {statement.name} = {expression(statement.node, named)};\n")
        if isinstance(statement.node, Node):
            named.setdefault(statement.node, statement.name)
    results = [expression(result, named) for result in trace.results]
    returned = results[0] if len(results) == 1 else f"[{', '.join(results)}]"
    return f"{name}({', '.join(trace.arguments)}) {{\n{''.join(lines)}return {returned};\n}}"


def _object(values: Mapping[str, Any], named: Mapping[Node, str]) -> str:
    pairs = ", ".join(f"{name}: {expression(node, named)}" for name, node in values.items())
    return f"{{ {pairs} }}" if pairs else "{}"


def expression(x: Any, named: Mapping[Node, str]) -> str:
    """JavaScript for a node or a number; every operation is in brackets, in Python's order."""
    if not isinstance(x, Node):
        return repr(int(x)) if isinstance(x, int | np.integer) else repr(float(x))
    if x in named:
        return named[x]
    if x.op == "leaf":
        kind, name = x.args
        hyper = f'hp["{name}"]' if "." in name else f"hp.{name}"
        return {"hyper": hyper, "state": f"state.{name}"}.get(kind, name)
    if x.op == "zeros_like":
        return "0"
    args = [expression(a, named) for a in x.args]
    if x.op == "full_like":
        return args[1]
    if x.op in BINARY:
        return f"({args[0]} {BINARY[x.op]} {args[1]})"
    if x.op == "negative":
        return f"(-{args[0]})"
    if x.op == "where":
        return f"({args[0]} ? {args[1]} : {args[2]})"
    if x.op == "clip":
        return f"Math.min(Math.max({args[0]}, {args[1]}), {args[2]})"
    if x.op == "power":
        if args[1] in ("2", "2.0"):
            return f"square({args[0]})"  # NumPy squares by one product
        name = "integerPower" if is_whole(x.args[1]) else "Math.pow"
        return f"{name}({', '.join(args)})"
    if x.op in CALLS:
        return f"{CALLS[x.op]}({', '.join(args)})"
    raise TypeError(f"the trace cannot print np.{x.op} as JavaScript")


def is_whole(x: Any) -> bool:
    """Whether a value is a whole number: t, what is rounded or compared, or made of these."""
    if not isinstance(x, Node):
        return float(x).is_integer()
    if x.op == "leaf":
        return x.args in (("state", "t"), ("count", "t"))
    if x.op in ("floor", "floor_divide", "greater", "greater_equal", "less", "less_equal"):
        return True
    return x.op in ("add", "subtract", "multiply") and all(map(is_whole, x.args))
