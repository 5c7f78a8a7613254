"""The bot as a whole, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.bot import bot
from tests.simulation.stage import Stage, perform


def test_a_conversation_that_there_was_no_room_to_follow_is_left_once_it_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A rush does not leave the bot in the channels of all who came."""
    monkeypatch.setattr(bot, "_MOST_FOLLOWED", 2)

    async def scene(stage: Stage) -> None:
        await stage.bot()
        [bot_socket] = stage.world.server.sockets
        visitors = [stage.visitor() for _ in range(6)]
        for visitor in visitors:
            await visitor.say("think 3 ?")
        await asyncio.sleep(20)
        assert [len(stage.replies(visitor)) for visitor in visitors] == [1] * 6
        followed = [topic for topic in bot_socket.topics if topic.startswith("conversation:")]
        assert len(followed) == 2

    perform(scene)
