"""Which language model is asked where things are tried: the settings', a local one, or none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from pydantic import SecretStr

from agentbot.cli.local_llm import serve_local_model
from agentbot.config import Settings

LLM = Literal["auto", "local", "none"]
"""The settings' model where they name one; a real, tiny one on this machine; none."""
_FOR_A_TINY_MODEL = {
    "structured": False,
    "knowledge_tokens": 300,
    "max_tokens": 160,
    "timeout_seconds": 40,
}
"""What the local model can do: it reads 80 tokens a second, and writes sentences, not JSON."""


@asynccontextmanager
async def chosen_llm(settings: Settings, llm: LLM) -> AsyncIterator[tuple[Settings, str]]:
    """Yield the settings with the chosen language model in them, and what to call it."""
    if llm == "local":
        async with serve_local_model() as model:
            changes = {
                "openai_base_url": model.base_url,
                "openai_api_key": SecretStr(model.api_key),
                "openai_model": model.model,
                "llm": settings.llm.model_copy(update=_FOR_A_TINY_MODEL),
            }
            yield settings.model_copy(update=changes), f"local: {model.model}"
    elif llm == "auto" and settings.llm_configured:
        yield settings, f"openai: {settings.openai_model}"
    else:
        changes = {"openai_base_url": None, "openai_api_key": None}
        yield settings.model_copy(update=changes), "none"
