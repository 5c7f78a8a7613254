"""The driver: what is wanted is written soon, what is due is done in time, and nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agentbot.errors import PushNotSent, PushTimedOut
from agentbot.phoenix import events, frames
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.client import Client
from agentbot.phoenix.frames import Frame
from agentbot.phoenix.transport import Connection, Listener
from tests.support.transport import ScriptedConnection, ScriptedConnector, say_nothing
from tests.support.virtual_time import run_virtual, stand_still, timers

TOPIC = "room:1"


class Driving:
    """A client on scripted connections, and all that it tells. It is told of nothing in vain."""

    def __init__(self, connector: ScriptedConnector) -> None:
        self.connector = connector
        self.told: list[events.Event] = []
        self.client = Client(
            url=self._url, on_events=self._hear, connector=connector, random=lambda: 0.5
        )

    @property
    def connection(self) -> ScriptedConnection:
        """The newest connection."""
        return self.connector.connection

    async def _url(self) -> str:
        return "ws://server"

    def _hear(self, happened: Sequence[events.Event]) -> None:
        assert happened
        self.told += happened


@asynccontextmanager
async def running(driving: Driving) -> AsyncIterator[asyncio.Task[None]]:
    """Run the client, and close it at the end."""
    task = asyncio.create_task(driving.client.run())
    await asyncio.sleep(0.1)
    yield task
    driving.client.close()
    await task


def drive(
    story: Callable[[Driving], Awaitable[None]], connector: Callable[[], ScriptedConnector]
) -> None:
    """Run a story in virtual time; an error in a callback of the loop fails it."""

    async def main() -> None:
        problems: list[dict[str, Any]] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: problems.append(context))
        await story(Driving(connector()))
        assert problems == []

    run_virtual(main())


def test_a_topic_may_be_wanted_before_there_is_a_connection() -> None:
    """It is joined with its payload as soon as there is one, or with an empty one."""

    async def story(driving: Driving) -> None:
        driving.client.join(TOPIC, {"a": 1})
        driving.client.join("room:2")
        await asyncio.sleep(1)
        async with running(driving):
            assert [frame.payload for frame in driving.connection.heard("phx_join")] == [
                {"a": 1},
                {},
            ]

    drive(story, ScriptedConnector)


def test_joins_and_leaves_are_written_soon() -> None:
    """Not with the next heartbeat."""

    async def story(driving: Driving) -> None:
        async with running(driving):
            driving.client.join(TOPIC)
            await asyncio.sleep(0.1)
            assert driving.client.state(TOPIC) is ChannelState.JOINED
            driving.client.leave(TOPIC)
            await asyncio.sleep(0.1)
            assert driving.client.state(TOPIC) is ChannelState.CLOSED
            driving.client.leave(TOPIC)

    drive(story, ScriptedConnector)


def test_what_was_sent_before_the_goodbye_is_written_before_it() -> None:
    """In the same turn of the loop."""

    async def story(driving: Driving) -> None:
        driving.client.join(TOPIC)
        async with running(driving):
            driving.client.send(TOPIC, "shout", {})
            driving.client.close()
            assert len(driving.connection.heard("shout")) == 1

    drive(story, ScriptedConnector)


def test_frames_and_ends_are_counted() -> None:
    """Those that came in, those that went out, and each end by its code."""

    async def story(driving: Driving) -> None:
        counters = driving.client.counters
        assert (counters.frames_in, counters.frames_out, counters.connects) == (0, 0, 0)
        assert (counters.failed_connects, counters.push_timeouts) == (0, 0)
        driving.client.join(TOPIC)
        async with running(driving):
            driving.client.send(TOPIC, "shout", {})
            await asyncio.sleep(0.1)
            driving.connection.tell("no frame", "no frame either")
            await asyncio.sleep(0.1)
            assert (counters.frames_in, counters.frames_out) == (4, 2)
            assert counters.drops == {"malformed": 2}
        assert counters.closes == {1000: 1}
        assert counters.connects == 1

    drive(story, ScriptedConnector)


def test_a_push_waits_ten_seconds_unless_told_otherwise() -> None:
    """Then it is counted as unanswered."""

    async def story(driving: Driving) -> None:
        driving.client.join(TOPIC)
        async with running(driving):
            driving.connection.answer = say_nothing
            began = asyncio.get_running_loop().time()
            with pytest.raises(PushTimedOut):
                await driving.client.push(TOPIC, "ping", {})
            assert 10.0 <= asyncio.get_running_loop().time() - began < 10.1
            assert driving.client.counters.push_timeouts == 1

    drive(story, ScriptedConnector)


def test_nothing_is_told_of_a_push_that_nobody_waits_for_any_more() -> None:
    """Its time passes like any other."""

    async def story(driving: Driving) -> None:
        driving.client.join(TOPIC)
        async with running(driving):
            driving.connection.answer = say_nothing
            pushing = asyncio.create_task(driving.client.push(TOPIC, "ping", {}))
            await asyncio.sleep(1)
            assert driving.client.unanswered == 1
            pushing.cancel()
            await asyncio.sleep(12)
            assert driving.client.unanswered == 0
            assert not [one for one in driving.told if isinstance(one, events.ReplyTimedOut)]
            assert driving.client.counters.push_timeouts == 0

    drive(story, ScriptedConnector)


def test_what_a_frame_makes_due_is_done_in_time() -> None:
    """A channel that has crashed is joined again, though nothing else is going on."""

    async def story(driving: Driving) -> None:
        driving.client.join(TOPIC)
        async with running(driving):
            [join] = driving.connection.heard("phx_join")
            driving.connection.tell(Frame(join.ref, join.ref, TOPIC, frames.ERROR, {}))
            await asyncio.sleep(5)
            assert len(driving.connection.heard("phx_join")) == 2
            assert driving.client.state(TOPIC) is ChannelState.JOINED

    drive(story, ScriptedConnector)


def test_one_timer_serves_all_that_is_due() -> None:
    """However many pushes there are, each due before the one before it."""

    async def story(driving: Driving) -> None:
        driving.client.join(TOPIC)
        async with running(driving):
            driving.connection.answer = say_nothing
            before = timers()
            pushes = []
            for seconds in (9.0, 8.0, 7.0, 6.0):
                pushes.append(
                    asyncio.create_task(driving.client.push(TOPIC, "ping", {}, timeout=seconds))
                )
                await asyncio.sleep(0.001)
            assert timers() == before
            done, _ = await asyncio.wait(pushes)
            assert all(isinstance(push.exception(), PushTimedOut) for push in done)

    drive(story, ScriptedConnector)


@pytest.mark.parametrize(("seconds", "is_cut"), [(1.5, False), (2.5, True)])
def test_what_was_pushed_before_the_process_stood_still_is_not_written(
    seconds: float,
    is_cut: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """It need not be true any more."""

    async def story(driving: Driving) -> None:
        driving.client.join(TOPIC)
        async with running(driving):
            driving.client.send(TOPIC, "shout", {})
            stand_still(seconds)
            connection = driving.connection
            await asyncio.sleep(0.1)
            assert connection.aborted is is_cut
            assert len(connection.heard("shout")) == (not is_cut)

    drive(story, ScriptedConnector)


def test_a_cancelled_run_tells_of_the_end() -> None:
    """As of one that came from nowhere."""

    async def story(driving: Driving) -> None:
        task = asyncio.create_task(driving.client.run())
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait((task,))
        assert driving.told[-1] == events.SocketLost(1006, "stopped")
        assert driving.client.counters.closes == {1006: 1}
        assert timers() == 0

    drive(story, ScriptedConnector)


def test_between_two_connections_there_is_none() -> None:
    """Nothing is said on the old one any more, nor asked of it."""

    async def story(driving: Driving) -> None:
        driving.client.join(TOPIC)
        task = asyncio.create_task(driving.client.run())
        await asyncio.sleep(0.1)
        driving.connection.lose(1006)
        await asyncio.sleep(0.01)
        with pytest.raises(PushNotSent):
            driving.client.send(TOPIC, "shout", {})
        driving.client.reconnect()
        driving.client.close()
        await task
        assert driving.connection.closed_with is None
        assert len(driving.connector.connections) == 1

    drive(story, ScriptedConnector)


def test_a_new_connection_has_heartbeats_of_its_own() -> None:
    """The old one's timer, which would have run earlier, is no longer waited for."""

    async def story(driving: Driving) -> None:
        async with running(driving):
            await asyncio.sleep(1)
            driving.connection.lose(1006)
            await asyncio.sleep(70)
            assert len(driving.connector.connections) == 2
            assert len(driving.connection.heard("heartbeat")) == 2

    drive(story, ScriptedConnector)


class SlowConnector(ScriptedConnector):
    """Opens connections on which something happens before the client is given them."""

    def __init__(self, happens: Callable[[ScriptedConnection], None]) -> None:
        super().__init__()
        self._happens = happens

    async def connect(self, url: str, listener: Listener, /) -> Connection:
        """Open a connection; hand it over a little later."""
        connection = await super().connect(url, listener)
        if len(self.connections) == 1:
            self._happens(self.connection)
        await asyncio.sleep(0.05)
        return connection


def test_a_connection_that_is_lost_as_it_opens_is_followed_by_another() -> None:
    """Its end may be told before anyone waits for it."""

    async def story(driving: Driving) -> None:
        async with running(driving):
            await asyncio.sleep(2)
            assert len(driving.connector.connections) == 2
            assert driving.client.counters.closes == {1011: 1}

    drive(story, lambda: SlowConnector(lambda connection: connection.lose(1011)))


def test_a_connection_that_opens_after_the_end_is_closed() -> None:
    """Nobody would wait for its end."""

    async def story(driving: Driving) -> None:
        task = asyncio.create_task(driving.client.run())
        await asyncio.sleep(0.01)
        driving.client.close()
        await asyncio.wait((task,), timeout=1)
        assert task.done()
        assert driving.connection.closed_with == 1000

    drive(story, lambda: SlowConnector(lambda _connection: None))


def test_what_the_listener_raises_after_the_end_goes_to_whoever_made_it_happen() -> None:
    """The run is ending already."""

    async def main() -> None:

        async def url() -> str:
            return "ws://server"

        def break_down(happened: Sequence[events.Event]) -> None:
            if any(isinstance(event, events.FrameDropped) for event in happened):
                raise ZeroDivisionError

        client = Client(
            url=url, on_events=break_down, connector=ScriptedConnector(), random=lambda: 0.5
        )
        task = asyncio.create_task(client.run())
        await asyncio.sleep(0.1)
        client.on_lost(1006, "")
        with pytest.raises(ZeroDivisionError):
            client.on_batch(["no frame"])
        client.close()
        await task

    run_virtual(main())
