"""What has been done to each conversation, and when: what an excuse is held against.

All times are the world's seconds, which no clock of the server's or a bot's can falsify.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

_EVER = float("inf")


@dataclass(slots=True)
class Period:
    """Something that held from ``since`` until ``until``. ``by_person``: people made it so, and
    ``ended_by_person`` that it is over."""

    since: float
    by_person: bool
    until: float = _EVER
    ended_by_person: bool = False

    def touches(self, since: float, until: float) -> bool:
        """Say whether it held at some moment within that time."""
        return self.since <= until and self.until >= since


@dataclass(slots=True)
class Custody:
    """Whose a conversation is, whether it is closed, since when, and how it was before."""

    assignee_id: int | None = None
    assigned_at: float = 0.0
    given_by_person: bool = False
    """Whether people gave it whom it is now, or nobody."""
    is_closed: bool = False
    closed_at: float = 0.0
    closings: list[Period] = field(default_factory=list)
    assignments: list[tuple[int, Period]] = field(default_factory=list)

    def note(
        self, now: float, *, assignee_id: int | None, is_closed: bool, by_person: bool
    ) -> None:
        """Note how it is now."""
        if assignee_id != self.assignee_id:
            if self.assignee_id is not None:
                self.assignments[-1][1].until = now
                self.assignments[-1][1].ended_by_person = by_person
            if assignee_id is not None:
                self.assignments.append((assignee_id, Period(now, by_person)))
            self.assignee_id, self.assigned_at = assignee_id, now
            self.given_by_person = by_person
        if is_closed != self.is_closed:
            if is_closed:
                self.closings.append(Period(now, by_person))
            else:
                self.closings[-1].until = now
            self.is_closed, self.closed_at = is_closed, now

    def closing(self, since: float, until: float) -> Period | None:
        """Return a closing that held at some moment within that time: people's, if one was."""
        touching = [span for span in self.closings if span.touches(since, until)]
        return max(touching, key=lambda span: span.by_person, default=None)

    def was_of(self, user_ids: Collection[int], since: float, until: float) -> bool:
        """Say whether it was one of these users' at some moment within that time."""
        return any(id_ in user_ids and span.touches(since, until) for id_, span in self.assignments)


def oldest_news(
    since: float, until: float, *, way: float, standstills: Iterable[tuple[float, float]]
) -> float:
    """Return when that happened at the earliest which may be heard as news after ``since``.

    News is ``way`` seconds under way at most; what stood still (a connection, a process) in between
    holds them back for as long.
    """
    oldest = since - way
    for start, end in sorted(_within(standstills, until), reverse=True):
        if end >= oldest and start < oldest:
            oldest = start - way
    return oldest


def _within(spans: Iterable[tuple[float, float]], until: float) -> Iterator[tuple[float, float]]:
    return ((start, end) for start, end in spans if start <= until)
