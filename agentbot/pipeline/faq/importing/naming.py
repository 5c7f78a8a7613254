"""Ids of imported entries: such as `check` accepts, each used once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from agentbot.pipeline.faq.entries import is_id
from agentbot.pipeline.words import fold

_WORDS = 8
"""Words of a question that become its id: enough to tell questions apart, and readable in a log."""
_LONGEST = 80
"""Characters of an id: it stands in logs and reports, where longer ones fill the line."""


def slug(text: str) -> str:
    """Make an id of the first words of ``text``: ``do-you-ship-to-norway``."""
    words = [word for word in fold(text).split() if word.isascii()]
    return "-".join(words[:_WORDS])[:_LONGEST].strip("-") or "entry"


class Ids:
    """The ids that are taken already, and those that somebody has ``chosen`` for later entries."""

    def __init__(self, chosen: Iterable[str] = ()) -> None:
        self._taken = {text for text in chosen if is_id(text)}

    def free(self, wanted: str) -> str:
        """Return ``wanted``, or with a number behind it where it is taken."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}-{number}"
        self._taken.add(name)
        return name

    def given(self, text: str) -> str:
        """Return an id that somebody chose: as it stands, if it is one; else as near as can be.

        One that is used twice stays so, for `checked` to refuse.
        """
        if is_id(text):
            self._taken.add(text)
            return text
        decomposed = unicodedata.normalize("NFKD", text)
        bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
        plain = re.sub(r"[^A-Za-z0-9_.?]+", "-", bare).strip("-._?")
        return self.free(plain if is_id(plain) else slug(text))
