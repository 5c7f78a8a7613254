"""The demo's page works in a real browser, the visitor's side and the agent's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from agentbot.devserver.demo import DecisionFeed, demo_routes
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.devserver.store.records import User
from tests.support.browser import NEEDS_CHROMIUM, TIMEOUT_MS, launched

pytestmark = [
    NEEDS_CHROMIUM,
    # One browser for all tests, and so one event loop.
    pytest.mark.asyncio(loop_scope="module"),
]

NORWAY = "Do you ship to Norway?"
RETURNS = "What is your return policy?"
UNSURE = "Anything for free?"
MODELS = "How hot is the water?"
HUMAN = "I want to talk to a human"


class ScriptedBot:
    """A plain agent in the server's process: answers each customer's message, and says why."""

    def __init__(self, server: DevServer, feed: DecisionFeed, user: User) -> None:
        self.answer: Callable[[str], str] = lambda body: f"You said: {body}"
        self._server = server
        self._feed = feed
        self._pushes = 0
        token = server.backend.tokens.issue(user.id).token
        self._socket = server.connect(
            {"token": token, "vsn": "2.0.0"}, send=self._heard, close=lambda _code, _reason: None
        )
        self._push(f"notification:{user.account_id}", "phx_join", {})

    def _push(self, topic: str, event: str, payload: object) -> None:
        self._pushes += 1
        self._socket.receive(json.dumps(["1", str(self._pushes), topic, event, payload]))

    def _heard(self, text: str) -> None:
        _, _, topic, event, payload = json.loads(text)
        is_question = event == "shout" and payload["customer_id"] is not None
        if is_question and topic.startswith("notification:"):
            # A socket must not be called back from within its own callback.
            asyncio.get_running_loop().call_soon(self._reply, payload)

    def _reply(self, question: dict[str, Any]) -> None:
        conversation = self._server.store.conversations[question["conversation_id"]]
        topic = f"conversation:{conversation.id}"
        if question["body"] == HUMAN:
            self._decide(question, outcome="handed_off", reason="people were asked for")
            return
        if question["body"] == UNSURE:
            self._decide(question, outcome="replied", reason="it was not sure", by="faq", source="")
            return
        if conversation.assignee_id is not None:
            self._decide(question, outcome="silent", reason="the conversation is Ann's")
            return
        if topic not in self._socket.topics:
            self._push(topic, "phx_join", {})
        quick_replies = [{"text": RETURNS, "action": "returns"}]
        shout = {"body": self.answer(question["body"]), "type": "bot"}
        metadata: dict[str, Any] = {"quick_replies": quick_replies}
        if question["body"] == MODELS:
            metadata = {"agentbot": {"v": 1, "by": "llm", "sources": ["page/brewing", "tea"]}}
        self._push(topic, "shout", {**shout, "metadata": metadata})
        self._decide(
            question, outcome="replied", reason="it was asked", by="rule", source="shipping"
        )

    def _decide(self, question: dict[str, Any], **said: object) -> None:
        reason = {"code": "scripted", "text": said["reason"]}
        trace = [{"name": "script", "outcome": "reply", "reason": reason}]
        self._feed.publish(
            {
                "conversation_id": question["conversation_id"],
                "message_ids": [question["id"]],
                "reason_code": "scripted",
                "settled_at": datetime.now(UTC).isoformat(),
                "seconds": 0.25,
                "decision": {"trace": trace, "actions": [{"kind": "tag", "name": "seen"}]},
                **said,
            }
        )


@dataclass
class DemoPage:
    """The page in a browser, the server behind it, and all that went wrong in the browser."""

    page: Page
    server: DevServer
    bot: ScriptedBot
    feed: DecisionFeed
    problems: list[str] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)

    @property
    def visitor(self) -> Locator:
        """The visitor's window."""
        return self.page.get_by_role("region", name="window")

    @property
    def agent(self) -> Locator:
        """What an agent sees."""
        return self.page.get_by_role("region", name="What an agent sees")

    async def say(self, text: str) -> None:
        """Write as the visitor, and press Enter."""
        field = self.page.get_by_label("Message, as the visitor")
        await field.fill(text)
        await field.press("Enter")

    async def answer(self, text: str) -> None:
        """Write as Ann, and press Enter."""
        field = self.page.get_by_label("Message, as the agent")
        await field.fill(text)
        await field.press("Enter")

    async def connected(self) -> None:
        """Wait until every connection to the server is there."""
        await expect(self.page.get_by_text("Connected", exact=True)).to_be_visible()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Yield Debian's Chromium, without a window."""
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def demo(browser: Browser) -> AsyncIterator[DemoPage]:
    """Yield the opened page. At the end nothing must have gone wrong in it, or gone elsewhere."""
    server = DevServer()
    _, user, ann = server.seed()
    feed = DecisionFeed()
    bot = ScriptedBot(server, feed, user)
    routes = demo_routes(server, feed, llm="none", bot=user, agent=ann, samples=[NORWAY])
    async with serve(server, extra_routes=routes) as url:
        demo = DemoPage(await browser.new_page(), server, bot, feed)
        page = demo.page
        page.set_default_timeout(TIMEOUT_MS)
        page.on("console", lambda message: demo.problems.append(message.text))
        page.on("pageerror", lambda error: demo.problems.append(str(error)))
        page.on("request", lambda request: demo.addresses.add(request.url))
        page.on("websocket", lambda socket: demo.addresses.add(socket.url))
        await page.goto(url)
        await demo.connected()
        yield demo
        await page.close()
        feed.close()
        host = url.removeprefix("http://")
        assert demo.problems == []
        assert {address.split("/")[2] for address in demo.addresses} == {host}


async def test_a_question_its_answer_and_the_reason(demo: DemoPage) -> None:
    """A sample question: the visitor sees the answer, the agent's side the decision beside it."""
    await demo.visitor.get_by_role("button", name=NORWAY).click()
    answer = demo.visitor.get_by_role("listitem").filter(has_text=f"You said: {NORWAY}")
    await expect(answer).to_contain_text("Acme Bot")
    await expect(answer).to_contain_text("bot")

    conversations = demo.agent.get_by_role("list", name="Conversations")
    await expect(conversations).to_contain_text("Visitor 1")
    await expect(conversations.get_by_role("img", name="unread")).to_be_visible()
    timeline = demo.agent.get_by_role("region", name="Conversation")
    await expect(timeline).to_contain_text(f"You said: {NORWAY}")
    card = timeline.get_by_role("listitem").filter(has_text="Replied")
    await expect(card).to_contain_text("Rule · shipping")
    await expect(card).to_contain_text("It was asked")
    await expect(card).to_contain_text("250 ms")
    await card.get_by_text("How it came to that").click()
    await expect(card.get_by_text("answered")).to_be_visible()


async def test_an_offer_is_called_so(demo: DemoPage) -> None:
    """Near questions are no answer."""
    await demo.say(UNSURE)
    timeline = demo.agent.get_by_role("region", name="Conversation")
    card = timeline.get_by_role("listitem").filter(has_text="Offered near questions")
    await expect(card).to_contain_text("It was not sure")
    await expect(timeline.get_by_text("Replied")).to_have_count(0)


async def test_a_models_answer_is_called_so(demo: DemoPage) -> None:
    """With all that it rests on; where the visitor reads it, too."""
    await demo.say(MODELS)
    answer = demo.visitor.get_by_role("listitem").filter(has_text=f"You said: {MODELS}")
    await expect(answer).to_contain_text("Written by a language model from")
    await expect(answer).to_contain_text("page/brewing")
    await expect(answer).to_contain_text("tea")


async def test_a_quick_reply(demo: DemoPage) -> None:
    """A quick reply sends its text and names its action; only the last message offers any."""
    await demo.say(NORWAY)
    offered = demo.visitor.get_by_role("group", name="Suggested replies")
    await offered.get_by_role("button", name=RETURNS).click()
    await expect(demo.visitor).to_contain_text(f"You said: {RETURNS}")
    await expect(offered.get_by_role("button")).to_have_count(1)
    sent = [one for one in demo.server.store.messages.values() if one.body == RETURNS]
    assert [one.metadata for one in sent] == [{"reply_action": "returns"}]


async def test_a_person_answers_and_the_bot_stands_back(demo: DemoPage) -> None:
    """Ann's answer reaches the visitor, who sees it; from then on the bot is silent."""
    await demo.say(NORWAY)
    await expect(demo.visitor).to_contain_text(f"You said: {NORWAY}")
    await demo.answer("Ann here. How can I help?")
    reply = demo.visitor.get_by_role("listitem").filter(has_text="How can I help?")
    await expect(reply).to_contain_text("Ann")
    await expect(demo.agent).to_contain_text("Assigned to Ann")
    await expect(demo.agent).to_contain_text("Seen")
    await demo.say("Is the teapot back?")
    await expect(demo.agent).to_contain_text("Stayed silent")
    await expect(demo.agent).to_contain_text("The conversation is Ann's")
    await expect(demo.visitor).not_to_contain_text("You said: Is the teapot back?")

    await demo.agent.get_by_role("button", name="Close").click()
    await expect(demo.agent.get_by_role("button", name="Reopen")).to_be_visible()
    assert [one.status for one in demo.server.store.conversations.values()] == ["closed"]


async def test_a_person_begins_a_conversation_and_the_visitor_goes_over_to_it(
    demo: DemoPage,
) -> None:
    """As the real widget does; what the visitor says next belongs there, after a reload too."""
    await demo.say(NORWAY)
    await expect(demo.visitor).to_contain_text(f"You said: {NORWAY}")
    await demo.agent.get_by_role("button", name="New conversation").click()
    await demo.answer("Your parcel is here.")
    await expect(demo.visitor).to_contain_text("Your parcel is here.")
    await expect(demo.visitor).not_to_contain_text(f"You said: {NORWAY}")
    await demo.say("Wonderful, thanks")
    timeline = demo.agent.get_by_role("region", name="Conversation")
    await expect(timeline).to_contain_text("Your parcel is here.")
    await expect(timeline).to_contain_text("Wonderful, thanks")
    _, begun = demo.server.store.conversations.values()
    assert [one.body for one in begun.messages][:2] == ["Your parcel is here.", "Wonderful, thanks"]
    await demo.page.reload()
    await expect(demo.visitor).to_contain_text("Wonderful, thanks")
    await demo.answer("See you.")
    await expect(demo.visitor).to_contain_text("See you.")
    assert len(demo.server.store.conversations) == 2


async def test_who_has_seen_a_later_message_has_seen_the_bots(demo: DemoPage) -> None:
    """Papercups stamps only what has a user; what stands above it was seen as well."""
    await demo.say(NORWAY)
    await expect(demo.visitor).to_contain_text(f"You said: {NORWAY}")
    timeline = demo.agent.get_by_role("region", name="Conversation")
    answer = timeline.get_by_role("listitem").filter(has_text=f"You said: {NORWAY}").first
    await expect(answer).not_to_contain_text("Seen")
    await demo.answer("Ann here.")
    await expect(answer).to_contain_text("Seen")


async def test_while_the_bot_is_at_it_both_sides_show_it(demo: DemoPage) -> None:
    """From when work on the conversation begins until it ends, and in no other one."""
    await demo.say(NORWAY)
    await expect(demo.visitor).to_contain_text(f"You said: {NORWAY}")
    sign = demo.visitor.get_by_text("An answer is being written")
    [conversation] = demo.server.store.conversations.values()
    demo.feed.work("another", is_at_it=True)
    demo.feed.work(conversation.id, is_at_it=True)
    await expect(demo.agent.get_by_text("The bot is at it")).to_be_visible()
    await expect(sign).to_be_visible()
    await demo.page.reload()
    await expect(sign).to_be_visible()
    demo.feed.work(conversation.id, is_at_it=False)
    await expect(sign).to_be_hidden()
    await expect(demo.agent.get_by_text("The bot is at it")).to_be_hidden()


async def test_a_page_finds_back_after_the_demo_was_started_anew(browser: Browser) -> None:
    """By itself, with what was being written; the visitor's next message is answered."""
    page = await browser.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    port = 0
    field = page.get_by_label("Message, as the visitor")
    for life in ("first", "second"):
        server = DevServer()
        account, user, ann = server.seed()
        account.company_name = f"The {life} shop"
        feed = DecisionFeed()
        ScriptedBot(server, feed, user)
        routes = demo_routes(server, feed, llm="none", bot=user, agent=ann, samples=[NORWAY])
        async with serve(server, port=port, extra_routes=routes) as url:
            if not port:
                port = int(url.rpartition(":")[2])
                await page.goto(url)
            window = page.get_by_role("region", name="window")
            await expect(window).to_contain_text(f"The {life} shop", timeout=4 * TIMEOUT_MS)
            await expect(page.get_by_text("Connected", exact=True)).to_be_visible()
            if life == "second":
                await expect(field).to_have_value("half a sentence")
            await field.fill(f"{life} question")
            await field.press("Enter")
            await expect(window).to_contain_text(f"You said: {life} question")
            await field.fill("half a sentence")
            feed.close()
    await page.close()


async def test_who_needs_a_person_is_marked_until_one_answers(demo: DemoPage) -> None:
    """A handoff stands, whatever the bot does later, until a person takes the conversation."""
    conversations = demo.agent.get_by_role("list", name="Conversations")
    await demo.say(HUMAN)
    await expect(conversations).to_contain_text("needs a person")
    await demo.say(NORWAY)
    await expect(demo.agent).to_contain_text("It was asked")
    await expect(conversations).to_contain_text("needs a person")
    await demo.answer("Ann here.")
    await expect(demo.agent).to_contain_text("Assigned to Ann")
    await expect(conversations).not_to_contain_text("needs a person")


async def test_who_needs_a_person_is_helped_by_one_who_is_not_assigned(demo: DemoPage) -> None:
    """The bot's note was the first reply: the server gives nothing to who answers after it."""
    conversations = demo.agent.get_by_role("list", name="Conversations")
    await demo.say(HUMAN)
    await expect(conversations).to_contain_text("needs a person")
    [conversation] = demo.server.store.conversations.values()
    bot = demo.server.store.user_by_email("bot@example.com")
    assert bot is not None
    demo.server.store.add_message(
        {
            "account_id": conversation.account_id,
            "conversation_id": conversation.id,
            "user_id": bot.id,
            "body": "What is asked: a person.",
            "private": True,
        }
    )
    await demo.answer("Ann here.")
    await expect(conversations).not_to_contain_text("needs a person")
    await expect(demo.agent).to_contain_text("Assigned to nobody")
    assert conversation.assignee_id is None


async def test_only_the_switch_makes_ann_present(demo: DemoPage) -> None:
    """Looking on tracks nobody: Ann is online from the switch on, and until it is off."""
    online = demo.agent.get_by_role("list", name="Online")
    await expect(online).to_have_text("Acme Botbot")
    switch = demo.agent.get_by_role("switch", name="Go online as Ann")
    await switch.click()
    await expect(online).to_have_text("Acme BotbotAAnn")
    await switch.click()
    await expect(online).to_have_text("Acme Botbot")


async def test_what_a_broken_connection_lost_is_sent_again_once(demo: DemoPage) -> None:
    """A message without an echo leaves again after the reconnect, and is stored once."""
    await demo.say("one")
    await expect(demo.visitor).to_contain_text("You said: one")
    lost = demo.server.faults.drop_shout(topic="conversation:")
    await demo.say("two")
    await expect(demo.visitor).to_contain_text("Sending…")
    assert lost.hits == 1
    for socket in demo.server.sockets[1:]:
        socket.close(1000)
    await expect(demo.visitor).to_contain_text("You said: two")
    await demo.connected()
    bodies = [one.body for one in demo.server.store.messages.values() if one.customer_id]
    assert bodies == ["one", "two"]


async def test_a_reload_keeps_the_conversation(demo: DemoPage) -> None:
    """After a reload the visitor is the same, and the decisions are there again."""
    await demo.say(NORWAY)
    await expect(demo.agent).to_contain_text("It was asked")
    await demo.page.reload()
    await expect(demo.visitor).to_contain_text(f"You said: {NORWAY}")
    await expect(demo.agent).to_contain_text("It was asked")
    await demo.visitor.get_by_role("button", name="Another visitor").click()
    await demo.say("Hello")
    await expect(demo.agent.get_by_role("list", name="Conversations")).to_contain_text("Visitor 2")
    assert len(demo.server.store.customers) == 2


async def test_messages_are_text_with_a_little_markdown(demo: DemoPage) -> None:
    """Markdown is shown; HTML and script addresses are no more than text."""
    demo.bot.answer = lambda _: (
        "**Bold** and [a link](https://example.com/a) and `code`\n\n- first\n- second\n\n"
        '<img src="x" onerror="alert(1)"> [no](javascript:alert(1))'
    )
    await demo.say("line one")
    answer = demo.visitor.get_by_role("listitem").filter(has_text="Bold").first
    await expect(answer.locator("strong")).to_have_text("Bold")
    await expect(answer.locator("li")).to_have_text(["first", "second"])
    await expect(answer.get_by_role("link")).to_have_count(1)
    await expect(answer.get_by_role("link")).to_have_attribute("href", "https://example.com/a")
    await expect(answer).to_contain_text('<img src="x" onerror="alert(1)">')
    await expect(answer).to_contain_text("[no](javascript:alert(1))")
    await expect(answer.locator("img")).to_have_count(0)


async def test_a_list_of_conversations_runs_no_lines_together(demo: DemoPage) -> None:
    """What stood on lines of its own has a space between, and no marks."""
    demo.bot.answer = lambda _: "**Asked:**\n> one\n> two\n\n- a\n- b"
    await demo.say("line one")
    conversations = demo.agent.get_by_role("list", name="Conversations")
    await expect(conversations.locator(".preview")).to_have_text("Bot: Asked: one two a b")


async def test_each_language_has_its_direction(demo: DemoPage) -> None:
    """A bubble of Arabic begins at the right, and its full stop stands at the left."""
    demo.bot.answer = lambda _: "عذرا هنا.\n\nEnglish."
    await demo.say("line one")
    answer = demo.visitor.get_by_role("listitem").filter(has_text="English").first
    await expect(answer.locator(".bubble p")).to_have_count(2)
    styles = await answer.locator(".bubble p").evaluate_all(
        "all => all.map(one => getComputedStyle(one)).map(({unicodeBidi, textAlign}) =>"
        " [unicodeBidi, textAlign])"
    )
    assert styles == [["plaintext", "start"]] * 2


async def test_the_keyboard(demo: DemoPage) -> None:
    """Shift and Enter start a new line, Enter sends, and the field keeps the focus."""
    field = demo.page.get_by_label("Message, as the visitor")
    await field.press_sequentially("one")
    await field.press("Shift+Enter")
    await field.press_sequentially("two")
    await field.press("Enter")
    await expect(demo.visitor).to_contain_text("You said: one")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("")
    assert "one\ntwo" in [one.body for one in demo.server.store.messages.values()]


async def test_on_a_phone_one_side_is_seen_at_a_time(demo: DemoPage) -> None:
    """Tabs change sides; an answer that comes meanwhile is marked, and seen only once looked at."""
    await demo.page.set_viewport_size({"width": 390, "height": 844})
    await demo.say(NORWAY)
    await expect(demo.visitor).to_contain_text(f"You said: {NORWAY}")
    await expect(demo.agent).to_be_hidden()
    await demo.page.get_by_role("button", name="view").click()
    await expect(demo.visitor).to_be_hidden()
    await demo.agent.get_by_role("list", name="Conversations").get_by_role("button").click()
    await demo.answer("Ann here.")
    tab = demo.page.get_by_role("button", name="Visitor", exact=True)
    await expect(tab).to_have_attribute("data-news", "true")
    assert all(one.seen_at is None for one in demo.server.store.messages.values())
    await tab.click()
    await expect(demo.visitor).to_contain_text("Ann here.")
    await expect(tab).not_to_have_attribute("data-news", "true")
    width = await demo.page.evaluate("() => document.documentElement.scrollWidth")
    assert width == 390
