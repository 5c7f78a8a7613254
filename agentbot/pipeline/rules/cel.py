"""Compile CEL conditions, and find what is wrong with them before a customer does.

CEL itself finds an unknown name only when it is evaluated, and not even then where an earlier
part of the expression decides. So names are looked up in the table of facts here, functions in
the list of what the engine has, and every part is tried on sample facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from agentbot.pipeline.known_facts import FACTS, ROOTS, sample_facts
from agentbot.pipeline.rules.conditions import CelCondition, ConditionProblem, compile_pattern
from agentbot.pipeline.rules.engine import Program, Variables, engine
from agentbot.pipeline.rules.needs import Need, any_of, in_line, pattern_need
from agentbot.pipeline.words import did_you_mean

_FUNCTIONS = frozenset(
    {
        "all",
        "bytes",
        "contains",
        "double",
        "duration",
        "endsWith",
        "exists",
        "exists_one",
        "filter",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getFullYear",
        "getHours",
        "getMilliseconds",
        "getMinutes",
        "getMonth",
        "getSeconds",
        "has",
        "int",
        "map",
        "matches",
        "size",
        "startsWith",
        "string",
        "timestamp",
        "uint",
    }
)
_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
_TOKEN = re.compile(
    r"""(?P<string>[rR]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))|(?P<number>\d[\w.]*)"""
    r"""|(?P<path>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)|(?P<sign>&&|\|\||[=!<>]=|\S)"""
)
_LITERAL = r"""(?P<literal>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_ASKS_TEXT = re.compile(
    rf"text\s*\.\s*(?P<function>contains|startsWith|endsWith|matches)\s*\(\s*{_LITERAL}\s*\)"
)
_EQUALS = re.compile(rf"(?P<path>[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)\s*==\s*{_LITERAL}")
_WORDS = frozenset({"true", "false", "null", "in"})
_MAX_SAID = 160
"""Characters of the engine's own words in a problem: one line, however long the condition is."""
_TYPES = {"string": str, "bool": bool, "int": (int, float), "double": (int, float)}


def compile_cel(source: str) -> CelCondition:
    """Compile a condition. Raises :class:`ConditionProblem`."""
    program = _compile(source)
    bound = _bound_names(source)
    _check_names(source, bound)
    for name in program.functions():
        if name[0].isalpha() and name not in _FUNCTIONS:
            raise ConditionProblem(f"unknown function {name}()", did_you_mean(name, _FUNCTIONS))
    _check_literals(source)
    parts = tuple(_compile(part) for part in split_top(source, "&&"))
    _try(program, *(_compile(leaf) for leaf in _leaves(source)))
    names = tuple(name for name in program.variables() if name in ROOTS)
    return CelCondition(program, parts, names, tuple(_needs(source)))


def _compile(source: str) -> Program:
    try:
        return engine().compile(source)
    except ValueError as error:
        said = str(error).partition("ERROR: <input>:")[2] or str(error)
        first = said.partition("\n")[0]
        where, _, what = first.partition(": ")
        column = where.partition(":")[2]
        shown = f"{what.removeprefix('Syntax error: ')} (column {column})" if what else first
        raise ConditionProblem(
            f"the condition cannot be read: {shown[:_MAX_SAID]}",
            "join with && and ||, compare with ==, put text in quotes",
        ) from error


def _tokens(source: str) -> Iterator[tuple[str, str, int]]:
    for match in _TOKEN.finditer(source):
        yield match.lastgroup or "", match[0], match.start()


def _bound_names(source: str) -> frozenset[str]:
    """Return the names that ``exists(x, …)`` and its like bind."""
    tokens = [(kind, text) for kind, text, _ in _tokens(source)]
    bound = set()
    for (kind, text), opening, (inner, name) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        macro = kind == "path" and text.split(".")[-1].strip() in _MACROS
        if macro and opening == ("sign", "(") and inner == "path":
            bound.add(name)
    return frozenset(bound)


def _check_names(source: str, bound: frozenset[str]) -> None:
    tokens = list(_tokens(source))
    after = [text for _, text, _ in tokens[1:]] + [""]
    before = ["", *(text for _, text, _ in tokens)]
    for (kind, text, _), following, preceding in zip(tokens, after, before, strict=False):
        if kind != "path" or text in _WORDS or preceding == ".":
            continue
        path = [part.strip() for part in text.split(".")]
        if following == "(":
            path.pop()  # the last part is a function; the engine's own list is checked elsewhere
        if not path or path[0] in bound:
            continue
        if path[0] not in ROOTS:
            known = {fact.name for fact in FACTS} | set(ROOTS)
            raise ConditionProblem(f"unknown fact {path[0]!r}", did_you_mean(path[0], known))
        fields = ROOTS[path[0]]
        if fields is not None and len(path) > 1 and path[1] not in fields:
            remedy = did_you_mean(f"{path[0]}.{path[1]}", {f"{path[0]}.{name}" for name in fields})
            raise ConditionProblem(f"unknown fact '{path[0]}.{path[1]}'", remedy)
        if fields is None and len(path) > 1:
            raise ConditionProblem(f"the fact {path[0]!r} has no parts", f"write {path[0]} alone")


def _check_literals(source: str) -> None:
    """Refuse to compare a fact with a literal of another type: CEL would call that false."""
    tokens = list(_tokens(source))
    types = {fact.name: fact.type for fact in FACTS}
    for (kind, name, _), (_, sign, _), (other, literal, _) in zip(
        tokens, tokens[1:], tokens[2:], strict=False
    ):
        expected = types.get(name, "")
        if kind != "path" or sign not in {"==", "!="} or expected not in _TYPES:
            continue
        given = {"string": "string", "number": "double"}.get(other, "")
        if literal in {"true", "false"}:
            given = "bool"
        wanted = "double" if expected == "int" else expected
        if given and given != wanted:
            raise ConditionProblem(
                f"{name} is of type {expected} and never equals {literal}",
                f"compare it with a {expected}",
            )
    for (_, text, _), (_, opening, _), (kind, literal, _) in zip(
        tokens, tokens[1:], tokens[2:], strict=False
    ):
        if text.endswith("matches") and opening == "(" and kind == "string":
            compile_pattern(_unquote(literal))


def _unquote(literal: str) -> str:
    if literal[0] in "rR":
        return literal[2:-1]
    return literal[1:-1].replace("\\\\", "\\").replace('\\"', '"').replace("\\'", "'")


def _leaves(source: str) -> Iterator[str]:
    """Yield the smallest parts of a condition between ``&&`` and ``||``, outer brackets removed."""
    text = _bare(source)
    for joiner in ("||", "&&"):
        parts = split_top(text, joiner)
        if len(parts) > 1:
            for part in parts:
                yield from _leaves(part)
            return
    yield text


def _needs(source: str) -> Iterator[Need]:
    """Yield what must be so for a condition to hold, as far as its parts are simple."""
    text = _bare(source)
    if len(choices := split_top(text, "||")) > 1:
        need = any_of(next(_needs(choice), None) for choice in choices)
        yield from () if need is None else (need,)
    elif len(parts := split_top(text, "&&")) > 1:
        for part in parts:
            yield from _needs(part)
    elif (need := _need_of(text)) is not None:
        yield need


def _need_of(part: str) -> Need | None:
    """Return the need of ``text.contains('…')`` and its like, and of ``customer.page == '…'``."""
    if called := _ASKS_TEXT.fullmatch(part):
        literal = called["literal"]
        if called["function"] == "matches":
            return pattern_need(_unquote(literal))
        return None if "\\" in literal else in_line(literal[1:-1])
    if (equal := _EQUALS.fullmatch(part)) and "\\" not in equal["literal"]:
        path = tuple(name.strip() for name in equal["path"].split("."))
        is_fact = path[0] in ROOTS and path[0] != "text"
        return Need(path, frozenset({equal["literal"][1:-1]})) if is_fact else None
    return None


def _bare(source: str) -> str:
    """Return a part of a condition without the brackets around all of it."""
    text = source.strip()
    while text.startswith("(") and _closes_at(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closes_at(text: str) -> int:
    depth = 0
    for _, token, at in _tokens(text):
        depth += (token == "(") - (token == ")")  # noqa: S105 - brackets, not passwords
        if depth == 0:
            return at
    return -1


def split_top(source: str, joiner: str) -> list[str]:
    """Split ``source`` at each ``joiner`` outside all brackets; not where joiners are mixed."""
    depth, start, parts = 0, 0, []
    for _, text, at in _tokens(source):
        depth += (text in "([{") - (text in ")]}")
        # || binds looser than &&, and ?: looser still: what one of them joins cannot be split at
        # an operator that binds tighter.
        if depth == 0 and (text == "?" or (text == "||" and joiner == "&&")):
            return [source]
        if depth == 0 and text == joiner:
            parts.append(source[start:at])
            start = at + len(joiner)
    return [*parts, source[start:]]


def _try(program: Program, *leaves: Program) -> None:
    sample = _sample()
    for one in (*leaves, program):
        try:
            result = one.execute(sample)
        except KeyError:
            continue  # a metadata key: only a real customer's turn can show it
        except (RuntimeError, TypeError, ValueError, ArithmeticError) as error:
            raise _explained(one.source.strip(), error) from error
        if not isinstance(result, bool):
            kind = type(result).__name__
            raise ConditionProblem(
                f"{one.source.strip()!r} is not a yes or no but of type {kind}",
                "compare it with something: ==, >, contains …",
            )


@cache
def _sample() -> Variables:
    variables = engine().Context()
    for name, value in sample_facts().items():
        variables.add_variable(name, value)
    return variables


def _explained(source: str, error: Exception) -> ConditionProblem:
    said = str(error)
    if isinstance(error, TypeError):
        return ConditionProblem(
            f"types do not fit in {source!r}", "compare text with text and numbers with numbers"
        )
    if "Undefined variable or function" in said:
        name = said.partition("'")[2].partition("'")[0]
        return ConditionProblem(
            f"{name}() does not work in {source!r}", did_you_mean(name, _FUNCTIONS)
        )
    return ConditionProblem(f"{source!r} fails: {said.splitlines()[0][:_MAX_SAID]}")
