"""One attempt at a claimed turn: read the conversation, decide, deliver, settle.

The world goes on meanwhile. So the turn is taken as it stands, and whatever comes up before its
answer has left is an objection (``bot/objections.py``): the turn is taken anew, handed back, or
settled without a word. Only what is settled is done with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import structlog

from agentbot.bot.delivery.actions import open_again
from agentbot.bot.delivery.delivery import Delivery
from agentbot.bot.delivery.plan import Plan
from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.bot.objections import LEASE_LOST, Consequence, Objection
from agentbot.bot.proof import answers
from agentbot.bot.services import Services
from agentbot.bot.stages import stage
from agentbot.bot.transcript import Transcript, find_reply, find_reply_to, unanswered
from agentbot.bot.turns.context import build_turn, is_closed_by_us
from agentbot.bot.turns.holding import HoldingMessage
from agentbot.bot.turns.mailbox import SEEN, Mailbox
from agentbot.bot.turns.reader import TurnReader
from agentbot.bot.turns.settling import Outcome, Settler
from agentbot.bot.turns.thinking import Thinking
from agentbot.bot.turns.watch import Watch
from agentbot.errors import DataException, StateUnavailable
from agentbot.papercups.models import Conversation, Message
from agentbot.pipeline.contact import email_actions
from agentbot.pipeline.decision import Decision, Reason, Silence
from agentbot.pipeline.turn import Turn
from agentbot.state.store import Claim, ConversationMemory
from agentbot.tracing import Value

_log = structlog.get_logger("agentbot.turn")

_LEAST_BUDGET = 5.0
"""Seconds that deciding gets at least, however long the turn had to wait for the server."""


@dataclass(eq=False)
class _HandedBack(DataException):
    """The turn does not come to its outcome under this claim."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The turn as it stands now: ``messages`` are claimed, and wait for an answer."""

    conversation: Conversation
    messages: tuple[Message, ...]
    memory: ConversationMemory

    @property
    def message_ids(self) -> tuple[str, ...]:
        return tuple(message.id for message in self.messages)


class TurnAttempt:
    """Brings one turn, which may grow meanwhile, to its outcome, or hands it back."""

    def __init__(self, mailbox: Mailbox, services: Services, claim: Claim) -> None:
        self._mailbox = mailbox
        self._services = services
        self._claim = claim
        self._in_doubt = claim.attempt > 1
        self._plan: Plan | None = None
        self._reader = TurnReader(mailbox, services)
        now = asyncio.get_running_loop().time()
        self._heard_at = min((pending.heard_at for pending in mailbox.pending), default=now)
        deadline = max(
            self._heard_at + services.settings.turns.deadline_seconds, now + _LEAST_BUDGET
        )
        self._watch = Watch(mailbox, services, deadline=deadline)
        self._holding = HoldingMessage(mailbox, services)
        self._thinking = Thinking(
            mailbox, services, self._holding, heard_at=self._heard_at, deadline=deadline
        )
        self._settler = Settler(
            services.store,
            metrics=services.metrics,
            clock=services.clock,
            on_settled=services.on_settled,
        )

    async def run(self) -> None:
        """Bring the turn to its outcome, or hand it back."""
        settled = False
        try:
            while not settled:
                settled = await self._take()
        except _HandedBack as way_out:
            _log.info("turn.handed_back", reason=str(way_out.reason), **self._which)
        finally:
            self._services.leases.drop(self._claim)
            if not settled:
                await self._release()

    @property
    def _which(self) -> dict[str, object]:
        """What the log says of which turn it is."""
        return {
            "conversation_id": self._mailbox.conversation_id,
            "message_ids": self._claim.message_ids,
        }

    async def _take(self) -> bool:
        """Take the turn as it is now. False: it must be taken anew."""
        with stage(self._services.metrics, "read"):
            conversation = await self._read()
        if conversation is None:
            return await self._settle(
                Outcome.left("gone", "the conversation is not there any more")
            )
        if await self._settle_what_was_said(conversation):
            return True
        snapshot = await self._snapshot(conversation)
        if not snapshot.messages:
            return await self._settle(Outcome.left("person", "a person has answered"), snapshot)
        if is_closed_by_us(snapshot.conversation, snapshot.memory):
            await open_again(self._services, self._mailbox.conversation_id)
        turn = self._turn(snapshot)
        decision = await self._decide(turn, conversation.messages)
        if decision is None:
            return False
        with stage(self._services.metrics, "deliver"):
            result = await self._deliver(decision, snapshot, turn)
        if result.objection is not None:
            if not self._is_final(result.objection):
                return False
            if email_actions(turn):  # it is taken all the same
                decision = _silence(result.objection, turn)
                result = await self._deliver(decision, snapshot, turn)
        await self._settle(Outcome.of(decision, result), snapshot, turn)
        self._take_in(result.found)
        return True

    async def _decide(self, turn: Turn, messages: Sequence[Message]) -> Decision | None:
        """Return the decision on the turn; None: it must be taken anew."""
        with stage(self._services.metrics, "decide"):
            decision = await self._thinking.decide(
                turn,
                messages,
                as_of=self._reader.as_of,
                objection=lambda: self._objection(turn),
            )
        if isinstance(decision, Objection):
            if not self._is_final(decision):
                return None
            decision = _silence(decision, turn)
        if self._holding.steps:
            decision = replace(decision, trace=(*decision.trace, *self._holding.steps))
        kind = type(decision).__name__
        _log.debug("turn.decided", reason=str(decision.reason), kind=kind, **self._which)
        return decision

    def _is_final(self, objection: Objection) -> bool:
        """Say whether the turn ends with this objection, or must be taken anew.

        Raises :class:`_HandedBack` where it ends for this claim alone.
        """
        match objection.consequence:
            case Consequence.HAND_BACK:
                raise _HandedBack(objection.reason)
            case Consequence.TAKE_ANEW:
                return False
            case Consequence.KEEP_SILENT:
                return True

    # Reading

    async def _read(self) -> Conversation | None:
        """Return the conversation as it stands now; None: it is not there any more.

        Where something of ours, or of an earlier holder's, may be under way, first wait until it
        would have arrived.
        """
        if self._in_doubt or self._holding.may_be_under_way:
            await asyncio.sleep(self._services.settings.catch_up.settle_seconds)
            self._in_doubt = False
            self._holding.has_arrived()
        self._watch.reading()
        conversation = await self._reader.get(self._claim, self._begun_plan)
        if conversation is not None:
            self._watch.has_read(conversation)
        return conversation

    @property
    def _begun_plan(self) -> Plan | None:
        """What has been begun for the claim's messages and is not settled: ours, or a holder's
        before us."""
        return self._plan or Plan.from_json(self._claim.plan)

    # What was said already

    async def _settle_what_was_said(self, conversation: Conversation) -> bool:
        """Settle what an earlier holder, or an earlier sending of ours, has answered.

        It comes first, with its own outcome, memory and record, whatever the customer has written
        since: that is another turn. Return whether nothing of the claim is left; what the customer
        has written since is then in the mailbox.
        """
        messages, claimed = conversation.messages, self._claim.message_ids
        if find_reply(messages, claimed) is None:
            return False
        waiting = unanswered(messages, self._services.current.identity)
        waiting_ids = {message.id for message in waiting}
        done = [id_ for id_ in claimed if id_ not in waiting_ids]
        plan = self._begun_plan
        if plan is not None and (reply := find_reply_to(messages, plan.message_ids)) is not None:
            ids = tuple(id_ for id_ in done if id_ in plan.message_ids)
            said = DeliveryResult(DeliveryStatus.CONFIRMED, reply.id)
            result = await self._delivery(conversation).act(plan, said)
            if result.objection is not None:
                raise _HandedBack(result.objection.reason)
            self._take_in(result.found)
            await self._settle_some(ids, Outcome.of(plan.decision, result), conversation)
            done = [id_ for id_ in done if id_ not in ids]
        else:
            await self._delivery(conversation).undo_assignment()
        while (reply := find_reply(messages, done)) is not None:
            ids = tuple(id_ for id_ in done if id_ in answers(reply))
            rest = [id_ for id_ in done if id_ not in ids]
            if not ids or find_reply(messages, rest) is None:
                # A reply without its mark answers all that came before it; and what needs no
                # answer any more, since a later message has its own, goes with the last.
                ids = tuple(done)
            await self._settle_some(ids, Outcome.found(reply), conversation)
            done = [id_ for id_ in done if id_ not in ids]
        if self._claim.message_ids:
            return False
        self._take_in(waiting)
        return True

    async def _settle_some(
        self, message_ids: tuple[str, ...], outcome: Outcome, conversation: Conversation
    ) -> None:
        """Settle these of the claim's messages, and go on with the others."""
        if not message_ids:
            return  # somebody has settled them
        claim = self._claim
        memory = await self._services.leases.memory_of(claim)
        asked = sorted(
            (message for message in conversation.messages if message.id in message_ids),
            key=lambda message: message.created_at,
        )
        until = asked[-1].created_at
        before = [
            message
            for message in conversation.messages
            if message.created_at <= until
            and (message.id in message_ids or message.id not in claim.message_ids)
        ]
        as_it_was = conversation.model_copy(update={"messages": tuple(before)})
        snapshot = _Snapshot(as_it_was, tuple(asked), memory)
        self._claim = replace(claim, message_ids=message_ids, plan=None, memory=None)
        if not await self._write(outcome, snapshot, self._turn(snapshot)):
            raise _HandedBack(LEASE_LOST.reason)
        rest = tuple(one for one in claim.message_ids if one not in message_ids)
        self._claim = replace(self._claim, message_ids=rest)
        self._plan = None

    def _take_in(self, messages: Iterable[Message]) -> None:
        """Put what was seen on the way, and is no part of this turn, into the mailbox."""
        for message in messages:
            if message.id not in self._claim.message_ids:
                self._mailbox.hear(message, path=SEEN)

    async def _snapshot(self, conversation: Conversation) -> _Snapshot:
        """Claim what else waits by now; leave out what has been answered."""
        services, id_ = self._services, self._mailbox.conversation_id
        waiting = unanswered(conversation.messages, services.current.identity)
        # What was found by its claim alone may be answered already: it is no news to wait for.
        known, waits = Transcript.of(conversation.messages).proof.by_id, {m.id for m in waiting}
        pending = self._mailbox.pending_ids
        self._mailbox.done_with([id_ for id_ in pending if id_ in known and id_ not in waits])
        wanted = dict.fromkeys((*self._claim.message_ids, *(message.id for message in waiting)))
        if len(wanted) > len(self._claim.message_ids):
            claim = await services.leases.claim(id_, tuple(wanted), on_lost=self._mailbox.wake)
            if not isinstance(claim, Claim):
                raise _HandedBack(LEASE_LOST.reason)
            self._claim = claim
        claimed = frozenset(self._claim.message_ids)
        # What cannot be claimed has its outcome: no news to wait for either.
        self._mailbox.done_with(wanted.keys() - claimed)
        memory = await services.leases.memory_of(self._claim)
        self._watch.recalls(memory)
        _log.debug("turn.taken", **self._which)
        return _Snapshot(conversation, tuple(m for m in waiting if m.id in claimed), memory)

    def _turn(self, snapshot: _Snapshot) -> Turn:
        services, current = self._services, self._services.current
        return build_turn(
            snapshot.conversation,
            snapshot.message_ids,
            identity=current.identity,
            account=current.account,
            memory=snapshot.memory,
            agents_online=len(services.session.agents_online),
            now=services.clock(),
            waited=self._watch.waited(snapshot.message_ids[-1]),
            user_id=services.session.user_id,
            bot_tracked=services.session.is_on_duty,
            heard_closed_at=services.closings.last(snapshot.conversation.id),
        )

    def _objection(self, turn: Turn) -> Objection | None:
        return self._watch.objection(self._claim, turn)

    # Delivering and settling

    async def _deliver(self, decision: Decision, snapshot: _Snapshot, turn: Turn) -> DeliveryResult:
        """Carry the decision out, as far as the mode and what comes up allow."""
        plan = Plan(snapshot.message_ids, decision, assignee_id=snapshot.conversation.assignee_id)
        delivery = self._delivery(snapshot.conversation, lambda: self._objection(turn))
        if self._services.settings.mode != "reply":
            return await delivery.only_show(plan)
        # A plan that was kept before, and not carried out, must not be taken for this one.
        is_kept_before = self._claim.plan is not None or self._plan is not None
        self._plan = plan
        return await delivery.carry_out(plan, is_kept_before=is_kept_before)

    def _delivery(
        self,
        conversation: Conversation,
        objection: Callable[[], Objection | None] = lambda: None,
    ) -> Delivery:
        return Delivery(
            self._services,
            conversation,
            self._claim,
            as_of=self._reader.as_of,
            objection=objection,
            heard_assignees=lambda: self._mailbox.assignees,
        )

    async def _settle(
        self, outcome: Outcome, snapshot: _Snapshot | None = None, turn: Turn | None = None
    ) -> bool:
        """Settle the turn; return True: it is done with."""
        await self._write(outcome, snapshot, turn)
        return True

    async def _write(self, outcome: Outcome, snapshot: _Snapshot | None, turn: Turn | None) -> bool:
        """Write the outcome of the claim's messages; return whether the claim was still ours."""
        with stage(self._services.metrics, "settle") as settling:
            settling.note(_told(outcome))
            if settling.holds_texts and turn is not None:
                settling.note({"agentbot.question": turn.text})
                settling.note({"agentbot.answer": outcome.answer or ""})
            kept = await self._settler.settle(
                self._claim,
                outcome,
                customer_id=snapshot.conversation.customer_id if snapshot else None,
                turn=turn,
                memory=snapshot.memory if snapshot else ConversationMemory(),
                prompts_version=self._services.current.pipeline.version,
                seconds=asyncio.get_running_loop().time() - self._heard_at,
            )
        self._mailbox.done_with(self._claim.message_ids)
        return kept

    async def _release(self) -> None:
        """Give the claim back at once, even while this task is being cancelled."""
        try:
            await asyncio.shield(self._services.store.release(self._claim))
        except StateUnavailable as error:
            _log.warning("claim.not_released", error=str(error), **self._which)


def _told(outcome: Outcome) -> dict[str, Value]:
    """Return what a trace tells of an outcome: what the log does."""
    told: dict[str, Value] = {
        "agentbot.outcome": outcome.kind.value,
        "agentbot.reason": outcome.reason.code,
    }
    if (spoken := outcome.spoken) is not None:
        told |= {"agentbot.by": spoken.by, "agentbot.source": spoken.source}
    return told


def _silence(objection: Objection, turn: Turn) -> Silence:
    """Return the decision to say nothing. An e-mail address that came with the turn is kept."""
    return Silence(reason=objection.reason, actions=email_actions(turn))
