"""Every kind of fault: what each does when the plan (``plan.py``) lets it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.simulation.network import LONGEST_DELAY
from tests.simulation.plan import Fault, FaultPlan
from tests.simulation.world import Moment

_DAY = 86_400.0
_RENEWED = 30.0
"""Seconds after which a bot has surely renewed its leases by a clock that was set."""
_FURTHEST_BACK = 50
"""Seconds by which the server's clock goes back at most. Its times are all that tells a message
from one that was dealt with long ago."""


async def _cut(plan: FaultPlan) -> bool:
    if (connection := plan.connection()) is not None:
        chance = plan.random.random
        connection.cut(
            delivers_out=chance() < 0.5, delivers_in=chance() < 0.5, lingers=chance() < 0.3
        )
    return connection is not None


async def _cut_at_reply(plan: FaultPlan) -> bool:
    """Break the connection as soon as the next reply has left, before or after it arrives."""
    if await plan.world.next(Moment.REPLY_LEAVES, within=4.0):
        await asyncio.sleep(plan.random.choice((0.0, 0.01, 0.03)))
        plan.struck("cut at reply")
        await _cut(plan)
    return False


async def _stall(plan: FaultPlan) -> bool:
    if (connection := plan.connection()) is not None:
        connection.stall()
        plan.later(plan.some_time(0.5, 3.0, 10.0, 60.0), connection.go_on)
    return connection is not None


async def _stall_at_reply(plan: FaultPlan) -> bool:
    """Hold the next reply on its way, for some seconds."""
    if await plan.world.next(Moment.REPLY_LEAVES, within=4.0):
        plan.struck("stall at reply")
    await _stall(plan)
    return False


async def _slow_network(plan: FaultPlan) -> None:
    plan.world.weather.spike = plan.some_time(0.2, 0.7)
    plan.later(plan.some_time(2.0, 10.0), lambda: setattr(plan.world.weather, "spike", 0.0))


async def _unreachable(plan: FaultPlan) -> None:
    weather = plan.world.weather
    name = plan.random.choice(("refuses_connections", "hangs_connections"))
    setattr(weather, name, True)
    plan.later(plan.some_time(3.0, 20.0), lambda: setattr(weather, name, False))


async def _reorder(plan: FaultPlan) -> None:
    """Hold one topic back, so that the others overtake it."""
    topic = plan.random.choice(("notification:", "conversation:"))
    rule = plan.world.server.faults.delay(plan.some_time(0.1, 0.6), topic=topic)
    plan.later(plan.some_time(2.0, 10.0), rule.remove)


async def _duplicate(plan: FaultPlan) -> None:
    plan.world.server.faults.duplicate(times=plan.random.randrange(1, 6))


async def _mute(plan: FaultPlan) -> None:
    """Let the server store a shout and tell nobody, as it does with one first message in seven."""
    plan.world.server.faults.mute_shout(topic="conversation:", times=1)


async def _drop_shout(plan: FaultPlan) -> None:
    plan.world.server.faults.drop_shout(topic="conversation:", times=plan.random.choice((1, 6)))


async def _slow_channels(plan: FaultPlan) -> None:
    step = plan.some_time(0.005, 0.3)
    rule = plan.world.server.faults.slow_shout(
        store=step, stamp=1.5 * step, broadcast=2 * step, settle=2.5 * step
    )
    plan.later(plan.some_time(2.0, 10.0), rule.remove)


async def _crash_channel(plan: FaultPlan) -> None:
    world = plan.world
    topics = [f"notification:{world.account_id}", f"room:{world.account_id}"]
    topics += [f"conversation:{id_}" for id_ in world.server.store.conversations]
    world.server.crash(plan.random.choice(topics))


async def _appear_late(plan: FaultPlan) -> None:
    """Let agents appear in the room only after its first state, as a diff; then break lines."""
    rule = plan.world.server.faults.appear_late(plan.some_time(0.01, 0.5, 5.0))
    plan.later(plan.some_time(5.0, 20.0), rule.remove)
    await _cut(plan)


async def _expire_tokens(plan: FaultPlan) -> None:
    plan.world.server.expire_tokens(renew_tokens=plan.random.random() < 0.5)
    if plan.random.random() < 0.5:
        await _cut(plan)


async def _lose_mark(plan: FaultPlan) -> None:
    """Let the next replies go out by Gmail, which takes their mark from them."""
    plan.world.marks_to_lose += plan.random.randrange(1, 4)


async def _lose_note(plan: FaultPlan) -> None:
    """Let the server leave a private note, or store an address, and its answer get lost."""
    plan.world.weather.notes_lost_after += 1
    plan.world.weather.addresses_lost_after += 1


async def _break_webhook(plan: FaultPlan) -> None:
    """Let people not be told for a while, or be told without the bot's knowing."""
    hook = plan.world.notices.hook
    times = plan.random.randrange(1, 8)
    match plan.random.randrange(5):
        case 0:
            hook.refuses = True
            plan.later(plan.some_time(3.0, 20.0, 90.0), lambda: setattr(hook, "refuses", False))
        case 1:
            hook.slow = plan.some_time(1.0, 12.0)
            plan.later(plan.some_time(3.0, 20.0), lambda: setattr(hook, "slow", 0.0))
        case 2:
            hook.lost_answers += plan.random.randrange(1, 3)
        case 3:
            hook.statuses += [429] * plan.random.randrange(1, 3)
        case _:
            hook.statuses += [500] * times


async def _dry_pool(plan: FaultPlan) -> None:
    """Let the server have few database connections, so that channels crash, and REST fails."""
    faults = plan.world.server.faults
    connections, seconds = plan.random.choice((1, 2, 4)), plan.some_time(0.1, 0.5)
    pool = faults.small_pool(connections, seconds=seconds)
    failures = faults.answer(status=500, times=plan.random.randrange(3))
    for remove in (pool.remove, failures.remove):
        plan.later(plan.some_time(3.0, 10.0, 20.0), remove)


async def _restart_server(plan: FaultPlan) -> bool:
    if plan.world.server.listening:
        plan.world.server.restart(downtime=6.0 + plan.some_time(2.0, 20.0), linger=5.0)
        return True
    return False


async def _restart_again_and_again(plan: FaultPlan) -> bool:
    """Let the server come up for some seconds now and then, for minutes."""
    seconds = plan.minutes()

    async def restart() -> None:
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            downtime = plan.some_time(3.0, 30.0, 120.0)
            plan.world.server.restart(downtime=downtime, linger=min(downtime, 5.0))
            await asyncio.sleep(downtime + plan.some_time(0.5, 5.0, 15.0))

    if plan.world.server.listening:
        plan.meanwhile(restart())
        return True
    return False


async def _long_outage(plan: FaultPlan) -> bool:
    """Restart the server, which takes minutes."""
    if plan.world.server.listening:
        seconds = plan.minutes()
        plan.world.server.restart(downtime=seconds, linger=5.0)
        plan.meanwhile(asyncio.sleep(seconds))
        return True
    return False


async def _bad_gate(plan: FaultPlan) -> bool:
    """Let nobody in for a while, or in and out again at once."""
    weather, faults = plan.world.weather, plan.world.server.faults
    now, seconds = plan.world.kernel.now, plan.some_time(5.0, 30.0, 90.0)
    if now < plan.gate_until:
        return False
    plan.struck("bad gate")
    plan.gate_until = now + seconds
    match plan.random.randrange(4):
        case 0:
            weather.refuses_connections = True
        case 1:
            weather.closes_connections = plan.random.choice((0.0, 0.2, 0.6, 2.0, 10.5))
        case 2:
            plan.later(seconds, faults.refuse(status=403).remove)
        case _:
            page = "<html>Bad gateway</html>"
            refusal = faults.refuse(status=502, body=page, content_type="text/html")
            plan.later(seconds, refusal.remove)
    await asyncio.sleep(plan.random.random())
    await _cut(plan)

    def open_again() -> None:
        weather.refuses_connections, weather.closes_connections = False, None

    plan.later(seconds, open_again)
    return False


async def _break_rest(plan: FaultPlan) -> None:
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


async def _break_state(plan: FaultPlan) -> None:
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


async def _kill(plan: FaultPlan) -> bool:
    """Kill a bot: now, or at one of its next acts; start it again, perhaps without its state."""
    bot = plan.bot()
    if bot is None:
        return False
    plan.ending.add(bot.holder)
    plan.world.count("kills")
    bot.process.on_kill = lambda: plan.struck("kill")
    if not plan.is_aimed and plan.random.random() < 0.7:
        bot.process.kill_after(plan.random.randrange(1, 40))
        dead = asyncio.Event()

        def killed() -> None:
            plan.struck("kill")
            dead.set()

        bot.process.on_kill = killed
        with suppress(TimeoutError):
            async with asyncio.timeout(6.0):
                await dead.wait()
    bot.process.kill()
    plan.world.bury_bot(bot, lingers=plan.random.random() < 0.3)
    lose = len(plan.world.bots) == 1 and plan.random.random() < 0.25
    plan.restart_after(bot, plan.some_time(0.5, 4.0, 20.0), lose_state=lose)
    return False


async def _freeze(plan: FaultPlan) -> bool:
    if (bot := plan.bot()) is not None:
        bot.process.freeze(plan.some_time(2.0, 10.0, 20.0, 50.0))
    return bot is not None


async def _freeze_half_way(plan: FaultPlan) -> bool:
    """Stop a bot between two steps of its work on a message, perhaps for longer than its lease."""
    if not plan.is_aimed:
        await plan.world.next(Moment.CUSTOMER_WRITES, within=4.0)
    if (bot := plan.bot()) is not None:
        bot.process.on_stop = lambda: plan.struck("freeze half-way")
        callbacks = plan.random.randrange(1, 4 if plan.is_aimed else 60)
        bot.process.freeze_after(callbacks, plan.some_time(4.0, 16.0, 30.0))
    return False


async def _freeze_at_reply(plan: FaultPlan) -> bool:
    """Stop a bot when its connection has what it says, or does not have it yet."""
    if await plan.world.next(Moment.REPLY_LEAVES, within=4.0) and (bot := plan.bot()) is not None:
        bot.process.on_stop = lambda: plan.struck("freeze at reply")
        bot.process.freeze_after(plan.random.randrange(1, 20), plan.some_time(4.0, 16.0, 30.0))
    return False


async def _outlive_lease(plan: FaultPlan) -> bool:
    """Stop a bot for so long that another takes over its turns."""
    if (bot := plan.bot()) is not None:
        bot.process.freeze(40.0 + plan.some_time(10.0))
    return bot is not None


async def _suspend(plan: FaultPlan) -> bool:
    """Let a bot's machine sleep."""
    bot = plan.bot()
    if bot is not None and plan.world.kernel.now - plan.set_at.get(bot.holder, -60.0) > _RENEWED:
        bot.process.suspend(plan.some_time(2.0, 10.0, 20.0, 50.0))
        return True
    return False


async def _step_clock(plan: FaultPlan) -> bool:
    """Set the wall clock of a bot's machine, but not while it sleeps: no clock would tell it."""
    bot = plan.bot()
    if bot is None or bot.process.frozen_until > plan.world.kernel.now:
        return False
    plan.set_at[bot.holder] = plan.world.kernel.now
    step = plan.random.choice((-1, 1)) * plan.some_time(1.0, 10.0, 60.0, 600.0, 43_200.0)
    before = bot.process.clock_error
    # Or set right again, as it is sooner or later.
    right = plan.random.random() < 0.3
    bot.process.clock_error = 0.0 if right else max(-_DAY, min(_DAY, before + step))
    plan.world.kernel.note(bot.holder, f"clock is off by {bot.process.clock_error:.0f} s")
    if bot.process.clock_error != before:
        plan.world.tell("clock set", bot.holder, detail=bot.process.clock_error - before)
    return True


async def _step_server_clock(plan: FaultPlan) -> None:
    """Set the server's wall clock: forward by up to a day, or back by some seconds."""
    step = plan.random.choice((-20, -3, -1, 1, 5, 60, 3_600, 86_400))
    error = min(plan.world.server_error + step, int(_DAY))
    plan.latest = max(plan.latest, error)
    plan.world.server_error = max(error, plan.latest - _FURTHEST_BACK)
    plan.world.kernel.note("server", f"clock is off by {plan.world.server_error} s")
    plan.world.tell("server clock set")


async def _stop(plan: FaultPlan) -> bool:
    """Stop a bot as SIGTERM does, and start the next one."""
    running = plan.bot()
    if running is None or running.bot is None or running.task is None:
        return False
    plan.ending.add(running.holder)
    plan.struck("stop")
    plan.world.tell("drained", running.holder)
    drained = running.process.create_task(running.bot.drain())
    for _ in range(400):
        await asyncio.sleep(max(0.0, running.process.frozen_until - plan.world.kernel.now))
        await asyncio.sleep(0.1)
        if not running.process.alive or (drained.done() and running.task.done()):
            break
    else:
        plan.world.fail(f"{running.holder} did not stop within its grace time")
    plan.world.bury_bot(running, lingers=False)
    plan.restart_after(running, plan.some_time(0.5, 5.0))
    return False


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
    "dry pool": _dry_pool,
    "appear late": _appear_late,
    "expire tokens": _expire_tokens,
    "restart server": _restart_server,
    "break rest": _break_rest,
    "break webhook": _break_webhook,
    "break state": _break_state,
    "kill": _kill,
    "freeze": _freeze,
    "freeze half-way": _freeze_half_way,
    "freeze at reply": _freeze_at_reply,
    "suspend": _suspend,
    "step clock": _step_clock,
    "step server clock": _step_server_clock,
    "bad gate": _bad_gate,
    "restart again and again": _restart_again_and_again,
    "long outage": _long_outage,
    "stop": _stop,
    "lose mark": _lose_mark,
    "lose note": _lose_note,
    "outlive lease": _outlive_lease,
}
"""Every kind of fault there is."""

PROMPT = frozenset(
    {
        "break rest",
        "break state",
        "break webhook",
        "drop shout",
        "duplicate",
        "lose mark",
        "lose note",
        "mute",
        "step clock",
        "step server clock",
    }
)
"""Kinds that let a bot hear of everything as soon as it happens."""

TEN_MINUTES = frozenset({"restart again and again", "long outage"})


def chance(kind: str) -> float:
    """Return in which share of the worlds such faults happen."""
    return 0.01 if kind in TEN_MINUTES else 0.18


assert LONGEST_DELAY < 2.0
