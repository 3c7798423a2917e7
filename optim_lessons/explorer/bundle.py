"""Joins the small modules of the figures' JavaScript into one text.

A page and a notebook load one file, and neither has a Node to bundle with; so the modules keep to a
few forms that are easily read: `import { a, b as c } from "./name.js";` and `export` before a
`const`, `function` or `class`, or `export {a as b};`.
"""

from __future__ import annotations

import re
from pathlib import Path

JS = Path(__file__).parent / "js"
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w/-]+)\.js";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function\*?|class) (\w+))", re.M)
EXPORT_LIST = re.compile(r"\bexport ?\{([^}]*)\};?\s*\Z")
# What only those who read the source need. Licences, which begin with a plain /*, stay.
COMMENT = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/\n?|//[^\n]*\n)|^[ \t]+", re.M | re.S)


def bundle(entry: str) -> str:
    """The module of that name, with all that it imports put before it, as one module.

    Comments and indentation are left out: half of the bytes. Raises ValueError for an import or
    export of another form.

    Example:
        >>> "import {" in bundle("figures"), bundle("figures").count("const module_explore = ")
        (False, 1)
    """
    order: list[str] = []
    _visit(entry, order)
    *before, last = order
    return COMMENT.sub("", "".join(map(_closed, before)) + _with_imports(last))


def _visit(name: str, order: list[str]) -> None:
    """Put a module after those that it imports; no two import each other in a circle."""
    for _, imported in IMPORT.findall(_read(name)):
        if imported not in order:
            _visit(imported, order)
    order.append(name)


def _closed(name: str) -> str:
    """A module as a function that runs once and gives its exports."""
    text = _with_imports(name)
    exports = [f"{own}: {own}" for own in EXPORT.findall(text)]
    for names in EXPORT_LIST.findall(_read(name)):
        pairs = (pair.split(" as ") for pair in names.split(","))
        exports += [f"{pair[-1].strip()}: {pair[0].strip()}" for pair in pairs]
    body = EXPORT_LIST.sub("", EXPORT.sub("", text))
    if found := re.search(r"^(?:import|export)\b.*", body, re.M):
        raise ValueError(f"{name}.js has a line that `bundle` cannot read: {found[0]}")
    return (
        f"const {_variable(name)} = (() => {{\n{body}\nreturn {{ {', '.join(exports)} }};\n}})();\n"
    )


def _with_imports(name: str) -> str:
    """A module's text that takes what it imports from the modules before it."""

    def taken(found: re.Match[str]) -> str:
        names = ", ".join(
            pair.strip().replace(" as ", ": ") for pair in found[1].split(",") if pair.strip()
        )
        return f"const {{ {names} }} = {_variable(found[2])};\n"

    return IMPORT.sub(taken, _read(name))


def _variable(name: str) -> str:
    return "module_" + re.sub(r"\W", "_", name)


def _read(name: str) -> str:
    return (JS / f"{name}.js").read_text(encoding="utf-8")
