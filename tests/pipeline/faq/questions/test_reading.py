"""``reading.py``: what of a message is asked, whatever surrounds it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.faq.questions.reading import read, said_once, tells
from agentbot.pipeline.languages.asking import Form

CHATTER = (
    "It has been a long week here, and the children are back at school. My neighbour told me how "
    "friendly everybody is at your place, and the sun is out at last. "
)


def compared(text: str) -> list[str]:
    """Return what is compared of a message, without the whole of several sentences."""
    return [part.text for part in read(text).parts if not part.is_whole]


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("where is my order", ["where is my order"]),
        ("Hello, I hope you are well. Where is my order? Thank you very much!", None),
        ("Hi! where is my order Thanks a lot for your help", ["where is my order"]),
        ("WHERE IS MY ORDER!!!", ["where is my order"]),
        ("where is my order?!!", ["where is my order?"]),
        ("Where is my order?\nWhere is my order?", ["Where is my order?"]),
        ("Guten Tag! Wo ist mein Paket? Danke!", ["Wo ist mein Paket?"]),
        ("I bought a pot last week, how do I return it?", ["how do I return it?"]),
        ("how long is it and can i pay by card", ["and can i pay by card"]),
        ("do you sell tea and can i pay by card", ["do you sell tea", "and can i pay by card"]),
        ("can you send it to Dr. Who in St. Ives", ["can you send it to Dr. Who in St. Ives"]),
        ("what is 3.5 kg", ["what is 3.5 kg"]),
        ("hello", ["hello"]),
        ("I love tea. My order has not arrived.", ["My order has not arrived."]),
        ("I like tea. It is warm.", ["I like tea.", "It is warm."]),
    ],
)  # fmt: skip
def test_each_sentence_that_asks_is_compared(message: str, asked: list[str] | None) -> None:
    """Greetings, thanks and tales are not, unless there is nothing else."""
    assert compared(message) == (asked or ["Where is my order?"])


@pytest.mark.parametrize("question", ["where is my order", "is there a fee for topping up?"])
@pytest.mark.parametrize("times", [1, 10, 100])
def test_a_question_is_found_behind_any_talk(question: str, times: int) -> None:
    """Also behind ten thousand characters, and in the middle of as much as is looked at."""
    assert compared(CHATTER * times + question) == [question]
    assert compared(f"{CHATTER}{question} {CHATTER * times}") == [question]


def test_what_says_nothing_itself_goes_with_what_was_said_before() -> None:
    """A statement then is no part of its own; a question stays one."""
    assert compared("I was charged twice. Why is that?") == ["I was charged twice. Why is that?"]
    first, second = read("Do you ship to Norway? How long does it take?").parts[1:]
    assert first.text == "Do you ship to Norway?"
    assert second.text.startswith(first.text)
    assert second.written == "How long does it take?"


def test_all_sentences_together_are_compared_too() -> None:
    """First, where they are not too long to be one question; the form is that which asks most."""
    whole, part = read("My teapot came. Can I return it?").parts
    assert whole.is_whole
    assert (whole.text, whole.form) == ("My teapot came. Can I return it?", Form.QUESTION)
    assert not part.is_whole
    long = " ".join(f"It was number {word} of a week." for word in range(100))
    parts = read(f"{long} Where is my parcel?").parts
    assert max(len(part.text) for part in parts) < 100


def test_amid_much_else_a_question_is_compared_with_what_was_said_before_it() -> None:
    """All together says little there."""
    parts = read(f"{CHATTER} I sent money. They have not received it. The sun is out.").parts
    assert [part.text for part in parts[1:]] == [
        "I sent money. They have not received it.",
        "They have not received it.",
    ]
    assert [part.is_whole for part in parts] == [True, True, False]


@pytest.mark.parametrize(
    ("sentence", "is_plain"),
    [
        ("Where is it?", True),
        ("where is my parcel", True),
        ("I need it on Saturday.", False),
        ("I need it on Saturday?", True),
        ("cancel my order", False),
    ],
)
def test_a_wish_may_belong_to_another_question(sentence: str, *, is_plain: bool) -> None:
    """So it is no plain question without the mark of one."""
    (part,) = read(sentence).parts
    assert part.is_plain_question is is_plain


def test_slips_are_mended_before_a_sentence_is_judged() -> None:
    """And the customer's own writing is kept, to be repeated to them."""
    (part,) = read("Hwere is it", lambda text: text.replace("Hwere", "Where")).parts
    assert (part.text, part.written, part.form) == ("Where is it", "Hwere is it", Form.QUESTION)


@pytest.mark.parametrize(
    ("said", "once"),
    [
        ("refund " * 30, "refund"),
        ("Do you ship?\nDo you ship?", "do you ship"),
        ("norway and again norway, I say norway: norway!", "norway and again i say"),
        ("the cat and the dog and the bird", "the cat and the dog and the bird"),
        ("I think that that is it.", "I think that that is it."),
        ("", ""),
    ],
)
def test_what_is_only_repeated_is_taken_once(said: str, once: str) -> None:
    """Other texts stay as they are, with their signs."""
    assert said_once(said) == once


@pytest.mark.parametrize(
    ("text", "is_telling"), [("how does it work?", False), ("my parcel", True)]
)
def test_some_words_tell_nothing(text: str, *, is_telling: bool) -> None:
    """They stand in questions of any kind."""
    assert tells(text) is is_telling


@given(st.text(max_size=400))
def test_any_message_has_a_first_part(text: str) -> None:
    """Whatever it holds; six sentences, two pairs, and first the whole, at most."""
    reading = read(text)
    assert 1 <= len(reading.parts) <= 9
    assert reading.sentences <= 6


def test_the_work_is_bounded() -> None:
    """Six sentences of a thousand at most, the last ones first."""
    parts = read(" ".join(f"Where is number {word} now?" for word in range(1000))).parts
    assert [part.text for part in parts][-1] == "Where is number 999 now?"
    assert sum(not part.is_whole for part in parts) == 6
    assert max(len(part.text) for part in read("parcel delivery " * 100_000).parts) <= 1000
