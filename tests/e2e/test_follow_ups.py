"""A follow-up is understood on real sockets, by the marks that the server keeps."""

from __future__ import annotations

from tests.support.stage import LiveStage, reply_to


async def test_a_follow_up_is_answered_by_what_was_said_before_it(stage: LiveStage) -> None:
    """Until the conversation is closed; the journal says how it was understood."""
    await stage.start_bot()
    customer = await stage.customer()
    await customer.shout("do you ship to Norway?")
    await reply_to(customer)
    assert (await stage.outcome()).source == "shipping-norway"

    await customer.shout("and how much does that cost?")
    reply = await reply_to(customer)
    record = await stage.outcome()
    assert (record.outcome, record.source) == ("replied", "shipping-cost")
    assert reply.metadata is not None
    assert reply.metadata["agentbot"]["source"] == "shipping-cost"
    step = record.decision["trace"][0]
    assert step["name"] == "context"
    assert "How much does ship Norway cost?" in step["reason"]["text"]

    await stage.ann_updates(customer.conversation_id, status="closed")
    await customer.shout("and how much does that cost?")
    await reply_to(customer)
    record = await stage.outcome()
    assert all(one["name"] != "context" for one in record.decision["trace"])
