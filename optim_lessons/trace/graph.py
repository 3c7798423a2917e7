"""Read a step by running it once on values that record what is done to them.

The result is a list of named statements, one per assignment in the source, from which the
equations, the JavaScript and the tests are made.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from optim_lessons.contract import HyperInfo, hyper_of, map_hyper

# The NumPy functions that a step may use, by NumPy's own names: all act on one coordinate.
READABLE = frozenset(
    (
        *("add", "subtract", "multiply", "divide", "power", "negative", "sqrt", "absolute", "sign"),
        *("maximum", "minimum", "clip", "exp", "log", "sin", "cos", "floor", "floor_divide"),
        *("remainder", "where", "zeros_like", "full_like"),
        *("greater", "greater_equal", "less", "less_equal"),
    )
)


class Node(np.lib.mixins.NDArrayOperatorsMixin):
    """A scalar that records the operations applied to it: `op` is NumPy's name of the function.

    A leaf has op "leaf" and args (kind, name), where kind is "theta", "g", "state" or "hyper", or
    "argument" in a plain function, or "count" for the step t of a schedule.
    """

    def __init__(self, op: str, *args: Any):
        self.op, self.args = op, args

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs:
            raise TypeError(f"the trace cannot read np.{ufunc.__name__} with {method} {kwargs}")
        return self._record(ufunc.__name__, args)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if kwargs:
            raise TypeError(f"the trace cannot read np.{func.__name__} with keywords {set(kwargs)}")
        return self._record(func.__name__, args)

    @staticmethod
    def _record(name: str, args: tuple[Any, ...]) -> Node:
        if name not in READABLE:
            raise TypeError(f"the trace cannot read np.{name}: it knows {sorted(READABLE)}")
        return Node(name, *args)

    def __bool__(self) -> bool:
        raise TypeError("a step cannot branch on a value: write np.where instead of `if`")

    def __float__(self) -> float:
        raise TypeError("the trace reads NumPy's functions: write np.sqrt, not math.sqrt")

    # Nodes are keys, told apart by identity; == would be np.equal, which the trace does not read.
    __hash__ = object.__hash__

    def depends_on(self, *kinds: str) -> bool:
        """Whether a leaf of one of these kinds is anywhere below."""
        if self.op == "leaf":
            return self.args[0] in kinds
        return any(isinstance(a, Node) and a.depends_on(*kinds) for a in self.args)


@dataclass(frozen=True)
class Statement:
    """One assignment: the name, what it holds, and its line in the source, from 0."""

    name: str
    node: Any
    line: int


@dataclass(frozen=True)
class StepTrace:
    """An optimizer's step as data."""

    optimizer: Any
    source: tuple[str, ...]
    statements: tuple[Statement, ...]
    theta: Node
    state: Mapping[str, Any]
    initial: Mapping[str, Any]
    hyper: Mapping[str, HyperInfo]


@dataclass(frozen=True)
class FunctionTrace:
    """A plain function of scalars as data; `results` has one entry per returned value."""

    arguments: tuple[str, ...]
    statements: tuple[Statement, ...]
    results: tuple[Any, ...]


def trace_step(optimizer: Any, prefix: str = "") -> StepTrace:
    """Trace the step of an optimizer, or of its class with default hyperparameters.

    Its flags keep the values that they have. The names of its hyperparameters follow `prefix`.
    Raises TypeError, saying what cannot be read, for a step that is not elementwise.

    Example:
        >>> from optim_lessons import Adam
        >>> [s.name for s in trace_step(Adam).statements]
        ['t', 'm', 'v', 'm_hat', 'v_hat', 'theta']
    """
    if isinstance(optimizer, type):
        optimizer = optimizer()
    cls = type(optimizer)
    if reason := getattr(cls, "untraced", ""):
        raise TypeError(f"the trace cannot read {cls.__name__}: {reason}")
    if hasattr(optimizer, "trace"):  # one made of rules, which have the statements
        return optimizer.trace()
    hyper = {
        prefix + name: dataclasses.replace(info, name=prefix + name)
        for name, info in hyper_of(cls).items()
    }
    symbolic = map_hyper(optimizer, lambda name, _: Node("leaf", "hyper", prefix + name))
    theta = Node("leaf", "theta", "theta")
    initial = symbolic.init(theta)._asdict()
    state = cls.State(**{name: Node("leaf", "state", name) for name in initial})
    (new_theta, new_state), statements = noted(
        cls.step, symbolic, theta, Node("leaf", "g", "g"), state
    )
    if not isinstance(new_theta, Node):
        raise TypeError(f"{cls.__name__}.step returned a theta that does not come from its input")
    return StepTrace(
        optimizer=optimizer,
        source=tuple(_source(cls.step).splitlines()),
        statements=statements,
        theta=new_theta,
        state=MappingProxyType(new_state._asdict()),
        initial=MappingProxyType(initial),
        hyper=MappingProxyType(hyper),
    )


def trace_function(function: Callable[..., Any]) -> FunctionTrace:
    """Trace a function of scalars, such as a surface's `f(x, y)`.

    Example:
        >>> from optim_lessons import problems
        >>> [s.name for s in trace_function(problems.beale.df).statements]
        ['a', 'b', 'c', 'df_dx', 'df_dy']
    """
    names = tuple(inspect.signature(function).parameters)
    results, statements = noted(function, *(Node("leaf", "argument", name) for name in names))
    return FunctionTrace(names, statements, results if isinstance(results, tuple) else (results,))


def trace_schedule(schedule: Any) -> FunctionTrace:
    """Trace a schedule, or its class with defaults: the rate as a function of t and its numbers.

    Raises TypeError for one that cannot be read, as one that reads losses.

    Example:
        >>> from optim_lessons.schedules import Cosine
        >>> [s.name for s in trace_schedule(Cosine).statements]
        ['k']
    """
    if isinstance(schedule, type):
        schedule = schedule()
    cls = type(schedule)
    if reason := getattr(cls, "untraced", ""):
        raise TypeError(f"the trace cannot read {cls.__name__}: {reason}")
    rate, statements = noted(cls.__call__, _symbolic(schedule), Node("leaf", "count", "t"))
    return FunctionTrace(("t", "hp"), statements, (rate,))


def numbers_of(schedule: Any, before: str = "") -> dict[str, HyperInfo]:
    """The numbers that a schedule is made of, by name, each with its own value as the default.

    Those of a tuple and of a schedule in a field have the field's name and a dot before theirs.

    Example:
        >>> from optim_lessons.schedules import Cosine, MultiStep, Warmup
        >>> list(numbers_of(MultiStep())), list(numbers_of(Warmup(then=Cosine())))[:3]
        (['lr', 'milestones.0', 'milestones.1', 'gamma'], ['steps', 'start', 'then.lr'])
    """
    found: dict[str, HyperInfo] = {}
    hyper = hyper_of(schedule)
    for field in dataclasses.fields(schedule):
        value, name = getattr(schedule, field.name), before + field.name
        if dataclasses.is_dataclass(value):
            found |= numbers_of(value, f"{name}.")
        elif isinstance(value, tuple):
            found |= {
                f"{name}.{k}": dataclasses.replace(hyper[field.name], name=f"{name}.{k}", default=x)
                for k, x in enumerate(value)
            }
        elif field.name in hyper:
            found[name] = dataclasses.replace(hyper[field.name], name=name, default=value)
    return found


def _symbolic(schedule: Any, before: str = "") -> Any:
    """A copy with a leaf for each of its numbers, made without the checks of their values."""
    symbolic = object.__new__(type(schedule))
    for field in dataclasses.fields(schedule):
        value, name = getattr(schedule, field.name), before + field.name
        if dataclasses.is_dataclass(value):
            value = _symbolic(value, f"{name}.")
        elif isinstance(value, tuple):
            value = tuple(Node("leaf", "hyper", f"{name}.{k}") for k in range(len(value)))
        elif not callable(value):
            value = Node("leaf", "hyper", name)
        vars(symbolic)[field.name] = value
    return symbolic


def noted(function: Callable[..., Any], *args: Any) -> tuple[Any, tuple[Statement, ...]]:
    """Call a copy of `function` that notes each assignment, and return what it noted.

    The copy is made from the source: a profiler hook would see the same names, but breaks under
    any other profiler or debugger.
    """
    statements: list[Statement] = []
    # Only theta may get a new value: an equation tells the two apart by their time.
    taken = {*inspect.signature(function).parameters} - {"theta"}

    def note(name: str, value: Any, line: int) -> Any:
        if name in taken:
            raise TypeError(f"the trace cannot tell apart two meanings of `{name}`: use two names")
        taken.add(name)
        statements.append(Statement(name, value, line))
        return value

    if function.__name__ == "<lambda>":  # its source is the line that it stands in
        raise TypeError("the trace cannot read a lambda: write the function with `def`")
    tree = ast.parse(_source(function))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    definition.returns = None
    for argument in definition.args.args:
        argument.annotation = None
    ast.fix_missing_locations(_NoteAssignments().visit(tree))
    free = inspect.getclosurevars(function).nonlocals
    namespace = {**function.__globals__, **free, _NOTE: note}
    exec(compile(tree, f"<trace of {function.__qualname__}>", "exec"), namespace)
    return namespace[definition.name](*args), tuple(statements)


_NOTE = "__note__"


class _NoteAssignments(ast.NodeTransformer):
    """Turn `name = value` into `name = __note__("name", value, line)`."""

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        target = node.targets[0]
        if len(node.targets) > 1 or not isinstance(target, ast.Name):
            raise TypeError(f"the trace reads `name = value`, not `{ast.unparse(node)}`")
        arguments = [ast.Constant(target.id), node.value, ast.Constant(node.lineno - 1)]
        node.value = ast.Call(ast.Name(_NOTE, ast.Load()), arguments, [])
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AugAssign:
        raise TypeError(f"the trace cannot read the in-place `{ast.unparse(node)}`")


def _source(function: Callable[..., Any]) -> str:
    return textwrap.dedent(inspect.getsource(function)).rstrip()
