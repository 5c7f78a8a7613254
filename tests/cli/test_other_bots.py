"""``doctor`` finds another bot by answers that stand twice, and by who is logged in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentbot.bot.proof import mark
from agentbot.cli.other_bots import OtherBotFound, answered_twice, look_for_other_bots
from agentbot.papercups.models import Message
from tests.support.bot_parts import Parts, perform
from tests.support.devserver import SocketClient
from tests.support.virtual_account import START


def _reply(id_: str, *, to: str, hours: float = 0.0) -> Message:
    return Message(
        id=id_,
        conversation_id="c",
        created_at=START + timedelta(hours=hours),
        type="bot",
        metadata=mark([to], by="rule", source="greeting"),
    )


def test_two_replies_to_one_message_count_where_one_of_them_is_recent() -> None:
    """What stands twice since before it was put right does not."""
    messages = [
        _reply("r1", to="a"),
        _reply("r2", to="a", hours=2),
        _reply("r3", to="b", hours=2),
        _reply("r4", to="c"),
        _reply("r5", to="c"),
    ]
    assert answered_twice(messages, since=START + timedelta(hours=1)) == {"a"}


async def _look(parts: Parts, *, shares_state: bool = False) -> str:
    return await look_for_other_bots(
        parts.rest, parts.session, shares_state=shares_state, now=parts.now()
    )


def test_a_doubled_answer_is_told_with_the_remedy() -> None:
    """However the bots are logged in."""

    async def story(parts: Parts) -> None:
        visitor = parts.visitor()
        asked = visitor.write(heard=False)
        assert await _look(parts, shares_state=True) == "none found in 1 conversation"
        for _ in range(2):
            metadata = mark([asked.id], by="rule", source="greeting")
            visitor._add(False, "An answer", type="bot", metadata=metadata)  # noqa: FBT003
        with pytest.raises(
            OtherBotFound, match=r"1 message was answered twice.*AGENTBOT_STATE_URL"
        ):
            await _look(parts, shares_state=True)

    perform(story)


def test_one_bot_that_runs_beside_doctor_is_expected_and_two_are_not() -> None:
    """Unless they share their state."""

    async def story(parts: Parts) -> None:
        server, user = parts.account.server, parts.account.bot
        token = server.backend.tokens.issue(user.id).token
        clients = [SocketClient(server, {"token": token, "vsn": "2.0.0"}) for _ in range(2)]
        for client in clients:
            client.join(f"notification:{user.account_id}")
        await parts.until(lambda: len(parts.session.own_sockets) == 3)
        assert "2 running" in await _look(parts, shares_state=True)
        with pytest.raises(OtherBotFound, match="2 others are logged in"):
            await _look(parts)
        clients[0].socket.disconnected()
        await parts.until(lambda: len(parts.session.own_sockets) == 2)
        assert "1 running" in await _look(parts)

    perform(story)
