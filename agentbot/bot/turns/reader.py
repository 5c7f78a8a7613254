"""Where a turn's conversation comes from: what is known of it already, or the server."""

from __future__ import annotations

from agentbot.bot.delivery.plan import Plan
from agentbot.bot.marks import with_marks
from agentbot.bot.services import Services
from agentbot.bot.transcript import Transcript
from agentbot.bot.turns.mailbox import LIVE, Mailbox
from agentbot.errors import NotFound
from agentbot.papercups.models import Conversation
from agentbot.state.store import Claim


class TurnReader:
    """The source of the conversation for one attempt at a turn, each time that it is taken.

    ``as_of`` is ``Current.connections`` from before it was got last: what was said while nobody
    listened stands in nothing that is older.
    """

    def __init__(self, mailbox: Mailbox, services: Services) -> None:
        self._mailbox = mailbox
        self._services = services
        self._is_first = True
        self.as_of = services.current.connections

    async def get(self, claim: Claim, begun: Plan | None) -> Conversation | None:
        """Return the conversation, what was heard since included; None: it is not there any more.

        ``begun`` is what has been begun for the claim's messages and is not settled.
        """
        self.as_of = self._services.current.connections
        conversation = self._known(claim) or await self._read(begun)
        if conversation is None:
            return None
        transcript = Transcript.of(conversation.messages)
        for pending in self._mailbox.pending:
            if pending.message.id not in transcript.proof.by_id:
                transcript = transcript.plus(pending.message)
        if conversation.messages is transcript:
            return conversation
        return conversation.model_copy(update={"messages": transcript})

    def _known(self, claim: Claim) -> Conversation | None:
        """Return the conversation as it is known without asking, where that is good enough.

        It is for a turn under its first claim, all of which was heard as it was written. What is
        taken anew has seen something come up, and looks for itself.
        """
        services, mailbox = self._services, self._mailbox
        is_plain = self._is_first and claim.attempt == 1 and claim.plan is None
        self._is_first = False
        if (
            not is_plain
            or not services.session.is_on_duty
            or services.current.pipeline.prompts.rests_on_tags
            or any(pending.path != LIVE for pending in mailbox.pending)
        ):
            return None
        known = services.conversations.mirror.get(mailbox.conversation_id)
        services.metrics.conversation_taken("server" if known is None else "mirror")
        return known

    async def _read(self, begun: Plan | None) -> Conversation | None:
        """Return the conversation as the server has it, and note what the customer has seen."""
        services = self._services
        try:
            conversation = await services.conversations.read(self._mailbox.conversation_id)
        except NotFound:
            return None
        conversation = await with_marks(services, conversation, begun.message_ids if begun else ())
        await services.receipts.look(conversation)
        return conversation
