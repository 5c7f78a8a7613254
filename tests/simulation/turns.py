"""Turns as they are seen from outside: which conversation's is in which phase, in which process.

Nothing of the bot's inside is asked. A phase follows from what the world sees the process do: what
it hears, what it asks of the state and of the server, what it sends, what it logs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from agentbot.errors import StateUnavailable
from agentbot.pipeline.decision import Decision
from agentbot.state.store import AlreadySettled, Claim


class Phase(StrEnum):
    """How far a turn has come."""

    GATHERING = "gathering"
    """A customer's message was heard or found, and nobody has asked for its claim."""
    CLAIMING = "claiming"
    READING = "reading"
    """From the claim until the conversation is read and what is remembered of it is known."""
    DECIDING = "deciding"
    WAITING = "waiting"
    """It is decided, and nothing has left: the widget settles, or the bot cannot speak now."""
    CHECKPOINTING = "checkpointing"
    SENDING = "sending"
    """The reply has left the process, and the server does not have it."""
    AWAITING = "awaiting the echo"
    """The server has the reply, and the bot has not heard that."""
    ACTING = "acting"
    SETTLING = "settling"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: what, at which time, in which process and conversation."""

    at: float
    what: str
    who: str = ""
    where: str = ""
    detail: Any = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When a process did what led to an outcome. All times are the world's seconds.

    ``read_since``: the earliest time at which it may have asked for the conversation by which it
    decided. ``decided_since``: the earliest at which it can have decided.
    """

    who: str
    claimed_at: float
    read_since: float
    decided_since: float
    asked_at: float


@dataclass(slots=True)
class SeenTurn:
    """One conversation's turn in one process."""

    who: str
    where: str
    phase: Phase
    heard: dict[str, None] = field(default_factory=dict)
    claim: Claim | None = None
    claim_done: bool = False
    """In the state; whether the process knows it is another matter."""
    settle_done: bool = False
    claimed_at: float = 0.0
    reads: list[float] = field(default_factory=list)
    """When the conversation was asked for since it was last taken."""
    read_since: float = 0.0
    recalled_at: float = 0.0
    decision: Decision | None = None
    checkpoint_done: bool = False
    sent: tuple[str, ...] = ()
    sent_at: float = 0.0
    sends: int = 0
    unconfirmed: int = 0
    reconnected: bool = False
    """Since the conversation was asked for."""
    echoed: bool = False
    kept: int = 0
    """Actions that are kept as done."""
    planned: int = 0
    """Actions in the plan that was kept."""
    storing: bool = False
    """An e-mail address was sent to the server, and its answer has not come."""
    note_looks: int = 0
    """How often it was looked whether a private note is there."""

    @property
    def actions(self) -> int:
        """How many actions follow the text: the plan's, which are more than were decided."""
        decided = len(self.decision.actions) if self.decision is not None else 0
        return max(decided, self.planned)


class Follower:
    """Follows all turns. ``on_phase`` is told of each phase as it begins."""

    def __init__(self) -> None:
        self.on_phase: Callable[[SeenTurn], None] = lambda _turn: None
        self.decisions: dict[str, list[tuple[float, str]]] = {}
        """When which process said that it has decided, by conversation."""
        self._turns: dict[tuple[str, str], SeenTurn] = {}

    def find(self, who: str, where: str) -> SeenTurn | None:
        """Return the turn of a conversation in a process, if one is under way."""
        return self._turns.get((who, where))

    def of(self, who: str) -> list[SeenTurn]:
        """Return the turns of a process."""
        return [turn for turn in self._turns.values() if turn.who == who]

    def within(self, where: str) -> list[SeenTurn]:
        """Return the turns of a conversation, in all processes."""
        return [turn for turn in self._turns.values() if turn.where == where]

    def has_lease(self) -> bool:
        """Say whether any turn is under a claim."""
        return any(turn.claim is not None for turn in self._turns.values())

    def phases(self) -> set[Phase]:
        """Return the phases in which any turn is now."""
        return {turn.phase for turn in self._turns.values()}

    def circumstances(self, who: str, where: str, now: float) -> Circumstances:
        """Return how an outcome came about whose settling is asked for now."""
        turn = self._turns.get((who, where))
        if turn is None:
            return Circumstances(who, now, now, now, now)
        # Without a recall since it was read, as when the conversation is gone, the read decides.
        since = min(turn.reads, default=turn.read_since)
        return Circumstances(
            who,
            turn.claimed_at,
            min(since, turn.read_since or since),
            turn.recalled_at or since,
            now,
        )

    def take(self, event: Event) -> None:
        """Take note of what happened."""
        take = _TAKES.get(event.what)
        if take is not None:
            take(self, event)

    def forget(self, who: str) -> None:
        """Forget a process that has ended."""
        for key in [key for key in self._turns if key[0] == who]:
            del self._turns[key]

    def _enter(self, turn: SeenTurn, phase: Phase) -> None:
        if turn.phase is not phase:
            turn.phase = phase
            self.on_phase(turn)

    def _begin(self, who: str, where: str, phase: Phase) -> SeenTurn:
        turn = self._turns[who, where] = SeenTurn(who, where, phase)
        self.on_phase(turn)
        return turn

    def _end(self, turn: SeenTurn, done: Sequence[str]) -> None:
        """End an attempt; what was heard beyond ``done`` is gathered for the next."""
        left = {id_: None for id_ in turn.heard if id_ not in set(done)}
        del self._turns[turn.who, turn.where]
        if left:
            self._begin(turn.who, turn.where, Phase.GATHERING).heard = left

    # What may be told.

    def _heard(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is None:
            turn = self._begin(event.who, event.where, Phase.GATHERING)
        turn.heard[event.detail] = None

    def _found(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is None:
            turn = self._begin(event.who, event.where, Phase.GATHERING)
        turn.heard[event.detail["message_id"]] = None

    def _claim_asked(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is None:
            turn = self._begin(event.who, event.where, Phase.CLAIMING)
        if turn.claim is None:
            turn.claimed_at = event.at
            self._enter(turn, Phase.CLAIMING)

    def _claim_done(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None:
            turn.claim_done = isinstance(event.detail, Claim)

    def _claim_answered(self, event: Event) -> None:
        turn, answer = self.find(event.who, event.where), event.detail
        if turn is None:
            return
        if isinstance(answer, AlreadySettled):
            self._end(turn, tuple(turn.heard))
        elif not isinstance(answer, Claim | StateUnavailable):
            self._enter(turn, Phase.GATHERING)
        elif isinstance(answer, Claim):
            is_first, turn.claim = turn.claim is None, answer
            if is_first:
                self._enter(turn, Phase.READING)

    def _rest_asked(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is None or turn.claim is None:
            return
        method, path = event.detail
        if method == "GET" and path == f"/api/conversations/{event.where}":
            turn.reads.append(event.at)
            turn.reconnected = False
        elif method != "GET" and turn.phase is Phase.READING:
            self._enter(turn, Phase.ACTING)  # what an earlier holder has left undone

    def _taken(self, event: Event) -> None:
        """A turn is taken, for the first time or anew: this ends its reading."""
        turn = self.find(event.who, event.where)
        if turn is not None and turn.claim is not None:
            turn.read_since = min(turn.reads, default=event.at)
            turn.decision, turn.checkpoint_done, turn.planned = None, False, 0
            turn.recalled_at, turn.reads = event.at, []
            self._enter(turn, Phase.DECIDING)

    def _decided(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None and turn.phase is Phase.DECIDING:
            turn.decision = event.detail
            self._enter(turn, Phase.WAITING)

    def _said_decided(self, event: Event) -> None:
        """A decision, be it the responder's or not: a guard's, or the fallback."""
        self.decisions.setdefault(event.where, []).append((event.at, event.who))
        turn = self.find(event.who, event.where)
        if turn is not None and turn.phase is Phase.DECIDING:
            self._enter(turn, Phase.WAITING)

    def _checkpoint_asked(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None and turn.phase is Phase.WAITING:
            self._enter(turn, Phase.CHECKPOINTING)

    def _planned(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None:
            turn.planned = event.detail

    def _checkpoint_done(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None and event.detail is True:
            if turn.echoed:
                turn.kept += 1
            else:
                turn.checkpoint_done = True

    def _checkpoint_answered(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None and turn.phase is Phase.CHECKPOINTING:
            self._enter(turn, Phase.WAITING)

    def _reply_sent(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None:
            turn.sent, turn.sent_at, turn.sends = event.detail, event.at, turn.sends + 1
            self._enter(turn, Phase.SENDING)

    def _reply_stored(self, event: Event) -> None:
        for turn in self.within(event.where):
            if turn.phase is Phase.SENDING and turn.sent == event.detail:
                self._enter(turn, Phase.AWAITING)

    def _echo_heard(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None and turn.sent and set(turn.sent) & set(event.detail):
            turn.echoed = True
            if turn.phase in {Phase.SENDING, Phase.AWAITING}:
                self._enter(turn, Phase.ACTING)

    def _unconfirmed(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None:
            turn.unconfirmed += 1
            self._enter(turn, Phase.WAITING)

    def _settle_asked(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None:
            self._enter(turn, Phase.SETTLING)

    def _settle_done(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None:
            turn.settle_done = event.detail is True

    def _settled(self, event: Event) -> None:
        turn, (record, answer) = self.find(event.who, event.where), event.detail
        if turn is not None and not isinstance(answer, StateUnavailable):
            self._end(turn, record.message_ids)

    def _handed_back(self, event: Event) -> None:
        turn = self.find(event.who, event.where)
        if turn is not None:
            self._end(turn, ())

    def _connected(self, event: Event) -> None:
        for turn in self.of(event.who):
            turn.reconnected = True

    def _gone(self, event: Event) -> None:
        self.forget(event.who)


_TAKES: dict[str, Callable[[Follower, Event], None]] = {
    "customer heard": Follower._heard,
    "log catch_up.found": Follower._found,
    "claim asked": Follower._claim_asked,
    "claim done": Follower._claim_done,
    "claim answered": Follower._claim_answered,
    "rest asked": Follower._rest_asked,
    "log turn.taken": Follower._taken,
    "decided": Follower._decided,
    "log turn.decided": Follower._said_decided,
    "checkpoint asked": Follower._checkpoint_asked,
    "plan kept": Follower._planned,
    "checkpoint done": Follower._checkpoint_done,
    "checkpoint answered": Follower._checkpoint_answered,
    "reply sent": Follower._reply_sent,
    "reply stored": Follower._reply_stored,
    "echo heard": Follower._echo_heard,
    "log reply.unconfirmed": Follower._unconfirmed,
    "settle asked": Follower._settle_asked,
    "settle done": Follower._settle_done,
    "settle answered": Follower._settled,
    "log turn.handed_back": Follower._handed_back,
    "log connected": Follower._connected,
    "killed": Follower._gone,
    "ended": Follower._gone,
}
