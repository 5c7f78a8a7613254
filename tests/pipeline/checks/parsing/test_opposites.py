"""Proves `agentbot.pipeline.checks.parsing.opposites`: words that shut each other out."""

from __future__ import annotations

from agentbot.pipeline.checks.parsing.opposites import Alternatives, sides_in

PRICE = Alternatives([["free", "no charge"], ["paid"]])


def test_only_another_side_differs() -> None:
    """Not the same one, and not a text with both."""
    assert PRICE.differ(("it", "is", "free"), ("it", "is", "paid"))
    assert not PRICE.differ(("free",), ("no", "charge"))
    assert not PRICE.differ(("free", "paid"), ("paid",))
    assert not PRICE.differ(("free",), ("cheap",))


def test_the_side_of_a_text_is_named_with_its_words() -> None:
    """A group of which both sides stand there tells nothing."""
    (side,) = [one for one in sides_in(("shipping", "is", "free"), "en") if "free" in one.words]
    assert side.side == 0
    both = sides_in(("free", "or", "paid"), "en")
    assert side.group not in {one.group for one in both}
