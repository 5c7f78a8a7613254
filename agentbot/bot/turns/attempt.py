"""One attempt at a claimed turn: read the conversation, decide, deliver, settle.

The world goes on meanwhile. So the turn is taken as it stands, and whatever comes up before its
answer has left is an objection (``bot/objections.py``): the turn is taken anew, handed back, or
settled without a word. Only what is settled is done with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from inspect import isawaitable

import structlog

from agentbot.bot.delivery.delivery import Delivery, DeliveryResult, DeliveryStatus
from agentbot.bot.delivery.plan import Plan
from agentbot.bot.objections import LEASE_LOST, Consequence, Objection
from agentbot.bot.proof import find_reply, unanswered
from agentbot.bot.services import Services
from agentbot.bot.turns.context import build_turn
from agentbot.bot.turns.mailbox import Mailbox
from agentbot.bot.turns.settling import Outcome, Settler
from agentbot.bot.turns.watch import Watch
from agentbot.errors import DataException, NotFound, PushNotSent, StateUnavailable
from agentbot.papercups.models import Conversation, Message
from agentbot.pipeline.decision import Decision, Reason, Silence
from agentbot.pipeline.turn import Turn
from agentbot.retry import retry_while_away
from agentbot.state.store import Claim, ConversationMemory

_log = structlog.get_logger("agentbot.turn")

_LONGEST_REJOIN = 2.0
"""Seconds that a window is waited for which may have left for good: rejoining takes far less."""
_SETTLED_WINDOW = timedelta(minutes=1)
"""The age of a message after which its window is no longer waited for: who is not there then is
away, and not between leaving and rejoining."""
_REJOIN_LOOK = 0.05
"""Seconds between two looks for the window: little beside the time in which it rejoins."""
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
        self._acknowledged = False
        self._as_of = services.current.connections
        self._log = _log.bind(
            conversation_id=mailbox.conversation_id, message_ids=claim.message_ids
        )
        now = asyncio.get_running_loop().time()
        self._heard_at = min((pending.heard_at for pending in mailbox.pending), default=now)
        self._deadline = max(
            self._heard_at + services.settings.turns.deadline_seconds, now + _LEAST_BUDGET
        )
        self._watch = Watch(mailbox, services, deadline=self._deadline)
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
            self._log.info("turn.handed_back", reason=str(way_out.reason))
        finally:
            self._services.leases.drop(self._claim)
            if not settled:
                await self._release()

    async def _take(self) -> bool:
        """Take the turn as it is now. False: it must be taken anew."""
        conversation = await self._read()
        if conversation is None:
            return await self._settle(
                Outcome.left("gone", "the conversation is not there any more")
            )
        finished = await self._finish_earlier_plan(conversation)
        snapshot = await self._snapshot(conversation)
        if not snapshot.messages:
            return await self._settle(self._found_done(conversation, finished), snapshot)
        turn = self._turn(snapshot)
        decision = await self._decide(turn)
        if isinstance(decision, Objection):
            if not self._is_final(decision):
                return False
            decision = Silence(reason=decision.reason)
        self._log.info("turn.decided", reason=str(decision.reason), kind=type(decision).__name__)
        result = await self._deliver(decision, snapshot, turn)
        if result.objection is not None and not self._is_final(result.objection):
            return False
        return await self._settle(Outcome.of(decision, result), snapshot, turn)

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
        """Read the conversation as the server has it, what was heard since included.

        Where an earlier holder may have sent an answer, first wait until it would have arrived.
        """
        if self._in_doubt:
            await asyncio.sleep(self._services.settings.catch_up.settle_seconds)
            self._in_doubt = False
        rest, id_ = self._services.rest, self._mailbox.conversation_id
        self._as_of = self._services.current.connections
        self._watch.reading()
        try:
            conversation = await retry_while_away(
                lambda: rest.conversation(id_), what="conversation"
            )
        except NotFound:
            return None
        self._watch.has_read(conversation)
        await self._services.receipts.look(conversation)
        known = {message.id for message in conversation.messages}
        heard = [p.message for p in self._mailbox.pending if p.message.id not in known]
        return conversation.model_copy(update={"messages": (*conversation.messages, *heard)})

    async def _finish_earlier_plan(self, conversation: Conversation) -> Plan | None:
        """Carry out what an earlier holder had begun: its text is there, what follows may not be.

        Return the plan, if there was one. One whose text is not there is dropped: the turn is
        decided anew, as it is now.
        """
        if find_reply(conversation.messages, self._claim.message_ids) is None:
            return None
        delivery = Delivery(self._services, conversation, self._claim, as_of=self._as_of)
        plan = Plan.from_json(self._claim.plan)
        if plan is not None and find_reply(conversation.messages, plan.message_ids):
            await delivery.act(plan)
            return plan
        await delivery.undo_assignment()
        return None

    async def _snapshot(self, conversation: Conversation) -> _Snapshot:
        """Claim what else waits by now; leave out what has been answered."""
        services, id_ = self._services, self._mailbox.conversation_id
        waiting = unanswered(conversation.messages, services.current.identity)
        # What was found by its claim alone may be answered already: it is no news to wait for.
        known = {message.id for message in conversation.messages}
        self._mailbox.done_with(known - {message.id for message in waiting})
        wanted = dict.fromkeys((*self._claim.message_ids, *(message.id for message in waiting)))
        if len(wanted) > len(self._claim.message_ids):
            claim = await services.leases.claim(id_, tuple(wanted), on_lost=self._mailbox.wake)
            if not isinstance(claim, Claim):
                raise _HandedBack(LEASE_LOST.reason)
            self._claim = claim
        claimed = frozenset(self._claim.message_ids)
        # What cannot be claimed has its outcome: no news to wait for either.
        self._mailbox.done_with(wanted.keys() - claimed)
        memory = await retry_while_away(lambda: services.store.memory_of(id_), what="memory")
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
        )

    def _found_done(self, conversation: Conversation, plan: Plan | None) -> Outcome:
        """Return the outcome of a turn in which nothing waits: by ``plan``, where that is known."""
        reply = find_reply(conversation.messages, self._claim.message_ids)
        if reply is None:
            return Outcome.left("person", "a person has answered")
        if plan is None or reply != find_reply(conversation.messages, plan.message_ids):
            return Outcome.found(reply)
        return Outcome.of(plan.decision, DeliveryResult(DeliveryStatus.CONFIRMED, reply.id))

    # Deciding

    async def _decide(self, turn: Turn) -> Decision | Objection:
        """Return the decision, or what has come up before there was one."""
        pipeline = self._services.current.pipeline
        if (silence := self._too_old(turn) or pipeline.guard(turn)) is not None:
            return silence
        await self._acknowledge(turn)
        outcome = pipeline.respond(turn)
        decision = await self._think(outcome, turn) if isawaitable(outcome) else outcome
        if not isinstance(decision, Silence | Objection):
            await self._wait_for_window(turn)
        return decision

    async def _think(self, outcome: Awaitable[Decision], turn: Turn) -> Decision | Objection:
        """Wait for a decision until the turn's deadline, or until something objects to it."""
        thinking = asyncio.ensure_future(outcome)
        thinking.add_done_callback(lambda _done: self._mailbox.wake())
        try:
            while await self._mailbox.news(until=self._deadline):
                if thinking.done():
                    break
                if (objection := self._objection(turn)) is not None:
                    return objection
            if thinking.done():
                return thinking.result()
        finally:
            thinking.cancel()
        seconds = self._services.settings.turns.deadline_seconds
        reason = Reason("deadline", f"no decision within {seconds:g} s")
        return self._services.current.pipeline.fallback(turn, reason)

    def _too_old(self, turn: Turn) -> Silence | None:
        """Leave to people what was found only after too long a time."""
        max_age = self._services.current.pipeline.prompts.policy.catch_up.max_age
        if _age(turn) <= max_age:
            return None
        return Silence(reason=Reason("too_old", f"found unanswered after more than {max_age}"))

    def _objection(self, turn: Turn) -> Objection | None:
        return self._watch.objection(self._claim, turn)

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

    async def _wait_for_window(self, turn: Turn) -> None:
        """Let a fresh visitor's chat window settle: what comes while it rejoins, it never shows."""
        if not turn.is_first or turn.conversation.source != "chat" or _age(turn) > _SETTLED_WINDOW:
            return
        loop = asyncio.get_running_loop()
        until = self._heard_at + self._services.settings.reply.first_delay_seconds
        while self._objection(turn) is None and loop.time() < until:
            await self._mailbox.news(until=until)
        # Between leaving and rejoining the window would never show it: wait until it is back.
        until = loop.time() + _LONGEST_REJOIN
        while loop.time() < until and not self._services.session.is_here(turn.customer.id):
            if self._objection(turn) is not None:
                return
            await asyncio.sleep(_REJOIN_LOOK)

    # Delivering and settling

    async def _deliver(self, decision: Decision, snapshot: _Snapshot, turn: Turn) -> DeliveryResult:
        """Carry the decision out, as far as the mode and what comes up allow."""
        plan = Plan(snapshot.message_ids, decision)
        delivery = Delivery(
            self._services,
            snapshot.conversation,
            self._claim,
            as_of=self._as_of,
            objection=lambda: self._objection(turn),
        )
        if self._services.settings.mode == "reply":
            return await delivery.carry_out(plan)
        return await delivery.only_show(plan)

    async def _settle(
        self, outcome: Outcome, snapshot: _Snapshot | None = None, turn: Turn | None = None
    ) -> bool:
        """Settle the turn; return True: it is done with."""
        await self._settler.settle(
            self._claim,
            outcome,
            customer_id=snapshot.conversation.customer_id if snapshot else None,
            turn=turn,
            memory=snapshot.memory if snapshot else ConversationMemory(),
            prompts_version=self._services.current.pipeline.version,
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


def _age(turn: Turn) -> timedelta:
    """Return how long the turn has waited; where we heard it, by no wall clock of ours."""
    return turn.server_now - turn.messages[-1].at
