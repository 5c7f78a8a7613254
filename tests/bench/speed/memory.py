"""Bar 7: bytes a followed conversation: of the client alone, and of the bot with what it keeps."""

from __future__ import annotations

import argparse
import gc
import itertools
import tracemalloc
from collections.abc import Callable

import orjson

from agentbot.bot.mirror import Mirror
from agentbot.papercups.models import Conversation
from tests.bench.speed.account import KEPT
from tests.bench.speed.bot import IN_MEMORY, bot
from tests.bench.speed.options import options
from tests.bench.speed.processes import folder, settled_memory
from tests.bench.speed.server import seeded
from tests.bench.speed.sides import FOLLOWER, Scale, Side, side
from tests.bench.speed.table import Bar, Figure, Row, Table
from tests.bench.speed.turns import IN_FLIGHT

FEW = 100
"""Conversations whose memory is taken off that of many: what there is in any case."""
CHANNELS = 10_100
"""Conversations of the client alone."""
FOLLOWED = 1_000
"""Conversations of the bot, of 20 messages each: no more of them are mirrored at a time."""
_NOW = b"2026-11-26T12:00:00"
"""When the conversations had their last message."""


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table."""
    wanted = options(chosen)
    alone, whole = [], []
    mirrored = mirror_memory(FOLLOWED)
    for _ in range(wanted.rounds):
        alone.append(_grown(client_memory, CHANNELS))
        whole.append(_grown(bot_memory, FOLLOWED))
    both = tuple(one + mirrored for one in alone)
    rows = [
        Row("7", "client alone", Figure(tuple(alone), "bytes"), bar=Bar(1_000, 500, is_most=True)),
        Row("7", "with its mirror", Figure(both, "bytes"), bar=Bar(6_000, 3_000, is_most=True)),
        Row("", "all that the bot keeps", Figure(tuple(whole), "bytes")),
    ]
    title = f"memory a conversation: from {FEW} to {CHANNELS:,} (client), {FOLLOWED:,} (bot)"
    wanted.show(Table(title, rows))


def client_memory(conversations: int) -> float:
    """Return the memory of a client that has joined so many, in bytes."""
    with folder() as place:
        scale = Scale(conversations=conversations, history=0)
        with side(FOLLOWER, place, scale) as one:
            return settled_memory(one.client)


def mirror_memory(conversations: int) -> float:
    """Return the memory of the mirror of one of so many quiet ones, in bytes, counted by Python."""
    now = itertools.count(step=60.0)  # a minute lies between two
    mirror = Mirror(max_age=1e9, clock=now.__next__, most_messages=KEPT * conversations)
    gc.collect()
    tracemalloc.start()
    for number in range(conversations):
        read = orjson.loads(seeded(number, KEPT, KEPT).json(_NOW))
        with mirror.reading() as mark:
            mirror.keep(Conversation.model_validate(read), since=mark)
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if len(mirror) != conversations:
        raise RuntimeError(f"{len(mirror)} of {conversations} are mirrored")
    return size / conversations


def bot_memory(conversations: int) -> float:
    """Return the memory of a bot that has answered twice in each of so many."""
    with folder() as place, side(bot(IN_MEMORY), place, Scale(conversations=conversations)) as one:
        _answer(one, conversations)
        return settled_memory(one.client)


def _answer(one: Side, conversations: int) -> None:
    # As many turns in any case, so that they differ in nothing else.
    one.run(in_flight=IN_FLIGHT, turns=max(2 * conversations, 2 * FOLLOWED))


def _grown(memory: Callable[[int], float], many: int) -> float:
    return (memory(many) - memory(FEW)) / (many - FEW)
