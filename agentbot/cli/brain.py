"""From settings and the prompts folder to a pipeline: FAQ fitted, language model attached."""

from __future__ import annotations

from pathlib import Path

from agentbot.config import Settings, load_settings
from agentbot.errors import ConfigurationError
from agentbot.ops.metrics import Metrics
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts


def read_settings(*, prompts: Path | None = None) -> Settings:
    """Read the settings; ``prompts`` of the command line wins. Raises ``ConfigurationError``."""
    settings = load_settings()
    if prompts is None:
        return settings
    if not prompts.is_dir():
        raise ConfigurationError("--prompts", f"there is no folder {prompts}", "name one there is")
    return settings.model_copy(update={"prompts_dir": prompts})


class Brain:
    """Makes pipelines of one prompts folder, again and again as it changes."""

    def __init__(self, settings: Settings, *, metrics: Metrics | None = None) -> None:
        self.settings = settings
        self.warnings: tuple[str, ...] = ()
        self._metrics = metrics or Metrics()

    def load(self) -> Pipeline:
        """Load the folder. Raises ``ConfigurationError`` with every problem in it."""
        prompts = load_prompts(self.settings.prompts_dir)
        return build_pipeline(prompts)

    async def close(self) -> None:
        """Let go of the language model's connections."""
