"""What a client sends and hears: pushes and their answers, slow connections, and frames in bulk."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.errors import PushLost, PushNotSent, PushRefused, PushTimedOut
from agentbot.phoenix import events, frames
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.client import ClientOptions
from agentbot.phoenix.frames import Frame
from agentbot.phoenix.options import SocketOptions
from tests.support.client_story import OK, TOPIC, living
from tests.support.transport import ScriptedConnection, ScriptedConnector, be_well
from tests.support.virtual_time import now, run_virtual, stand_still


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
