"""Whether a question shares enough words with an entry, or only one that many questions have.

A telling word is one that does not stand in questions of any kind; of two forms of a word the first
letters count ("ship" and "shipping").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.languages.asking import Form, asking
from agentbot.pipeline.words import fold

ALONE = "one word alone may mean other entries too"
"""Why a single word is no question."""
_STEM = 4
"""Letters by which two forms of a word are taken for one."""
_SHORTEST = 3
"""Letters of a word that may be what is asked about."""
_DOUBT = 1.0
"""Log odds that an answer loses where the question shares one telling word with its entry, and
another one is not in the FAQ at all: "Do you ship to Mars?". On the public benchmark eight of ten
such answers are right at the bar for nine of ten."""


class Keywords:
    """The telling words of a FAQ's entries."""

    def __init__(self, entries: Sequence[FaqEntry]) -> None:
        wordings = [[telling(wording) for wording in entry.wordings] for entry in entries]
        self._own = [frozenset[str]().union(*one) for one in wordings]
        self._entries = Counter(word for own in self._own for word in own)
        self._main = [_main(one) for one in wordings]
        self._often = [_often(one) for one in wordings]
        self._all_main = frozenset[str]().union(*self._main)
        self._tags = [frozenset(entry.tags) for entry in entries]
        self._numbers = {entry.id: number for number, entry in enumerate(entries)}

    def shares_none(self, text: str, entry: int) -> bool:
        """Say whether a question shares no telling word with an entry, given by its number."""
        return not telling(text) & self._own[entry]

    def is_of_another_thing(self, text: str, entry: int) -> bool:
        """Say whether a question shares no telling word, and has one that is not in the FAQ."""
        return self.shares_none(text, entry) and not telling(text) <= self._entries.keys()

    def doubt(self, text: str, entry: int) -> float:
        """Return the log odds that the entry's answer loses: one shared word outweighs no other."""
        asked = telling(text)
        unknown = [word for word in asked if word not in self._entries and _says_what(word)]
        return _DOUBT if unknown and len(asked & self._own[entry]) == 1 else 0.0

    def is_about(self, text: str, entry_id: str) -> bool:
        """Say whether an entry has one of the telling words of a text."""
        return bool(telling(text) & self._words_of(entry_id))

    def knows(self, text: str) -> bool:
        """Say whether any entry has one of the telling words of a text."""
        return any(word in self._entries for word in telling(text))

    def is_of_another(self, text: str, entry_id: str) -> bool:
        """Say whether a text names what other entries are about, and this one does not have."""
        return bool((telling(text) - self._words_of(entry_id)) & self._all_main)

    def left_by(self, text: str, entry_id: str, *, with_akin: bool) -> frozenset[str]:
        """Return the telling words of a text that an entry has not.

        ``with_akin``: nor one that is akin to it.
        """
        left = telling(text) - self._words_of(entry_id)
        akin = (one for one in self._numbers if with_akin and self.are_akin(one, entry_id))
        return left.difference(*(self._own[self._numbers[one]] for one in akin))

    def has_often(self, text: str, entry_id: str) -> bool:
        """Say whether each telling word of a text stands in an entry's question, or twice in it."""
        number = self._numbers.get(entry_id)
        return number is not None and telling(text) <= self._often[number]

    def known(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of the words that any entry has."""
        return frozenset(word for word in words if word in self._entries)

    def are_akin(self, one_id: str, other_id: str) -> bool:
        """Say whether two entries have a tag in common, or a word that both of them are about."""
        one, other = self._numbers.get(one_id), self._numbers.get(other_id)
        if one is None or other is None:
            return False
        shares_tag = bool(self._tags[one] & self._tags[other])
        return one == other or shares_tag or bool(self._main[one] & self._main[other])

    def _words_of(self, entry_id: str) -> frozenset[str]:
        number = self._numbers.get(entry_id)
        return frozenset() if number is None else self._own[number]

    def is_alone(self, text: str, form: Form, entry: int) -> bool:
        """Say whether a text is but one telling word, which may stand for other entries too.

        It stands for the entry where that is about it, and no other entry has it.
        """
        asked = telling(text)
        if form is Form.QUESTION or len(asked) != 1:
            return False
        (word,) = asked
        return word not in self._main[entry] or self._entries[word] > 1


def _main(wordings: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return the words that an entry is about: alone in one of its wordings, or in half of them."""
    times = Counter(word for words in wordings for word in words)
    often = (word for word, count in times.items() if count > 1 and 2 * count >= len(wordings))
    alone = (word for words in wordings if len(words) == 1 for word in words)
    return frozenset((*often, *alone))


def _often(wordings: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return the words of an entry's question, the first wording, and those of two others."""
    times = Counter(word for words in wordings for word in words)
    return wordings[0] | {word for word, count in times.items() if count > 1}


def _says_what(word: str) -> bool:
    """Say whether a word may be what is asked about: numbers and initials are not."""
    return len(word) >= _SHORTEST and not any(sign.isdecimal() for sign in word)


def telling(text: str) -> frozenset[str]:
    """Return the telling words of a text, by their first letters."""
    return frozenset(word[:_STEM] for word in fold(text).split() if word not in asking().common)
