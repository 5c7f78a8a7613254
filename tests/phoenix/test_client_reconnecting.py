"""A client connects again after every end that nobody asked for, and at a bearable pace."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agentbot.errors import UpgradeRefused
from agentbot.phoenix import events, frames
from agentbot.phoenix.frames import Frame
from tests.support.client_story import DOWN, TOPIC, living
from tests.support.transport import ScriptedConnection, ScriptedConnector, be_well, say_nothing
from tests.support.virtual_time import now, run_virtual


def test_every_unasked_end_is_followed_by_a_new_connection_with_a_fresh_url() -> None:
    """A clean 1000 too; nothing that was said is said again."""
    tokens = iter(range(100))

    async def url() -> str:
        return f"ws://server/socket?token={next(tokens)}"

    async def main() -> None:
        connector = ScriptedConnector()
        async with living(connector, url=url) as story:
            for count, code in enumerate((1000, 1006, 1011, 1009), 1):
                await story.saw(events.ChannelJoined, count)
                story.client.send(TOPIC, "shout", {})
                await asyncio.sleep(0)
                connector.connection.lose(code)
            await story.saw(events.ChannelJoined, 5)
            assert [
                connection.url.rpartition("=")[2] for connection in connector.connections
            ] == list("01234")
            assert [len(connection.heard("shout")) for connection in connector.connections] == [
                1,
                1,
                1,
                1,
                0,
            ]
            assert story.client.counters.closes == {1000: 1, 1006: 1, 1011: 1, 1009: 1}
            assert story.client.counters.connects == 5

    run_virtual(main())


def test_a_server_that_accepts_and_closes_is_not_hammered() -> None:
    """In ten minutes some 40 attempts, not a thousand a second: to be open is no success."""

    async def main() -> None:
        connector = ScriptedConnector(on_open=lambda connection: connection.lose(1000))
        async with living(connector):
            await asyncio.sleep(600)
            assert 35 < len(connector.attempts) < 50

    run_virtual(main())


def test_a_server_that_lets_us_join_and_closes_is_not_hammered_either() -> None:
    """A join counts only once it has held."""

    async def main() -> None:
        def answer(connection: ScriptedConnection, frame: Frame) -> None:
            be_well(connection, frame)
            asyncio.get_running_loop().call_later(0.1, connection.lose, 1000)

        connector = ScriptedConnector(answer)
        async with living(connector):
            await asyncio.sleep(600)
            assert 35 < len(connector.attempts) < 50

    run_virtual(main())


def test_a_join_that_held_makes_the_next_reconnect_quick() -> None:
    """The back-off begins anew after it."""

    async def main() -> None:
        connector = ScriptedConnector(fails=[DOWN] * 8)
        async with living(connector) as story:
            await story.saw(events.ChannelJoined)
            await asyncio.sleep(11)
            lost_at = now()
            connector.connection.lose()
            await story.saw(events.ChannelJoined, 2)
            assert now() - lost_at < 0.3

    run_virtual(main())


def test_an_unreachable_server_is_waited_for() -> None:
    """Every failure is told with the wait that follows it."""

    async def main() -> None:
        connector = ScriptedConnector(fails=[DOWN, DOWN, UpgradeRefused("ws://server", "x", 502)])
        async with living(connector) as story:
            await story.saw(events.ChannelJoined)
            failed = await story.saw(events.ConnectFailed, 3)
            assert [event.status for event in failed] == [None, None, 502]
            assert failed[0].problem == "ws://server: connection refused"
            waits = [
                later - sooner
                for sooner, later in zip(connector.attempts, connector.attempts[1:], strict=False)
            ]
            assert waits == pytest.approx([event.retry_in for event in failed], rel=1e-3)
            assert story.client.counters.failed_connects == 3

    run_virtual(main())


def test_a_server_that_never_answers_the_upgrade_is_given_up() -> None:
    """After the open time-out, without showing the token."""

    class Stalling(ScriptedConnector):
        async def connect(self, url: str, listener: Any, /) -> Any:  # noqa: ANN401 - never returns
            if self.attempts:
                return await super().connect(url, listener)
            self.attempts.append(now())
            await asyncio.Event().wait()
            raise AssertionError

    async def main() -> None:
        async with living(Stalling()) as story:
            [failed] = await story.saw(events.ConnectFailed)
            assert now() == pytest.approx(10)
            assert failed.problem == "ws://server/socket: no answer within 10 s"
            await story.saw(events.ChannelJoined)

    run_virtual(main())


def test_a_403_asks_for_better_credentials_counting_in_a_row() -> None:
    """The count begins anew once a connection was opened; without a hook it is waited out."""
    counts: list[int] = []

    async def on_forbidden(count: int) -> None:
        counts.append(count)
        if count == 2:
            raise DOWN

    async def main() -> None:
        forbidden = UpgradeRefused("ws://server", "answered 403", 403)
        connector = ScriptedConnector(
            fails=[forbidden, forbidden, None, forbidden, None],
            on_open=lambda connection: (
                connection.lose() if len(connector.connections) == 1 else None
            ),
        )
        async with living(connector, on_forbidden=on_forbidden) as story:
            await story.saw(events.ChannelJoined)
            assert counts == [1, 2, 1]
        connector = ScriptedConnector(fails=[forbidden])
        async with living(connector) as story:
            await story.saw(events.ChannelJoined)

    run_virtual(main())


def test_a_half_open_connection_is_noticed_within_a_heartbeat_and_its_grace() -> None:
    """It is cut, not said goodbye to, and a new one is opened."""

    async def main() -> None:
        connector = ScriptedConnector()
        async with living(connector) as story:
            await story.saw(events.ChannelJoined)
            await asyncio.sleep(100)
            first = connector.connection
            assert len(first.heard(frames.HEARTBEAT)) == 3
            first.answer = say_nothing
            silent_since = now()
            await story.saw(events.HeartbeatTimedOut)
            assert now() - silent_since <= 45
            await story.saw(events.ChannelJoined, 2)
            assert first.aborted
            assert connector.connection is not first

    run_virtual(main())


def test_a_connection_can_be_given_up_for_a_new_one() -> None:
    """Where what it was opened with turns out to be wrong."""

    async def main() -> None:
        connector = ScriptedConnector()
        async with living(connector) as story:
            story.client.reconnect()
            await story.saw(events.ChannelJoined)
            assert dict(story.client.presence(TOPIC)) == {}
            story.client.reconnect(4000)
            await story.saw(events.ChannelJoined, 2)
            assert connector.connections[0].closed_with == 4000

    run_virtual(main())
