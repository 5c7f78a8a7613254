"""The voice of docstrings and the word for people, as CONTRIBUTING asks for them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_PROPERTIES = {"property", "cached_property", "setter", "getter", "deleter"}

_NO_VERB = re.compile(
    r"(The|A|An|Whether|What|Who|Whom|Whose|Which|How|When|Where|Why|Every|Each|All|Any|One|None"
    r"|No|Not|This|That|These|Those|It|Its|Our|Their|There|For|From|In|On|At|By|With|Without|As|If"
    r"|Returns|Yields|Raises|Gives|Gets|Sets|Makes|Says|Tells|Takes|Reads|Writes|Sends)\b"
)
"""First words that are no imperative: those of a noun phrase, a question, or the third person."""

_VERB = re.compile(r"(Returns?|Yields?|Gets?|Says?|Tells?|Gives?|Contains?|Represents?)\b")
"""First words of what should be a noun phrase, and is none."""

_HE_OR_SHE = re.compile(r"\b(?:he|him|his|himself|she|her|hers|herself)\b", re.IGNORECASE)
"""A person is "they": we do not know who writes to whom."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def off_voice(source: str) -> list[str]:
    """Return a line for each public docstring that is missing, or begins as it should not.

    Functions and methods begin with a verb in the imperative; the module, its classes and their
    properties are noun phrases.
    """
    found = []
    for line, name, docstring, is_thing in _docstrings(ast.parse(source)):
        if not docstring:
            found.append(f"{line}: {name} says nothing of itself")
        elif (_VERB if is_thing else _NO_VERB).match(docstring):
            found.append(f"{line}: {name}: {docstring.splitlines()[0]}")
    return found


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, str, str, bool]]:
    """Yield line, name and docstring of all that is public, and whether it is a thing."""
    yield 1, "the module", ast.get_docstring(tree) or "", True
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.lineno, node.name, ast.get_docstring(node) or "", True
            yield from (_told(one) for one in node.body if _is_public(one))
        elif _is_public(node):
            yield _told(node)


def _is_public(node: ast.stmt) -> bool:
    return (
        isinstance(node, Function)
        and not node.name.startswith("_")
        and not any(ast.unparse(one).endswith("overload") for one in node.decorator_list)
    )


def _told(node: ast.stmt) -> tuple[int, str, str, bool]:
    assert isinstance(node, Function)
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return node.lineno, node.name, ast.get_docstring(node) or "", bool(names & _PROPERTIES)


def he_or_she(text: str) -> list[str]:
    """Return number and text of each line that makes a person a man or a woman."""
    return [
        f"{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if _HE_OR_SHE.search(line)
    ]
