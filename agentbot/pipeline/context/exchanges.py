"""The conversation so far as exchanges: what a customer said, and what the bot answered."""

from __future__ import annotations

from dataclasses import dataclass

from agentbot.pipeline.own_messages import offered_in, source_of
from agentbot.pipeline.turn import Author, Message, Turn


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a customer said at a time, and the bot's last message after it, if there was one."""

    said: str
    answer: Message | None

    @property
    def source(self) -> str:
        """The ids of the rule or FAQ entries that answered; or ""."""
        return "" if self.answer is None else source_of(self.answer)

    @property
    def offered(self) -> tuple[str, ...]:
        """The ids of the FAQ entries whose questions were offered."""
        return tuple(one.entry for one in offered_in(self.answer) if one.entry)


def exchanges(turn: Turn, *, most: int) -> tuple[Exchange, ...]:
    """Return the last exchanges of the turn's topic, ``most`` of them, oldest first.

    What the bot said first, unasked, is an exchange in which the customer said nothing.
    """
    found: list[Exchange] = []
    said: list[str] = []
    for message in _last_of(turn, most):
        if message.author is Author.CUSTOMER:
            said.append(turn.said(message))
            continue
        if not said and found:  # two messages in a row: the last one is what is answered to
            said = [found.pop().said]
        found.append(Exchange("\n".join(said), message))
        said = []
    if said:
        found.append(Exchange("\n".join(said), None))
    return tuple(found[-most:])


def _last_of(turn: Turn, most: int) -> list[Message]:
    """Return the messages of at least so many exchanges, oldest first."""
    kept: list[Message] = []
    whole = 0
    for message in turn.going_back():
        begins = kept and message.author is not Author.CUSTOMER
        whole += bool(begins and kept[-1].author is Author.CUSTOMER)
        if whole > most:
            break
        kept.append(message)
    return kept[::-1]
