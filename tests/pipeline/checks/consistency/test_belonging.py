"""Proves `agentbot.pipeline.checks.consistency.belonging`: a figure is told of its own."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.consistency.belonging import Belonging

TEAS = Belonging(
    "| Tea | Water | Time |\n|---|---|---|\n| Green | 70 °C | 2 minutes |\n"
    "| Black | 95 °C | 4 minutes |",
    "en",
)
HOURS = Belonging("We are open Mon-Fri 9:00-17:00, Sat 10:00-14:00. Sundays we are closed.", "en")
SHIPPING = Belonging("We charge €9 for Norway and €14 for Sweden. Gift wrapping is free.", "en")


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        (TEAS, "Green tea takes 4 minutes."),
        (TEAS, "Black tea: 70 °C for 4 minutes."),
        (HOURS, "We open on Saturday at 9:00."),
        (HOURS, "On Tuesday we are open until 14:00."),
        (HOURS, "We are open every day from 9:00."),
        (HOURS, "On Sunday we open at 10:00."),
        (HOURS, "On Saturdays we open at 14:00."),
        (SHIPPING, "For Sweden we charge €9."),
    ],
)
def test_a_figure_of_a_neighbour_is_found(source: Belonging, claim: str) -> None:
    """Another row, another day, the other end, another clause."""
    assert source.misplaced(claim)


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        (TEAS, "Green tea takes 2 minutes at 70 °C."),
        (TEAS, "Tea takes 4 minutes."),
        (HOURS, "We open on Saturday at 10:00."),
        (HOURS, "On Tuesday we are open from 9:00 to 17:00."),
        (HOURS, "We close at 17:00."),
        (SHIPPING, "Norway is €9, and Sweden €14."),
        (SHIPPING, "Gift wrapping is free."),
        (SHIPPING, "Our tea comes from India."),
        (Belonging("", "en"), "It costs €9."),
    ],
)
def test_what_is_said_of_the_right_thing_is_not(source: Belonging, claim: str) -> None:
    """Nor is what names nothing, or what the source does not speak of."""
    assert source.misplaced(claim) == ""


def test_a_claim_that_names_nothing_is_about_what_was_asked() -> None:
    """Or what the sentence before it names."""
    assert SHIPPING.misplaced("We charge €9.", ["How much is it for Sweden?"])
    assert not SHIPPING.misplaced("We charge €14.", ["How much is it for Sweden?"])
    assert SHIPPING.misplaced("It is €14.", ["For Norway it is simple.", "And to Sweden?"])
    assert HOURS.misplaced("We open at 9:00.", ["When do you open on Saturday?"])


def test_what_is_affirmed_of_one_is_not_of_the_other() -> None:
    """By rows, by items, by clauses; also opposites."""
    wares = Belonging("Stoneware is dishwasher safe; porcelain is not.", "en")
    assert wares.misplaced("Porcelain is dishwasher safe.")
    assert wares.misplaced("Stoneware is not dishwasher safe.")
    assert not wares.misplaced("Porcelain is not dishwasher safe.")
    post = Belonging("Shipping is free for members and paid for guests.", "en")
    assert post.misplaced("Shipping is free for guests.")
    assert not post.misplaced("For guests shipping is paid.")


def test_figures_in_their_place_are_named() -> None:
    """By the days, or the names, that they are said of."""
    assert HOURS.placed("On Saturday we open at 10:00, until 17:00.") == {"10:00"}
    assert TEAS.placed("Green tea takes 2 minutes, black tea 2 minutes.") == {"2"}
    assert SHIPPING.placed("It costs €9.") == frozenset()


def test_a_word_that_may_be_another_name_is_given_the_benefit() -> None:
    """An unknown word may stand for what the claim seems to leave out."""
    source = Belonging("We refund cards in 3 days, vouchers in 5 days.", "en")
    assert source.misplaced("Cards in 5 days.")
    assert not source.misplaced("Cards are replaced by coupons in 5 days.")


def test_labels_may_be_those_of_a_neighbours_figure_that_is_said_too() -> None:
    """Unless nothing of what the figure belongs to is said."""
    dinner = Belonging(
        "A potter from Bergen made over six months a 150 - piece dinner set with over 300 painted "
        "flowers, which was only shown in Oslo.",
        "en",
    )
    assert not dinner.misplaced(
        "A potter made over six months a 150 piece dinner set with over 300 painted flowers."
    )
    assert dinner.misplaced("The dinner set has 150 painted flowers.")
    assert dinner.misplaced("The 150 dinner sets have 300 painted flowers.")


def test_a_figure_in_brackets_beside_another_may_be_left_out() -> None:
    """Words in brackets may be all that tells what a figure belongs to."""
    fair = Belonging(
        "The fair is 21 miles (34 km) south of Bergen and 20 miles (32 km) north of Oslo.", "en"
    )
    assert not fair.misplaced("The fair is 21 miles south of Bergen.")
    shop = Belonging("Delivery (Norway) takes 3 days, delivery (Sweden) 10 days.", "en")
    assert shop.misplaced("Delivery to Sweden takes 3 days.")
