"""The methods of the book as rows of one framework: the same paths, names, equations and code."""

import dataclasses
import pickle
from itertools import product

import node
import numpy as np
import pytest
from reader import read
from test_parity import difference, numpy_path, recorded_gradients

from optim_lessons import (
    FTRL,
    TRACED,
    Adam,
    RMSprop,
    minimize,
    problems,
    rules,
    state_from_json,
    state_to_json,
    sweep,
)
from optim_lessons.contract import map_hyper, variants
from optim_lessons.framework import FORMS, LIMITS, ROWS, Framework, name_of, row, table
from optim_lessons.rules import CHI, DECAY, PHI, PSI, Average, AverageOfSquares, Sign, Sum
from optim_lessons.trace import Node, trace_step
from optim_lessons.trace.latex import equations

# Unlike any default, so that a number in the wrong place shows; 0 stays, as it leaves out a rule.
UNUSUAL = {"lr": 0.03, "momentum": 0.8, "beta1": 0.8, "beta2": 0.97, "rho": 0.8, "eps": 1e-3}
UNUSUAL |= {"beta": 0.5, "psi": 0.02, "weight_decay": 0.1}
ROUNDING = 2e-14

every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
RULES = [rule for of in (PHI, PSI, CHI, DECAY) for cls in of.values() for rule in variants(cls)]
every_rule = pytest.mark.parametrize("rule", RULES, ids=str)


def unusual(optimizer):
    return map_hyper(optimizer, lambda name, value: value and UNUSUAL[name])


def choices():
    """Every combination of rules that the framework allows."""
    parts = ([rule for cls in of.values() for rule in variants(cls)] for of in (PHI, PSI, CHI))
    phi, psi, chi = parts
    for p, v, c, d in product(phi, [None, *psi], [None, *chi], [None, rules.WeightDecay()]):
        yield Framework(lr=0.01, phi=p, psi=v, chi=c, decay=d, eps=1e-6)


@every_form
def test_a_row_has_the_path_of_its_method_at_every_step(form):
    method, g = unusual(form), recorded_gradients()
    rates = np.full(len(g), 0.03)
    if not isinstance(form, FTRL):
        rates[len(g) // 2 :] = 0.003
    theta = np.zeros(g.shape[1:])
    ours, expected = (numpy_path(o, theta, g, rates) for o in (row(method), method))
    assert np.isfinite(expected).all()
    assert np.abs(np.diff(expected, axis=0)).max() > 1e-3
    assert difference(ours, expected) < ROUNDING


def test_where_ftrl_is_no_row_its_path_is_another_one():
    """So its limits are true: a start that is not 0, and a rate that changes."""
    method, g = FTRL(lr=0.03, beta=0.5), recorded_gradients()
    constant, falling = np.full(len(g), 0.03), np.geomspace(0.03, 0.003, len(g))
    for start, rates in (1.0, constant), (0.0, falling):
        theta = np.full(g.shape[1:], start)
        ours, path = (numpy_path(o, theta, g, rates) for o in (row(method), method))
        assert difference(ours, path) > 1e-3
    for other in FTRL(l1=0.1), FTRL(l2=0.1):
        with pytest.raises(
            ValueError, match="FTRL is not a row of the framework: with l1 = l2 = 0"
        ):
            row(other)


def test_every_traced_method_is_a_row_or_has_a_reason():
    rows = {cls.__name__ for cls in ROWS}
    assert rows <= TRACED.keys()
    assert TRACED.keys() - rows <= LIMITS.keys() <= TRACED.keys()
    assert {type(form) for form in FORMS.values()} == ROWS.keys()


def test_every_rule_is_used_by_a_method_and_in_one_place():
    known = [*PHI.values(), *PSI.values(), *CHI.values(), *DECAY.values()]
    assert sorted(known, key=str) == sorted(rules.Rule.__subclasses__(), key=str)
    used = {type(getattr(row(form), part)) for form in FORMS.values() for part in Framework.parts}
    assert used - {type(None)} == set(known)
    for of, part in zip((PHI, PSI, CHI, DECAY), Framework.parts, strict=True):
        assert {type(getattr(row(form), part)) for form in FORMS.values()} <= {
            *of.values(),
            type(None),
        }


@every_form
def test_a_row_has_the_name_of_its_method_whatever_its_numbers(form):
    expected = next(name for name, other in FORMS.items() if other is form)
    if expected == "FTRL":
        expected = "Adagrad"  # which it is, where it is a row
    assert name_of(row(form)) == name_of(row(unusual(form))) == expected


def test_few_of_all_choices_have_a_name():
    names = [name for name in map(name_of, choices()) if name]
    # Adadelta has epsilon inside the root, which no choice here has.
    assert sorted(names) == sorted(FORMS.keys() - {"FTRL", "Adadelta"})


def test_a_changed_rule_flag_or_place_of_epsilon_has_no_name():
    adam = row(Adam())
    assert name_of(dataclasses.replace(adam, eps_inside=True)) is None
    assert name_of(dataclasses.replace(adam, phi=Average(0.9))) is None
    assert name_of(dataclasses.replace(adam, chi=Sign())) is None
    assert name_of(dataclasses.replace(adam, decay=rules.WeightDecay(0.1))) == "AdamW"


def numbers(trace, rng, n=500):
    """A value for every leaf of a trace."""
    values = {("hyper", name): rng.uniform(0.1, 0.9) for name in trace.hyper}
    values |= {("state", name): rng.uniform(0.01, 0.9, n) for name in trace.state}
    if ("state", "g_bar") in values:
        values["state", "g_bar"] *= 0.1  # its square is below every mean square: a variance
    values |= {(x, x): rng.uniform(-2, 2, n) for x in ("theta", "g")}
    return values | ({("state", "t"): rng.integers(0, 100, n)} if "t" in trace.state else {})


def run(optimizer, values):
    """What the step itself, of a rule or of a framework, makes of these values."""

    def state_of(part):
        return part.State(*(values["state", name] for name in part.State._fields))

    if isinstance(optimizer, Framework):
        chosen = {part: getattr(optimizer, part) for part in Framework.parts}
        new = {
            part: map_hyper(rule, lambda name, _, part=part: values["hyper", f"{part}_{name}"])
            for part, rule in chosen.items()
            if rule
        }
        new |= {name: values.get(("hyper", name), 0.0) for name in ("lr", "eps")}
        optimizer = dataclasses.replace(optimizer, **new)
        empty = optimizer.init(0.0)._asdict()
        state = Framework.State(
            **{part: state_of(new[part]) if part in new else empty[part] for part in chosen}
        )
        theta, state = optimizer.step(values["theta", "theta"], values["g", "g"], state)
        return {"theta": theta} | {k: x for of in state for k, x in of._asdict().items()}
    optimizer = map_hyper(optimizer, lambda name, _: values["hyper", name])
    state = state_of(optimizer)
    theta, state = optimizer.step(values["theta", "theta"], values["g", "g"], state)
    return {"theta": theta, **state._asdict()}


def run_graph(trace, values):
    def value(x):
        if not isinstance(x, Node):
            return x
        return values[x.args] if x.op == "leaf" else getattr(np, x.op)(*map(value, x.args))

    return {name: value(x) for name, x in {"theta": trace.theta, **trace.state}.items()}


def run_equations(trace, values):
    """What a reader of the printed equations makes of them: each name on the left, once."""
    known = {trace.hyper[name].symbol: x for (kind, name), x in values.items() if kind == "hyper"}
    known |= {r"\theta_{t-1}": values["theta", "theta"], "g_{t}": values["g", "g"]}
    if "t" in trace.state:
        known["t"] = values["state", "t"] + 1
    printed = equations(trace)
    for name in trace.state:
        lefts = [
            equation.split(" = ")[0] for statement, equation in printed if statement.name == name
        ]
        for left in lefts:
            known[left.replace("{t}", "{t-1}").replace(",t}", ",t-1}")] = values["state", name]
    found = {}
    for statement, equation in printed:
        left, right = equation.split(" = ", 1)
        assert left not in known, f"{left} has two equations"
        known[left] = found[statement.name] = read(right, known, np, float)
    return found


@every_rule
def test_a_rule_traces_and_its_equations_are_its_step(rule):
    trace = trace_step(rule)
    values = numbers(trace, np.random.default_rng(1))
    expected = run(rule, values)
    for name, found in run_graph(trace, values).items():
        np.testing.assert_allclose(found, expected[name], rtol=1e-12)
    named = {statement.node: statement.name for statement in trace.statements}
    found = run_equations(trace, values)
    assert found or len(trace.state) == 0
    for name, x in {"theta": trace.theta, **trace.state}.items():
        if x in named and named[x] != "t":
            np.testing.assert_allclose(found[named[x]], expected[name], rtol=1e-10)


@pytest.mark.parametrize("form", [row(form) for form in FORMS.values()], ids=FORMS)
def test_a_row_prints_the_equations_of_its_step(form):
    trace = trace_step(form)
    values = numbers(trace, np.random.default_rng(2))
    by_symbol = {}  # a symbol that two rules of a method share has one value there
    for name, info in trace.hyper.items():
        values["hyper", name] = by_symbol.setdefault(info.symbol, values["hyper", name])
    expected, found = run(form, values), run_equations(trace, values)
    np.testing.assert_allclose(found["theta"], expected["theta"], rtol=1e-10)
    for name, x in run_graph(trace, values).items():
        np.testing.assert_allclose(x, expected[name], rtol=1e-12)


def test_every_choice_steps_traces_and_has_one_equation_for_each_name():
    rng = np.random.default_rng(3)
    for choice in choices():
        theta, state = np.ones(3), choice.init(np.ones(3))
        for g in rng.standard_normal((3, 3)):
            theta, state = choice.step(theta, g, state)
        assert np.isfinite(theta).all()
        trace = trace_step(choice)
        values = numbers(trace, rng, 3)
        with np.errstate(
            invalid="ignore"
        ):  # no variance, but random numbers: both are not a number
            expected, found = run(choice, values)["theta"], run_graph(trace, values)["theta"]
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        lefts = [equation.split(" = ")[0] for _, equation in equations(trace)]
        assert len(lefts) == len(set(lefts)), lefts


def test_the_equations_of_a_row_leave_out_what_it_does_not_have():
    printed = [equation for _, equation in equations(trace_step(Framework()))]
    assert printed == [r"\theta_{t} = \theta_{t-1} - \alpha\,g_{t}"]
    plain = Framework(phi=Sum(), psi=AverageOfSquares(), chi=Sign(), decay=rules.WeightDecay())
    *_, last = [equation for _, equation in equations(trace_step(plain))]
    assert last == (
        r"\theta_{t} = \theta_{t-1} - \alpha\,\left(\operatorname{sign}\left("
        r"\frac{m_{t}}{\sqrt{v_{t}}}\right) + \lambda\,\theta_{t-1}\right)"
    )


STEP = """
const [{ init, step, hyper }] = Object.values(optimizers);
const hp = Object.fromEntries(hyper.map((h) => [h.name, h.value]));
let state = init(1, hp);
let theta = 1;
return data.map((g) => {
  ({ theta, state } = step(theta, g, state, hp));
  return theta;
});
"""


@pytest.mark.parametrize("name", ["Adadelta", "AdamW", "NAdam", "RAdam", "RMSprop_momentum"])
def test_a_choice_runs_in_javascript_with_its_own_numbers(name):
    choice = dataclasses.replace(row(unusual(FORMS[name])), lr=0.01)
    gradients = np.random.default_rng(4).standard_normal(50)
    found = node.run(STEP, gradients.tolist(), [choice], [])
    expected = numpy_path(choice, np.ones(1), gradients[:, None], [0.01] * 50)
    np.testing.assert_allclose(found, expected[:, 0], rtol=1e-12)


@every_form
def test_float32_stays_float32(form):
    optimizer = row(form)
    theta = np.ones(4, np.float32)
    state = optimizer.init(theta)
    for g in recorded_gradients(5, (4,)).astype(np.float32):
        theta, state = optimizer.step(theta, g, state)
        arrays = [x for of in state for x in of if isinstance(x, np.ndarray)]
        assert {x.dtype for x in (theta, *arrays)} == {np.dtype(np.float32)}


@every_form
def test_the_state_of_a_row_goes_through_json_and_pickle(form):
    optimizer = row(form)
    state = optimizer.init(np.ones(3))
    _, state = optimizer.step(np.ones(3), np.array([1.0, -2.0, 0.0]), state)
    for copy in (
        state_from_json(state_to_json(state), like=optimizer.init(np.ones(3))),
        pickle.loads(pickle.dumps(state)),
    ):
        assert str(copy) == str(state)
        assert [type(of) for of in copy] == [type(of) for of in state]


def test_minimize_and_sweep_take_a_choice_as_any_optimizer():
    choice = row(RMSprop(lr=0.02))
    path = minimize(choice, problems.beale, steps=50)
    np.testing.assert_allclose(
        path.theta, minimize(RMSprop(lr=0.02), problems.beale, steps=50).theta, rtol=1e-12
    )
    assert path.state.psi.v.shape == (51, 2)
    rates = np.array([0.01, 0.02])
    ends = sweep(dataclasses.replace(choice, lr=rates), problems.beale, steps=50)
    np.testing.assert_allclose(ends.theta[1], path.theta[-1], rtol=1e-12)


def test_the_table_says_in_words_what_each_method_chooses():
    lines = {line["method"]: line for line in table()}
    assert lines.keys() == FORMS.keys()
    assert lines["Adam"]["correction"] == "m and v"
    assert lines["AdaMax"]["correction"] == "m"
    assert lines["RMSprop"]["correction"] == lines["RMSprop"]["phi_latex"] == ""
    assert lines["AdamW"]["decay"] == "decoupled"
    assert lines["FTRL"]["limits"] == LIMITS["FTRL"]
    assert {line["phi"] for line in lines.values()} == {rule.title for rule in PHI.values()}
    for name, line in lines.items():
        own = [equation for _, equation in equations(trace_step(row(FORMS[name])))]
        parts = [x for key in ("phi_latex", "psi_latex") for x in line[key].splitlines()]
        assert own[: len(parts)] == parts
        assert own[-1] == line["step_latex"]
