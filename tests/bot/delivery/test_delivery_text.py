"""What a delivery says, and as whom: text, buttons, mark and assignment, in chats and by e-mail."""

from __future__ import annotations

import pytest

from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.bot.delivery.text import storable
from agentbot.bot.proof import mark
from agentbot.pipeline.decision import AddTag, Decision
from tests.support.bot_delivery import BUTTONS, Delivering, deliver
from tests.support.bot_parts import handoff, reply
from tests.support.virtual_time import now


def test_a_text_is_confirmed_by_its_echo() -> None:
    """Under the company's name, on the conversation's own topic, with our mark on it."""

    async def story(it: Delivering) -> None:
        began = now()
        result = await it.deliver(reply("Hello!"))
        [said] = it.visitor.said
        assert result == DeliveryResult(DeliveryStatus.CONFIRMED, said.id)
        assert (said.body, said.user_id) == ("Hello!", None)
        assert said.metadata == mark((it.asked.id,), by="rule", source="greeting")
        assert it.visitor.conversation.assignee_id is None
        assert it.parts.metric("replies_confirmed_total") == 1
        assert it.parts.metric("replies_resent_total") == 0
        assert now() - began < 0.1

    deliver(story)


def test_all_sources_stand_in_the_mark() -> None:
    """As they are, for customers can read them."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply("Hello!", by="llm", source="a", sources=("a", "page/b#c")))
        [said] = it.visitor.said
        assert said.metadata == mark(
            (it.asked.id,), by="llm", source="a", sources=("a", "page/b#c")
        )

    deliver(story)


def test_a_conversation_without_a_source_is_a_chat() -> None:
    """Old rows have none."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply(), source=None)
        assert [one.user_id for one in it.visitor.said] == [None]

    deliver(story)


def test_an_email_is_answered_as_the_user_and_stays_nobodys() -> None:
    """Only a shout on notification: goes out as an e-mail; the assignment it brings is undone."""

    async def story(it: Delivering) -> None:
        bot = it.parts.account.bot
        assigned: list[int | None] = []
        it.parts.store.on_asked["checkpoint"] = lambda: assigned.append(
            it.visitor.conversation.assignee_id
        )
        result = await it.deliver(reply("Hello!", actions=(AddTag("mail"),)))
        assert result.status is DeliveryStatus.CONFIRMED
        assert [one.user_id for one in it.visitor.said] == [bot.id]
        assert it.visitor.conversation.first_replied_at is not None, "it was assigned"
        assert it.visitor.conversation.assignee_id is None
        assert assigned == [None, None]

    deliver(story, source="email")


def test_who_speaks_as_the_user_keeps_the_assignment() -> None:
    """The operator wants it."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply())
        bot = it.parts.account.bot
        assert [one.user_id for one in it.visitor.said] == [bot.id]
        assert it.visitor.conversation.assignee_id == bot.id

    for source in ("chat", "email"):
        deliver(story, source=source, reply={"speak_as": "user"})


def test_what_is_said_under_the_companys_name_undoes_nothing() -> None:
    """No assignment comes with it: one that is there is somebody's will."""

    async def story(it: Delivering) -> None:
        it.visitor.conversation.assignee_id = it.parts.account.bot.id
        await it.deliver(reply())
        assert it.visitor.conversation.assignee_id == it.parts.account.bot.id

    deliver(story)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("chat", "Sure?"),
        ("email", "Sure?\n\n- Yes, please\n- No"),
        ("sms", "Sure?\n\n- Yes, please\n- No"),
    ],
)
def test_quick_replies_are_written_out_where_there_are_no_buttons(source: str, text: str) -> None:
    """The chat window makes buttons of what stands in the metadata."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply("Sure?", quick_replies=BUTTONS))
        [said] = it.visitor.said
        assert said.body == text
        assert said.metadata is not None
        assert said.metadata["quick_replies"] == [
            {"text": "Yes, please", "action": "yes"},
            {"text": "No", "action": "no"},
        ]

    deliver(story, source=source)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Which?\n\n- Yes, please", "Which?\n\n- Yes, please\n- No"),
        ("Which?\n\n- No\n- Yes, please", "Which?\n\n- No\n- Yes, please"),
    ],
)
def test_what_the_text_lists_is_not_listed_again(text: str, said: str) -> None:
    """The list goes on with what is missing."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply(text, quick_replies=BUTTONS))
        assert [one.body for one in it.visitor.said] == [said]

    deliver(story, source="email")


@pytest.mark.parametrize("decision", [reply("Sure?"), handoff("Sure?")])
def test_no_buttons_are_made_of_none(decision: Decision) -> None:
    """Neither in the text nor in the metadata."""

    async def story(it: Delivering) -> None:
        await it.deliver(decision)
        [said] = it.visitor.said
        assert said.body == "Sure?"
        assert set(said.metadata or {}) == {"agentbot"}

    for source in ("chat", "email"):
        deliver(story, source=source)


@pytest.mark.parametrize(
    ("text", "stored"),
    [("Hei på deg \N{WAVING HAND SIGN}\n", None), ("a\0b", "ab"), ("a\ud83d!", "a?!"), ("", None)],
)
def test_a_text_that_cannot_be_stored_is_mended(text: str, stored: str | None) -> None:
    """Otherwise the server would crash on it, again and again, and the customer hear nothing."""
    assert storable(text) == (text if stored is None else stored)


def test_what_is_said_is_mended_first() -> None:
    """A language model may write anything."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply("a\0b"))
        assert it.texts == ["ab"]

    deliver(story)
