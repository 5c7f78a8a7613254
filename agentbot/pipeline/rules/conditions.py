"""A rule's conditions: keywords, regular expressions, flags, and CEL.

Each is compiled once and answers two questions: does it hold (fast, since each message asks it),
and, for explanations, why not. All take time linear in the text: the regular expressions are those
of the engine inside pydantic, which has neither look-around nor back-references.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic_core import SchemaError, SchemaValidator, core_schema

from agentbot.errors import DataException
from agentbot.pipeline.facts import Facts
from agentbot.pipeline.words import fold, keyword_needle, plain_pattern


@dataclass(slots=True)
class MatchInput:
    """A turn as the conditions see it: its facts, and its text made ready once.

    ``text`` is plain; ``line`` is the same on one line, since a customer who presses Enter in the
    middle of a sentence has not ended it.
    """

    facts: Facts
    text: str
    line: str
    folded: str

    @classmethod
    def of(cls, facts: Facts) -> MatchInput:
        """Return what a turn's facts give conditions to match."""
        text = facts["text"]
        return cls(facts, text, text.replace("\n", " "), fold(text))


class Program(Protocol):
    """A compiled CEL expression, as far as it is used here."""

    @property
    def source(self) -> str:
        """The expression as written."""

    def execute(self, context: dict[str, Any]) -> object:
        """Return its value for these variables."""

    def variables(self) -> list[str]:
        """Return the names that it refers to."""

    def functions(self) -> list[str]:
        """Return the functions and operators that it uses."""


class Condition(Protocol):
    """One condition of a rule."""

    def holds(self, matched: MatchInput) -> bool:
        """Say whether it is true of the turn."""

    def why_not(self, matched: MatchInput) -> str:
        """Say in words why it does not hold."""

    def implies(self, other: Condition) -> bool:
        """Say whether ``other`` surely holds wherever this one does; False if unknown."""

    @property
    def names(self) -> tuple[str, ...]:
        """The facts that it needs beside the text."""


@dataclass(eq=False)
class ConditionProblem(DataException):
    """A condition is wrong; ``remedy`` says what to write instead."""

    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        return self.problem


class KeywordsIn:
    """Keywords, as whole words of the folded text."""

    __slots__ = ("all_of", "any_of")
    names: tuple[str, ...] = ()

    def __init__(self, any_of: list[str], all_of: list[str]) -> None:
        """Compile it. Raises :class:`ConditionProblem` for a keyword without letters or digits."""
        try:
            self.any_of = tuple(keyword_needle(keyword) for keyword in any_of)
            self.all_of = tuple(keyword_needle(keyword) for keyword in all_of)
        except ValueError as error:
            raise ConditionProblem(str(error), "use 'matches' for punctuation") from error

    def holds(self, matched: MatchInput) -> bool:
        """Say whether one of the first kind and all of the second stand in the text."""
        folded = matched.folded
        for needle in self.all_of:
            if needle not in folded:
                return False
        if not self.any_of:
            return True
        for needle in self.any_of:  # noqa: SIM110 - a generator here costs half the time again
            if needle in folded:
                return True
        return False

    def implies(self, other: Condition) -> bool:
        """Say whether these ask for all that the other keywords do, and leave no more choice."""
        if not isinstance(other, KeywordsIn) or not set(other.all_of) <= set(self.all_of):
            return False
        sure = set(other.any_of) & set(self.all_of)
        narrower = bool(self.any_of) and set(self.any_of) <= set(other.any_of)
        return bool(sure) or narrower or not other.any_of

    def why_not(self, matched: MatchInput) -> str:
        """Say which keywords are missing."""
        missing = [needle.strip() for needle in self.all_of if needle not in matched.folded]
        if missing:
            return f"the text does not hold {', '.join(missing)}"
        return f"the text holds none of: {', '.join(needle.strip() for needle in self.any_of)}"


class PatternIn:
    """Regular expressions, one of which must be found in the text, as lines or as one line."""

    __slots__ = ("_checks", "patterns")
    names: tuple[str, ...] = ()

    def __init__(self, patterns: list[str]) -> None:
        """Compile it. Raises :class:`ConditionProblem` for a pattern that the engine refuses."""
        self.patterns = patterns
        self._checks = tuple(compile_pattern(pattern) for pattern in patterns)

    def holds(self, matched: MatchInput) -> bool:
        """Say whether one is found."""
        text, line = matched.text, matched.line
        for check in self._checks:  # noqa: SIM110 - as above
            if check(text) or (line is not text and check(line)):
                return True
        return False

    def implies(self, other: Condition) -> bool:
        """Say whether all of these are among the other patterns."""
        return isinstance(other, PatternIn) and set(self.patterns) <= set(other.patterns)

    def why_not(self, matched: MatchInput) -> str:  # noqa: ARG002 - the protocol hands it to all
        """Say which patterns were looked for."""
        return f"the text does not match {' or '.join(self.patterns)}"


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Return a check whether ``pattern`` is found in a text, in linear time.

    Raises :class:`ConditionProblem` where the engine refuses the pattern.
    """
    try:
        plainly = plain_pattern(pattern)
        schema = core_schema.str_schema(pattern=plainly, regex_engine="rust-regex")
        return SchemaValidator(schema).isinstance_python
    except SchemaError as error:
        said = str(error).strip().splitlines()[-1].strip().removeprefix("error: ")
        raise ConditionProblem(
            f"the regular expression {pattern!r} is refused: {said}", _pattern_remedy(said)
        ) from error


def _pattern_remedy(said: str) -> str:
    if "look-around" in said:
        return "match what should be there; put what should not be into another rule before"
    if "backreference" in said:
        return "write the alternatives out"
    if "size limit" in said:
        return "make the repetition counts smaller"
    return r"put a backslash before punctuation that is meant as such: \( \? \+"


class Flag:
    """A yes-or-no fact that must have a certain value."""

    __slots__ = ("fact", "names", "wanted")

    def __init__(self, fact: str, *, wanted: bool) -> None:
        self.fact = fact
        self.wanted = wanted
        self.names = (fact,)

    def holds(self, matched: MatchInput) -> bool:
        """Say whether the fact has that value."""
        return bool(matched.facts[self.fact]) is self.wanted

    def implies(self, other: Condition) -> bool:
        """Say whether the other is the same fact with the same value."""
        if not isinstance(other, Flag):
            return False
        return (other.fact, other.wanted) == (self.fact, self.wanted)

    def why_not(self, matched: MatchInput) -> str:
        """Say which value the fact has."""
        return f"{self.fact} is {str(matched.facts[self.fact]).lower()}"


class CelCondition:
    """A CEL expression. What cannot be evaluated (a missing metadata key) does not hold."""

    __slots__ = ("_program", "names", "parts")

    def __init__(
        self, program: Program, parts: tuple[Program, ...], names: tuple[str, ...]
    ) -> None:
        """``parts`` are the programs of a conjunction's members, for explanations."""
        self._program = program
        self.parts = parts
        self.names = names

    def holds(self, matched: MatchInput) -> bool:
        """Say whether the expression is true."""
        return self._run(self._program, matched) is True

    def implies(self, other: Condition) -> bool:
        """Say whether all of the other expression's parts are among this one's."""
        if not isinstance(other, CelCondition):
            return False
        return {_plain(part) for part in other.parts} <= {_plain(part) for part in self.parts}

    def why_not(self, matched: MatchInput) -> str:
        """Say which part of a conjunction is false, and the facts it rests on."""
        for part in self.parts:
            result = self._run(part, matched)
            if result is not True:
                why = "cannot be evaluated" if isinstance(result, str) else "is false"
                return f"{part.source.strip()} {why}{self._values(part, matched)}"
        return "it holds"

    def _run(self, program: Program, matched: MatchInput) -> object:
        facts = matched.facts
        try:
            return program.execute({name: facts[name] for name in self.names})
        except (RuntimeError, TypeError, ValueError, LookupError, ArithmeticError) as error:
            return str(error)

    def _values(self, part: Program, matched: MatchInput) -> str:
        shown = []
        for name in part.variables():
            value = matched.facts[name] if name in self.names else None
            if isinstance(value, bool | int | float):
                shown.append(
                    f"{name} is {value:g}"
                    if isinstance(value, float)
                    else f"{name} is {value}".lower()
                )
        return f" ({', '.join(shown)})" if shown else ""


def _plain(part: Program) -> str:
    return " ".join(part.source.split())
