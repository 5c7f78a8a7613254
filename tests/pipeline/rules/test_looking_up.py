"""A rule that looks something up: what is said once it is found, and where it is not."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from inspect import isawaitable
from pathlib import Path

import httpx2
import pytest

from agentbot.pipeline.decision import AddTag, Decision, Handoff, Pass, Reply
from agentbot.pipeline.pipeline import build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.rules.responder import RulesResponder
from agentbot.pipeline.tools.toolbox import Toolbox
from agentbot.pipeline.turn import Author, Message
from tests.support.folders import folder
from tests.support.rules import compiled, read
from tests.support.tools import ORDER_STATUS, SECRETS, resolving, tool
from tests.support.turns import message, turn

GOOD = b'{"id": "FF123456", "status": "on its {{ way }}", "internal": "margin"}'
RULES = r"""
rules:
  - {id: vip, keywords: please, tag: polite, continue: true}
  - id: order-status
    matches: '(?i)\b(?P<order>[A-Z]{2}\d{6})\b'
    look_up: {tool: order_status, order: '{{ match.order | upper }}'}
    reply: Your order {{ result.id }} is {{ result.status }}.
    tag: order
    limit: once per conversation
    on_failure:
      not_found: I can find no order {{ match.order }}.
      timed_out: {reply: 'The shop is slow today.', hand_over: true}
      reply: Something went wrong.
      hand_over: true
  - {id: other, keywords: order, reply: "Which order?"}
"""


class Shop:
    """Another system, which answers as it is told."""

    def __init__(
        self, status: int = 200, body: bytes = GOOD, *, error: Exception | None = None
    ) -> None:
        self.asked: list[str] = []
        self._answer = (status, body, error)

    def transport(self) -> httpx2.AsyncBaseTransport:
        """Return a connection to it."""
        return httpx2.MockTransport(self._handle)

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        status, body, error = self._answer
        if error is not None:
            raise error
        kind = {"content-type": "application/json"}
        return httpx2.Response(status, headers=kind, stream=httpx2.ByteStream(body))


def responder(shop: Shop, rules: str = RULES) -> RulesResponder:
    """Return the rules' responder, with that shop behind its tool."""
    resolve, _ = resolving(["93.184.216.34"])
    toolbox = Toolbox([tool()], SECRETS, resolve=resolve, transport=shop.transport)
    made, problems = read(rules, tools=(tool(),), toolbox=toolbox)
    assert not problems
    assert made is not None
    return made


async def decided(answer: Decision | Pass | Awaitable[Decision | Pass]) -> Decision | Pass:
    """Return what is decided, now or later."""
    return await answer if isawaitable(answer) else answer


async def ask(shop: Shop, text: str = "Where is ff123456, please?", rules: str = RULES) -> Decision:
    """Return the decision on a message."""
    decision = await decided(responder(shop, rules).respond(turn(text)))
    assert not isinstance(decision, Pass)
    return decision


async def test_what_was_found_is_said() -> None:
    """By the rule's text; what it holds is data, and no template."""
    shop = Shop()
    decision = await ask(shop)
    assert isinstance(decision, Reply)
    assert decision.text == "Your order FF123456 is on its {{ way }}."
    assert (decision.by, decision.source) == ("rule", "order-status")
    assert decision.actions == (AddTag("polite"), AddTag("order"))
    assert decision.fires == ("order-status",)
    assert shop.asked == ["/api/orders/FF123456"]


async def test_the_trace_says_what_was_asked_and_how_long_it_took() -> None:
    """Without the answer, the order or the secret."""
    decision = await ask(Shop())
    (step,) = decision.trace
    assert (step.name, step.outcome) == ("look_up/order_status", "found")
    assert step.reason.text.startswith("found (0.")
    assert decision.cost["look_ups"] == 1
    assert decision.cost["look_up_seconds"] >= 0
    told = repr(decision.trace) + repr(decision.reason)
    assert not any(word in told for word in ("margin", "FF123456", "s3cret"))


@pytest.mark.parametrize(
    ("shop", "text", "code", "kind"),
    [
        (Shop(404), "I can find no order ff123456.", "look_up_not_found", Reply),
        (Shop(500), "Something went wrong.", "look_up_failed", Handoff),
        (Shop(403), "Something went wrong.", "look_up_failed", Handoff),
        (Shop(200, b"{}"), "Something went wrong.", "look_up_failed", Handoff),
        (
            Shop(error=httpx2.ReadTimeout("")),
            "The shop is slow today.",
            "look_up_timed_out",
            Handoff,
        ),
        (Shop(error=httpx2.ConnectError("")), "Something went wrong.", "look_up_failed", Handoff),
    ],
    ids=["404", "500", "403", "shape", "time", "connection"],
)
async def test_each_failure_has_its_words(
    shop: Shop, text: str, code: str, kind: type[Decision]
) -> None:
    """What else the rule does belongs to its answer; its limit is not used up."""
    decision = await ask(shop)
    assert isinstance(decision, Reply | Handoff)
    assert type(decision) is kind
    assert decision.text == text
    assert decision.reason.code == code
    said = {"not_found": "found nothing", "timed_out": "took too long"}
    assert f"order_status {said.get(code[8:], 'failed')}: " in decision.reason.text
    assert decision.actions == (AddTag("polite"),)
    assert decision.fires == ()


async def test_without_words_for_it_people_are_asked() -> None:
    """In the usual words: nobody is left without any."""
    rules = "rules:\n  - {id: a, look_up: order_status, reply: '{{ result.id }}'}"
    decision = await ask(Shop(500), rules=rules)
    assert isinstance(decision, Handoff)
    assert decision.text == "A colleague will answer."
    assert decision.by == "rule"


@pytest.mark.parametrize(
    "reply", ["{{ 1 / (result.id | length - 8) }}", "{% if result.id == 'x' %}A{% endif %}"]
)
async def test_a_reply_that_cannot_be_made_of_it_is_a_failure(reply: str) -> None:
    """It fails, or says nothing: both would leave the customer without a word."""
    rules = f'rules:\n  - {{id: a, look_up: order_status, reply: "{reply}", on_failure: Sorry.}}'
    decision = await ask(Shop(), rules=rules)
    assert isinstance(decision, Reply)
    assert decision.text == "Sorry."
    assert decision.reason.code == "look_up_failed"
    assert "order_status was not told: the reply cannot be made of it" in decision.reason.text


async def test_words_for_a_failure_that_fail_are_no_silence() -> None:
    """The usual ones follow."""
    rules = (
        "rules:\n  - {id: a, look_up: order_status, reply: A, "
        "on_failure: '{{ 1 / (text | length - 6) }}'}"
    )
    made = responder(Shop(500), rules)
    decision = await decided(made.respond(turn("FF123456")))
    assert isinstance(decision, Reply | Handoff)
    short = await decided(made.respond(turn("FF1234")))
    assert isinstance(short, Pass)
    rules = rules.replace("- 6", "- 8")
    decision = await ask(Shop(500), "FF123456", rules)
    assert isinstance(decision, Handoff)
    assert decision.text == "A colleague will answer."


async def test_without_its_number_the_rule_does_not_hold() -> None:
    """The next one is asked, and nothing is looked up."""
    shop = Shop()
    rules = """
    rules:
      - {id: status, keywords: order, look_up: order_status, reply: A}
      - {id: other, keywords: order, reply: "Which order?"}
    """
    decision = responder(shop, rules).respond(turn("where is my order"))
    assert isinstance(decision, Reply)
    assert decision.text == "Which order?"
    assert shop.asked == []


async def test_what_is_missing_may_be_asked_for() -> None:
    """At once: nothing is looked up for that."""
    shop = Shop()
    rules = """
    rules:
      - id: status
        keywords: order
        look_up: order_status
        reply: A
        tag: order
        on_failure: {missing: "What is the order's number?"}
    """
    decision = responder(shop, rules).respond(turn("where is my order"))
    assert isinstance(decision, Reply)
    assert decision.text == "What is the order's number?"
    assert decision.actions == ()
    assert shop.asked == []


async def test_rules_without_a_look_up_decide_at_once() -> None:
    """No task is made for them, though another rule has one."""
    decision = responder(Shop()).respond(turn("my order"))
    assert isinstance(decision, Reply)
    assert decision.text == "Which order?"


async def test_a_rule_is_explained_without_asking() -> None:
    """A look at why asks nobody."""
    shop = Shop()
    steps = responder(shop).explain(turn("FF123456"))
    said = {step.name: (step.outcome, step.reason.text) for step in steps}
    assert said["rules/order-status"][0] == "fires"
    assert "order_status is asked" in said["rules/order-status"][1]
    rules = "rules:\n  - {id: a, look_up: order_status, reply: A}"
    (step,) = responder(shop, rules).explain(turn("hello"))
    assert (step.outcome, step.reason.text) == (
        "no",
        "order_status cannot be asked: order is not known",
    )
    assert shop.asked == []


async def test_the_whole_way_from_the_folder(tmp_path: Path) -> None:
    """tools.yaml and rules.yaml to a decision of the pipeline."""
    prompts = load_prompts(folder(tmp_path, tools=ORDER_STATUS, rules=RULES))
    resolve, _ = resolving(["93.184.216.34"])
    toolbox = Toolbox(prompts.tools, SECRETS, resolve=resolve, transport=Shop().transport)
    outcome = build_pipeline(prompts, toolbox=toolbox).decide(turn("Where is FF123456?"))
    assert isawaitable(outcome)
    decision = await outcome
    assert isinstance(decision, Reply)
    assert [step.name for step in decision.trace] == ["look_up/order_status", "rules"]
    assert replace(decision, trace=()).text.startswith("Your order FF123456")


async def test_what_is_asked_beside_is_answered_too_and_nothing_looked_up_twice(
    tmp_path: Path,
) -> None:
    """Each sentence is asked of the rules again, but of no other system."""
    rules = RULES + "  - {id: ship, keywords: ship, reply: We ship., tag: shipping}\n"
    prompts = load_prompts(folder(tmp_path, tools=ORDER_STATUS, rules=rules))
    resolve, _ = resolving(["93.184.216.34"])
    shop = Shop()
    toolbox = Toolbox(prompts.tools, SECRETS, resolve=resolve, transport=shop.transport)
    pipeline = build_pipeline(prompts, toolbox=toolbox)
    outcome = pipeline.decide(turn("Where is FF123456? Do you ship to Norway?"))
    assert isawaitable(outcome)
    decision = await outcome
    assert isinstance(decision, Reply)
    assert decision.text == "Your order FF123456 is on its {{ way }}.\n\nWe ship."
    assert decision.source == "order-status, ship"
    assert shop.asked == ["/api/orders/FF123456"]
    assert decision.cost["look_ups"] == 1


def _said(source: str, author: Author = Author.BOT) -> Message:
    metadata = {"agentbot": {"v": 1, "by": "rule", "source": source}}
    return message("What is the order's number?", author=author, metadata=metadata)


_ASKING = """
rules:
  - id: status
    keywords: order
    look_up: order_status
    reply: It is {{ result.status }}.
    on_failure: {missing: "What is the order's number?"}
"""


async def test_the_number_that_was_asked_for_needs_no_other_word() -> None:
    """It answers the rule's own question, and is looked up."""
    shop = Shop()
    made = responder(shop, _ASKING)
    asked = turn("FF123456", history=[_said("status")])
    decision = await decided(made.respond(asked))
    assert isinstance(decision, Reply)
    assert decision.text == "It is on its {{ way }}."
    (step,) = made.explain(asked)
    assert step.outcome == "fires"
    assert shop.asked == ["/api/orders/FF123456"]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (_said("other"), "FF123456"),
        (_said("status"), "I do not know it"),
        (_said("status", Author.CUSTOMER), "FF123456"),
        (message("What is its number?", author=Author.PERSON), "FF123456"),
    ],
)
async def test_a_number_that_nobody_asked_for_is_none_of_the_rules_business(
    said: Message, text: str
) -> None:
    """Nor is what holds none; and a person's question is the person's."""
    shop = Shop()
    assert isinstance(responder(shop, _ASKING).respond(turn(text, history=[said])), Pass)
    assert shop.asked == []


async def test_an_order_that_was_named_before_is_not_asked_for_again() -> None:
    """And thanks for an answer is no question after it."""
    shop = Shop()
    made = responder(shop, _ASKING)
    named = message("I have ordered FF123456.", id="h1")
    decision = await decided(made.respond(turn("where is my order", history=[named])))
    assert isinstance(decision, Reply)
    assert decision.text == "It is on its {{ way }}."
    assert len(shop.asked) == 1
    thanks = turn("thank you", history=[named, _said("status")])
    assert isinstance(made.respond(thanks), Pass)
    assert len(shop.asked) == 1


async def test_what_cannot_even_be_asked_answers_nothing() -> None:
    """A template that fails is skipped, as everywhere."""
    rules = _ASKING.replace(
        "look_up: order_status",
        "look_up: {tool: order_status, order: '{{ 1 / (text | length - 8) }}'}",
    )
    made = responder(Shop(), rules)
    assert isinstance(made.respond(turn("FF123456", history=[_said("status")])), Pass)


async def test_what_cannot_be_asked_is_explained() -> None:
    """A rule that asks for what is missing fires; one whose template fails does not."""
    (step,) = responder(Shop(), _ASKING).explain(turn("my order"))
    assert step.outcome == "fires"
    assert step.reason.text == "order_status cannot be asked: order is not known"
    rules = (
        "rules:\n  - {id: a, look_up: {tool: order_status, order: '{{ 1 / (text | length - 5) }}'},"
        " reply: A}"
    )
    (step,) = responder(Shop(), rules).explain(turn("hello"))
    assert step.outcome == "no"
    assert "order_status cannot be asked: the template fails" in step.reason.text


@pytest.mark.parametrize(
    "keys",
    [
        "look_up: {tool: order_status, order: '{{ faq.id }}'}, reply: A",
        "look_up: order_status, reply: A, on_failure: '{{ faq.id }}'",
        "look_up: order_status, reply: A, on_failure: {not_found: '{{ faq.id }}'}",
        "look_up: order_status, reply: A, on_failure: {timed_out: '{{ faq.id }}'}",
        "look_up: order_status, reply: A, on_failure: {missing: '{{ faq.id }}'}",
    ],
)
def test_what_its_texts_need_is_known(keys: str) -> None:
    """The FAQ works for it before the rule decides."""
    (rule,) = compiled(f"rules:\n  - {{id: a, {keys}}}", tools=(tool(),)).first
    assert rule.uses("faq")
    assert not rule.uses("passage")
