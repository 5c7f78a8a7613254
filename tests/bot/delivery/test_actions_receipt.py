"""The agents' receipt: what nobody need look at is marked read, as the settings have it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from agentbot.bot.delivery.plan import Plan
from agentbot.papercups import events
from agentbot.pipeline.decision import Action, AddTag, Close, Decision
from tests.support.bot_actions import CLOSING, Acting, act
from tests.support.bot_parts import handoff, reply, silence


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize("setting", ["never", "when_closed", "always"])
@pytest.mark.parametrize(
    "decision",
    [reply(), handoff(), silence()],
    ids=["reply", "handoff", "silence"],
)
def test_what_nobody_need_look_at_is_marked_read(
    decision: Decision,
    setting: str,
    closes: bool,  # noqa: FBT001 - a column
) -> None:
    """After a reply of ours alone, as the settings have it."""
    actions: tuple[Action, ...] = (AddTag("x"), Close()) if closes else (AddTag("x"),)
    plan = Plan(("m1",), type(decision)(**{**fields(decision), "actions": actions}))
    is_read = (
        plan.text == "Hello!" and {"never": False, "when_closed": closes, "always": True}[setting]
    )

    async def story(acting: Acting) -> None:
        await acting.session.joined(acting.conversation.id)
        acting.conversation.status = "closed" if closes else "open"
        await (await acting.actions()).mark_read(plan, via="conversation")
        assert acting.conversation.read is is_read

    act(story, receipts={"read": setting})


def fields(decision: Decision) -> dict[str, Any]:
    """Return a decision's fields."""
    return {name: getattr(decision, name) for name in type(decision).__dataclass_fields__}


def test_what_our_reply_makes_unread_is_read_afterwards() -> None:
    """The server does that after the echo, and in its own time."""

    async def story(acting: Acting) -> None:
        id_, session = acting.conversation.id, acting.session
        actions = await acting.actions()
        await session.joined(id_)
        acting.conversation.read = True
        acting.conversation.status = "closed"
        acting.server.faults.slow_shout(settle=1.0)
        session.shout(id_, "Bye")
        await acting.parts.until(lambda: acting.parts.count(events.MessageReceived))
        await actions.mark_read(CLOSING, via="conversation")
        await asyncio.sleep(2)
        assert acting.conversation.read
        assert not any(one.startswith("PUT") for one in acting.parts.network.asked)

    act(story)


def test_what_is_closed_off_duty_is_marked_read_all_the_same() -> None:
    """Off duty the agents' topic, where the receipt belongs, is not joined."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        acting.session.set_present(False)
        acting.conversation.status = "closed"
        await actions.mark_read(CLOSING, via="conversation")
        assert acting.conversation.read

    act(story)


def test_what_is_open_again_is_not_marked_read() -> None:
    """The server has dealt with the customer's message only after we had closed over it."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        acting.session.set_present(False)
        with capture_logs() as logged:
            await actions.mark_read(CLOSING, via="conversation")
        assert not acting.conversation.read
        [line] = logged
        assert (line["event"], line["action"]) == ("action.skipped", "read")
        assert line["reason"].startswith("opened: ")

    act(story)


def test_what_is_opened_while_it_is_marked_read_is_unread_again() -> None:
    """A second look sees it."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        acting.session.set_present(False)
        acting.conversation.status = "closed"

        def open_it(request: httpx2.Request) -> bool:
            if request.method == "PUT":
                acting.conversation.status = "open"
            return False

        acting.parts.network.is_cut = open_it
        await actions.mark_read(CLOSING, via="conversation")
        assert not acting.conversation.read

    act(story)
