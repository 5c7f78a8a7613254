"""What may be told of when people are back: by the operator's hours, and by the bots' clocks.

Nothing of the pipeline is used. Worlds last minutes, and no clock is off by more than two days, so
of the operator's hours the usual week is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from tests.simulation.world import START, World

_PROMPTS = Path(__file__).parents[2] / "prompts"
_WEEKDAYS = range(5)
_SATURDAY = 5
_STEADY = 60.0
"""Seconds for which somebody must have been there for a bot to know that surely, and only where no
fault delays what it hears: whoever connects anew knows nobody for a moment."""
STALE = 700.0
"""Seconds for which a bot may believe that somebody is there who has gone: as long as the longest
outage, in which nobody tells it."""
_PROMPT = 1.0
"""Seconds: where news take less, no fault of the world delays them."""


@cache
def operators_file(name: str) -> Any:  # noqa: ANN401 - whatever stands in it
    """Return what stands in a file of the operator's folder."""
    return yaml.safe_load((_PROMPTS / f"{name}.yaml").read_text())


def reopening(at: datetime) -> str | None:
    """Return in the operator's words when the shop opens, as seen at that time; None if open."""
    hours, times = operators_file("hours"), operators_file("texts")["times"]
    zone = ZoneInfo(hours["time_zone"])
    local = at.astimezone(zone)
    for days in range(8):
        day = local.date() + timedelta(days=days)
        span = _span(hours["week"], day.weekday())
        if span is None or local >= datetime.combine(day, span[1], zone):
            continue
        first = datetime.combine(day, span[0], zone)
        if first <= local:
            return None
        pattern = times["today" if days == 0 else "tomorrow" if days == 1 else "weekday"]
        said: str = pattern.format(
            time=f"{first.hour}:{first.minute:02}", day=times["days"][first.weekday()]
        )
        return f"{said} ({first.tzname()})"
    raise AssertionError("the shop opens on no day of the week")


def _span(week: dict[str, str], weekday: int) -> tuple[time, time] | None:
    """Return when the shop opens and closes on a day; None where it stays closed."""
    assert set(week) == {"weekdays", "saturday"}, "hours that this does not know"
    if weekday not in {*_WEEKDAYS, _SATURDAY}:
        return None
    opens, closes = week["saturday" if weekday == _SATURDAY else "weekdays"].split("-")
    return time.fromisoformat(opens.rjust(5, "0")), time.fromisoformat(closes.rjust(5, "0"))


def reopenings(
    world: World, conversation_id: str, message_ids: Sequence[str], *, until: float
) -> set[str | None]:
    """Return what may be told of when people are back in a reply that is stored at ``until``.

    None stands for not telling it. It follows from the clock of whoever decided in between the
    newest of the messages and the reply, and from who was online.
    """
    since = max(world.stored_at[id_] for id_ in message_ids if id_ in world.stored_at)
    told: set[str | None] = set()
    for at, who in world.follower.decisions.get(conversation_id, ()):
        if since <= at <= until:
            errors = world.processes[who].clock_errors_between(since, at)
            shown = {moment + error for moment in (since, at) for error in errors}
            told |= {reopening(START + timedelta(seconds=one)) for one in shown}
    if _may_somebody_be_there(world, since, until):
        told.add(None)
    if not _may_nobody_be_there(world, since, until):
        told = {None}
    return told


def _may_somebody_be_there(world: World, since: float, until: float) -> bool:
    oldest = since - world.heard_within - (STALE if world.has_outages else 0.0)
    return any(span.touches(oldest, until) for span in world.people_online)


def _may_nobody_be_there(world: World, since: float, until: float) -> bool:
    steady = any(
        span.since <= since - _STEADY and until <= span.until for span in world.people_online
    )
    return not (steady and world.heard_within < _PROMPT)
