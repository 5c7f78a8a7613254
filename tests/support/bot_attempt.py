"""One attempt at a claimed turn, for the tests of ``bot/turns/attempt.py``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from agentbot.bot.proof import mark
from agentbot.bot.turns.attempt import TurnAttempt
from agentbot.bot.turns.mailbox import LIVE, Mailbox
from agentbot.devserver.store import records
from agentbot.papercups import events
from agentbot.papercups.models import Message
from agentbot.pipeline.decision import Decision
from agentbot.pipeline.turn import Turn
from agentbot.state.store import Claim, TurnRecord
from tests.support.bot_parts import Parts, perform
from tests.support.virtual_time import now


class Attempting:
    """A conversation whose customer has the chat window open, and one attempt at its turn."""

    def __init__(self, parts: Parts, *, source: str) -> None:
        self.parts = parts
        self.server = parts.account.server
        self.faults = parts.account.server.faults
        self.ann = parts.account.ann
        self.bot = parts.account.bot
        self.visitor = parts.visitor(source=source)
        self.visitor.open_window()
        self.mailbox = Mailbox(self.visitor.id)
        self._hear_all = parts.hear
        parts.hear = self._on_events

    def _on_events(self, happened: Sequence[events.Event]) -> None:
        """Hear whose the conversation is; what else is heard, each story says itself."""
        self._hear_all(happened)
        for event in happened:
            if isinstance(event, events.ConversationUpdated):
                self.mailbox.held_by(event.updates.assignee_id)

    async def hear(self, body: str = "Hi?", *, path: str = LIVE) -> records.Message:
        """Write, and hear it, or find it."""
        record = self.visitor.write(body, heard=False)
        self.mailbox.hear(await self.parts.message(record), path=path)
        return record

    async def claim(self, *message_ids: str) -> Claim:
        """Claim these messages, or all that are heard."""
        claim = await self.parts.services.leases.claim(
            self.visitor.id, message_ids or self.mailbox.pending_ids, on_lost=self.mailbox.wake
        )
        assert isinstance(claim, Claim)
        return claim

    async def run(self, claim: Claim | None = None) -> None:
        """Make one attempt; nothing takes longer than some minutes."""
        attempt = TurnAttempt(self.mailbox, self.parts.services, claim or await self.claim())
        async with asyncio.timeout(600):
            await attempt.run()

    async def outcome(self, claim: Claim | None = None) -> TurnRecord:
        """Make one attempt, which settles its turn; return the one record."""
        before = len(self.parts.settled)
        await self.run(claim)
        [record] = self.parts.settled[before:]
        return record

    def in_seconds(self, seconds: float, do: Callable[[], object]) -> None:
        """Let something happen by then."""
        asyncio.get_running_loop().call_later(seconds, do)

    def hear_in(self, seconds: float, body: str = "And?") -> None:
        """Let the customer write, and be heard, by then."""

        def write() -> None:
            record = self.visitor.write(body, heard=False)
            self.mailbox.hear(as_heard(record), path=LIVE)

        self.in_seconds(seconds, write)

    def person_in(self, seconds: float) -> None:
        """Let a person answer, and be heard, by then."""

        def write() -> None:
            self.mailbox.person_wrote(as_heard(self.visitor.is_answered_by(self.ann)))

        self.in_seconds(seconds, write)

    def answer(self, *message_ids: str, body: str = "Hello!") -> records.Message:
        """Have a bot's answer to these messages on the server, unheard."""
        return self.server.store.add_message(
            {
                "account_id": self.parts.account.account.id,
                "conversation_id": self.visitor.id,
                "body": body,
                "type": "bot",
                "metadata": mark(message_ids, by="rule", source="greeting"),
            }
        )

    @property
    def texts(self) -> list[str | None]:
        """What the customer was told."""
        return [message.body for message in self.visitor.said]

    @property
    def answered(self) -> list[Any]:
        """The marks of what the customer was told."""
        return [(message.metadata or {})["agentbot"] for message in self.visitor.said]

    @property
    def turns(self) -> list[list[str]]:
        """The texts of each turn that was decided."""
        return [[one.text for one in turn.messages] for turn in self.parts.responder.turns]

    @property
    def tags(self) -> set[str]:
        """The conversation's tags."""
        return {self.server.store.tags[id_].name for id_ in self.visitor.conversation.tag_ids}


def as_heard(record: records.Message) -> Message:
    """Return a message as a shout brings it."""
    return Message(
        id=record.id,
        conversation_id=record.conversation_id,
        created_at=record.created_at,
        body=record.body,
        customer_id=record.customer_id,
        user_id=record.user_id,
    )


def attempt(
    story: Callable[[Attempting], Awaitable[None]],
    *,
    source: str = "chat",
    delay: float = 0.0,
    speak_as: str = "account",
    **options: Any,
) -> None:
    """Play a story of one attempt; a fresh visitor's first reply waits for ``delay`` seconds."""

    async def main(parts: Parts) -> None:
        renewing = asyncio.create_task(parts.services.leases.run())
        await story(Attempting(parts, source=source))
        renewing.cancel()

    perform(main, reply={"first_delay_seconds": delay, "speak_as": speak_as}, **options)


def took(began: float) -> float:
    """Return the seconds since then, to a tenth."""
    return round(now() - began, 1)


class Stalled:
    """A script that never decides, and knows whether it was given up."""

    def __init__(self) -> None:
        self.given_up = 0

    async def __call__(self, _turn: Turn) -> Decision:
        """Never return."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        raise AssertionError


def unseen(it: Attempting) -> records.Message:
    """Have an older message of an agent's in the conversation, which the customer has not seen."""
    return it.server.store.add_message(
        {
            "account_id": it.parts.account.account.id,
            "conversation_id": it.visitor.id,
            "body": "Welcome!",
            "user_id": it.bot.id,
            "type": "bot",
        }
    )
