"""The FAQ's matcher, as the settings want it: words alone, meanings in process, or a provider's."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from agentbot.config import Settings
from agentbot.errors import ConfigurationError, LLMError
from agentbot.pipeline.faq.packages import are_installed
from agentbot.pipeline.prompts import Prompts

if TYPE_CHECKING:  # they bring numpy along, which a folder without FAQ does not need
    from agentbot.pipeline.faq.embedders import Embedder
    from agentbot.pipeline.faq.matcher import FaqMatcher
    from agentbot.pipeline.faq.retrieval import Matcher


def fit_matcher(
    settings: Settings,
    prompts: Prompts,
    *,
    embedder: Embedder | None,
    precision: float | None = None,
) -> FaqMatcher | None:
    """Return a matcher fitted to the FAQ, from the cache where that can be; None without a FAQ.

    Without an ``embedder`` words alone decide. ``precision`` replaces that of ``policy.yaml``.
    """
    if not prompts.faq:
        return None
    from agentbot.pipeline.faq.matcher import FaqMatcher  # noqa: PLC0415 - see above

    return FaqMatcher.fit(
        prompts.faq,
        precision=precision if precision is not None else prompts.policy.faq.precision,
        embedder=embedder,
        cache_dir=settings.faq.cache_dir or _default_cache_dir(),
    )


def steady_matcher(
    settings: Settings, prompts: Prompts, *, insist: bool, report: Callable[[str | None], None]
) -> Matcher | None:
    """Return what the bot asks: as `fit_matcher`, and by words while a provider's vectors fail.

    ``report`` is told once what has failed, and None when it works again. With ``insist`` a
    ``ConfigurationError`` is raised where the provider refuses: its key or the model is wrong.
    """
    embedder = make_embedder(settings) if prompts.faq else None
    if settings.faq.embeddings != "provider" or embedder is None:
        return fit_matcher(settings, prompts, embedder=embedder)
    from agentbot.pipeline.faq.steady import SteadyMatcher  # noqa: PLC0415 - as above

    def fitted(by: Embedder | None) -> Matcher:
        made = fit_matcher(settings, prompts, embedder=by)
        if made is None:
            raise ValueError("there is no FAQ to fit to")
        return made

    matcher = SteadyMatcher(
        meanings=lambda: fitted(embedder), words=lambda: fitted(None), report=report
    )
    try:
        matcher.start(insist=insist)
    except LLMError as error:
        raise ConfigurationError(
            "AGENTBOT_FAQ__EMBEDDINGS",
            f"the provider refuses: {error.problem}",
            "check OPENAI_BASE_URL and AGENTBOT_FAQ__EMBEDDING_MODEL, or write local or none",
        ) from error
    return matcher


def uses_vectors(settings: Settings) -> bool:
    """Say whether a match takes milliseconds, or a request, for vectors."""
    return _kind(settings) != "none"


def _kind(settings: Settings) -> str:
    kind = settings.faq.embeddings
    if kind != "auto":
        return kind
    return "local" if are_installed() else "none"


def make_embedder(settings: Settings) -> Embedder | None:
    """Return what turns texts into vectors; None where words alone decide.

    Raises ``ConfigurationError`` where vectors are asked for and cannot be had.
    """
    kind = _kind(settings)
    if kind == "local":
        from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder  # noqa: PLC0415 - see above

        return JoinedEmbedder()
    return _provider_embedder(settings) if kind == "provider" else None


def _provider_embedder(settings: Settings) -> Embedder:
    """Ask the language model's provider, at ``/v1/embeddings``."""
    if not settings.llm_configured:
        raise ConfigurationError(
            "AGENTBOT_FAQ__EMBEDDINGS",
            "provider needs OPENAI_API_KEY or OPENAI_BASE_URL",
            "set one, or write auto, local or none",
        )
    from agentbot.pipeline.faq.embedders.provider import (  # noqa: PLC0415 - it brings openai
        ProviderEmbedder,
    )
    from agentbot.pipeline.provider import OPENAI, proxy_for  # noqa: PLC0415 - it brings openai

    proxy_for(settings.openai_base_url or OPENAI)
    key = settings.openai_api_key
    return ProviderEmbedder(
        model=settings.faq.embedding_model,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
    )


def _default_cache_dir() -> Path:
    """Return the user's cache folder (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "agentbot"
