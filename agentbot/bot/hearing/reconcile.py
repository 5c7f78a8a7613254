"""Finding what no broadcast announced, and what a holder that died has left.

The server stores some messages that it never broadcasts, a disconnected bot hears nothing, and a
bot that was killed leaves turns half done. All that is found goes the way of a message that was
heard: into its conversation's mailbox.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Protocol

import structlog

from agentbot.bot.marks import with_marks
from agentbot.bot.services import Services
from agentbot.bot.transcript import unanswered
from agentbot.bot.turns.context import is_closed_by_us
from agentbot.errors import AgentbotError, LoginRefused, NotFound
from agentbot.ops.metrics import CatchUpPath
from agentbot.papercups.models import Conversation, Message
from agentbot.retry import GIVE_UP_AFTER, retry_while_away

_log = structlog.get_logger("agentbot.reconcile")

MOST_FRESH = 10_000
"""Readings of fresh conversations that are remembered, to bound memory in a flood of them; what
is beyond is left to the periodic look."""
_READERS = 4
"""Fresh conversations read side by side: one slow answer must not hold up the others."""
_PAUSE_AFTER_FAILURE = 5.0
"""Seconds before a look at everything is tried again: the requests in it were retried already."""
_OFF_DUTY_INTERVAL = 10.0
"""Seconds between two looks at everything while ``notification:``, which would show us online, is
not joined: nothing is heard then, and a customer should not wait longer than this."""


class Finder(Protocol):
    """A callable that takes a message that was found."""

    def __call__(self, message: Message, *, path: CatchUpPath) -> bool:
        """Return False where it is being worked on already."""
        ...


class Reconciler:
    """Looks at fresh conversations soon after their creation, and at all open ones now and then.

    ``found`` takes each message that waits; ``seen_open`` is told of each open conversation,
    ``has_read`` of each that was read. Of the closed ones those are looked at that were active
    last: where we have closed one ourselves, a message waits that did not open it again, since its
    channel died before it could.
    ``most_fresh`` readings of fresh conversations are remembered at most.
    """

    def __init__(
        self,
        services: Services,
        *,
        found: Finder,
        seen_open: Callable[[str], None],
        has_read: Callable[[Conversation], None] = lambda _conversation: None,
        most_fresh: int = MOST_FRESH,
    ) -> None:
        self._services = services
        self._most_fresh = most_fresh
        self._found = found
        self._seen_open = seen_open
        self._has_read = has_read
        self._fresh: list[tuple[float, int, str]] = []
        self._fresh_added = asyncio.Event()
        self._order = count()
        self._maybe_lost: list[tuple[float, Message]] = []
        self._wanted: CatchUpPath | None = None
        self._sweep_wanted = asyncio.Event()
        self._has_connected = asyncio.Event()

    def conversation_created(self, conversation_id: str) -> None:
        """Read this conversation soon, and again a little later."""
        delays = self._services.settings.catch_up.fresh_after_seconds
        if len(self._fresh) + len(delays) > self._most_fresh:
            self._services.metrics.dropped("fresh_conversation")
            return
        now = asyncio.get_running_loop().time()
        for delay in delays:
            heapq.heappush(self._fresh, (now + delay, next(self._order), conversation_id))
        self._fresh_added.set()

    def connected(self, *, first: bool) -> None:
        """Look at all open conversations: nobody knows what was said meanwhile."""
        self._wanted = "start" if first else "reconnect"
        self._sweep_wanted.set()
        self._has_connected.set()

    async def run(self) -> None:
        """Look and find, until cancelled.

        Raises ``LoginRefused``: whoever is let in no more finds nothing, however often they look.
        """
        async with asyncio.TaskGroup() as group:
            for _ in range(_READERS):
                group.create_task(self._read_fresh())
            group.create_task(self._sweep_again_and_again())
            group.create_task(self._adopt_orphans())

    async def _read_fresh(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not self._fresh:
                self._fresh_added.clear()
                await self._fresh_added.wait()
            due, _, conversation_id = self._fresh[0]
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
                continue
            heapq.heappop(self._fresh)
            await self._read(conversation_id)

    async def _read(self, conversation_id: str) -> None:
        try:
            conversation = await self._services.conversations.read(
                conversation_id, what="fresh conversation", give_up_after=GIVE_UP_AFTER, paced=True
            )
        except NotFound:
            return
        except LoginRefused:
            raise
        except AgentbotError as error:
            _log.warning("fresh.unreadable", conversation_id=conversation_id, error=str(error))
            return
        if conversation.status == "open":
            await self._report(conversation, path="fresh")

    async def _sweep_again_and_again(self) -> None:
        catch_up = self._services.settings.catch_up
        while True:
            path = await self._next_sweep()
            if not self._services.session.is_ready:
                continue  # as soon as it is, everything is looked at
            if path != "periodic":
                # What was still under way from the broken connection, or from the process before
                # us, must arrive first.
                await asyncio.sleep(catch_up.settle_seconds)
            try:
                await self._sweep(path)
            except LoginRefused:
                raise
            except AgentbotError as error:
                _log.warning("catch_up.incomplete", path=path, error=str(error))
                await asyncio.sleep(_PAUSE_AFTER_FAILURE)
                self._wanted = self._wanted or path
                self._sweep_wanted.set()

    async def _next_sweep(self) -> CatchUpPath:
        """Wait until a look at everything is wanted, or due."""
        interval = self._services.settings.catch_up.interval_seconds
        if not self._services.session.is_on_duty:
            interval = min(interval, _OFF_DUTY_INTERVAL)
        try:
            async with asyncio.timeout(interval):
                await self._sweep_wanted.wait()
        except TimeoutError:
            return "periodic"
        path, self._wanted = self._wanted, None
        self._sweep_wanted.clear()
        assert path is not None  # noqa: S101 - whoever wants a look says which
        return path

    async def _sweep(self, path: CatchUpPath) -> None:
        looked = 0
        async for conversation in self._services.conversations.all_open():
            looked += 1
            self._seen_open(conversation.id)
            await self._look(conversation, path=path)
        page = await self._services.conversations.last_closed()
        for conversation in page.data:
            await self._look(conversation, path=path)
        if self._maybe_lost:
            await asyncio.sleep(self._services.settings.catch_up.settle_seconds)
            await self._report_lost()
        _log.info("catch_up.done", path=path, conversations=looked)

    async def _look(self, conversation: Conversation, *, path: CatchUpPath) -> None:
        """Report what waits in this conversation, or see first whether it still comes.

        While everything goes well, what waits is most often on its way to us: nothing was lost.
        """
        if path != "periodic" or not self._services.session.is_on_duty:
            await self._report(conversation, path=path)
            return
        now = asyncio.get_running_loop().time()
        self._maybe_lost += [(now, message) for message in await self._waiting(conversation)]
        await self._report_lost()

    async def _report_lost(self) -> None:
        """Report what was long on its way, has not come by the socket and has no outcome yet."""
        settle_seconds = self._services.settings.catch_up.settle_seconds
        until = asyncio.get_running_loop().time() - settle_seconds
        overdue = [message for at, message in self._maybe_lost if at <= until]
        if not overdue:
            return
        self._maybe_lost = [(at, message) for at, message in self._maybe_lost if at > until]
        settled = await self._settled(overdue)
        self._report_all([one for one in overdue if one.id not in settled], path="periodic")

    async def _report(self, conversation: Conversation, *, path: CatchUpPath) -> None:
        """Report what waits in this conversation and has no outcome yet, and what was seen."""
        self._report_all(await self._waiting(conversation), path=path)

    async def _waiting(self, conversation: Conversation) -> Sequence[Message]:
        """Return what waits in this conversation and has no outcome yet; note what was seen."""
        self._has_read(conversation)
        await self._services.receipts.look(conversation)
        conversation = await with_marks(self._services, conversation)
        waiting = unanswered(conversation.messages, self._services.current.identity)
        if not waiting:
            return ()
        settled = await self._settled(waiting)
        waiting = [message for message in waiting if message.id not in settled]
        if waiting and conversation.status == "closed":
            store = self._services.store
            memory = await retry_while_away(lambda: store.memory_of(conversation.id), what="memory")
            if not is_closed_by_us(conversation, memory):
                return ()
        return waiting

    async def _settled(self, messages: Sequence[Message]) -> set[str]:
        ids = [message.id for message in messages]
        store = self._services.store
        return await retry_while_away(lambda: store.settled(ids), what="settled")

    def _report_all(self, waiting: Sequence[Message], *, path: CatchUpPath) -> None:
        for message in waiting:
            if self._found(message, path=path):
                self._services.metrics.caught_up(path)
                _log.info(
                    "catch_up.found",
                    path=path,
                    conversation_id=message.conversation_id,
                    message_id=message.id,
                )

    async def _adopt_orphans(self) -> None:
        """Take over what a dead holder claimed and did not settle, its last actions included.

        First as soon as we can act: whoever had a state file before us is surely dead, and a bot
        that is restarted more often than a lease lasts would otherwise never finish its turns.
        """
        services = self._services
        lease = services.settings.state.lease_seconds
        with suppress(TimeoutError):
            async with asyncio.timeout(lease):
                await self._has_connected.wait()
        while True:
            orphans = await retry_while_away(services.store.orphans, what="orphans")
            for orphan in orphans:
                try:
                    conversation = await services.conversations.read_once(
                        orphan.conversation_id, paced=True
                    )
                except LoginRefused:
                    raise
                except AgentbotError as error:
                    _log.warning(
                        "orphan.unreadable",
                        conversation_id=orphan.conversation_id,
                        error=str(error),
                    )
                    continue
                claimed = frozenset(orphan.message_ids)
                for message in conversation.messages:
                    if message.id in claimed and self._found(message, path="orphan"):
                        services.metrics.caught_up("orphan")
            await asyncio.sleep(lease)
