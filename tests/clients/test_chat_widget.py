"""``@papercups-io/chat-widget``, with its window in an iframe, shows each answer once."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from agentbot.config import Settings
from tests.clients.shop import visit
from tests.support.browser import NEEDS_CHROMIUM
from tests.support.folders import DEFAULT
from tests.support.stage import LiveStage

pytestmark = [NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="package")]

NORWAY = "Do you ship to Norway?"


async def test_a_conversation_outlives_a_reload(
    browser: Browser, shop: str, stage: LiveStage
) -> None:
    """A fresh visitor's window joins twice, and shows the one answer; a reload shows it again."""
    # With the real first delay: the window would overwrite an answer that comes sooner.
    await stage.start_bot(Settings(prompts_dir=DEFAULT))
    async with visit(browser, shop, "widget", stage) as visitor:
        await expect(visitor.availability).to_have_text("We're online")
        await visitor.ask(NORWAY)
        await expect(visitor.bubbles("we ship to Norway!")).to_have_count(1)
        assert visitor.joins() == 2

        await visitor.page.reload()
        await expect(visitor.bubbles("we ship to Norway!")).to_have_count(1)
        await expect(visitor.quick_replies).to_have_count(2)
        [conversation] = stage.server.store.conversations.values()
        await stage.ann_says(conversation.id, "Ann here.")
        await expect(visitor.bubbles("Ann here.")).to_have_count(1)
        assert [one.type for one in conversation.messages] == ["reply", "bot", "reply"]
