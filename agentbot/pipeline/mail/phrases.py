"""What mail programs write, in their languages: the lists of ``phrases.yaml``, folded."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

import yaml

from agentbot.pipeline.words import fold

_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""What makes texts of all, of ``no`` too: libyaml's where PyYAML has it, ten times as fast."""
_LONGEST = 9
"""Words of a line that are compared with phrases: the longest phrase has as many."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The lists, each a set of folded phrases without spaces at the ends."""

    wrote_begins: frozenset[str]
    wrote_ends: frozenset[str]
    separators: frozenset[str]
    announcements: frozenset[str]
    headers: frozenset[str]
    sent_from: frozenset[str]
    small_print: frozenset[str]
    farewells: frozenset[str]
    automatic_labels: frozenset[str]
    automatic_subjects: frozenset[str]
    reply_labels: frozenset[str]
    automatic_sentences: frozenset[str]
    notices: frozenset[str]
    list_footers: frozenset[str]
    thanks_for_mail: frozenset[str]
    away: frozenset[str]
    on_holiday: frozenset[str]
    about_mail: frozenset[str]
    when_urgent: frozenset[str]
    see_others: frozenset[str]
    urgent_words: frozenset[str]
    received: frozenset[str]
    promised: frozenset[str]


@cache
def phrases() -> Phrases:
    """Read the lists, once."""
    text = files(__package__).joinpath("phrases.yaml").read_text(encoding="utf-8")
    lists = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe one
    return Phrases(
        **{
            field.name: frozenset(fold(one).strip() for row in lists[field.name] for one in row)
            for field in fields(Phrases)
        }
    )


def begins_with(words: list[str], known: frozenset[str]) -> int:
    """Return how many of the first ``words`` are one of the ``known`` phrases; 0: they are none."""
    for count in range(min(len(words), _LONGEST), 0, -1):
        if " ".join(words[:count]) in known:
            return count
    return 0
