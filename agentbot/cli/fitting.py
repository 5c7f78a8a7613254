"""The FAQ's matcher: fitted to a prompts folder, and again after each edit of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agentbot.cli.faq import are_local, cache_dir, make_embedder
from agentbot.config import Settings
from agentbot.errors import ConfigurationError, LLMError
from agentbot.pipeline.faq.packages import PACKAGES, demand
from agentbot.pipeline.prompts import Prompts

if TYPE_CHECKING:  # they bring numpy along, which a folder without FAQ does not need
    from agentbot.pipeline.faq.embedders import Embedder
    from agentbot.pipeline.faq.matcher import FaqMatcher
    from agentbot.pipeline.faq.retrieval import Matcher
    from agentbot.pipeline.faq.steady import SteadyMatcher


_FIRST = "The first text, with which the models are loaded: no customer is to wait for them."


class FaqFitter:
    """What fits matchers to the FAQ of one folder, time after time.

    It keeps the last ones, by meanings and by words, until the next: what stays of the FAQ need
    not be learnt again.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        most: int | None = None,
        make: Callable[[Settings], Embedder | None] = make_embedder,
    ) -> None:
        """``most`` is the number of entries that are learnt at most; None: all."""
        self.doubts: tuple[str, ...] = ()
        """What to say of the last fit, such as a precision that cannot be had."""
        self._settings = settings
        self._most = most
        self._make = make
        self._embedder: Embedder | None = None
        self._is_made = False
        self._last: dict[str, FaqMatcher] = {}
        self._put_off: SteadyMatcher | None = None

    def embedder(self) -> Embedder | None:
        """Return what turns texts into vectors, made once; None where words alone decide.

        Raises ``ConfigurationError`` where vectors are asked for and cannot be had.
        """
        if not self._is_made:
            self._embedder = self._make(self._settings)
            self._is_made = True
        return self._embedder

    def demand(self) -> None:
        """Raise ``ConfigurationError`` where vectors are asked for and cannot be had.

        Those of this process are not loaded for that, nor is numpy.
        """
        if not are_local(self._settings):
            self.embedder()
        elif not self._is_made:
            demand(*PACKAGES)

    def fit(self, prompts: Prompts, *, precision: float | None = None) -> FaqMatcher | None:
        """Return a matcher for the FAQ, calibrated by the folder's file; None without a FAQ.

        ``precision`` replaces that of ``policy.yaml``.
        """
        self.doubts = ()
        if not prompts.faq:
            return None
        base = self.base(prompts, precision=precision)
        matcher, misfit = self.calibrated(base, prompts)
        self.doubts += () if misfit is None else (misfit,)
        self._doubt_reach(matcher, prompts)
        return matcher

    def base(self, prompts: Prompts, *, precision: float | None = None) -> FaqMatcher:
        """Return a matcher for a FAQ that is not empty, as it is without labelled questions."""
        return self._fitted(prompts, self.embedder(), precision)

    @staticmethod
    def calibrated(base: FaqMatcher, prompts: Prompts) -> tuple[FaqMatcher, str | None]:
        """Return the matcher as the folder's calibration has it, and why it could not be used."""
        calibration = prompts.calibration
        if calibration is None:
            return base, None
        misfit = calibration.misfit(prompts.faq, search=base.search, judge=base.judge.mark)
        return (base, misfit) if misfit else (base.calibrated(calibration), None)

    def steady(
        self,
        prompts: Prompts,
        *,
        insist: bool,
        report: Callable[[str | None], None],
        puts_off: bool = False,
    ) -> Matcher | None:
        """Return what the bot asks: as `fit`, and by words while a provider's vectors fail.

        ``report`` is told once what has failed, and None when it works again. With ``insist`` a
        ``ConfigurationError`` is raised where the provider refuses: its key or the model is wrong.
        ``puts_off``: what is made on this machine is made by :meth:`finish`, or for the first
        question.
        """
        is_first = not self._is_made
        is_here = self._settings.faq.embeddings != "provider"
        if is_first and is_here and puts_off and prompts.faq:
            self.demand()
            self._put_off = self._steady(prompts, report, waits=True)
            return self._put_off
        embedder = self.embedder() if prompts.faq else None
        if is_here or embedder is None:
            fitted = self.fit(prompts)
            if is_first and embedder is not None and self._most is None:
                embedder.embed([_FIRST])
            return fitted
        matcher = self._steady(prompts, report)
        try:
            matcher.start(insist=insist)
        except LLMError as error:
            raise ConfigurationError(
                "AGENTBOT_FAQ__EMBEDDINGS",
                f"the provider refuses: {error.problem}",
                "check OPENAI_BASE_URL and AGENTBOT_FAQ__EMBEDDING_MODEL, or write local or none",
            ) from error
        return matcher

    @property
    def is_put_off(self) -> bool:
        """Whether something was put off, so that a question may have to wait for it."""
        return self._put_off is not None

    def finish(self) -> None:
        """Make what was put off; where meanings fail, words decide, and it is tried again."""
        if self._put_off is not None:
            self._put_off.start(insist=False)
            self._put_off = None

    def _steady(
        self, prompts: Prompts, report: Callable[[str | None], None], *, waits: bool = False
    ) -> SteadyMatcher:
        from agentbot.pipeline.faq.steady import SteadyMatcher  # noqa: PLC0415 - see above

        self.doubts = ()

        def by_meanings() -> Matcher:
            made = self.fit(prompts)
            if made is None:
                raise ValueError("there is no FAQ to fit to")
            if waits and (embedder := self.embedder()) is not None:
                embedder.embed([_FIRST])
            return made

        return SteadyMatcher(
            meanings=by_meanings,
            words=lambda: self._fitted(prompts, None, None),
            report=report,
            waits=waits,
        )

    def _fitted(
        self, prompts: Prompts, embedder: Embedder | None, precision: float | None
    ) -> FaqMatcher:
        from agentbot.pipeline.faq.matcher import FaqMatcher  # noqa: PLC0415 - it brings numpy

        name = "" if embedder is None else embedder.name
        found = FaqMatcher.fit(
            prompts.faq[: self._most],
            precision=precision if precision is not None else prompts.policy.faq.precision,
            embedder=embedder,
            cache_dir=cache_dir(self._settings),
            before=self._last.get(name),
        )
        self._last[name] = found
        return found

    def _doubt_reach(self, matcher: FaqMatcher, prompts: Prompts) -> None:
        from agentbot.pipeline.faq.quality.reach import out_of_reach  # noqa: PLC0415 - it brings numpy

        # Of a part of the FAQ more can be had than of all of it.
        if len(matcher.entries) == len(prompts.faq) and (problem := out_of_reach(matcher)):
            self.doubts += (f"policy.yaml: {problem}",)
