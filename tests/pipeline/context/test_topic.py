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


@pytest.mark.parametrize(
    ("text", "form", "kind"),
    [
        ("how 5?", Form.QUESTION, None),
        ("how much", Form.OTHER, None),
        ("how many days do I have?", Form.QUESTION, ASPECT),
        ("how many days do I have now?", Form.QUESTION, None),
        ("and how long would that usually take?", Form.QUESTION, ASPECT),
        ("can I return it to the shop in Oslo too?", Form.QUESTION, PRONOUN),
        ("can I please return it to the nice shop in Oslo?", Form.QUESTION, None),
        ("how much to Sweden?", Form.QUESTION, PRONOUN),
        ("how much to the Faroe Islands?", Form.QUESTION, None),
        ("and to the far away Faroe Islands?", Form.QUESTION, SUPPLEMENT),
        ("and to the very far away Faroe Islands?", Form.QUESTION, None),
        ("to Sweden", Form.OTHER, SUPPLEMENT),
        ("to far Sweden", Form.OTHER, None),
        ("Sweden please", Form.OTHER, None),
        ("we ship?", Form.QUESTION, FRAGMENT),
        ("we ship", Form.QUESTION, None),
    ],
)
def test_what_is_longer_or_not_asked_stands_for_itself(
    text: str, form: Form, kind: FollowUpKind | None
) -> None:
    """One word more than a follow-up has is a question of its own."""
    assert kind_of(tokens_of(text), form, follow_ups("en")) is kind


@pytest.mark.parametrize(
    ("text", "adds"), [("Klarna?", True), ("Klarna too?", False), ("and Klarna?", False)]
)
def test_a_loose_word_adds_to_the_topic(text: str, *, adds: bool) -> None:
    """One that goes on takes the place of something in it."""
    found = follow(text, FRAGMENT, topic("Do you take PayPal?"), follow_ups("en"))
    assert found is not None
    assert (found[0].question, found[0].adds) == ("Do you take Klarna?", adds)


@pytest.mark.parametrize(
    ("question", "fragment", "asked"),
    [
        ("Do you ship to Norway for free?", "and to Sweden?", "Do you ship to Sweden for free?"),
        ("Do you ship to Norway?", "to the Faroe Islands?", "Do you ship to the Faroe Islands?"),
        ("Do you ship to Norway?", "with DHL?", "Do you ship to Norway with DHL?"),
        ("Do you ship to New York for free?", "and to Oslo?", "Do you ship to Oslo for free?"),
        ("Do you ship to the Alps for free?", "and to Oslo?", "Do you ship to Oslo for free?"),
        ("Do you ship to New York?", "and to Oslo?", "Do you ship to Oslo?"),
        (
            "Do you ship to Norway in a box?",
            "and to Sweden?",
            "Do you ship to Sweden in a box?",
        ),
        (
            "Do you ship to Norway in a big box?",
            "and to Sweden?",
            "Do you ship to Norway in a big box to Sweden?",
        ),
        ("Do you take Apple Pay?", "and PayPal?", "Do you take PayPal?"),
        ("Do you take Apple Pay?", "and Google Pay?", "Do you take Google Pay?"),
        ("How do I brew fresh green tea?", "and dark black tea?", "How do I brew dark black tea?"),
        ("How do I brew fresh green tea?", "and coffee?", "How do I brew coffee?"),
        ("tea?", "and black tea?", "Tea black tea?"),
        ("Norway?", "and Sweden?", "Norway Sweden?"),
        ("Is tea from Japan organic?", "and from China?", "Is tea from China organic?"),
        ("How long is tea good?", "and coffee?", "How long is coffee good?"),
        ("Where is Oslo?", "and Bergen?", "Where is Bergen?"),
        ("Is the shop in Oslo open?", "and in Bergen?", "Is the shop in Bergen open?"),
        (
            "Can I pay by Visa in Oslo?",
            "and with PayPal?",
            "Can I pay by Visa in Oslo with PayPal?",
        ),
    ],
)
def test_a_fragment_takes_the_place_of_what_is_like_it(
    question: str, fragment: str, asked: str
) -> None:
    """Behind the same preposition, of the last name, or of what has the same head; else behind."""
    words = follow_ups("en")
    kind = kind_of(tokens_of(fragment), Form.QUESTION, words)
    assert kind is not None
    found = follow(fragment, kind, topic(question), words)
    assert found is not None
    assert found[0].question == asked
    assert found[0].adds is (len(asked.split()) >= len(f"{question} {fragment}".split()) - 1)


@pytest.mark.parametrize("length", [12, 13])
def test_a_question_of_twelve_words_is_a_topic_whole(length: int) -> None:
    """Of a longer one what it is about is."""
    words = [f"word{n}" for n in range(length - 1)]
    said = topic(" ".join(["is", *words]) + "?").question
    assert len(said) == 12
    assert (said[0].text == "is") is (length == 12)
