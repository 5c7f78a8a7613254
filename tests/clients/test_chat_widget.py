"""``@papercups-io/chat-widget``, its window in an iframe: a whole conversation, said once each."""

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
TRACKING = "How do I track my order?"
HUMAN = "I'd like to talk to a human"


async def test_a_conversation_from_the_first_word_to_the_last(
    browser: Browser, shop: str, stage: LiveStage
) -> None:
    """Asked, clicked, reloaded, handed over, answered by a person, cut off, and asked again."""
    # With the real first delay: the window would overwrite an answer that comes sooner.
    await stage.start_bot(Settings(prompts_dir=DEFAULT))
    async with visit(browser, shop, "widget", stage) as visitor:
        await expect(visitor.availability).to_have_text("We're online")
        await visitor.ask(NORWAY)
        await expect(visitor.bubbles("we ship to Norway!")).to_have_count(1)
        assert visitor.joins() == 2  # a fresh visitor's window leaves, and comes back

        await visitor.quick_replies.get_by_text(TRACKING).click()
        await expect(visitor.bubbles("You can follow your order under")).to_have_count(1)
        await expect(visitor.chat.get_by_role("link", name="My orders")).to_have_count(1)

        await visitor.page.reload()
        await expect(visitor.bubbles("we ship to Norway!")).to_have_count(1)
        await expect(visitor.bubbles("You can follow your order under")).to_have_count(1)
        await expect(visitor.bubbles(NORWAY)).to_have_count(1)

        await visitor.ask(HUMAN)
        await expect(visitor.bubbles("Of course.")).to_have_count(1)
        [conversation] = stage.server.store.conversations.values()
        await stage.ann_says(conversation.id, "Ann here.")
        await expect(visitor.bubbles("Ann here.")).to_have_count(1)

        await visitor.page.context.set_offline(offline=True)
        await stage.ann_says(conversation.id, "Are you still there?")
        await visitor.page.context.set_offline(offline=False)
        await expect(visitor.bubbles("Are you still there?")).to_have_count(1)
        await visitor.ask("Yes, thank you!")
        await expect(visitor.bubbles("Yes, thank you!")).to_have_count(1)
        said = [one.type for one in conversation.messages if not one.private]
        # Ann has it: the bot says nothing over Ann.
        assert said == ["reply", "bot", "reply", "bot", "reply", "bot", "reply", "reply", "reply"]
