"""Hot reload: a good edit takes effect whole, a broken one not at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from inspect import isawaitable
from pathlib import Path

import pytest
import structlog.testing

from agentbot.cli.fitting import FaqFitter
from agentbot.cli.loader import PipelineLoader
from agentbot.cli.reload import Reloader
from agentbot.config import Settings
from agentbot.config.groups import FaqSettings
from agentbot.ops.metrics import Metrics
from agentbot.pipeline.decision import Reply
from agentbot.pipeline.faq.embedders import Floats
from agentbot.pipeline.files.version import content_version
from agentbot.pipeline.pipeline import Pipeline
from tests.support.faq import WordEmbedder
from tests.support.folders import folder
from tests.support.states import Clock
from tests.support.timing import within
from tests.support.turns import turn

ONE = "rules:\n  - id: one\n    reply: one\n"
TWO = "rules:\n  - id: two\n    reply: two\n"
BROKEN = "rules:\n  - id: two\n    reply: '{{ nobody_knows }}'\n"


class ReloadedFolder:
    """A folder with one rule, its reloader, and the pipelines that it has brought into use."""

    def __init__(self, made: Path) -> None:
        self.rules = made / "rules.yaml"
        self.used: list[Pipeline] = []
        self.metrics = Metrics()
        self.time = Clock()
        self.reloader = Reloader(
            PipelineLoader(Settings(prompts_dir=made)),
            self.used.append,
            version=content_version(made),
            metrics=self.metrics,
            clock=self.time,
        )

    def metric(self, name: str) -> float | None:
        """Return the figure of this name."""
        return self.metrics.registry.get_sample_value(f"agentbot_prompts_{name}")

    @property
    def rule(self) -> str:
        """The id of the first rule that is in use."""
        return self.used[-1].prompts.rules.first[0].id


@pytest.fixture
def prompts(tmp_path: Path) -> ReloadedFolder:
    """Return a small folder."""
    return ReloadedFolder(folder(tmp_path, rules=ONE))


async def test_a_good_edit_takes_effect(prompts: ReloadedFolder) -> None:
    """What SIGHUP does."""
    assert await prompts.reloader.reload()
    assert prompts.rule == "one"
    prompts.rules.write_text(TWO)
    assert await prompts.reloader.reload()
    assert prompts.rule == "two"


async def test_a_broken_edit_changes_nothing_and_says_so(prompts: ReloadedFolder) -> None:
    """The old rules stay in use, and the log names file and line."""
    assert await prompts.reloader.reload()
    prompts.rules.write_text(BROKEN)
    with structlog.testing.capture_logs() as logs:
        assert not await prompts.reloader.reload()
    assert prompts.rule == "one"
    [line] = [line for line in logs if line["event"] == "prompts.broken"]
    assert "rules.yaml:3" in line["problem"]


async def test_a_broken_edit_is_seen_from_outside_until_it_is_mended(
    prompts: ReloadedFolder,
) -> None:
    """In /readyz and the metrics: few people read a log while all seems well."""
    began = prompts.time()
    assert prompts.reloader.warnings() == {}
    prompts.rules.write_text(BROKEN)
    prompts.time.advance(60)
    assert not await prompts.reloader.reload()
    said = prompts.reloader.warnings()["prompts"]
    assert "rules.yaml:3" in said
    assert began.isoformat(timespec="seconds") in said
    assert prompts.metric("reload_failed") == 1
    assert prompts.metric("loaded_timestamp") == began.timestamp()
    prompts.rules.write_text(TWO)
    assert await prompts.reloader.reload()
    assert prompts.reloader.warnings() == {}
    assert prompts.metric("reload_failed") == 0
    assert prompts.metric("loaded_timestamp") == prompts.time().timestamp()


async def test_a_changed_file_is_noticed(prompts: ReloadedFolder) -> None:
    """No signal is needed, nor need anybody watch while it is made; a broken edit does no harm."""
    prompts.rules.write_text(BROKEN)
    watching = asyncio.create_task(prompts.reloader.watch(every=0.02))
    async with within(10):
        while not prompts.reloader.warnings():  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)
    assert prompts.used == []
    prompts.rules.write_text(TWO)
    async with within(10):
        while not prompts.used:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)
    assert prompts.rule == "two"
    watching.cancel()


class SlowEmbedder(WordEmbedder):
    """An embedder that waits, once it has been told to, until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the vectors when it may go on."""
        if "a new phrasing" in texts:
            assert self.may_go_on.wait(10)
        return super().embed(texts)


async def test_the_old_faq_answers_while_the_new_one_is_learnt(tmp_path: Path) -> None:
    """Thousands of new phrasings take a minute; it is logged where it takes long."""
    made = folder(tmp_path)
    entry = made / "faq" / "cups.md"
    entry.parent.mkdir()
    entry.write_text("# Do you sell cups?\n\nYes.\n")
    embedder = SlowEmbedder()
    cache = FaqSettings(embeddings="local", cache_dir=tmp_path / "cache")
    settings = Settings(prompts_dir=made, faq=cache)
    loader = PipelineLoader(settings, fitter=FaqFitter(settings, make=lambda _: embedder))
    used = [await asyncio.to_thread(loader.load)]
    reloader = Reloader(
        loader,
        used.append,
        version=used[0].version,
        metrics=Metrics(),
        clock=Clock(),
        patience=0.01,
    )
    embedder.may_go_on.clear()
    entry.write_text("---\nphrasings: [a new phrasing]\n---\n# Do you sell cups?\n\nNo more.\n")

    async def answer(text: str) -> str | None:
        outcome = used[-1].decide(turn(text))
        decision = await outcome if isawaitable(outcome) else outcome
        return decision.text if isinstance(decision, Reply) else None

    with structlog.testing.capture_logs() as logs:
        reloading = asyncio.create_task(reloader.reload())
        async with within(10):
            while not logs:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
        assert logs[0]["event"] == "prompts.still_loading"
        assert str(made) in logs[0]["doing"]
        assert await answer("Do you sell cups?") == "Yes."
        assert await answer("A new phrasing?") is None
        assert not reloading.done()
        embedder.may_go_on.set()
        assert await reloading
    assert await answer("Do you sell cups?") == "No more."
    assert await answer("A new phrasing?") == "No more."


async def test_what_is_probably_a_mistake_is_logged_after_an_edit_too(
    prompts: ReloadedFolder,
) -> None:
    """Such as a file that nothing reads."""
    (prompts.rules.parent / "shop.yaml").write_text("a: b")
    with structlog.testing.capture_logs() as logs:
        assert await prompts.reloader.reload()
    [line] = [line for line in logs if line["event"] == "prompts.warning"]
    assert "shop.yaml" in line["problem"]
