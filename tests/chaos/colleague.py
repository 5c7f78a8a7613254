"""A person of the account who steps in: by writing, or by taking the conversation first."""

from __future__ import annotations

import asyncio
from random import Random

import httpx2

from agentbot.devserver.server import DEMO_PASSWORD
from agentbot.devserver.store.records import User
from tests.chaos.ledger import AnswerLedger

_PAUSE = 0.2
"""Seconds between two attempts at a server that a fault keeps from answering."""


class Colleague:
    """The person, who works over REST as the dashboard does, past the bots' proxies."""

    def __init__(self, user: User, ledger: AnswerLedger, *, url: str, random: Random) -> None:
        self._user = user
        self._ledger = ledger
        self._url = url
        self._random = random

    async def take_over(self, conversation_id: str) -> None:
        """Write to the customer, or assign the conversation to oneself; try until it has worked."""
        if self._random.random() < 0.5:
            path, method = f"/api/conversations/{conversation_id}", "PUT"
            body: dict[str, object] = {"conversation": {"assignee_id": self._user.id}}
        else:
            path, method = "/api/messages", "POST"
            text = "Hello, this is Ann, I shall see to it."
            body = {"message": {"body": text, "conversation_id": conversation_id}}
        async with httpx2.AsyncClient(base_url=self._url, trust_env=False) as client:
            while True:
                if await self._do(client, method, path, body):
                    break
                await asyncio.sleep(_PAUSE)
        # Not before the answer: until it comes, a reply may still have been stored first.
        self._ledger.taken_over[conversation_id] = asyncio.get_running_loop().time()

    async def _do(
        self, client: httpx2.AsyncClient, method: str, path: str, body: dict[str, object]
    ) -> bool:
        try:
            login = {"user": {"email": self._user.email, "password": DEMO_PASSWORD}}
            session = await client.post("/api/session", json=login)
            if not session.is_success:
                return False
            headers = {"Authorization": session.json()["data"]["token"]}
            answer = await client.request(method, path, json=body, headers=headers)
        except httpx2.HTTPError:
            return False
        return answer.is_success
