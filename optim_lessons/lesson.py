"""What a chapter calls to show a method: its update, its names elsewhere, and measured numbers.

Everything is the output of a cell, in a form that the site, JupyterLab and a downloaded notebook
all render.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import Markdown, display

from optim_lessons.contract import MISSING, Elsewhere, HyperInfo, hyper_of
from optim_lessons.family import CHAPTERS_TO_COME
from optim_lessons.framework import FORMS, LIMITS, ROWS
from optim_lessons.framework import table as rows_of_rules
from optim_lessons.optimizers import OPTIMIZERS
from optim_lessons.problems import Surface
from optim_lessons.schedules import SCHEDULES, ReduceOnPlateau
from optim_lessons.schedules.fields import SAME
from optim_lessons.trace import trace_function, trace_step
from optim_lessons.trace.latex import equations, formula

MEASURED = Path(__file__).parent / "measured"
LIBRARIES = ("PyTorch", "optax", "Keras")
UPDATE_TYPE = "application/vnd.optim-lessons.update+json"


class Update:
    """An optimizer's step and its equations, line by line, both read from the library."""

    def __init__(self, optimizer: Any):
        trace = trace_step(optimizer)
        by_line = {statement.line: latex for statement, latex in equations(trace)}
        self.name = type(trace.optimizer).__name__
        self.rows = [(line, by_line.get(number)) for number, line in enumerate(trace.source)]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        code = "\n".join(line for line, _ in self.rows)
        latex = r" \\[4pt] ".join(
            equation.replace(" = ", " &= ", 1) for _, equation in self.rows if equation
        )
        return {
            "text/plain": code,
            "text/markdown": (
                f"$$\\begin{{aligned}} {latex} \\end{{aligned}}$$\n\n```python\n{code}\n```\n"
            ),
            UPDATE_TYPE: {
                "name": self.name,
                "rows": [{"code": line, "latex": equation} for line, equation in self.rows],
            },
        }


def update(optimizer: Any) -> Update:
    """Show the step of an optimizer (a class or an instance): its code beside its equations."""
    return Update(optimizer)


def surface(problem: Surface) -> Markdown:
    """Show the formula of a surface, read from its code."""
    return Markdown(f"$${formula(trace_function(problem.f))}$$")


def conventions(optimizer: Any) -> Markdown:
    """Show what the libraries call a method and its hyperparameters, and how they differ.

    A dash stands for what a library does not have.
    """
    hyper = hyper_of(optimizer)
    libraries: dict[str, Elsewhere] = optimizer.elsewhere
    header = ["hyperparameter", "here", *LIBRARIES]
    rows = [
        [
            f"{info.words} ${info.symbol}$",
            f"`{name}`: {number(info.default)}",
            *(_argument(libraries.get(library), name) for library in LIBRARIES),
        ]
        for name, info in hyper.items()
    ]
    agreeing: dict[str, list[str]] = {}
    for library, elsewhere in libraries.items():
        agreeing.setdefault(elsewhere.note, []).append(f"**{library}** `{elsewhere.call}`")
    notes = "\n".join(f"- {', '.join(calls)}. {note}" for note, calls in agreeing.items())
    if lacking := [library for library in LIBRARIES if library not in libraries]:
        notes += f"\n- {_listed(lacking)}: not there."
    return Markdown(f"{_table(header, rows)}\n\n{notes}\n")


def notation() -> Markdown:
    """Show every hyperparameter's name in the code, its symbol, and its name in each library."""
    merged: dict[str, tuple[HyperInfo, list[str], dict[str, list[str]]]] = {}
    for cls in OPTIMIZERS.values():
        for name, info in hyper_of(cls).items():
            _, users, spelled = merged.setdefault(name, (info, [], {lib: [] for lib in LIBRARIES}))
            users.append(cls.__name__)
            for library, elsewhere in cls.elsewhere.items():
                theirs = f"`{elsewhere.args[name][0]}`"
                if elsewhere.args[name] != MISSING and theirs not in spelled[library]:
                    spelled[library].append(theirs)
    rows = [
        [
            f"`{name}`",
            f"{info.words} ${info.symbol}$",
            ", ".join(users) if len(users) <= 5 else f"{len(users)} methods",
            *(", ".join(spelled[library]) or MISSING[0] for library in LIBRARIES),
        ]
        for name, (info, users, spelled) in merged.items()
    ]
    return Markdown(_table(["code", "meaning", "used by", *LIBRARIES], rows))


def defaults() -> Markdown:
    """Show the default of every hyperparameter of every method, here and in each library."""
    rows = [
        [
            f"{cls.__name__}",
            f"`{name}`",
            number(info.default),
            *(_default(cls.elsewhere.get(library), name) for library in LIBRARIES),
        ]
        for cls in OPTIMIZERS.values()
        for name, info in hyper_of(cls).items()
    ]
    return Markdown(_table(["method", "hyperparameter", "here", *LIBRARIES], rows))


def differences() -> Markdown:
    """Show where a library's formula is not ours: one row a method and a difference.

    Below the table: the methods on which all libraries that have them agree, and those that a
    library does not have.
    """
    same = Elsewhere._field_defaults["note"]
    rows, agreed = [], []
    for cls in OPTIMIZERS.values():
        libraries: dict[str, list[str]] = {}
        for library, elsewhere in cls.elsewhere.items():
            if elsewhere.note != same:
                libraries.setdefault(elsewhere.note, []).append(library)
        rows += [[cls.title, ", ".join(names), note] for note, names in libraries.items()]
        if cls.elsewhere and not libraries:
            agreed.append(cls.title)
    below = [f"The same update wherever a library has the method: {', '.join(agreed)}."]
    for library in LIBRARIES:
        lacking = [cls.title for cls in OPTIMIZERS.values() if library not in cls.elsewhere]
        if lacking:
            below.append(f"Not in {library}: {', '.join(lacking)}.")
    return Markdown(f"{_table(['method', 'library', 'what differs'], rows)}\n\n{' '.join(below)}\n")


def cheat_sheet(family: str) -> Markdown:
    """Show every method of a family: its update, what it remembers, and what it is elsewhere."""
    cards = [_card(cls) for cls in OPTIMIZERS.values() if cls.family == family]
    return Markdown("\n\n".join(cards) + "\n")


def _card(cls: Any) -> str:
    """A method in a few lines; one that the trace cannot read has no equations, and says why."""
    reason = getattr(cls, "untraced", "")
    if reason:
        update = f"*No equations are printed: {reason}.*"
    else:
        latex = r" \\ ".join(
            line.replace(" = ", " &= ", 1) for _, line in equations(trace_step(cls))
        )
        update = f"$$\\begin{{aligned}} {latex} \\end{{aligned}}$$"
    own = ", ".join(f"`{name}` {number(info.default)}" for name, info in hyper_of(cls).items())
    lines = [f"- Here: `{cls.__name__}`, {own or 'nothing to set'}."]
    for library, elsewhere in cls.elsewhere.items():
        pairs = [(theirs, default) for theirs, default in elsewhere.args.values() if theirs != "—"]
        told = ", ".join(f"`{theirs}` {number(default)}" for theirs, default in pairs)
        lines.append(f"- {library}: `{elsewhere.call}`{', ' * bool(told)}{told}.")
    sentence = (cls.__doc__ or "").splitlines()[0]
    return "\n\n".join([f"**{cls.title}.** {sentence} {memory(cls)}", update, "\n".join(lines)])


def memory(cls: Any) -> str:
    """What a method keeps from one step to the next, counted on a vector.

    Example:
        >>> from optim_lessons import SGD, Adam
        >>> memory(Adam), memory(SGD)
        ('State: `t`, `m`, `v`; 2 numbers a parameter.', 'No state.')
    """
    size = 64
    state = cls().init(np.zeros((8, 8) if getattr(cls, "couples", 0) == 2 else size))
    if not state:
        return "No state."
    names = ", ".join(f"`{name}`" for name in state._fields)
    count = sum(np.size(x) for x in _leaves(state) if np.size(x) >= size) // size
    return f"State: {names}; {count} number{'s' * (count > 1)} a parameter."


def _leaves(state: Any) -> Iterator[Any]:
    """The arrays and numbers of a state, those of a state inside it too."""
    for x in state:
        yield from _leaves(x) if isinstance(x, tuple) else [x]


def libraries() -> Markdown:
    """Show every method and what makes it in the home of each library's optimizers."""

    homes = {"PyTorch": "torch.optim.", "optax": "optax.", "Keras": "keras.optimizers."}

    def call(cls: Any, library: str) -> str:
        if library not in cls.elsewhere:
            return "—"
        name, _, flags = cls.elsewhere[library].call.removeprefix(homes[library]).partition("(")
        return f"`{name}` with `{flags[:-1]}`" if flags else f"`{name}`"

    rows = []
    for name, cls in OPTIMIZERS.items():
        title = f"`{name}`" if cls.title == name else f"{cls.title} `{name}`"
        rows.append([title, *(call(cls, library) for library in LIBRARIES)])
    header = ["method", "PyTorch `torch.optim`", "`optax`", "Keras `keras.optimizers`"]
    return Markdown(_table(header, rows))


def schedules() -> Markdown:
    """Show every schedule and what makes it in each library, and below, how those differ."""
    rows, notes = [], dict[str, list[str]]()
    for cls in (*SCHEDULES.values(), ReduceOnPlateau):
        elsewhere: dict[str, Elsewhere] = cls.elsewhere  # type: ignore[attr-defined]
        shown = {}
        for library, there in elsewhere.items():
            name, _, flags = there.call.split(".")[-1].partition("(")
            settings = ", ".join(f"`{flag}`" for flag in flags.rstrip(")").split(", "))
            shown[library] = f"`{name}` with {settings}" if flags else f"`{name}`"
            if there.note != SAME:
                notes.setdefault(there.note, []).append(f"**{library}** `{name}`")
        title = f"{cls.title} `{cls.__name__}`"  # type: ignore[attr-defined]
        rows.append([title, *(shown.get(library, "—") for library in LIBRARIES)])
    below = "\n".join(f"- {', '.join(calls)}. {note}" for note, calls in notes.items())
    return Markdown(f"{_table(['schedule', *LIBRARIES], rows)}\n\n{below}\n")


def framework() -> Markdown:
    """Show every method that is a choice of rules as its row, and below, which are none and why."""
    rows = []
    for line in rows_of_rules():
        cls = type(FORMS[line["method"]])
        form = line["method"].removeprefix(cls.__name__).replace("_", " ").strip()
        chosen = [line[part] or "—" for part in ("phi", "psi", "correction", "chi", "decay")]
        rows.append([f"{cls.title}, {form}" if form else cls.title, *chosen])
    header = ["method", "direction φ", "scale ψ", "corrected", "then χ", "decay"]
    notes = [f"**{OPTIMIZERS[name].title}** is this row {why}." for name, why in LIMITS.items()]
    reasons: dict[str, list[str]] = {}
    for cls in OPTIMIZERS.values():
        if cls not in ROWS:
            reasons.setdefault(cls.untraced, []).append(f"**{cls.title}**")
    notes += [f"No row: {_listed(names)}: {why}." for why, names in reasons.items()]
    below = "\n".join(f"- {note}" for note in notes)
    return Markdown(f"{_table(header, rows)}\n\n{below}\n")


def chapters_to_come() -> Markdown:
    """Show which chapter will teach each method that has none yet."""
    rows = [
        [f"{number}. {title}", ", ".join(f"`{name}`" for name in names)]
        for (number, title), names in CHAPTERS_TO_COME.items()
    ]
    return Markdown(_table(["chapter", "methods"], rows))


def measured(name: str) -> dict[str, Any]:
    """What was measured by a command that takes minutes: "bench", "grading", ..."""
    return json.loads((MEASURED / f"{name}.json").read_text(encoding="utf-8"))


def benchmark() -> Markdown:
    """Show what `make bench` measured: one table a topic, and where and when."""
    bench = measured("bench")
    machine = bench["machine"]
    versions = ", ".join(f"{name} {found}" for name, found in machine["versions"].items() if found)
    where = f"{machine['processor']}, {machine['cores']} cores"
    text = [f"Measured on {machine['date']}: {where}; {versions}. Medians of runs in turns."]
    for topic in bench["tables"].values():
        rows = [
            [row["name"], f"{1e3 * row['seconds']:,.2f}", f"{row['ratio']:.3f}"]
            for row in topic["rows"]
        ]
        text += [f"**{topic['title']}**", _table(["", "ms", "ratio"], rows)]
    return Markdown("\n\n".join(text) + "\n")


def table(header: list[str], rows: list[list[str]]) -> Markdown:
    """Show measured values as a table; every entry is Markdown."""
    return Markdown(_table(header, rows))


def glue(name: str, value: Any) -> None:
    """Let the prose quote a measured value, by MyST-NB's role {glue:text}`name:.3f`."""
    prefix = "application/papermill.record/"
    display(
        {f"{prefix}text/plain": repr(getattr(value, "tolist", lambda: value)())},
        raw=True,
        metadata={"scrapbook": {"name": name, "mime_prefix": prefix}},
    )


def _argument(elsewhere: Elsewhere | None, name: str) -> str:
    default = _default(elsewhere, name)
    if elsewhere is None or elsewhere.args[name] == MISSING:
        return default
    return f"`{elsewhere.args[name][0]}`: {default}"


def _default(elsewhere: Elsewhere | None, name: str) -> str:
    return number(MISSING[1] if elsewhere is None else elsewhere.args[name][1])


def number(default: float | str) -> str:
    r"""Print a default as a book does; a word stays a word.

    Example:
        >>> number(0.9), number(1e-8), number(2e-5), number("required")
        ('0.9', '$10^{-8}$', '$2 \\cdot 10^{-5}$', 'required')
    """
    if isinstance(default, str):
        return default
    mantissa, scientific, exponent = f"{default:g}".partition("e")
    if not scientific:
        return mantissa
    factor = "" if mantissa == "1" else rf"{mantissa} \cdot "
    return f"${factor}10^{{{int(exponent)}}}$"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
