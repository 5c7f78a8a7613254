"""Tags, assignment, notes and receipts, against a devserver in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import cast

from structlog.testing import capture_logs

from agentbot.bot.delivery.actions import ConversationActions
from agentbot.bot.delivery.plan import Plan
from agentbot.bot.services import Services
from agentbot.config import Settings
from agentbot.devserver.store.records import Conversation
from agentbot.papercups import events
from agentbot.pipeline.decision import Assign, Close, Note, Reason, Reply
from tests.support.virtual_account import Agent, VirtualAccount
from tests.support.virtual_time import run_virtual

PLAN = Plan(("m1",), Reply(reason=Reason("test", "test"), text="Hi", by="rule", source="r"))
CLOSING = Plan(
    ("m1",),
    Reply(reason=Reason("test", "test"), text="Bye", by="rule", source="r", actions=(Close(),)),
)


class Scene:
    """An agent on duty, and a customer's conversation that he has just read."""

    def __init__(self, account: VirtualAccount, agent: Agent, conversation: Conversation) -> None:
        self.account = account
        self.agent = agent
        self.conversation = conversation

    async def triage(self) -> ConversationActions:
        """Return what sorts the conversation, as it is now."""
        parts = SimpleNamespace(
            session=self.agent.session, rest=self.agent.rest, settings=Settings()
        )
        read = await self.agent.rest.conversation(self.conversation.id)
        return ConversationActions(cast("Services", parts), read)

    async def write_mail(self) -> None:
        """Write as an e-mail is written: the first one assigns the conversation to us."""
        session = self.agent.session
        session.shout(self.conversation.id, "Hi", via="notification")
        await session.dealt_with(self.conversation.id, via="notification")


def perform(story: Callable[[Scene], Awaitable[None]]) -> None:
    """Run a story."""

    async def main() -> None:
        account = VirtualAccount()
        async with Agent(account, account.rest()) as agent, account.customer() as customer:
            conversation = account.server.store.conversations[customer.conversation_id]
            await story(Scene(account, agent, conversation))

    run_virtual(main())


def test_an_assignment_that_our_message_has_brought_is_undone() -> None:
    """People do not look for what is the bot's."""

    async def story(scene: Scene) -> None:
        triage = await scene.triage()
        await scene.write_mail()
        assert scene.conversation.assignee_id == scene.account.bot.id
        await triage.undo_assignment(via="notification")
        assert scene.conversation.assignee_id is None

    perform(story)


def test_a_person_who_takes_the_conversation_meanwhile_keeps_it() -> None:
    """Only what is assigned to us is given back."""

    async def story(scene: Scene) -> None:
        triage = await scene.triage()
        await scene.write_mail()
        scene.conversation.assignee_id = scene.account.ann.id
        await triage.undo_assignment(via="notification")
        await triage.leave_note("For Ann", PLAN)
        assert scene.conversation.assignee_id == scene.account.ann.id

    perform(story)


def test_a_note_after_an_assignment_leaves_it_to_whom_it_went() -> None:
    """A note assigns to us, as any first message does; the plan's own word stands."""

    async def story(scene: Scene) -> None:
        triage = await scene.triage()
        await triage.act(Assign("Ann@Example.com"), PLAN)
        await triage.act(Note("Please call back."), PLAN)
        assert scene.conversation.assignee_id == scene.account.ann.id
        assert not scene.conversation.read

    perform(story)


def test_what_our_reply_makes_unread_is_read_afterwards() -> None:
    """The server does that after the echo, and in its own time."""

    async def story(scene: Scene) -> None:
        id_, session = scene.conversation.id, scene.agent.session
        triage = await scene.triage()
        await session.joined(id_)
        scene.conversation.read = True
        scene.account.server.faults.work(settle=1.0)
        session.shout(id_, "Bye")
        await scene.agent.saw(events.MessageReceived)
        await triage.mark_read(CLOSING, via="conversation")
        await asyncio.sleep(2)
        assert scene.conversation.read

    perform(story)


def test_what_is_closed_off_duty_is_marked_read_all_the_same() -> None:
    """Off duty the agents' topic, where the receipt belongs, is not joined."""

    async def story(scene: Scene) -> None:
        triage = await scene.triage()
        scene.agent.session.set_present(False)
        await triage.mark_read(CLOSING, via="conversation")
        assert scene.conversation.read

    perform(story)


def test_what_is_gone_stops_nothing() -> None:
    """The conversation was deleted once the answer had left: that is said, and no more."""

    async def story(scene: Scene) -> None:
        triage = await scene.triage()
        await scene.write_mail()
        del scene.account.server.store.conversations[scene.conversation.id]
        await triage.undo_assignment(via="notification")
        await triage.act(Close(), CLOSING)
        await triage.mark_read(CLOSING, via="conversation")

    with capture_logs() as said:
        perform(story)
    events = {line["event"] for line in said}
    assert events >= {"assignment.not_undone", "action.failed", "conversation.not_read"}
