"""What ends a client's run: a refused login, a broken listener, being cancelled or closed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from agentbot.errors import LoginRefused, PushLost, UpgradeRefused
from agentbot.phoenix import events
from agentbot.phoenix.client import Client
from tests.support.client_story import DOWN, TOPIC, Story, default_url, living
from tests.support.transport import ScriptedConnector, say_nothing
from tests.support.virtual_time import run_virtual, timers


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
