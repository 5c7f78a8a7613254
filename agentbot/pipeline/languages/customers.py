"""Which language a customer writes, by what they write now or else wrote before."""

from __future__ import annotations

from itertools import islice

from agentbot.pipeline.languages.foreign import language_of
from agentbot.pipeline.turn import Author, Turn

_MOST_BEFORE = 5
"""Messages before this turn that are looked at: who goes over to another language means it."""


def customers_language(turn: Turn, *, is_theirs: bool = True) -> str | None:
    """Return the code of the language that the customer writes; None where that is not plain.

    Not ``is_theirs``: the turn's words are not their own, such as those of a button.
    """
    if is_theirs and (code := language_of(turn.text)):
        return code
    before = (one for one in reversed(turn.history) if one.author is Author.CUSTOMER)
    said = (turn.said(one) for one in islice(before, _MOST_BEFORE))
    return next((code for text in said if (code := language_of(text))), None)
