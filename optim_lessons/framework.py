r"""One framework for all: a first-order method is a choice of a few small rules.

    m = phi(g_1, ..., g_t)                 the direction, a first moment of the gradients
    v = psi(g_1, ..., g_t)                 the scale, a second moment of the gradients
    delta = chi(m / (sqrt(v) + eps))       what is made of the scaled direction
    theta = theta - lr * (delta + decay)

The rules are in `optim_lessons.rules`. `row` writes a method of the book as its choice of them,
`name_of` finds the method that a choice is, and `table` has a row for each method.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import numpy as np

from optim_lessons import optimizers as book
from optim_lessons.contract import (
    Descent,
    Elsewhere,
    Hyper,
    HyperInfo,
    epsilon,
    flags_of,
    hyper_of,
    learning_rate,
    map_hyper,
    parts_of,
    validate,
    variant_name,
    variants,
)
from optim_lessons.rules import (
    Average,
    AverageAhead,
    AverageOfSquares,
    BoundedChange,
    Deviation,
    Gradient,
    LargestAverage,
    LargestGradient,
    LookAhead,
    OwnSize,
    Rectified,
    Sign,
    Sum,
    SumOfSquares,
    SumOfSteps,
    TwoAverages,
    Variance,
    WeightDecay,
)
from optim_lessons.trace.graph import Node, Statement, StepTrace, noted, trace_step
from optim_lessons.trace.latex import equations


class Nothing(NamedTuple):
    """The state of a rule that was not chosen."""


@dataclass(frozen=True, eq=False)
class Framework:
    """The optimizer that a choice of rules makes. Without psi the direction is not scaled.

    Shapes: `theta` and `g` are arrays of one shape; the state holds that of each rule.
    Errors: TypeError for a rule that is none; `validate` raises ValueError for lr or eps < 0, and
    for a hyperparameter of a rule outside its range.
    Variant: epsilon is added to the root, or, with `eps_inside`, to what is below it.
    Source: phi and psi as in Reddi, Kale and Kumar 2018 (arXiv 1904.09237), algorithm 1; epsilon,
    chi and decay are added here.

    Example:
        >>> from optim_lessons import minimize, problems
        >>> phi, psi = Average(0.9, corrected=True), AverageOfSquares(0.999, corrected=True)
        >>> ours = Framework(lr=0.1, phi=phi, psi=psi, eps=1e-8)
        >>> path = minimize(ours, problems.beale, steps=200)
        >>> [float(path.value[k].round(4)) for k in (0, 20, 200)]
        [41.25, 9.1141, 0.0053]
        >>> name_of(ours)
        'Adam'
    """

    lr: Hyper = learning_rate(0.01)
    phi: Any = Gradient()
    psi: Any = None
    chi: Any = None
    decay: Any = None
    eps: Hyper = epsilon(0.0)
    eps_inside: bool = False

    title: ClassVar = "A choice of rules"
    family: ClassVar = "plain"
    parts: ClassVar = ("phi", "psi", "chi", "decay")
    descent: ClassVar = Descent(("SGD",), "chooses rules", 2018)
    elsewhere: ClassVar[dict[str, Elsewhere]] = {}

    class State(NamedTuple):
        phi: Any
        psi: Any
        chi: Any
        decay: Any

    def __post_init__(self):
        for part in self.parts:
            rule = getattr(self, part)
            is_rule = hasattr(rule, "step") and not isinstance(rule, type)
            if not is_rule and (part == "phi" or rule is not None):
                raise TypeError(f"Framework: {part} = {rule!r} is not a rule, such as Average(0.9)")

    def init(self, theta):
        rules = (getattr(self, part) for part in self.parts)
        return self.State(*(rule.init(theta) if rule else Nothing() for rule in rules))

    def step(self, theta, g, state):
        delta, phi = self.phi.step(theta, g, state.phi)
        psi, chi, decay = state.psi, state.chi, state.decay
        if self.psi:
            v, psi = self.psi.step(theta, g, state.psi)
            root = np.sqrt(v + self.eps) if self.eps_inside else np.sqrt(v) + self.eps
            delta = delta / root
        if self.chi:
            delta, chi = self.chi.step(theta, delta, state.chi)
        if self.decay:
            delta, decay = self.decay.step(theta, delta, state.decay)
        return theta - self.lr * delta, self.State(phi, psi, chi, decay)

    def trace(self) -> StepTrace:
        r"""Trace the statements of the rules, and the step that they make: `trace_step` calls it.

        A hyperparameter of a rule has the name of its part before its own: `phi_beta1`. Epsilon is
        left out where it is 0, and without psi, where it does nothing.

        Example:
            >>> for _, equation in equations(Framework(psi=SumOfSquares(), eps=1e-10).trace()):
            ...     print(equation)
            v_{t} = v_{t-1} + g_{t}^{2}
            \theta_{t} = \theta_{t-1} - \alpha\,\frac{g_{t}}{\sqrt{v_{t}} + \epsilon}
        """
        rules = {part: getattr(self, part) for part in parts_of(self)}
        hyper = _with_values(self)
        if not (self.psi and self.eps):
            del hyper["eps"]
        symbols: dict[str, Any] = {name: Node("leaf", "hyper", name) for name in hyper}
        statements: list[Statement] = []
        theta, g = Node("leaf", "theta", "theta"), Node("leaf", "g", "g")
        initial: dict[str, Any] = {}
        old: dict[str, Any] = dict.fromkeys(self.parts, Nothing())
        for part, rule in rules.items():
            hyper |= _with_values(rule, f"{part}_")
            symbols[part] = _Noted(part, rule, statements)
            initial |= rule.init(theta)._asdict()
            old[part] = rule.State(*(Node("leaf", "state", x) for x in rule.State._fields))
        symbolic = dataclasses.replace(self, **symbols)
        new, state = symbolic.step(theta, g, self.State(**old))
        return StepTrace(
            optimizer=self,
            source=(),
            statements=(*statements, Statement("theta", new, 0)),
            theta=new,
            state=MappingProxyType({name: x for of in state for name, x in of._asdict().items()}),
            initial=MappingProxyType(initial),
            hyper=MappingProxyType(hyper),
        )


def _with_values(optimizer: Any, prefix: str = "") -> dict[str, HyperInfo]:
    """The hyperparameters by their names after `prefix`, with their values as defaults."""
    return {
        prefix + name: dataclasses.replace(
            info, name=prefix + name, default=getattr(optimizer, name)
        )
        for name, info in hyper_of(optimizer).items()
    }


class _Noted:
    """A rule whose hyperparameters are symbols, and whose statements are noted as it steps."""

    def __init__(self, part: str, rule: Any, statements: list[Statement]):
        self.rule = map_hyper(rule, lambda name, _: Node("leaf", "hyper", f"{part}_{name}"))
        self.statements = statements

    def step(self, theta: Any, g: Any, state: Any) -> Any:
        result, statements = noted(type(self.rule).step, self.rule, theta, g, state)
        self.statements.extend(statements)
        return result


ROWS: dict[type, Callable[[Any], Framework]] = {
    book.SGD: lambda o: Framework(o.lr),
    book.Momentum: lambda o: Framework(o.lr, (Average if o.average else Sum)(o.momentum)),
    book.Nesterov: lambda o: Framework(o.lr, LookAhead(o.momentum)),
    book.Adagrad: lambda o: Framework(o.lr, psi=SumOfSquares(), eps=o.eps),
    book.RMSprop: lambda o: Framework(
        o.lr,
        psi=(Variance if o.centered else AverageOfSquares)(o.rho),
        chi=SumOfSteps(o.momentum) if np.any(o.momentum) else None,
        eps=o.eps,
    ),
    book.Adadelta: lambda o: Framework(
        o.lr,
        psi=AverageOfSquares(o.rho),
        chi=OwnSize(o.rho, o.eps),
        eps=o.eps,
        eps_inside=True,
    ),
    book.FTRL: lambda o: Framework(o.lr, psi=SumOfSquares(), eps=o.beta),
    book.Adam: lambda o: Framework(
        o.lr, Average(o.beta1, True), AverageOfSquares(o.beta2, True), eps=o.eps
    ),
    book.AdaMax: lambda o: Framework(o.lr, Average(o.beta1, True), LargestGradient(o.beta2, o.eps)),
    book.NAdam: lambda o: Framework(
        o.lr, AverageAhead(o.beta1, o.psi), AverageOfSquares(o.beta2, True), eps=o.eps
    ),
    book.AMSGrad: lambda o: Framework(
        o.lr, Average(o.beta1, True), LargestAverage(o.beta2, True), eps=o.eps
    ),
    book.Yogi: lambda o: Framework(o.lr, Average(o.beta1), BoundedChange(o.beta2), eps=o.eps),
    book.AdaBelief: lambda o: Framework(
        o.lr, Average(o.beta1, True), Deviation(o.beta1, o.beta2, o.eps, True), eps=o.eps
    ),
    book.AdamW: lambda o: Framework(
        o.lr,
        Average(o.beta1, True),
        AverageOfSquares(o.beta2, True),
        decay=WeightDecay(o.weight_decay),
        eps=o.eps,
    ),
    book.RAdam: lambda o: Framework(o.lr, Average(o.beta1, True), Rectified(o.beta2, o.eps)),
    book.SignSGD: lambda o: Framework(
        o.lr, Average(o.momentum) if np.any(o.momentum) else Gradient(), chi=Sign()
    ),
    book.Lion: lambda o: Framework(
        o.lr,
        TwoAverages(o.beta1, o.beta2),
        chi=Sign(),
        decay=WeightDecay(o.weight_decay) if np.any(o.weight_decay) else None,
    ),
}

# Methods that are their row only in part, or have none, and why.
LIMITS = {
    "FTRL": "with l1 = l2 = 0, from theta = 0 and at a constant learning rate: it solves for theta "
    "anew at each step, and so forgets the start, and any rate that was another",
}

# Every method with a row, in all its forms, by name: a hyperparameter that is 0 leaves out a rule.
FORMS: dict[str, Any] = {variant_name(form): form for cls in ROWS for form in variants(cls)} | {
    "RMSprop_momentum": book.RMSprop(momentum=0.9),
    "RMSprop_centered_momentum": book.RMSprop(momentum=0.9, centered=True),
    "SignSGD_momentum": book.SignSGD(momentum=0.9),
    "Lion_weight_decay": book.Lion(weight_decay=0.1),
}


def row(optimizer: Any) -> Framework:
    """An optimizer of the library as its choice of rules: the same path, to rounding.

    Raises ValueError for a method that is no row; `LIMITS` says why, and where one is in part.
    What is no optimizer, or has a hyperparameter out of range, is refused as by `validate`.

    Example:
        >>> from optim_lessons import RMSprop
        >>> row(RMSprop(rho=0.9)).psi
        AverageOfSquares(beta2=0.9, corrected=False)
    """
    validate(optimizer)
    name = type(optimizer).__name__
    if type(optimizer) not in ROWS or (name == "FTRL" and np.any([optimizer.l1, optimizer.l2])):
        raise ValueError(f"{name} is not a row of the framework: {LIMITS.get(name, 'see ROWS')}")
    return ROWS[type(optimizer)](optimizer)


def name_of(framework: Framework) -> str | None:
    """The method that a choice of rules is, whatever its hyperparameters are; None for a new one.

    Raises TypeError for what is no `Framework`.

    Example:
        >>> name_of(Framework(phi=Sum(0.8))), name_of(Framework(phi=Sum(0.8), psi=SumOfSquares()))
        ('Momentum', None)
    """
    if not isinstance(framework, Framework):
        raise TypeError(
            f"framework = {framework!r} is not a Framework: `row` makes one of a method"
        )
    shape = _shape(framework)
    return next((name for name, form in FORMS.items() if _shape(row(form)) == shape), None)


def _shape(framework: Framework) -> tuple[Any, ...]:
    """What is left of a choice without its numbers."""
    rules = (getattr(framework, part) for part in framework.parts)
    shapes = (rule and (type(rule), *(getattr(rule, f) for f in flags_of(rule))) for rule in rules)
    return *shapes, bool(framework.psi) and framework.eps_inside


def table() -> list[dict[str, str]]:
    r"""Every method in all its forms as a row: its rules in words, and equations as LaTeX.

    Example:
        >>> adam = next(line for line in table() if line["method"] == "Adam")
        >>> adam["phi"], adam["psi"], adam["correction"]
        ('average', 'average of squares', 'm and v')
        >>> print(adam["psi_latex"])
        v_{t} = \beta_2\,v_{t-1} + \left(1 - \beta_2\right)\,g_{t}^{2}
        \hat{v}_{t} = \frac{v_{t}}{1 - \beta_2^{t}}
    """
    return [_line(name, row(form)) for name, form in FORMS.items()]


def _line(name: str, framework: Framework) -> dict[str, str]:
    rules = {part: getattr(framework, part) for part in framework.parts}
    moments = {"m": framework.phi, "v": framework.psi}
    corrected = [m for m, rule in moments.items() if getattr(rule, "corrected", False)]
    return {
        "method": name,
        **{part: rule.title if rule else "" for part, rule in rules.items()},
        "correction": " and ".join(corrected),
        "phi_latex": _latex(framework.phi),
        "psi_latex": _latex(framework.psi),
        "step_latex": equations(trace_step(framework))[-1][1],
        "limits": LIMITS.get(name, ""),
    }


def _latex(rule: Any) -> str:
    """The equations of a rule, one a line."""
    return "\n".join(equation for _, equation in equations(trace_step(rule))) if rule else ""
