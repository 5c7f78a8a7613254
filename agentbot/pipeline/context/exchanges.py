"""The conversation so far as exchanges: what a customer said, and what the bot answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agentbot.pipeline.turn import Author, Message, Turn

FAQ_ACTION = "faq:"
"""The beginning of the action of a question of the FAQ's; the entry's id follows."""
NONE_OF_THESE = "faq:none"
"""The action of the button that says that none of them is meant."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a customer said at a time, and the bot's last message after it, if there was one."""

    said: str
    answer: Message | None

    @property
    def source(self) -> str:
        """The ids of the rule or FAQ entries that answered, or were offered; or ""."""
        if self.answer is None:
            return ""
        ids = [one.entry for one in offered_in(self.answer) if one.entry]
        return source_of(self.answer) or ", ".join(ids)


@dataclass(frozen=True, slots=True)
class Offered:
    """A question that was offered as a button: its text, and what a click on it names."""

    text: str
    action: str

    @property
    def entry(self) -> str:
        """The id of the FAQ entry whose question it is; "" where it is none."""
        is_entry = self.action.startswith(FAQ_ACTION) and self.action != NONE_OF_THESE
        return self.action.removeprefix(FAQ_ACTION) if is_entry else ""


def exchanges(turn: Turn) -> tuple[Exchange, ...]:
    """Return the exchanges of what belongs to the turn's topic, oldest first.

    What the bot said first, unasked, is an exchange in which the customer said nothing.
    """
    found: list[Exchange] = []
    said: list[str] = []
    for message in turn.so_far:
        if message.author is Author.CUSTOMER:
            said.append(turn.said(message))
            continue
        if not said and found:  # two messages in a row: the last one is what is answered to
            said = [found.pop().said]
        found.append(Exchange("\n".join(said), message))
        said = []
    if said:
        found.append(Exchange("\n".join(said), None))
    return tuple(found)


def source_of(message: Message) -> str:
    """Return the ids of the rule or FAQ entries that a message of the bot's comes from; or ""."""
    mark = message.metadata.get("agentbot")
    source = mark.get("source") if isinstance(mark, Mapping) else None
    return source if isinstance(source, str) else ""


def offered_in(message: Message | None) -> tuple[Offered, ...]:
    """Return the questions that a message of the bot's offers as buttons, in their order."""
    listed = () if message is None else message.metadata.get("quick_replies")
    return tuple(_offered(listed)) if isinstance(listed, list | tuple) else ()


def _offered(listed: Iterable[object]) -> Iterable[Offered]:
    for one in listed:
        if isinstance(one, Mapping) and isinstance(text := one.get("text"), str):
            action = one.get("action")
            yield Offered(text, action if isinstance(action, str) else "")
