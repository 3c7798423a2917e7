"""Make mutants of a file's functions: their code with one small mistake each."""

import ast
import copy
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

OPERATORS: dict[type, list[type]] = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div],
    ast.Div: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.Mod: [ast.Div],
}
COMPARISONS: dict[type, list[type]] = {
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
}
FUNCTIONS = {"maximum": "minimum", "minimum": "maximum", "max": "min", "min": "max"}
FUNCTIONS |= {"zeros_like": "ones_like", "zeros": "ones"}
DROPPED = {"sqrt", "abs", "sign"}  # f(x) becomes x
SWAPPED = {"where", "State"}  # the last two arguments change places


class Mutant(NamedTuple):
    """A function's name, its statement before and after, and the code to give it."""

    function: str
    before: str
    after: str
    code: types.CodeType

    def __str__(self) -> str:
        return f"{self.function}: {self.before}  ->  {self.after}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of every function of a file, those in its classes among them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for qualname, function, confused in _functions(tree):
        for statement in ast.walk(function):
            for node in _expressions(statement):
                for new in _mistakes(node, confused):
                    memo: dict[int, Any] = {}
                    broken = _Replace(node, new, memo).visit(copy.deepcopy(tree, memo))
                    code = compile(ast.unparse(broken), str(path), "exec")
                    after = _line(memo[id(statement)])
                    yield Mutant(qualname, _line(statement), after, _find(code, qualname))


class _Replace(ast.NodeTransformer):
    """Put `new` in the place of the copy of `node`; `memo` says which that is."""

    def __init__(self, node: ast.AST, new: ast.AST, memo: dict[int, Any]):
        self.node, self.new, self.memo = node, new, memo

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.memo.get(id(self.node)) else self.generic_visit(node)


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef, list[list[str]]]]:
    """Each function with its qualified name, and lists of names that one may confuse in it."""
    for node in tree.body:
        fields: list[str] = []
        prefix, body = ("", [node])
        if isinstance(node, ast.ClassDef):
            prefix, body = f"{node.name}.", node.body
            fields = [
                inner.target.id
                for inner in node.body
                if isinstance(inner, ast.AnnAssign)
                and isinstance(inner.target, ast.Name)
                and not ast.unparse(inner.annotation).startswith("ClassVar")
            ]
        for inner in body:
            if isinstance(inner, ast.FunctionDef):
                targets = [s.targets[0] for s in inner.body if isinstance(s, ast.Assign)]
                values = [target.id for target in targets if isinstance(target, ast.Name)]
                yield prefix + inner.name, inner, [fields, list(dict.fromkeys(values))]


def _expressions(statement: ast.AST) -> Iterator[ast.AST]:
    """What is computed in a statement, without the statements inside it."""
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.Return) and statement.value:
        yield from ast.walk(statement.value)
    elif isinstance(statement, ast.If | ast.While):
        yield from ast.walk(statement.test)
    elif isinstance(statement, ast.For):
        yield from ast.walk(statement.iter)


def _mistakes(node: Any, confused: list[list[str]]) -> Iterator[ast.AST]:
    """What might stand by mistake in the place of an expression."""
    if isinstance(node, ast.BinOp):
        for op in OPERATORS.get(type(node.op), []):
            yield ast.BinOp(node.left, op(), node.right)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Compare):
        for op in COMPARISONS.get(type(node.ops[0]), []):
            yield ast.Compare(node.left, [op()], node.comparators)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in FUNCTIONS:
            other = ast.unparse(node.func).removesuffix(name) + FUNCTIONS[name]
            yield ast.Call(ast.Name(other), node.args, node.keywords)
        if name in DROPPED:
            yield node.args[0]
        if name in SWAPPED and len(node.args) > 1:
            *rest, one, two = node.args
            yield ast.Call(node.func, [*rest, two, one], node.keywords)
    elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self":
        for field in _neighbour(node.attr, confused[0]):
            yield ast.Attribute(node.value, field, ast.Load())
    elif isinstance(node, ast.Name):
        for name in _neighbour(node.id, confused[1]):
            yield ast.Name(name, ast.Load())


def _neighbour(name: str, names: list[str]) -> list[str]:
    """The name before it in the list, the last for the first."""
    return [names[names.index(name) - 1]] if name in names and len(names) > 1 else []


def _line(statement: ast.AST) -> str:
    return ast.unparse(statement).split("\n")[0]


def _find(code: types.CodeType, qualname: str) -> types.CodeType:
    """The code of a function inside the code of its module."""
    for name in qualname.split("."):
        inner = (c for c in code.co_consts if isinstance(c, types.CodeType))
        code = next(c for c in inner if c.co_name == name)
    return code
