"""The server is the proof: what a message says about what it answers.

A reply of ours carries ``metadata.agentbot``; whoever reads the conversation, this process after a
crash or another replica, sees by it which messages have their answer. Nothing private stands in
it, for customers can read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agentbot.papercups.models import Message

KEY = "agentbot"
_GMAIL = "gmail_message_id"
_VERSION = 1
"""The version of what stands under ``KEY``, for readers of a later one."""


def mark(
    message_ids: Sequence[str], *, by: str, source: str, sources: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the metadata of a reply to ``message_ids``, a turn's messages in order.

    ``sources`` names all that the reply comes from, where it comes from more than a ``source``.

    ``in_reply_to`` names the last of them; where there are more, ``also`` names the others, for
    times are in whole seconds and would not tell which messages a turn had.
    """
    *others, last = message_ids
    agentbot: dict[str, Any] = {"v": _VERSION, "in_reply_to": last, "by": by, "source": source}
    if sources:
        agentbot["sources"] = list(sources)
    if others:
        agentbot["also"] = others
    return {KEY: agentbot}


def holding_mark(message_id: str) -> dict[str, Any]:
    """Return the metadata of a holding message to whoever wrote ``message_id``: it is no answer."""
    return {KEY: {"v": _VERSION, "holding": message_id}}


def held(message: Message) -> str | None:
    """Return the id of the message whose writer a holding message asks for a moment; else None."""
    agentbot = (message.metadata or {}).get(KEY)
    if message.is_private or not message.is_bot or not isinstance(agentbot, dict):
        return None
    id_ = agentbot.get("holding")
    return id_ if isinstance(id_, str) else None


def answers(message: Message) -> frozenset[str]:
    """Return the ids of the messages that ``message`` answers; none where it bears no mark.

    Private notes answer nobody. Anyone may write into a conversation whatever they like, so a
    customer's message proves nothing, whatever its metadata. Nor does a person's: one that goes
    out as an e-mail may be given the metadata of the message before it, our mark included
    (papercups: lib/workers/send_ses_reply_email.ex). All that we say is of type ``bot``.
    """
    if not message.is_bot or message.is_private or message.is_from_customer:
        return frozenset()
    agentbot = (message.metadata or {}).get(KEY)
    if not isinstance(agentbot, dict):
        return frozenset()
    also = agentbot.get("also")
    ids = [agentbot.get("in_reply_to"), *(also if isinstance(also, list) else ())]
    return frozenset(id_ for id_ in ids if isinstance(id_, str))


@dataclass(frozen=True, slots=True)
class Identity:
    """The users of the account that are known bots, and so no people; and those who have gone.

    Who has gone was a person, and what they wrote stands; but what is assigned to them has nobody.
    This bot's own user is none of them: its messages are of type ``bot``, and what else is written
    in its name was typed by somebody who logged in as it.
    """

    bot_user_ids: frozenset[int] = frozenset()
    gone_user_ids: frozenset[int] = frozenset()

    @property
    def nobody_ids(self) -> frozenset[int]:
        """The users who stand for nobody where a conversation is assigned to them."""
        return self.bot_user_ids | self.gone_user_ids

    def is_person(self, message: Message) -> bool:
        """Say whether a person of the account wrote ``message``."""
        if message.user_id is None or message.is_bot:
            return False
        return message.user_id not in self.bot_user_ids


def has_lost_its_mark(message: Message) -> bool:
    """Say whether a bot's reply went out by Gmail, whose metadata then stands instead of the mark.

    Papercups writes it over ours once the mail is sent (lib/workers/send_gmail_notification.ex).
    """
    if message.is_private or message.is_from_customer or not message.is_bot:
        return False
    metadata = message.metadata or {}
    return KEY not in metadata and _GMAIL in metadata
