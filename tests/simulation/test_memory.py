"""Nothing of a conversation's past stays in the bot."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.bot.echoes import Echoes
from tests.simulation.memory import size_of
from tests.simulation.stage import Stage, perform

_ROUNDS = 30
_MOST_BYTES = 900
"""That a message may leave behind: its id and its answer's, to know duplicates by, with a number
each to know copies by, and its id once more beside its answer's, to know another bot by; nothing
of what they say. Measured: 713, and 2,900 with a leak of one object. Of ids, 10,000 are remembered
at most, of numbers 2,000, of pairs 1,000."""


async def _left_behind(stage: Stage) -> float:
    """Return the bytes by which each of many answered messages has made the bot larger."""
    running = await stage.bot()
    visitor = stage.visitor()

    async def write() -> None:
        for number in range(_ROUNDS):
            # Not the same again and again, as a machine would.
            await visitor.say("tag ?" if number % 2 else "tag it ?")
            await asyncio.sleep(60)  # past the guard against loops, and a snooze

    await write()  # what is made at first need, is made
    before = size_of(running.bot)
    await write()
    assert len(stage.replies(visitor)) == 2 * _ROUNDS
    return (size_of(running.bot) - before) / _ROUNDS


def test_an_answered_message_leaves_only_ids_behind() -> None:
    """Hours of talk do not make the bot grow."""

    async def scene(stage: Stage) -> None:
        assert await _left_behind(stage) < _MOST_BYTES

    perform(scene)


def test_a_leak_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """One object a message is noticed."""
    monkeypatch.setattr(Echoes, "forget", lambda _self, _id: None)

    async def scene(stage: Stage) -> None:
        assert await _left_behind(stage) > _MOST_BYTES

    perform(scene)
