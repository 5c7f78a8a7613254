"""Small talk: what a message is that asks nothing, and what a message asks besides.

A message is small talk only if it is nothing else: every word of it belongs to a phrase of a pack,
or is one of the words that stand around such phrases ("hi there", "thanks a lot for your help").
So a greeting never hides a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from agentbot.pipeline.files.texts import Language, SmallTalkKind
from agentbot.pipeline.languages.pack import CODES, LanguagePack, load_pack
from agentbot.pipeline.languages.refusals import Refusals
from agentbot.pipeline.words import fold

_LONGEST = 24
"""Words of a message that may be small talk: a long farewell has twenty."""
_MOST_WORDS = 4_096
"""Words of each language that are remembered as read: those of many messages, in some 500 kB."""
_MOST_READ = 400
"""Characters of such a message: nobody needs more for small talk, and anybody may send any."""
_MOST_ASKED = 1_000
"""Characters of a message from which greetings are taken off, as many as the FAQ looks at."""
_LEAST_LEFT = 2
"""Words that must be left for a question when greetings are taken off it: one word alone ("hello
kitty") may belong to what looks like a greeting."""
_FIRST_SAYS: tuple[SmallTalkKind, ...] = (
    "no_person",
    "insult",
    "are_you_a_bot",
    "help",
    "are_you_there",
    "how_are_you",
    "unclear",
    "sorry",
    "thanks",
    "goodbye",
    "no",
    "greeting",
    "praise",
    "laugh",
    "yes",
    "ok",
)
"""The kinds in the order in which they decide what a message of several ("hi, are you a bot?") is:
first what wants an answer most."""
_BEFORE: frozenset[SmallTalkKind] = frozenset({"greeting", "thanks"})
"""The kinds that are taken off the beginning of a question whatever sign follows."""
_BEFORE_A_SIGN: frozenset[SmallTalkKind] = _BEFORE | frozenset(
    {"how_are_you", "help", "sorry", "are_you_there", "praise", "ok"}
)
"""The kinds that are taken off it where a sign ends them."""
_AFTER: frozenset[SmallTalkKind] = frozenset({"thanks"})
"""The kinds that are taken off the end of a question whatever sign stands before."""
_AFTER_A_SIGN: frozenset[SmallTalkKind] = _AFTER | frozenset({"greeting", "goodbye"})
"""The kinds that are taken off it where a sign stands before them."""
_LAUGHTER = re.compile(
    r"(?:[hj][aei]){2,}h?|(?:a?h[aei])+h|(?:ah|eh|ih){2,}a?|k{3,}|(?:rs){2,}|x+d+"
)
_RUN = re.compile(r"(.)\1{2,}")
_RUNS = re.compile(r"(.)\1+")
_ENDS = re.compile(r"[.,;:!?…)\n-]\W*$")
_PARTS = re.compile(r"[^.,;:!?…\n]+[.,;:!?…\n]*")
_TOKEN = re.compile(r"\S+\s*")
_CLAIMED_NAME = re.compile(r"[^\W\d_][^\W\d_'-]{1,15}")

_SIGNS: dict[SmallTalkKind, str] = {
    "insult": "🖕👎😡😠🤬💩😤",
    "greeting": "👋🤚🖐✋🤗",
    "thanks": "🙏💐🌹🤝🫶",
    "ok": "👍👌✅✔☑🆗🫡",
    "praise": "❤🧡💛💚💙💜🖤💖💕💗😍🥰😘💯🎉🥳👏🙌🔥⭐🌟💪",
    "laugh": "😂🤣😆😹😅😄😁😀😃😊🙂☺😉😎😇🙃😋😜😏",
    "sorry": "😢😭😞😔😟😕🙁☹🥺😩😫😓😥",
}
"""What pictures stand for where a message has no words."""
_SMILES: dict[str, SmallTalkKind] = {
    **dict.fromkeys((":)", ":-)", "=)", ";)", ";-)", ":d", ":-d", "^^", ":p"), "laugh"),
    **dict.fromkeys((":(", ":-(", ":'(", "=("), "sorry"),
    **dict.fromkeys(("<3",), "praise"),
    "+1": "ok",
    "-1": "insult",
}


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message is. ``language`` of None: several may be meant, or it has no words."""

    kind: SmallTalkKind
    language: Language | None


class SmallTalkReader:
    """The reader of small talk in the packs' languages, its own first.

    ``own`` is the language of the operator's texts.
    """

    def __init__(self, *, own: Language) -> None:
        self._own = own
        self._order = (own, *(code for code in CODES if code != own))

    @cached_property
    def _phrases(self) -> dict[Language, _Phrases]:
        return {code: _phrases_of(code) for code in self._order}

    @cached_property
    def _refusals(self) -> dict[Language, Refusals]:
        return {code: _refusals_of(code) for code in self._order}

    @cached_property
    def _together(self) -> _Phrases:
        """The phrases of all languages, without the words around them."""
        return _Phrases.joined(self._phrases.values())

    def read(self, text: str, names: Iterable[str] = ()) -> Understood | None:
        """Return what kind of small talk a message is; None where it is anything else.

        ``names`` are of the customer and the company: they may stand in it.
        """
        words = fold(text).split() if len(text) <= _MOST_READ else [""] * (_LONGEST + 1)
        if not words or text.strip().lower() in _SMILES:
            return Understood(_read_signs(text), None)
        if len(words) > _LONGEST:
            return None
        known = {word for name in names for word in fold(name).split()} | _greeted(text)
        found = [
            (code, kinds)
            for code, phrases in self._phrases.items()
            if (kinds := phrases.cover(words, known))
        ]
        if not found:
            kinds = self._together.cover(words, known)
            return Understood(_strongest(kinds), None) if kinds else None
        code, kinds = found[0]
        is_sure = code == self._own or len(found) == 1
        return Understood(_strongest(kinds), code if is_sure else None)

    def refusal(self, text: str) -> Understood | None:
        """Say of a message that it only refuses to be left to a person; None of any other."""
        found = (code for code, refusals in self._refusals.items() if refusals.is_one(text))
        code = next(found, None)
        return None if code is None else Understood("no_person", code)

    def question(self, text: str) -> str:
        """Return what a message asks, without the greetings, thanks and refusals around it.

        The message itself where too little would be left, or where there are none.
        """
        first = self._without_talk(text)
        left = self._without_refusals(first)
        return first if left == first == text else self._without_talk(left)

    def _without_refusals(self, text: str) -> str:
        """Return the message without the sentences at its ends that refuse a person."""
        if len(text) > _MOST_ASKED:
            return text
        parts = _PARTS.findall(text)
        kept = list(parts)
        for end in (0, -1):
            while len(kept) > 1 and self.refusal(kept[end]) is not None:
                del kept[end]
        left = "".join(kept).strip()
        return left if len(kept) < len(parts) and len(left.split()) >= _LEAST_LEFT else text

    def _without_talk(self, text: str) -> str:
        """Return the message without the greetings and thanks around it."""
        tokens = _TOKEN.findall(text[:_MOST_ASKED])
        if len(tokens) <= _LEAST_LEFT or len(text) > _MOST_ASKED:
            return text
        words = [fold(token).split() for token in tokens]
        for phrases in self._phrases.values():
            first = phrases.ending_before(tokens, words)
            last = phrases.beginning_after(tokens, words, first)
            if first and last <= first:
                return text  # it is nothing but small talk
            if first or last < len(tokens):
                left = sum(len(one) for one in words[first:last])
                return "".join(tokens[first:last]).strip() if left >= _LEAST_LEFT else text
        return text


class _Phrases:
    """The phrases of a language by their first words, with their kinds; fillers have none."""

    def __init__(
        self,
        by_first: dict[str, dict[tuple[str, ...], SmallTalkKind | None]],
        ambiguous: Iterable[str] = (),
    ) -> None:
        self._by_first = by_first
        self._ambiguous = {tuple(fold(one).split()) for one in ambiguous}
        self._known = {word for entries in by_first.values() for one in entries for word in one}
        self._squeezed = {_RUNS.sub(r"\1", word): word for word in self._known}
        self._meant = lru_cache(maxsize=_MOST_WORDS)(self._read_stretched)

    @classmethod
    def of(cls, pack: LanguagePack) -> _Phrases:
        """Return those of a pack."""
        by_first: dict[str, dict[tuple[str, ...], SmallTalkKind | None]] = {}
        listed: list[tuple[str, SmallTalkKind | None]] = [(one, None) for one in pack.fillers]
        listed += [(one, kind) for kind, entry in pack.small_talk.items() for one in entry.phrases]
        for phrase, kind in listed:
            words = tuple(fold(phrase).split())
            by_first.setdefault(words[0], {})[words] = kind
        return cls(by_first, pack.ambiguous)

    @classmethod
    def joined(cls, all_of_them: Iterable[_Phrases]) -> _Phrases:
        """Return the phrases of several languages; what is said first counts."""
        by_first: dict[str, dict[tuple[str, ...], SmallTalkKind | None]] = {}
        for one in all_of_them:
            for first, entries in one._by_first.items():  # noqa: SLF001 - its own kind
                for words, kind in entries.items():
                    if kind is not None:
                        by_first.setdefault(first, {}).setdefault(words, kind)
        return cls(by_first)

    def cover(self, words: list[str], known: set[str]) -> frozenset[SmallTalkKind]:
        """Return the kinds of the phrases that make up all of ``words``; none if they do not.

        Of several ways the one with the fewest, and so the longest, phrases counts. ``known`` are
        names, which may stand between them.
        """
        plain = self._plain(words, known)
        if plain is None:
            return frozenset()
        # What reaches each place with the fewest phrases: their number and kinds.
        best: list[tuple[int, frozenset[SmallTalkKind]] | None] = [(0, frozenset())]
        best += [None] * len(plain)
        for start in range(len(plain)):
            reached = best[start]
            if reached is None:
                continue
            count, kinds = reached
            for length, kind in self._starting(plain, start, known):
                more = kinds if kind is None else kinds | {kind}
                old = best[start + length]
                if old is None or (count + 1, -len(more)) < (old[0], -len(old[1])):
                    best[start + length] = (count + 1, more)
        whole = best[-1]
        return whole[1] if whole else frozenset()

    def _starting(
        self, words: list[str], start: int, known: set[str]
    ) -> Iterator[tuple[int, SmallTalkKind | None]]:
        word = words[start]
        for phrase, kind in self._by_first.get(word, {}).items():
            if tuple(words[start : start + len(phrase)]) == phrase:
                yield len(phrase), kind
        if word in known:
            yield 1, None
        if _LAUGHTER.fullmatch(word):
            yield 1, "laugh"

    def _plain(self, words: list[str], known: set[str]) -> list[str] | None:
        """Return the words without what is stretched in them; None where one is not known."""
        plain = []
        for word in words:
            if word in self._known or word in known:
                plain.append(word)
            elif (unstretched := self._meant(word)) is not None:
                plain.append(unstretched)
            else:
                return None
        return plain

    def _read_stretched(self, word: str) -> str | None:
        """Return which word a stretched one is, or laughter itself; None where it is neither."""
        unstretched = self._unstretched(word)
        return unstretched if unstretched in self._known or _LAUGHTER.fullmatch(word) else None

    def _unstretched(self, word: str) -> str:
        """Return the word that somebody may have stretched: "hellooo", "byee"."""
        if _RUN.search(word):
            return self._squeezed.get(_RUNS.sub(r"\1", word), word)
        if len(word) > 2 and word[-1] == word[-2] and word[:-1] in self._by_first:
            return word[:-1]
        return word

    def ending_before(self, tokens: list[str], words: list[list[str]]) -> int:
        """Return how many tokens at the beginning are small talk."""
        most = 0
        while most < min(len(tokens), _LONGEST) and self._plain(words[most], set()) is not None:
            most += 1
        for count in range(most, 0, -1):
            if self._may_go(tokens, words, slice(0, count), _BEFORE, _BEFORE_A_SIGN):
                return count
        return 0

    def beginning_after(self, tokens: list[str], words: list[list[str]], first: int) -> int:
        """Return the place of the token from which on all is thanks, or a farewell."""
        earliest = len(words)
        while earliest > first and self._plain(words[earliest - 1], set()) is not None:
            earliest -= 1
        for place in range(max(earliest, len(words) - _LONGEST), len(words)):
            if self._may_go(tokens, words, slice(place, len(words)), _AFTER, _AFTER_A_SIGN):
                return place
        return len(words)

    def _may_go(
        self,
        tokens: list[str],
        words: list[list[str]],
        part: slice,
        always: frozenset[SmallTalkKind],
        at_a_sign: frozenset[SmallTalkKind],
    ) -> bool:
        """Say whether the part at one end of a message is small talk beside a question."""
        said = [word for one in words[part] for word in one]
        kinds = self.cover(said, set())
        if not kinds:
            return False
        border = (part.stop if part.start == 0 else part.start) - 1
        if _ENDS.search(tokens[border]):
            return kinds <= at_a_sign
        return kinds <= always and tuple(said) not in self._ambiguous


def _strongest(kinds: frozenset[SmallTalkKind]) -> SmallTalkKind:
    return next(kind for kind in _FIRST_SAYS if kind in kinds)


def _greeted(text: str) -> set[str]:
    """Return the name that is greeted, as far as its capital letter shows it: "Hi Anna"."""
    tokens = text.split()
    if len(tokens) != 2 or tokens[0][-1] in ".!:" or "?" in text:
        return set()
    name = _CLAIMED_NAME.match(tokens[1])
    return set(fold(tokens[1]).split()) if name and name[0].istitle() else set()


def _read_signs(text: str) -> SmallTalkKind:
    """Return what a message of signs and pictures is."""
    if kind := _SMILES.get(text.strip().lower()):
        return kind
    for kind, signs in _SIGNS.items():
        if any(sign in signs for sign in text if not sign.isspace() and sign != "\ufe0f"):
            return kind
    return "unclear"


def read_small_talk() -> None:
    """Read how small talk is made in all languages, which takes 50 ms the first time."""
    for code in CODES:
        _phrases_of(code)
        _refusals_of(code)


# A pack never changes: what is made of it is made once, and not for each prompts folder anew.
@cache
def _phrases_of(code: Language) -> _Phrases:
    return _Phrases.of(load_pack(code))


@cache
def _refusals_of(code: Language) -> Refusals:
    return Refusals(load_pack(code))
