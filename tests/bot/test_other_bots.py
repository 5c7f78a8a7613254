"""Another bot on the account that does not share our state is noticed; a replica is none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from agentbot.bot.other_bots import REMEMBERED, OtherBots
from agentbot.bot.proof import mark
from agentbot.devserver.store import records
from agentbot.papercups.models import Message
from tests.support.bot_parts import Parts, Visitor, perform
from tests.support.devserver import SocketClient
from tests.support.virtual_time import stand_still

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
POSTGRES = "postgresql://db/agentbot"


class Watching:
    """One who looks for other bots, and a customer who has asked something."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.others = OtherBots(parts.services)
        self.visitor: Visitor = parts.visitor()
        self.asked = self.visitor.write(heard=False)

    def hear_reply(self, **fields: Any) -> Message:
        """Hear a bot's marked reply to the customer; ``fields`` make it something else."""
        record = self.visitor._add(
            False,  # noqa: FBT003
            "An answer",
            **{
                "type": "bot",
                "metadata": mark([self.asked.id], by="rule", source="greeting"),
                **fields,
            },
        )
        reply = _as_heard(record)
        self.others.heard(reply)
        return reply

    def log_in_again(self) -> SocketClient:
        """Let somebody else log in as the bot's user."""
        server, user = self.parts.account.server, self.parts.account.bot
        token = server.backend.tokens.issue(user.id).token
        client = SocketClient(server, {"token": token, "vsn": "2.0.0"})
        client.join(f"notification:{user.account_id}")
        return client


def _as_heard(record: records.Message) -> Message:
    return Message(
        id=record.id,
        conversation_id=record.conversation_id,
        created_at=record.created_at,
        type=record.type,
        private=record.private,
        customer_id=record.customer_id,
        user_id=record.user_id,
        metadata=record.metadata,
    )


def watch(story: Callable[[Watching], Awaitable[None]], **options: Any) -> None:
    """Play a story in which somebody looks for other bots."""

    async def main(parts: Parts) -> None:
        it = Watching(parts)
        running = asyncio.create_task(it.others.run())
        try:
            await story(it)
            assert not running.done(), "it runs until it is cancelled"
        finally:
            running.cancel()

    perform(main, **options)


def test_a_reply_to_what_nobody_has_claimed_here_is_another_bots() -> None:
    """It is said once, with the remedy, and no longer once nothing was noticed for ten minutes."""

    async def story(it: Watching) -> None:
        await asyncio.sleep(1000)
        it.hear_reply()
        it.hear_reply()
        assert it.others.problem is not None  # two replies to one message
        await asyncio.sleep(6)
        assert it.others.problem == "another bot answers, whose state is not ours"
        await asyncio.sleep(590)
        assert it.others.problem is not None
        await asyncio.sleep(20)
        assert it.others.problem is None

    with capture_logs() as said:
        watch(story)
    noticed = [line for line in said if line["event"] == "other_bot.noticed"]
    assert [line["log_level"] for line in noticed] == ["error", "error"]
    assert all("AGENTBOT_STATE_URL" in line["remedy"] for line in noticed)


def test_a_second_reply_to_one_message_is_another_bots_though_we_had_claimed_it() -> None:
    """The same reply heard again is no second one."""

    async def story(it: Watching) -> None:
        await it.parts.store.claim(it.visitor.id, [it.asked.id])
        ours = it.hear_reply()
        it.others.heard(ours)
        await asyncio.sleep(6)
        assert it.others.problem is None
        it.hear_reply()
        assert it.others.problem == "another bot answers the same messages"

    watch(story)


def test_no_more_than_so_many_replies_are_remembered() -> None:
    """The oldest is forgotten: a double follows within seconds."""

    def reply_to(number: int, id_: str) -> Message:
        metadata = mark([f"m{number}"], by="rule", source="greeting")
        return Message(id=id_, conversation_id="c", created_at=NOON, type="bot", metadata=metadata)

    async def story(parts: Parts) -> None:
        noticed = []
        for doubled in (0, 1, REMEMBERED):
            others = OtherBots(parts.services)
            for number in range(REMEMBERED + 1):
                others.heard(reply_to(number, f"r{number}"))
            others.heard(reply_to(doubled, "double"))
            noticed.append(others.problem is not None)
        assert noticed == [False, True, True]

    perform(story)


def test_a_replica_that_shares_our_state_is_no_other_bot() -> None:
    """It has claimed what it answers, where we can see it."""

    async def story(it: Watching) -> None:
        colleague = await it.parts.colleague()
        await colleague.claim(it.visitor.id, [it.asked.id])
        it.hear_reply()
        await asyncio.sleep(20)
        assert it.others.problem is None

    watch(story)


@pytest.mark.parametrize(
    "fields", [{"type": "reply"}, {"private": True}, {"metadata": {"agentbot": "?"}}], ids=str
)
def test_what_answers_nobody_shows_no_bot(fields: dict[str, Any]) -> None:
    """A person's message, a private note, a mark that is none."""

    async def story(it: Watching) -> None:
        it.hear_reply(**fields)
        await asyncio.sleep(20)
        assert it.others.problem is None

    watch(story)


def test_a_state_that_is_away_is_asked_later() -> None:
    """And nobody is suspected before it has answered."""

    async def story(it: Watching) -> None:
        it.parts.store.failures["claimed"] = 2
        it.hear_reply()
        await asyncio.sleep(11)
        assert it.others.problem is None
        await asyncio.sleep(5)
        assert it.others.problem is not None

    watch(story)


def test_a_second_socket_of_our_own_user_is_noticed_once_it_cannot_be_our_last_one() -> None:
    """Where the state is a file of our own; it is forgotten after the other one has left."""

    async def story(it: Watching) -> None:
        await asyncio.sleep(12)
        other = it.log_in_again()
        keep_alive = asyncio.create_task(_ping(other))
        problems = []
        for seconds in (65, 5):  # after the thirteenth look, and after the next
            await asyncio.sleep(seconds)
            problems.append(it.others.problem)
        keep_alive.cancel()
        other.socket.disconnected()
        await asyncio.sleep(620)
        problems.append(it.others.problem)
        noticed = "another bot, or a person, is logged in as the bot's own user"
        assert problems == [None, noticed, None]

    watch(story)


def test_sockets_that_we_have_lost_one_after_the_other_are_no_other_bot() -> None:
    """Each is shown for less than a minute, though together they are for longer."""

    async def story(it: Watching) -> None:
        for _ in range(6):
            lost = it.log_in_again()
            await asyncio.sleep(40)
            it.log_in_again()
            lost.socket.disconnected()
        assert it.others.problem is None

    watch(story)


def test_what_was_shown_before_the_connection_broke_proves_nothing() -> None:
    """Nobody tells us meanwhile who has gone."""

    async def story(it: Watching) -> None:
        keep_alive = asyncio.create_task(_ping(it.log_in_again()))
        await asyncio.sleep(20)
        server = it.parts.account.server
        refusal = server.faults.refuse(status=503)
        keep_alive.cancel()
        server.drop()
        await asyncio.sleep(120)
        assert it.others.problem is None
        refusal.remove()
        await asyncio.sleep(120)
        assert it.others.problem is None

    watch(story)


def test_a_process_that_stood_still_wakes_with_old_news() -> None:
    """A socket that it saw minutes ago may have gone since: that it has is heard only then."""

    async def story(it: Watching) -> None:
        lost = it.log_in_again()
        await asyncio.sleep(12)
        stand_still(120)
        await asyncio.sleep(0.1)  # the look that was due comes before the news
        lost.socket.disconnected()
        await asyncio.sleep(20)
        assert it.others.problem is None

    watch(story)


def test_where_bots_share_a_state_a_second_socket_is_a_replicas() -> None:
    """They all log in as the same user."""

    async def story(it: Watching) -> None:
        keep_alive = asyncio.create_task(_ping(it.log_in_again()))
        await asyncio.sleep(120)
        assert it.others.problem is None
        keep_alive.cancel()

    watch(story, state_url=POSTGRES)


async def _ping(client: SocketClient) -> None:
    while True:
        await asyncio.sleep(20)
        client.socket.pinged()


def test_the_bot_says_so_and_goes_on() -> None:
    """It warns, and is ready all the same."""

    async def story(parts: Parts) -> None:
        async with parts.running_bot() as bot:
            assert bot.warnings() == {}
            visitor = parts.visitor()
            asked = visitor.write(heard=False)
            metadata = mark([asked.id], by="rule", source="greeting")
            visitor._add(True, "An answer", type="bot", metadata=metadata)  # noqa: FBT003
            await asyncio.sleep(6)
            assert list(bot.warnings()) == ["other_bot"]
            assert bot.not_ready() == {}

    perform(story, listening=False)
