"""The mutants of a module: its source with one thing changed that a test should notice.

A mutant is a replacement of some bytes of the source, so that its difference can be shown as it
would stand in the file. No replacement changes the number of lines.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from tests.mutants import meaningless

_COMPARISONS = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
}

_BIG = 20
"""Whole numbers from here on are doubled: one more of them is often no difference at all."""

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Statement = ast.stmt


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change. ``start`` and ``end`` are offsets of bytes, of which ``text`` takes the place.

    ``place`` is the qualified name of the class or function around it; ``function`` the name and
    first line of the outermost function whose body holds the change, None where it is code that
    runs once, on import. ``lines`` are the lines (first, last) that a test must have run.
    """

    path: str
    kind: str
    start: int
    end: int
    text: str
    place: str
    function: tuple[str, int] | None
    lines: tuple[int, int]
    line: int
    was: str
    now: str

    @property
    def key(self) -> str:
        """What the mutant is known by, wherever in its file it stands."""
        return f"{self.path} {self.place}: {self.was} -> {self.now}"

    @property
    def diff(self) -> str:
        """The change as lines of a diff."""
        place = f" {self.place}" if self.place else ""
        return f"{self.path}:{self.line}{place} ({self.kind})\n  - {self.was}\n  + {self.now}"

    def apply(self, source: bytes) -> bytes:
        """Return the module's source with the change made."""
        return source[: self.start] + self.text.encode() + source[self.end :]


def mutants_of(path: str, source: bytes) -> list[Mutant]:
    """Return all mutants of a module, in the order of its lines."""
    found = _Maker(path, source).make()
    return sorted(found, key=lambda mutant: (mutant.start, mutant.end, mutant.text))


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a node."""

    place: str = ""
    function: tuple[str, int] | None = None
    lines: tuple[int, int] = (1, 1)
    in_init: bool = False
    in_raise: bool = False


class _Maker:
    def __init__(self, path: str, source: bytes) -> None:
        self._path = path
        self._source = source
        self._line_starts = [0]
        for line in source.splitlines(keepends=True):
            self._line_starts.append(self._line_starts[-1] + len(line))

    @cached_property
    def _tokens(self) -> list[tuple[int, int, str]]:
        """The operators and names of the source: their offsets, and the text."""
        lines = self._source.decode().splitlines(keepends=True)

        def offset(position: tuple[int, int]) -> int:
            line, column = position
            return self._line_starts[line - 1] + len(lines[line - 1][:column].encode())

        return [
            (offset(token.start), offset(token.end), token.string)
            for token in tokenize.generate_tokens(io.StringIO(self._source.decode()).readline)
            if token.type in {tokenize.OP, tokenize.NAME}
        ]

    def make(self) -> Iterator[Mutant]:
        yield from self._body(ast.parse(self._source).body, _Around())

    # Statements

    def _body(self, body: list[ast.stmt], around: _Around) -> Iterator[Mutant]:
        for statement in body:
            if not meaningless.statement(statement):
                yield from self._statement(statement, around)

    def _statement(self, node: ast.stmt, around: _Around) -> Iterator[Mutant]:
        if isinstance(node, FunctionNode):
            yield from self._function(node, around)
            return
        if isinstance(node, ast.ClassDef):
            if not meaningless.class_(node):
                place = f"{around.place}.{node.name}".lstrip(".")
                yield from self._body(node.body, replace(around, place=place))
            return
        if around.in_init and meaningless.first_value(node):
            return
        around = replace(around, lines=_head(node), in_raise=isinstance(node, ast.Raise))
        yield from self._whole_statement(node, around)
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "msg"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.stmt):
                    yield from self._body([child], around)
                elif isinstance(child, ast.excepthandler):
                    yield from self._handler(child, around)
                elif isinstance(child, ast.match_case):
                    yield from self._case(child, around)
                elif isinstance(child, ast.withitem):
                    yield from self._expression(child.context_expr, around)
                elif isinstance(child, ast.expr):
                    yield from self._expression(child, around)

    def _function(self, node: FunctionNode, around: _Around) -> Iterator[Mutant]:
        if meaningless.function(node):
            return
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                yield from self._expression(default, replace(around, lines=_span(default)))
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        place = f"{around.place}.{node.name}".lstrip(".")
        inside = _Around(
            place=place,
            function=around.function or (place, first),
            in_init=node.name in {"__init__", "__post_init__"},
        )
        yield from self._body(node.body, inside)

    def _whole_statement(self, node: ast.stmt, around: _Around) -> Iterator[Mutant]:
        match node:
            case ast.Expr(value=ast.Call() | ast.Await()) if not meaningless.call(node.value):
                yield self._without("call", node, around)
            case ast.Assign(targets=targets) if not around.in_init and around.function:
                if all(isinstance(target, ast.Attribute | ast.Subscript) for target in targets):
                    yield self._without("assignment", node, around)
            case ast.AugAssign() | ast.Delete():
                yield self._without("assignment", node, around)
            case ast.Return(value=None) | ast.Continue() | ast.Break():
                # Python jumps past many a `continue` without ever coming to its line.
                lines = (max(1, node.lineno - 1), node.lineno)
                yield self._without("exit", node, replace(around, lines=lines))
            case ast.Return(value=ast.expr() as value) if not _is_boolean(value):
                yield self._mutant("return", _span_of(self, node), "return None", around)
            case _:
                pass

    def _without(self, kind: str, node: ast.stmt, around: _Around) -> Mutant:
        return self._mutant(kind, _span_of(self, node), "pass", around)

    def _handler(self, node: ast.excepthandler, around: _Around) -> Iterator[Mutant]:
        assert isinstance(node, ast.ExceptHandler)
        around = replace(around, lines=(node.lineno, node.body[-1].end_lineno or node.lineno))
        if isinstance(node.type, ast.Tuple):
            for left_out in node.type.elts:
                rest = [self._text(one) for one in node.type.elts if one is not left_out]
                text = f"({', '.join(rest)},)"
                yield self._mutant("handler", _span_of(self, node.type), text, around)
        if not meaningless.handler(node):
            span = (_span_of(self, node.body[0])[0], _span_of(self, node.body[-1])[1])
            yield self._mutant("handler", span, "raise", around)
        yield from self._body(node.body, around)

    def _case(self, node: ast.match_case, around: _Around) -> Iterator[Mutant]:
        if node.guard is not None:
            lines = (node.guard.lineno, node.guard.end_lineno or node.guard.lineno)
            yield from self._expression(node.guard, replace(around, lines=lines))
        yield from self._body(node.body, around)

    # Expressions

    def _expression(self, node: ast.expr, around: _Around) -> Iterator[Mutant]:
        if meaningless.expression(node):
            return
        match node:
            case ast.Compare():
                yield from self._comparison(node, around)
            case ast.BoolOp():
                yield from self._and_or(node, around)
            case ast.UnaryOp(op=ast.Not()):
                yield self._dropped_first("not", node, around)
            case ast.UnaryOp(op=ast.USub()):
                yield self._dropped_first("sign", node, around)
            case ast.BinOp(op=ast.Add() | ast.Sub()) if not meaningless.joining(node):
                yield from self._dropped_right(node, around)
            case ast.Constant() if not around.in_raise:
                yield from self._constant(node, around)
            case _:
                pass
        for child in meaningless.children(node):
            yield from self._expression(child, around)

    def _comparison(self, node: ast.Compare, around: _Around) -> Iterator[Mutant]:
        operands = [node.left, *node.comparators]
        for left, right in pairwise(operands):
            if meaningless.compared(left) or meaningless.compared(right):
                continue
            start, end, operator = self._operator(left, right, set(" ".join(_COMPARISONS).split()))
            yield self._mutant("comparison", (start, end), _COMPARISONS[operator], around)

    def _and_or(self, node: ast.BoolOp, around: _Around) -> Iterator[Mutant]:
        for left, right in pairwise(node.values):
            start, end, operator = self._operator(left, right, {"and", "or"})
            other = "or" if operator == "and" else "and"
            yield self._mutant("and/or", (start, end), other, around)

    def _operator(self, left: ast.expr, right: ast.expr, wanted: set[str]) -> tuple[int, int, str]:
        after, before = _span_of(self, left)[1], _span_of(self, right)[0]
        found = [
            token
            for token in self._tokens
            if after <= token[0] and token[1] <= before and token[2] in wanted
        ]
        return found[0][0], found[-1][1], " ".join(token[2] for token in found)

    def _dropped_first(self, kind: str, node: ast.UnaryOp, around: _Around) -> Mutant:
        start = _span_of(self, node)[0]
        length = len(b"not " if kind == "not" else b"-")
        return self._mutant(kind, (start, start + length), "", around)

    def _dropped_right(self, node: ast.BinOp, around: _Around) -> Iterator[Mutant]:
        span = (_span_of(self, node.left)[1], _span_of(self, node)[1])
        removed = self._source[span[0] : span[1]]
        if removed.count(b"(") == removed.count(b")"):  # else the left side has its own
            yield self._mutant("sign", span, "", around)

    def _constant(self, node: ast.Constant, around: _Around) -> Iterator[Mutant]:
        span = _span_of(self, node)
        match node.value:
            case bool() as value:
                yield self._mutant("boolean", span, str(not value), around)
            case int() as number:
                other = number * 2 if number > _BIG else number + 1
                yield self._mutant("number", span, str(other), around)
            case float() as number:
                yield self._mutant("number", span, repr(number * 2 or 1.0), around)
            case str() as text if text and not meaningless.string(text):
                yield self._mutant("string", span, '""', around)
            case bytes() as data if data:
                yield self._mutant("string", span, 'b""', around)
            case _:
                pass

    # Offsets and texts

    def offset(self, line: int, column: int) -> int:
        return self._line_starts[line - 1] + column

    def _text(self, node: ast.expr) -> str:
        start, end = _span_of(self, node)
        return self._source[start:end].decode()

    def _mutant(self, kind: str, span: tuple[int, int], text: str, around: _Around) -> Mutant:
        start, end = span
        text += "\n" * self._source[start:end].count(b"\n")
        first = self._source.rfind(b"\n", 0, start) + 1
        if kind == "exit" and not self._source[first:start].strip():
            # Such a line alone says nothing: show the one above it too.
            first = self._source.rfind(b"\n", 0, first - 1) + 1
        last = self._source.find(b"\n", end)
        was = self._source[first:last]
        now = self._source[first:start] + text.encode() + self._source[end:last]
        return Mutant(
            path=self._path,
            kind=kind,
            start=start,
            end=end,
            text=text,
            place=around.place,
            function=around.function,
            lines=around.lines,
            line=self._source.count(b"\n", 0, start) + 1,
            was=" ".join(was.decode().split()),
            now=" ".join(now.decode().split()),
        )


def _span(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.end_lineno or node.lineno


def _span_of(maker: _Maker, node: ast.expr | ast.stmt) -> tuple[int, int]:
    """Return the offsets between which a node stands."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (
        maker.offset(node.lineno, node.col_offset),
        maker.offset(node.end_lineno, node.end_col_offset),
    )


def _head(node: ast.stmt) -> tuple[int, int]:
    """Return the lines of a statement without those of the statements in it."""
    first, last = _span(node)
    for name in ("body", "cases", "handlers"):
        inside = getattr(node, name, None)
        if inside:
            start = inside[0].pattern if isinstance(inside[0], ast.match_case) else inside[0]
            last = min(last, max(first, start.lineno - 1))
    return first, last


def _is_boolean(value: ast.expr) -> bool:
    """Say whether other kinds change what is returned: None would be one more no."""
    is_not = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    return is_not or isinstance(value, ast.Constant | ast.Compare | ast.BoolOp)
