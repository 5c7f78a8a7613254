"""The example shop of ``prompts/`` tells one story: each fact stands once, and is told alike."""

from __future__ import annotations

import re
from inspect import isawaitable
from pathlib import Path

import pytest
import pytest_asyncio

from agentbot.cli.loader import PipelineLoader
from agentbot.config import Settings
from agentbot.config.groups import FaqSettings
from agentbot.pipeline.decision import Handoff, Reply
from agentbot.pipeline.languages.foreign import language_of
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Author, Turn
from tests.support.folders import DEFAULT
from tests.support.optional import requires_meanings
from tests.support.turns import message, turn

COMPANY = load_prompts(DEFAULT).company

ASKED: dict[str, tuple[str, str, str]] = {
    "norway_time": (
        "Do you ship to Norway?",
        "shipping time Norway",
        "I live in Norway, can you deliver to me, and when would it be here?",
    ),
    "norway_price": (
        "What do you charge to deliver in Norway?",
        "does delivery to Norway cost anything",
        "what does postage cost",
    ),
    "norway_free_from": (
        "how much must I order to get free shipping",
        "what is the shipping fee",
        "is it free to send an order to Norway",
    ),
    "countries": (
        "Which countries do you ship to?",
        "is international shipping possible",
        "can you send a parcel to Spain",
    ),
    "abroad_price": (
        "How much is shipping to Germany?",
        "What does delivery to France cost?",
        "what does postage cost",
    ),
    "abroad_free_from": (
        "how much must I order to get free shipping",
        "do you deliver to the UK for free",
        "what is the shipping fee",
    ),
    "abroad_time": (
        "How long does delivery to another country take?",
        "how many days does delivery take",
        "is international shipping possible",
    ),
    "customs": (
        "Do I have to pay customs?",
        "will there be import duties",
        "are there any taxes on the parcel",
    ),
    "cut_off": (
        "Until when must I order for it to leave today?",
        "do you send orders on the same day",
        "do you ship the same day",
    ),
    "orders_page": ("how can I track my package", "Where is my parcel?", "what's my order status"),
    "tracking_patience": (
        "my tracking hasn't moved in days",
        "my tracking shows no news for days",
        "Where is my parcel?",
    ),
    "return_days": (
        "What is your return policy?",
        "how many days can I return",
        "can I return a teapot",
    ),
    "returns_page": (
        "How do I send something back?",
        "How do I print a return label?",
        "where do I get the label for my return",
    ),
    "refund_time": (
        "When will I get my refund?",
        "how long until I am refunded",
        "I sent my order back, when is it refunded",
    ),
    "bank_time": (
        "When will I see the refund?",
        "how long does a bank transfer of the refund take",
        "when do I get my money back?",
    ),
    "payment": ("Which payment methods are there?", "can I pay with a Visa card", "Vipps"),
    "shipping_page": ("what does postage cost", "will there be import duties", "shipping fees"),
    "address": ("Where is your shop?", "can I visit your shop", "in what city is your shop"),
    "shop_page": ("when do you close", "can I visit your shop", "Where is your shop?"),
    "about": ("what do you sell?", "what kind of a shop is this", "do you sell tea"),
    "opening_hours": (
        "When are you open?",
        "until what time is the shop open",
        "Is your shop open on sundays?",
    ),
}
"""Three ways to ask for each fact of the example."""

HOURS = "Monday\N{EN DASH}Friday 9:00\N{EN DASH}17:00, Saturday 10:00\N{EN DASH}14:00"
FACTS = {**COMPANY.facts, "opening_hours": HOURS}
TOLD_BY = ("rules.yaml", "texts.yaml", "system.md", "faq/shop.yaml", "faq/opening-hours.md")
"""The files whose texts customers read."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """Return the example's pipeline, with its FAQ matched by meanings."""
    cache = tmp_path_factory.mktemp("cache")
    settings = Settings(prompts_dir=DEFAULT, faq=FaqSettings(cache_dir=cache, embeddings="local"))
    return PipelineLoader(settings).load()


def test_each_fact_is_asked_for() -> None:
    """A new fact needs its three questions."""
    assert set(FACTS) - {"name"} == set(ASKED)


@requires_meanings
@pytest.mark.parametrize("fact", ASKED)
async def test_a_fact_is_told_alike_however_it_is_asked_for(shop: Pipeline, fact: str) -> None:
    """By rule or FAQ, each of three questions gets the answer with this fact in it."""
    for question in ASKED[fact]:
        decision = shop.decide(turn(question))
        if isawaitable(decision):
            decision = await decision
        assert isinstance(decision, Reply), question
        assert FACTS[fact] in decision.text, (question, decision.text)


FOREIGN = {
    "wie lange dauert die Lieferung ungefähr": "delivery-time",
    "comment suivre ma commande ?": "order-status",
    "quiero cancelar mi pedido por favor": "change-order",
    "vou ter que pagar alfândega?": "customs",
}
"""Questions in other languages, and the entries that answer them."""


@requires_meanings
@pytest.mark.parametrize("question", FOREIGN)
async def test_the_faq_is_found_from_other_languages(shop: Pipeline, question: str) -> None:
    """The answer is given or offered in the FAQ's own language, whole."""
    reply = await decided(shop, turn(question))
    entry = next(one for one in shop.prompts.faq if one.id == FOREIGN[question])
    assert (reply.by, reply.source or reply.quick_replies[0].action.removeprefix("faq:")) == (
        "faq",
        entry.id,
    )
    assert entry.answer in reply.text or f"- {entry.question}" in reply.text
    assert language_of(reply.text) == "en"


@requires_meanings
async def test_a_translated_answer_is_given_in_the_language_and_again_in_it(shop: Pipeline) -> None:
    """No reply is in two languages: what introduces the same answer is in the answer's."""
    asked = "Warum wurde meine Karte abgelehnt? Die Zahlung geht nicht"
    answer = next(one for one in shop.prompts.faq if one.id == "payment-failed").answers["de"]
    first = await decided(shop, turn(asked))
    assert first.text == answer
    history = [message(asked), message(answer, author=Author.BOT)]
    again = await decided(shop, turn(asked, history=history))
    assert again.text == f"Wie oben schon geschrieben: {answer}"


async def decided(shop: Pipeline, asked: Turn) -> Reply:
    """The reply to a turn."""
    decision = shop.decide(asked)
    if isawaitable(decision):
        decision = await decision
    assert isinstance(decision, Reply), decision
    return decision


@pytest.mark.parametrize("name", TOLD_BY)
def test_no_text_has_a_price_a_time_or_an_address_of_its_own(name: str) -> None:
    """They stand in company.yaml and hours.yaml alone."""
    text = (DEFAULT / name).read_text(encoding="utf-8")
    said = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    own = re.compile(r"€|https?://|\b\d+:\d\d\b|\b(\d+|two|three|four|five) (working )?days")
    assert [line for line in said if own.search(line)] == []


def test_no_other_shop_stands_in_the_folder() -> None:
    """Nor does the name, but in company.yaml."""
    for path in sorted(Path(DEFAULT).rglob("*")):
        if path.suffix in {".yaml", ".md"} and path.parent.name != "schema":
            text = path.read_text(encoding="utf-8")
            said = "\n".join(one for one in text.splitlines() if not one.startswith("#"))
            assert "Nordlys" not in said, path
            assert "Fjord" not in said or path.name == "company.yaml", path


@pytest.mark.parametrize("sample", COMPANY.samples)
def test_the_samples_of_the_demo_are_answered_by_rules(sample: str) -> None:
    """Whoever tries it without a model and without meanings gets answers too."""
    decision = build_pipeline(load_prompts(DEFAULT)).decide(turn(sample))
    assert isinstance(decision, Reply | Handoff)
    assert decision.by == "rule"


@pytest.mark.parametrize(
    "text",
    [
        "My order to Norway is late",
        "my order to Norway arrived broken",
        "where is the parcel that you sent to Norway",
        "do you ship to PO boxes?",
        "Do you deliver to my floor?",
        "what are the opening hours of your London branch",
    ],
)
def test_the_rules_leave_what_only_has_their_words(text: str) -> None:
    """That it ships somewhere is no answer to who waits for a parcel."""
    decision = build_pipeline(load_prompts(DEFAULT)).decide(turn(text))
    assert not (isinstance(decision, Reply) and decision.by == "rule"), decision
