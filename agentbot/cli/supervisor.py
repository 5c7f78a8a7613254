"""What goes on around one bot: phases one after the other, and what runs beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager

from agentbot.bot.bot import Bot
from agentbot.cli.reload import Reloader
from agentbot.cli.spending import Spending
from agentbot.cli.store_opener import StoreOpener
from agentbot.cli.tasks import task_group
from agentbot.ops.health import NotReady, Warnings
from agentbot.ops.systemd import ServiceManager


class Supervisor:
    """What runs a bot until ``stopping`` is set.

    There are three phases, each of which ends early when the bot is told to stop: the store is
    tried once, before anything else; then, with the health address served and the prompts watched,
    a store that is away is waited for; then the bot answers, and drains. Whenever ``reloading`` is
    set, the prompts are read again.

    ``serve`` serves the health address while its body runs, and is given :meth:`not_ready` and
    :meth:`warnings`. ``finish_loading`` loads what was put off until the bot has joined.
    """

    def __init__(
        self,
        bot: Bot,
        *,
        opener: StoreOpener,
        reloader: Reloader,
        spending: Spending,
        manager: ServiceManager,
        serve: Callable[[NotReady, Warnings], AbstractAsyncContextManager[None]],
        finish_loading: Callable[[], Coroutine[object, object, None]],
    ) -> None:
        self.stopping = asyncio.Event()
        self.reloading = asyncio.Event()
        self._bot = bot
        self._opener = opener
        self._reloader = reloader
        self._spending = spending
        self._manager = manager
        self._serve = serve
        self._finish_loading = finish_loading

    def not_ready(self) -> dict[str, str]:
        """Return what keeps the bot from answering, by part; nothing where all is well."""
        return self._bot.not_ready() | self._opener.not_ready()

    def warnings(self) -> dict[str, str]:
        """Return what the operator should look at though the bot can answer, by part."""
        return self._bot.warnings() | self._reloader.warnings()

    async def run(self) -> None:
        """Run until stopped, or until something fails that waiting does not mend."""
        await self._try_store()
        async with self._serve(self.not_ready, self.warnings), task_group() as group:
            beside = [
                group.create_task(self._reloader.watch()),
                group.create_task(self._reload_when_told()),
                group.create_task(self._manager.follow(self.not_ready)),
            ]
            group.create_task(self._drain_when_told())
            await self._wait_for_store()
            await self._unless_stopped(self._count_spent())
            beside.append(group.create_task(self._spending.follow()))
            beside.append(group.create_task(self._finish_loading()))
            await self._answer()
            for task in beside:
                task.cancel()

    # The phases

    async def _try_store(self) -> None:
        """Try to open the store, once.

        Before the port is taken: whoever starts a second bot by mistake is to hear of the file
        that both want, not of the port.
        """
        await self._unless_stopped(self._opener.attempt())

    async def _wait_for_store(self) -> None:
        """Wait until the store is open; where it is already, there is nothing to do."""
        await self._unless_stopped(self._opener.insist())

    async def _count_spent(self) -> None:
        """Count what was spent on the model today, once the store can say so."""
        if self._opener.problem is None:
            await self._spending.read()

    async def _answer(self) -> None:
        """Let the bot run until it has drained; not at all where it has been told to stop."""
        # Between this question and the bot's first wait no other task gets to run. So a bot that
        # starts is one that will still hear of the drain.
        if not self.stopping.is_set():
            await self._bot.run()

    async def _unless_stopped(self, work: Coroutine[object, object, None]) -> None:
        """Do the work, or as much of it as can be done until the bot is told to stop."""
        working = asyncio.create_task(work)
        stopped = asyncio.create_task(self.stopping.wait())
        try:
            await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            for task in (working, stopped):
                task.cancel()
            await asyncio.gather(working, stopped, return_exceptions=True)

    # Beside them

    async def _drain_when_told(self) -> None:
        await self.stopping.wait()
        self._manager.stopping()
        await self._bot.drain()

    async def _reload_when_told(self) -> None:
        while True:
            await self.reloading.wait()
            self.reloading.clear()
            is_awaited = self._manager.reloading()
            await self._reloader.reload()
            if is_awaited:
                self._manager.ready()
