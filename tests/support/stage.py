"""The whole thing on real sockets: devserver, bot, customers and people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr

from agentbot.bot.bot import Bot
from agentbot.bot.proof import KEY, answers
from agentbot.cli.compose import compose
from agentbot.cli.connections import settings_store
from agentbot.cli.loader import PipelineLoader
from agentbot.config import PapercupsLogin, Settings
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.devserver.store import records
from agentbot.ops.metrics import Metrics
from agentbot.papercups.customer import CustomerSession
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.models import Message
from agentbot.papercups.url import PapercupsUrl
from agentbot.pipeline.llm.model import ChatModel
from agentbot.state.store import TurnRecord
from tests.support.folders import DEFAULT, folder
from tests.support.timing import within

GIVE_UP_AFTER = 20.0
"""Seconds, scaled, in which anything that a test waits for must happen."""


def quick_settings(prompts: Path = DEFAULT, **changes: dict[str, Any] | str) -> Settings:
    """Return settings whose waits are short; ``changes`` replace values of groups.

    The FAQ goes by words alone: to load the model of meanings takes longer than most tests do.
    """
    quick: dict[str, Any] = {
        "prompts_dir": prompts,
        "faq": {"embeddings": "none"},
        "reply": {"first_delay_seconds": 0.05, "confirm_timeout_seconds": 0.5},
        "turns": {"idle_seconds": 0.05},
        "catch_up": {"fresh_after_seconds": [0.3, 0.8], "settle_seconds": 0.2},
        "state": {"lease_seconds": 3.0},
        "drain": {"grace_seconds": 5.0},
    }
    for name, change in changes.items():
        quick[name] = {**quick.get(name, {}), **change} if isinstance(change, dict) else change
    return Settings(**quick)


class LiveStage:
    """A devserver on a free port, with the demo's account, a bot's user and a person's."""

    def __init__(self, server: DevServer, url: str, stack: AsyncExitStack) -> None:
        self.server = server
        self.url = url
        [self.account] = server.store.accounts.values()
        self.bot_user, self.ann = server.store.users.values()
        self.settled: asyncio.Queue[TurnRecord] = asyncio.Queue()
        self.metrics = Metrics()
        self._stack = stack
        self._rest = CustomerRest(PapercupsUrl.parse(url))
        stack.push_async_callback(self._rest.aclose)

    async def start_bot(
        self,
        settings: Settings | None = None,
        *,
        model: ChatModel | None = None,
        state_url: str = "sqlite:///:memory:",
    ) -> Bot:
        """Start a bot, and return when it is ready. It is drained when the stage is struck."""
        settings = settings or quick_settings()
        store = settings_store(settings, url=state_url)
        await store.open()
        self._stack.push_async_callback(store.close)
        bot = await self._stack.enter_async_context(
            compose(
                settings,
                login=PapercupsLogin(self.url, self.bot_user.email, SecretStr(DEMO_PASSWORD)),
                store=store,
                pipeline=PipelineLoader(settings, model=model).load(),
                metrics=self.metrics,
                on_settled=lambda record, _seconds: self.settled.put_nowait(record),
            )
        )
        running = asyncio.create_task(bot.run())

        async def stop() -> None:
            await bot.drain()
            await running

        self._stack.push_async_callback(stop)
        await eventually(lambda: not bot.not_ready())
        return bot

    async def start_bot_off_duty(self, tmp_path: Path) -> None:
        """Start a bot that is seen on duty alone, in a closed shop; wait until it is not seen."""
        policy = (DEFAULT / "policy.yaml").read_text()
        prompts = folder(
            tmp_path,
            policy=policy.replace("presence: always", "presence: on_duty"),
            rules=(DEFAULT / "rules.yaml").read_text(),
        )
        self.account.time_zone = "Europe/Oslo"
        self.account.working_hours = (records.WorkingHours("everyday", 0, 0),)
        await self.start_bot(quick_settings(prompts, catch_up={"interval_seconds": 0.5}))
        await eventually(lambda: not self.online())

    async def customer(self, name: str = "Vera", **fields: Any) -> CustomerSession:
        """Return a customer with a fresh conversation, joined."""
        session = CustomerSession(self._rest, self.account.id, fields={"name": name, **fields})
        return await self._stack.enter_async_context(session)

    async def outcome(self) -> TurnRecord:
        """Return the next turn that is settled."""
        async with within(GIVE_UP_AFTER):
            return await self.settled.get()

    async def ann_says(self, conversation_id: str, body: str, **fields: Any) -> None:
        """Let the person write over REST."""
        message = {"body": body, "conversation_id": conversation_id, **fields}
        await self._ann_asks("POST", "/api/messages", {"message": message})

    async def ann_updates(self, conversation_id: str, **fields: Any) -> None:
        """Let the person change the conversation over REST."""
        await self._ann_asks(
            "PUT", f"/api/conversations/{conversation_id}", {"conversation": fields}
        )

    async def _ann_asks(self, method: str, path: str, body: dict[str, Any]) -> None:
        async with httpx2.AsyncClient(base_url=self.url) as client:
            login = {"user": {"email": self.ann.email, "password": DEMO_PASSWORD}}
            session = (await client.post("/api/session", json=login)).json()["data"]
            headers = {"Authorization": session["token"]}
            answer = await client.request(method, path, json=body, headers=headers)
            answer.raise_for_status()

    def conversation(self, customer: CustomerSession) -> records.Conversation:
        """Return the conversation as the server has it."""
        return self.server.store.conversations[customer.conversation_id]

    def found_by_reading(self) -> float:
        """Return how many messages the bot found that no broadcast announced."""
        count = self.metrics.registry.get_sample_value
        paths = ("fresh", "periodic", "start", "reconnect", "orphan")
        return sum(count("agentbot_catch_up_found_total", {"path": path}) or 0 for path in paths)

    def online(self) -> set[str]:
        """Return the keys of the room's presence."""
        return set(self.server.backend.presence.state(f"room:{self.account.id}"))

    def tags(self, conversation: records.Conversation) -> set[str]:
        """Return the names of the conversation's tags."""
        return {self.server.store.tags[id_].name for id_ in conversation.tag_ids}

    def replies(self, customer: CustomerSession) -> list[records.Message]:
        """Return the bot's public messages in the conversation, as stored, but for those that only
        ask for a moment: on a busy machine everything takes long."""
        return [
            message
            for message in self.server.store.messages.values()
            if message.conversation_id == customer.conversation_id
            and message.type == "bot"
            and not message.private
            and "holding" not in (message.metadata or {}).get(KEY, {})
        ]


async def reply_to(customer: CustomerSession) -> Message:
    """Return the next message of a bot that the customer gets."""
    async with within(GIVE_UP_AFTER):
        while not answers(message := await customer.next_message()):
            pass
        return message


async def eventually(holds: Any) -> None:  # noqa: ANN401 - any callable without arguments
    """Wait until ``holds()`` returns something true."""
    async with within(GIVE_UP_AFTER):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


@asynccontextmanager
async def staged() -> AsyncIterator[LiveStage]:
    """Yield a stage; strike it, bots and customers first, at the end."""
    server = DevServer()
    server.seed()
    async with serve(server) as url, AsyncExitStack() as stack:
        yield LiveStage(server, url, stack)
