"""That memory stays bounded all the time: every collection of a bot has its most."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from agentbot.bot import bot as bot_module
from agentbot.bot import other_bots, receipts
from agentbot.bot.bot import Bot
from agentbot.bot.hearing.reconcile import MOST_FRESH
from agentbot.bot.turns.mailbox import MOST_PENDING
from tests.simulation.world import Running, World

_LOOK = 5.0
_HELPERS = 25
"""Tasks of a bot that has nothing to do, at most."""
_TASKS_A_TURN = 8
_OWN_TOPICS = 2
_DEAD_DEADLINES = 256
_SEEN = 10_000


async def watch(world: World) -> None:
    """Look every few seconds, without end; what has grown too large becomes a violation, once."""
    told: set[tuple[str, str]] = set()
    while True:
        await asyncio.sleep(_LOOK)
        for running in world.bots.values():
            for name, size, most in grown(world, running):
                if (running.holder, name) not in told:
                    told.add((running.holder, name))
                    world.fail(f"{running.holder} GROWS: {size} {name}, and {most} are the most")


def grown(world: World, running: Running) -> Iterator[tuple[str, int, int]]:
    """Yield what is larger than it may be: its name, its size, and the most."""
    if running.bot is not None:
        for name, size, most in sizes(world, running, running.bot):
            if size > most:
                yield name, size, most


def sizes(world: World, running: Running, bot: Bot) -> Iterator[tuple[str, int, int]]:
    """Yield each collection's name, size and the most that it may hold in this world now.

    Nothing may outgrow its documented bound, nor what there is of its kind in the world.
    """
    services = bot._services
    session, client = services.session, services.session._client
    socket, turns = client._socket, services.settings.turns
    store = world.server.store
    conversations = len(store.conversations) + len(world.deleted)
    messages = len(world.messages)
    active = len(bot._tasks)
    pending = max((len(mailbox.pending_ids) for mailbox in bot._mailboxes.values()), default=0)
    # A bot that stops cancels its tasks, and those who waited go with the process.
    asked = session._waiters._waiting.values()
    waiters = [one for waiting in asked for one in waiting if not one.done()]
    pushes = len(waiters) + len(client._answers)
    channels = len(socket.topics)
    people = len(store.users) + len(store.customers)
    rosters = [len(socket.presence(topic)) for topic in socket.topics]

    yield "mailboxes", len(bot._mailboxes), min(turns.queue_limit, conversations)
    yield "conversations at work", active, len(bot._mailboxes)
    yield "messages pending in one mailbox", pending, min(MOST_PENDING, messages)
    yield "echoes awaited", len(services.echoes._awaited), min(active, turns.concurrency)
    catching_up = services.catching_up
    yield "turns that wait for a place", len(catching_up._waiting), active
    yield "turns that were found", catching_up._taken, active
    yield "leases held", len(services.leases._held), min(active, turns.concurrency)
    yield "closings remembered", len(services.closings._closed_at), conversations
    yield "fresh conversations", len(bot._reconciler._fresh), min(MOST_FRESH, 2 * conversations)
    yield (
        "conversations followed",
        len(bot._followed),
        min(bot_module._MOST_FOLLOWED, conversations),
    )
    yield "waiters", pushes, 2 * active + 1
    yield "pushes", len(socket._pushes), pushes + active
    # Those that are spoken on, and those just left, beside those that are followed.
    followed = bot_module._MOST_FOLLOWED + 2 * turns.concurrency
    yield "channels", channels, _OWN_TOPICS + min(followed, conversations)
    yield "joins to send", len(socket._joins), 2 * channels
    yield "deadlines", len(socket._deadlines), _DEAD_DEADLINES + 2 * (channels + pushes)
    yield "frames unsent", len(socket._outbox), 2 * channels + active
    yield "ids remembered", len(bot._intake._seen), min(_SEEN, messages)
    others = bot._other_bots
    yield "replies remembered", len(others._replies), min(other_bots.REMEMBERED, messages)
    yield "replies unproven", len(others._unproven), min(other_bots.REMEMBERED, messages)
    yield "receipts remembered", len(services.receipts._noted), min(receipts.REMEMBERED, messages)
    yield "people present", max(rosters, default=0), people
    yield "tasks", len(running.process.tasks), _HELPERS + _TASKS_A_TURN * active
