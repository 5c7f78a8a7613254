"""``topic.py``: which sentences go on from what was said, and the question that each means."""

from __future__ import annotations

import pytest

from agentbot.pipeline.context.topic import Topic, follow, kind_of, topic_of
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.asking import Form
from agentbot.pipeline.languages.following import follow_ups, tokens_of
from agentbot.pipeline.turn import FollowUpKind

ASPECT, FRAGMENT = FollowUpKind.ASPECT, FollowUpKind.FRAGMENT
SUPPLEMENT, PRONOUN = FollowUpKind.SUPPLEMENT, FollowUpKind.PRONOUN


def topic(question: str, code: Language = "en") -> Topic:
    """The topic after a question."""
    return topic_of(tokens_of(question), Topic(), follow_ups(code))


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        ("en", "how much?", ASPECT),
        ("en", "and how much does that cost?", ASPECT),
        ("en", "is it free?", ASPECT),
        ("en", "can I return it?", PRONOUN),
        ("en", "how much to Sweden?", PRONOUN),
        ("en", "and to Sweden?", SUPPLEMENT),
        ("en", "what about returns", FRAGMENT),
        ("en", "to the United Kingdom?", SUPPLEMENT),
        ("de", "und wie viel kostet das?", ASPECT),
        ("de", "und in die Schweiz?", SUPPLEMENT),
        ("fr", "et ça coûte combien ?", ASPECT),
        ("fr", "et en Suisse ?", SUPPLEMENT),
        ("es", "¿y cuánto tarda?", ASPECT),
        ("es", "¿y a Portugal?", SUPPLEMENT),
        ("pt", "e quanto custa?", ASPECT),
        ("pt", "e para Espanha?", SUPPLEMENT),
        ("nl", "en hoeveel kost dat?", ASPECT),
        ("nl", "en naar België?", SUPPLEMENT),
        ("it", "e quanto costa?", ASPECT),
        ("it", "e in Svizzera?", SUPPLEMENT),
        ("pl", "a ile to kosztuje?", ASPECT),
        ("pl", "a do Czech?", SUPPLEMENT),
    ],
)
def test_a_sentence_that_says_too_little_goes_on(
    code: Language, text: str, kind: FollowUpKind
) -> None:
    """In each language of the packs."""
    assert kind_of(tokens_of(text), Form.QUESTION, follow_ups(code)) is kind


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Do you sell gift cards?", Form.QUESTION),
        ("and do you sell gift cards?", Form.QUESTION),
        ("How much is shipping?", Form.QUESTION),
        ("that is expensive", Form.STATEMENT),
        ("thanks", Form.TALK),
        ("", Form.QUESTION),
        ("cancel my order", Form.OTHER),
        ("FF-10234", Form.OTHER),
        ("and FF-10234?", Form.QUESTION),
        ("the parcel is broken", Form.OTHER),
        ("can you tell me how I return it if I no longer have the box", Form.QUESTION),
        ("and the teapot that I bought for my mother last week?", Form.QUESTION),
        ("what do you mean by all of those many things?", Form.QUESTION),
    ],
)
def test_a_sentence_that_says_what_it_asks_stands_for_itself(text: str, form: Form) -> None:
    """As do statements, what is given, and whatever is long."""
    assert kind_of(tokens_of(text), form, follow_ups("en")) is None


@pytest.mark.parametrize(
    ("before", "text", "kind", "question"),
    [
        ("Do you ship to Norway?", "how much is it?", ASPECT, "How much is ship Norway?"),
        ("Do you ship to Norway?", "how much?", ASPECT, "How much ship Norway?"),
        ("Do you ship to Norway?", "and to Sweden?", SUPPLEMENT, "Do you ship to Sweden?"),
        ("Do you ship to Norway?", "what about Sweden?", FRAGMENT, "Do you ship to Sweden?"),
        ("Do you ship to Norway?", "with DHL?", SUPPLEMENT, "Do you ship to Norway with DHL?"),
        ("Do I pay for cups?", "and abroad?", SUPPLEMENT, "Do I pay for cups abroad?"),
        ("How much is shipping?", "and to Sweden?", SUPPLEMENT, "How much is shipping to Sweden?"),
        ("Do you take PayPal?", "and Klarna?", FRAGMENT, "Do you take Klarna?"),
        ("Is Apple Pay possible?", "Vipps too?", FRAGMENT, "Is Vipps possible?"),
        ("returns", "for teapots?", SUPPLEMENT, "Returns for teapots?"),
        ("returns", "and teapots?", FRAGMENT, "Returns teapots?"),
        ("Where is the teapot?", "can I return it?", PRONOUN, "Can I return teapot?"),
    ],
)  # fmt: skip
def test_a_follow_up_means_a_question_on_the_topic(
    before: str, text: str, kind: FollowUpKind, question: str
) -> None:
    """The topic takes the place of a pronoun, a fragment the place of what it was about."""
    found = follow(text, kind, topic(before), follow_ups("en"))
    assert found is not None
    assert found[0].question == question
    assert found[0].written == text


def test_what_was_asked_of_the_topic_is_asked_of_what_takes_its_place() -> None:
    """ "Do you ship to Norway?", "how much is it?", "and to Sweden?"."""
    words = follow_ups("en")
    first = follow("how much is it?", ASPECT, topic("Do you ship to Norway?"), words)
    assert first is not None
    second = follow("and to Sweden?", SUPPLEMENT, first[1], words)
    assert second is not None
    assert second[0].question == "How much is ship Sweden?"


def test_a_topic_that_names_nothing_is_none() -> None:
    """Nothing follows on it, and it does not end the one before."""
    words = follow_ups("en")
    assert follow("how much?", ASPECT, Topic(), words) is None
    before = topic("Do you ship to Norway?")
    assert topic_of(tokens_of("what can you do for me?"), before, words) == before
    story = topic(" ".join(f"word{number}" for number in range(40)))
    assert len(story.question) == 12
