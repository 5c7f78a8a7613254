"""A model sees no personal data, and gives back only what the customer wrote themselves."""

from __future__ import annotations

from agentbot.pipeline.llm.masking import Mask
from agentbot.pipeline.turn import Author
from tests.support.turns import message, turn


def test_what_is_hidden_goes_by_kind_and_number() -> None:
    """The same value by the same number, however it is written."""
    mask = Mask()
    said = "a@example.com, b@example.com, A@Example.com, 4111 1111 1111 1111, 4111111111111111"
    assert mask.hide(said) == "[email 1], [email 2], [email 1], [card 1], [card 1]"
    assert mask.hide("again b@example.com") == "again [email 2]"


def test_what_the_customer_wrote_is_put_back() -> None:
    """Also where the model writes the mark otherwise."""
    mask = Mask(["I am a@example.com"])
    assert mask.hide("a@example.com") == "[email 1]"
    assert mask.show("We write to [Email 1] and [e-mail  1].") == (
        "We write to a@example.com and a@example.com."
    )
    assert mask.show("Nothing of that.") == "Nothing of that."


def test_what_somebody_else_wrote_is_not() -> None:
    """Nor a number that there is not."""
    mask = Mask(["I am a@example.com"])
    assert mask.hide("b@example.com") == "[email 2]"
    assert mask.show("We write to [email 2].") is None
    assert mask.show("We write to [card 1].") is None


def test_the_businesss_own_addresses_are_for_everybody() -> None:
    """They are neither hidden nor missing."""
    mask = Mask(["is it help@shop.example?"], public=["Write to help@shop.example."])
    assert mask.hide("help@shop.example or a@example.com") == "help@shop.example or [email 1]"


def test_facts_are_hidden_at_any_depth() -> None:
    """Names, too, and keys."""
    fact = {"name": "a@example.com", "metadata": {"a@example.com": ["+47 22 33 44 55", 5, None]}}
    assert Mask().hide_all(fact) == {
        "name": "[email 1]",
        "metadata": {"[email 1]": ["[phone 1]", 5, None]},
    }


def test_a_mask_that_is_off_changes_nothing() -> None:
    """As for a model on this machine."""
    mask = Mask(["a@example.com"], is_on=False)
    assert mask.hide("a@example.com") == "a@example.com"
    assert mask.show("[email 1]") == "[email 1]"


def test_a_turns_mask_knows_the_customers_earlier_words() -> None:
    """And not those of people, however they came by an address."""
    earlier = (
        message("I am a@example.com"),
        message("and b@example.com?", author=Author.PERSON),
    )
    mask = Mask.of(turn("Where is it?", history=earlier))
    assert mask.hide("a@example.com b@example.com") == "[email 1] [email 2]"
    assert mask.show("[email 1]") == "a@example.com"
    assert mask.show("[email 2]") is None
