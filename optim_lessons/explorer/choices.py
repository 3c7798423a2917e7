"""The framework as the figure "Build" has it: a choice of rules as plain data, and all as code.

A choice names a rule for each part of a `Framework`, or None, and where epsilon is:

    {"phi": "Average_corrected", "psi": "AverageOfSquares_corrected", "chi": None, "decay": None,
     "eps": "outside"}

"outside" adds epsilon to the root, "inside" to what is below it; None leaves it out. There is one
such text for every choice, so that equal choices are equal texts.

The printed code has phi and psi one by one. What follows them, from the scaled direction to the
step, is a `glue`: one for every choice of the rest, traced from `Framework.step` with symbols in
the place of the two moments.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, ClassVar

import numpy as np
from latex2mathml.converter import convert

from optim_lessons.contract import (
    hyper_of,
    parts_of,
    validate,
    variant_name,
    variants,
)
from optim_lessons.framework import FORMS, LIMITS, Framework, Nothing, row
from optim_lessons.rules import CHI, DECAY, PHI, PSI
from optim_lessons.trace.graph import Node, StepTrace, trace_step
from optim_lessons.trace.javascript import step_object
from optim_lessons.trace.latex import equations, symbol

RULES: dict[str, dict[str | None, Any]] = {
    part: {variant_name(rule): rule for cls in rules.values() for rule in variants(cls)}
    for part, rules in zip(Framework.parts, (PHI, PSI, CHI, DECAY), strict=True)
}
for _part in ("psi", "chi", "decay"):  # which may be left out
    RULES[_part][None] = None
EPS = (None, "outside", "inside")
EPSILON = 1e-8  # where a choice has one, until it is given another value

Choice = dict[str, str | None]


def choice_of(framework: Framework) -> Choice:
    """The rules of a framework as plain data; `values_of` has its numbers.

    Raises ValueError for a rule that is not the library's own, and as `validate` does.

    Example:
        >>> from optim_lessons import RMSprop
        >>> choice_of(row(RMSprop()))
        {'phi': 'Gradient', 'psi': 'AverageOfSquares', 'chi': None, 'decay': None, 'eps': 'outside'}
    """
    validate(framework)
    choice: Choice = {}
    for part in framework.parts:
        rule = getattr(framework, part)
        choice[part] = variant_name(rule) if rule else None
        if type(RULES[part].get(choice[part])) is not type(rule):
            raise ValueError(f"{part} = {rule!r} is none of {', '.join(map(str, RULES[part]))}")
    choice["eps"] = None
    if framework.psi and (framework.eps_inside or np.any(framework.eps)):
        choice["eps"] = "inside" if framework.eps_inside else "outside"
    return choice


def values_of(framework: Framework) -> dict[str, float]:
    """The hyperparameters of a framework by the names that its trace gives them.

    Raises ValueError for an array in the place of a number, and as `choice_of` does.

    Example:
        >>> from optim_lessons import Adam
        >>> values_of(row(Adam(lr=0.1)))
        {'lr': 0.1, 'eps': 1e-08, 'phi_beta1': 0.9, 'psi_beta2': 0.999}
    """
    values = {"lr": framework.lr}
    if choice_of(framework)["eps"]:
        values["eps"] = framework.eps
    for part in framework.parts:
        if rule := getattr(framework, part):
            values |= {f"{part}_{name}": getattr(rule, name) for name in hyper_of(rule)}
    for name, value in values.items():
        if np.ndim(value) != 0:
            raise ValueError(f"{name} must be one number, not an array")
    return {name: float(value) for name, value in values.items()}


def framework_of(choice: Mapping[str, str | None], hyper: Mapping[str, float]) -> Framework:
    """The framework of a choice; hyperparameters that are not given have their defaults.

    Raises ValueError for a part, rule or hyperparameter that is not there, and for a value out of
    range.

    Example:
        >>> from optim_lessons.framework import name_of
        >>> choice = {"phi": "Sum", "psi": None, "chi": None, "decay": None, "eps": None}
        >>> ours = framework_of(choice, {"lr": 0.1, "phi_momentum": 0.8})
        >>> name_of(ours), ours.phi
        ('Momentum', Sum(momentum=0.8))
    """
    allowed: dict[str, Any] = RULES | {"eps": EPS}
    if not isinstance(choice, Mapping) or choice.keys() != allowed.keys():
        raise ValueError(f"choice = {choice!r} must have the keys {', '.join(allowed)}")
    for part, names in allowed.items():
        if choice[part] not in [*names]:
            raise ValueError(f"{part} = {choice[part]!r} is none of {', '.join(map(str, names))}")
    rules = {part: RULES[part][choice[part]] for part in RULES}
    framework = _framework(rules, choice["eps"])
    known = values_of(framework)
    if unknown := hyper.keys() - known.keys():
        raise ValueError(f"{min(unknown)} is no hyperparameter of this choice: {', '.join(known)}")
    new: dict[str, Any] = {name: hyper[name] for name in ("lr", "eps") if name in hyper}
    for part in parts_of(framework):
        own = {name: x for name, x in hyper.items() if name.startswith(f"{part}_")}
        own = {name.removeprefix(f"{part}_"): x for name, x in own.items()}
        new[part] = dataclasses.replace(rules[part], **own)
    framework = dataclasses.replace(framework, **new)
    validate(framework)
    return framework


def _framework(rules: dict[str, Any], eps: str | None) -> Framework:
    return Framework(**rules, eps=EPSILON if eps else 0.0, eps_inside=eps == "inside")


@cache
def code() -> str:
    """`export const framework`: its rules, glue and named methods, as compose.js reads them.

    It calls the functions of `javascript.HELPERS`, which its module must have.
    """
    rules = {
        part: {name: _rule(part, rule) for name, rule in of.items() if name}
        for part, of in RULES.items()
    }
    entries = {
        "title": json.dumps(Framework.title),
        "family": json.dumps(Framework.family),
        "rules": _object({part: _object(of) for part, of in rules.items()}),
        "glue": _object(_glue()),
        "forms": json.dumps({name: _form(name, form) for name, form in FORMS.items()}),
    }
    return f"export const framework = {_object(entries)};\n"


def _rule(part: str, rule: Any) -> str:
    """What to call a rule; of phi and psi also the step, equations and symbol of their moment."""
    about = {
        "title": rule.title,
        "rule": type(rule).__name__,
        "corrected": getattr(rule, "corrected", False),
    }
    if part in ("chi", "decay"):
        return json.dumps(about)
    trace = trace_step(rule, f"{part}_")
    moments = (symbol(s.name, "t") for s in trace.statements if s.node is trace.theta)
    moment = mathml(next(moments, symbol("g", "t")))
    return step_object(trace, {**about, "lines": _lines(trace), "symbol": moment})


@dataclass(frozen=True)
class _Given:
    """In the place of a rule: the moment that it would give is known, by its part's name."""

    part: str
    State: ClassVar = Nothing

    def init(self, theta: Any) -> Nothing:
        return Nothing()

    def step(self, theta: Any, g: Any, state: Any) -> Any:
        return Node("leaf", "state", self.part), state


def _glue() -> dict[str, str]:
    """By the choices that make it what it is, as `partsOf` in compose.js names them."""
    glue = {}
    roots = [(None, None), *(("scaled", eps) for eps in EPS)]
    for (scaled, eps), chi, decay in product(roots, RULES["chi"], RULES["decay"]):
        rules = {
            "phi": _Given("phi"),
            "psi": _Given("psi") if scaled else None,
            "chi": RULES["chi"][chi],
            "decay": RULES["decay"][decay],
        }
        trace = _framework(rules, eps).trace()
        lines = [_with_blanks(line) for line in _lines(trace)]
        glue[",".join(x or "" for x in (scaled, eps, chi, decay))] = step_object(
            trace, {"lines": lines}
        )
    return glue


def _with_blanks(line: str) -> str:
    """A line of MathML with {phi} and {psi} where the symbols of the two moments belong."""
    for part in ("phi", "psi"):
        line = line.replace(mathml(symbol(part, "t-1")), f"{{{part}}}")
    return line


def _form(name: str, form: Any) -> dict[str, Any]:
    _, *words = name.split("_", 1)
    return {
        "title": ", ".join([form.title, *(w.replace("_", " ") for w in words)]),
        "family": form.family,
        "choice": choice_of(row(form)),
        "hyper": values_of(row(form)),
        "limits": LIMITS.get(name, ""),
    }


def _lines(trace: StepTrace) -> list[str]:
    return [mathml(equation) for _, equation in equations(trace)]


def mathml(latex: str) -> str:
    """What stands between <math> and </math>, without the <mrow> about the whole."""
    return convert(latex).split("<mrow>", 1)[1].removesuffix("</mrow></math>")


def _object(entries: Mapping[str, str]) -> str:
    """A JavaScript object of expressions."""
    return "{" + ",\n".join(f"{json.dumps(key)}: {text}" for key, text in entries.items()) + "}"
