"""``meaning.py``: what a turn asks in its conversation; what stands for itself is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.context.meaning import goes_on, in_context, meant
from agentbot.pipeline.faq.questions.reading import sentences
from agentbot.pipeline.turn import Author, FollowUpKind, Memory, Message
from tests.support.dialogue import after, answer
from tests.support.turns import MONDAY_NOON, message, turn

SHIP = "Do you ship to Norway?"
OFFER = answer(
    "",
    ("How long does delivery take?", "faq:delivery-time"),
    ("How much is shipping?", "faq:shipping-cost"),
    ("None of these", "faq:none"),
)


SHIPPED, THANKED = answer("shipping"), answer("small_talk/thanks")


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ([SHIP, SHIPPED, "and how much is that?"], "How much is ship Norway?"),
        ([SHIP, SHIPPED, "thanks! how much is it?"], "How much is ship Norway?"),
        ([SHIP, SHIPPED, "thanks", THANKED, "how much is it?"], "How much is ship Norway?"),
        ([SHIP, SHIPPED, "how much?", SHIPPED, "and to Sweden?"], "How much ship Sweden?"),
        (["return policy?", SHIPPED, SHIP, SHIPPED, "is it free?"], "Is ship Norway free?"),
        (["delivery", OFFER, "the second one", SHIPPED, "and cups?"], "How much is cups?"),
        (["Vocês aceitam PayPal?", SHIPPED, "e Vipps?"], "Vocês aceitam Vipps?"),
        (["vous livrez en Belgique ?", SHIPPED, "et en Suisse ?"], "Vous livrez en Suisse?"),
    ],
)
def test_a_follow_up_is_completed_by_the_topic(said: list[str | Message], question: str) -> None:
    """By the last question that says what it is about, also across what does not."""
    found = meant(after(*said))
    assert found is not None
    assert found.question == question
    assert question in found.why.text


def test_the_source_of_the_last_answer_is_told() -> None:
    """Not that of thanks for thanks."""
    found = meant(
        after(SHIP, answer("shipping"), "thanks", answer("small_talk/thanks"), "how much?")
    )
    assert found is not None
    assert found.source == "shipping"
    assert "last answer: shipping" in found.why.text
    (one,) = found.follow_ups
    assert (one.kind, one.bare, one.topic) == (FollowUpKind.ASPECT, "how much?", "ship Norway?")


def test_a_sentence_may_go_on_from_another_of_the_same_message() -> None:
    """Which stands for itself: it is looked for as it is."""
    found = meant(turn("Thanks! And do you ship to Norway? And how long does it take?"))
    assert found is not None
    assert found.standing == "And do you ship to Norway?"
    assert [one.question for one in found.follow_ups] == ["How long does ship Norway take?"]


STANDING = (
    "Do you sell gift cards?",
    "Where is your shop?",
    "I want to send my order back",
    "my card does not work at checkout",
    "hello",
    "thank you very much!",
    "that is expensive",
    "FF-10234",
    "x" * 2_000,
)
_PAST = st.lists(
    st.tuples(
        st.sampled_from([SHIP, "how much?", "delivery", "2", "no", "and to Sweden?"]),
        st.sampled_from([answer("shipping"), answer(), OFFER, answer("small_talk/thanks")]),
    ),
    max_size=4,
)


@given(past=_PAST, text=st.sampled_from(STANDING))
def test_what_stands_for_itself_is_left_alone(past: list[tuple[str, Message]], text: str) -> None:
    """Whatever was said before it."""
    asked = after(*(one for pair in past for one in pair), text)
    assert in_context(asked, "en") == (asked, ())


@given(text=st.sampled_from([*STANDING, "how much?", "and to Sweden?", "2", "no", "is it free?"]))
def test_without_anything_said_before_it_all_is_as_written(text: str) -> None:
    """There is nothing that it could go on from."""
    assert in_context(turn(text), "en") == (turn(text), ())


@given(past=_PAST, text=st.sampled_from(["how much?", "and to Sweden?", "2", "no", "the second"]))
def test_what_was_said_before_a_close_changes_nothing(
    past: list[tuple[str, Message]], text: str
) -> None:
    """It is as if it had not been said."""
    asked = after(
        *(one for pair in past for one in pair), text, memory=Memory(closed_at=MONDAY_NOON)
    )
    assert in_context(asked, "en") == (asked, ())


def test_nor_does_what_was_said_before_a_person_wrote_or_before_a_pause() -> None:
    """It was the person's topic, and has been handed back."""
    person = message("Done.", author=Author.PERSON)
    assert meant(after(SHIP, answer("shipping"), person, "how much is it?")) is None
    before = after(SHIP, answer("shipping"), "how much is it?").history
    now = MONDAY_NOON + timedelta(hours=5)
    assert meant(turn("how much is it?", history=before, now=now)) is None


@pytest.mark.parametrize("text", ["the second one", "2", "shipping"])
def test_a_chosen_question_is_said_as_by_a_click(text: str) -> None:
    """So that rules too see what the button says."""
    chosen, (step,) = in_context(after("delivery", OFFER, text), "en")
    assert chosen.text == "How much is shipping?"
    assert chosen.meant is None
    assert (step.name, step.outcome) == ("context", "chosen")


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (["the second one", SHIPPED, "no, the first"], "How long does delivery take?"),
        (["How much is shipping?", SHIPPED, "and the first one?"], "How long does delivery take?"),
        (["1", SHIPPED, "2nd", SHIPPED, "actually the first"], "How long does delivery take?"),
        (["the first", SHIPPED, "sorry, I meant the second"], "How much is shipping?"),
    ],
)
def test_an_offer_may_be_chosen_from_again(said: list[str | Message], question: str) -> None:
    """As long as nothing but choices of it was said since."""
    chosen, (step,) = in_context(after("delivery", OFFER, *said), "en")
    assert (chosen.text, step.outcome) == (question, "chosen")
    assert "offered before" in step.reason.text


@pytest.mark.parametrize(
    "said",
    [
        ["the second one", SHIPPED, "2"],
        ["the second one", SHIPPED, "delivery"],
        ["the second one", SHIPPED, "no"],
        ["the second one", SHIPPED, "the first time I ordered it broke"],
        ["the second one", SHIPPED, "no, the third"],
        ["Do you take PayPal?", SHIPPED, "the first"],
        ["the second one", SHIPPED, "Do you take PayPal?", SHIPPED, "the first"],
    ],
)
def test_what_may_mean_something_else_by_then_is_no_second_choice(
    said: list[str | Message],
) -> None:
    """A figure, a word, or a place after another question was asked."""
    asked = after("delivery", OFFER, *said)
    assert in_context(asked, "en")[0].text == asked.text


def test_what_was_asked_of_the_topic_meanwhile_may_be_left_out() -> None:
    """ "And to Sweden?" may go on from either."""
    found = meant(after(SHIP, SHIPPED, "how much is that?", SHIPPED, "and to Sweden?"))
    assert found is not None
    (one,) = found.follow_ups
    assert (one.question, one.without_aspect) == (
        "How much is ship Sweden?",
        "Do you ship to Sweden?",
    )
    found = meant(after(SHIP, SHIPPED, "and to Sweden?"))
    assert found is not None
    assert [one.without_aspect for one in found.follow_ups] == [""]


def test_what_has_the_same_head_takes_its_place_whole() -> None:
    """And not only that of its last word."""
    found = meant(after("how do I brew green tea?", SHIPPED, "and black tea?"))
    assert found is not None
    assert found.question == "How do I brew black tea?"


def test_a_click_is_left_as_it_is() -> None:
    """It says its question already."""
    asked = after("delivery", OFFER, "How much is shipping?")
    assert in_context(asked, "en") == (asked, ())


def test_who_refuses_all_that_was_offered_means_their_question() -> None:
    """And nothing of what was offered."""
    found = meant(after("delivery problem", OFFER, "none of these"))
    assert found is not None
    assert found.question == "delivery problem"
    assert found.follow_ups == ()


def test_a_step_says_how_a_turn_was_understood() -> None:
    """In the words that the journal has."""
    _, (step,) = in_context(after("delivery", OFFER, "2"), "en")
    assert (step.name, step.outcome, step.reason.code) == ("context", "chosen", "chosen")
    _, (step,) = in_context(after(SHIP, SHIPPED, "how much?"), "en")
    assert (step.name, step.outcome, step.reason.code) == ("context", "meant", "follow_up")
    _, (step,) = in_context(after("delivery", OFFER, "none of these"), "en")
    assert (step.name, step.outcome, step.reason.code) == ("context", "meant", "refused")


@pytest.mark.parametrize(("length", "is_meant"), [(500, True), (501, False)])
def test_who_writes_much_says_it_all(length: int, *, is_meant: bool) -> None:
    """Up to 500 characters a message may go on from what was said."""
    asked = after(SHIP, SHIPPED, "and to Sweden?".ljust(length))
    assert (meant(asked) is not None) is is_meant


def test_several_questions_may_go_on_each_from_what_was_said() -> None:
    """Each topic is told; those that stand for themselves come first."""
    found = meant(after(SHIP, SHIPPED, "how much is it? and Klarna too?"))
    assert found is not None
    assert found.question == "How much is ship Norway? How much is ship Klarna?"
    assert found.standing == ""
    found = meant(after(SHIP, SHIPPED, "and to Sweden? how much is it?"))
    assert found is not None
    assert "(topic: ship Norway?, ship Sweden; " in found.why.text
    found = meant(after(SHIP, SHIPPED, "Do you sell cups? Do you sell tea? And how much is it?"))
    assert found is not None
    assert found.standing == "Do you sell cups? Do you sell tea?"
    assert found.question == f"{found.standing} How much is sell tea?"
    assert found.source == ""


def test_what_was_offered_last_is_told_where_nothing_was_answered() -> None:
    """Not what was answered, or is asked beside it."""
    found = meant(after("delivery", OFFER, "and to Sweden?"))
    assert found is not None
    assert found.offered == ("delivery-time", "shipping-cost")
    others: list[list[str | Message]] = [
        ["delivery", OFFER, SHIP, SHIPPED, "and to Sweden?"],
        ["delivery", OFFER, "Do you sell cups? And how much is it?"],
    ]
    for said in others:
        found = meant(after(*said))
        assert found is not None
        assert found.offered == ()


def test_what_was_chosen_of_an_offer_is_the_topic() -> None:
    """By a word of it as by its place."""
    found = meant(after("delivery", OFFER, "shipping", SHIPPED, "and cups?"))
    assert found is not None
    assert found.question == "How much is cups?"


def test_an_address_is_no_topic() -> None:
    """What was asked before it was given is."""
    found = meant(after(SHIP, SHIPPED, "me@shop.example", answer("email"), "how much?"))
    assert found is not None
    assert (found.question, found.source) == ("How much ship Norway?", "shipping")


def test_who_tells_something_first_speaks_of_that() -> None:
    """It is read as one story, and goes on from nothing."""
    story = "My card was eaten by a machine. How long does that take?"
    assert meant(after(SHIP, SHIPPED, story)) is None


def test_a_sentence_goes_on_or_stands_for_itself() -> None:
    """Whatever else its turn says."""
    asked = turn("Do you sell tea? How much is it?")
    assert [goes_on(part, asked) for part in sentences(asked.text)] == [False, True]
