"""``@papercups-io/chat-builder``, in the shop's own page, shows each answer once."""

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
RETURNS = "What is your return policy?"


async def test_a_question_a_quick_reply_and_a_person(
    browser: Browser, shop: str, stage: LiveStage
) -> None:
    """The bot is who is online; its answer shows, its quick reply is answered, so does Ann's."""
    async with visit(browser, shop, "builder", stage) as visitor:
        await expect(visitor.availability).to_have_text("We're away")
        # With the real first delay: the window would overwrite an answer that comes sooner.
        await stage.start_bot(Settings(prompts_dir=DEFAULT))
        await expect(visitor.availability).to_have_text("We're online")

        await visitor.ask(NORWAY)
        await expect(visitor.bubbles("we ship to Norway!")).to_have_count(1)
        await expect(visitor.bubbles(NORWAY)).to_have_count(1)
        await expect(visitor.quick_replies).to_have_text(["How do I track my order?", RETURNS])

        await visitor.quick_replies.get_by_text(RETURNS).click()
        await expect(visitor.bubbles(RETURNS)).to_have_count(1)
        assert (await stage.outcome()).outcome == "replied"
        assert (await stage.outcome()).outcome == "replied"
        [conversation] = stage.server.store.conversations.values()
        asked, answer, clicked, second_answer = conversation.messages
        assert [one.body for one in (asked, clicked)] == [NORWAY, RETURNS]
        assert answer.metadata is not None
        offered = {one["text"]: one["action"] for one in answer.metadata["quick_replies"]}
        assert clicked.metadata == {"reply_action": offered[RETURNS]}
        first_line = str(second_answer.body).partition("\n")[0]
        await expect(visitor.bubbles(first_line)).to_have_count(1)

        await stage.ann_says(conversation.id, "Ann here. Anything else?")
        await expect(visitor.bubbles("Ann here. Anything else?")).to_have_count(1)
        await expect(visitor.bubbles(str(answer.body))).to_have_count(1)
