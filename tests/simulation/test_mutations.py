"""The invariants can fail: with one safeguard taken out, the simulation finds what it was for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

import pytest

from agentbot import retry
from agentbot.bot import mirror, proof, receipts, transcript
from agentbot.bot.bot import Bot
from agentbot.bot.delivery import delivery
from agentbot.bot.delivery import look as look_module
from agentbot.bot.delivery.actions import ConversationActions
from agentbot.bot.delivery.assignment import Assignment
from agentbot.bot.delivery.delivery import Delivery, Step, _Sending
from agentbot.bot.delivery.look import Look
from agentbot.bot.delivery.notify import Notifier
from agentbot.bot.delivery.plan import Plan
from agentbot.bot.delivery.result import DeliveryResult
from agentbot.bot.echoes import Echoes
from agentbot.bot.hearing import reconcile
from agentbot.bot.hearing.reconcile import Reconciler
from agentbot.bot.leases import Leases
from agentbot.bot.mirror import Mirror
from agentbot.bot.mirrored import Packed
from agentbot.bot.objections import CHANGED
from agentbot.bot.other_bots import OtherBots
from agentbot.bot.receipts import Receipts
from agentbot.bot.turns import attempt, context, holding, reader, settling
from agentbot.bot.turns.holding import HoldingMessage
from agentbot.bot.turns.mailbox import Mailbox
from agentbot.bot.turns.watch import Watch
from agentbot.errors import WebhookFailed
from agentbot.papercups.models import Conversation, Message
from agentbot.papercups.rest import AgentRest
from agentbot.phoenix import client, driver
from agentbot.phoenix.client import Client
from agentbot.pipeline import guards
from agentbot.pipeline.decision import Action, Assign, Notify, Reason
from agentbot.retry import Backoff, RetryPolicy
from agentbot.state.store import Claim
from agentbot.window import Window
from tests.simulation.plan import Aim
from tests.simulation.run import Scenario, simulate
from tests.simulation.storage import RemoteStore
from tests.simulation.turns import Phase

Patch = pytest.MonkeyPatch

_SEEDS = 150
_AT_ONCE = RetryPolicy(first_pause=0.05, longest_pause=0.05)


def _never_look(patch: Patch) -> None:
    """Send again without asking the server."""

    async def look(self: Delivery, _sending: object) -> Step:
        self._as_of = self._services.current.connections
        return Step.CHECK

    patch.setattr(Delivery, "_look", look)


def _never_flush(patch: Patch) -> None:
    """Send again while a slow connection may still carry the first."""

    async def flush(_self: Delivery, _echo: object) -> None:
        return None

    patch.setattr(Delivery, "_flush_out", flush)


def _never_withhold(patch: Patch) -> None:
    """Look at nothing in the last moment."""
    patch.setattr(Watch, "objection", lambda _self, _claim, _turn: None)


def _trust_leases(patch: Patch) -> None:
    """Take every lease for good, as long ago as it may have been."""
    patch.setattr(Leases, "is_good", lambda _self, _claim: True)


def _no_claim(patch: Patch) -> None:
    """Answer without asking the state."""

    async def claim(self: RemoteStore, conversation_id: str, message_ids: Sequence[str]) -> Claim:
        await asyncio.sleep(0.1)  # as long as the state takes: what cannot be settled comes again
        until = self._database._clock() + timedelta(seconds=15)
        return Claim(conversation_id, tuple(message_ids), self.holder, 1, until)

    patch.setattr(RemoteStore, "claim", claim)


def _trust_the_state(patch: Patch) -> None:
    """Believe the state alone, and never the server."""
    patch.setattr(attempt, "find_reply", lambda _messages, _ids: None)
    patch.setattr(
        attempt,
        "unanswered",
        lambda messages, _identity: [m for m in messages if m.is_from_customer],
    )
    patch.setattr(delivery, "find_reply", lambda _messages, _ids: None)


def _no_sweep(patch: Patch) -> None:
    """Look at nothing that was not heard."""

    async def sweep(_self: Reconciler, _path: str) -> None:
        await asyncio.sleep(0)

    patch.setattr(Reconciler, "_sweep", sweep)


def _keep_reading(patch: Patch) -> None:
    """Speak after a reconnect by what was read before it."""
    join = Delivery._join

    async def join_blindly(self: Delivery, sending: _Sending) -> Step | DeliveryResult:
        step = await join(self, sending)
        self._as_of = self._services.current.connections
        return step

    patch.setattr(Delivery, "_join", join_blindly)


def _mirror_no_updates(patch: Patch) -> None:
    """Do not mirror whose a conversation is, or that it is closed."""
    patch.setattr(Mirror, "updated", lambda _self, _id, _updates: None)


def _pack_without_whose_it_is(patch: Patch) -> None:
    """Lose to whom a conversation is assigned that has become quiet."""
    whole = Packed.conversation

    def conversation(self: Packed) -> Conversation:
        return whole(self).model_copy(update={"assignee_id": None})

    patch.setattr(Packed, "conversation", conversation)
    patch.setattr(mirror, "_QUIET", 0.5)  # customers write again within some seconds here


def _mirror_nothing(patch: Patch) -> None:
    """Do not mirror what happens after a conversation was read."""
    patch.setattr(Mirror, "_note", lambda _self, _id, _heard: None)


def _leak_echoes(patch: Patch) -> None:
    """Forget nothing."""
    patch.setattr(Echoes, "forget", lambda _self, _id: None)


def _always_ready(patch: Patch) -> None:
    """Say that all is well."""
    patch.setattr(Bot, "not_ready", lambda _self: {})


def _forget_no_lease(patch: Patch) -> None:
    """Keep what is settled."""
    patch.setattr(Leases, "drop", lambda _self, _claim: None)


def _trust_the_loops_clock(patch: Patch) -> None:
    """Take a lease for good though the machine has slept."""

    def is_good(self: Leases, claim: Claim) -> bool:
        held = self._held.get(claim.conversation_id)
        passed = asyncio.get_running_loop().time() - held.asked_at if held else self._safe
        return held is not None and held.claim.fence == claim.fence and passed < self._safe

    patch.setattr(Leases, "is_good", is_good)


def _write_late(patch: Patch) -> None:
    """Write what was pushed before the process stood still."""
    patch.setattr(driver, "_STOOD_STILL", float("inf"))


def _begin_anew_at_once(patch: Patch) -> None:
    """Take a connection for good as soon as a join has succeeded."""
    patch.setattr(Client, "_held", lambda _self, _joined_at: True)


def _no_back_off(patch: Patch) -> None:
    """Connect again at once."""
    at_once = lambda _policy, random: Backoff(_AT_ONCE, random=random)  # noqa: E731
    patch.setattr(client, "Backoff", at_once)


def _ask_on_at_once(patch: Patch) -> None:
    """Ask a peer that is away again and again."""
    patch.setattr(retry, "WHILE_AWAY", _AT_ONCE)


def _hear_no_assignment(patch: Patch) -> None:
    """Do not notice who takes a conversation."""
    patch.setattr(Mailbox, "assigned_to", lambda _self, _user_id: None)


def _hear_no_closing(patch: Patch) -> None:
    """Do not notice who closes a conversation."""
    patch.setattr(Mailbox, "status_changed", lambda _self, _status, **_when: None)


def _see_no_change(patch: Patch) -> None:
    """Send again without seeing what people have done."""
    look = Delivery._look

    async def look_away(self: Delivery, sending: _Sending) -> Step | DeliveryResult:
        step = await look(self, sending)
        is_changed = isinstance(step, DeliveryResult) and step.objection is CHANGED
        return Step.CHECK if is_changed else step

    patch.setattr(Delivery, "_look", look_away)


def _believe_every_time(patch: Patch) -> None:
    """Take a message for older by its time alone."""
    patch.setattr(transcript, "_SKEW", timedelta())


def _forget_acts(patch: Patch) -> None:
    """Take over a plan as if all that follows its text were done."""
    read = Plan.from_json.__func__  # type: ignore[attr-defined]

    def done(cls: type[Plan], data: object) -> Plan | None:
        plan: Plan | None = read(cls, data)
        return None if plan is None else replace(plan, done=len(plan.decision.actions))

    patch.setattr(Plan, "from_json", classmethod(done))


def _leave_notes_blindly(patch: Patch) -> None:
    """Leave a note again without looking whether it is there."""

    async def nothing(_self: AgentRest, conversation_id: str | None = None) -> list[Message]:
        del conversation_id
        return []

    patch.setattr(AgentRest, "messages", nothing)


def _store_no_address(patch: Patch) -> None:
    """Thank for an address, and forget it."""

    async def forget(_self: ConversationActions, _address: str, _plan: Plan) -> bool:
        return True

    patch.setattr(ConversationActions, "_set_email", forget)


def _act_blindly(patch: Patch) -> None:
    """Do what follows a text whatever has come up since."""
    patch.setattr(Look, "unfit", lambda _self, _action, **_options: None)
    patch.setattr(Look, "unfit_to_hide", lambda _self: None)


def _forget_our_closing(patch: Patch) -> None:
    """Take our own closing for a person's."""
    patch.setattr(context, "is_closed_by_us", lambda _conversation, _memory: False)
    patch.setattr(attempt, "is_closed_by_us", lambda _conversation, _memory: False)
    patch.setattr(reconcile, "is_closed_by_us", lambda _conversation, _memory: False)
    patch.setattr(Watch, "recalls", lambda _self, _memory: None)


def _keep_no_marks(patch: Patch) -> None:
    """Take a reply without its mark for the answer to all of its second."""

    async def leave(_services: object, conversation: Conversation, _planned: object = ()) -> Any:  # noqa: ANN401 - the conversation
        return conversation

    for module in (reader, delivery, look_module, reconcile):
        patch.setattr(module, "with_marks", leave)


def _assign_blindly(patch: Patch) -> None:
    """Assign whosever it has become."""
    unfit = Look.unfit

    def fits(self: Look, action: Action, **options: Any) -> Reason | None:
        return None if isinstance(action, Assign) else unfit(self, action, **options)

    patch.setattr(Look, "unfit", fits)


def _assign_by_an_old_look(patch: Patch) -> None:
    """Try to assign again and again, by what was seen before the server was away."""
    patch.setattr(
        AgentRest,
        "assign",
        lambda self, id_, user_id, **fields: self.update_conversation(
            id_, assignee_id=user_id, **fields
        ),
    )


def _assign_for_ever(patch: Patch) -> None:
    """Assign though the turn is another's by now."""
    patch.setattr(Delivery, "_is_held", lambda _self: True)


def _keep_what_was_taken(patch: Patch) -> None:
    """Give nothing back to whoever took a conversation before the assignment came."""

    async def keep(_self: Assignment, _to: int | None, **_since: int) -> int | None:
        return None

    patch.setattr(Assignment, "_give_to_who_took_it", keep)


def _assign_nothing(patch: Patch) -> None:
    """Forget what rules assign."""

    async def forget(*_: object, **_options: object) -> tuple[None, None]:
        return None, None

    patch.setattr(Assignment, "assign", forget)


def _believe_that_nobody_knows(patch: Patch) -> None:
    """Take whoever has a conversation for somebody whom the bot gave it to, once it gave it."""
    for module in (guards, settling):
        patch.setattr(module, "assigned_by_bot", lambda _user_id: "assigned_by_bot")


def _tell_nobody(patch: Patch) -> None:
    """Forget what people are to be told."""
    patch.setattr(Notifier, "__call__", lambda _self, _text: None)


def _tell_twice(patch: Patch) -> None:
    """Tell people everything twice."""
    tell = Notifier.__call__

    def twice(self: Notifier, text: str) -> None:
        tell(self, text)
        tell(self, text)

    patch.setattr(Notifier, "__call__", twice)


def _tell_once_or_never(patch: Patch) -> None:
    """Ask the webhook once, and say nothing where it does not answer well."""

    async def send(self: Notifier, url: str, text: str) -> None:
        with suppress(WebhookFailed):
            await self._post(url, text)

    patch.setattr(Notifier, "_send", send)


def _tell_too_soon(patch: Patch) -> None:
    """Tell people what is to be said before it is."""
    say = Delivery._say

    async def tell_and_say(self: Delivery, plan: Plan) -> DeliveryResult:
        for action in plan.decision.actions:
            if isinstance(action, Notify):
                await self._actions.act(action, plan)
        return await say(self, plan)

    patch.setattr(Delivery, "_say", tell_and_say)


def _hand_back_at_once(patch: Patch) -> None:
    """Think nothing out once SIGTERM has come."""
    finish = Bot._finish

    async def hand_back(self: Bot, tasks: list[asyncio.Task[None]]) -> None:
        self._services.handing_back.set()
        self._wake_all()
        await finish(self, tasks)

    patch.setattr(Bot, "_finish", hand_back)


def _drop_at_once(patch: Patch) -> None:
    """Leave everything as it is once SIGTERM has come."""

    async def drop(_self: Bot, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    patch.setattr(Bot, "_finish", drop)


def _note_no_receipt(patch: Patch) -> None:
    """Take no note of what customers have seen."""

    async def look(_self: Receipts, _conversation: Conversation) -> None:
        return None

    patch.setattr(Receipts, "look", look)


def _note_every_receipt(patch: Patch) -> None:
    """Take every answer for seen as soon as it is there."""

    def all_replies(messages: Iterable[Message]) -> list[tuple[Message, datetime]]:
        return [(message, message.created_at) for message in messages if proof.answers(message)]

    patch.setattr(receipts, "seen_replies", all_replies)


def _send_all_at_once(patch: Patch) -> None:
    """Catch up without regard to how the server answers."""
    patch.setattr(Window, "size", property(lambda _self: 50))


def _ask_for_a_moment_again(patch: Patch) -> None:
    """Do not look whether a process before us has asked for it."""
    patch.setattr(holding, "held", lambda _message: None)


def _ask_for_a_moment_at_once(patch: Patch) -> None:
    """Let nobody think, not even for a moment."""
    patch.setattr(HoldingMessage, "due_at", lambda self, _turn: inf if self._is_over else 0.0)


def _notice_nobody(patch: Patch) -> None:
    """Take every bot on the account for a replica of one's own."""
    patch.setattr(OtherBots, "_notice", lambda _self, _what, _reply=None: None)


Mutation = Callable[[Patch], None]

MUTATIONS: list[tuple[Mutation, str, tuple[str, ...]]] = [
    (_never_look, "DOUBLED", ("cut at reply",)),
    (_never_flush, "DOUBLED", ("stall at reply",)),
    (_never_withhold, "TALKED OVER", ()),
    (_trust_leases, "without a claim", ("freeze", "break state")),
    (_no_claim, "without a claim", ()),
    (_trust_the_state, "DOUBLED", ("kill",)),
    (_no_sweep, "LOST", ("kill", "mute", "cut")),
    (_keep_reading, "TALKED OVER", ("unreachable", "cut")),
    (_mirror_no_updates, "TALKED INTO", ()),
    (_mirror_nothing, "TALKED OVER", ()),
    (_pack_without_whose_it_is, "TALKED INTO", ()),
    (_leak_echoes, "left over", ()),
    (_forget_no_lease, "GROWS", ()),
    (_trust_the_loops_clock, "without a claim", ("suspend",)),
    (_write_late, "without a claim", ("freeze half-way",)),
    (_begin_anew_at_once, "SPINS", ("bad gate",)),
    (_no_back_off, "SPINS", ("bad gate", "restart again and again")),
    (_ask_on_at_once, "SPINS", ("restart server", "break state")),
    (_hear_no_assignment, "TALKED INTO", ()),
    (_hear_no_closing, "TALKED INTO", ()),
    (_see_no_change, "TALKED INTO", ("cut at reply", "unreachable")),
    (_believe_every_time, "LOST", ("step server clock",)),
    (_forget_acts, "NO TAG", ("kill",)),
    (_leave_notes_blindly, "NOTES", ("lose note", "kill")),
    (_store_no_address, "ADDRESS", ()),
    (_act_blindly, "CLOSED OVER", ()),
    (_forget_our_closing, "UNFOUNDED", ("reorder", "slow channels")),
    (_keep_no_marks, "UNFOUNDED", ("lose mark",)),
    (_assign_blindly, "TAKES AWAY", ()),
    (_assign_by_an_old_look, "by an old look", ()),
    (_assign_for_ever, "ASSIGNS", ("freeze half-way",)),
    (_keep_what_was_taken, "ASSIGNED AWAY", ()),
    (_assign_nothing, "NOT ASSIGNED", ()),
    (_believe_that_nobody_knows, "TALKED INTO", ()),
    (_note_no_receipt, "NOT NOTED", ()),
    (_note_every_receipt, "SEEN BY NOBODY", ()),
    (_send_all_at_once, "DROWNS", ("dry pool",)),
    (_notice_nobody, "NOT NOTICED", ()),
    (_tell_nobody, "NOT TOLD", ()),
    (_tell_twice, "TIMES", ()),
    (_tell_once_or_never, "NOT TOLD", ("break webhook",)),
    (_tell_too_soon, "TOO SOON", ()),
    (_hand_back_at_once, "HANDED BACK", ("stop",)),
    (_drop_at_once, "DROPPED", ("stop",)),
    (_always_ready, "READY", ("break state", "unreachable", "cut")),
    (_ask_for_a_moment_again, "REPEATED", ("kill",)),
    (_ask_for_a_moment_at_once, "HASTY", ()),
]


def _scenario(mutate: Mutation, found: str, kinds: tuple[str, ...]) -> Scenario:
    """Return a world in which what the mutation breaks can be seen."""
    scenario = Scenario(bots=1, visitors=3, turns=3, deeds=6, kinds=kinds, harm=60.0, pause=3.0)
    if found in {"NO TAG", "NOTES", "ADDRESS"}:
        scenario = replace(scenario, orders=("pass ?", "person ?", "mail"), deeds=0)
    if mutate in {_act_blindly, _forget_our_closing}:
        scenario = replace(scenario, orders=("hello ?", "close ?", "close ?"))
    if mutate is _keep_no_marks:
        scenario = replace(scenario, orders=("hello ?",), sources=("email",))
    if "assign" in mutate.__name__ or mutate in {_keep_what_was_taken, _believe_that_nobody_knows}:
        scenario = replace(scenario, orders=("hello ?", "assign ?", "assign person ?"))
    if found in {"NOT TOLD", "TIMES", "TOO SOON", "HANDED BACK", "DROPPED"}:
        scenario = replace(scenario, orders=("think 3 ?", "notify ?", "person ?"), deeds=0)
    if mutate is _believe_that_nobody_knows:
        takes = tuple(Aim("person: take", phase) for phase in (Phase.GATHERING, Phase.SETTLING))
        scenario = replace(scenario, deeds=0, turns=6, aims=2 * takes)
    if mutate is _notice_nobody:
        scenario = replace(scenario, deeds=0, orders=("hello ?",), has_rival=True)
    if mutate is _send_all_at_once:
        scenario = replace(scenario, visitors=20, turns=1, deeds=0, orders=("hello ?",))
        scenario = replace(scenario, rush=1.0, late=14.0)
    if "moment" in mutate.__name__:
        # Only a replica has heard the message as it was written, and takes somebody to be there.
        scenario = replace(scenario, orders=("think 20 ?",), bots=2, turns=6, deeds=0)
    if mutate is _mirror_nothing:
        # A person speaks up once the conversations are mirrored, and not before.
        later = (Aim("person: read", Phase.SETTLING),) * 6
        aims = later + (Aim("person: reply", Phase.GATHERING),) * 2
        scenario = replace(scenario, deeds=0, turns=8, orders=("hello",), aims=aims)
    if mutate is _assign_by_an_old_look:
        strikes = tuple(Aim("restart server", phase) for phase in (Phase.AWAITING, Phase.ACTING))
        scenario = replace(scenario, aims=strikes)
    if found == "TALKED INTO" and mutate is not _believe_that_nobody_knows:
        scenario = replace(scenario, orders=("hello ?", "think 3 ?", "think 8 ?"))
    return scenario


@pytest.mark.parametrize(
    ("mutate", "found", "kinds"), MUTATIONS, ids=[mutate.__name__ for mutate, _, _ in MUTATIONS]
)
def test_the_simulation_notices(
    mutate: Mutation, found: str, kinds: Iterable[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within some seeds it reports the very thing that the missing safeguard prevents."""
    mutate(monkeypatch)
    scenario = _scenario(mutate, found, tuple(kinds))
    seen: set[Any] = set()
    for seed in range(_SEEDS):
        violations = simulate(seed, scenario=scenario).violations
        seen.update(violation.split()[0] for violation in violations)
        if any(found in violation for violation in violations):
            return
    pytest.fail(f"{_SEEDS} seeds, and no {found}; but {seen}")
