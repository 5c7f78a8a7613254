"""The seeded fault plan: what goes wrong, when, and that it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from random import Random

from tests.simulation.network import LONGEST_DELAY, Line
from tests.simulation.world import Running, World

Fault = Callable[["Plan"], Awaitable[None]]


class Plan:
    """Lets some kinds of faults happen, at random times, until it is told to stop."""

    def __init__(self, world: World, random: Random, kinds: Iterable[str]) -> None:
        self.world = world
        self.random = random
        self.kinds = [kind for kind in KINDS if kind in set(kinds)]
        self._restarts: list[asyncio.Task[None]] = []

    async def run(self, *, until: float, pause: float) -> None:
        """Do harm until then (the world's time), with pauses of about so many seconds."""
        if not self.kinds:
            return
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(pause * (0.2 + 1.6 * self.random.random()))
            if loop.time() >= until:
                return
            kind = self.random.choice(self.kinds)
            self.world.kernel.note("fault", kind)
            self.world.count(f"fault {kind}")
            await KINDS[kind](self)

    async def end(self) -> None:
        """Let everything be well again: bots run, lines carry, the database answers."""
        world = self.world
        world.weather.calm()
        world.database.health.calm()
        world.server.faults.clear()
        for line in world.network.lines:
            if line.stalled:
                line.go_on()
        await asyncio.gather(*self._restarts)

    # What there is to harm.

    def line(self) -> Line | None:
        """Return some open line."""
        lines = self.world.network.lines
        return self.random.choice(lines) if lines else None

    def bot(self) -> Running | None:
        """Return some bot that runs."""
        running = [bot for bot in self.world.bots.values() if bot.process.alive]
        return self.random.choice(running) if running else None

    def some_time(self, *seconds: float) -> float:
        """Return one of the times, give or take."""
        return self.random.choice(seconds) * (0.5 + self.random.random())

    def later(self, seconds: float, function: Callable[[], object]) -> None:
        """Call later."""
        self.world.clock.call_later(seconds, function)

    def restart_after(self, bot: Running, seconds: float, *, lose_state: bool = False) -> None:
        """Start the bot again after a while; the next one, not this."""

        async def restart() -> None:
            await asyncio.sleep(seconds)
            if lose_state and not any(one.process.alive for one in self.world.bots.values()):
                self.world.count("state lost")
                self.world.kernel.note("fault", "the state is lost")
                self.world.database.lose()
            self.world.start_bot(bot.name)

        self._restarts.append(asyncio.get_running_loop().create_task(restart()))


async def _cut(plan: Plan) -> None:
    if (line := plan.line()) is not None:
        chance = plan.random.random
        line.cut(delivers_out=chance() < 0.5, delivers_in=chance() < 0.5, lingers=chance() < 0.3)


async def _cut_at_reply(plan: Plan) -> None:
    """Break the line as soon as the next reply has left, before or after it arrives."""
    if await plan.world.reply_leaves(within=4.0):
        await asyncio.sleep(plan.random.choice((0.0, 0.01, 0.03)))
        await _cut(plan)


async def _stall(plan: Plan) -> None:
    if (line := plan.line()) is not None:
        line.stall()
        plan.later(plan.some_time(0.5, 3.0, 10.0, 60.0), line.go_on)


async def _stall_at_reply(plan: Plan) -> None:
    """Hold the next reply on its way, for some seconds."""
    await plan.world.reply_leaves(within=4.0)
    await _stall(plan)


async def _slow_network(plan: Plan) -> None:
    plan.world.weather.spike = plan.some_time(0.2, 0.7)
    plan.later(plan.some_time(2.0, 10.0), lambda: setattr(plan.world.weather, "spike", 0.0))


async def _unreachable(plan: Plan) -> None:
    weather = plan.world.weather
    name = plan.random.choice(("refuses_lines", "hangs_lines"))
    setattr(weather, name, True)
    plan.later(plan.some_time(3.0, 20.0), lambda: setattr(weather, name, False))


async def _reorder(plan: Plan) -> None:
    """Hold one topic back, so that the others overtake it."""
    topic = plan.random.choice(("notification:", "conversation:"))
    rule = plan.world.server.faults.delay(plan.some_time(0.1, 0.6), topic=topic)
    plan.later(plan.some_time(2.0, 10.0), rule.remove)


async def _duplicate(plan: Plan) -> None:
    plan.world.server.faults.duplicate(times=plan.random.randrange(1, 6))


async def _mute(plan: Plan) -> None:
    """Let the server store a shout and tell nobody, as it does with one first message in seven."""
    plan.world.server.faults.mute_shout(topic="conversation:", times=1)


async def _drop_shout(plan: Plan) -> None:
    plan.world.server.faults.drop_shout(topic="conversation:", times=1)


async def _slow_channels(plan: Plan) -> None:
    step = plan.some_time(0.005, 0.3)
    rule = plan.world.server.faults.work(
        store=step, stamp=1.5 * step, broadcast=2 * step, settle=2.5 * step
    )
    plan.later(plan.some_time(2.0, 10.0), rule.remove)


async def _crash_channel(plan: Plan) -> None:
    world = plan.world
    topics = [f"notification:{world.account_id}", f"room:{world.account_id}"]
    topics += [f"conversation:{id_}" for id_ in world.server.store.conversations]
    world.server.crash(plan.random.choice(topics))


async def _expire_tokens(plan: Plan) -> None:
    plan.world.server.expire_tokens(renew_tokens=plan.random.random() < 0.5)
    if plan.random.random() < 0.5:
        await _cut(plan)


async def _restart_server(plan: Plan) -> None:
    if plan.world.server.listening:
        plan.world.server.restart(downtime=6.0 + plan.some_time(2.0, 20.0), linger=5.0)


async def _break_rest(plan: Plan) -> None:
    faults = plan.world.server.faults
    times = plan.random.randrange(1, 8)
    match plan.random.randrange(7):
        case 5:
            faults.answer(status=404, body="404 page not found", times=times)
        case 6:
            said = '{"error":{"code":401,"message":"Not authenticated"}}'
            faults.answer(
                status=401, body=said, content_type="application/json", path="/api/c", times=times
            )
        case 0:
            plan.world.weather.rest_lost_before += plan.random.randrange(1, 4)
        case 1:
            plan.world.weather.rest_lost_after += plan.random.randrange(1, 4)
        case 2:
            faults.answer(status=500, times=times)
        case 3:
            faults.answer(
                status=429, headers={"retry-after": "2"}, times=plan.random.randrange(1, 4)
            )
        case _:
            faults.slow(plan.some_time(1.0, 8.0, 20.0), times=plan.random.randrange(1, 4))


async def _break_state(plan: Plan) -> None:
    health = plan.world.database.health
    match plan.random.randrange(3):
        case 0:
            health.is_down = True
            plan.later(plan.some_time(2.0, 25.0), lambda: setattr(health, "is_down", False))
        case 1:
            health.lost_answers += plan.random.randrange(1, 4)
        case _:
            health.slow = plan.some_time(1.0, 6.0)
            plan.later(plan.some_time(3.0, 15.0), lambda: setattr(health, "slow", 0.0))


async def _kill(plan: Plan) -> None:
    """Kill a bot: now, or at one of its next acts; start it again, perhaps without its state."""
    bot = plan.bot()
    if bot is None:
        return
    plan.world.count("kills")
    if plan.random.random() < 0.7:
        bot.process.kill_after(plan.random.randrange(1, 40))
        dead = asyncio.Event()
        bot.process.on_kill = dead.set
        with suppress(TimeoutError):
            async with asyncio.timeout(6.0):
                await dead.wait()
    bot.process.kill()
    plan.world.bury_bot(bot, lingers=plan.random.random() < 0.3)
    lose = len(plan.world.bots) == 1 and plan.random.random() < 0.25
    plan.restart_after(bot, plan.some_time(0.5, 4.0, 20.0), lose_state=lose)


async def _freeze(plan: Plan) -> None:
    if (bot := plan.bot()) is not None:
        bot.process.freeze(plan.some_time(2.0, 10.0, 20.0, 50.0))


async def _stop(plan: Plan) -> None:
    """Stop a bot as SIGTERM does, and start the next one."""
    running = plan.bot()
    if running is None or running.bot is None or running.task is None:
        return
    drained = running.process.create_task(running.bot.drain())
    await asyncio.sleep(max(0.0, running.process.frozen_until - plan.world.kernel.now))
    for _ in range(400):
        await asyncio.sleep(0.1)
        if not running.process.alive or (drained.done() and running.task.done()):
            break
    else:
        plan.world.fail(f"{running.holder} did not stop within its grace time")
    plan.world.bury_bot(running, lingers=False)
    plan.restart_after(running, plan.some_time(0.5, 5.0))


KINDS: dict[str, Fault] = {
    "cut": _cut,
    "cut at reply": _cut_at_reply,
    "stall": _stall,
    "stall at reply": _stall_at_reply,
    "slow network": _slow_network,
    "unreachable": _unreachable,
    "reorder": _reorder,
    "duplicate": _duplicate,
    "mute": _mute,
    "drop shout": _drop_shout,
    "slow channels": _slow_channels,
    "crash channel": _crash_channel,
    "expire tokens": _expire_tokens,
    "restart server": _restart_server,
    "break rest": _break_rest,
    "break state": _break_state,
    "kill": _kill,
    "freeze": _freeze,
    "stop": _stop,
}
"""Every kind of fault there is."""

assert LONGEST_DELAY < 2.0
