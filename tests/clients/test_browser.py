"""``@papercups-io/browser``, on which the other clients stand, gets what it should."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.clients.shop import visit
from tests.support.browser import NEEDS_CHROMIUM
from tests.support.stage import LiveStage, eventually

pytestmark = [NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="package")]

NORWAY = "Do you ship to Norway?"


async def test_messages_presence_and_receipts(
    browser: Browser, shop: str, stage: LiveStage
) -> None:
    """It hears its echo, the bot and Ann, knows who is online, and says what it has seen."""
    await stage.start_bot()
    async with visit(browser, shop, "headless", stage) as visitor:
        page = visitor.page
        await page.wait_for_function("() => seen.agents.length")
        await page.evaluate("body => client.sendNewMessage({ body })", NORWAY)
        await page.wait_for_function("() => seen.received.length === 2")
        seen: dict[str, Any] = await page.evaluate("() => seen")
        echo, answer = seen["received"]
        [conversation] = stage.server.store.conversations.values()
        assert seen["agents"] == [f"user:{stage.bot_user.id}"]
        assert (seen["customer"], seen["conversation"]) == (
            conversation.customer_id,
            conversation.id,
        )
        assert (echo["body"], echo["customer_id"]) == (NORWAY, conversation.customer_id)
        assert (answer["type"], answer["user_id"]) == ("bot", None)
        assert answer["metadata"]["agentbot"]["in_reply_to"] == echo["id"]
        assert seen["messages"] == [echo["body"], answer["body"]]

        await stage.ann_says(conversation.id, "Ann here.")
        await page.wait_for_function("() => seen.received.length === 3")
        anns = conversation.messages[-1]
        assert anns.seen_at is None
        await page.evaluate("() => client.markMessagesAsSeen()")
        await eventually(lambda: anns.seen_at is not None)


async def test_a_known_customer_is_found_again(
    browser: Browser, shop: str, stage: LiveStage
) -> None:
    """Who says in a second browser who they are is the same customer, with their conversation."""
    identify = "() => client.identify('v-1', { name: 'Vera', email: 'vera@example.com' })"
    async with visit(browser, shop, "headless", stage) as visitor:
        await visitor.page.evaluate(identify)
        await visitor.page.evaluate("() => client.sendNewMessage({ body: 'Hello' })")
        await eventually(lambda: stage.server.store.messages)
    async with visit(browser, shop, "headless", stage) as visitor:
        await visitor.page.evaluate(identify)
        await visitor.page.evaluate("() => client.fetchLatestConversation()")
        seen: dict[str, Any] = await visitor.page.evaluate("() => seen")
    assert seen["messages"] == ["Hello"]
    assert [seen["customer"]] == list(stage.server.store.customers)
