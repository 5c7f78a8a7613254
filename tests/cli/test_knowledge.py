"""``knowledge.py``: an index is made where somebody looks things up, and learnt beside the bot."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from agentbot.cli import knowledge
from agentbot.cli.fitting import FaqFitter
from agentbot.cli.knowledge import IndexFitter
from agentbot.cli.loader import PipelineLoader
from agentbot.config import Settings
from agentbot.config.groups import FaqSettings
from agentbot.errors import LLMError
from agentbot.pipeline.faq.embedders import Floats
from agentbot.pipeline.knowledge.search import CachedSearch, LateSearch
from agentbot.pipeline.prompts import load_prompts
from tests.support.faq import WordEmbedder
from tests.support.folders import folder


class GatedEmbedder(WordEmbedder):
    """An embedder that waits until it may go on, and fails as often as it is told to."""

    def __init__(self, *, fails: int = 0) -> None:
        super().__init__()
        self.may_go_on = threading.Event()
        self._fails = fails

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the vectors when it may go on."""
        assert self.may_go_on.wait(10)
        if self._fails:
            self._fails -= 1
            raise LLMError("unreachable", "no network")
        return super().embed(texts)


def pages(tmp_path: Path, count: int = 2) -> Path:
    """Return a folder with pages and one FAQ entry."""
    made = folder(tmp_path)
    (made / "pages").mkdir()
    for number in range(count):
        (made / "pages" / f"p{number}.md").write_text(f"Cups of kind {number}.", encoding="utf-8")
    return made


def settings_of(made: Path) -> Settings:
    """Return settings for a folder, with vectors of words."""
    own = FaqSettings(embeddings="local", cache_dir=made.parent / "cache")
    return Settings(prompts_dir=made, faq=own)


def fitter(settings: Settings, embedder: WordEmbedder, *, in_background: bool) -> IndexFitter:
    """Return what fits the index, with this embedder."""
    faq = FaqFitter(settings, make=lambda _: embedder)
    return IndexFitter(settings, faq, in_background=in_background)


def test_an_index_is_made_where_somebody_looks_things_up(tmp_path: Path) -> None:
    """A model in the FAQ and in pages, rules and customers in pages alone."""
    made = folder(tmp_path)
    (made / "faq").mkdir()
    (made / "faq" / "cups.md").write_text("# Do you sell cups?\n\nYes.\n", encoding="utf-8")
    fit = fitter(settings_of(made), WordEmbedder(), in_background=False).fit
    assert fit(load_prompts(made), has_model=False) is None
    index = fit(load_prompts(made), has_model=True)
    assert index is not None
    assert [one.passage.id for one in index.find("cups")] == ["cups"]
    with_pages = fit(load_prompts(pages(tmp_path)), has_model=False)
    assert with_pages is not None
    assert len(with_pages.passages) == 3


def test_many_pages_are_learnt_while_the_bot_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By words at first; the pipeline in use need not be made again."""
    monkeypatch.setattr(knowledge, "_WAITED_FOR", 1)
    made = pages(tmp_path)
    settings, embedder = settings_of(made), GatedEmbedder()
    faq = FaqFitter(settings, make=lambda _: embedder)
    pipeline = PipelineLoader(settings, fitter=faq, in_background=True).load()
    (learning,) = [one for one in threading.enumerate() if one.name == "agentbot-knowledge"]
    embedder.may_go_on.set()
    learning.join(10)
    found = asyncio.run(pipeline.passages("kind 1"))
    assert found[0].passage.id == "page/p1"
    assert "kind 1" in embedder.texts


async def test_pages_that_are_put_off_are_learnt_when_the_bot_says_so(tmp_path: Path) -> None:
    """Or for the first question, in a thread; an edit that comes sooner takes their place."""
    made = await asyncio.to_thread(pages, tmp_path, 3)
    embedder = GatedEmbedder()
    embedder.may_go_on.set()
    fitting = fitter(settings_of(made), embedder, in_background=False)
    prompts = await asyncio.to_thread(load_prompts, made)
    late = fitting.put_off(prompts, has_model=False)
    assert isinstance(late, LateSearch)
    assert (late.is_put_off, embedder.texts) == (True, [])
    search = CachedSearch(late)
    assert not search.is_ready("Cups?")
    await search.prepare("Cups?")
    assert search.is_ready("Vases?")
    await asyncio.to_thread(fitting.finish)
    learnt = list(embedder.texts)
    assert len([text for text in learnt if "Cups" in text]) >= 3
    again = fitting.put_off(prompts, has_model=False)
    assert again is not None
    edited = await asyncio.to_thread(fitting.fit, prompts, has_model=False)
    assert edited is not None
    await asyncio.to_thread(again.find, "Cups?")
    assert edited.is_by_meanings
    assert fitting.put_off(replace(prompts, pages=()), has_model=False) is None


def test_the_next_edit_ends_what_is_being_learnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made until then is kept."""
    monkeypatch.setattr(knowledge, "_WAITED_FOR", 1)
    made = pages(tmp_path, 80)
    embedder = GatedEmbedder()
    fitting = fitter(settings_of(made), embedder, in_background=True)
    first = fitting.fit(load_prompts(made), has_model=False)
    learning = fitting._learning
    assert learning is not None

    def go_on_when_stopped() -> None:
        learning._stopping.wait(10)
        embedder.may_go_on.set()

    threading.Thread(target=go_on_when_stopped).start()
    monkeypatch.setattr(knowledge, "_WAITED_FOR", 100)
    second = fitting.fit(load_prompts(made), has_model=False)
    assert first is not None
    assert second is not None
    assert not first.is_by_meanings
    assert second.is_by_meanings
    assert len([text for text in embedder.texts if "Cups" in text]) == 80


def test_what_fails_is_said_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages are found by words until then."""
    monkeypatch.setattr(knowledge, "PAUSE", 0.01)
    made = pages(tmp_path)
    embedder = GatedEmbedder(fails=2)
    embedder.may_go_on.set()
    with structlog.testing.capture_logs() as logs:
        fitting = fitter(settings_of(made), embedder, in_background=True)
        index = fitting.fit(load_prompts(made), has_model=False)
        assert index is not None
        (doubt,) = fitting.doubts
        assert doubt.startswith("pages are found by words alone for now: ")
        for one in threading.enumerate():
            if one.name == "agentbot-knowledge":
                one.join(10)
    assert index.is_by_meanings
    assert [one["event"] for one in logs] == ["knowledge.words_alone", "knowledge.learnt"]


def test_an_edited_page_is_found_as_it_is_now(tmp_path: Path) -> None:
    """And one that was deleted no longer; nothing else is embedded again."""
    made = pages(tmp_path)
    embedder = GatedEmbedder()
    embedder.may_go_on.set()
    settings = settings_of(made)
    loader = PipelineLoader(settings, fitter=FaqFitter(settings, make=lambda _: embedder))
    loader.load()
    embedder.texts.clear()
    (made / "pages" / "p0.md").write_text("Teapots with lids.", encoding="utf-8")
    (made / "pages" / "p1.md").unlink()
    pipeline = loader.load()
    assert embedder.texts == ["P0. Teapots with lids."]
    found = asyncio.run(pipeline.passages("teapots with lids and cups of kind 1"))
    assert [one.passage.text for one in found] == ["Teapots with lids."]
