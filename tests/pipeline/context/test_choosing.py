"""``choosing.py``: one of the offered questions is meant, none of them, or something else."""

from __future__ import annotations

import pytest

from agentbot.pipeline.context.choosing import chosen, chosen_again, is_refused, still_open
from agentbot.pipeline.context.exchanges import Exchange
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.following import follow_ups
from agentbot.pipeline.own_messages import Offered
from tests.support.dialogue import answer

TIME = Offered("How long does delivery take?", "faq:delivery-time")
COST = Offered("How much is shipping?", "faq:shipping-cost")
PAY = Offered("How can I pay?", "faq:payment-methods")
NONE = Offered("None of these", "faq:none")
OFFERED = (TIME, COST, PAY, NONE)


@pytest.mark.parametrize(
    ("code", "text", "meant"),
    [
        ("en", "the second one", COST),
        ("en", "2", COST),
        ("en", "2.", COST),
        ("en", "number two please", COST),
        ("en", "I meant the last one", PAY),
        ("en", "the first", TIME),
        ("en", "shipping", COST),
        ("en", "payment", PAY),
        ("en", "the delivery one", TIME),
        ("de", "die zweite bitte", COST),
        ("de", "Nummer 3", PAY),
        ("fr", "la deuxième", COST),
        ("fr", "le dernier", PAY),
        ("es", "la segunda, por favor", COST),
        ("pt", "a terceira", PAY),
        ("nl", "de tweede graag", COST),
        ("it", "il primo", TIME),
        ("pl", "drugie", COST),
    ],
)
def test_a_question_is_chosen_by_its_place_or_by_a_word(
    code: Language, text: str, meant: Offered
) -> None:
    """In each language of the packs."""
    assert chosen(text, OFFERED, follow_ups(code)) is meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "the fourth",
        "yes",
        "first and second",
        "hello",
        "the first time I ordered it broke",
        "gift cards",
        "How do I return something?",
        "two weeks ago I ordered a teapot and it has not arrived yet",
    ],
)
def test_what_chooses_none_for_sure_chooses_none(text: str) -> None:
    """Such as a yes to three questions, or a place that there is not."""
    assert chosen(text, OFFERED, follow_ups("en")) is None


def test_a_figure_chooses_only_of_what_the_faq_has_listed() -> None:
    """It may answer what a rule has asked; a place in words chooses of a rule's buttons too."""
    words = follow_ups("en")
    buttons = (Offered("One teapot", "one"), Offered("A set", "set"))
    assert chosen("2", buttons, words) is None
    assert chosen("the second", buttons, words) is buttons[1]


def test_yes_chooses_the_only_question_of_the_faq() -> None:
    """Not a button of a rule: nobody knows what the yes is to."""
    words = follow_ups("en")
    assert chosen("yes please", (COST, NONE), words) is COST
    assert chosen("yes", (Offered("I want a person", ""),), words) is None
    assert chosen("yes", (NONE,), words) is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "None of these"),
        ("en", "none of them"),
        ("en", "no"),
        ("en", "I meant something else"),
        ("de", "keine davon"),
        ("de", "nein"),
        ("fr", "aucune"),
        ("es", "ninguna de estas"),
        ("pt", "nenhuma"),
        ("nl", "geen van deze"),
        ("it", "nessuna di queste"),
        ("pl", "żadne z nich"),
    ],
)
def test_all_are_refused(code: Language, text: str) -> None:
    """By the button, by no, or in words."""
    assert is_refused(text, OFFERED, follow_ups(code))


def test_nothing_is_refused_that_was_not_offered() -> None:
    """And a question that ends with such a word is none."""
    words = follow_ups("en")
    assert not is_refused("no", (Offered("I want a person", ""),), words)
    assert not is_refused("no", (), words)
    assert not is_refused("of all your teapots there is none", OFFERED, words)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("I think I meant the second one, please", COST),
        ("well I think I meant the second one, please", None),
        ("long does delivery take", TIME),
        ("so long does delivery take", None),
    ],
)
def test_what_is_longer_than_a_choice_is_a_question_of_its_own(
    text: str, meant: Offered | None
) -> None:
    """Eight words by a place, four by a word of it."""
    assert chosen(text, OFFERED, follow_ups("en")) is meant
    assert chosen(text, (), follow_ups("en")) is None


@pytest.mark.parametrize(("text", "is_form"), [("pay", True), ("payments", True), ("pa", False)])
def test_a_word_chooses_by_one_of_its_forms(text: str, *, is_form: bool) -> None:
    """A longer or a shorter one, of three letters at least; the entry's id counts."""
    settle = Offered("How can I settle it?", "faq:payment-methods")
    assert (chosen(text, (COST, settle), follow_ups("en")) is settle) is is_form


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("no, the first", TIME),
        ("the first", TIME),
        ("I think that I really meant the last", PAY),
        ("and I think that I really meant the last", PAY),
        ("well I think that I really meant the last", None),
        ("shipping, the first", None),
        ("2", None),
        ("number 2", COST),
        ("no, the fourth", None),
        ("no,", None),
        ("", None),
    ],
)
def test_another_one_is_chosen_by_its_place_in_words(text: str, meant: Offered | None) -> None:
    """A figure alone, and what is not offered, may mean anything by then."""
    assert chosen_again(text, OFFERED, follow_ups("en")) is meant


def test_an_offer_is_open_as_long_as_only_choices_were_made_since() -> None:
    """Whether one was is told; what was never offered, or is left, is not open."""
    words = follow_ups("en")
    asked = Exchange("shipping?", answer("", ("How much?", "faq:cost"), ("How long?", "faq:time")))
    both = (Offered("How much?", "faq:cost"), Offered("How long?", "faq:time"))
    second = Exchange("the second", answer("time"))
    assert still_open([asked], words) == (both, False)
    assert still_open([asked, second], words) == (both, True)
    assert still_open([asked, Exchange(" How much? ", None)], words) == (both, True)
    assert still_open([asked, second, Exchange("gift cards?", None)], words) == ((), False)
    assert still_open([Exchange("Hi", answer("greeting"))], words) == ((), False)
