"""Proves `agentbot.pipeline.checks.consistency.roles`: who does what to whom stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.checks.consistency.roles import Roles, clause
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import CODES

SHIPS = "We ship from Norway to Sweden."
CARE = "Silk and cotton can be ironed. Wool must be washed by hand."


@pytest.mark.parametrize(
    ("code", "source", "claim"),
    [
        ("en", SHIPS, "We ship from Sweden to Norway."),
        ("en", "Tea is cheaper than coffee.", "Coffee is cheaper than tea."),
        ("en", "Parents accompany children.", "Yes, children accompany parents."),
        ("en", "A red bowl is beside a blue cup.", "A blue bowl is beside a red cup."),
        ("de", "Tee ist billiger als Kaffee.", "Kaffee ist billiger als Tee."),
        ("de", "Wir liefern von Kiel nach Ulm.", "Wir liefern von Ulm nach Kiel."),
        ("en", CARE, "Wool can be ironed."),
        ("en", "- Cotton: iron hot\n- Silk: dry clean", "Silk: iron hot."),
        ("en", "Cups: dishwasher safe. Lids: by hand, no soap.", "Lids are dishwasher safe."),
        ("en", "| A | Help |\n|---|---|\n| Pro | phone |\n| Lite | mail |", "Lite has phone help."),
        ("en", "For members:\n- sauna\n\nFor guests:\n- pool", "For guests there is a sauna."),
        ("en", "Paper: blue bin. Glass: green box.", "Glass belongs in the blue bin."),
        ("en", "Cotton can be ironed. We wash silk.", "Silk can be ironed."),
        ("en", "Room A has a piano. Room B has a desk.", "Room B has a piano."),
        ("en", "Anna runs the shop, and Ben runs the bar.", "Ben runs the shop."),
        ("en", "Dues in euros are free, dues in dollars are high.", "Dues in dollars are free."),
        ("fr", "Le coton est repassé. La soie est lavée.", "La soie est repassée."),
    ],
)
def test_what_has_taken_the_place_of_another_is_found(
    code: Language, source: str, claim: str
) -> None:
    """In one sentence, or out of two."""
    assert Roles(source, code).turned(claim)
    assert not Roles(source, code).turned(source)


@pytest.mark.parametrize(
    ("code", "source", "claim"),
    [
        ("en", SHIPS, "We ship to Sweden from Norway."),
        ("en", "We ship to Norway and Sweden.", "We ship to Sweden and Norway."),
        ("en", "The seller pays the buyer.", "The buyer is paid by the seller."),
        ("de", "Der Absender zahlt das Porto.", "Das Porto zahlt der Absender."),
        ("en", CARE, "Silk can be ironed, and wool must be washed by hand."),
        ("en", "Cotton can be ironed. Silk can, too. Wool burns.", "Silk can be ironed."),
        ("en", "Our bowls are from Oslo. They are safe. Knives are not.", "Our bowls are safe."),
        ("en", "Shipping takes weeks. Delivery is free.", "Delivery takes weeks."),
        ("en", "Cotton can be ironed. Silk is fine.", "Linen can be ironed."),
        ("en", "You pay with a card. Visa is fine here.", "You pay with Visa."),
        ("en", "- Cotton: iron hot\n- Silk: dry clean", "Dry clean silk, iron hot cotton."),
        (
            "en",
            "Paper: blue bin. Glass: green box.",
            "Glass belongs to some other people and blue.",
        ),
        ("en", CARE, "Wool."),
        ("en", "", "We ship to Norway."),
        ("en", SHIPS, ""),
    ],
)
def test_what_stands_elsewhere_and_says_the_same_is_not(
    code: Language, source: str, claim: str
) -> None:
    """Another order, a list, a passive, a synonym; and what the source does not place alike."""
    assert Roles(source, code).turned(claim) == ""


def test_a_claim_that_begins_with_nothing_is_about_what_is_named_around_it() -> None:
    """By the sentence before it, or the question; where that names both, either may be meant."""
    source = Roles("Cotton can be ironed. Silk must be washed. We sell both.", "en")
    for around in (("", "Can silk be ironed?"), ("Silk must be washed.", "And cotton?")):
        assert source.turned("Yes, it can be ironed.", around)
    for asked in ("Can cotton be ironed?", "Silk or cotton?", "Wool?", ""):
        assert not source.turned("Yes, it can be ironed.", ("", asked))
    assert not source.turned("We sell it.", ("", "Do you sell silk?"))


def test_what_a_sentence_says_of_it_is_said_of_the_title() -> None:
    """Where that is a name; a question over it names something else, too."""
    titled = Roles("It may be ironed hot. You can wash it.", "en", "Cotton")
    assert titled.turned("Silk may be ironed hot.")
    for claim in ("Cotton may be ironed hot.", "It may be ironed hot.", "You can wash silk."):
        assert not titled.turned(claim)
    asked = Roles("It may be ironed hot.", "en", "Is cotton easy to iron?")
    assert not asked.turned("This fabric may be ironed hot.")


def test_a_word_has_its_place_by_what_stands_before_it() -> None:
    """Articles do not count, and behind a comma or an "and" nothing is known."""
    said = clause("Yes, the bowls, cups and our Room B go to the 2 shops.", "en")
    assert said.places == (
        ("^", "bowl"),
        ("", "cup"),
        ("", "roomb"),
        ("roomb", "go"),
        ("2", "shop"),
    )
    assert said.behind("^") == {"bowl"}
    assert said.behind("") == frozenset()
    assert (said.before("go"), said.before("cup"), said.before("none")) == ("roomb", "", "")
    assert clause("from tea to tea", "en").before("tea") == ""
    assert clause("an x shop", "en").told == {"shop"}


@given(st.text(max_size=120), st.sampled_from(CODES))
def test_a_text_never_turns_itself_round(text: str, code: Language) -> None:
    """Whatever it says."""
    assert Roles(text, code).turned(text) == ""
