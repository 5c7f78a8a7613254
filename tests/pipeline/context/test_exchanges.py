"""``exchanges.py``: what was said, and what the bot answered, by the marks of its messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.context.exchanges import Exchange, exchanges
from agentbot.pipeline.turn import Author, Message
from tests.support.dialogue import after, answer
from tests.support.turns import message, turn


def test_each_answer_goes_with_what_was_said_before_it() -> None:
    """Several messages are one; what has no answer yet stands last."""
    turn = after("Hi", answer("greeting"), "Do you ship?", answer("shipping"), "And?")
    assert [(one.said, one.source) for one in exchanges(turn, most=4)] == [
        ("Hi", "greeting"),
        ("Do you ship?", "shipping"),
    ]
    assert exchanges(after("And?"), most=4) == ()


def test_of_two_messages_of_the_bot_the_last_one_is_answered_to() -> None:
    """And what it says unasked answers nothing that was said."""
    turn = after(answer("welcome"), "Hi", answer("greeting"), answer("offer"), "Yes")
    assert [(one.said, one.source) for one in exchanges(turn, most=4)] == [
        ("", "welcome"),
        ("Hi", "offer"),
    ]


def test_what_was_offered_has_not_answered() -> None:
    """Its ids, without that of the button for none of them."""
    offer = answer(
        "", ("How much?", "faq:cost"), ("How long?", "faq:time"), ("None", "faq:none"), ("Hi", "")
    )
    assert Exchange("?", offer).offered == ("cost", "time")
    assert (Exchange("?", offer).source, Exchange("?", None).source) == ("", "")
    assert Exchange("?", None).offered == ()


@given(st.lists(st.booleans(), max_size=14), st.integers(1, 5))
def test_the_last_ones_are_the_same_of_any_number(by_bot: list[bool], most: int) -> None:
    """Only as much of a long conversation is read as is needed."""
    said = [answer(f"rule{n}") if one else f"text {n}" for n, one in enumerate(by_bot)]
    turn = after(*said, "And?")
    assert exchanges(turn, most=most) == exchanges(turn, most=100)[-most:]


def test_what_has_no_answer_yet_is_an_exchange_without_one() -> None:
    """Its messages are one, a line each."""
    found = exchanges(turn("And?", history=[message("Hi"), message("there")]), most=4)
    assert [(one.said, one.answer) for one in found] == [("Hi\nthere", None)]
    history = [message("Hi"), message("there"), answer("greeting")]
    assert [one.said for one in exchanges(turn("And?", history=history), most=4)] == ["Hi\nthere"]


class _Counted(tuple[Message, ...]):  # noqa: SLOT001 - it counts
    """A history that counts its messages as they are read."""

    read = 0

    def __reversed__(self) -> Iterator[Message]:
        """Yield them, newest first."""
        for one in self[::-1]:
            self.read += 1
            yield one


@given(st.lists(st.booleans(), max_size=14), st.integers(1, 5))
def test_no_more_is_read_than_is_returned(by_bot: list[bool], most: int) -> None:
    """A long conversation costs no more than a short one: up to the exchange before them."""
    said = [answer(f"rule{n}") if one else f"text {n}" for n, one in enumerate(by_bot)]
    asked = after(*said, "And?")
    history = _Counted(asked.history)
    exchanges(replace(asked, history=history), most=most)
    all_of_it = exchanges(asked, most=100)
    needed = all_of_it[-most - 1 :]
    answers = sum(one.author is Author.BOT for one in history)
    spare = answers - sum(one.answer is not None for one in all_of_it)  # of two in a row
    assert history.read <= 2 * len(needed) + spare + 1
