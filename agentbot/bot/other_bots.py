"""Noticing another bot on the account that does not share our state.

Replicas share a state, and so answer each message once. A second bot with a state of its own knows
nothing of our claims: each customer is answered twice. Nobody forbids it but the operator, so it is
said, in the log, at ``/readyz`` and by ``agentbot doctor``.

Three things show it: a marked reply to messages that nobody has claimed in our state, for a claim
is durable before its reply leaves; two marked replies to one message; and, where our state is a
file that no other process can have, a second socket that is logged in as our own user.
"""

from __future__ import annotations

import asyncio
from collections import deque

import structlog

from agentbot.bot.proof import answers
from agentbot.bot.services import Services
from agentbot.errors import StateUnavailable
from agentbot.latest import Latest
from agentbot.papercups.models import Message

_log = structlog.get_logger("agentbot.other_bots")

_LOOK_INTERVAL = 5.0
"""Seconds between two looks: a bot that doubles every answer is to be noticed with the first."""
_LASTS = 600.0
"""Seconds for which it is said after it was noticed last: longer than a busy account is quiet."""
_LINGERS = 13
"""Looks in a row, a minute, in which a socket may be one that we have lost: after an unclean end
the server shows it for up to 45 seconds (PROTOCOL, 2). They are counted, since a process that stood
still for minutes wakes with old news: that makes one look, whatever a clock shows."""
REMEMBERED = 1_000
"""Replies that are remembered: those of some minutes, while a double follows within seconds."""

REMEDY = "let one bot answer, or let all share one PostgreSQL by AGENTBOT_STATE_URL"


class OtherBots:
    """Notices other bots by what is heard. ``problem`` says what was noticed lately."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._replies: Latest[str, str] = Latest(REMEMBERED)
        self._unproven: deque[Message] = deque(maxlen=REMEMBERED)
        self._looks_at_sockets: dict[str, int] = {}
        self._noticed: tuple[float, str] | None = None

    @property
    def problem(self) -> str | None:
        """What was noticed within the last minutes, in words; None: nothing."""
        if self._noticed is None:
            return None
        at, what = self._noticed
        return what if asyncio.get_running_loop().time() - at < _LASTS else None

    def heard(self, reply: Message) -> None:
        """Take note of a marked reply, ours or another's. Never waits."""
        answered = answers(reply)
        if not answered:
            return
        if any(self._replies.get(id_, reply.id) != reply.id for id_ in answered):
            self._notice("another bot answers the same messages", reply)
        for id_ in answered:
            self._replies.setdefault(id_, reply.id)
        self._unproven.append(reply)

    async def run(self) -> None:
        """Look, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_INTERVAL)
            await self._look_for_claims()
            self._look_for_sockets()

    async def _look_for_claims(self) -> None:
        """See whether what was answered had been claimed: every bot on our state does so first."""
        while self._unproven:
            reply = self._unproven[0]
            try:
                claimed = await self._services.store.claimed(sorted(answers(reply)))
            except StateUnavailable:
                return  # it is looked up the next time
            self._unproven.popleft()
            if not claimed:
                self._notice("another bot answers, whose state is not ours", reply)

    def _look_for_sockets(self) -> None:
        session, before = self._services.session, self._looks_at_sockets
        # While we are not connected, what we know of the room is out of date.
        own = session.own_sockets if session.is_ready else frozenset()
        self._looks_at_sockets = {ref: before.get(ref, 0) + 1 for ref in own}
        lasting = [ref for ref, looks in self._looks_at_sockets.items() if looks > _LINGERS]
        if len(lasting) > 1 and not self._services.settings.state_is_shared:
            self._notice("another bot, or a person, is logged in as the bot's own user")

    def _notice(self, what: str, reply: Message | None = None) -> None:
        if self.problem != what:
            where = None if reply is None else reply.conversation_id
            _log.error("other_bot.noticed", problem=what, remedy=REMEDY, conversation_id=where)
        self._noticed = (asyncio.get_running_loop().time(), what)
