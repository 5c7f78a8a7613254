"""From settings and the prompts folder to a pipeline: FAQ fitted, language model attached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from agentbot.cli.faq import uses_vectors
from agentbot.cli.fitting import FaqFitter
from agentbot.cli.knowledge import IndexFitter
from agentbot.cli.model import model_options
from agentbot.config import Settings, is_folder, load_settings, read_variables
from agentbot.errors import ConfigurationError
from agentbot.ops.redaction import use_secrets
from agentbot.pipeline.llm.budget import Budget
from agentbot.pipeline.llm.model import ChatModel
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import Prompts, load_prompts
from agentbot.pipeline.tools.toolbox import Toolbox

_log = structlog.get_logger("agentbot.loader")


def read_settings(*, prompts: Path | None = None) -> Settings:
    """Read the settings; ``prompts`` of the command line wins. Raises ``ConfigurationError``.

    From now on the process lets none of their secrets out.
    """
    settings = load_settings()
    use_secrets(settings.secrets())
    if prompts is None:
        return settings
    if not is_folder(prompts):
        problem = f"there is no folder {prompts}, or it cannot be looked at"
        raise ConfigurationError("--prompts", problem, "name one there is")
    return settings.model_copy(update={"prompts_dir": prompts})


def _cut_short(settings: Settings) -> tuple[str, ...]:
    """Warn of a time for the model that a turn does not have."""
    model, turn = settings.llm.timeout_seconds, settings.turns.deadline_seconds
    if not settings.llm_configured or model < turn:
        return ()
    problem = f"AGENTBOT_LLM__TIMEOUT_SECONDS={model:g} is cut short: a turn ends after {turn:g} s"
    return (f"{problem}, by AGENTBOT_TURNS__DEADLINE_SECONDS",)


def _accept(_settings: Settings, _prompts: Prompts) -> None:
    """Use every folder."""


class PipelineLoader:
    """The maker of pipelines of one prompts folder, which may change in between.

    ``check`` may raise ``ConfigurationError`` for a folder that is good, but not to be used.
    ``most_learnt`` is the number of FAQ entries that are learnt at most, for whoever only looks
    whether it can be done; None: all. ``fitter`` takes the place of what learns the FAQ.
    ``in_background``: thousands of pages are learnt after the pipeline is in use.
    ``report_look_up`` is told of each look-up: which tool, what came of it, and the seconds.
    ``puts_off``: FAQ and pages are learnt, and the words of all languages read, by :meth:`finish`,
    or for the first question.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        model: ChatModel | None = None,
        check: Callable[[Settings, Prompts], None] = _accept,
        most_learnt: int | None = None,
        fitter: FaqFitter | None = None,
        in_background: bool = False,
        report_look_up: Callable[[str, str, float], None] = lambda _tool, _code, _seconds: None,
        puts_off: bool = False,
    ) -> None:
        self.settings = settings
        self.warnings: tuple[str, ...] = ()
        self.prompts: Prompts | None = None
        """The folder as it was loaded last."""
        self._model = model
        self._report_look_up = report_look_up
        self._model_options = model_options(settings)
        self._has_loaded = False
        self._unready: Pipeline | None = None
        self._check = check
        self._fitter = fitter or FaqFitter(settings, most=most_learnt)
        self._learns = most_learnt is None
        self._puts_off = puts_off
        self._index = IndexFitter(settings, self._fitter, in_background=in_background)

    @property
    def budget(self) -> Budget:
        """What may be spent on the model, and has been."""
        return self._model_options.budget

    def load(self) -> Pipeline:
        """Load the folder. Raises ``ConfigurationError`` with every problem in it."""
        prompts = load_prompts(self.settings.prompts_dir)
        self._check(self.settings, prompts)
        self.warnings = (*prompts.warnings, *_cut_short(self.settings))
        matcher = self._fitter.steady(
            prompts,
            # Once the bot runs, a provider that has come to refuse holds up no edit of a rule.
            insist=not self._has_loaded,
            report=self._report_embeddings,
            puts_off=self._puts_off,
        )
        has_model = self._model is not None
        is_first = self._puts_off and not self._has_loaded
        if is_first:
            search = self._index.put_off(prompts, has_model=has_model)
        else:
            search = self._index.fit(prompts, has_model=has_model, learn=self._learns)
        self.warnings += self._fitter.doubts + self._index.doubts
        toolbox = Toolbox(
            prompts.tools,
            read_variables() if prompts.tools else {},
            report=self._report_look_up,
        )
        use_secrets((*self.settings.secrets(), *toolbox.secrets))
        self._has_loaded = True
        self.prompts = prompts
        pipeline = build_pipeline(
            prompts,
            matcher=matcher,
            # Vectors take milliseconds, or a request: not on the event loop's thread.
            match_in_thread=uses_vectors(self.settings),
            is_put_off=self._is_put_off,
            search=search,
            llm=self._model,
            model_options=self._model_options,
            toolbox=toolbox,
            puts_off=is_first,
        )
        self._unready = pipeline if is_first else None
        return pipeline

    def _is_put_off(self) -> bool:
        """Say whether the FAQ is still to be learnt."""
        return self._fitter.is_put_off

    def get_ready(self) -> None:
        """Read what any first question would wait for, where that was put off."""
        unready, self._unready = self._unready, None
        if unready is not None:
            unready.get_ready()

    def finish(self) -> tuple[str, ...]:
        """Load what was put off; return what is to be said of FAQ and pages then."""
        self.get_ready()
        self._fitter.finish()
        self._index.finish()
        return self.doubts + self._index.doubts

    @property
    def doubts(self) -> tuple[str, ...]:
        """What to say of the FAQ as it was learnt last: those of the warnings that are about it."""
        return self._fitter.doubts

    def _report_embeddings(self, problem: str | None) -> None:
        """Say once that the FAQ goes by words alone, and once that it does no longer."""
        if problem is None:
            _log.info("faq.meanings_again")
        elif self._has_loaded:
            _log.warning("faq.words_alone", problem=problem)
        else:
            self.warnings += (f"the FAQ goes by words alone for now: {problem}",)
