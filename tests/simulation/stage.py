"""A small world for one scene, written by hand, instead of one that a seed makes up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from agentbot.devserver.store.records import Message
from tests.simulation.actors import SimulatedVisitor, Wire
from tests.simulation.network import SimulatedConnection
from tests.simulation.people import Person
from tests.simulation.run import silenced
from tests.simulation.witness import answers
from tests.simulation.world import Running, World, settings

_LOOK = 0.01
_PATIENCE = 600.0


class Stage:
    """A world in which one bot is about to start."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def bot(self, name: str = "bot", *, clock_error: float = 0.0) -> Running:
        """Start a bot, and wait until it is ready. Its clock is wrong by so many seconds."""
        self.world.start_bot(name, clock_error=clock_error)
        running = self.world.bots[name]
        await self.until(lambda: running.bot is not None and not running.bot.not_ready())
        return running

    def visitor(self, *, source: str = "chat") -> SimulatedVisitor:
        """Let a customer open a conversation; let them speak with ``say``."""
        visitor = SimulatedVisitor(self.world, Random(1), 0, source)  # noqa: S311 - not for secrets
        visitor.open()
        return visitor

    def person(self) -> Wire:
        """Let a person come online."""
        token = self.world.server.backend.tokens.issue(self.world.person_user_id).token
        wire = Wire(self.world, token)
        wire.join(self.notification, {})
        wire.open()
        return wire

    def colleague(self) -> Person:
        """Let a person do things, one at a time, with ``act``."""
        return Person(self.world, Random(1), 0)  # noqa: S311 - not for secrets

    def person_writes(self, person: Wire, visitor: SimulatedVisitor) -> None:
        """Let a person answer a customer."""
        shout = {"conversation_id": visitor.conversation.id, "body": "I am here", "type": "reply"}
        person.push(self.notification, "shout", shout)

    @property
    def notification(self) -> str:
        """The agents' topic."""
        return f"notification:{self.world.account_id}"

    @property
    def connection(self) -> SimulatedConnection:
        """The connection that was opened last."""
        return self.world.network.connections[-1]

    def replies(self, visitor: SimulatedVisitor) -> list[Message]:
        """Return the bot's replies to a customer, as the server has them."""
        return [message for message in visitor.conversation.messages if answers(message)]

    def answered_by(self, reply: Message) -> tuple[str, ...]:
        """Return the ids of the messages that a reply says it answers."""
        return answers(reply)

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds. Raises ``TimeoutError`` after ten minutes."""
        async with asyncio.timeout(_PATIENCE):
            while not holds():  # noqa: ASYNC110 - virtual time, and anything may be asked
                await asyncio.sleep(_LOOK)


def perform(
    scene: Callable[[Stage], Awaitable[None]],
    *,
    seed: int = 1,
    tight: bool = False,
    is_shared: bool = True,
) -> None:
    """Run a scene. Raises what it raises, and fails where an invariant was broken meanwhile.

    ``tight``: the bots have room for two customers. ``is_shared``: the state is not a file of the
    one bot's.
    """
    world = World(seed, settings(tight=tight), is_shared=is_shared)

    async def play() -> None:
        await scene(Stage(world))

    with silenced(world.kernel, world.tell):
        try:
            world.kernel.run(world.clock, play())
            assert world.violations == []
        finally:
            world.kernel.bury()
            world.database.close()
            world.rival_database.close()
