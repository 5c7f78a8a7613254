"""Real processes start and stop as documented: exit codes, readiness, one process a file."""

from __future__ import annotations

import asyncio
import signal

from tests.chaos.stage import ProcessStage
from tests.support.bot_process import BotProcess
from tests.support.postgres import PostgresServer
from tests.support.proxy import Direction
from tests.support.timing import within


async def handles_signals(bot: BotProcess) -> None:
    """Wait until the process has a handler for SIGTERM: before it, Python itself is starting."""
    async with within(60):
        while not bot.catches(signal.SIGTERM):  # noqa: ASYNC110 - a process tells of no event
            await asyncio.sleep(0.001)


async def test_a_second_process_on_the_same_file_refuses_and_says_why(stage: ProcessStage) -> None:
    """Exit 1 and one line that names the file's holder; the first goes on undisturbed."""
    first = await stage.start()
    await first.ready()
    second = await stage.start()
    assert await second.ended() == 1
    (said,) = [entry for entry in second.events() if "in use" in entry["message"]]
    assert str(first.pid) in said["message"]
    assert "postgresql://" in said["message"]
    assert not any("Traceback" in entry["message"] for entry in second.events())
    assert (await first.readiness())[0] == 200


async def test_a_killed_process_gives_its_file_back(stage: ProcessStage) -> None:
    """The lock ends with the process."""
    first = await stage.start()
    await first.ready()
    await first.kill()
    await (await stage.start()).ready()


async def test_sigterm_in_the_middle_of_an_answer_drains(stage: ProcessStage) -> None:
    """Not ready at once, the answer still sent or left for the next, presence gone, exit 0."""
    bot = await stage.start()
    await bot.ready()
    assert stage.is_tracked()
    async with stage.customer() as customer:
        await customer.shout("slow 3.0 #1")
        await stage.claimed("slow 3.0 #1")
        bot.send(signal.SIGTERM)
        await bot.logged("draining")
        assert (await bot.readiness())[0] in {0, 503}
        assert await bot.ended() == 0
        assert not stage.is_tracked()
        successor = await stage.start()
        await stage.answered("slow 3.0 #1")
        await successor.idle()
    assert not stage.ledger.doubled()


async def test_a_second_sigterm_ends_it_at_once_and_the_next_start_finds_everything(
    stage: ProcessStage,
) -> None:
    """Exit 1, nothing answered; the next life answers once."""
    bot = await stage.start(AGENTBOT_DRAIN__GRACE_SECONDS="600")
    await bot.ready()
    stuck = stage.server.faults.slow(600, path="/api/conversations/")
    async with stage.customer() as customer:
        await customer.shout("quick #1")
        await stage.claimed("quick #1")
        bot.send(signal.SIGTERM)
        await bot.logged("draining")
        bot.send(signal.SIGTERM)
        assert await bot.ended() == 1
        assert stage.ledger.unanswered()
        stuck.remove()
        await stage.start()
        await stage.answered("quick #1")
    assert not stage.ledger.doubled()


async def test_sigterm_while_the_server_is_away_ends_it(stage: ProcessStage) -> None:
    """A bot that waits for its server can be stopped."""
    stage.server.restart(downtime=600, linger=0)
    bot = await stage.start()
    await bot.logged("asking.again")
    assert (await bot.readiness())[0] == 503
    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0


async def test_sigterm_while_the_database_is_away_ends_it(
    stage: ProcessStage, database: PostgresServer
) -> None:
    """A bot that waits for its database can be stopped, between attempts and during one."""
    stage.keep_state_in(database)
    await asyncio.to_thread(database.pause)
    during = await stage.start()
    await during.logged("state.unavailable")
    during.send(signal.SIGTERM)
    assert await during.ended() == 0
    await asyncio.to_thread(database.stop)
    between = await stage.start()
    await between.logged("state.unavailable")
    between.send(signal.SIGTERM)
    assert await between.ended() == 0


async def test_sigterm_when_the_database_has_gone_ends_it(
    stage: ProcessStage, database: PostgresServer
) -> None:
    """Leases that cannot be given back run out: that is no failure of stopping."""
    stage.keep_state_in(database)
    bot = await stage.start()
    await bot.ready()
    await asyncio.to_thread(database.stop)
    bot.send(signal.SIGTERM)
    assert await bot.ended() == 0
    assert "Traceback" not in bot.log.read_text()


async def test_sigterm_at_any_moment_is_exit_0(stage: ProcessStage, *, is_long: bool) -> None:
    """From the moment that the program handles signals, all through its start, and ready."""
    steps = 40 if is_long else 7
    for step in range(steps):
        bot = await stage.start()
        await handles_signals(bot)
        # The moment is what is tested: there is no event to wait for.
        await asyncio.sleep(2.0 * step / steps)
        bot.send(signal.SIGTERM)
        assert await bot.ended() == 0, f"step {step} of {steps}"
        assert "Traceback" not in bot.log.read_text()


async def test_a_second_sigterm_at_any_moment_is_exit_0_or_1(
    stage: ProcessStage, *, is_long: bool
) -> None:
    """Amid the draining, the closing and the tidying up: at once, but never killed by it."""
    steps = 40 if is_long else 4
    for step in range(steps):
        bot = await stage.start()
        await bot.ready()
        bot.send(signal.SIGTERM)
        await asyncio.sleep(0.25 * step / steps)
        bot.send(signal.SIGTERM)
        assert await bot.ended() in {0, 1}, f"step {step} of {steps}"
        assert "Traceback" not in bot.log.read_text()


async def test_readiness_follows_the_socket(stage: ProcessStage) -> None:
    """503 with the reason while it is down, 200 once it is joined again; alive throughout."""
    bot = await stage.start()
    await bot.ready()
    stage.proxy.turn_away = True
    for link in stage.proxy.links:
        link.reset()
    await bot.logged("disconnected")
    status, waiting_for = await bot.readiness()
    assert (status, waiting_for) == (503, {"socket": "not joined"})
    assert (await bot.get("/healthz")).status_code == 200
    stage.proxy.turn_away = False
    await bot.ready()


async def test_a_half_open_connection_is_noticed_within_a_heartbeat_and_its_grace(
    stage: ProcessStage,
) -> None:
    """Nothing but the silence says that it broke."""
    bot = await stage.start()
    await bot.ready()
    (link,) = stage.proxy.sockets
    link.lose(Direction.UP, Direction.DOWN)
    await bot.logged("disconnected")
    await bot.ready()
    assert len(stage.proxy.sockets) == 1


async def test_a_wrong_password_is_one_line_and_exit_77(stage: ProcessStage) -> None:
    """Nothing but another password helps."""
    bot = await stage.start(PAPERCUPS_PASSWORD="wrong")
    assert await bot.ended() == 77
    lines = [entry["message"] for entry in bot.events() if entry["message"].startswith("agentbot:")]
    assert len(lines) == 1
    assert not any("Traceback" in entry["message"] for entry in bot.events())


async def test_a_password_that_is_changed_later_ends_it_with_77(stage: ProcessStage) -> None:
    """The token runs out, the login is refused: no dead bot that looks alive."""
    bot = await stage.start()
    await bot.ready()
    for user in stage.server.store.users.values():
        user.password = "another"
    stage.server.expire_tokens(renew_tokens=True)
    stage.server.drop()
    assert await bot.ended() == 77
