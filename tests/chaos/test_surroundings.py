"""A real process outlasts a slow or hostile server, network, disk and database."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
from contextlib import AsyncExitStack, closing

import pytest

from tests.chaos.stage import ProcessStage
from tests.support.bot_process import BotProcess
from tests.support.postgres import PostgresServer
from tests.support.timing import within

_MOST_MB = 300
"""Megabytes that a bot may have resident after a burst: what waits in it must be bounded."""
_WINDOW = 4.0
"""Seconds in which attempts to connect are counted: long enough for the back-off to show."""


async def waits_for(bot: BotProcess, part: str) -> str:
    """Wait until the bot is not ready because this part is missing; return why."""
    async with within(60):
        while True:
            status, waiting_for = await bot.readiness()
            if part in waiting_for:
                assert status == 503
                return waiting_for[part]
            await asyncio.sleep(0.05)


async def _attempts(stage: ProcessStage) -> int:
    """Count the connections of a while: the one thing here that only time can tell."""
    before = stage.proxy.accepted
    await asyncio.sleep(_WINDOW)
    return stage.proxy.accepted - before


async def test_a_server_that_accepts_and_closes_does_not_make_it_spin(stage: ProcessStage) -> None:
    """The back-off grows although every handshake succeeds; when the joins hold, all is well."""
    stage.server.faults.cut(code=1000, event="phx_reply", times=None)
    bot = await stage.start()
    await bot.logged("started")
    attempts = await _attempts(stage)
    # Bare reconnecting makes hundreds a second; a slow machine only makes fewer.
    assert attempts <= 15, f"{attempts} attempts in {_WINDOW:g} s"
    assert (await bot.readiness())[0] == 503
    stage.server.faults.clear()
    await bot.ready()


async def test_connections_that_end_at_once_do_not_make_it_spin(stage: ProcessStage) -> None:
    """Not even HTTP is spoken: REST is asked ever more slowly."""
    stage.proxy.turn_away = True
    bot = await stage.start()
    await bot.logged("asking.again")
    attempts = await _attempts(stage)
    assert attempts <= 30, f"{attempts} attempts in {_WINDOW:g} s"
    stage.proxy.turn_away = False
    await bot.ready()


async def test_a_restart_of_the_server_is_waited_for(stage: ProcessStage) -> None:
    """Not ready meanwhile; what was stored and never told is found and answered afterwards."""
    bot = await stage.start()
    await bot.ready()
    async with stage.customer() as customer:
        stage.server.faults.mute_shout()
        await customer.shout("quick #1")
        await stage.ledger.stored("quick #1")
        stage.server.restart(downtime=3.0, linger=0.1)
        await waits_for(bot, "socket")
        await stage.answered("quick #1")
        await bot.ready()
        await bot.idle()
    assert not stage.ledger.doubled()


async def test_a_server_that_speaks_html_is_waited_for(stage: ProcessStage) -> None:
    """A proxy's error page is no answer, with whatever status."""
    page, kind = "<html>Be right back</html>", "text/html"
    stage.server.faults.answer(status=200, path="/api", body=page, content_type=kind)
    bot = await stage.start()
    said = await bot.logged("asking.again")
    assert "api" in said["error"]
    assert (await bot.readiness())[0] == 503
    stage.server.faults.clear()
    refused = stage.server.faults.refuse(status=502, body=page, content_type=kind)
    await bot.logged("unreachable")
    refused.remove()
    await bot.ready()
    assert not any("Traceback" in str(entry) for entry in bot.events())


async def test_a_full_disk_lets_replies_wait(stage: ProcessStage) -> None:
    """Not ready, nothing answered without a claim; once there is room, all is answered once."""
    bot = await stage.start()
    await bot.ready()
    async with stage.customer() as customer:
        # As long as somebody reads what was there before, SQLite's log only grows.
        with closing(sqlite3.connect(stage.state_path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM messages").fetchone()
            await customer.shout("quick #1")
            await stage.answered("quick #1")
            await bot.idle()
            _, most = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
            size = stage.log_of_changes.stat().st_size
            assert size > bot.log.stat().st_size, "the bot's own log must still have room"
            resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (size, most))
            await customer.shout("quick #2")
            await bot.logged("asking.again", what="claim")
            await waits_for(bot, "state")
            assert len(stage.ledger.replies) == 1
            resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (most, most))
        await stage.answered("quick #2")
        await bot.ready()
    assert not stage.ledger.doubled()


@pytest.mark.parametrize("way", ["stopped", pytest.param("hung", marks=pytest.mark.long)])
async def test_a_database_that_is_away_lets_replies_wait(
    stage: ProcessStage, database: PostgresServer, way: str
) -> None:
    """The same with PostgreSQL, whether its connections break or merely fall silent."""
    stage.keep_state_in(database)
    leave, come_back = (
        (database.stop, database.start) if way == "stopped" else (database.pause, database.resume)
    )
    bot = await stage.start()
    await bot.ready()
    async with stage.customer() as customer:
        await customer.shout("quick #1")
        await stage.answered("quick #1")
        await bot.idle()
        await asyncio.to_thread(leave)
        await customer.shout("quick #2")
        await waits_for(bot, "state")
        assert len(stage.ledger.replies) == 1
        await asyncio.to_thread(come_back)
        await stage.answered("quick #2")
        await bot.ready()
    assert not stage.ledger.doubled()


async def test_a_database_that_is_away_at_the_start_is_waited_for(
    stage: ProcessStage, database: PostgresServer
) -> None:
    """Alive and not ready meanwhile, each attempt a line; when it comes, the bot answers."""
    stage.keep_state_in(database)
    await asyncio.to_thread(database.stop)
    async with stage.customer() as customer:
        await customer.shout("quick #1")
        bot = await stage.start()
        said = await bot.logged("state.unavailable")
        assert "Connect call failed" in said["problem"]
        assert said["retry_in"] > 0
        assert str(database.port) in said["url"]
        assert "Connect call failed" in await waits_for(bot, "state")
        assert (await bot.get("/healthz")).status_code == 200
        attempts = [entry for entry in bot.events() if entry["message"] == "state.unavailable"]
        assert await bot.metric("agentbot_state_errors_total") >= len(attempts)
        await asyncio.to_thread(database.start)
        await bot.ready()
        await stage.answered("quick #1")
        await bot.idle()
    assert not any("Traceback" in str(entry) for entry in bot.events())
    assert not stage.ledger.doubled()


async def test_a_database_that_says_nothing_at_the_start_is_waited_for(
    stage: ProcessStage, database: PostgresServer
) -> None:
    """Frozen: connections open, nothing answers; once it goes on, the bot becomes ready."""
    stage.keep_state_in(database)
    await asyncio.to_thread(database.pause)
    bot = await stage.start()
    said = await bot.logged("state.unavailable")
    assert "no answer within" in said["problem"]
    await asyncio.to_thread(database.resume)
    await bot.ready()


async def test_a_database_that_waiting_does_not_bring_ends_it(
    stage: ProcessStage, database: PostgresServer
) -> None:
    """It comes, and has no such database: one line and exit 78, though it was waited for."""
    stage.keep_state_in(database)
    await asyncio.to_thread(database.stop)
    bot = await stage.start(AGENTBOT_STATE_URL=database.url.replace("/postgres", "/nonesuch"))
    await bot.logged("state.unavailable")
    await asyncio.to_thread(database.start)
    assert await bot.ended() == 78
    (said,) = [entry for entry in bot.events() if entry["message"].startswith("agentbot:")]
    assert 'database "nonesuch" does not exist' in said["message"]
    assert "hush-hush" not in bot.log.read_text()
    assert "Traceback" not in bot.log.read_text()


async def test_a_burst_of_shouts_is_answered_whole(
    stage: ProcessStage, capsys: pytest.CaptureFixture[str], *, is_long: bool
) -> None:
    """Twenty customers write (in the long form) ten thousand at once: bounded memory, alive."""
    customers, each = 20, 500 if is_long else 100
    bot = await stage.start(AGENTBOT_TURNS__DEADLINE_SECONDS="20")
    await bot.ready()
    before = bot.resident_kb
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(stage.customer()) for _ in range(customers)]
        for number in range(each):
            for index, session in enumerate(sessions):
                await session.shout(f"quick #{number * customers + index}")
        async with within(240):
            await stage.ledger.all_stored(customers * each)
            await stage.ledger.all_answered()
        await bot.idle()
    peak = bot.resident_kb
    with capsys.disabled():
        sys.stdout.write(
            f"\n{customers * each} shouts, {len(stage.ledger.replies)} replies, slowest"
            f" {stage.ledger.slowest():.1f} s; {before // 1024} MB before, {peak // 1024} at most\n"
        )
    assert not stage.ledger.doubled()
    assert peak < _MOST_MB * 1024
    assert (await bot.readiness())[0] == 200


async def test_a_frame_of_five_megabytes_is_nothing_to_the_bot(stage: ProcessStage) -> None:
    """The list of who is online may be as large in a busy shop: the connection stays."""
    bot = await stage.start()
    await bot.ready()
    topic = f"notification:{stage.account.id}"
    stage.server.backend.hub.broadcast(topic, "noise", {"x": "x" * 5_000_000}, origin=None)
    async with stage.customer() as customer:
        await customer.shout("quick #1")
        await stage.answered("quick #1")
    assert await bot.metric("agentbot_reconnects_total") == 0


async def test_a_frame_beyond_the_bound_costs_the_connection_and_nothing_else(
    stage: ProcessStage,
) -> None:
    """It is refused with a clear reason, and counted; the bot connects again, and answers."""
    bot = await stage.start()
    await bot.ready()
    topic = f"notification:{stage.account.id}"
    stage.server.backend.hub.broadcast(topic, "noise", {"x": "x" * 17_000_000}, origin=None)
    lost = await bot.logged("disconnected")
    assert "1009" in lost["reason"]
    await bot.ready()
    async with stage.customer() as customer:
        await customer.shout("quick #1")
        await stage.answered("quick #1")
    async with within(60):
        while True:
            if await bot.metric("agentbot_reconnects_total") == 1:
                break
            await asyncio.sleep(0.1)


async def test_a_message_too_large_for_a_frame_is_answered_all_the_same(
    stage: ProcessStage,
) -> None:
    """Its broadcast ends the connection every time; over REST it can be read."""
    bot = await stage.start(AGENTBOT_SOCKET__MAX_FRAME_BYTES="1048576")
    await bot.ready()
    async with stage.customer() as customer:
        body = "quick #1 " + "x" * 1_500_000
        await customer.shout(body)
        await stage.answered(body)
        await bot.idle()
        await customer.shout("quick #2")
        await stage.answered("quick #2")
    assert not stage.ledger.doubled()
