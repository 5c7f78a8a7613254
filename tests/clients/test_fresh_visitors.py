"""Fresh visitors' first messages are answered once, even those that are never broadcast.

chat-widget's window leaves its conversation and joins it again right after its first message. A
channel that is still at work on that message dies of it, and nobody hears of the message
(tests/transcripts/first_shout_then_rejoin.jsonl).
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random

import pytest
from playwright.async_api import Browser, expect

from agentbot.config import Settings
from agentbot.devserver.store.records import Conversation
from tests.clients.shop import ShopVisitor, visit
from tests.support.browser import NEEDS_CHROMIUM
from tests.support.folders import DEFAULT
from tests.support.stage import LiveStage, eventually

pytestmark = [NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="package")]

NORWAY = "Do you ship to Norway?"
ANSWER = "we ship to Norway!"
TOGETHER = 5
"""Visitors in the shop at once."""
SURELY_LOST = 5.0
"""Seconds of a channel's work on a message that no window waits for."""
SETTLED_MS = 500
"""Milliseconds in which a window has shown what it will show."""


@dataclass(slots=True)
class Tally:
    """What became of the visitors' first messages."""

    visitors: int = 0
    lost: int = 0
    found_by_reading: int = 0
    answered: int = 0
    doubled: int = 0
    visible: int = 0
    after_reload: int = 0
    question_once: int = 0

    def __str__(self) -> str:
        return (
            f"{self.visitors} fresh visitors: {self.visitors - self.lost} heard live, "
            f"{self.lost} never broadcast, {self.found_by_reading} found by reading; "
            f"{self.answered} answered once, {self.doubled} more than once; {self.visible} see "
            f"one answer without a reload, {self.after_reload} after one; "
            f"{self.question_once} see their own question once"
        )


class Overheard:
    """The ids of all messages that were broadcast to the agents."""

    def __init__(self, stage: LiveStage) -> None:
        self.ids: set[str] = set()
        stage.server.backend.hub.subscribe(f"notification:{stage.account.id}", self)

    def hear(self, text: str, event: str, origin: object | None) -> None:
        """Take a broadcast."""
        del origin
        if event == "shout":
            self.ids.add(json.loads(text)[4]["id"])


async def play(browser: Browser, shop: str, stage: LiveStage, *, works: Sequence[float]) -> Tally:
    """Let fresh visitors ask, in groups; each has a channel that works for so many seconds."""
    tally, overheard = Tally(), Overheard(stage)
    for start in range(0, len(works), TOGETHER):
        async with AsyncExitStack() as stack:
            group: list[tuple[ShopVisitor, Conversation]] = []
            for seconds in works[start : start + TOGETHER]:
                visitor = await stack.enter_async_context(visit(browser, shop, "widget", stage))
                await expect(visitor.availability).to_have_text("We're online")
                fault = stage.server.faults.slow_shout(broadcast=seconds, times=1)
                await visitor.ask(NORWAY)
                await eventually(lambda fault=fault: fault.hits)
                group.append((visitor, list(stage.server.store.conversations.values())[-1]))
            for _ in group:
                await stage.outcome()
            await asyncio.gather(*(_count(tally, *one) for one in group))
    first = [one.messages[0].id for one in stage.server.store.conversations.values()]
    tally.lost = sum(id_ not in overheard.ids for id_ in first)
    tally.found_by_reading = int(stage.found_by_reading())
    return tally


async def _count(tally: Tally, visitor: ShopVisitor, conversation: Conversation) -> None:
    # What is there may vanish again, and what is not there may come: look at a settled window.
    await visitor.page.wait_for_timeout(SETTLED_MS)
    at_once = await visitor.bubbles(ANSWER).count()
    question = await visitor.bubbles(NORWAY).count()
    await visitor.page.reload()
    await expect(visitor.bubbles(NORWAY)).to_have_count(1)
    after_reload = await visitor.bubbles(ANSWER).count()
    replies = sum(one.type == "bot" for one in conversation.messages)
    tally.visitors += 1
    tally.answered += replies == 1
    tally.doubled += replies > 1
    tally.visible += at_once == 1
    tally.after_reload += after_reload == 1
    tally.question_once += question == 1


def told(capsys: pytest.CaptureFixture[str], line: object) -> None:
    """Print a line of figures, captured or not."""
    with capsys.disabled():
        sys.stdout.write(f"\n{line}\n")


async def test_every_fresh_visitor_gets_one_visible_answer(
    browser: Browser, shop: str, stage: LiveStage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Heard live or lost, each first message is answered once, and the answer stays in view.

    The window's listing is late, and would overwrite an answer that came before it.
    """
    stage.server.faults.slow(0.5, answer=True, path="/api/conversations/customer")
    await stage.start_bot(Settings(prompts_dir=DEFAULT))
    # The first is lost for sure; the later switches may be used up by what others say.
    tally = await play(browser, shop, stage, works=[SURELY_LOST, 0.0] * 2 + [SURELY_LOST])
    told(capsys, tally)
    assert tally.visitors == 5
    assert tally.lost == tally.found_by_reading >= 1
    assert (tally.answered, tally.doubled) == (5, 0)
    assert (tally.visible, tally.after_reload) == (5, 5)


@pytest.mark.long
@pytest.mark.parametrize(
    ("first_delay", "history", "visitors"),
    [(1.5, 0.0, 50), (1.5, 0.8, 20), (0.5, 0.8, 20), (0.0, 0.0, 20), (0.0, 0.8, 20)],
)
async def test_many_fresh_visitors(
    *,
    browser: Browser,
    shop: str,
    stage: LiveStage,
    capsys: pytest.CaptureFixture[str],
    first_delay: float,
    history: float,
    visitors: int,
) -> None:
    """Channels that work for up to 200 ms: whatever the first delay, each is answered once.

    ``history`` is how late the window's listing comes. That the answer is in view without a reload
    is promised for the default delay alone.
    """
    default = Settings(prompts_dir=DEFAULT)
    reply = default.reply.model_copy(update={"first_delay_seconds": first_delay})
    stage.server.faults.slow(history, answer=True, path="/api/conversations/customer")
    await stage.start_bot(default.model_copy(update={"reply": reply}))
    random = Random(7)  # noqa: S311 - durations, the same in each run
    works = [random.uniform(0.0, 0.2) for _ in range(visitors)]
    tally = await play(browser, shop, stage, works=works)
    told(capsys, f"first delay {first_delay} s, history {history} s late: {tally}")
    assert (tally.answered, tally.doubled, tally.after_reload) == (visitors, 0, visitors)
    if first_delay == default.reply.first_delay_seconds:
        assert tally.visible == visitors
