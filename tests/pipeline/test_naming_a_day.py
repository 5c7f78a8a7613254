"""Naming a day: ``naming_a_day.py``: no question about a day gets the usual hours alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agentbot.pipeline.decision import Handoff, Reply
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import FaqAbstention, FaqAnswer, FaqOutcome
from agentbot.pipeline.pipeline import build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Account, WorkingSpan
from tests.support.dialogue import after, answer
from tests.support.faq import FakeMatcher
from tests.support.folders import folder
from tests.support.turns import turn

THURSDAY = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
HOURS = """
time_zone: Europe/Oslo
week: {weekdays: 9:00-17:00}
holidays: {country: "NO"}
"""
RULES = """
rules:
  - id: hours
    keywords: [open, geöffnet]
    reply: "We are here {{ opening_hours }}."
  - id: own
    keywords: [festive]
    reply: "Specially: {{ hours_on_day }}. Else {{ opening_hours }}."
  - id: left
    keywords: [urgent]
    reply: "Call us {{ opening_hours }}."
    hand_over: true
  - id: other
    keywords: [refund]
    reply: "Within 3\N{EN DASH}5 days."
"""
USUAL = "Monday\N{EN DASH}Friday 9:00\N{EN DASH}17:00"
NOTHING = FaqAbstention((), 0.0, "far")


def decide(
    tmp_path: Path, text: str, *, faq: FaqOutcome = NOTHING, hours: str = HOURS
) -> Reply | Handoff:
    """Return what is decided on a Thursday in November."""
    prompts = load_prompts(folder(tmp_path, rules=RULES, hours=hours))
    pipeline = build_pipeline(prompts, matcher=FakeMatcher(faq))
    decision = pipeline.decide(turn(text, now=THURSDAY))
    assert isinstance(decision, Reply | Handoff)
    return decision


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("When are you open?", f"We are here {USUAL}."),
        (
            "Are you open on 25 December?",
            f"Friday, 25 December: closed\n\nWe are here {USUAL}.",
        ),
        (
            "Are you open tomorrow?",
            f"Friday, 27 November: 9:00\N{EN DASH}17:00\n\nWe are here {USUAL}.",
        ),
        (
            "Haben Sie am Sonntag geöffnet?",
            f"Sunday, 29 November: closed\n\nWe are here {USUAL}.",
        ),
        ("festive on 25 December?", f"Specially: Friday, 25 December: closed. Else {USUAL}."),
        ("a refund by tomorrow?", "Within 3\N{EN DASH}5 days."),
    ],
)
def test_the_hours_of_the_day_go_before_the_usual_ones(
    tmp_path: Path, text: str, said: str
) -> None:
    """Unless the text has them itself, or tells no hours."""
    assert decide(tmp_path, text).text == said


def test_the_faq_tells_them_too(tmp_path: Path) -> None:
    """It is found out of the text alone."""
    visit = FaqEntry("visit", "Where are you?", f"In Bergen, {USUAL}.")
    decided = decide(tmp_path, "Can I come by on Sunday?", faq=FaqAnswer(visit, 0.9, "sure"))
    assert decided.text == f"Sunday, 29 November: closed\n\n{visit.answer}"
    assert ("hours", "told") in [(step.name, step.outcome) for step in decided.trace]


def test_a_question_that_is_taken_of_an_offer_is_asked_of_the_same_day(tmp_path: Path) -> None:
    """What is clicked on names none itself."""
    prompts = load_prompts(folder(tmp_path, rules=RULES, hours=HOURS))
    pipeline = build_pipeline(prompts, matcher=FakeMatcher(NOTHING))
    asked = after(
        "anybody there on 25 December?",
        answer("", ("When are you open?", "faq:hours")),
        "When are you open?",
    )
    decision = pipeline.decide(asked)
    assert isinstance(decision, Reply)
    assert decision.text == f"Friday, 25 December: closed\n\nWe are here {USUAL}."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("and on 25 December?", "Friday, 25 December: closed"),
        ("and on Sundays?", "Sunday, 29 November: closed"),
        ("and what about Christmas Day?", "Friday, 25 December: closed"),
        ("and a refund on 25 December?", None),
        ("and then?", None),
    ],
)
def test_another_day_may_be_asked_for_once_hours_were_told(
    tmp_path: Path, text: str, said: str | None
) -> None:
    """It is all that is said; what is asked beside it is another question."""
    prompts = load_prompts(folder(tmp_path, rules=RULES, hours=HOURS))
    pipeline = build_pipeline(prompts, matcher=FakeMatcher(NOTHING))
    told = answer("hours", text=f"We are here {USUAL}.")
    decision = pipeline.decide(after("are you open?", told, text))
    if said is None:
        assert decision.reason.code != "hours_on_day"  # type: ignore[union-attr] # it is made
    else:
        assert isinstance(decision, Reply)
        assert (decision.text, decision.source, decision.gap) == (said, "hours", False)
    again = answer("hours", text="Tuesday, 24 November: closed")
    third = pipeline.decide(after("are you open?", told, "and tomorrow?", again, "and on Sunday?"))
    assert isinstance(third, Reply)
    assert third.reason.code == "hours_on_day"
    unclear = pipeline.decide(after("are you open?", told, "and in July?"))
    assert isinstance(unclear, Handoff)
    assert unclear.reason.code == "hours_unclear"


@pytest.mark.parametrize(
    ("before", "text", "said"),
    [
        (["open tomorrow?"], "And the day after?", "Saturday, 28 November: closed"),
        (["open tomorrow?", "and the next day?"], "and the day after that?", "Sunday, 29"),
        (["open at the weekend?"], "and the day before?", "Friday, 27 November: 9:00"),
        (["open on 24 December?", "thanks!"], "And the day after?", "Friday, 25 December: closed"),
        (["Haben Sie am Sonntag geöffnet?"], "Und am Tag danach?", "Monday, 30 November: 9:00"),
        (["open on 24 December?"], "And a refund the day after?", None),
        (["open?"], "And the day after?", None),
    ],
)
def test_the_day_after_is_that_after_the_one_named_last(
    tmp_path: Path, before: Sequence[str], text: str, said: str | None
) -> None:
    """Where none was named, or something else is asked, nobody can tell."""
    prompts = load_prompts(folder(tmp_path, rules=RULES, hours=HOURS))
    pipeline = build_pipeline(prompts, matcher=FakeMatcher(NOTHING))
    told = answer("hours", text=f"We are here {USUAL}.")
    asked = after(*(one for each in before for one in (each, told)), text)
    decision = pipeline.decide(replace(asked, now=THURSDAY))
    if said is None:
        assert decision.reason.code != "hours_on_day"  # type: ignore[union-attr] # it is made
    else:
        assert isinstance(decision, Reply)
        assert decision.text.startswith(said)


def test_a_day_in_the_past_is_not_told(tmp_path: Path) -> None:
    """ "The day before" today is over: people are asked what is meant."""
    prompts = load_prompts(folder(tmp_path, rules=RULES, hours=HOURS))
    pipeline = build_pipeline(prompts, matcher=FakeMatcher(NOTHING))
    told = answer("hours", text=f"We are here {USUAL}.")
    decision = pipeline.decide(after("open today?", told, "and the day before?"))
    assert isinstance(decision, Handoff)


def test_what_nobody_can_tell_is_left_to_people(tmp_path: Path) -> None:
    """The usual hours would be taken for an answer; what is left to people anyway stays."""
    decided = decide(tmp_path, "Are you open in July?")
    assert isinstance(decided, Handoff)
    assert decided.reason.code == "hours_unclear"
    assert decided.gap
    assert USUAL not in (decided.text or "")
    left = decide(tmp_path, "urgent, in July")
    assert (left.reason.code, left.text) == ("rule", f"Call us {USUAL}.")


@pytest.mark.parametrize(
    ("text", "code"), [("open on 25 December?", "hours_unclear"), ("open on Friday?", "rule")]
)
def test_the_accounts_own_hours_know_no_holidays(tmp_path: Path, text: str, code: str) -> None:
    """They have a week only."""
    made = folder(tmp_path, rules=RULES)
    spans: Sequence[WorkingSpan] = [WorkingSpan("weekdays", 540, 1020)]
    account = Account(time_zone="Europe/Oslo", working_hours=tuple(spans))
    pipeline = build_pipeline(load_prompts(made), matcher=FakeMatcher(NOTHING))
    decision = pipeline.decide(turn(text, now=THURSDAY, account=account))
    assert isinstance(decision, Reply | Handoff)
    assert decision.reason.code == code
