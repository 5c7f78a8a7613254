"""Carrying out a plan: the text first, confirmed or sent again but never doubled, then the actions.

How a reply is neither lost nor doubled
=======================================

Papercups answers a shout on ``conversation:`` with nothing but its echo, does not know a repeated
message when it sees one, and loses some. So there is one proof that a reply is stored: the message
itself, with our mark in its metadata (``bot/proof.py``), heard as an echo or read over REST.

The text is therefore sent by a small machine of four steps (:class:`Step`)::

    JOIN ──────────────> CHECK ──> SEND ──> confirmed
      ^                    ^        |
      |  (after a sending) |        | no echo
      +───────> LOOK ──────+        |
      +─────────────────────────────+

- ``JOIN`` waits until the topic is joined on which we speak, however long that takes.
- ``LOOK`` comes before every sending but the first. The first copy must not arrive after we have
  looked, so nothing of ours may be under way any more: either the server has answered a ping that
  we sent behind the text (a channel works in order), or the connection has been given up, and the
  time has passed in which its last bytes arrive. Then the server is asked for the text.
- ``CHECK`` asks what speaks against speaking now: the objections, guards included, and whether
  what was read is older than the connection. From there to the sending nothing waits, so nothing
  can come between.
- ``SEND`` sends once, and waits for the echo.

A process may die between any two of these. Whoever takes the turn next finds that it was claimed
before (``Claim.attempt`` above 1), waits as ``LOOK`` does, and reads the conversation: a reply that
is there is the answer. The plan was kept before the text left, so whoever finds the text carries
out what follows it, and settles that turn with its own outcome, before anything else is decided.

The acts that follow the text may come late, or after another process's. So each is done under the
lease alone, and an act that could hide a conversation or take it from somebody looks before it
acts, and once more afterwards (``look.py``). What no longer fits is skipped, and the record says
why. Each action sets what it sets, and may be repeated. Before we close, it is kept that we are
about to, so that our own closing is never taken for a person's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

import structlog

from agentbot.bot.delivery.actions import ConversationActions
from agentbot.bot.delivery.assignment import HeardAssignees
from agentbot.bot.delivery.plan import Plan
from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.bot.delivery.text import metadata_of, suggestion_of, words_of
from agentbot.bot.echoes import NoEcho
from agentbot.bot.marks import with_marks
from agentbot.bot.objections import CHANGED, LEASE_LOST, PERSON, RECONNECTED, Objection
from agentbot.bot.services import Services
from agentbot.bot.transcript import find_reply, unanswered
from agentbot.errors import (
    ApiError,
    LoginRefused,
    NotFound,
    PushError,
    PushNotSent,
    PushTimedOut,
    StateUnavailable,
    TransportError,
)
from agentbot.papercups.events import Via
from agentbot.papercups.models import Conversation, Message
from agentbot.pipeline.decision import Close, Reason
from agentbot.retry import is_away, retry_while_away
from agentbot.state.store import Claim

_LOOK_AGAIN = 0.1
"""Seconds between two looks whether the session is ready: what is waited for takes far longer."""

_log = structlog.get_logger("agentbot.delivery")


class Step(Enum):
    """Where the sending of a text stands: see the module's docstring."""

    JOIN = auto()
    LOOK = auto()
    CHECK = auto()
    SEND = auto()


@dataclass(slots=True)
class _Sending:
    """One text on its way: how often it was sent, and how often that was lost on a good connection.

    An outage is nothing to give up for, and is not counted as ``unheard``.
    """

    plan: Plan
    sent: int = 0
    unheard: int = 0


class Delivery:
    """Delivers one conversation's plan.

    ``objection`` is asked in the last moment before anything leaves: it returns what speaks
    against it, or None. ``as_of`` is ``Current.connections`` from when ``conversation`` was read:
    what was said while nobody listened must be read before anything is said on top of it.
    ``heard_assignees``: see :class:`ConversationActions`.
    """

    def __init__(
        self,
        services: Services,
        conversation: Conversation,
        claim: Claim,
        *,
        as_of: int,
        objection: Callable[[], Objection | None] = lambda: None,
        heard_assignees: HeardAssignees = lambda: (),
    ) -> None:
        self._services = services
        self._conversation = conversation
        self._claim = claim
        self._objection = objection
        self._is_lost = False
        # Messages on conversation: reach chat alone; other sources get e-mail or SMS by way of
        # notification:, which is always sent as the user (PROTOCOL: a shout).
        self._on_conversation = (conversation.source or "chat") == "chat"
        self._via: Via = "conversation" if self._on_conversation else "notification"
        self._as_of = as_of
        self._as_user = not self._on_conversation or services.settings.reply.speak_as == "user"
        self._actions = ConversationActions(
            conversation, services, heard_assignees=heard_assignees, is_held=self._is_held
        )

    async def carry_out(self, plan: Plan, *, is_kept_before: bool = False) -> DeliveryResult:
        """Say the plan's text, then do its actions; without the text, no actions.

        A plan with consequences is kept before anything is sent, however long that takes; so is
        one where another ``is_kept_before``, which it stands for from now on, and one whose text
        may lose its mark.
        """
        may_lose_its_mark = not self._on_conversation
        if plan.has_consequences or is_kept_before or may_lose_its_mark:
            await self._keep_surely(plan)
            if self._is_lost:
                return DeliveryResult.withheld(LEASE_LOST)
        result = await self._say(plan)
        if result.status in {DeliveryStatus.CONFIRMED, DeliveryStatus.NOTHING_TO_SAY}:
            return await self.act(plan, result)
        return result

    async def only_show(self, plan: Plan) -> DeliveryResult:
        """Show people alone what would be said, as the mode wants it, and do nothing else."""
        if plan.text is None:
            return DeliveryResult(DeliveryStatus.NOTHING_TO_SAY)
        if self._services.settings.mode == "suggest":
            if not await self._actions.suggest(suggestion_of(plan), plan):
                return DeliveryResult.withheld(LEASE_LOST)
            reason = Reason("suggested", "the reply is left to people as a private note")
        else:
            reason = Reason("dry_run", "in this mode nothing is sent")
        return DeliveryResult(DeliveryStatus.WITHHELD, reason=reason)

    async def act(self, plan: Plan, said: DeliveryResult) -> DeliveryResult:
        """Do what is left of the plan once its text is known to be on the server, as ``said`` says.

        Return ``said`` with what became of the actions; where the lease is lost in between, the
        rest is its next holder's to do.
        """
        plan, is_done = await self._act(plan)
        if plan.decision.actions:  # Papercups says nothing of a tag, or of a customer's address
            self._services.conversations.mirror.drop(self._conversation.id)
        return replace(
            said,
            objection=None if is_done else LEASE_LOST,
            skipped=plan.skipped,
            closed_at=plan.closed_at,
            assigned_to=plan.assigned_to,
            found=tuple(self._actions.found.values()),
        )

    async def _act(self, plan: Plan) -> tuple[Plan, bool]:
        """Do what is left; return how far the plan has come, and whether that was all of it."""
        if plan.text is not None and self._is_assigned_by_text:
            if not self._is_held():
                return plan, False
            await self._actions.assignment.undo(via=self._via)
        while (action := plan.next_action) is not None:
            if isinstance(action, Close) and self._is_held():
                await self._keep_surely(plan.action_begun())
            if not self._is_held():
                return plan, False
            farther = await self._actions.act(action, plan)
            if farther is plan:  # the lease went while it was done
                return plan, False
            plan = farther
            await self._keep(plan)
        if self._actions.marks_read(plan):
            if not self._is_held():
                return plan, False
            await self._actions.mark_read(plan, via=self._via)
        return plan, True

    def _is_held(self) -> bool:
        """Say whether the turn is still ours to work on."""
        return not self._is_lost and self._services.leases.is_good(self._claim)

    async def undo_assignment(self) -> None:
        """Undo the assignment to us that a message with our user id brings with it."""
        if self._is_assigned_by_text and self._is_held():
            await self._actions.assignment.undo(via=self._via)

    @property
    def _is_assigned_by_text(self) -> bool:
        """Whether our text assigns the conversation to us, and is not meant to.

        A conversation that is the bot's is one that people do not look for. Where the operator
        lets the bot speak as its own user, they want it assigned.
        """
        return self._as_user and self._services.settings.reply.speak_as != "user"

    async def _keep(self, plan: Plan) -> None:
        """Note how far the plan has come. Without the note a resumed action is done again."""
        try:
            kept = await self._services.store.checkpoint(self._claim, plan.to_json())
        except StateUnavailable as error:
            _log.warning("checkpoint.lost", error=str(error))
        else:
            self._is_lost = not kept

    async def _keep_surely(self, plan: Plan) -> None:
        """Note how far the plan has come, however long that takes."""
        store, kept = self._services.store, plan.to_json()
        self._is_lost = not await retry_while_away(
            lambda: store.checkpoint(self._claim, kept), what="checkpoint"
        )

    # Saying the text

    async def _say(self, plan: Plan) -> DeliveryResult:
        """Send the text until it is known to be stored, or may not be sent any more."""
        if plan.text is None:
            return DeliveryResult(DeliveryStatus.NOTHING_TO_SAY)
        sending = _Sending(plan)
        step: Step | DeliveryResult = Step.JOIN
        while isinstance(step, Step):
            match step:
                case Step.JOIN:
                    step = await self._join(sending)
                case Step.LOOK:
                    step = await self._look(sending)
                case Step.CHECK:
                    step = self._check(sending)
                case Step.SEND:
                    step = await self._send(sending)
        return step

    async def _join(self, sending: _Sending) -> Step | DeliveryResult:
        """Wait until the topic is joined on which we speak, and all that is said is heard."""
        session = self._services.session
        try:
            while True:
                if self._on_conversation:
                    await session.joined(self._conversation.id)
                if session.is_ready:
                    return Step.LOOK if sending.sent else Step.CHECK
                await asyncio.sleep(_LOOK_AGAIN)
        except PushNotSent as error:  # the server refuses us the conversation, or we are leaving
            if (objection := self._objection()) is not None:
                return DeliveryResult.withheld(objection)
            return DeliveryResult.unconfirmed(Reason("refused", str(error)))

    async def _look(self, sending: _Sending) -> Step | DeliveryResult:
        """Ask the server whether the text is there, once nothing can be under way any more."""
        self._as_of = self._services.current.connections
        await asyncio.sleep(self._services.settings.catch_up.settle_seconds)
        id_, ids = self._conversation.id, sending.plan.message_ids
        try:
            conversation = await self._services.conversations.read(id_)
        except NotFound:
            return DeliveryResult.withheld(CHANGED)
        conversation = await with_marks(self._services, conversation, ids)
        if (reply := find_reply(conversation.messages, ids)) is not None:
            return DeliveryResult.confirmed(reply)
        identity = self._services.current.identity
        waiting = {message.id for message in unanswered(conversation.messages, identity)}
        if waiting.isdisjoint(ids):
            return DeliveryResult.withheld(PERSON)
        before = self._conversation
        if (before.status, before.assignee_id) != (conversation.status, conversation.assignee_id):
            return DeliveryResult.withheld(CHANGED)
        return Step.CHECK

    def _check(self, sending: _Sending) -> Step | DeliveryResult:
        """Ask, in the last moment, what speaks against sending now."""
        if sending.unheard >= self._services.settings.reply.max_attempts:
            text = f"sent {sending.unheard} times, and the server stored none"
            return DeliveryResult.unconfirmed(Reason("unconfirmed", text))
        if (objection := self._objection()) is not None:
            return DeliveryResult.withheld(objection)
        if self._services.current.connections == self._as_of:
            return Step.SEND
        return Step.JOIN if sending.sent else DeliveryResult.withheld(RECONNECTED)

    async def _send(self, sending: _Sending) -> Step | DeliveryResult:
        """Send once."""
        if sending.sent:
            self._services.metrics.reply_resent()
        sending.sent += 1
        if self._on_conversation or self._services.session.is_on_duty:
            echo = await self._shout(sending.plan)
        else:  # being on notification: is being seen, which off duty we are not to be
            echo = await self._post(sending.plan)
        if isinstance(echo, Message):
            self._services.metrics.reply_confirmed()
            return DeliveryResult.confirmed(echo)
        _log.warning("reply.unconfirmed", why=echo.name.lower(), attempt=sending.sent)
        sending.unheard += echo is NoEcho.LATE
        return Step.JOIN

    async def _shout(self, plan: Plan) -> Message | NoEcho:
        """Shout it; return the stored message, or why there is none."""
        session, last_message = self._services.session, plan.message_ids[-1]
        echo = self._services.echoes.expect(last_message)
        try:
            session.shout(
                self._conversation.id,
                words_of(plan, is_chat=self._on_conversation),
                metadata=metadata_of(plan),
                as_user=self._as_user,
                via=self._via,
            )
            seconds = self._services.settings.reply.confirm_timeout_seconds
            await asyncio.wait((echo,), timeout=seconds)
            if not echo.done():
                await self._flush_out(echo)
            return echo.result() if echo.done() else NoEcho.LATE
        except PushNotSent:
            return NoEcho.CONNECTION_LOST
        finally:
            self._services.echoes.forget(last_message)

    async def _post(self, plan: Plan) -> Message | NoEcho:
        """Write over REST, which does what a shout on ``notification:`` does (PROTOCOL, 3)."""
        try:
            return await self._services.rest.create_message(
                self._conversation.id,
                words_of(plan, is_chat=self._on_conversation),
                type="bot",
                metadata=metadata_of(plan),
            )
        except LoginRefused:
            raise
        except (TransportError, ApiError) as error:
            _log.warning("reply.not_written", error=str(error))
            return NoEcho.CONNECTION_LOST if is_away(error) else NoEcho.LATE

    async def _flush_out(self, echo: asyncio.Future[Message | NoEcho]) -> None:
        """Make sure that the shout is not under way any more.

        A connection that stands still may carry it later, behind the one that we would send again.
        So either the server says that it has dealt with it, or the connection is given up.
        """
        session = self._services.session
        try:
            await session.dealt_with(self._conversation.id, via=self._via)
        except PushTimedOut:
            session.reconnect()
            await echo
        except PushError:
            pass  # the channel or the connection has gone, and the shout with it
