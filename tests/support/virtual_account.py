"""An account on a devserver in the same process, on the loop's own time, and its clients."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

import httpx2

from agentbot.devserver.app import create_app
from agentbot.devserver.server import DevServer
from agentbot.devserver.store.ids import Ids
from agentbot.devserver.store.records import Account, User
from agentbot.papercups import events
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.api import ApiOptions
from agentbot.papercups.customer import CustomerSession
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.rest import AgentRest
from agentbot.papercups.url import PapercupsUrl
from tests.support.transport import DevServerConnector

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""The server's time when the account is made, a Monday morning."""
URL = PapercupsUrl("http://devserver")

E = TypeVar("E")


class VirtualAccount:
    """A seeded account, made in a running loop: :func:`tests.support.virtual_time.run_virtual`."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        born = loop.time()
        self.server = DevServer(
            now=lambda: START + timedelta(seconds=loop.time() - born), ids=Ids.seeded(1)
        )
        self.account: Account
        self.bot: User
        self.ann: User
        self.account, self.bot, self.ann = self.server.seed()
        self.connector = DevServerConnector(self.server)

    @property
    def transport(self) -> httpx2.AsyncBaseTransport:
        """A way to the server's REST."""
        return httpx2.ASGITransport(create_app(self.server))

    def rest(self, email: str = "bot@example.com", password: str = "papercups") -> AgentRest:
        """Return an agent's REST; close it."""
        options = ApiOptions(rate=1e6)
        return AgentRest(
            URL,
            email=email,
            password=password,
            transport=self.transport,
            options=options,
            random=lambda: 0.5,
        )

    def customer_rest(self) -> CustomerRest:
        """Return a customer's REST; close it."""
        return CustomerRest(URL, transport=self.transport, random=lambda: 0.5)

    def customer(self, name: str = "Vera") -> CustomerSession:
        """Return a customer's session, to be entered."""
        return CustomerSession(
            self.customer_rest(),
            self.account.id,
            fields={"name": name},
            connector=DevServerConnector(self.server),
            clock=self.server.backend.now,
            random=lambda: 0.5,
        )


@dataclass
class Agent:
    """An agent's session that runs while it is entered, and all that it tells."""

    account: VirtualAccount
    rest: AgentRest
    told: list[events.Event] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    session: AgentSession = field(init=False)
    running: asyncio.Task[None] = field(init=False)

    def __post_init__(self) -> None:
        self.session = AgentSession(
            url=URL,
            login=self.rest.login,
            on_events=self._hear,
            connector=self.account.connector,
            random=lambda: 0.5,
        )

    async def __aenter__(self) -> Self:
        self.running = asyncio.create_task(self.session.run())
        await self.saw(events.Connected)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()
        await self.running
        await self.rest.aclose()

    def count(self, kind: type[events.Event]) -> int:
        """Return how many events of this kind have been told."""
        return sum(isinstance(event, kind) for event in self.told)

    async def saw(self, kind: type[E], count: int = 1) -> list[E]:
        """Wait until so many events of this kind were told; return them."""
        async with asyncio.timeout(3600):  # of virtual time
            while sum(isinstance(event, kind) for event in self.told) < count:
                self.news.clear()
                await self.news.wait()
        return [event for event in self.told if isinstance(event, kind)]

    def _hear(self, happened: Sequence[events.Event]) -> None:
        self.told += happened
        self.news.set()
