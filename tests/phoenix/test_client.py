"""The client's life, on virtual time and scripted connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from agentbot.errors import (
    LoginRefused,
    PushLost,
    PushNotSent,
    PushRefused,
    PushTimedOut,
    TransportError,
    UpgradeRefused,
)
from agentbot.phoenix import events, frames
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.client import Client, ClientOptions
from agentbot.phoenix.frames import Frame
from agentbot.phoenix.options import SocketOptions
from tests.support.transport import ScriptedConnection, ScriptedConnector, be_well, say_nothing
from tests.support.virtual_time import run_virtual, stand_still, timers

TOPIC = "room:1"
OK = {"status": "ok", "response": {}}
DOWN = TransportError("ws://server", "connection refused")


@dataclass
class Story:
    """A client and all that it tells."""

    client: Client = field(init=False)
    told: list[events.Event] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, happened: Sequence[events.Event]) -> None:
        """Keep what is told."""
        self.told += happened
        self.news.set()

    async def saw(self, kind: type[events.Event], count: int = 1) -> list[Any]:
        """Wait until so many events of this kind were told; return them."""
        while len(found := [event for event in self.told if isinstance(event, kind)]) < count:
            self.news.clear()
            await self.news.wait()
        return found


async def default_url() -> str:
    """Return where the client connects to, where it does not matter."""
    return "ws://server/socket?token=secret"


@asynccontextmanager
async def living(
    connector: ScriptedConnector,
    *,
    url: Callable[[], Coroutine[Any, Any, str]] | None = None,
    on_forbidden: Callable[[int], Coroutine[Any, Any, None]] | None = None,
    options: ClientOptions | None = None,
) -> AsyncIterator[Story]:
    """Yield the story of a client that runs, with one topic joined or to be joined."""
    story = Story()
    client = story.client = Client(
        url=url or default_url,
        on_events=story.hear,
        on_forbidden=on_forbidden,
        connector=connector,
        options=options,
        random=lambda: 0.5,
    )
    client.join(TOPIC)
    running = asyncio.create_task(client.run())
    try:
        yield story
    finally:
        client.close()
        await running


def now() -> float:
    """Return the loop's time."""
    return asyncio.get_running_loop().time()


def test_a_push_returns_the_response() -> None:
    """And several pushes of one turn of the loop go in one write."""

    async def main() -> None:
        connector = ScriptedConnector()
        async with living(connector) as story:
            await story.saw(events.ChannelJoined)
            before = connector.connection.writes
            answers = await asyncio.gather(
                *(story.client.push(TOPIC, "ping", {"n": n}) for n in range(5))
            )
            assert answers == [{}] * 5
            assert connector.connection.writes == before + 1

    run_virtual(main())


def test_a_push_fails_by_name() -> None:
    """Not sent, refused, timed out, or lost: only the first is safe to repeat."""

    def answer(connection: ScriptedConnection, frame: Frame) -> None:
        if frame.event == "bad":
            connection.refuse(frame, "no")
        elif frame.event == "cut":
            connection.lose()
        elif frame.event != "slow":
            be_well(connection, frame)

    async def main() -> None:
        connector = ScriptedConnector(answer)
        async with living(connector) as story:
            client = story.client
            assert client.state(TOPIC) is ChannelState.JOINING
            with pytest.raises(PushNotSent, match="joining"):
                await client.push(TOPIC, "ping", {})
            await story.saw(events.ChannelJoined)
            with pytest.raises(PushRefused, match="no"):
                await client.push(TOPIC, "bad", {})
            with pytest.raises(PushTimedOut, match="within 3 s"):
                await client.push(TOPIC, "slow", {}, timeout=3)
            assert now() == pytest.approx(3, abs=0.01)
            assert client.counters.push_timeouts == 1
            with pytest.raises(PushLost, match="the connection broke"):
                await client.push(TOPIC, "cut", {})
            await story.saw(events.ChannelJoined, 2)
            cancelled = asyncio.create_task(client.push(TOPIC, "slow", {}))
            await asyncio.sleep(0.1)
            cancelled.cancel()
            # Its answer comes before the cancelled task has had its turn.
            [slow] = connector.connection.heard("slow")
            client.on_batch([frames.encode(Frame(None, slow.ref, TOPIC, "phx_reply", OK))])
            assert client.unanswered == 1
            with pytest.raises(asyncio.CancelledError):
                await cancelled
            assert client.unanswered == 0

    run_virtual(main())


def test_sending_waits_for_nothing() -> None:
    """It returns the ref of what is on its way."""

    async def main() -> None:
        connector = ScriptedConnector()
        async with living(connector) as story:
            await story.saw(events.ChannelJoined)
            ref = story.client.send(TOPIC, "shout", {"body": "hi"})
            story.client.send(TOPIC, "shout", {"body": "ho"})
            await asyncio.sleep(0)
            shouts = connector.connection.heard("shout")
            assert [frame.payload["body"] for frame in shouts] == ["hi", "ho"]
            assert shouts[0].ref == ref
            story.client.leave(TOPIC)
            await story.saw(events.ChannelClosed)

    run_virtual(main())


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


@pytest.mark.parametrize("where", ["url", "on_forbidden"])
def test_a_refused_login_ends_the_run(where: str) -> None:
    """Nothing but another password mends it."""

    async def url() -> str:
        if where == "url":
            await refuse(1)
        return "ws://server"

    async def refuse(_: int) -> None:
        raise LoginRefused("POST", "/api/session", 401)

    async def main() -> None:
        client = Client(
            url=url,
            on_events=lambda _: None,
            on_forbidden=refuse,
            connector=ScriptedConnector(then=UpgradeRefused("ws://server", "no", 403)),
        )
        with pytest.raises(LoginRefused):
            await client.run()

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


def test_a_slow_connection_holds_frames_back_up_to_a_bound() -> None:
    """They go when it drains; past the bound a push is turned away."""

    async def main() -> None:
        connector = ScriptedConnector()
        options = ClientOptions(socket=SocketOptions(max_unsent=3))
        async with living(connector, options=options) as story:
            await story.saw(events.ChannelJoined)
            connection = connector.connection
            connection.is_writable = False
            for _ in range(3):
                story.client.send(TOPIC, "shout", {})
            with pytest.raises(PushNotSent, match="3 frames wait"):
                story.client.send(TOPIC, "shout", {})
            await asyncio.sleep(1)
            assert connection.heard("shout") == []
            connection.is_writable = True
            story.client.on_writable()
            assert len(connection.heard("shout")) == 3

    run_virtual(main())


def test_what_was_pushed_before_the_process_stood_still_does_not_leave_after_it() -> None:
    """The connection is given up instead, so that whoever pushed can look how things stand now."""

    async def main() -> None:
        connector = ScriptedConnector()
        async with living(connector) as story:
            await story.saw(events.ChannelJoined)
            first = connector.connection
            story.client.send(TOPIC, "shout", {})
            stand_still(10)
            await story.saw(events.ChannelJoined, 2)
            assert first.aborted
            assert not first.heard("shout")
            story.client.send(TOPIC, "shout", {})
            stand_still(1)
            await asyncio.sleep(1)
            assert len(connector.connection.heard("shout")) == 1

    run_virtual(main())


def test_frames_that_break_the_protocol_are_counted_and_survived() -> None:
    """Each is told as dropped; the ones around it are taken."""

    async def main() -> None:
        connector = ScriptedConnector()
        async with living(connector) as story:
            await story.saw(events.ChannelJoined)
            good = Frame(None, None, TOPIC, "shout", {})
            connector.connection.tell(good, "rubbish", "[]", good)
            await story.saw(events.MessageReceived, 2)
            drops = await story.saw(events.FrameDropped, 2)
            assert {drop.reason for drop in drops} == {"malformed"}
            assert story.client.counters.drops == {"malformed": 2}

    run_virtual(main())


def test_ten_thousand_frames_are_one_batch_and_cost_nothing_each() -> None:
    """They are told in one call, in order."""

    async def main() -> None:
        connector = ScriptedConnector()
        async with living(connector) as story:
            await story.saw(events.ChannelJoined)
            connector.connection.tell(
                *(Frame(None, None, TOPIC, "shout", {"n": n}) for n in range(10_000))
            )
            told = await story.saw(events.MessageReceived, 10_000)
            assert [event.payload["n"] for event in told] == list(range(10_000))
            assert len(asyncio.all_tasks()) == 2

    run_virtual(main())


def test_what_the_listener_raises_ends_the_run() -> None:
    """A bot whose callback is broken must not look alive."""

    async def main() -> None:
        connector = ScriptedConnector()

        async def url() -> str:
            return "ws://server"

        def break_down(happened: Sequence[events.Event]) -> None:
            if any(isinstance(event, events.ChannelJoined) for event in happened):
                raise ZeroDivisionError

        client = Client(url=url, on_events=break_down, connector=connector, random=lambda: 0.5)
        client.join(TOPIC)
        with pytest.raises(ZeroDivisionError):
            await client.run()
        assert connector.connection.aborted
        client.on_lost(1006, "late")

    run_virtual(main())


def test_what_the_listener_raises_between_two_connections_ends_the_run_too() -> None:
    """As it hears of an attempt that failed."""

    async def main() -> None:
        async def url() -> str:
            raise DOWN

        def break_down(_: Sequence[events.Event]) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await Client(url=url, on_events=break_down, connector=ScriptedConnector()).run()

    run_virtual(main())


def test_a_cancelled_run_cuts_its_connection_and_fails_its_pushes() -> None:
    """Nothing is left behind, no timer either."""

    async def main() -> None:
        connector = ScriptedConnector()
        story = Story()
        client = Client(url=default_url, on_events=story.hear, connector=connector)
        client.join(TOPIC)
        running = asyncio.create_task(client.run())
        await story.saw(events.ChannelJoined)
        connector.connection.answer = say_nothing
        pushing = asyncio.create_task(client.push(TOPIC, "ping", {}))
        await asyncio.sleep(0.1)
        assert timers() == 1
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        with pytest.raises(PushLost):
            await pushing
        assert connector.connection.aborted
        assert timers() == 0

    run_virtual(main())


def test_closing_ends_the_run_in_every_state() -> None:
    """While waiting for the next attempt, and while a connection is being opened."""

    async def main() -> None:
        async with living(ScriptedConnector(then=DOWN)) as story:
            await story.saw(events.ConnectFailed, 3)
        connector = ScriptedConnector()
        async with living(connector) as story:
            connector.on_open = lambda _: story.client.close()
            await connector.attempted(1)
        assert connector.connection.closed_with == 1000

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
