"""``weighing.py``: what a message of one or several sentences gets."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import (
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.questions.polarity import TurnedRound
from agentbot.pipeline.faq.questions.reading import Part
from agentbot.pipeline.faq.questions.weighing import Finding, weigh
from agentbot.pipeline.languages.asking import Form

SHIP, PAY, BACK = (FaqEntry(name, f"{name}?", ".") for name in ("ship", "pay", "back"))


def finding(
    text: str,
    *near: tuple[FaqEntry, float],
    form: Form = Form.QUESTION,
    is_whole: bool = False,
    against: str = "",
) -> Finding:
    """Return a finding whose score is the first entry's probability."""
    return Finding(Part(text, text, form, is_whole), near, near[0][1], against)


def weighed(*found: Finding) -> FaqOutcome:
    """Return the outcome at a bar of 0.8."""
    return weigh(found, 0.8, "and 80% is enough to answer")


def test_one_sentence_is_answered_from_the_bar_on() -> None:
    """Below it is offered, or not even that."""
    assert weighed(finding("a", (SHIP, 0.8))) == FaqAnswer(
        SHIP, 0.8, "80% sure, and 80% is enough to answer"
    )
    offered = weighed(finding("a", (SHIP, 0.79), (PAY, 0.08), (BACK, 0.07)))
    assert isinstance(offered, FaqSuggestions)
    assert offered.entries == (SHIP, PAY)
    nothing = weighed(finding("a", (SHIP, 0.4), (PAY, 0.05)))
    assert isinstance(nothing, FaqAbstention)
    assert [one.id for one in nothing.nearest] == ["ship", "pay"]
    assert nothing.reason == "45% sure, and 50% is enough to ask back"


def test_the_surest_sentence_answers() -> None:
    """Or all of them together."""
    whole = finding("a b", (SHIP, 0.3), is_whole=True)
    assert isinstance(weighed(whole, finding("b", (PAY, 0.9), form=Form.OTHER)), FaqAnswer)
    sure = finding("a b", (SHIP, 0.9), is_whole=True)
    outcome = weighed(sure, finding("b", (PAY, 0.4)))
    assert isinstance(outcome, FaqAnswer)
    assert outcome.entry is SHIP


def test_two_sure_questions_get_two_answers() -> None:
    """Each entry once, in the order of the questions."""
    outcome = weighed(
        finding("a b", (PAY, 0.6), is_whole=True),
        finding("a", (SHIP, 0.85)),
        finding("b", (PAY, 0.95)),
        finding("c", (SHIP, 0.9)),
    )
    assert isinstance(outcome, FaqAnswers)
    assert (outcome.entries, outcome.unanswered) == ((SHIP, PAY), ())
    assert (outcome.best, outcome.score) == ("pay", 0.95)


def test_a_question_of_another_thing_is_left() -> None:
    """One of the same thing is not, nor is what asks nothing."""
    sure = finding("a", (SHIP, 0.9))
    outcome = weighed(sure, finding("b", (PAY, 0.4), (SHIP, 0.1)))
    assert isinstance(outcome, FaqAnswers)
    assert (outcome.entries, outcome.unanswered) == ((SHIP,), ("b",))
    assert isinstance(weighed(sure, finding("b", (PAY, 0.4), (SHIP, 0.3))), FaqAnswer)
    assert isinstance(weighed(sure, finding("b", (PAY, 0.4), form=Form.OTHER)), FaqAnswer)


@pytest.mark.parametrize(
    ("against", "kind"),
    [
        (TurnedRound.REFUSED, FaqAbstention),
        (TurnedRound.DONE, FaqAbstention),
        (TurnedRound.OPPOSITE, FaqSuggestions),
        ("one word", FaqSuggestions),
    ],
)
def test_what_speaks_against_an_answer_lets_none_out(
    against: str, kind: type[FaqSuggestions | FaqAbstention]
) -> None:
    """What is refused, or has come about, is not offered either; the reason says why."""
    outcome = weighed(finding("a", (SHIP, 0.99), against=against))
    assert isinstance(outcome, kind)
    assert against in outcome.reason


def test_what_speaks_against_one_sentence_leaves_the_others() -> None:
    """ "I do not want a refund. Where is my parcel?"."""
    refused = finding("a", (BACK, 0.99), against=TurnedRound.REFUSED)
    outcome = weighed(refused, finding("b", (SHIP, 0.9)))
    assert isinstance(outcome, FaqAnswer)
    assert outcome.entry is SHIP
