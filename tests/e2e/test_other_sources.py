"""Conversations by e-mail, or another way than the chat, are answered in that way, once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.support.stage import LiveStage, eventually, reply_to

NORWAY = "Do you ship to Norway?"


async def test_what_a_chat_window_makes_buttons_of_is_written_out(stage: LiveStage) -> None:
    """A mail has no buttons."""
    await stage.start_bot()
    customer = await stage.customer()
    stage.conversation(customer).source = "email"
    await customer.shout(NORWAY)
    reply = await reply_to(customer)
    await stage.outcome()
    assert (reply.body or "").endswith(
        "\n\n- How do I track my order?\n- What is your return policy?"
    )


async def test_off_duty_an_email_is_answered_without_being_seen(
    stage: LiveStage, tmp_path: Path
) -> None:
    """What would go by the agents' topic, which shows who is on it, is written over REST."""
    await stage.start_bot_off_duty(tmp_path)
    customer = await stage.customer()
    stage.conversation(customer).source = "email"
    await customer.shout(NORWAY)
    record = await stage.outcome()
    assert record.outcome == "replied"
    [reply] = stage.replies(customer)
    assert (reply.id, reply.user_id) == (record.reply_id, stage.bot_user.id)
    assert stage.online() == set()
    conversation = stage.conversation(customer)
    assert conversation.assignee_id is None
    assert not conversation.read


async def test_a_reply_that_went_out_by_gmail_is_known_without_the_state(stage: LiveStage) -> None:
    """Papercups writes Gmail's metadata over the mark: the reply is known all the same."""
    customer = await stage.customer()
    stage.conversation(customer).source = "email"
    await customer.shout(NORWAY)
    await eventually(lambda: stage.server.store.messages)
    bot = await stage.start_bot()
    await reply_to(customer)
    await stage.outcome()
    [reply] = stage.replies(customer)
    reply.metadata = {"gmail_message_id": "<1@mail.gmail.com>"}
    for message in stage.server.store.messages.values():
        # What comes in the same second as a reply without its mark counts as answered by it.
        message.created_at -= timedelta(seconds=10)
    await bot.drain()
    await stage.start_bot()
    await customer.shout("thank you!")
    await reply_to(customer)
    record = await stage.outcome()
    assert len(record.message_ids) == 1
    assert len(stage.replies(customer)) == 2
