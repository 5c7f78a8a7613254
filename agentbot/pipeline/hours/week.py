"""The usual week's hours in words, for texts: "Monday-Friday 9:00-17:00, Saturday 10:00-14:00"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from agentbot.pipeline.hours.schedule import MINUTES_A_DAY, Schedule, Span, Week

_KEPT = 64
"""Weeks that are kept in words: those of all inboxes, in the languages that are spoken."""
_TO = "\N{EN DASH}"
"""What stands between two days or times in all languages of the texts."""


def week_in_words(schedule: Schedule, days: Sequence[str]) -> str:
    """Return the week of ``schedule``; "" where it is never closed, or never open.

    ``days`` are the names of the days, Monday first. Days of equal hours that follow each other
    are said as one; closed ones are left out. Exceptions and holidays are not told.
    """
    return "" if schedule.zone is None else _in_words(schedule.week, tuple(days))


@lru_cache(maxsize=_KEPT)
def _in_words(week: Week, days: tuple[str, ...]) -> str:
    said = []
    for spans, group in groupby(range(len(days)), key=lambda day: week[day]):
        same = list(group)
        if spans:
            name = _TO.join(dict.fromkeys((days[same[0]], days[same[-1]])))
            said.append(f"{name} {spans_in_words(spans)}")
    return ", ".join(said)


def spans_in_words(spans: Sequence[Span]) -> str:
    """Return the hours of one day: "9:00-12:00 + 13:00-17:00"."""
    return " + ".join(map(_span, spans))


def _span(span: Span) -> str:
    return f"{_clock(span.start)}{_TO}{_clock(span.end)}"


def _clock(minute: int) -> str:
    shown = minute if minute <= MINUTES_A_DAY else minute - MINUTES_A_DAY
    return f"{shown // 60}:{shown % 60:02}"
