"""The server is the proof: what a conversation's messages say about what has been answered.

A reply of ours carries ``metadata.agentbot``; whoever reads the conversation, this process after a
crash or another replica, sees by it which messages have their answer. Nothing private stands in
it, for customers can read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agentbot.papercups.models import Message

KEY = "agentbot"
_GMAIL = "gmail_message_id"
_VERSION = 1
"""The version of what stands under ``KEY``, for readers of a later one."""
_SKEW = timedelta(minutes=1)
"""The time by which a server's stamps may go back: its clock is set, or the next message comes by
way of another of its nodes. A minute is far more than clocks that are kept differ by."""
_NEVER = datetime.min.replace(tzinfo=UTC) + _SKEW


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
    if message.is_private or message.is_from_customer or not message.is_bot:
        return frozenset()
    agentbot = (message.metadata or {}).get(KEY)
    if not isinstance(agentbot, dict):
        return frozenset()
    also = agentbot.get("also")
    ids = [agentbot.get("in_reply_to"), *(also if isinstance(also, list) else ())]
    return frozenset(id_ for id_ in ids if isinstance(id_, str))


@dataclass(frozen=True, slots=True)
class Identity:
    """The users of the account that are known bots, and so no people.

    This bot's own user is none of them: its messages are of type ``bot``, and what else is written
    in its name was typed by somebody who logged in as it.
    """

    bot_user_ids: frozenset[int] = frozenset()

    def is_person(self, message: Message) -> bool:
        """Say whether a person of the account wrote ``message``."""
        if message.user_id is None or message.is_bot:
            return False
        return message.user_id not in self.bot_user_ids


def unanswered(messages: Iterable[Message], identity: Identity) -> list[Message]:
    """Return the customer's messages that wait for an answer, oldest first.

    A message waits if it came after the last answered one, and after a person last wrote. A message
    that no mark names may be newer than the answered one although its stamp is a little older, so
    only what is clearly older counts as dealt with. (What was left unanswered on purpose is known
    to the journal.) A message of the same second as a person's does not wait: a moment of silence,
    which people see, is better than talking over them. A reply whose mark was taken from it
    answers everything before it.
    """
    public = sorted((m for m in messages if not m.is_private), key=lambda m: m.created_at)
    answered = frozenset[str]().union(*(answers(message) for message in public))
    asked = [message for message in public if message.is_from_customer]
    last_answered = max((m.created_at for m in asked if m.id in answered), default=_NEVER)
    last_word = max(
        (m.created_at for m in public if identity.is_person(m) or has_lost_its_mark(m)),
        default=_NEVER,
    )
    return [
        message
        for message in asked
        if message.id not in answered
        and message.created_at >= last_answered - _SKEW
        and message.created_at > last_word
    ]


def find_reply(messages: Iterable[Message], message_ids: Iterable[str]) -> Message | None:
    """Return the message that answers any of ``message_ids``, if there is one."""
    wanted, said = frozenset(message_ids), list(messages)
    for message in said:
        if answers(message) & wanted:
            return message
    asked_at = max((m.created_at for m in said if m.id in wanted), default=None)
    if asked_at is None:
        return None
    unmarked = (m for m in said if has_lost_its_mark(m) and m.created_at >= asked_at)
    return min(unmarked, key=lambda m: m.created_at, default=None)


def find_reply_to(messages: Sequence[Message], message_ids: Sequence[str]) -> Message | None:
    """Return the reply to exactly these messages, as a plan has them, if there is one.

    A reply to more or fewer was decided by another plan. Where its mark was lost, ``with_marks``
    has put it back.
    """
    wanted = frozenset(message_ids)
    return next((message for message in messages if answers(message) == wanted), None)


def has_lost_its_mark(message: Message) -> bool:
    """Say whether a bot's reply went out by Gmail, whose metadata then stands instead of the mark.

    Papercups writes it over ours once the mail is sent (lib/workers/send_gmail_notification.ex).
    """
    if message.is_private or message.is_from_customer or not message.is_bot:
        return False
    metadata = message.metadata or {}
    return KEY not in metadata and _GMAIL in metadata
