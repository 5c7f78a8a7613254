"""A rule's conditions: keywords, regular expressions, flags, and CEL.

Each is compiled once and answers two questions: does it hold (fast, since each message asks it),
and, for explanations, why not. All take time linear in the text: the regular expressions are those
of the engine inside pydantic, which has neither look-around nor back-references.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from pydantic_core import SchemaError, SchemaValidator, core_schema

from agentbot.errors import DataException
from agentbot.pipeline.facts import Facts
from agentbot.pipeline.rules.engine import Program, Variables, engine
from agentbot.pipeline.rules.needs import Need, Where, any_of, pattern_need
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
    _variables: Variables | None = None
    _given: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, facts: Facts) -> MatchInput:
        """Return what a turn's facts give conditions to match."""
        text = facts["text"]
        return cls(facts, text, text.replace("\n", " "), fold(text))

    def variables(self, names: Iterable[str]) -> Variables:
        """Return what CEL is given, these facts among it: each is converted once a turn.

        Raises ``ValueError`` for a fact that CEL has no type for.
        """
        variables = self._variables = self._variables or engine().Context()
        for name in names:
            if name not in self._given:
                variables.add_variable(name, self.facts[name])
                self._given.add(name)
        return variables


class Condition(Protocol):
    """One condition of a rule."""

    def holds(self, matched: MatchInput) -> bool:
        """Say whether it is true of the turn."""

    def why_not(self, matched: MatchInput) -> str:
        """Say in words why it does not hold."""

    def implies(self, other: Condition) -> bool:
        """Say whether ``other`` surely holds wherever this one does; False if unknown."""

    @property
    def marks(self) -> tuple[frozenset[Hashable], ...]:
        """What it is made of: what implies it has at least one of each of these sets."""

    @property
    def needs(self) -> tuple[Need, ...]:
        """What must be so for it to hold, each by itself; none where that is unknown."""

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

    __slots__ = ("all_of", "any_of", "names", "none_of", "unless_denied")

    def __init__(
        self,
        any_of: list[str],
        all_of: list[str],
        none_of: list[str] | None = None,
        *,
        unless_denied: bool = False,
    ) -> None:
        """Compile it. Raises :class:`ConditionProblem` for a keyword without letters or digits.

        ``unless_denied``: a keyword that a negation covers ("don't call me") does not count.
        """
        try:
            self.any_of = tuple(keyword_needle(keyword) for keyword in any_of)
            self.all_of = tuple(keyword_needle(keyword) for keyword in all_of)
            self.none_of = tuple(keyword_needle(keyword) for keyword in none_of or ())
        except ValueError as error:
            raise ConditionProblem(str(error), "use 'matches' for punctuation") from error
        self.unless_denied = unless_denied
        self.names: tuple[str, ...] = ("denied",) if unless_denied else ()

    def holds(self, matched: MatchInput) -> bool:
        """Say whether one of the first kind, all of the second and none of the third are there."""
        folded = matched.folded
        for needle in self.all_of:
            if needle not in folded:
                return False
        if self.any_of:
            for needle in self.any_of:
                if needle in folded:
                    break
            else:
                return False
        for needle in self.none_of:
            if needle in folded:
                return False
        return not self.unless_denied or not self._is_denied(matched)

    def _is_denied(self, matched: MatchInput) -> bool:
        """Say whether negations leave too little: one of all, or each of those of which one is."""
        if not (denied := matched.facts["denied"]):
            return False
        folded = matched.folded
        if any(folded.count(needle) <= denied.count(needle) for needle in self.all_of):
            return True
        meant = [one for one in self.any_of if folded.count(one) > denied.count(one)]
        return bool(self.any_of) and not meant

    @property
    def marks(self) -> tuple[frozenset[Hashable], ...]:
        """Each keyword of all, and of those that forbid; and those of which any will do."""
        each = tuple(frozenset({needle}) for needle in (*self.all_of, *self.none_of))
        return (*each, frozenset(self.any_of)) if self.any_of else each

    @property
    def needs(self) -> tuple[Need, ...]:
        """Each keyword of all, and one of those of which any will do."""
        each = tuple(Need(Where.FOLDED, frozenset({needle})) for needle in self.all_of)
        return (*each, Need(Where.FOLDED, frozenset(self.any_of))) if self.any_of else each

    def implies(self, other: Condition) -> bool:
        """Say whether these ask for all that the other keywords do, and leave no more choice."""
        if not isinstance(other, KeywordsIn) or not set(other.all_of) <= set(self.all_of):
            return False
        if not set(other.none_of) <= set(self.none_of):
            return False
        if other.unless_denied and not self.unless_denied:
            return False
        sure = set(other.any_of) & set(self.all_of)
        narrower = bool(self.any_of) and set(self.any_of) <= set(other.any_of)
        return bool(sure) or narrower or not other.any_of

    def why_not(self, matched: MatchInput) -> str:
        """Say which keywords are missing, or what stands against those that are there."""
        folded = matched.folded
        missing = [needle.strip() for needle in self.all_of if needle not in folded]
        if missing:
            return f"the text does not hold {', '.join(missing)}"
        if self.any_of and not any(needle in folded for needle in self.any_of):
            return f"the text holds none of: {_some(self.any_of)}"
        against = [needle.strip() for needle in self.none_of if needle in folded]
        if against:
            return f"the text holds {', '.join(against)}"
        return f'the text denies it: "not …{matched.facts["denied"].rstrip()}"'


def _some(needles: tuple[str, ...]) -> str:
    """Return the first keywords of a list, and how many follow."""
    shown = [needle.strip() for needle in needles[:_MOST_SHOWN]]
    more = len(needles) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


_MOST_SHOWN = 8
"""Keywords that an explanation names: a line or two on a terminal."""


class PatternIn:
    """Regular expressions, one of which must be found in the text, as lines or as one line."""

    __slots__ = ("_checks", "needs", "patterns")
    names: tuple[str, ...] = ()

    def __init__(self, patterns: list[str]) -> None:
        """Compile it. Raises :class:`ConditionProblem` for a pattern that the engine refuses."""
        self.patterns = patterns
        self._checks = tuple(compile_pattern(pattern) for pattern in patterns)
        need = any_of(pattern_need(plain_pattern(pattern)) for pattern in patterns)
        self.needs: tuple[Need, ...] = () if need is None else (need,)

    def holds(self, matched: MatchInput) -> bool:
        """Say whether one is found."""
        text, line = matched.text, matched.line
        for check in self._checks:  # noqa: SIM110 - as above
            if check(text) or (line is not text and check(line)):
                return True
        return False

    @property
    def marks(self) -> tuple[frozenset[Hashable], ...]:
        """Its patterns."""
        return (frozenset(self.patterns),)

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
    needs: tuple[Need, ...] = ()

    def __init__(self, fact: str, *, wanted: bool) -> None:
        self.fact = fact
        self.wanted = wanted
        self.names = (fact,)

    def holds(self, matched: MatchInput) -> bool:
        """Say whether the fact has that value."""
        return bool(matched.facts[self.fact]) is self.wanted

    @property
    def marks(self) -> tuple[frozenset[Hashable], ...]:
        """Its fact."""
        return (frozenset({self.fact}),)

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

    __slots__ = ("_program", "members", "names", "needs", "parts")

    def __init__(
        self,
        program: Program,
        parts: tuple[Program, ...],
        names: tuple[str, ...],
        needs: tuple[Need, ...] = (),
    ) -> None:
        """``parts`` are the programs of a conjunction's members, for explanations."""
        self._program = program
        self.members = frozenset(" ".join(part.source.split()) for part in parts)
        self.parts = parts
        self.names = names
        self.needs = needs

    def holds(self, matched: MatchInput) -> bool:
        """Say whether the expression is true."""
        return self._run(self._program, matched) is True

    @property
    def marks(self) -> tuple[frozenset[Hashable], ...]:
        """Its conjunction's members."""
        return tuple(frozenset({part}) for part in self.members)

    def implies(self, other: Condition) -> bool:
        """Say whether all of the other expression's parts are among this one's."""
        if not isinstance(other, CelCondition):
            return False
        return other.members <= self.members

    def why_not(self, matched: MatchInput) -> str:
        """Say which part of a conjunction is false, and the facts it rests on."""
        for part in self.parts:
            result = self._run(part, matched)
            if result is not True:
                why = "cannot be evaluated" if isinstance(result, str) else "is false"
                return f"{part.source.strip()} {why}{self._values(part, matched)}"
        return "it holds"

    def _run(self, program: Program, matched: MatchInput) -> object:
        try:
            return program.execute(matched.variables(self.names))
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
