"""A conversation for tests, as the history of a turn: what was said by turns, and what answered."""

from __future__ import annotations

from datetime import timedelta

from agentbot.pipeline.turn import Author, Memory, Message, Turn
from tests.support.turns import MONDAY_NOON, message, turn

_PACE = timedelta(minutes=1)


def answer(source: str = "", *buttons: tuple[str, str], text: str = "An answer.") -> Message:
    """Return a message of the bot's with its mark, and buttons of these texts and actions."""
    metadata: dict[str, object] = {"agentbot": {"v": 1, "by": "faq", "source": source}}
    if buttons:
        metadata["quick_replies"] = [{"text": one, "action": action} for one, action in buttons]
    return message(text, author=Author.BOT, metadata=metadata)


def after(*said: str | Message, memory: Memory | None = None) -> Turn:
    """Return the turn of the last message, a minute after each of those before it.

    Plain text is the customer's; between two of them the bot says something of no source.
    """
    *before, last = said
    filled: list[Message] = []
    for one in (message(each) if isinstance(each, str) else each for each in before):
        if filled and one.author is filled[-1].author is Author.CUSTOMER:
            filled.append(answer())
        filled.append(one)
    count = len(filled)
    at = [MONDAY_NOON - _PACE * (count - place) for place in range(count)]
    past = [
        Message(f"h{place}", one.text, one.author, time, metadata=one.metadata)
        for place, (one, time) in enumerate(zip(filled, at, strict=True))
    ]
    assert isinstance(last, str)
    return turn(last, history=past, memory=memory)
