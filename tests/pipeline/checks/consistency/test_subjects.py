"""Proves `agentbot.pipeline.checks.consistency.subjects`: what is said of one stays its own."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.consistency.subjects import Subjects
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import CODES
from agentbot.pipeline.languages.subjects import all_subjects

FARES = "Children travel free. Adults pay at the counter."
FOR_MEMBERS = "Members and students may use the sauna. Guests may use the pool."


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        (FARES, "Adults travel free."),
        (FARES, "Children pay at the counter."),
        (FARES, "Dogs travel free."),
        (FARES, "Adults and children travel free."),
        (FOR_MEMBERS, "Guests may use the sauna."),
        ("In summer the garden is open late.", "The garden is open late in winter."),
        ("Refunded fares stay. Non-refunded ones are sold.", "Non-refunded fares stay."),
        ("Unopened boxes can be sent back.", "Opened boxes can be sent back."),
        ("New customers get a sample.", "All customers get a sample."),
        ("Sold fares change. Unsold fares cannot change.", "Sold fares cannot change."),
        ("Only our members may park here.", "You may park here."),
        ("The tour goes on unless it rains.", "The tour goes on if it rains."),
        ("Nothing is sent without a form.", "It is sent without a form."),
        ("Vouchers come by e-mail.", "Stamps come by e-mail."),
        ("The tenant pays for repairs at once.", "The plumber pays for repairs at once."),
    ],
)
def test_what_a_source_says_of_another_is_found(source: str, claim: str) -> None:
    """By facets, by opposites, by what stands in the subject's place."""
    assert Subjects(source, "en").taken(claim)


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        (FARES, "Kids travel free."),
        (FARES, "Children travel free, and adults pay at the counter."),
        (FARES, "Adults may bring a bag."),
        (FOR_MEMBERS, "Students may use the sauna."),
        (FOR_MEMBERS, "Members may use the sauna, guests the pool."),
        ("Parking is free for everybody.", "Parking is free for members."),
        ("Unopened boxes can be sent back.", "Unopened boxes can be sent back."),
        ("Cups go into the dishwasher. Bowls do, too.", "Bowls go into the dishwasher."),
        ("Our bicycles are repaired at once.", "Our bikes are repaired at once."),
        ("Write to us by the end of May.", "Mail to us by the end of May."),
        ("Our card holders get a free tea.", "Our cards get a free tea."),
        ("Children travel free. Adults do, too.", "Adults travel free."),
        ("Sold fares change. Unsold fares cannot change.", "Unsold fares cannot change."),
        ("All new customers get a sample.", "All customers get a sample."),
        ("Members get a sample.", "All members get a sample."),
        ("Members may only park here.", "You may only park here."),
        ("The tour goes on unless it rains.", "If it rains, the tour does not go on."),
        ("It is sent without a form.", "It is sent without a form."),
        ("", "Children travel free."),
    ],
)
def test_what_it_says_of_the_same_is_not(source: str, claim: str) -> None:
    """In other words, of all, of both, in another order; nor what it does not speak of."""
    assert Subjects(source, "en").taken(claim) == ""


def test_a_claim_that_names_nobody_is_about_whom_was_asked_after() -> None:
    """And a sentence that names nobody about whom the title names."""
    assert Subjects(FARES, "en").taken("They travel free.", ["Do adults pay?"])
    assert not Subjects(FARES, "en").taken("They travel free.", ["Do children pay?"])
    assert not Subjects(FARES, "en").taken("Children travel free.", ["Do adults pay?"])
    titled = Subjects("Travel is free on all lines.", "en", "Children")
    assert titled.taken("Travel is free for adults.")
    assert not titled.taken("Travel is free for children.")


def test_who_is_named_by_a_question_may_be_told_what_holds_of_them_alone() -> None:
    """To a member "you" are the members."""
    source = Subjects("Only members may park here.", "en")
    assert not source.taken("You may park here.", ["I am a member, may I park here?"])
    assert source.taken("You may park here.", ["I am a guest, may I park here?"])


@pytest.mark.parametrize("code", CODES)
def test_every_side_of_every_facet_excludes_the_others(code: Language) -> None:
    """In each language, whatever the sentence says: no list is left unread."""
    said = "tarifa zuperb garantum"  # content in every language
    for facet, sides in all_subjects()[code].facets.items():
        for number, forms in enumerate(sides):
            own, other = forms[0].strip(" *"), sides[number - 1][0].strip(" *")
            source = Subjects(f"{own} {said}", code)
            assert source.taken(f"{other} {said}"), (facet, own, other)
            assert not source.taken(f"{own} {said}"), (facet, own)


@pytest.mark.parametrize(
    ("here", "asked"),
    [
        ("children", "adults"),
        ("on the pro", "on the premium"),
        ("online", "in store"),
        ("in the EU", "outside the EU"),
    ],
)
def test_whom_is_asked_after_is_known_by_each_facet_of_whom(here: str, asked: str) -> None:
    """Audience, plan, channel and region."""
    source = Subjects(f"Returns are easy {here}.", "en")
    assert source.taken("Returns are easy.", [f"And what about returns {asked}?"])
    assert not source.taken("Returns are easy.", [f"And what about returns {here}?"])
