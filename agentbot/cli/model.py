"""The language model, as the settings want it: its servers, its limits, and what is spent on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from pydantic import SecretStr

from agentbot.cli.faq import are_local, cache_dir, hides_personal
from agentbot.config import Settings
from agentbot.pipeline.lean import load_openai
from agentbot.pipeline.llm.budget import Budget, Limits
from agentbot.pipeline.llm.chain import Link, ModelChain
from agentbot.pipeline.llm.form import ANSWER_FORM
from agentbot.pipeline.llm.kept_dialect import KeptDialect
from agentbot.pipeline.llm.prices import Prices
from agentbot.pipeline.model_responder import ModelOptions

if TYPE_CHECKING:  # they bring much along that a bot without a model does not need
    from agentbot.pipeline.checks.judging.evidence import States
    from agentbot.pipeline.llm.openai_chat import OpenAIChat


def load_provider(settings: Settings) -> None:
    """Load what a model is asked and checked by, where there is one: .3 s, and 15 MB."""
    if settings.llm_configured:
        load_openai()
        import_module("agentbot.pipeline.checks.checker")


def endpoints(settings: Settings, *, anew: bool = False) -> dict[str, OpenAIChat]:
    """Return the models to ask, by name, in their order; none where the settings name none.

    How they want to be asked is known from the last start; ``anew``: it is found out again.
    Raises ``ConfigurationError`` where the environment names a proxy on the way that is none.
    """
    if not settings.llm_configured:
        return {}
    llm, first = settings.llm, settings.openai_model
    key, url = settings.openai_api_key, settings.openai_base_url
    found = {first: _endpoint(settings, first, key, url, anew=anew)}
    other = llm.fallback_base_url
    if other is not None:  # a key is for the server that it was made for
        key, url = llm.fallback_api_key, other
    for name in llm.fallback_models:
        label = name if name not in found else f"{name} at {url}"
        found[label] = _endpoint(settings, name, key, url, anew=anew)
    return found


def _addresses(settings: Settings) -> tuple[str | None, ...]:
    """Return where the models are served: what one of them may not see is shown to none."""
    own, other = settings.openai_base_url, settings.llm.fallback_base_url
    return (own,) if other is None else (own, other)


def _endpoint(
    settings: Settings, model: str, key: SecretStr | None, url: str | None, *, anew: bool
) -> OpenAIChat:
    from agentbot.pipeline.llm.openai_chat import OpenAIChat  # noqa: PLC0415 - see above
    from agentbot.pipeline.provider import OPENAI, proxy_for  # noqa: PLC0415 - see above

    proxy_for(url or OPENAI)
    llm = settings.llm
    return OpenAIChat(
        model=model,
        api_key=None if key is None else key.get_secret_value(),
        base_url=url,
        form=ANSWER_FORM if llm.structured else None,
        max_tokens=llm.max_tokens,
        attempts=llm.max_attempts,
        first_sign=llm.first_token_seconds,
        rambles=not llm.structured,
        kept=KeptDialect(
            cache_dir(settings),
            base_url=url or OPENAI,
            model=model,
            max_tokens=llm.max_tokens,
            anew=anew,
        ),
    )


def _chain(settings: Settings, found: Mapping[str, OpenAIChat]) -> ModelChain | None:
    links = [Link(name, model) for name, model in found.items()]
    return ModelChain(links, most_at_once=settings.llm.concurrency) if links else None


@asynccontextmanager
async def opened_model(settings: Settings) -> AsyncIterator[ModelChain | None]:
    """Yield the language model that the settings name, and close its connections afterwards.

    None where they name none. Raises ``ConfigurationError`` as `endpoints` does.
    """
    found = endpoints(settings)
    try:
        yield _chain(settings, found)
    finally:
        for model in found.values():
            await model.close()


def model_options(settings: Settings) -> ModelOptions:
    """Return what the model is shown, and what may be spent. Raises ``ConfigurationError``."""
    llm = settings.llm
    limits = Limits(
        day_tokens=llm.day_tokens,
        day_usd=llm.day_usd,
        conversation_tokens=llm.conversation_tokens,
        conversation_usd=llm.conversation_usd,
        customer_tokens=llm.customer_tokens,
        customer_usd=llm.customer_usd,
    )
    return ModelOptions(
        seconds=llm.timeout_seconds,
        history_messages=llm.history_messages,
        history_tokens=llm.history_tokens,
        knowledge_tokens=llm.knowledge_tokens,
        in_form=llm.structured,
        look_ups=llm.look_ups,
        hides_personal=any(hides_personal(settings, url) for url in _addresses(settings)),
        budget=Budget(limits),
        prices=Prices.read(llm.prices_file) if settings.llm_configured else Prices(),
        states=_word_vectors(settings),
    )


def _word_vectors(settings: Settings) -> States | None:
    """Return what the checks of a model's answers compare meanings by; None: words alone."""
    if not settings.llm_configured or not are_local(settings):
        return None
    from agentbot.pipeline.faq.embedders.minilm import (  # noqa: PLC0415 - it brings numpy
        MiniLmEmbedder,
    )

    return MiniLmEmbedder().states
