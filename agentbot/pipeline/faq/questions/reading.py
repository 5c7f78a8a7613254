"""What of a message is asked: each sentence by itself, and all of them without the small talk.

People greet, tell a story, ask in the middle of it, and thank. Compared as a whole such a message
is near to nothing, so each of its sentences that may ask something is compared too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from agentbot.pipeline.languages.asking import Form, asking
from agentbot.pipeline.languages.small_talk import SmallTalkReader
from agentbot.pipeline.words import fold, plain

_FIRST, _LAST = 2_000, 8_000
"""Characters at the beginning and at the end of a message that are looked at: a question stands
there, and anybody may send any length."""
_FIRST_SENTENCES, _LAST_SENTENCES = 10, 40
"""Sentences at both ends that are read: each takes a third of a millisecond."""
_MOST_PARTS = 6
"""Sentences of a message that are compared: each takes as long as a message of its length."""
_LONGEST = 1_000
"""Characters of one sentence, or of all together, that are compared: no question needs more."""
_LONGEST_SENTENCE = 40
"""Words from which on a sentence is cut where it has a comma: nobody puts more into one question,
and those who write so much without a full stop do not set any."""
_LEAST_PART = 3
"""Words on each side of a place where a sentence is cut without a sign that ends it."""
_CAPITALS = 0.6
"""The share of letters (0 to 1) that are capitals from which on a text is shouted: names and German
nouns come to a fifth."""
_REPEATED = 2
"""Times that the words of a question stand in it on average from which on it only repeats itself:
none of the 7,000 texts of the public benchmark does."""
_HARPED = 0.25
"""The share of a question's words (0 to 1) from which on one word is harped on: of the benchmark's
texts 15 have one such, all of them words like "the" and "i"."""
_LONG = 4
"""Letters from which on a word is not taken for one of those."""
_BREAK = re.compile(r"\n+|(?<=[.!?\u2026;])[\"')\]]*\s+|(?<=[?!])(?=[^\W\d_])")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(.])(?:\w|\w\.\w|mr|mrs|ms|dr|nr|no|st|vs|ca|approx|etc|inkl)\.$", re.IGNORECASE
)
_COMMA = re.compile(r",\s+")
_TOKEN = re.compile(r"\S+")
_EXCLAMATIONS = re.compile(r"\s*!+(?=[\s!?]|$)")


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence of a message without the small talk, or several together (``is_whole``).

    ``text`` is what is compared, ``written`` what the customer wrote.
    """

    text: str
    written: str
    form: Form
    is_whole: bool = False

    @property
    def is_plain_question(self) -> bool:
        """Whether it is a question by itself, and no wish that may belong to another one.

        "Where is my order? I need it on Saturday."
        """
        if self.written.rstrip().endswith("?"):
            return True
        words = fold(self.text).split()
        return self.form is Form.QUESTION and words[0] not in asking().subjects


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be compared of a message: at least one part, first what stands for it best.

    That is the only sentence that is no small talk, or all of them, where that is not too long to
    be one question; then those sentences that may ask something follow, in their order.
    """

    message: str
    parts: tuple[Part, ...]

    @property
    def main(self) -> str:
        """The text that stands for the message best."""
        return self.parts[0].text

    @property
    def sentences(self) -> int:
        """How many parts are sentences."""
        return sum(not part.is_whole for part in self.parts)


def read(text: str, mended: Callable[[str], str] = str) -> Reading:
    """Return what is asked in a message of any length; ``mended`` mends the slips of a text."""
    if len(text) > _FIRST + _LAST:
        text = f"{text[:_FIRST]}\n{text[-_LAST:]}"
    text = _lowered(plain(text))
    parts = list(_with_context(_without_repeats(_parts(text, mended))))
    said = [part for part in parts if part.form is not Form.TALK]
    said = [part for part in said if tells(part.text)] or said
    if len(said) < _SEVERAL:
        said = said or [Part(mended(quiet(text)), text, Form.OTHER)]
        return Reading(text, tuple(_compared(said)))
    whole = _joined(said, min(part.form for part in said), is_whole=True)
    asked = [part for part in said if part.form is Form.QUESTION]
    asked = asked or [part for part in said if part.form is Form.OTHER] or said
    kept = [whole] * (len(whole.text) <= _LONGEST)
    asked = asked[-_MOST_PARTS:]
    if len(said) >= _MANY:
        kept += _pairs(said, asked[-_MOST_PAIRS:])
    return Reading(text, tuple(_compared([*kept, *asked])))


def sentences(text: str) -> list[Part]:
    """Return the sentences of a message, small talk among them, as the customer wrote them."""
    return list(_sentences_of(text))


@lru_cache(maxsize=256)
def _sentences_of(text: str) -> tuple[Part, ...]:
    """Return the sentences of a message; one turn asks for them several times."""
    return tuple(_without_repeats(_parts(_lowered(plain(text)), str)))


def _pairs(said: list[Part], asked: list[Part]) -> Iterator[Part]:
    """Yield each of the parts that ask together with what was said just before it.

    "I sent money. They have not received it.": amid much else, all together says little.
    """
    for part in asked:
        if place := said.index(part):
            yield _joined(said[place - 1 : place + 1], part.form, is_whole=True)


_MANY = 4
"""Sentences from which on one of them is compared with the one before it too: three are seen well
enough together."""
_MOST_PAIRS = 2
"""Such pairs that are compared, the last ones: each takes as long as a message of its length."""
_SEVERAL = 2
"""Sentences from which on all of them together are compared too."""


def _joined(parts: Iterable[Part], form: Form, *, is_whole: bool = False) -> Part:
    texts, written = zip(*((part.text, part.written) for part in parts), strict=True)
    return Part(" ".join(texts), " ".join(written), form, is_whole)


def _compared(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        yield replace(part, text=said_once(part.text[:_LONGEST]))


def tells(text: str) -> bool:
    """Say whether a text holds a word that does not stand in questions of any kind."""
    return any(word not in asking().common for word in fold(text).split())


def _with_context(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the parts, questions that say nothing themselves with what was said before them.

    "I was charged twice. Why is that?" A statement before them is no part of its own then, a
    question is: "Do you ship to Norway? How long does it take?".
    """
    last: Part | None = None
    for part in parts:
        if last is not None and part.form is Form.QUESTION and not tells(part.text):
            if last.form is Form.QUESTION:
                yield last
            last = replace(_joined([last, part], Form.QUESTION), written=part.written)
            continue
        if last is not None:
            yield last
        last = part if part.form is not Form.TALK else None
        if last is None:
            yield part
    if last is not None:
        yield last


def _without_repeats(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield each sentence once: many send their question twice."""
    seen: set[str] = set()
    for part in parts:
        folded = fold(said_once(part.text))
        if folded.strip() and folded not in seen:
            seen.add(folded)
            yield part


def _parts(text: str, mended: Callable[[str], str]) -> Iterator[Part]:
    sentences = list(_sentences(text))
    if len(sentences) > _FIRST_SENTENCES + _LAST_SENTENCES:
        sentences = sentences[:_FIRST_SENTENCES] + sentences[-_LAST_SENTENCES:]
    for written in sentences:
        sentence = mended(quiet(written))
        if reader().read(sentence) is not None:
            yield Part(sentence, written, Form.TALK)
            continue
        asked = reader().question(sentence)
        is_question = asked.rstrip().endswith("?")
        # What thanks, and tells something besides, is no question: "Thanks, my parcel is here".
        form = asking().form(fold(sentence).split(), is_question=is_question)
        if form is not Form.TALK:
            form = asking().form(fold(asked).split(), is_question=is_question)
        yield Part(asked, written, form)


@cache
def reader() -> SmallTalkReader:
    """Return the reader of small talk in all languages."""
    return SmallTalkReader(own="en")


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, also those that nothing but a capital letter sets apart."""
    start = 0
    for found in _BREAK.finditer(text):
        if not _ABBREVIATED.search(text[start : found.start()]):
            yield from _clauses(text[start : found.start()])
            start = found.end()
    yield from _clauses(text[start:])


def _clauses(sentence: str) -> Iterator[str]:
    """Yield the parts of a sentence in which something new begins, or of a very long one."""
    tokens = list(_TOKEN.finditer(sentence))
    words = [fold(token[0]).split() or [""] for token in tokens]
    flat = [word for one in words for word in one]
    starts = [0]
    place = 0
    for number, (token, said) in enumerate(zip(tokens, words, strict=True)):
        since = number - starts[-1]
        before = tokens[number - 1][0] if number else ""
        left = len(tokens) - number
        is_sentence = (
            token[0][0].isupper()
            and token[0][1:].islower()
            and not before.istitle()
            and said[0] in asking().starts
        )
        is_part = since >= _LEAST_PART and (
            _is_clause(before, said[0], flat, place)
            or since >= _LONGEST_SENTENCE
            or (before.endswith(",") and since >= _LONGEST_SENTENCE // 2)
        )
        if since and left >= _LEAST_PART and (is_sentence or is_part):
            starts.append(number)
        place += len(said)
    ends = [*(tokens[start].start() for start in starts[1:]), len(sentence)]
    for start, end in zip(starts, ends, strict=True):
        if tokens:
            yield sentence[tokens[start].start() : end].strip()


def _is_clause(before: str, word: str, words: list[str], place: int) -> bool:
    """Say whether a question begins at ``place`` of the words, after a comma or a joining word."""
    joins = word in asking().joins
    begins = joins or before.endswith(",") or before.lower() in asking().joins
    return begins and place + joins < len(words) and asking().clauses.at(words, place + joins) > 0


def quiet(text: str) -> str:
    """Return a text as if it were said calmly: in small letters, without exclamation marks."""
    return _EXCLAMATIONS.sub("", _lowered(text))


def _lowered(text: str) -> str:
    letters = [sign for sign in text if sign.isalpha()]
    is_shouted = sum(sign.isupper() for sign in letters) > _CAPITALS * len(letters)
    return text.lower() if is_shouted else text


def said_once(text: str) -> str:
    """Return a question without what it only repeats: saying it ten times makes it no surer.

    Where it holds each word twice or more on average, such as one that was sent twice, each counts
    once; else so does a long word that makes up much of it. Other texts stay as they are.
    """
    text = plain(text)
    said = fold(text).split()
    times = Counter(said)
    if _REPEATED * len(times) <= len(said):
        return " ".join(times)
    harped = {
        word
        for word, count in times.items()
        if count > _REPEATED and count >= _HARPED * len(said) and len(word) >= _LONG
    }
    if not harped:
        return text
    first = {word: place for place, word in reversed(list(enumerate(said)))}
    return " ".join(
        word for place, word in enumerate(said) if word not in harped or first[word] == place
    )
