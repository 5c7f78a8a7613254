"""What is not mutated, since nobody means it to be tested: texts for people, types, decorators."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_LOGS = {"_log", "log", "logger", "logging", "structlog", "warnings"}
_NOT_RUN = {"__repr__", "__str__"}
_NAMES_FOR_READERS = {"__all__", "__slots__", "__match_args__"}
_TYPES = {"cast", "TypeVar", "NewType", "Literal", "ParamSpec"}
_LABELS = {"what", "name", "help", "sample"}
"""Keyword arguments that name a thing in logs and error texts, or show what one looks like."""


def statement(node: ast.stmt) -> bool:
    """Say whether a statement, with all in it, is left as it is."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return True  # a docstring
        case ast.Expr(value=value):
            return is_log_call(value)
        case ast.If(test=test):
            is_of_types = isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"
            return is_of_types or (isinstance(test, ast.Compare) and compared(test.left))
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name in _NAMES_FOR_READERS or _is_type_alias(value) or is_log_call(value)
        case ast.Assert() | ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal():
            return True
        case _:
            return False


def first_value(node: ast.stmt) -> bool:
    """Say whether a new object notes a moment that has not come: any number would do."""
    match node:
        case ast.Assign(targets=[ast.Attribute()], value=ast.Constant(value=float())):
            return True
        case _:
            return False


def class_(node: ast.ClassDef) -> bool:
    """Say whether a class has nothing to test: a protocol, or names without values of their own."""
    bases = {ast.unparse(base).split("[")[0].rsplit(".", 1)[-1] for base in node.bases}
    return bool(bases & {"Protocol", "Enum", "TypedDict"})


def function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a function is left as it is."""
    decorators = {ast.unparse(one).rsplit(".", 1)[-1] for one in node.decorator_list}
    return node.name in _NOT_RUN or "overload" in decorators


def handler(node: ast.ExceptHandler) -> bool:
    """Say whether a handler raises what it has caught already."""
    *before, last = node.body
    raises = isinstance(last, ast.Raise) and last.exc is None
    return raises and all(statement(one) for one in before)


def expression(node: ast.expr) -> bool:
    """Say whether an expression, with all in it, is left as it is."""
    match node:
        case ast.JoinedStr() | ast.Lambda(body=ast.Constant()):
            return True
        case ast.IfExp(test=ast.Compare(left=left)):
            return compared(left)
        case ast.Call():
            return is_log_call(node) or _name(node.func) in _TYPES - {"cast"}
        case ast.Subscript(value=value):
            return _name(value) in _TYPES
        case _:
            return False


def children(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the expressions in an expression, but for those that are texts or types."""
    if isinstance(node, ast.Call):
        yield node.func
        yield from node.args[1:] if _name(node.func) == "cast" else node.args
        yield from (word.value for word in node.keywords if word.arg not in _LABELS)
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.comprehension):
            yield child.iter
            yield from child.ifs


def string(text: str) -> bool:
    """Say whether a string is written for people: it has words with spaces in between."""
    return " " in text.strip()


def joining(node: ast.BinOp) -> bool:
    """Say whether a sum is of texts."""
    sides = (node.left, node.right)
    return any(isinstance(side, ast.JoinedStr) for side in sides) or any(
        isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides
    )


def compared(node: ast.expr) -> bool:
    """Say whether a comparison is with what is the same on every machine that tests."""
    return ast.unparse(node) == "sys.platform"


def call(node: ast.expr) -> bool:
    """Say whether a statement that calls is without effect but on the log."""
    return is_log_call(node.value if isinstance(node, ast.Await) else node)


def is_log_call(node: ast.expr) -> bool:
    """Say whether a call is one of the log's."""
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and function.id in _LOGS


def _is_type_alias(value: ast.expr) -> bool:
    match value:
        case ast.Subscript(value=ast.Name(id=name)):
            return name[:1].isupper() or name in {"dict", "list", "tuple", "type"}
        case ast.BinOp(op=ast.BitOr()):
            return True
        case _:
            return False


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
