"""The work on one claimed turn: read the conversation, decide, deliver, settle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from inspect import isawaitable

import structlog

from agentbot.bot.delivery.delivery import (
    CHANGED,
    PERSON,
    RECONNECTED,
    Delivery,
    DeliveryResult,
    DeliveryStatus,
)
from agentbot.bot.delivery.plan import Plan
from agentbot.bot.proof import find_reply, unanswered
from agentbot.bot.services import Services
from agentbot.bot.turns.context import build_turn
from agentbot.bot.turns.mailbox import LIVE, Mailbox
from agentbot.bot.turns.settling import Outcome, settle
from agentbot.errors import NotFound, PushNotSent, StateUnavailable
from agentbot.papercups.models import Conversation, Message
from agentbot.pipeline.decision import Decision, Reason, Silence
from agentbot.pipeline.turn import Turn
from agentbot.retry import retry_while_away
from agentbot.state.store import Claim, ConversationMemory

_log = structlog.get_logger("agentbot.work")

SUPERSEDED = Reason("superseded", "the customer has written more")
DRAINING = Reason("draining", "the bot is stopping")
LEASE_LOST = Reason("lease_lost", "the claim has run out, or another replica has it")
CLOSED = Reason("closed", "the conversation was closed meanwhile")
ASSIGNED = Reason("assigned", "the conversation was assigned to a person meanwhile")

_LONGEST_REJOIN = 2.0
_SETTLED_WIDGET = timedelta(minutes=1)
_REJOIN_LOOK = 0.05
_LEAST_BUDGET = 5.0
"""Seconds that deciding gets at least, however long the turn had to wait for the server."""


class _HandedBack(Exception):
    """The turn does not come to its outcome under this claim."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


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
    """Works on one turn, which may grow meanwhile, until it has its outcome."""

    def __init__(
        self, mailbox: Mailbox, services: Services, claim: Claim, *, claimed_at: float
    ) -> None:
        self._mailbox = mailbox
        self._services = services
        self._claim = claim
        self._in_doubt = claim.attempt > 1
        self._person_at = mailbox.person_at
        self._assignee_id: int | None = None
        self._acknowledged = False
        self._as_of = services.connections
        self._log = _log.bind(
            conversation_id=mailbox.conversation_id, message_ids=claim.message_ids
        )
        heard_at = min((pending.heard_at for pending in mailbox.pending), default=claimed_at)
        self._heard_at = heard_at
        self._deadline = max(
            heard_at + services.settings.turns.deadline_seconds, claimed_at + _LEAST_BUDGET
        )
        services.leases.hold(claim, asked_at=claimed_at, on_lost=mailbox.wake)

    async def run(self) -> None:
        """Bring the turn to its outcome, or hand it back."""
        settled = False
        try:
            while not settled:
                settled = await self._try()
        except _HandedBack as way_out:
            self._log.info("turn.handed_back", reason=str(way_out.reason))
        finally:
            self._services.leases.drop(self._claim)
            if not settled:
                await self._release()

    async def _try(self) -> bool:
        """Take the turn as it is now. False: it has grown meanwhile and must be taken again."""
        conversation = await self._read()
        if conversation is None:
            return await self._settle(
                Outcome.left("gone", "the conversation is not there any more")
            )
        finished = await self._finish_earlier_work(conversation)
        taken = await self._take(conversation)
        if not taken.messages:
            outcome = self._found_done(conversation, finished)
            return await self._settle(outcome, conversation, memory=taken.memory)
        turn = self._turn(taken)
        decision = await self._decide(turn)
        if decision is None:
            return False
        plan = Plan(taken.message_ids, decision)
        self._log.info("turn.decided", reason=str(decision.reason), kind=type(decision).__name__)
        delivery = self._delivery(taken.conversation, plan.message_ids)
        if self._services.settings.mode != "reply" and plan.text is not None:
            reason = await self._only_show(plan, delivery)
            outcome = Outcome("silent", reason, decision)
            return await self._settle(outcome, taken.conversation, turn=turn, memory=taken.memory)
        receipt = await delivery.carry_out(plan)
        if receipt.reason in {SUPERSEDED, RECONNECTED, CHANGED, ASSIGNED}:
            return False
        if receipt.reason in {DRAINING, LEASE_LOST}:
            raise _HandedBack(receipt.reason)
        outcome = Outcome.of(decision, receipt)
        return await self._settle(outcome, taken.conversation, turn=turn, memory=taken.memory)

    # Reading

    async def _read(self) -> Conversation | None:
        """Read the conversation as the server has it, what was heard since included.

        Where an earlier holder may have sent an answer, first wait until it would have arrived.
        """
        if self._in_doubt:
            await asyncio.sleep(self._services.settings.catch_up.settle_seconds)
            self._in_doubt = False
        rest, id_ = self._services.rest, self._mailbox.conversation_id
        self._as_of = self._services.connections
        self._mailbox.assignee_id = None
        try:
            conversation = await retry_while_away(
                lambda: rest.conversation(id_), what="conversation"
            )
        except NotFound:
            return None
        self._assignee_id = conversation.assignee_id
        known = {message.id for message in conversation.messages}
        heard = [p.message for p in self._mailbox.pending if p.message.id not in known]
        return conversation.model_copy(update={"messages": (*conversation.messages, *heard)})

    async def _finish_earlier_work(self, conversation: Conversation) -> Plan | None:
        """Carry out what an earlier holder had begun: its text is there, what follows may not be.

        Return the plan, if there was one. One whose text is not there is dropped: the turn is
        decided anew, as it is now.
        """
        if find_reply(conversation.messages, self._claim.message_ids) is None:
            return None
        plan = Plan.from_json(self._claim.plan)
        if plan is not None and find_reply(conversation.messages, plan.message_ids):
            await self._delivery(conversation, plan.message_ids).act(plan)
            return plan
        await self._delivery(conversation, ()).undo_assignment()
        return None

    async def _take(self, conversation: Conversation) -> _Snapshot:
        """Claim what else waits by now; leave out what has been answered."""
        services, id_ = self._services, self._mailbox.conversation_id
        waiting = unanswered(conversation.messages, services.identity)
        # What was found by its claim alone may be answered already: it is no news to wait for.
        known = {message.id for message in conversation.messages}
        self._mailbox.done_with(known - {message.id for message in waiting})
        wanted = dict.fromkeys((*self._claim.message_ids, *(message.id for message in waiting)))
        if len(wanted) > len(self._claim.message_ids):
            asked_at = asyncio.get_running_loop().time()
            claim = await retry_while_away(
                lambda: services.store.claim(id_, tuple(wanted)), what="claim"
            )
            if not isinstance(claim, Claim):
                raise _HandedBack(LEASE_LOST)
            self._claim = claim
            services.leases.hold(claim, asked_at=asked_at, on_lost=self._mailbox.wake)
        claimed = frozenset(self._claim.message_ids)
        # What cannot be claimed has its outcome: no news to wait for either.
        self._mailbox.done_with(wanted.keys() - claimed)
        memory = await retry_while_away(lambda: services.store.recall(id_), what="recall")
        return _Snapshot(conversation, tuple(m for m in waiting if m.id in claimed), memory)

    def _turn(self, taken: _Snapshot) -> Turn:
        services = self._services
        return build_turn(
            taken.conversation,
            taken.message_ids,
            identity=services.identity,
            account=services.account,
            memory=taken.memory,
            agents_online=len(services.session.agents_online),
            now=services.clock(),
            waited=self._waited(taken.message_ids[-1]),
            user_id=services.session.user_id,
            bot_tracked=services.session.is_on_duty,
        )

    # Deciding

    async def _decide(self, turn: Turn) -> Decision | None:
        """Return the decision; None where the turn has grown meanwhile."""
        if (silence := self._too_old(turn)) is not None:
            return silence
        if (silence := self._services.pipeline.guard(turn)) is not None:
            return silence
        await self._acknowledge(turn)
        outcome = self._services.pipeline.decide(turn)
        decision = await self._await(outcome, turn) if isawaitable(outcome) else outcome
        if decision is not None and not isinstance(decision, Silence):
            await self._wait_for_widget(turn)
        return decision

    async def _await(self, outcome: Awaitable[Decision], turn: Turn) -> Decision | None:
        """Wait for a decision until the turn's deadline, or until it is no more wanted."""
        thinking = asyncio.ensure_future(outcome)
        try:
            while True:
                news = asyncio.ensure_future(self._mailbox.news(until=self._deadline))
                try:
                    await asyncio.wait({thinking, news}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    news.cancel()
                if thinking.done():
                    return thinking.result()
                if news.done() and not news.result():
                    seconds = self._services.settings.turns.deadline_seconds
                    reason = Reason("deadline", f"no decision within {seconds:g} s")
                    return self._services.pipeline.fallback(turn, reason)
                match self._withhold(frozenset(message.id for message in turn.messages)):
                    case None:
                        pass
                    case Reason(code="superseded" | "assigned"):
                        return None
                    case Reason(code="draining" | "lease_lost") as reason:
                        raise _HandedBack(reason)
                    case reason:
                        return Silence(reason=reason)
        finally:
            thinking.cancel()

    def _too_old(self, turn: Turn) -> Silence | None:
        """Leave to people what was found only after too long a time."""
        max_age = self._services.pipeline.prompts.policy.catch_up.max_age
        if self._age(turn) <= max_age:
            return None
        return Silence(reason=Reason("too_old", f"found unanswered after more than {max_age}"))

    def _age(self, turn: Turn) -> timedelta:
        """Return how long the turn has waited; where we heard it, no wall clock need be right."""
        return turn.server_now - turn.messages[-1].at

    def _waited(self, message_id: str) -> timedelta | None:
        """Return how long ago we heard the message as it was written; None: it was found."""
        for pending in self._mailbox.pending:
            if pending.message.id == message_id and pending.path == LIVE:
                return timedelta(seconds=asyncio.get_running_loop().time() - pending.heard_at)
        return None

    async def _acknowledge(self, turn: Turn) -> None:
        """Send the customer's receipt for what agents wrote before, once, as the turn is taken up.

        ``ReceiptsSettings`` argues when it is true. E-mail and SMS have no window to see it in.
        """
        if self._acknowledged or not self._services.settings.receipts.seen:
            return
        self._acknowledged = True
        if turn.conversation.source != "chat" or self._services.settings.mode != "reply":
            return
        session, id_ = self._services.session, turn.conversation.id
        if not session.seen(id_):
            with suppress(PushNotSent, TimeoutError):
                async with asyncio.timeout(_LONGEST_REJOIN):
                    await session.joined(id_)  # just found, its topic may be still on its way
                session.seen(id_)

    async def _wait_for_widget(self, turn: Turn) -> None:
        """Let a fresh visitor's widget settle: what comes while it rejoins, it never shows."""
        if not turn.is_first or turn.conversation.source != "chat":
            return
        if self._age(turn) > _SETTLED_WIDGET:
            return  # who is not there now is away, and not between leaving and rejoining
        ids = frozenset(message.id for message in turn.messages)
        until = self._heard_at + self._services.settings.reply.first_delay_seconds
        loop = asyncio.get_running_loop()
        while self._withhold(ids) is None and loop.time() < until:
            await self._mailbox.news(until=until)
        # Between leave and rejoin the window would never show it: wait until it is back, though
        # not long, for a customer may have gone for good.
        until = loop.time() + _LONGEST_REJOIN
        while loop.time() < until and not self._services.session.is_here(turn.customer.id):
            if self._withhold(ids) is not None:
                return
            await asyncio.sleep(_REJOIN_LOOK)

    # Delivering and settling

    async def _only_show(self, plan: Plan, delivery: Delivery) -> Reason:
        """Show people alone what would be said, as the mode wants it; return the reason."""
        if self._services.settings.mode == "suggest":
            await delivery.suggest(plan)
            return Reason("suggested", "the reply is left to people as a private note")
        return Reason("dry_run", "in this mode nothing is sent")

    def _delivery(self, conversation: Conversation, message_ids: Iterable[str]) -> Delivery:
        ids = frozenset(message_ids)
        return Delivery(
            self._services,
            conversation,
            self._claim,
            as_of=self._as_of,
            withhold=lambda: self._withhold(ids),
        )

    def _withhold(self, message_ids: frozenset[str]) -> Reason | None:
        """Return why nothing may be said now in answer to these messages, if so."""
        return next(self._objections(message_ids), None)

    def _objections(self, message_ids: frozenset[str]) -> Iterator[Reason]:
        """Yield all that speaks against an answer now, what weighs most first."""
        if not self._services.leases.is_good(self._claim):
            yield LEASE_LOST
        if self._services.draining.is_set():
            yield DRAINING
        if self._mailbox.person_at != self._person_at:
            yield PERSON
        if self._mailbox.is_closed:
            yield CLOSED
        if self._mailbox.assignee_id not in (None, self._assignee_id):
            yield ASSIGNED  # whether that keeps the bot out is the policy's to say
        has_grown = not message_ids.issuperset(self._mailbox.pending_ids)
        if has_grown and asyncio.get_running_loop().time() < self._deadline:
            yield SUPERSEDED

    def _found_done(self, conversation: Conversation, plan: Plan | None) -> Outcome:
        """Return the outcome of a turn in which nothing waits: by ``plan``, where that is known."""
        reply = find_reply(conversation.messages, self._claim.message_ids)
        if reply is None:
            return Outcome.left("person", "a person has answered")
        if plan is None or reply != find_reply(conversation.messages, plan.message_ids):
            return Outcome.found(reply)
        return Outcome.of(plan.decision, DeliveryResult(DeliveryStatus.CONFIRMED, reply.id))

    async def _settle(
        self,
        outcome: Outcome,
        conversation: Conversation | None = None,
        *,
        turn: Turn | None = None,
        memory: ConversationMemory | None = None,
    ) -> bool:
        await settle(
            self._services,
            self._claim,
            outcome,
            conversation=conversation,
            turn=turn,
            memory=memory,
            seconds=asyncio.get_running_loop().time() - self._heard_at,
        )
        self._mailbox.done_with(self._claim.message_ids)
        return True

    async def _release(self) -> None:
        """Give the claim back at once, even while this task is being cancelled."""
        try:
            await asyncio.shield(self._services.store.release(self._claim))
        except StateUnavailable as error:
            self._log.warning("claim.not_released", error=str(error))
