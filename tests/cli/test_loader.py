"""``loader.py``, ``fitting.py``: a folder becomes a pipeline, as far as whoever asks needs it."""

from __future__ import annotations

import asyncio
import re
import threading
from inspect import isawaitable
from pathlib import Path

import pytest

from agentbot.cli.fitting import FaqFitter
from agentbot.cli.loader import PipelineLoader
from agentbot.config import Settings
from agentbot.config.groups import FaqSettings
from agentbot.errors import ConfigurationError
from agentbot.ops.redaction import redact, use_secrets
from agentbot.pipeline.decision import Reply
from agentbot.pipeline.faq.matcher import FaqMatcher, LabelledQuestion
from agentbot.pipeline.faq.quality.calibrating import learn
from agentbot.pipeline.pipeline import Pipeline
from agentbot.pipeline.prompts import Prompts, load_prompts
from tests.support.faq import WordEmbedder
from tests.support.folders import folder
from tests.support.tools import ORDER_STATUS
from tests.support.turns import turn

ENTRIES = """
- {id: tea, question: "Which teas do you have?", answer: Three.}
- {id: cups, question: "Do you sell cups?", answer: Yes.}
"""


@pytest.mark.parametrize(("most", "answers"), [(None, True), (2, True), (1, False)])
def test_a_check_learns_some_entries_and_reads_all(
    tmp_path: Path, most: int | None, *, answers: bool
) -> None:
    """Learning takes long for thousands; what is wrong with one is found by reading it."""
    made = folder(tmp_path)
    (made / "faq").mkdir()
    (made / "faq" / "all.yaml").write_text(ENTRIES, encoding="utf-8")
    settings = Settings(prompts_dir=made, faq=FaqSettings(embeddings="none"))
    pipeline = PipelineLoader(settings, most_learnt=most).load()
    assert len(pipeline.prompts.faq) == 2
    faq = next(one for one in pipeline.responders if one.name == "faq")
    outcome = faq.respond(turn("Do you sell cups?"))
    assert (isinstance(outcome, Reply) and outcome.source == "cups") is answers


QUESTIONS = [
    LabelledQuestion(f"{number} {text}", entry)
    for number in range(10)
    for text, entry in (("teas", "tea"), ("sell me cups", "cups"), ("do you rent boats", None))
]


def calibrated(made: Path) -> Settings:
    """Return settings for a folder whose FAQ is calibrated by some questions."""
    (made / "faq").mkdir()
    (made / "faq" / "all.yaml").write_text(ENTRIES, encoding="utf-8")
    own = FaqSettings(embeddings="none", cache_dir=made.parent / "cache")
    settings = Settings(prompts_dir=made, faq=own)
    base = FaqFitter(settings).base(load_prompts(made))
    known = learn(base, QUESTIONS, made_on="2026-11-26")
    (made / "faq-calibration.yaml").write_text(known.text(), encoding="utf-8")
    return settings


def test_what_labelled_questions_have_taught_is_used(tmp_path: Path) -> None:
    """By whoever loads the folder; an edit of it takes effect like any other."""
    settings = calibrated(folder(tmp_path))
    fitter = FaqFitter(settings)
    prompts = load_prompts(settings.prompts_dir)
    matcher = fitter.fit(prompts)
    assert matcher is not None
    assert prompts.calibration is not None
    assert matcher.judge.slope == prompts.calibration.slope != 1
    assert fitter.doubts == ()
    file = settings.prompts_dir / "faq-calibration.yaml"
    changed = re.sub(r"slope: .*", "slope: 2.5", file.read_text(encoding="utf-8"))
    file.write_text(changed, encoding="utf-8")
    again = fitter.fit(load_prompts(settings.prompts_dir))
    assert again is not None
    assert again.judge.slope == 2.5
    assert again.learnt is matcher.learnt


def test_what_they_taught_of_another_faq_is_not_used_and_told(tmp_path: Path) -> None:
    """Even where only a part of the FAQ is learnt: it is compared as a whole."""
    settings = calibrated(folder(tmp_path))
    loader = PipelineLoader(settings, most_learnt=1)
    loader.load()
    assert not any("faq-calibration" in warning for warning in loader.warnings)
    others = ENTRIES.replace("teas", "beers").replace("cups", "jugs")
    (settings.prompts_dir / "faq" / "all.yaml").write_text(others, encoding="utf-8")
    loader.load()
    [warning] = [one for one in loader.warnings if "faq-calibration" in one]
    assert "100% of the FAQ's entries have changed since 2026-11-26" in warning
    assert "agentbot eval faq" in warning


def test_a_broken_calibration_is_named_with_what_to_do(tmp_path: Path) -> None:
    """As any file of the folder, though nobody need mend it by hand."""
    settings = calibrated(folder(tmp_path))
    file = settings.prompts_dir / "faq-calibration.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "slope: 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"faq-calibration\.yaml:\d+: .*slope"):
        PipelineLoader(settings).load()
    file.write_text("made_on: 2026-11-26\nquestions: 0\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"faq-calibration\.yaml:2: 'questions'.*--keep"):
        PipelineLoader(settings).load()


def test_a_precision_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    """With the one that can; not where only a part of the FAQ was learnt."""
    made = folder(tmp_path, policy="faq: {precision: 0.999}\n")
    (made / "faq").mkdir()
    (made / "faq" / "all.yaml").write_text(ENTRIES, encoding="utf-8")
    settings = Settings(prompts_dir=made, faq=FaqSettings(embeddings="none"))
    loader = PipelineLoader(settings)
    loader.load()
    [warning] = loader.warnings
    assert warning.startswith("policy.yaml: this FAQ can hardly reach 99.9% of right answers")
    assert "99% can be had" in warning
    part = PipelineLoader(settings, most_learnt=1)
    part.load()
    assert part.warnings == ()


def test_what_makes_vectors_is_made_once(tmp_path: Path) -> None:
    """It loads a model, which takes longer than to learn an edit; no customer waits for it."""
    settings = calibrated(folder(tmp_path))
    made: list[WordEmbedder] = []

    def make(_settings: Settings) -> WordEmbedder:
        made.append(WordEmbedder())
        return made[-1]

    loader = PipelineLoader(settings, fitter=FaqFitter(settings, make=make))
    loader.load()
    loader.load()
    [embedder] = made
    assert len(embedder.texts) == len(set(embedder.texts)) == 3
    assert any("and this one is by the meanings of words-by-checksum" in w for w in loader.warnings)


def test_the_tools_secrets_come_from_the_environment_and_are_not_let_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing one is told when the folder is loaded; one in use is in no line that leaves."""
    made = folder(tmp_path, tools=ORDER_STATUS)
    loader = PipelineLoader(
        Settings(prompts_dir=made, faq=FaqSettings(embeddings="none")), most_learnt=1
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"tools.yaml:6: SHOP_TOKEN is not set"):
        loader.load()
    (tmp_path / ".env").write_text("SHOP_TOKEN=the-shops-own-s3cret\n", encoding="utf-8")
    try:
        loader.load()
        assert redact("sent the-shops-own-s3cret") == "sent [redacted]"
    finally:
        use_secrets(())


async def test_a_faq_that_is_put_off_is_learnt_by_the_first_question(tmp_path: Path) -> None:
    """In a thread, as long as nobody has; afterwards a match by words is quickly made."""
    made = folder(tmp_path)
    (made / "faq").mkdir()
    (made / "faq" / "all.yaml").write_text(ENTRIES, encoding="utf-8")
    settings = Settings(prompts_dir=made, faq=FaqSettings(embeddings="none"))
    learns: list[threading.Thread] = []

    class Fitter(FaqFitter):
        def base(self, prompts: Prompts, *, precision: float | None = None) -> FaqMatcher:
            learns.append(threading.current_thread())
            return super().base(prompts, precision=precision)

    loader = PipelineLoader(settings, fitter=Fitter(settings), puts_off=True)
    pipeline = await asyncio.to_thread(loader.load)
    assert learns == []
    outcome = pipeline.decide(turn("Do you sell cups?"))
    assert isawaitable(outcome)
    assert isinstance(await outcome, Reply)
    [thread] = learns
    assert thread is not threading.main_thread()
    await asyncio.to_thread(loader.finish)
    assert not isawaitable(pipeline.decide(turn("Which teas do you have?")))
    assert len(learns) == 1
    await asyncio.to_thread(loader.load)
    assert len(learns) == 2  # an edit is learnt at once


def test_models_that_are_put_off_are_loaded_when_the_bot_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is embedded until then; afterwards all is as if it had been loaded at once."""
    settings = calibrated(folder(tmp_path))
    embedder = WordEmbedder()
    loader = PipelineLoader(
        settings, fitter=FaqFitter(settings, make=lambda _: embedder), puts_off=True
    )
    pipeline = loader.load()
    assert embedder.texts == []
    assert loader.warnings == ()
    ready: list[Pipeline] = []

    def note(one: Pipeline) -> None:
        ready.append(one)

    monkeypatch.setattr(Pipeline, "get_ready", note)
    loader.get_ready()
    assert ready == [pipeline]
    assert embedder.texts == []
    doubts = loader.finish()
    assert any("and this one is by the meanings of words-by-checksum" in one for one in doubts)
    assert len(embedder.texts) == 3
    assert loader.finish() == doubts
    assert len(embedder.texts) == 3
    assert ready == [pipeline]
