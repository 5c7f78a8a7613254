"""SIGTERM: what has begun is thought out and said within the grace time, and only then handed back.

A turn that was claimed when the bot was told to stop ends with its outcome, or is handed back at
the end of the grace time; never before it, and never without a word in the log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulation.turns import Event, Phase

if TYPE_CHECKING:
    from tests.simulation.world import World

_RESERVE = 2.1
"""Seconds at the end of the grace time in which nothing new is said, and a tenth for rounding."""
_THINKS = frozenset({Phase.DECIDING, Phase.WAITING, Phase.CHECKPOINTING})


class Stopping:
    """Follows the stopping of one world's bots."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._until: dict[str, float] = {}
        """From when on a process that stops may hand back what it has begun."""
        self._thought: set[tuple[str, str]] = set()

    def take(self, event: Event) -> None:
        """Take note of what happened, before the turns are followed on."""
        take = _TAKES.get(event.what)
        if take is not None:
            take(self, event)

    def _drained(self, event: Event) -> None:
        grace = self._world.settings.drain.grace_seconds
        self._until[event.who] = event.at + grace - _RESERVE
        thinking = (one for one in self._world.follower.of(event.who) if one.phase in _THINKS)
        self._thought |= {(one.who, one.where) for one in thinking}

    def _sent(self, event: Event) -> None:
        if (event.who, event.where) in self._thought:
            self._thought.discard((event.who, event.where))
            self._world.see("told to stop, and what it thought out is said")

    def _handed_back(self, event: Event) -> None:
        until = self._until.get(event.who)
        is_stopping = event.detail["reason"].startswith("draining")
        if is_stopping and (until is None or event.at < until):
            self._world.fail(f"{event.who} HANDED BACK {event.where} with time left")

    def _ended(self, event: Event) -> None:
        """See what a bot has left that has gone of its own accord, and not been killed."""
        until = self._until.pop(event.who, None)
        if until is None or event.at >= until:
            return
        for turn in self._world.follower.of(event.who):
            if turn.claim is not None:
                self._world.fail(f"{event.who} DROPPED {turn.where} while {turn.phase}, in time")

    def _killed(self, event: Event) -> None:
        self._until.pop(event.who, None)


_TAKES: dict[str, Callable[[Stopping, Event], None]] = {
    "drained": Stopping._drained,
    "reply sent": Stopping._sent,
    "log turn.handed_back": Stopping._handed_back,
    "ended": Stopping._ended,
    "killed": Stopping._killed,
}
