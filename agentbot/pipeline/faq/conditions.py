"""Conditions that an entry does not speak of: "for free", "as a gift", "without an account".

"Can you deliver to Germany for free?" is as near to "Do you ship abroad?" as without its last two
words, and they change the answer. So an entry that says nothing of them does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.keywords import telling
from agentbot.pipeline.languages.pack import Loader
from agentbot.pipeline.words import fold

_SUM = re.compile(r"[€$£¥]|\b(?:eur|usd|gbp|chf|nok|sek|dkk|kr|zł)\b", re.IGNORECASE)
"""A sum of money, whatever the sum."""
_MOST_WITHOUT = 4
"""Words after "without" that may name what is left out: "without a bank account"."""


@dataclass(frozen=True, slots=True)
class _Words:
    """The lists of ``conditions.yaml``, folded."""

    free: tuple[str, ...]
    money: tuple[str, ...]
    gift: tuple[str, ...]
    present: tuple[str, ...]
    without: frozenset[str]


@cache
def _words() -> _Words:
    text = files(__package__).joinpath("conditions.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe one
    return _Words(
        free=tuple(dict.fromkeys(fold(one) for row in read["free"] for one in row)),
        money=tuple(fold(one).strip() for one in read["money"]),
        gift=tuple(dict.fromkeys(fold(one) for row in read["gift"] for one in row)),
        present=tuple(fold(one).strip() for one in read["present"]),
        without=frozenset(fold(one).strip() for one in read["without"]),
    )


def unspoken(text: str, entry: FaqEntry) -> str:
    """Return a condition of a question that an entry says nothing of; "" where there is none."""
    words, folded = _words(), fold(text)
    if said := next((one for one in words.free if one in folded), ""):
        spoken = _SUM.search(entry.answer) or _begins(entry, words.money)
        return "" if spoken else said.strip()
    if said := next((one for one in words.gift if one in folded), ""):
        return "" if _begins(entry, words.present) else said.strip()
    return _left_out(folded.split(), words, entry)


def _left_out(said: Sequence[str], words: _Words, entry: FaqEntry) -> str:
    for place, word in enumerate(said):
        if word in words.without:
            named = " ".join(said[place + 1 : place + 1 + _MOST_WITHOUT])
            told = telling(named)
            if told and not told & telling("\n".join([*entry.wordings, entry.answer])):
                return f"{word} {named}"
    return ""


def _begins(entry: FaqEntry, beginnings: Sequence[str]) -> bool:
    """Say whether an entry has a word that begins so."""
    said = fold("\n".join([*entry.wordings, entry.answer]))
    return any(f" {one}" in said for one in beginnings)
