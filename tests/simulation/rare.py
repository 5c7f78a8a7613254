"""Rare states, by name: what a turn must have lived through, and how often that was so.

They are recognised from outside, by what happens while a turn is in which phase (``turns.py``). A
run of many seeds is red where one of them was not reached: what is not reached is not tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agentbot.config import Settings
from agentbot.errors import StateUnavailable
from agentbot.state.store import AlreadySettled, Claim, LeasedElsewhere
from tests.simulation.turns import Event, Follower, Phase, SeenTurn

LEAST = 5
"""How often each must be reached in :data:`ENOUGH` seeds."""
ENOUGH = 2_000
KIND = "rare: "
"""What stands before the names of rare states among a run's counts."""

_DONE_TO_IT = {
    "person writes": "a person writes",
    "closed": "a person closes it",
    "taken": "a person takes it",
    "deleted": "it is deleted",
    "customer writes": "the customer writes more",
}
"""What is done to a conversation, in any phase of its turn."""
_DONE_TO_THE_BOT = {"killed": "killed", "frozen": "frozen", "drained": "told to stop"}
_OPERATIONS = ("claim", "checkpoint", "settle", "renew", "settled")
_WRITES = ("claim", "checkpoint", "settle", "renew")
_OUTCOMES = (
    "already_answered",
    "assigned",
    "closed",
    "deadline",
    "gone",
    "handed_over",
    "loop",
    "person",
    "refused",
    "snoozed",
    "unanswered",
    "unconfirmed",
)
"""Reason codes that a turn must have ended with."""
_HANDED_BACK = ("draining", "lease_lost")
_SKIPPED = ("superseded", "person", "assigned")
"""Why an act no longer fits."""
_FOUND_BY = ("start", "reconnect", "periodic", "fresh")
_ON_THE_WIRE = frozenset({Phase.SENDING, Phase.AWAITING})
_BEFORE_SENDING = frozenset({Phase.DECIDING, Phase.WAITING, Phase.CHECKPOINTING})

_SINGLE = (
    "killed between checkpoint and send",
    "killed between text and first action",
    "killed between two actions",
    "killed with the claim done, and not known",
    "killed with the settling done, and not known",
    "frozen for longer than its lease, the turn half done",
    "frozen for longer than its lease, the reply on the wire",
    "the lease is lost between confirm and journal",
    "a renewal says that a lease is lost",
    "two holders race for a claim",
    "a claim finds the conversation leased to another",
    "a claim finds everything settled",
    "an orphan is adopted by the other replica",
    "an orphan is adopted by the next life",
    "a plan is taken over",
    "the actions of a plan taken over are finished",
    "a reconnect between read and send",
    "the connection is lost while it is decided",
    "the connection is lost with the reply on the wire",
    "the echo is heard after the confirm timeout",
    "the reply is stored after the confirm timeout",
    "a reply is sent again",
    "a reply is sent a third time",
    "a reply without an echo is found on the server",
    "the join is refused while it waits to speak",
    "401 in the middle of a turn",
    "429 in the middle of a turn",
    "500 in the middle of a turn",
    "REST does not answer in the middle of a turn",
    "the answer to a private note does not come",
    "a private note is looked for again",
    "an address is stored",
    "the answer to an address stored does not come",
    "a reply's mark is lost",
    "a holding message is stored",
    "a holding message is stored, and its answer is another process's",
    "the bot's clock is set forward while a lease is held",
    "the bot's clock is set back while a lease is held",
    "the server's clock is set while a lease is held",
    "the state is lost with a turn open",
    "an act is undone",
    "it is assigned by a plan",
    "a person takes it between a look and the assignment",
    "an assignment is given back to who took it",
    "killed with an assignment on its way",
    "a receipt comes while a turn is under way",
    "a receipt is noted",
    "a receipt is noted by another than who answered",
    "a channel crashes for want of a database connection",
    "another bot answers as well",
    "another bot is noticed",
    "people are told",
    "people are told the same again",
    "the webhook is away",
    "the webhook answers 429",
    "the webhook answers 500",
    "the webhook's answer is lost",
    "a message to people is given up",
    "killed with a message to people under way",
    "told to stop with a message to people under way",
    "told to stop, and what it thought out is said",
    "killed with an address on its way",
    "an address is stored by a process that has said nothing",
    "it is decided by what is mirrored",
)

RARE: tuple[str, ...] = (
    *(f"{said} while {phase}" for said in _DONE_TO_IT.values() for phase in Phase),
    *(f"{said} while {phase}" for said in _DONE_TO_THE_BOT.values() for phase in Phase),
    *(f"the state is away at {operation}" for operation in _OPERATIONS),
    *(f"{operation} is done, and its answer lost" for operation in _WRITES),
    *(f"it ends as {code}" for code in _OUTCOMES),
    *(f"it is handed back: {code}" for code in _HANDED_BACK),
    *(f"an act is skipped: {code}" for code in _SKIPPED),
    *(f"it is found by the look at {path}" for path in _FOUND_BY),
    *_SINGLE,
)
"""Every state that must be reached."""


class Rarities:
    """Looks at what happens, and counts each rare state by ``count``."""

    def __init__(
        self, follower: Follower, count: Callable[[str], None], settings: Settings
    ) -> None:
        self._follower = follower
        self._count = count
        self._lease = settings.state.lease_seconds
        self._confirm_timeout = settings.reply.confirm_timeout_seconds
        self._last_holder: dict[str, str] = {}
        self._settled_by: dict[str, str] = {}

    def look(self, event: Event) -> None:
        """Look at an event, before it changes in which phase any turn is."""
        look = _LOOKS.get(event.what)
        if look is not None:
            look(self, event)

    def see(self, name: str) -> None:
        """Count one of :data:`RARE`."""
        self._count(f"{KIND}{name}")

    def _turn(self, event: Event) -> SeenTurn | None:
        return self._follower.find(event.who, event.where)

    # People and customers.

    def _done_to_it(self, event: Event) -> None:
        for turn in self._follower.within(event.where):
            self.see(f"{_DONE_TO_IT[event.what]} while {turn.phase}")

    # Processes.

    def _done_to_the_bot(self, event: Event) -> None:
        for turn in self._follower.of(event.who):
            self.see(f"{_DONE_TO_THE_BOT[event.what]} while {turn.phase}")
            if event.what == "killed":
                self._killed(turn)
            elif event.what == "frozen" and event.detail > self._lease and turn.claim:
                on_wire = turn.phase in _ON_THE_WIRE
                where = "the reply on the wire" if on_wire else "the turn half done"
                self.see(f"frozen for longer than its lease, {where}")

    def _killed(self, turn: SeenTurn) -> None:
        if turn.checkpoint_done and not turn.sends:
            self.see("killed between checkpoint and send")
        if turn.phase is Phase.ACTING and turn.echoed:
            if turn.actions and not turn.kept:
                self.see("killed between text and first action")
            elif 0 < turn.kept < turn.actions:
                self.see("killed between two actions")
        if turn.storing:
            self.see("killed with an address on its way")
        if turn.phase is Phase.CLAIMING and turn.claim_done:
            self.see("killed with the claim done, and not known")
        if turn.phase is Phase.SETTLING and turn.settle_done:
            self.see("killed with the settling done, and not known")

    def _clock_set(self, event: Event) -> None:
        if any(turn.claim for turn in self._follower.of(event.who)):
            way = "forward" if event.detail > 0 else "back"
            self.see(f"the bot's clock is set {way} while a lease is held")

    def _server_clock_set(self, _event: Event) -> None:
        if self._follower.has_lease():
            self.see("the server's clock is set while a lease is held")

    # The state.

    def _away(self, event: Event) -> None:
        operation, _, _ = event.what.partition(" ")
        answer = event.detail[1] if isinstance(event.detail, tuple) else event.detail
        if isinstance(answer, StateUnavailable):
            self.see(f"the state is away at {operation}")
        elif operation == "claim":
            self._claimed(event, answer)
        elif operation == "renew" and answer:
            self.see("a renewal says that a lease is lost")
        elif operation == "settle":
            self._settled(event)

    def _answer_lost(self, event: Event) -> None:
        operation, _, _ = event.what.partition(" ")
        self.see(f"{operation} is done, and its answer lost")

    def _claim_asked(self, event: Event) -> None:
        others = self._follower.within(event.where)
        if any(one.phase is Phase.CLAIMING and one.who != event.who for one in others):
            self.see("two holders race for a claim")

    def _claimed(self, event: Event, answer: object) -> None:
        if isinstance(answer, LeasedElsewhere):
            self.see("a claim finds the conversation leased to another")
        elif isinstance(answer, AlreadySettled):
            self.see("a claim finds everything settled")
        elif isinstance(answer, Claim):
            before = self._last_holder.get(event.where, event.who)
            self._last_holder[event.where] = event.who
            if answer.attempt > 1 and before != event.who:
                same = before.partition(".")[0] == event.who.partition(".")[0]
                by = "the next life" if same else "the other replica"
                self.see(f"an orphan is adopted by {by}")
            if answer.plan is not None:
                self.see("a plan is taken over")

    def _settled(self, event: Event) -> None:
        turn, (record, answer) = self._turn(event), event.detail
        self._settled_by |= dict.fromkeys(record.message_ids, event.who)
        if turn is None:
            return
        if not answer and record.answer is not None:
            self.see("the lease is lost between confirm and journal")
        if turn.unconfirmed and record.answer is not None and not turn.echoed:
            self.see("a reply without an echo is found on the server")
        if record.reason_code in _OUTCOMES:
            self.see(f"it ends as {record.reason_code}")

    def _state_lost(self, event: Event) -> None:
        if event.detail:
            self.see("the state is lost with a turn open")

    # The connection and the server.

    def _connected(self, event: Event) -> None:
        for turn in self._follower.of(event.who):
            if turn.phase in _BEFORE_SENDING:
                self.see("a reconnect between read and send")

    def _disconnected(self, event: Event) -> None:
        for turn in self._follower.of(event.who):
            if turn.phase is Phase.DECIDING:
                self.see("the connection is lost while it is decided")
            elif turn.phase in _ON_THE_WIRE:
                self.see("the connection is lost with the reply on the wire")

    def _sent(self, event: Event) -> None:
        turn = self._turn(event)
        if turn is not None and turn.sends:
            times = "again" if turn.sends == 1 else "a third time"
            self.see(f"a reply is sent {times}")

    def _stored(self, event: Event) -> None:
        for turn in self._follower.within(event.where):
            if turn.unconfirmed and turn.phase is Phase.WAITING and turn.sent == event.detail:
                self.see("the reply is stored after the confirm timeout")

    def _echo(self, event: Event) -> None:
        turn = self._turn(event)
        if turn is None or turn.echoed or not set(turn.sent) & set(event.detail):
            return
        if event.at - turn.sent_at > self._confirm_timeout:
            self.see("the echo is heard after the confirm timeout")

    def _refused(self, event: Event) -> None:
        turn = self._turn(event)
        if turn is not None and turn.phase in {Phase.WAITING, *_ON_THE_WIRE}:
            self.see("the join is refused while it waits to speak")

    def _rest_asked(self, event: Event) -> None:
        turn = self._turn(event)
        if turn is None:
            return
        if event.detail == ("GET", "/api/messages"):
            turn.note_looks += 1
            if turn.note_looks > 1:
                self.see("a private note is looked for again")
        elif event.detail[1].startswith("/api/customers/"):
            turn.storing = event.detail[0] == "PUT"
        elif event.detail[0] != "GET" and turn.phase is Phase.READING and turn.claim:
            self.see("the actions of a plan taken over are finished")

    def _rest_answered(self, event: Event) -> None:
        turn, (_, status) = self._turn(event), event.detail
        if turn is not None and turn.storing and status == 200:
            turn.storing = False
            self.see("an address is stored")
            if not turn.sends:
                self.see("an address is stored by a process that has said nothing")
        if turn is not None and turn.claim and status in {401, 429, 500}:
            self.see(f"{status} in the middle of a turn")

    def _rest_failed(self, event: Event) -> None:
        turn = self._turn(event)
        if turn is not None and turn.claim:
            self.see("REST does not answer in the middle of a turn")
            if event.detail[0] == "PUT" and event.detail[1].startswith("/api/customers/"):
                self.see("the answer to an address stored does not come")
            if event.detail == ("POST", "/api/messages"):
                self.see("the answer to a private note does not come")

    def _mark_lost(self, _event: Event) -> None:
        self.see("a reply's mark is lost")

    def _seen(self, event: Event) -> None:
        if self._follower.within(event.where):
            self.see("a receipt comes while a turn is under way")

    def _noted(self, event: Event) -> None:
        self.see("a receipt is noted")
        if self._settled_by.get(event.detail, event.who) != event.who:
            self.see("a receipt is noted by another than who answered")

    # What the bot says itself.

    def _found(self, event: Event) -> None:
        self.see(f"it is found by the look at {event.detail['path']}")

    def _skipped(self, event: Event) -> None:
        code, _, _ = event.detail["reason"].partition(":")
        if code in _SKIPPED:
            self.see(f"an act is skipped: {code}")

    def _undone(self, _event: Event) -> None:
        self.see("an act is undone")

    def _noticed(self, _event: Event) -> None:
        self.see("another bot is noticed")

    def _taken(self, event: Event) -> None:
        turn = self._turn(event)
        if turn is not None and turn.claim is not None and not turn.reads:
            self.see("it is decided by what is mirrored")

    def _handed_back(self, event: Event) -> None:
        code, _, _ = event.detail["reason"].partition(":")
        if code in _HANDED_BACK:
            self.see(f"it is handed back: {code}")


_LOOKS: dict[str, Callable[[Rarities, Event], Any]] = {
    **dict.fromkeys(_DONE_TO_IT, Rarities._done_to_it),
    **dict.fromkeys(_DONE_TO_THE_BOT, Rarities._done_to_the_bot),
    **{f"{operation} answered": Rarities._away for operation in _OPERATIONS},
    **{f"{operation} answer lost": Rarities._answer_lost for operation in _WRITES},
    "claim asked": Rarities._claim_asked,
    "log turn.taken": Rarities._taken,
    "clock set": Rarities._clock_set,
    "server clock set": Rarities._server_clock_set,
    "state lost": Rarities._state_lost,
    "log connected": Rarities._connected,
    "log disconnected": Rarities._disconnected,
    "reply sent": Rarities._sent,
    "reply stored": Rarities._stored,
    "echo heard": Rarities._echo,
    "join refused": Rarities._refused,
    "rest asked": Rarities._rest_asked,
    "rest answered": Rarities._rest_answered,
    "rest failed": Rarities._rest_failed,
    "mark lost": Rarities._mark_lost,
    "answers seen": Rarities._seen,
    "receipt noted": Rarities._noted,
    "log catch_up.found": Rarities._found,
    "log turn.handed_back": Rarities._handed_back,
    "log other_bot.noticed": Rarities._noticed,
    "log action.skipped": Rarities._skipped,
    "log action.undone": Rarities._undone,
}


def lines(counts: Mapping[str, int]) -> list[str]:
    """Return how often each state was reached, the rarest first, as lines."""
    reached = sorted((counts.get(f"{KIND}{name}", 0), name) for name in RARE)
    return [f"{LEAST} times each, at least, in {ENOUGH} seeds:"] + [
        f"{times:6}  {name}" for times, name in reached
    ]


def missed(counts: Mapping[str, int], seeds: int) -> list[str]:
    """Return which states were reached too seldom; with fewer seeds than enough, none is asked."""
    return [] if seeds < ENOUGH else list(_below(counts, LEAST))


def _below(counts: Mapping[str, int], least: int) -> Iterable[str]:
    for name in RARE:
        if (reached := counts.get(f"{KIND}{name}", 0)) < least:
            yield f"reached {reached} times, and {least} are wanted: {name}"
