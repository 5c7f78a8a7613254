"""Looking for other bots on the account, for ``agentbot doctor``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from agentbot.bot.other_bots import REMEDY
from agentbot.bot.proof import answers
from agentbot.errors import AgentbotError
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.models import Message
from agentbot.papercups.rest import AgentRest

_LATELY = timedelta(hours=1)
"""The age up to which a double answer counts: older ones may be from before it was put right."""
_EXPECTED = 2
"""Sockets of the bot's user where its state is a file: doctor's own, and those of one bot."""


class OtherBotFound(AgentbotError):
    """More than one bot answers on the account, each with a state of its own."""


async def look_for_other_bots(
    rest: AgentRest, session: AgentSession, *, shares_state: bool, now: datetime
) -> str:
    """Return what shows that the bot is alone. Raises ``OtherBotFound`` where it is not.

    Looked at are the open conversations with the newest activity, and who is logged in as the
    bot's user. Where bots share their state, several sockets are no surprise.
    """
    page = await rest.conversations()
    messages = [message for one in page.data for message in one.messages]
    doubled = answered_twice(messages, since=now - _LATELY)
    if doubled:
        count = len(doubled)
        said = "message was" if count == 1 else "messages were"
        problem = f"{count} {said} answered twice within an hour: more than one bot answers"
        raise OtherBotFound(f"{problem}; {REMEDY}")
    running = len(session.own_sockets) - 1
    if running >= _EXPECTED and not shares_state:
        raise OtherBotFound(f"{running} others are logged in as the bot's user; {REMEDY}")
    if running <= 0:
        count = len(page.data)
        return f"none found in {count} conversation{'s' * (count != 1)}"
    return f"no answer stands twice; {running} running as the bot's user"


def answered_twice(messages: Iterable[Message], *, since: datetime) -> set[str]:
    """Return the ids of the messages that two marked replies answer, the later one ``since``."""
    replies: dict[str, set[str]] = defaultdict(set)
    recent: set[str] = set()
    for message in messages:
        for id_ in answers(message):
            replies[id_].add(message.id)
            if message.created_at >= since:
                recent.add(id_)
    return {id_ for id_ in recent if len(replies[id_]) > 1}
