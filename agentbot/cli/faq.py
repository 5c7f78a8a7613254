"""The FAQ's search, as the settings want it: words alone, meanings in process, or a provider's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from agentbot.config import Settings
from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.packages import are_installed
from agentbot.pipeline.lean import load_openai

if TYPE_CHECKING:  # they bring numpy along, which a folder without FAQ does not need
    from agentbot.pipeline.faq.embedders import Embedder


def uses_vectors(settings: Settings) -> bool:
    """Say whether a match takes milliseconds, or a request, for vectors."""
    return _kind(settings) != "none"


def _kind(settings: Settings) -> str:
    kind = settings.faq.embeddings
    if kind != "auto":
        return kind
    return "local" if are_installed() else "none"


def are_local(settings: Settings) -> bool:
    """Say whether vectors are made in this process."""
    return _kind(settings) == "local"


def make_embedder(settings: Settings) -> Embedder | None:
    """Return what turns texts into vectors; None where words alone decide.

    Raises ``ConfigurationError`` where vectors are asked for and cannot be had.
    """
    kind = _kind(settings)
    if kind == "local":
        from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder  # noqa: PLC0415 - see above

        return _remembering(JoinedEmbedder(folder=cache_dir(settings)))
    return _remembering(_provider_embedder(settings)) if kind == "provider" else None


def _remembering(embedder: Embedder) -> Embedder:
    """Return one that does not embed a question again: FAQ and pages look for the same."""
    from agentbot.pipeline.faq.embedders.remembering import (  # noqa: PLC0415 - it brings numpy
        RememberingEmbedder,
    )

    return RememberingEmbedder(embedder)


def _provider_embedder(settings: Settings) -> Embedder:
    """Ask the language model's provider, or one for embeddings alone, at ``/v1/embeddings``."""
    base_url, key = settings.faq.embedding_base_url, settings.faq.embedding_api_key
    if base_url is None:
        base_url, key = settings.openai_base_url, key or settings.openai_api_key
    if base_url is None and key is None:
        raise ConfigurationError(
            "AGENTBOT_FAQ__EMBEDDINGS",
            "provider needs OPENAI_API_KEY or OPENAI_BASE_URL, or AGENTBOT_FAQ__EMBEDDING_BASE_URL",
            "set one, or write auto, local or none",
        )
    load_openai()
    from agentbot.pipeline.faq.embedders.provider import (  # noqa: PLC0415 - it brings openai
        ProviderEmbedder,
    )
    from agentbot.pipeline.provider import OPENAI, proxy_for  # noqa: PLC0415 - it brings openai

    proxy_for(base_url or OPENAI)
    return ProviderEmbedder(
        model=settings.faq.embedding_model,
        api_key=key.get_secret_value() if key else None,
        base_url=base_url,
        hides=hides_personal(settings, base_url),
    )


def hides_personal(settings: Settings, url: str | None) -> bool:
    """Say whether the models at an address are shown no personal data; None: OpenAI's own."""
    if settings.llm.mask_local or url is None:
        return True
    from agentbot.pipeline.provider import is_here  # noqa: PLC0415 - it brings openai

    return not is_here(url)


def cache_dir(settings: Settings) -> Path:
    """Return where vectors are kept: else in the user's cache folder (XDG Base Directory)."""
    if settings.faq.cache_dir is not None:
        return settings.faq.cache_dir
    named = os.environ.get("XDG_CACHE_HOME")
    return (Path(named) if named else _home() / ".cache") / "agentbot"


def _home() -> Path:
    """Return the user's folder: / for one who has none, as container engines say it is."""
    try:
        return Path.home()
    except RuntimeError:  # a number that no file knows, and no HOME
        return Path("/")
