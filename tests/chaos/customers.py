"""Scripted customers over real sockets: patient ones, bursts, and widgets that rejoin at once."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from contextlib import AsyncExitStack
from random import Random

from agentbot.devserver.server import DevServer
from agentbot.errors import AgentbotError
from agentbot.papercups.customer import CustomerSession
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.url import PapercupsUrl
from agentbot.phoenix.client import ClientOptions
from agentbot.phoenix.options import SocketOptions
from agentbot.retry import RetryPolicy
from tests.chaos.colleague import Colleague
from tests.chaos.ledger import AnswerLedger

_SAY_AGAIN = 3.0
"""Seconds after which a customer repeats what the server has not stored: more than a join takes."""
_TAKEN_OVER = 0.08
"""The share of the turns in which a person steps in, and keeps the conversation: often enough to
happen in a short run, and seldom enough that the bot has most of the work."""
_MOST_OPEN = 60
"""Conversations left open once they are done. Those before them are closed, as people do: a bot
that starts looks at all open ones, and would take ever longer."""


class Customers:
    """The customers, who ask ``turns`` turns between them."""

    def __init__(
        self,
        server: DevServer,
        ledger: AnswerLedger,
        *,
        url: str,
        account_id: str,
        turns: int,
        random: Random,
        colleague: Colleague,
    ) -> None:
        self._server = server
        self._ledger = ledger
        self._url = PapercupsUrl.parse(url)
        self._account_id = account_id
        self._random = random
        self._numbers = itertools.count(1)
        self._left = turns
        self._done: list[str] = []
        self._colleague = colleague
        self.kinds: Counter[str] = Counter()

    async def run(self, *, side_by_side: int) -> None:
        """Ask until all turns have been asked and answered, so many customers at a time."""
        async with asyncio.TaskGroup() as group:
            for _ in range(side_by_side):
                group.create_task(self._come_and_go())

    async def _come_and_go(self) -> None:
        while self._left > 0:
            turns = min(self._random.randint(1, 4), self._left)
            self._left -= turns
            async with AsyncExitStack() as stack:
                rest = await stack.enter_async_context(CustomerRest(self._url))
                customer = await self._enter(stack, rest)
                for number in range(turns):
                    await self._take_turn(customer, first=number == 0)
                    if customer.conversation_id in self._ledger.taken_over:
                        self._left += turns - number - 1
                        break
                self._leave(customer.conversation_id)

    async def _enter(self, stack: AsyncExitStack, rest: CustomerRest) -> CustomerSession:
        while True:
            session = CustomerSession(
                rest,
                self._account_id,
                random=self._random.random,
                options=ClientOptions(
                    open_timeout=3.0,
                    retry=RetryPolicy(first_pause=0.25, longest_pause=2.0),
                    socket=SocketOptions(heartbeat_interval=3.0, join_timeout=2.0),
                ),
            )
            try:
                return await stack.enter_async_context(session)
            except AgentbotError:
                await asyncio.sleep(self._random.uniform(0.1, 0.5))

    async def _take_turn(self, customer: CustomerSession, *, first: bool) -> None:
        kind = self._random.choice(["plain", "plain", "burst", "interrupt", "hasty"])
        if first and self._random.random() < 0.3:
            kind = "rejoin"
        elif self._random.random() < _TAKEN_OVER:
            kind = "taken over"
        self.kinds[kind] += 1
        bodies = [self._question()]
        await self._say(customer, bodies[0], rejoin=kind == "rejoin")
        if kind in {"burst", "interrupt"}:
            for _ in range(self._random.randint(1, 3)):
                longest = 0.15 if kind == "burst" else 1.5
                await asyncio.sleep(self._random.uniform(0.0, longest))
                bodies.append(self._question())
                await self._say(customer, bodies[-1])
        if kind == "taken over":
            await asyncio.sleep(self._random.uniform(0.0, 2.5))
            await self._colleague.take_over(customer.conversation_id)
            await asyncio.sleep(self._random.uniform(0.0, 1.5))
            await self._say(customer, self._question())
        elif kind == "hasty":
            await asyncio.sleep(self._random.uniform(0.0, 0.3))
        else:
            await self._ledger.all_answered(frozenset(bodies))

    def _question(self) -> str:
        number = next(self._numbers)
        if self._random.random() < 0.5:
            return f"quick #{number}"
        return f"slow {self._random.uniform(0.1, 2.0):.2f} #{number}"

    async def _say(self, customer: CustomerSession, body: str, *, rejoin: bool = False) -> None:
        """Say it until the server has stored it: what it never stored needs no answer."""
        if rejoin:
            # The channel is at work on the shout when the second join ends it: stored, unheard.
            topic = f"conversation:{customer.conversation_id}"
            self._server.faults.slow_shout(broadcast=0.05, topic=topic, times=1)
        while True:
            try:
                await customer.shout(body)
                if rejoin:
                    await customer.rejoin()
                async with asyncio.timeout(_SAY_AGAIN):
                    return await self._ledger.stored(body)
            except (AgentbotError, TimeoutError):
                rejoin = False

    def _leave(self, conversation_id: str) -> None:
        """Close what was done long ago, once it is answered."""
        self._done.append(conversation_id)
        if len(self._done) <= _MOST_OPEN:
            return
        oldest = self._server.store.conversations[self._done[0]]
        ids = [message.id for message in oldest.messages if message.customer_id is not None]
        is_kept = oldest.id in self._ledger.taken_over
        if is_kept or all(self._ledger.questions[id_].replies for id_ in ids):
            self._server.store.update_conversation(oldest, {"status": "closed"})
            del self._done[0]
