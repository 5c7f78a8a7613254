"""What of an e-mail its sender has written themselves: neither quotations nor a signature.

Mail programs write a handful of things, in many languages: a sentence or a head above what they
quote, a sign before each quoted line, a line above the signature. Each line is looked at by
itself, so that it takes time linear in the text. In doubt a line is the sender's own: a quoted
word that fires a rule is a nuisance, a question that is not heard is worse.

A library was tried (mail-parser-reply 1.36, MIT, 577 lines): it takes the customer's own lists of
hyphens and what follows a "Thanks," for a signature, does not know Portuguese, and needs 10 s for
16,000 characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice

from agentbot.pipeline.mail.hypertext import is_hypertext, text_of
from agentbot.pipeline.mail.phrases import begins_with, phrases
from agentbot.pipeline.words import fold, plain

_MAX_LINE = 300
"""Characters of a line that are looked at: the longest that mail programs write, with two addresses
and a date, have about 200."""
_MAX_SIGNATURE = 12
"""Lines below a farewell that make a signature at most: name, post, firm, address, telephones.
More is a letter that goes on."""
_MAX_BEHIND = 3
"""Words behind a farewell on its line: a name."""
_MAX_SENT_FROM = 80
"""Characters of a line by which a telephone names itself; a sentence that begins so is longer."""
_FEWEST_HEADERS = 2
"""Lines such as "From: …" in a row that are a quoted mail's head, if an address is among them."""
_SURE_HEADERS = 3
"""The same without an address: fewer may be a customer's "From: Bergen", "To: Oslo"."""
_MAX_HEAD = 12
"""Lines of a quoted mail's head that are looked for: more than programs write."""
_MAX_BEGINNING = 40
"""Characters of a line in which its first word is looked for."""
_MAX_WRAPPED = 3
"""Lines over which a mail program may break its sentence above a quotation."""
_REMEMBERED = 64
"""Mails whose own words are remembered: each is asked for them a dozen times while it is decided
on. At 50,000 characters each at most, they take 3 MB."""
_TIMED = re.compile(r"\d\s?[:h]\s?\d\d|@")
"""A time of the day, or an address: what a mail program's sentence holds, and seldom a person's."""
_ADDRESSED = re.compile(r"@\S+[>)\]]\s*[:\uff1a]$")
_NAMED = re.compile(r"<\S+@\S+>")
_DATED = re.compile(r"\d{4}|\d[.:]\d\d")
_WROTE_AT_ONCE = re.compile(r"<\S+@\S+>\s*((?:\w+\s){0,2}\w+)\s?:\s")
"""A program that goes on with the quotation on the very line."""
_DRAWN = re.compile(r"[-_=*#]{2}")
_RULE = re.compile(r"\s*_{10,}\s*$")
_AFTERTHOUGHT = re.compile(r"\s*p\.?\s?s\b", re.IGNORECASE)


@lru_cache(maxsize=_REMEMBERED)
def own_words(text: str) -> str:
    """Return what the sender of an e-mail has written themselves; ``""`` where that is nothing.

    A mail without plain text comes as HTML (Papercups' source, ``gmail.ex``).
    """
    if is_hypertext(text):
        text = text_of(text)
    return _Mail(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).own_words()


class _Mail:
    """The lines of a mail, each looked at once."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._above: dict[int, int] = {}

    def own_words(self) -> str:
        lines = self._lines
        kept: list[str] = []
        place, written = 0, False
        while place < len(lines):
            if _is_quoted(lines[place]):
                place += 1
            elif above := self._above_a_quotation(place):
                place += above
                if not _is_quoted(self._next_line(place)):
                    break  # a program that quotes without signs: all below is quoted
            elif written and self._is_signature(place):
                break
            else:
                if not self._is_sent_from(place):
                    kept.append(lines[place])
                    written = written or bool(lines[place].strip())
                place += 1
        return "\n".join(kept).strip()

    def _next_line(self, place: int) -> str:
        """Return the next line that is not blank, or ``""``."""
        while place < len(self._lines) and not self._lines[place].strip():
            place += 1
        return self._lines[place] if place < len(self._lines) else ""

    def _above_a_quotation(self, place: int) -> int:
        """Return how many lines from ``place`` on say that a quotation follows; 0: none does."""
        if place not in self._above:
            line = self._lines[place]
            if not line.strip():
                above = 0
            elif _is_separator(line) or (_is_announced(line) and self._has_header(place + 1)):
                above = 1
            elif _RULE.match(line):
                above = self._head(place + 1)
                above += above > 0
            else:
                above = self._head(place) or self._wrote(place)
            self._above[place] = above
        return self._above[place]

    def _head(self, place: int) -> int:
        """Return how many lines of a quoted mail's head stand from ``place`` on; 0: it is none."""
        count, addressed = 0, False
        for row in self._lines[place : place + _MAX_HEAD]:
            if not _header_of(row):
                break
            count += 1
            addressed |= "@" in row
        sure = count >= _SURE_HEADERS or (addressed and count >= _FEWEST_HEADERS)
        return count if sure else 0

    def _has_header(self, place: int) -> bool:
        """Say whether the line at ``place`` is of a quoted mail's head: "From: …"."""
        return any(_header_of(row) for row in self._lines[place : place + 1])

    def _wrote(self, place: int) -> int:
        """Return how many lines from ``place`` on are "On …, … wrote:" or the like; 0: none."""
        first = plain(self._lines[place][:_MAX_LINE])
        words = _words(first[:_MAX_BEGINNING])
        begins = bool(words) and (words[0] in phrases().wrote_begins or words[0][0].isdigit())
        if not begins and not (words and _NAMED.search(first)):
            return 0
        if begins and (verb := _WROTE_AT_ONCE.search(first)) and _has_verb(verb[1]):
            return 1
        said = ""
        for count, row in enumerate(self._lines[place : place + _MAX_WRAPPED], start=1):
            if not row.strip() or _is_quoted(row):
                return 0
            said = f"{said} {plain(row[:_MAX_LINE])}".rstrip()
            if said.endswith((":", "\uff1a")):
                quotes = _is_quoted(self._next_line(place + count))
                if quotes and _NAMED.search(said) and _DATED.search(said):
                    return count  # in a language whose verb is not known, too
                sure = _TIMED.search(said) or quotes
                return count if sure and (_ADDRESSED.search(said) or _has_verb(said)) else 0
        return 0

    def _is_signature(self, place: int) -> bool:
        """Say whether a signature begins at ``place``, below something that was written."""
        line = self._lines[place]
        if line == "-- ":
            return True
        begins = line.strip() in {"--", "__", "\u2014"} or _is_farewell(line)
        if not begins and not begins_with(_words(line), phrases().small_print):
            return False
        below = list(islice(self._until_quotation(place + 1), _MAX_SIGNATURE + 1))
        return len(below) <= _MAX_SIGNATURE and not any(
            "?" in row or _AFTERTHOUGHT.match(row) for row in below
        )

    def _until_quotation(self, place: int) -> Iterator[str]:
        """Yield the lines from ``place`` on that are not blank, up to a quotation."""
        for number in range(place, len(self._lines)):
            row = self._lines[number]
            if _is_quoted(row) or self._above_a_quotation(number):
                return
            if row.strip():
                yield row

    def _is_sent_from(self, place: int) -> bool:
        """Say whether a line is a telephone's own, below all that was written."""
        line = self._lines[place].strip()
        if "?" in line or len(line) > _MAX_SENT_FROM:
            return False
        if not begins_with(_words(line), phrases().sent_from):
            return False
        following = place + 1
        while following < len(self._lines) and not self._lines[following].strip():
            following += 1
        return (
            following == len(self._lines)
            or _is_quoted(self._lines[following])
            or bool(self._above_a_quotation(following))
            or self._lines[following].strip() == "--"
        )


def _header_of(line: str) -> str:
    """Return which line of a quoted mail's head this is: "from"; ``""`` where it is none."""
    name, colon, _ = line[:_MAX_LINE].replace("\uff1a", ":").partition(":")
    words = " ".join(_words(name))
    return words if colon and words in phrases().headers else ""


def _is_quoted(line: str) -> bool:
    return line.lstrip()[:1] == ">"


def _words(line: str) -> list[str]:
    return fold(line[:_MAX_LINE]).split()


def _is_separator(line: str) -> bool:
    drawn = _DRAWN.search(line[:_MAX_LINE])
    if not drawn and not line.rstrip().endswith(":"):
        return False
    words = " ".join(_words(line))
    return words in phrases().announcements or (drawn is not None and words in phrases().separators)


def _is_announced(line: str) -> bool:
    """Say whether a line without a drawing is "Original Message"."""
    return len(line) <= _MAX_BEGINNING and " ".join(_words(line)) in phrases().separators


def _has_verb(sentence: str) -> bool:
    words = fold(sentence).split()
    known = phrases().wrote_ends
    # In scripts without spaces the verb is the end of a longer word.
    return any(word in known for word in words) or words[-1].endswith(_spaceless_verbs())


@cache
def _spaceless_verbs() -> tuple[str, ...]:
    return tuple(verb for verb in phrases().wrote_ends if not verb.isascii())


def _is_farewell(line: str) -> bool:
    words = _words(line)
    count = begins_with(words, phrases().farewells)
    if not count:
        return False
    behind = len(words) - count
    return not behind or (count > 1 and behind <= _MAX_BEHIND and "?" not in line)
