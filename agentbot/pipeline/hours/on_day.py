"""The hours of the days that a question names, in words: "Friday, 25 December: closed"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.hours.asked import AskedDays, asked_days, day_words
from agentbot.pipeline.hours.feasts import is_often_kept
from agentbot.pipeline.hours.schedule import Schedule, TimeWords, no_holidays
from agentbot.pipeline.hours.week import spans_in_words

_HOLIDAYS_AHEAD = 60
"""Days in which the next public holidays are looked for: until after New Year from November on."""
_MOST_HOLIDAYS = 7
"""Public holidays that are told at most."""


def days_named(
    texts: Iterable[str],
    *,
    today: date,
    codes: Sequence[Language],
    schedule: Schedule,
    before: Iterable[str] = (),
) -> AskedDays:
    """Return the days that the first of some texts names, in the first language in which it does.

    ``before`` is what the customer wrote before that, newest first: "and the day after?" is counted
    from the day that was named there. Days of which the schedule knows nothing are unclear: a shop
    that names no holidays keeps some nevertheless.
    """
    asked = AskedDays()
    every = (asked_days(text, today=today, code=code) for text in texts for code in codes)
    for asked in every:  # the texts are made as they are asked for
        if asked.is_any or asked.beside:
            break
    if asked.beside and not asked.is_any:
        asked.days = _beside(asked.beside, before, today, codes)
        asked.is_unclear = any(day < today for day in asked.days)
    if asked.any_holiday and not asked.feasts:
        asked.days = sorted({*asked.days, *_holidays_ahead(schedule, today)})
        asked.is_unclear |= not asked.days
    asked.is_unclear |= any(_is_doubtful(schedule, day, asked) for day in asked.days)
    return asked


def _beside(days: int, before: Iterable[str], today: date, codes: Sequence[Language]) -> list[date]:
    """Return the day so many days after the one that was named last; none: none was."""
    for text in before:
        named = next((one for code in codes if (one := _asked(text, today, code))), None)
        if named is None:
            continue
        if not named.days:
            days += named.beside
            continue
        last = max(named.days) if days > 0 else min(named.days)
        return [] if named.is_unclear else [last + timedelta(days=days)]
    return []


def _asked(text: str, today: date, code: Language) -> AskedDays | None:
    found = asked_days(text, today=today, code=code)
    return found if found.days or found.beside else None


def _holidays_ahead(schedule: Schedule, today: date) -> list[date]:
    ahead = (today + timedelta(days=days) for days in range(_HOLIDAYS_AHEAD))
    return [day for day in ahead if day in schedule.holidays(day.year)][:_MOST_HOLIDAYS]


def _is_doubtful(schedule: Schedule, day: date, asked: AskedDays) -> bool:
    """Say whether the usual hours of a day may not hold, and nothing else is known of it."""
    if schedule.holidays is not no_holidays or not schedule.week[day.weekday()]:
        return False
    is_written = day in schedule.exceptions or (day.month, day.day) in schedule.yearly
    return not is_written and (day in asked.feasts or is_often_kept(day))


def hours_in_words(
    days: Sequence[date], schedule: Schedule, words: TimeWords, code: Language
) -> str:
    """Return the hours of each day, one a line; several lines are a list in markdown."""
    patterns = day_words()[code]
    said = []
    for day in days:
        spans = schedule.spans(day)
        named = patterns.date.format(
            day=words.week[day.weekday()], date=day.day, month=words.months[day.month - 1]
        )
        line = patterns.told.format(
            day=named[:1].upper() + named[1:],
            hours=spans_in_words(spans) if spans else patterns.closed,
        )
        said.append(line)
    return said[0] if len(said) == 1 else "\n".join(f"- {line}" for line in said)
