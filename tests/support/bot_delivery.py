"""One plan to carry out, for the tests of ``bot/delivery/delivery.py``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from agentbot.bot.delivery.delivery import Delivery
from agentbot.bot.delivery.plan import Plan
from agentbot.bot.delivery.result import DeliveryResult
from agentbot.bot.objections import Objection
from agentbot.bot.proof import mark
from agentbot.pipeline.decision import AddTag, Decision, QuickReply
from agentbot.state.store import Claim
from tests.support.bot_parts import Parts, perform

TAGS = (AddTag("one"), AddTag("two"))

BUTTONS = (QuickReply("Yes, please", "yes"), QuickReply("No", "no"))


class Delivering:
    """A claimed turn of one message, whose conversation the bot has read."""

    def __init__(self, parts: Parts, *, source: str) -> None:
        self.parts = parts
        self.server = parts.account.server
        self.faults = parts.account.server.faults
        self.visitor = parts.visitor(source=source)
        self.asked = self.visitor.write(heard=False)
        self.objections: list[Objection | None] = []
        self.assignees: list[int | None] = []

    async def prepare(self) -> None:
        """Claim the turn."""
        claim = await self.parts.services.leases.claim(
            self.visitor.id, (self.asked.id,), on_lost=lambda: None
        )
        assert isinstance(claim, Claim)
        self.claim = claim

    async def delivery(self, **changes: Any) -> Delivery:
        """Return the delivery, with the conversation as it is now but for ``changes``."""
        conversation = await self.parts.rest.conversation(self.visitor.id)
        return Delivery(
            self.parts.services,
            conversation.model_copy(update=changes),
            self.claim,
            as_of=self.parts.services.current.connections,
            objection=self._objection,
            heard_assignees=lambda: self.assignees,
        )

    async def deliver(self, decision: Decision, **changes: Any) -> DeliveryResult:
        """Carry a decision out."""
        return await (await self.delivery(**changes)).carry_out(self.plan(decision))

    def plan(self, decision: Decision, *, done: int = 0) -> Plan:
        """Return the turn's plan."""
        return Plan((self.asked.id,), decision, done)

    def in_seconds(self, seconds: float, do: Callable[[], object]) -> None:
        """Let something happen by then."""
        asyncio.get_running_loop().call_later(seconds, do)

    def arrive(self) -> None:
        """Let a copy of the text arrive on the server, late, that nobody hears of."""
        self.server.store.add_message(
            {
                "account_id": self.parts.account.account.id,
                "conversation_id": self.visitor.id,
                "body": "Hello!",
                "type": "bot",
                "metadata": mark((self.asked.id,), by="rule", source="greeting"),
            }
        )

    @property
    def texts(self) -> list[str | None]:
        """What the customer was told."""
        return [message.body for message in self.visitor.said]

    @property
    def tags(self) -> set[str]:
        """The conversation's tags."""
        return {self.server.store.tags[id_].name for id_ in self.visitor.conversation.tag_ids}

    def _objection(self) -> Objection | None:
        return self.objections.pop(0) if self.objections else None


def deliver(
    story: Callable[[Delivering], Awaitable[None]], *, source: str = "chat", **options: Any
) -> None:
    """Play a story of one delivery."""

    async def main(parts: Parts) -> None:
        delivering = Delivering(parts, source=source)
        await delivering.prepare()
        await story(delivering)

    perform(main, **options)
