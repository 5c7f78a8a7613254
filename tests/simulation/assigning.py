"""Whose conversations are: no plan takes one from people, and what was to be assigned is.

Ann takes conversations and gives them back; the operator's rules assign to Bea, and what the bot
writes with its own user assigns to the bot for a moment. All is seen at the server: who changed it
(``hand.py``), from whom to whom; and when that process had last asked how the conversation is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulation.history import Custody, Period
from tests.simulation.turns import Event

if TYPE_CHECKING:
    from tests.simulation.world import World

WORD = "assign"
"""What a customer writes that the operator's rule assigns."""
_EXPIRED = 401
_UNDONE_WITHIN = 5.0
"""Seconds until an assignment is surely undone that came between a person's taking and its news:
the bot hears its own change, at the latest after ``catch_up.settle_seconds``, and asks back."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A bot's assignment that has taken a conversation from a person. Times are the world's."""

    at: float
    who: str
    since: float
    """When the person had got it."""


class Assignments:
    """Follows the assignments of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._looked: dict[tuple[str, str], float] = {}
        self._asked: dict[tuple[str, str], float] = {}
        self.taken: defaultdict[str, list[Taken]] = defaultdict(list)
        self._under_way: dict[str, bool] = {}
        self._deaf: dict[str, list[Period]] = {}

    def take(self, event: Event) -> None:
        """Take note of what happened."""
        take = _TAKES.get(event.what)
        if take is not None:
            take(self, event)

    def _rest_asked(self, event: Event) -> None:
        if event.detail[0] == "GET" and event.detail[1].startswith("/api/conversations/"):
            self._looked[event.who, event.where] = event.at
        elif event.detail[0] == "PUT" and event.detail[1].startswith("/api/customers/"):
            self._world.act_leaves(event.where)

    def _assignment_asked(self, event: Event) -> None:
        """See whether a plan's assignment is still its holder's to make, and looked before."""
        world, key = self._world, (event.who, event.where)
        looked, before = self._looked.get(key, 0.0), self._asked.get(key)
        self._asked[key] = looked
        custody = world.custody.get(event.where) or Custody()
        bea = world.colleague_user_id
        if event.detail != bea or custody.was_of({bea}, 0.0, event.at):
            return  # it gives back what a message of the bot's has brought
        world.act_leaves(event.where)
        self._under_way[event.who] = True
        if looked == before:
            world.fail(f"{event.who} ASSIGNS {event.where} again by an old look of {looked:.3f}")
        if wrong := world.database.may_answer(event.who, event.where, ()):
            world.fail(f"{event.who} ASSIGNS {event.where} without a claim: {wrong}")
        said = (one for one in world.messages.values() if one.conversation_id == event.where)
        if not any(WORD in (message.body or "").split() for message in said):
            world.fail(f"{event.who} ASSIGNS {event.where}, and nothing was said that has it so")

    def _rest_answered(self, event: Event) -> None:
        if event.detail[0] == "PUT":
            self._under_way[event.who] = False
        if event.detail[1] == _EXPIRED:  # the same request is sent again, with another token
            self._asked.pop((event.who, event.where), None)

    def _assigned(self, event: Event) -> None:
        """See whom it is taken from; the custody is still what it was before."""
        world, (before, now) = self._world, event.detail
        custody = world.custody.get(event.where) or Custody()
        if now == world.colleague_user_id and event.who:
            world.see("it is assigned by a plan")
        if event.who and before == world.colleague_user_id and now == world.person_user_id:
            world.see("an assignment is given back to who took it")
        if not event.who or before not in world.people or not custody.given_by_person:
            return
        since = custody.assigned_at
        self.taken[event.where].append(Taken(event.at, event.who, since))
        if now == world.bot_user_id:
            return  # the server assigns to whoever writes first, without a look
        world.see("a person takes it between a look and the assignment")
        looked = self._asked.get((event.who, event.where), 0.0)
        if since < looked:
            world.fail(
                f"{event.who} TAKES AWAY {event.where}, a person's since {since:.3f}; it looked "
                f"at {looked:.3f}"
            )

    def _killed(self, event: Event) -> None:
        if self._under_way.get(event.who):
            self._world.see("killed with an assignment on its way")
        self._deafened(event)

    def _deafened(self, event: Event) -> None:
        self._deaf.setdefault(event.who, []).append(Period(event.at, by_person=False))

    def _connected(self, event: Event) -> None:
        for period in self._deaf.get(event.who, ())[-1:]:
            period.until = event.at

    def could_not_know(self, taken: Taken) -> bool:
        """Say whether whoever took it could not hear of that, or not undo it any more."""
        world, process = self._world, self._world.processes[taken.who]
        spans = [
            *process.standstills,
            *((since, end) for one, since, end in world.network.stalls if one is process),
            *((deaf.since, deaf.until) for deaf in self._deaf.get(taken.who, ())),
        ]
        until = taken.at + _UNDONE_WITHIN
        return (
            any(since <= until and end >= taken.since for since, end in spans)
            or world.may_lose_acts
            or "fault crash channel" in world.counts
        )


_TAKES: dict[str, Callable[[Assignments, Event], None]] = {
    "rest asked": Assignments._rest_asked,
    "assignment asked": Assignments._assignment_asked,
    "rest answered": Assignments._rest_answered,
    "assigned": Assignments._assigned,
    "log disconnected": Assignments._deafened,
    "log connected": Assignments._connected,
    "killed": Assignments._killed,
    "ended": Assignments._deafened,
}
