"""What the metadata of the bot's own messages says: where an answer is from, what was offered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agentbot.pipeline.turn import Message

FAQ_ACTION = "faq:"
"""The beginning of the action of a question of the FAQ's; the entry's id follows."""
NONE_OF_THESE = "faq:none"
"""The action of the button that says that none of them is meant."""


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
