"""Tags, assignment, notes and receipts, against a devserver in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from structlog.testing import capture_logs

from agentbot.bot.delivery.actions import ConversationActions
from agentbot.bot.delivery.plan import Plan
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


class Acting:
    """An agent on duty, and a customer's conversation that they have just read."""

    def __init__(self, account: VirtualAccount, agent: Agent, conversation: Conversation) -> None:
        self.account = account
        self.agent = agent
        self.conversation = conversation

    async def actions(self) -> ConversationActions:
        """Return what acts on the conversation, as it is now."""
        settings = Settings()
        return ConversationActions(
            await self.agent.rest.conversation(self.conversation.id),
            session=self.agent.session,
            rest=self.agent.rest,
            receipts=settings.receipts,
            settle_seconds=settings.catch_up.settle_seconds,
        )

    async def write_mail(self) -> None:
        """Write as an e-mail is written: the first one assigns the conversation to us."""
        session = self.agent.session
        session.shout(self.conversation.id, "Hi", via="notification")
        await session.dealt_with(self.conversation.id, via="notification")


def perform(story: Callable[[Acting], Awaitable[None]]) -> None:
    """Run a story."""

    async def main() -> None:
        account = VirtualAccount()
        async with Agent(account, account.rest()) as agent, account.customer() as customer:
            conversation = account.server.store.conversations[customer.conversation_id]
            await story(Acting(account, agent, conversation))

    run_virtual(main())


def test_an_assignment_that_our_message_has_brought_is_undone() -> None:
    """People do not look for what is the bot's."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await acting.write_mail()
        assert acting.conversation.assignee_id == acting.account.bot.id
        await actions.undo_assignment(via="notification")
        assert acting.conversation.assignee_id is None

    perform(story)


def test_a_person_who_takes_the_conversation_meanwhile_keeps_it() -> None:
    """Only what is assigned to us is given back."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await acting.write_mail()
        acting.conversation.assignee_id = acting.account.ann.id
        await actions.undo_assignment(via="notification")
        await actions.suggest("For Ann", PLAN)
        assert acting.conversation.assignee_id == acting.account.ann.id

    perform(story)


def test_a_note_after_an_assignment_leaves_it_to_whom_it_went() -> None:
    """A note assigns to us, as any first message does; the plan's own word stands."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await actions.act(Assign("Ann@Example.com"), PLAN)
        await actions.act(Note("Please call back."), PLAN)
        assert acting.conversation.assignee_id == acting.account.ann.id
        assert not acting.conversation.read

    perform(story)


def test_what_our_reply_makes_unread_is_read_afterwards() -> None:
    """The server does that after the echo, and in its own time."""

    async def story(acting: Acting) -> None:
        id_, session = acting.conversation.id, acting.agent.session
        actions = await acting.actions()
        await session.joined(id_)
        acting.conversation.read = True
        acting.account.server.faults.slow_shout(settle=1.0)
        session.shout(id_, "Bye")
        await acting.agent.saw(events.MessageReceived)
        await actions.mark_read(CLOSING, via="conversation")
        await asyncio.sleep(2)
        assert acting.conversation.read

    perform(story)


def test_what_is_closed_off_duty_is_marked_read_all_the_same() -> None:
    """Off duty the agents' topic, where the receipt belongs, is not joined."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        acting.agent.session.set_present(False)
        await actions.mark_read(CLOSING, via="conversation")
        assert acting.conversation.read

    perform(story)


def test_what_is_gone_stops_nothing() -> None:
    """The conversation was deleted once the answer had left: that is said, and no more."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await acting.write_mail()
        del acting.account.server.store.conversations[acting.conversation.id]
        await actions.undo_assignment(via="notification")
        await actions.act(Close(), CLOSING)
        await actions.mark_read(CLOSING, via="conversation")

    with capture_logs() as said:
        perform(story)
    events = {line["event"] for line in said}
    assert events >= {"assignment.not_undone", "action.failed", "conversation.not_read"}
