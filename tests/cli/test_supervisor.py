"""A bot is supervised: its phases, and what a signal does in each of them, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import cast

import pytest

from agentbot.bot.bot import Bot
from agentbot.cli.reload import Reloader
from agentbot.cli.spending import Spending
from agentbot.cli.store_opener import StoreOpener
from agentbot.cli.supervisor import Supervisor
from agentbot.errors import StateInUse, StateUnavailable
from agentbot.ops.health import NotReady, Warnings
from agentbot.ops.metrics import Metrics
from agentbot.ops.systemd import ServiceManager
from tests.support.virtual_time import run_virtual

AWAY = StateUnavailable("postgresql://db/x", "the database system is starting up")


class Stage:
    """Parts that note what is asked of them, and the supervisor of them.

    ``raised`` are what the store's attempts to open raise, one after the other.
    """

    def __init__(self, *raised: Exception) -> None:
        self.seen: list[str] = []
        self.raised = list(raised)
        self.drained = asyncio.Event()
        self.never = asyncio.Event()
        self.supervisor = Supervisor(
            cast("Bot", self),
            opener=StoreOpener(self, Metrics(), random=lambda: 1.0),
            reloader=cast("Reloader", self),
            spending=cast("Spending", self),
            manager=cast("ServiceManager", self),
            serve=self.serve,
            finish_loading=self.finish_loading,
        )

    # The store's
    async def open(self) -> None:
        """Raise the next, if there is one."""
        self.seen.append("open")
        if self.raised:
            raise self.raised.pop(0)

    # The bot's
    async def run(self) -> None:
        """Run until drained."""
        self.seen.append("run")
        await self.drained.wait()

    async def drain(self) -> None:
        """End :meth:`run`."""
        self.seen.append("drain")
        self.drained.set()

    def not_ready(self) -> dict[str, str]:
        """Return what the bot waits for."""
        return {"socket": "not joined"}

    def warnings(self) -> dict[str, str]:
        """Return what the bot, or the reloader, warns of."""
        return {"other_bot": "there is one"}

    # The others'
    async def reload(self) -> bool:
        """Load the folder."""
        self.seen.append("reload")
        return True

    async def watch(self) -> None:
        """Watch the folder, for ever."""
        await self.never.wait()

    async def read(self) -> None:
        """Read what was spent."""
        self.seen.append("count")

    async def follow(self, not_ready: Callable[[], object] | None = None) -> None:
        """Follow the bot, or what is spent, for ever."""
        self.seen.append("follow spending" if not_ready is None else "follow bot")
        await self.never.wait()

    async def finish_loading(self) -> None:
        """Load the rest."""
        self.seen.append("load the rest")

    def reloading(self) -> bool:
        """Be told, and want to hear of the end."""
        self.seen.append("reloading")
        return True

    def ready(self) -> None:
        """Be told."""
        self.seen.append("ready")

    def stopping(self) -> None:
        """Be told."""
        self.seen.append("stopping")

    @asynccontextmanager
    async def serve(self, not_ready: NotReady, warnings: Warnings) -> AsyncIterator[None]:
        """Serve what they say."""
        self.seen.append(f"serve {', '.join([*not_ready(), *warnings()])}")
        yield
        self.seen.append("served")


def seen_in(play: Callable[[Stage], Coroutine[object, object, None]], *raised: Exception) -> str:
    """Return what was asked of the parts in a run, while ``play`` does something beside it."""

    async def main() -> list[str]:
        stage = Stage(*raised)
        async with asyncio.TaskGroup() as group:
            group.create_task(stage.supervisor.run())
            group.create_task(play(stage))
        return stage.seen

    return "; ".join(run_virtual(main()))


def stop_after(seconds: float) -> Callable[[Stage], Coroutine[object, object, None]]:
    """Return what stops the bot after so long."""

    async def play(stage: Stage) -> None:
        await asyncio.sleep(seconds)
        stage.supervisor.stopping.set()

    return play


def test_a_bot_runs_until_it_is_told_to_stop() -> None:
    """The store comes first, then the address, then what was spent; then it answers."""
    assert seen_in(stop_after(60)) == (
        "open; serve socket, other_bot; follow bot; count; run; follow spending; load the rest;"
        " stopping; drain; served"
    )


def test_a_store_that_is_away_is_waited_for_behind_the_address() -> None:
    """Whoever asks is told what is waited for; and what was spent is counted once it is open."""
    assert seen_in(stop_after(60), AWAY, AWAY) == (
        "open; serve socket, state, other_bot; follow bot; open; open; count; run; follow spending;"
        " load the rest; stopping; drain; served"
    )


def test_a_bot_that_waits_for_its_store_can_be_stopped() -> None:
    """It never runs, and asks a store that is away for nothing."""
    assert seen_in(stop_after(0.2), *[AWAY] * 20) == (
        "open; serve socket, state, other_bot; follow bot; stopping; drain; served"
    )


def test_a_store_that_another_bot_has_ends_it_before_the_port_is_taken() -> None:
    """The error is the store's own, not a group of it."""

    async def main() -> list[str]:
        stage = Stage(StateInUse("sqlite:///x", "another"))
        with pytest.raises(StateInUse):
            await stage.supervisor.run()
        return stage.seen

    assert run_virtual(main()) == ["open"]


def test_a_reload_is_told_to_whoever_waits_for_it() -> None:
    """Each one, at any time."""

    async def play(stage: Stage) -> None:
        await asyncio.sleep(1)
        stage.seen.clear()
        for _ in range(2):
            stage.supervisor.reloading.set()
            await asyncio.sleep(1)
        stage.supervisor.stopping.set()

    reload = "reloading; reload; ready; "
    assert seen_in(play) == f"{reload}{reload}stopping; drain; served"
