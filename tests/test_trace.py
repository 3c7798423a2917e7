"""One text, read four ways: the step as NumPy runs it, its graph, its LaTeX and its JavaScript."""

import dataclasses
import functools
import math
from fractions import Fraction
from types import FunctionType, SimpleNamespace
from typing import ClassVar, NamedTuple

import node
import numpy as np
import pytest
import sympy
from IPython.core.interactiveshell import InteractiveShell
from reader import read

from optim_lessons import SGD, TRACED, hyper_of
from optim_lessons.contract import learning_rate, variant_name, variants
from optim_lessons.problems import SURFACES
from optim_lessons.trace import Node, trace_function, trace_step
from optim_lessons.trace.graph import READABLE
from optim_lessons.trace.latex import equations, formula, symbol


@dataclasses.dataclass(frozen=True, eq=False)
class Everything:
    """A step that uses all that the trace can read; no method, only a test of the printers."""

    lr: float = learning_rate(0.1)

    title: ClassVar = "Everything"
    family: ClassVar = "plain"

    class State(NamedTuple):
        t: int
        m: object
        v: object

    def init(self, theta):
        return self.State(t=0, m=np.zeros_like(theta), v=np.full_like(theta, 0.5))

    def step(self, theta, g, state):
        t = state.t + 1
        m = np.where(g > 1, -(g - theta) * 2, np.minimum(g, -g * state.m)) ** 2 / (theta - -2.5)
        v = np.maximum(np.abs(g) ** 3, state.v) - (state.v + t) ** -2 * (2 * np.pi) ** state.m
        a = np.clip(g - (m + v), -1, 1) - np.where(g <= theta, np.zeros_like(g), 3 * 2.5 * t)
        c = np.where(a < v, np.sin(a), np.full_like(g, 2.0)) - np.sqrt(np.abs(a))
        b = np.where(a >= 0, np.exp(-np.abs(a)), c - (-theta))
        d = (
            np.floor(3 * g)
            - (g - 1) // (state.v + t) * (2 * theta % (theta - 3))
            + np.log(np.abs(v) + 1)
        )
        theta = -(theta - self.lr * (np.sign(g) * np.cos(m - (a - b)) + d)) / 2 * 3 / (t / 4)
        return theta, self.State(t, m, v)


# Every method that the trace can read, with every choice of its flags.
METHODS = [optimizer for cls in TRACED.values() for optimizer in variants(cls)]
every_method = pytest.mark.parametrize("method", METHODS, ids=variant_name)
every_method_and_everything = pytest.mark.parametrize(
    "method", [*METHODS, Everything()], ids=variant_name
)

# What stands for NumPy when a step runs on SymPy's symbols.
SYMPY = SimpleNamespace(
    add=lambda a, b: a + b,
    subtract=lambda a, b: a - b,
    multiply=lambda a, b: a * b,
    divide=lambda a, b: a / b,
    power=lambda a, b: a**b,
    negative=lambda a: -a,
    sqrt=sympy.sqrt,
    abs=sympy.Abs,
    absolute=sympy.Abs,
    sign=sympy.sign,
    maximum=sympy.Max,
    minimum=sympy.Min,
    clip=lambda x, low, high: sympy.Min(sympy.Max(x, low), high),
    greater=lambda a, b: a > b,
    where=lambda condition, a, b: sympy.Piecewise((a, condition), (b, True)),
    full_like=lambda x, value: value,
)


def literal(text):
    """A printed number as the code has it: 1 whole, 0.5 a float."""
    return int(text) if text.isdigit() else float(text)


# How the page writes the state's names that are more than one letter, at time t or t - 1.
WRITTEN = {"g_bar": r"\bar{g}_{%s}", "v_max": r"v_{\max,%s}", "mu_product": r"\Pi_{%s}"}


def written(name, time):
    return WRITTEN.get(name, f"{name}_{{%s}}") % time


def inputs(method):
    """A SymPy symbol for every input of a step, by kind and name, as the trace calls its leaves."""
    hyper = {("hyper", name): sympy.Symbol(name, positive=True) for name in hyper_of(method)}
    fields = method.State._fields
    state = {("state", f): sympy.Symbol(f"{f}_old", positive=True) for f in fields}
    both = {(x, x): sympy.Symbol(x, real=True) for x in ("theta", "g")}
    return hyper | state | both


def random_inputs(method, rng, n=1000):
    """The same with numbers: n random steps at once."""
    values = {leaf: rng.uniform(0.01, 0.9, n) for leaf in inputs(method)}
    values["theta", "theta"], values["g", "g"] = rng.uniform(-2, 2, (2, n))
    if ("state", "t") in values:
        values["state", "t"] = rng.integers(0, 100, n)
    if ("state", "g_bar") in values:  # no average square is below the square of the average
        values["state", "v"] += values["state", "g_bar"] ** 2
    return values


def run(method, values, numpy=np):
    """What the step itself makes of these inputs, with another module where it says `np`."""
    cls = type(method)
    step = FunctionType(cls.step.__code__, {**cls.step.__globals__, "np": numpy})
    hyper = {name: value for (kind, name), value in values.items() if kind == "hyper"}
    old = cls.State(**{name: value for (kind, name), value in values.items() if kind == "state"})
    optimizer = dataclasses.replace(method, **hyper)
    theta, state = step(optimizer, values["theta", "theta"], values["g", "g"], old)
    return {"theta": theta, **state._asdict()}


def run_graph(method, values, numpy=np):
    """What the graph makes of them."""

    @functools.cache
    def value(node):
        if not isinstance(node, Node):
            return node
        if node.op == "leaf":
            return values[node.args]
        return getattr(numpy, node.op)(*map(value, node.args))

    trace = trace_step(method)
    return {name: value(node) for name, node in {"theta": trace.theta, **trace.state}.items()}


def run_equations(method, values, numpy=np, number=float):
    """What a reader of the page makes of them; a state that no equation changes stays."""
    hyper = hyper_of(method)
    known = {hyper[name].symbol: x for (kind, name), x in values.items() if kind == "hyper"}
    known |= {r"\theta_{t-1}": values["theta", "theta"], "g_{t}": values["g", "g"]}
    fields = [name for name in method.State._fields if name != "t"]
    known |= {written(name, "t-1"): values["state", name] for name in fields}
    if "t" in method.State._fields:
        known["t"] = values["state", "t"] + 1
    for _, equation in equations(trace_step(method)):
        left, right = equation.split(" = ", 1)
        assert left not in known, f"{left} has two equations"
        known[left] = read(right, known, numpy, number)
    new = {"theta": known[r"\theta_{t}"]}
    new |= {name: known.get(written(name, "t"), values["state", name]) for name in fields}
    return new | ({"t": known["t"]} if "t" in method.State._fields else {})


def assert_equal_expressions(found, expected):
    """Equal as they stand; SymPy need not simplify where the same operations were done."""
    assert found.keys() == expected.keys()
    for name, x in expected.items():
        assert found[name] == x or sympy.simplify(found[name] - x) == 0, name


@every_method
def test_sympy_finds_the_graph_equal_to_the_step(method):
    expected = run(method, inputs(method), SYMPY)
    assert_equal_expressions(run_graph(method, inputs(method), SYMPY), expected)


@every_method
def test_sympy_finds_the_printed_equations_equal_to_the_step(method):
    expected = run(method, inputs(method), SYMPY)
    assert_equal_expressions(run_equations(method, inputs(method), SYMPY, literal), expected)


@every_method_and_everything
def test_graph_and_printed_equations_give_the_numbers_of_the_step(method):
    values = random_inputs(method, np.random.default_rng(3))
    expected = run(method, values)
    for found in run_graph(method, values), run_equations(method, values):
        assert found.keys() == expected.keys()
        for name, x in expected.items():
            np.testing.assert_allclose(found[name], x, rtol=1e-10)


@pytest.mark.parametrize(
    ("name", "time", "latex"),
    [
        ("v_hat", "t", r"\hat{v}_{t}"),
        ("g_bar", "t-1", r"\bar{g}_{t-1}"),
        ("mu_next", "t", r"\mu_{t+1}"),
        ("mu_product", "t", r"\Pi_{t}"),
        ("v_max", "t", r"v_{\max,t}"),
        ("rho_inf", "", r"\rho_{\infty}"),
        ("beta1", "", r"\beta_{1}"),
        ("m_new", "t", r"m_{\mathrm{new},t}"),
    ],
)
def test_a_name_in_the_code_has_the_symbol_of_the_field(name, time, latex):
    assert symbol(name, time) == latex


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_the_printed_formula_is_the_surface(surface):
    x, y = np.random.default_rng(3).uniform(-2, 2, (2, 1000))
    left, right = formula(trace_function(surface.f)).split(" = ", 1)
    assert left == "f(x, y)"
    np.testing.assert_allclose(read(right, {"x": x, "y": y}, np, float), surface.f(x, y), 1e-10)


def test_everything_uses_all_that_the_trace_can_read():
    """So every printer knows every function, and every rule for brackets is used."""

    def operations(node):
        if not isinstance(node, Node):
            return set()
        return {node.op}.union(*map(operations, node.args))

    trace = trace_step(Everything)
    assert set().union(*map(operations, [trace.theta, *trace.state.values()])) >= READABLE


STEPS = """
return data.map(([name, hp, theta, g, state]) => optimizers[name].step(theta, g, state, hp));
"""
GRADIENTS = """
return data.map(([name, x, y]) => [surfaces[name].value(x, y), ...surfaces[name].grad(x, y)]);
"""
PATHS = """
return data.map(([name, surface, hp, steps]) => {
  const { init, step } = optimizers[name];
  const { grad, start } = surfaces[surface];
  const path = [start];
  let states = start.map((u) => init(u, hp));
  while (path.length <= steps && path.at(-1).every(Number.isFinite)) {
    const theta = path.at(-1);
    const g = grad(...theta);
    const next = theta.map((u, i) => step(u, g[i], states[i], hp));
    states = next.map((result) => result.state);
    path.push(next.map((result) => result.theta));
  }
  return path;
});
"""
EPS = np.finfo(float).eps


@every_method_and_everything
def test_one_step_in_javascript_is_numpys_to_rounding(method):
    values = random_inputs(method, np.random.default_rng(4))
    expected = run(method, values)
    columns = {leaf: np.broadcast_to(x, 1000).tolist() for leaf, x in values.items()}
    data = [
        [
            variant_name(method),
            {name: column[k] for (kind, name), column in columns.items() if kind == "hyper"},
            columns["theta", "theta"][k],
            columns["g", "g"][k],
            {name: column[k] for (kind, name), column in columns.items() if kind == "state"},
        ]
        for k in range(1000)
    ]
    results = node.run(STEPS, data, [method], [])
    for name, x in expected.items():
        found = [r["theta"] if name == "theta" else r["state"][name] for r in results]
        np.testing.assert_allclose(found, x, rtol=8 * EPS, atol=8 * EPS)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_value_and_gradient_in_javascript_are_numpys_to_rounding(surface):
    rng = np.random.default_rng(5)
    x, y = (rng.uniform(*ends, 1000) for ends in surface.viewport)
    data = [[surface.name, *point] for point in zip(x.tolist(), y.tolist(), strict=True)]
    found = np.array(node.run(GRADIENTS, data, [], [surface])).T
    for row, expected in zip(found, [surface.f(x, y), *surface.df(x, y)], strict=True):
        np.testing.assert_allclose(row, expected, rtol=0, atol=8 * EPS * np.abs(expected).max())


def test_whole_powers_in_javascript_are_the_exact_powers_rounded_once():
    """So beta**t carries no error into 1 - beta**t: by fractions, not by NumPy, whose power may."""
    rng = np.random.default_rng(6)
    data = [[0.999, n] for n in range(1, 500)] + [[0.9, -3], [2.0, 0]]
    data += [[x, 3 + k % 40] for k, x in enumerate(rng.uniform(-2, 2, 500).tolist())]
    found = node.run("return data.map(([x, n]) => integerPower(x, n));", data, [], [])
    exact = [float(Fraction(x) ** n) for x, n in data if n >= 0]
    assert [y for y, (_, n) in zip(found, data, strict=True) if n >= 0] == exact
    assert found[data.index([0.9, -3])] == 1 / 0.9**3


# Rates at which a method is calm, and ten times those, at which some paths oscillate or diverge.
CALM = {"SGD": 1e-3, "Momentum": 1e-3, "Nesterov": 1e-3, "Momentum_average": 1e-2}
CALM |= {"Adagrad": 0.1, "RMSprop": 0.01, "RMSprop_centered": 0.01, "Adadelta": 0.3, "FTRL": 0.1}
CALM |= dict.fromkeys(("Adam", "AdaMax", "AMSGrad", "Yogi", "AdaBelief", "AdamW"), 0.05)
CALM |= {"NAdam": 0.01, "RAdam": 1e-3, "SignSGD": 1e-3, "Lion": 1e-3}
FACTORS = np.array([1, 10])
METHOD = {variant_name(method): method for method in METHODS}
RUNS = [(name, surface, k) for k in (0, 1) for surface in SURFACES for name in METHOD]
NUDGES = 1e-15 * np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1)])


def distance(a, b):
    """The largest distance of two paths while both are finite, in units of the farthest point."""
    n = min(len(a), len(b))
    a, b = a[:n], b[:n]
    finite = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    return np.abs(a[finite] - b[finite]).max() / np.abs(a[finite]).max()


@functools.cache
def javascript_paths():
    data = []
    for name, surface, k in RUNS:
        hyper = {h.name: h.default for h in hyper_of(METHOD[name]).values()}
        hyper["lr"] = float(CALM[name] * FACTORS[k])
        data.append((name, surface, hyper, 500))
    paths = node.run(PATHS, data, METHODS, SURFACES.values())
    return {run: np.array(path, float) for run, path in zip(RUNS, paths, strict=True)}


@functools.cache
def numpy_paths(name, surface):
    """All paths of a method on a surface at once: shape (steps + 1, rates, nudges, 2).

    All but the first also take each gradient at a nudged point, as rounding does: a method may
    forget its start and yet grow the roundings that it meets later.
    """
    signs = np.random.default_rng(7).choice([-1e-15, 1e-15], (500, *NUDGES.shape))
    signs[:, 0] = 0
    problem = SURFACES[surface]
    optimizer = dataclasses.replace(METHOD[name], lr=(CALM[name] * FACTORS)[:, None, None])
    theta = np.broadcast_to(np.array(problem.start) + NUDGES, (2, len(NUDGES), 2))
    state, path = optimizer.init(theta), [theta]
    with np.errstate(all="ignore"):
        for sign in signs:
            theta, state = optimizer.step(theta, problem.grad((1 + sign) * theta), state)
            path.append(theta)
    return np.array(path)


def sensitivity(name, surface, k):
    """How far nudges by 1e-15, at the start and at each step, move a path: as rounding may."""
    path, *nudged = np.moveaxis(numpy_paths(name, surface)[:, k], 1, 0)
    return max(distance(path, other) for other in nudged)


@pytest.mark.parametrize(("name", "surface", "k"), RUNS)
def test_500_steps_in_javascript_are_numpys(name, surface, k):
    """Within 1e-12 where nudges by 1e-15 stay that small, else within their growth."""
    path = numpy_paths(name, surface)[:, k, 0]
    error = distance(path, javascript_paths()[name, surface, k])
    assert error <= max(1e-12, 3 * sensitivity(name, surface, k))


def test_few_paths_are_so_sensitive_that_rounding_grows_beyond_1e_12():
    sensitive = {run: s for run in RUNS if (s := sensitivity(*run)) > 1e-12}
    assert len(sensitive) <= len(RUNS) / 4, sensitive


def test_a_step_written_in_a_function_traces():
    factor = 2.0  # of the enclosing function

    class Doubled(SGD):
        def step(self, theta, g, state):
            # A comment, a constant and a name from outside.
            half = 0.5
            theta = theta - factor * half * self.lr * g
            return theta, self.State()

    printed = [equation for _, equation in equations(trace_step(Doubled))]
    assert printed == [
        r"\mathrm{half} = 0.5",
        r"\theta_{t} = \theta_{t-1} - 1\,\alpha\,g_{t}",
    ]


def test_a_step_written_in_a_notebook_cell_traces():
    cell = """
from optim_lessons import SGD
from optim_lessons.trace import trace_step

class Twice(SGD):
    def step(self, theta, g, state):
        theta = theta - 2 * self.lr * g
        return theta, self.State()

names = [statement.name for statement in trace_step(Twice).statements]
"""
    shell = InteractiveShell(history_load_length=0)
    shell.run_cell(cell).raise_error()
    assert shell.user_ns["names"] == ["theta"]


def branch(x):
    return 1 if x > 0 else 0


def branch_on_equality(x):
    return 1 if x == 0 else 0


def loop_while(x):
    while x:
        x = x - 1
    return x


def in_place(x):
    x += 1
    return x


def item(x):
    x[0] = 1
    return x


def pair(x):
    a, b = x, 1
    return a + b


def chain(x):
    a = b = x
    return a + b


def twice(x):
    a = x + 1
    a = a * 2
    return a


def argument_again(x):
    x = x + 1
    return x


def python_math(x):
    return math.sqrt(x)


def unknown(x):
    return np.tanh(x)


def couples(x):
    return np.sum(x)


def reduces(x):
    return np.add.reduce(x)


def out(x):
    return np.add(x, 1, out=np.zeros(1))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (branch, "np.where"),
        (branch_on_equality, "np.equal"),
        (loop_while, "np.where"),
        (in_place, r"in-place `x \+= 1`"),
        (item, r"not `x\[0\] = 1`"),
        (pair, r"not `\(?a, b\)? = \(?x, 1\)?`"),
        (chain, "not `a = b = x`"),
        (twice, "two meanings of `a`"),
        (argument_again, "two meanings of `x`"),
        (python_math, "np.sqrt, not math.sqrt"),
        (unknown, "np.tanh"),
        (couples, "np.sum"),
        (reduces, "np.add with reduce"),
        (out, "np.add with __call__"),
    ],
)
def test_what_cannot_be_read_raises_a_typeerror_that_says_what(function, words):
    with pytest.raises(TypeError, match=words):
        trace_function(function)
