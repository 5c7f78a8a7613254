"""Waiting for echoes: who waits is told of its own reply alone, and of a connection that is lost.

What a delivery makes of an echo, or of none, is tested with ``delivery/delivery.py``.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from agentbot.bot.echoes import Echoes, NoEcho
from agentbot.bot.proof import mark
from agentbot.papercups.models import Message
from tests.support.virtual_time import run_virtual

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def reply_to(*message_ids: str, **fields: Any) -> Message:
    """Return a bot's reply to these messages."""
    metadata = mark(message_ids, by="rule", source="r")
    values = {"id": "r", "conversation_id": "c", "created_at": NOW, "type": "bot"}
    return Message(**{**values, "metadata": metadata, **fields})


async def test_who_waits_is_told_of_the_reply_to_its_message_alone() -> None:
    """Another message's reply is no echo of ours."""
    echoes = Echoes()
    first, second = echoes.expect("m1"), echoes.expect("m2")
    echo = reply_to("m2")
    echoes.heard(echo)
    assert second.result() is echo
    assert not first.done()


async def test_a_reply_to_several_messages_is_known_by_each() -> None:
    """A turn that has grown is answered at once, and awaited by its last message."""
    echoes = Echoes()
    waiting = echoes.expect("m1")
    echo = reply_to("m1", "m2")
    echoes.heard(echo)
    assert waiting.result() is echo


async def test_what_bears_no_mark_of_ours_is_no_echo() -> None:
    """A person may write the same words."""
    echoes = Echoes()
    waiting = echoes.expect("m1")
    echoes.heard(reply_to("m1", type="reply", user_id=2))
    echoes.heard(reply_to("m1", metadata=None))
    assert not waiting.done()


async def test_a_lost_connection_wakes_all_who_wait() -> None:
    """No echo comes on it any more: nobody waits for the time-out."""
    echoes = Echoes()
    waiting = [echoes.expect("m1"), echoes.expect("m2")]
    echoes.connection_lost()
    assert [one.result() for one in waiting] == [NoEcho.CONNECTION_LOST] * 2


async def test_the_first_word_counts() -> None:
    """A reply that was heard stays heard when the connection breaks, and is heard once."""
    echoes = Echoes()
    waiting = echoes.expect("m1")
    echo = reply_to("m1")
    echoes.heard(echo)
    echoes.heard(reply_to("m1", id="again"))
    echoes.connection_lost()
    assert waiting.result() is echo


async def test_what_is_forgotten_is_not_told() -> None:
    """A sending that was given up is nobody's any more; forgetting twice does no harm."""
    echoes = Echoes()
    waiting = echoes.expect("m1")
    echoes.forget("m1")
    echoes.forget("m1")
    echoes.heard(reply_to("m1"))
    echoes.connection_lost()
    assert not waiting.done()


def test_how_long_an_echo_took_is_told_and_that_it_did_not_come() -> None:
    """By both the server's pace is known; one that is forgotten after its echo is not late."""
    took: list[float] = []
    late: list[bool] = []

    async def main() -> None:
        echoes = Echoes(on_echo=took.append, on_late=lambda: late.append(True))
        await asyncio.sleep(10)
        echoes.expect("m1")
        await asyncio.sleep(3)
        echoes.heard(reply_to("m1"))
        echoes.forget("m1")
        assert took == [pytest.approx(3)]
        assert late == []
        echoes.expect("m2")
        echoes.forget("m2")
        assert late == [True]
        assert len(took) == 1

    run_virtual(main())
