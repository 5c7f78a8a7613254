"""The index of what is known, FAQ entries and pages: fitted to a folder, and after each edit."""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING

import structlog

from agentbot.cli.faq import cache_dir
from agentbot.cli.fitting import FaqFitter
from agentbot.config import Settings
from agentbot.errors import LLMError
from agentbot.pipeline.knowledge.search import LateSearch, Search
from agentbot.pipeline.prompts import Prompts
from agentbot.threads import step_back

if TYPE_CHECKING:  # they bring numpy along, which a folder without pages does not need
    from agentbot.pipeline.faq.embedders import Embedder
    from agentbot.pipeline.knowledge.by_meaning import MeaningIndex
    from agentbot.pipeline.knowledge.index import PassageIndex

_log = structlog.get_logger("agentbot.knowledge")

_WAITED_FOR = 300
"""Texts whose vectors a start waits for: some ten seconds' work. More are made while the bot
answers already, and are found by words meanwhile."""
PAUSE = 60.0
"""Seconds after which it is tried again where it failed: a provider may be away for a while."""
_FIRST = "The first text, with which the models are loaded: no customer is to wait for them."
_LAST_PORTION = 5.0
"""Seconds that a process waits, at its end, for the portion of vectors that is being made."""


class IndexFitter:
    """What fits indexes to one folder, time after time; it keeps the last one for the next.

    ``faq`` has the embedder. ``in_background``: where there is much to embed, that is done in a
    thread of its own, after the pipeline is in use.
    """

    def __init__(self, settings: Settings, faq: FaqFitter, *, in_background: bool = False) -> None:
        self.doubts: tuple[str, ...] = ()
        """What to say of the last fit."""
        self._settings = settings
        self._faq = faq
        self._in_background = in_background
        self._last: PassageIndex | None = None
        self._learning: _Learning | None = None
        self._is_warm = False
        self._put_off: LateSearch | None = None

    def fit(self, prompts: Prompts, *, has_model: bool, learn: bool = True) -> PassageIndex | None:
        """Return the index of a folder; None where nobody would look anything up in it.

        A model is shown FAQ entries too; without one, an index is made for pages alone. Without
        ``learn`` no vectors are made.
        """
        self.doubts, self._put_off = (), None
        if self._learning is not None:
            self._learning.stop()
            self._learning = None
        if not self._is_needed(prompts, has_model=has_model):
            return None
        return self._learnt(prompts, self._faq.embedder() if learn else None)

    def put_off(self, prompts: Prompts, *, has_model: bool) -> Search | None:
        """Return the index of a folder, to be made by :meth:`finish`, or for the first question."""
        if not self._is_needed(prompts, has_model=has_model):
            return None
        self._faq.demand()

        def made() -> Search:
            if self._put_off is late:
                return self._learnt(prompts, self._faq.embedder())
            return self._fitted(prompts, None)  # an edit has come meanwhile, and has its own

        self._put_off = late = LateSearch(made)
        return late

    def finish(self) -> None:
        """Make what was put off."""
        if self._put_off is not None:
            self._put_off.prepare()

    def _learnt(self, prompts: Prompts, embedder: Embedder | None) -> PassageIndex:
        self._last = index = self._fitted(prompts, embedder)
        if index.meanings is not None:
            self._learn(index.meanings)
        return index

    def _fitted(self, prompts: Prompts, embedder: Embedder | None) -> PassageIndex:
        from agentbot.pipeline.knowledge.index import PassageIndex  # noqa: PLC0415 - it brings numpy

        return PassageIndex.fit(
            prompts.faq,
            [passage for page in prompts.pages for passage in page.passages],
            embedder=embedder,
            cache_dir=cache_dir(self._settings),
            before=self._last,
            report=_report,
        )

    @staticmethod
    def _is_needed(prompts: Prompts, *, has_model: bool) -> bool:
        return bool(prompts.pages or (has_model and prompts.faq))

    def _learn(self, meanings: MeaningIndex) -> None:
        if self._in_background and (missing := meanings.missing()) > _WAITED_FOR:
            _log.info("knowledge.learning", texts=missing)
            self._learning = _Learning(meanings)
            return
        try:
            meanings.learn()
            if not self._is_warm:
                self._is_warm = True
                meanings.embedder.embed([_FIRST])
        except (LLMError, ValueError) as error:
            self.doubts = (f"pages are found by words alone for now: {error}",)
            if self._in_background:
                self._learning = _Learning(meanings)


def _report(problem: str | None) -> None:
    """Say once that passages are found by words alone, and once that they are no longer."""
    if problem is None:
        _log.info("knowledge.meanings_again")
    else:
        _log.warning("knowledge.words_alone", problem=problem)


class _Learning:
    """A thread that makes vectors, tried again after a while where it fails."""

    def __init__(self, meanings: MeaningIndex) -> None:
        self._meanings = meanings
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="agentbot-knowledge", daemon=True)
        atexit.register(self.stop)
        self._thread.start()

    def stop(self) -> None:
        """End it, after the portion that is being made."""
        self._stopping.set()
        self._thread.join(_LAST_PORTION)
        atexit.unregister(self.stop)

    def _run(self) -> None:
        step_back()
        while not self._stopping.is_set():
            try:
                if self._meanings.learn(is_stopped=self._stopping.is_set):
                    _log.info("knowledge.learnt", texts=len(self._meanings.texts))
                return
            except (LLMError, ValueError) as error:
                _log.warning("knowledge.words_alone", problem=str(error))
                self._stopping.wait(PAUSE)
