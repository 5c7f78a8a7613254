"""Texts with fields: jinja2, sandboxed, strict, and bounded.

A template is checked when it is loaded: unknown facts, filters and statements are found then, not
in front of a customer. Only what a reply needs is allowed: fields, ``if``, ``for``, ``set`` and
a few filters. No calls but ``range``, so nothing can be reached or made to run long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from agentbot.errors import DataException
from agentbot.pipeline.words import did_you_mean

MAX_OUTPUT = 10_000
"""Characters of a rendered text: more than anybody reads in a chat."""
_AT_ONCE = 64
"""Pieces of a text that are joined before its length is looked at: a prompt has a hundred."""
_MAX_RANGE = 100
"""Numbers that ``range()`` gives: two loops of it end within milliseconds."""
_MAX_NUMBER = 1e9
"""The size of a number in arithmetic: products stay small enough to compute at once, and a text is
not multiplied at all."""
_MAX_LOOPS = 2
"""Loops within one another: with `_MAX_RANGE`, ten thousand rounds."""
_FILTERS = frozenset(
    {
        "abs",
        "capitalize",
        "count",
        "d",
        "default",
        "e",
        "escape",
        "first",
        "float",
        "int",
        "join",
        "last",
        "length",
        "list",
        "lower",
        "max",
        "min",
        "reject",
        "replace",
        "reverse",
        "round",
        "select",
        "sort",
        "string",
        "sum",
        "title",
        "trim",
        "truncate",
        "unique",
        "upper",
        "urlencode",
        "wordcount",
    }
)
_BANNED: tuple[type[nodes.Node], ...] = (
    nodes.Macro,
    nodes.CallBlock,
    nodes.Import,
    nodes.FromImport,
    nodes.Include,
    nodes.Extends,
    nodes.Block,
    nodes.FilterBlock,
)


@dataclass(eq=False)
class TemplateProblem(DataException):
    """A template is wrong. ``line`` counts from 1 within the template's own text."""

    line: int
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        return self.problem


class _Sandbox(SandboxedEnvironment):
    """The sandbox, with arithmetic that cannot blow up."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        if operator == "**" or not (_is_small(left) and _is_small(right)):
            raise SecurityError(f"{operator} works on small numbers only")
        return super().call_binop(context, operator, left, right)


def _is_small(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < _MAX_NUMBER


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > _MAX_RANGE:
        raise SecurityError(f"range() gives at most {_MAX_RANGE} numbers")
    return numbers


def _environment() -> _Sandbox:
    # Chat text is markdown, not HTML; escaping is the business of what renders it.
    environment = _Sandbox(
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.globals = {"range": _short_range}
    environment.filters = {
        name: function for name, function in environment.filters.items() if name in _FILTERS
    }
    return environment


_ENVIRONMENT = _environment()


class Template:
    """A text with fields. ``names`` are the facts that it needs, roots only (``customer``)."""

    __slots__ = ("_fixed", "_render", "names", "source")

    def __init__(self, source: str, known: Mapping[str, frozenset[str] | None]) -> None:
        """Compile; ``known`` maps each fact's root to its fields, or to None where any may stand.

        Raises :class:`TemplateProblem`.
        """
        self.source = source
        self._fixed: str | None = None
        self._render: Callable[[Mapping[str, Any]], Iterator[str]] | None = None
        self.names: frozenset[str] = frozenset()
        if "{" not in source:
            self._fixed = source.strip()
            return
        try:
            tree = _ENVIRONMENT.parse(source)
            _check(tree, known)
            self.names = frozenset(_free_names(tree))
            self._render = _ENVIRONMENT.from_string(tree).generate
        except TemplateSyntaxError as error:
            raise TemplateProblem(
                error.lineno, f"template: {error.message}", _syntax_remedy(error.message or "")
            ) from error

    def render(self, facts: Mapping[str, Any], *, limit: int = MAX_OUTPUT) -> str:
        """Return the text with its fields filled in, at most ``limit`` characters.

        ``facts`` gives a value for every one of ``names``. Raises :class:`TemplateProblem`.
        """
        if self._render is None:
            return self._fixed or ""
        text = ""
        try:
            parts = iter(self._render({name: facts[name] for name in self.names}))
            while some := list(islice(parts, _AT_ONCE)):
                text += "".join(some)
                if len(text) > limit:
                    raise TemplateProblem(1, f"the text grows beyond {limit:,} characters")
        except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError) as error:
            raise TemplateProblem(1, f"the template fails: {error}") from error
        return text.strip()


def _syntax_remedy(message: str) -> str:
    if "No filter named" in message:
        name = message.partition("'")[2].partition("'")[0]
        return did_you_mean(name, _FILTERS)
    if "Unexpected end" in message or "unexpected end" in message:
        return "close every {{ with }} and every {% if … %} with {% endif %}"
    return "a field is written {{ name }}; write {{ '{' }} for a brace itself"


def _free_names(tree: nodes.Template) -> Iterator[str]:
    bound = _bound_names(tree)
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in bound and name.name != "range":
            yield name.name


def _bound_names(tree: nodes.Template) -> set[str]:
    bound = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    return bound | {"loop"} if tree.find(nodes.For) else bound


def _check(tree: nodes.Template, known: Mapping[str, frozenset[str] | None]) -> None:
    for node in tree.find_all(_BANNED):
        word = type(node).__name__.lower()
        raise TemplateProblem(node.lineno, f"template: {word} is not allowed here")
    for call in tree.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name == "range"):
            raise TemplateProblem(
                call.lineno, "template: calls are not allowed", "use a filter: {{ name | upper }}"
            )
    _check_loops(tree, 0)
    bound = _bound_names(tree)
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in bound | {"range"} and name.name not in known:
            raise TemplateProblem(
                name.lineno, f"unknown fact {name.name!r}", did_you_mean(name.name, known)
            )
    for field in tree.find_all(nodes.Getattr):
        if not isinstance(field.node, nodes.Name) or field.node.name in bound:
            continue
        fields = known.get(field.node.name, frozenset())
        if fields is not None and field.attr not in fields:
            remedies = (did_you_mean(field.attr, fields), _ELSEWHERE.get(field.node.name, ""))
            raise TemplateProblem(
                field.lineno,
                f"unknown fact '{field.node.name}.{field.attr}'",
                "; or ".join(filter(None, remedies)),
            )


_ELSEWHERE = {"company": "write it under 'facts' in company.yaml"}
"""What else mends an unknown field of a fact, where the operator may add some."""


def _check_loops(node: nodes.Node, depth: int) -> None:
    for child in node.iter_child_nodes():
        inside = depth + isinstance(child, nodes.For)
        if inside > _MAX_LOOPS:
            raise TemplateProblem(child.lineno, "template: loops are nested too deeply")
        _check_loops(child, inside)
