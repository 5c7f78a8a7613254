"""Mails that no person sent, told by their words alone: most ways into Papercups keep no headers.

Who is on holiday says so too, and asks something: "I'm on vacation until Monday, can you ship
later?". So being away alone shows nothing. An absence note also says what becomes of the mail that
it answers, or sends the urgent cases elsewhere; and what it asks is whether it is urgent. In doubt
a person has written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentbot.pipeline.mail.phrases import begins_with, phrases
from agentbot.pipeline.words import fold

_MAX_LOOKED_AT = 3_000
"""Characters of a mail that are looked at: notes of two languages have about two thousand."""
_FIRST_PARTS = 6
"""Parts of a mail's beginning in which it may call itself automatic: behind a salutation, a name
and a greeting."""
_FIRST_OF_ALL = 2
"""Parts in which a notice says what it is, behind a title at most: a person may quote one later."""
_MAX_SHOWN = 80
"""Characters that a reason shows: what fits on a line."""
_PARTS = re.compile(r"[.,;:!?…()\n\u2013\u2014]+|\s-+\s")
_QUESTIONS = re.compile(r"[^.!?\n]*\?")


def why_by_words(text: str) -> str:
    """Return what shows that no person wrote the ``text`` of a mail; ``""`` where nothing does."""
    looked_at = text.strip()[:_MAX_LOOKED_AT]
    known = phrases()
    for place, part in enumerate(_first_parts(looked_at)):
        words = fold(part).split()
        if begins_with(words, known.automatic_sentences) or (
            place < _FIRST_OF_ALL and begins_with(words, known.notices)
        ):
            return f"it says so: {part[:_MAX_SHOWN]!r}"
    for line in looked_at.splitlines():
        if begins_with(fold(line).split(), known.list_footers):
            return f"it is a newsletter: {line.strip()[:_MAX_SHOWN]!r}"
    folded = fold(looked_at)
    if _is_absence_note(folded, looked_at):
        return "it is an absence note"
    if (
        _holds(folded, known.received)
        and _holds(folded, known.promised)
        and not _questions(looked_at)
    ):
        return "it is a confirmation that a mail was received"
    return ""


def _is_absence_note(folded: str, text: str) -> bool:
    """Say whether it is one. Where something is asked besides, more signs are necessary."""
    known = phrases()
    is_away = _holds(folded, known.away)
    if not is_away and not _holds(folded, known.on_holiday):
        return False
    thanks = _holds(folded, known.thanks_for_mail)
    about_mail = _holds(folded, known.about_mail)
    urgent = _holds(folded, known.when_urgent)
    if _questions(text):
        return urgent and (thanks or about_mail) and (is_away or (thanks and about_mail))
    elsewhere = urgent or _holds(folded, known.see_others)
    signs = thanks + about_mail + elsewhere
    return signs >= (1 if is_away else 2)


def _questions(text: str) -> list[str]:
    """Return the questions of a mail, but not whether it is urgent."""
    urgent = phrases().urgent_words
    asked = (fold(found.group()) for found in _QUESTIONS.finditer(text))
    return [one for one in asked if one.strip() and not _holds(one, urgent)]


def _first_parts(text: str) -> Iterator[str]:
    parts = (part.strip() for part in _PARTS.split(text[: _MAX_LOOKED_AT // 2]))
    found = 0
    for part in parts:
        if part:
            yield part
            found += 1
            if found == _FIRST_PARTS:
                return


def _holds(folded: str, known: frozenset[str]) -> bool:
    """Say whether a folded text holds one of the phrases, as whole words."""
    return any(f" {phrase} " in folded for phrase in known)
