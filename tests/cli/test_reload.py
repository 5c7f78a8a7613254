"""Hot reload: all or nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog.testing

from agentbot.cli.loader import PipelineLoader
from agentbot.cli.reload import Reloader
from agentbot.config import Settings
from agentbot.pipeline.pipeline import Pipeline
from tests.support.folders import folder
from tests.support.timing import within

ONE = "rules:\n  - id: one\n    reply: one\n"
TWO = "rules:\n  - id: two\n    reply: two\n"
BROKEN = "rules:\n  - id: two\n    reply: '{{ nobody_knows }}'\n"


class Desk:
    """A folder with one rule, its reloader, and the pipelines it brought into use."""

    def __init__(self, made: Path) -> None:
        self.rules = made / "rules.yaml"
        self.used: list[Pipeline] = []
        self.reloader = Reloader(PipelineLoader(Settings(prompts_dir=made)), self.used.append)

    @property
    def rule(self) -> str:
        """The id of the first rule that is in use."""
        return self.used[-1].prompts.rules.first[0].id


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk on a small folder."""
    return Desk(folder(tmp_path, rules=ONE))


async def test_a_good_edit_takes_effect(desk: Desk) -> None:
    """What SIGHUP does."""
    assert await desk.reloader.reload()
    assert desk.rule == "one"
    desk.rules.write_text(TWO)
    assert await desk.reloader.reload()
    assert desk.rule == "two"


async def test_a_broken_edit_changes_nothing_and_says_so(desk: Desk) -> None:
    """The old rules stay in use, and the log names file and line."""
    assert await desk.reloader.reload()
    desk.rules.write_text(BROKEN)
    with structlog.testing.capture_logs() as logs:
        assert not await desk.reloader.reload()
    assert desk.rule == "one"
    [line] = [line for line in logs if line["event"] == "prompts.broken"]
    assert "rules.yaml:3" in line["problem"]


async def test_a_changed_file_is_noticed(desk: Desk) -> None:
    """Nobody need send a signal; a broken edit in between is got over."""
    watching = asyncio.create_task(desk.reloader.watch(every=0.02))
    await asyncio.sleep(0.1)  # the watcher has had its first look
    desk.rules.write_text(BROKEN)
    await asyncio.sleep(0.1)
    assert desk.used == []
    desk.rules.write_text(TWO)
    async with within(10):
        while not desk.used:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)
    assert desk.rule == "two"
    watching.cancel()
