"""Carrying out a plan: the text first, confirmed or sent again but never doubled, then the actions.

Every step can be repeated by another process after a crash: the text is looked for on the server
before it is sent again, and the actions set what they set.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

import structlog

from agentbot.bot.delivery.actions import ConversationActions
from agentbot.bot.delivery.plan import Plan
from agentbot.bot.echoes import NoEcho
from agentbot.bot.proof import find_reply, mark, unanswered
from agentbot.bot.services import Services
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
from agentbot.pipeline.decision import Reason, Reply, Silence
from agentbot.retry import is_away, retry_while_away
from agentbot.state.store import Claim

PERSON = Reason("person", "a person has written meanwhile")
CHANGED = Reason("changed", "the conversation is another's, closed or gone by now")
RECONNECTED = Reason("reconnected", "what was read is older than the connection")

_LOOK_AGAIN = 0.1
_SUGGESTION = "Suggested reply:"

_log = structlog.get_logger("agentbot.delivery")


class DeliveryStatus(StrEnum):
    """What became of a plan's text."""

    CONFIRMED = "confirmed"
    NOTHING_TO_SAY = "nothing_to_say"
    WITHHELD = "withheld"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of a delivery. ``reply_id`` is the stored reply's; ``reason`` says why not."""

    told: DeliveryStatus
    reply_id: str | None = None
    reason: Reason | None = None


class Delivery:
    """Delivers one conversation's plan.

    ``withhold`` is asked in the last moment before anything leaves: it returns the reason why
    nothing may, or None. ``as_of`` is ``Services.connections`` from when ``conversation`` was read:
    what was said while nobody listened must be read before anything is said on top of it.
    """

    def __init__(
        self,
        services: Services,
        conversation: Conversation,
        claim: Claim,
        *,
        as_of: int,
        withhold: Callable[[], Reason | None],
    ) -> None:
        self._services = services
        self._conversation = conversation
        self._claim = claim
        self._withhold = withhold
        # Messages on conversation: reach chat alone; other sources get e-mail or SMS by way of
        # notification:, which is always sent as the user (PROTOCOL: a shout).
        self._on_conversation = (conversation.source or "chat") == "chat"
        self._via: Via = "conversation" if self._on_conversation else "notification"
        self._as_of = as_of
        self._as_user = not self._on_conversation or services.settings.reply.speak_as == "user"
        self._actions = ConversationActions(services, conversation)

    async def carry_out(self, plan: Plan) -> DeliveryResult:
        """Say the plan's text, then do its actions; without the text, no actions.

        A plan with consequences is kept before anything is sent, however long that takes.
        """
        if plan.has_consequences:
            store, kept = self._services.store, plan.to_json()
            await retry_while_away(lambda: store.checkpoint(self._claim, kept), what="checkpoint")
        receipt = await self._say(plan)
        if receipt.told in {DeliveryStatus.CONFIRMED, DeliveryStatus.NOTHING_TO_SAY}:
            await self.act(plan)
        return receipt

    async def suggest(self, plan: Plan) -> None:
        """Leave the plan's text to people, as a private note, and do nothing else."""
        await self._actions.leave_note(storable(f"{_SUGGESTION}\n\n{plan.text}"), plan)

    async def act(self, plan: Plan) -> None:
        """Do what is left of the plan once its text is known to be on the server."""
        if plan.text is not None:
            await self.undo_assignment()
        for action in plan.decision.actions[plan.done :]:
            await self._actions.act(action, plan)
            plan = plan.action_done()
            await self._keep(plan)
        await self._actions.mark_read(plan, via=self._via)

    async def undo_assignment(self) -> None:
        """Undo the assignment to us that a message with our user id brings with it.

        A conversation that is the bot's is one that people do not look for. Where the operator
        lets the bot speak as its own user, the assignment is what he asked for.
        """
        if self._as_user and self._services.settings.reply.speak_as != "user":
            await self._actions.undo_assignment(via=self._via)

    async def _keep(self, plan: Plan) -> None:
        """Note how far the plan has come. Without the note a resumed action is done again."""
        try:
            await self._services.store.checkpoint(self._claim, plan.to_json())
        except StateUnavailable as error:
            _log.warning("checkpoint.lost", error=str(error))

    async def _say(self, plan: Plan) -> DeliveryResult:
        """Send the text until it is known to be stored, or may not be sent any more."""
        if plan.text is None:
            return DeliveryResult(DeliveryStatus.NOTHING_TO_SAY)
        unheard = 0
        for attempt in count(1):
            receipt = await self._look_before(attempt, plan, unheard=unheard)
            if receipt is not None:
                return receipt
            if attempt > 1:
                self._services.metrics.reply_resent()
            echo = await self._send(plan)
            if isinstance(echo, Message):
                self._services.metrics.reply_confirmed()
                return DeliveryResult(DeliveryStatus.CONFIRMED, echo.id)
            _log.warning("reply.unconfirmed", why=echo.name.lower(), attempt=attempt)
            # Only what was lost on a good line counts: an outage is nothing to give up for.
            unheard += echo is NoEcho.LATE
        raise AssertionError("counting does not end")

    async def _look_before(
        self, attempt: int, plan: Plan, *, unheard: int
    ) -> DeliveryResult | None:
        """Wait until we can speak; return why we need not or may not, None where we shall."""
        while True:
            try:
                await self._ready_to_speak()
            except PushNotSent as error:
                refused = self._withhold() or Reason("refused", str(error))
                return DeliveryResult(DeliveryStatus.UNCONFIRMED, reason=refused)
            if attempt > 1 and (receipt := await self._look_on_server(plan)) is not None:
                return receipt
            if unheard >= self._services.settings.reply.max_attempts:
                text = f"sent {unheard} times, and the server stored none"
                return DeliveryResult(
                    DeliveryStatus.UNCONFIRMED, reason=Reason("unconfirmed", text)
                )
            if reason := self._withhold():
                return DeliveryResult(DeliveryStatus.WITHHELD, reason=reason)
            if self._services.connections == self._as_of:
                return None
            if attempt == 1:
                return DeliveryResult(DeliveryStatus.WITHHELD, reason=RECONNECTED)

    async def _ready_to_speak(self) -> None:
        """Wait until the topic is joined on which we speak, and all that is said is heard.

        Raises :class:`PushNotSent` where the server refuses us the conversation.
        """
        session = self._services.session
        while True:
            if self._on_conversation:
                await session.joined(self._conversation.id)
            if session.is_ready:
                return
            await asyncio.sleep(_LOOK_AGAIN)

    async def _look_on_server(self, plan: Plan) -> DeliveryResult | None:
        """Ask the server whether the reply is there, once nothing can be under way any more.

        None: it is not, and is wanted still.
        """
        self._as_of = self._services.connections
        await asyncio.sleep(self._services.settings.catch_up.settle_seconds)
        rest, id_ = self._services.rest, self._conversation.id
        try:
            conversation = await retry_while_away(
                lambda: rest.conversation(id_), what="conversation"
            )
        except NotFound:
            return DeliveryResult(DeliveryStatus.WITHHELD, reason=CHANGED)
        messages = conversation.messages
        if (reply := find_reply(messages, plan.message_ids)) is not None:
            return DeliveryResult(DeliveryStatus.CONFIRMED, reply.id)
        waiting = {message.id for message in unanswered(messages, self._services.identity)}
        if waiting.isdisjoint(plan.message_ids):
            return DeliveryResult(DeliveryStatus.WITHHELD, reason=PERSON)
        before = self._conversation
        if (before.status, before.assignee_id) != (conversation.status, conversation.assignee_id):
            return DeliveryResult(DeliveryStatus.WITHHELD, reason=CHANGED)
        return None

    async def _send(self, plan: Plan) -> Message | NoEcho:
        """Send once; return the stored message, or why there is none."""
        if self._on_conversation or self._services.session.is_on_duty:
            return await self._shout(plan)
        # Being on notification: is being seen, which off duty we are not to be.
        return await self._post(plan)

    async def _shout(self, plan: Plan) -> Message | NoEcho:
        session, last_message = self._services.session, plan.message_ids[-1]
        echo = self._services.echoes.expect(last_message)
        try:
            session.shout(
                self._conversation.id,
                self._words(plan),
                metadata=self._metadata(plan),
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
                self._conversation.id, self._words(plan), type="bot", metadata=self._metadata(plan)
            )
        except LoginRefused:
            raise
        except (TransportError, ApiError) as error:
            _log.warning("reply.not_written", error=str(error))
            return NoEcho.CONNECTION_LOST if is_away(error) else NoEcho.LATE

    async def _flush_out(self, echo: asyncio.Future[Message | NoEcho]) -> None:
        """Make sure that the shout is not under way any more.

        A line that stands still may carry it later, behind the one that we would send again. So
        either the server says that it has dealt with it, or the line is given up.
        """
        session = self._services.session
        try:
            await session.dealt_with(self._conversation.id, via=self._via)
        except PushTimedOut:
            session.reconnect()
            await echo
        except PushError:
            pass  # the channel or the line has gone, and the shout with it

    def _words(self, plan: Plan) -> str:
        """Return what is said. Only the chat window makes buttons of quick replies."""
        text, decision = plan.text or "", plan.decision
        if not self._on_conversation and isinstance(decision, Reply) and decision.quick_replies:
            text = "\n".join((f"{text}\n", *(f"- {one.text}" for one in decision.quick_replies)))
        return storable(text)

    def _metadata(self, plan: Plan) -> dict[str, object]:
        decision = plan.decision
        assert not isinstance(decision, Silence)  # noqa: S101 - a silent plan has no text to send
        metadata = mark(plan.message_ids, by=decision.by, source=decision.source)
        if isinstance(decision, Reply) and decision.quick_replies:
            metadata["quick_replies"] = [
                {"text": reply.text, "action": reply.action} for reply in decision.quick_replies
            ]
        return metadata


def storable(text: str) -> str:
    """Return ``text`` without what the server's PostgreSQL refuses (NUL), and JSON (half of a pair
    of surrogates): a language model may write anything."""
    return text.replace("\0", "").encode(errors="replace").decode()
