"""What the named groups of a rule's patterns hold: ``(?P<order>[A-Z]{2}\\d{6})``.

Whether a pattern is found, an engine decides whose time is linear (`conditions`); it tells no
groups. Python's own does, but can take for ever where a group is repeated that repeats something
itself. So such patterns are refused where they have named groups, and only short pieces of a text
are looked at, in which the pattern is known to be found.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from itertools import chain

from agentbot.pipeline.rules.conditions import ConditionProblem, MatchInput, compile_pattern
from agentbot.pipeline.words import plain_pattern

_PIECE = 300
"""Characters of a piece of a text: far more than a sentence around an order's number has."""
_OVERLAP = 150
"""Characters that two pieces share, a word more or less: what is found is no longer."""
_WORD = re.compile(r"\S+")
_LAST_WORD = re.compile(r"\S*\Z")
_ESCAPED_OR_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_REPEATED_GROUP = re.compile(r"\)\s*(?:[*+]|\{)")
_VERBOSE = re.compile(r"\(\?[a-zA-Z]*x")


class Groups:
    """The named groups of patterns; ``names`` are theirs."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile those that have named groups. Raises :class:`ConditionProblem`."""
        named = [one for one in patterns if "(?P<" in one or "(?<" in one]
        self._finders = tuple((compile_pattern(one), _compiled(one)) for one in named)
        self.names = frozenset(
            chain.from_iterable(finder.groupindex for _, finder in self._finders)
        )

    def found_in(self, matched: MatchInput) -> dict[str, str]:
        """Return what each group holds: of the first pattern that is found; "" for all others."""
        values = dict.fromkeys(self.names, "")
        for is_found, finder in self._finders:
            for text in dict.fromkeys((matched.text, matched.line)):
                for piece in _pieces(text) if is_found(text) else ():
                    if is_found(piece) and (found := finder.search(piece)) is not None:
                        return values | found.groupdict(default="")
        return values


def _compiled(pattern: str) -> re.Pattern[str]:
    bare = _ESCAPED_OR_CLASS.sub("_", pattern)
    if _REPEATED_GROUP.search(bare) or _VERBOSE.search(bare):
        raise ConditionProblem(
            f"the regular expression {pattern!r} repeats a group, beside one that has a name",
            "repeat a sign or a class such as [A-Z] only, or write the group out",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # [[a-z]&&[^x]] means something else
            return re.compile(plain_pattern(pattern))
    except (re.error, FutureWarning) as error:
        raise ConditionProblem(
            f"the regular expression {pattern!r} has a named group, and cannot be read: {error}",
            r"write the group as (?P<order>…), and classes as [A-Z] or \d",
        ) from error


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces that begin and end with a word, and share `_OVERLAP` with the next."""
    last = -_PIECE
    for word in _WORD.finditer(text):
        if word.start() - last > _PIECE - _OVERLAP:
            last = word.start()
            yield _whole_words(text, last)


def _whole_words(text: str, start: int) -> str:
    """Return what begins at ``start``, without a word that goes on behind its end."""
    end = start + _PIECE
    goes_on = text[end : end + 1].strip()
    return _LAST_WORD.sub("", text[start:end]) if goes_on else text[start:end]
