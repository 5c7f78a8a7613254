"""A server, a proxy and a folder, with which a test starts bots and customers one by one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.devserver.store.records import Account
from agentbot.papercups.customer import CustomerSession
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.url import PapercupsUrl
from tests.chaos.claims import Claims, PostgresClaims, SQLiteClaims
from tests.chaos.ledger import AnswerLedger
from tests.chaos.scenario import QUICK
from tests.support.bot_process import BotProcess
from tests.support.postgres import PostgresServer
from tests.support.proxy import FaultyProxy
from tests.support.timing import within

_LOOK = 0.02
"""Seconds between two looks at the claims."""
_GIVE_UP_AFTER = 60.0
"""Seconds, scaled, in which anything that a test waits for must happen, a slow start included."""


class ProcessStage:
    """One account's server on a port, the bots on one side of it, and customers on the other."""

    def __init__(
        self, server: DevServer, account: Account, proxy: FaultyProxy, *, url: str, folder: Path
    ) -> None:
        self.server = server
        self.proxy = proxy
        self.folder = folder
        self.url = url
        self.ledger = AnswerLedger(server.store)
        self.state_path = folder / "state.db"
        self.log_of_changes = folder / "state.db-wal"
        self.state_url = f"sqlite:///{self.state_path}"
        self.claims: Claims = SQLiteClaims(self.state_path)
        self.bots: list[BotProcess] = []
        self.account = account

    async def start(self, **settings: str) -> BotProcess:
        """Start a bot behind the proxy, with these settings over the quick ones."""
        log = self.folder / f"bot{len(self.bots)}.log"
        bot = await BotProcess.start({**self._settings(), **settings}, log=log, folder=self.folder)
        self.bots.append(bot)
        return bot

    def _settings(self) -> Mapping[str, str]:
        return {
            **QUICK,
            "PAPERCUPS_URL": self.proxy.url,
            "PAPERCUPS_EMAIL": "bot@example.com",
            "PAPERCUPS_PASSWORD": DEMO_PASSWORD,
            "AGENTBOT_STATE_URL": self.state_url,
        }

    def keep_state_in(self, database: PostgresServer) -> None:
        """Let the bots share this database."""
        self.state_url = database.url
        self.claims = PostgresClaims(database.url)

    @asynccontextmanager
    async def customer(self) -> AsyncIterator[CustomerSession]:
        """Yield a customer, connected past the proxy."""
        async with (
            CustomerRest(PapercupsUrl.parse(self.url)) as rest,
            CustomerSession(rest, self.account.id) as session,
        ):
            yield session

    def is_tracked(self) -> bool:
        """Say whether the bot is in the presence of the room."""
        return bool(self.server.backend.presence.state(f"room:{self.account.id}"))

    async def answered(self, *bodies: str) -> None:
        """Wait until these questions have their answers."""
        async with within(_GIVE_UP_AFTER):
            for body in bodies:
                await self.ledger.stored(body)
            await self.ledger.all_answered(frozenset(bodies))

    async def claimed(self, body: str) -> None:
        """Wait until a bot has claimed this question."""
        async with within(_GIVE_UP_AFTER):
            await self.ledger.stored(body)
            ids = {id_ for id_, q in self.ledger.questions.items() if q.message.body == body}
            while True:
                if await self.claims.claimed(ids) == ids:
                    return
                await asyncio.sleep(_LOOK)


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[ProcessStage]:
    """Set a stage in ``folder``; kill what still runs at the end."""
    server = DevServer()
    account, _, _ = server.seed()
    async with serve(server) as url:
        parts = urlsplit(url)
        proxy = FaultyProxy(parts.hostname or "", parts.port or 0)
        async with proxy.serve():
            stage = ProcessStage(server, account, proxy, url=url, folder=folder)
            watching = asyncio.create_task(stage.ledger.watch())
            try:
                yield stage
            finally:
                watching.cancel()
                for bot in stage.bots:
                    await bot.kill()
