"""A week's opening hours as people type them in one line: "mon-fri 9-17, sat 10:00-14:00"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from agentbot.pipeline.hours.file import parse_span
from agentbot.pipeline.hours.schedule import DAYS
from agentbot.pipeline.words import fold

Week = dict[str, tuple[str, ...]]
"""Spans (``9:00-17:00``) by day, with the keys of ``week:`` in hours.yaml."""

_GROUPS: Mapping[str, tuple[int, ...]] = {
    "weekdays": tuple(range(5)),
    "weekends": (5, 6),
    "everyday": tuple(range(7)),
    "daily": tuple(range(7)),
}
_PART = re.compile(r"(?P<days>[^\d]*?)[\s:]*(?P<spans>\d.*|closed)?", re.IGNORECASE)
_CLOCK = r"(\d{1,2})(?:\s?[:.h]\s?(\d\d))?\s*(?:(am|pm)|hr?s?\b|uhr)?"
_SPAN = re.compile(
    rf"{_CLOCK}\s*(?:-|\u2013|\b(?:to|bis|às|alle|al?|à|tot|do)\b)\s*{_CLOCK}", re.IGNORECASE
)
_NOON = 12
"""The hour up to which an end may be meant by a clock of twelve hours, as in "9-5"."""
_TO = r"\s*(?:-|\u2013|\b(?:to|bis|au|al?|à|tot|do)\b)\s*"
"""What stands between the first and the last of several days, in the languages of the texts."""
_SHORTEST = 2
"""Letters of a day's name that tell it from the others, in all languages of the texts."""


def parse_week(text: str, day_names: Sequence[str] = ()) -> Week:
    """Read a week; ``day_names`` are those of another language, Monday first.

    A part without a day goes on with the day before it: "mon-fri 9-12, 13-17". Raises
    ``ValueError`` that says what was not understood.
    """
    if text.strip().lower() in {"always", "24/7"}:
        return {"everyday": ("0:00-24:00",)}
    week: dict[int, tuple[str, ...]] = {}
    days: tuple[int, ...] = ()
    # "segunda-feira" is one day, and no span of two.
    text = re.sub(r"-feiras?\b", "", text, flags=re.IGNORECASE)
    for part in re.split(r"[,;\n]|\band\b|\+", text):
        if not part.strip():
            continue
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"{part.strip()!r} is not understood; write mon-fri 9:00-17:00")
        days = tuple(_days(match["days"], day_names)) if match["days"].strip() else days
        spans = match["spans"]
        if not days or not spans:
            raise ValueError(f"{part.strip()!r} is not understood; write mon-fri 9:00-17:00")
        for day in days:
            more = () if spans.lower() == "closed" else (_span(spans),)
            week[day] = week.get(day, ()) + more if not match["days"].strip() else more
    if not any(week.values()):
        raise ValueError("there is no day with hours; write mon-fri 9:00-17:00")
    return _grouped(week)


def _days(text: str, day_names: Sequence[str]) -> Iterator[int]:
    first, *rest = re.split(_TO, text.strip(), flags=re.IGNORECASE)
    if not rest and (group := _GROUPS.get(first.lower().replace(" ", ""))):
        yield from group
        return
    begin = _day(first, day_names)
    end = _day(rest[0], day_names) if rest else begin
    yield from ((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _day(text: str, day_names: Sequence[str]) -> int:
    wanted = fold(text).strip()
    found = {
        index
        for names in (DAYS, day_names)
        for index, name in enumerate(names)
        if len(wanted) >= _SHORTEST and fold(name).strip().startswith(wanted)
    }
    if len(found) != 1:
        raise ValueError(f"{text.strip()!r} is no day; write mon, tue, wed, thu, fri, sat or sun")
    return found.pop()


def _span(text: str) -> str:
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text.strip()!r} is not a span of hours; write 9:00-17:00")
    start, end = _hour(match[1], match[3]), _hour(match[4], match[6])
    if not (match[3] or match[5] or match[6]) and end < start <= _NOON:
        raise ValueError(f"{text.strip()!r} may be day or night; write {start}-{end + 12}")
    span = f"{start}:{match[2] or '00'}-{end}:{match[5] or '00'}"
    parse_span(span)
    return span


def _hour(text: str, half: str | None) -> int:
    """Return the hour of a clock of 24 hours; ``half`` is am, pm or nothing."""
    return int(text) % 12 + 12 * (half.lower() == "pm") if half else int(text)


def _grouped(week: Mapping[int, tuple[str, ...]]) -> Week:
    """Return the week with weekdays as one where they are all alike."""
    days = [week.get(day, ()) for day in range(7)]
    if days[0] and len(set(days)) == 1:
        return {"everyday": days[0]}
    alike = bool(days[0]) and len(set(days[:5])) == 1
    grouped: Week = {"weekdays": days[0]} if alike else {}
    first = 5 if alike else 0
    return grouped | {DAYS[day]: days[day] for day in range(first, 7) if days[day]}
