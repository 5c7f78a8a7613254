"""``faq.py``: where vectors are asked for, and with which key."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from agentbot.cli.faq import cache_dir, make_embedder
from agentbot.config import Settings
from agentbot.config.groups import FaqSettings
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.embedders.remembering import RememberingEmbedder

THEIRS = SecretStr("sk-of-the-model")
OWN = SecretStr("sk-of-the-vectors")


@pytest.mark.parametrize(
    ("of_model", "own_url", "own_key", "sent"),
    [
        (True, False, None, "Bearer sk-of-the-model"),
        (True, False, OWN, "Bearer sk-of-the-vectors"),
        (False, True, OWN, "Bearer sk-of-the-vectors"),
        (False, True, None, "Bearer none"),
    ],
    ids=["the model's provider", "with a key of their own", "another provider", "without a key"],
)
async def test_vectors_come_from_the_endpoint_that_is_set(
    *, of_model: bool, own_url: bool, own_key: SecretStr | None, sent: str | None
) -> None:
    """And another provider never gets the language model's key."""
    keys: list[str | None] = []

    async def embeddings(request: Request) -> JSONResponse:
        keys.append(request.headers.get("authorization"))
        texts = json.loads(await request.body())["input"]
        rows = [{"index": place, "embedding": [1.0, 0.0]} for place in range(len(texts))]
        return JSONResponse({"data": rows})

    route = Route("/v1/embeddings", embeddings, methods=["POST"])
    async with serve(DevServer(), extra_routes=[route]) as url:
        settings = Settings(
            openai_api_key=THEIRS,
            openai_base_url=f"{url}/v1" if of_model else "http://127.0.0.1:1/v1",
            faq=FaqSettings(
                embeddings="provider",
                embedding_base_url=f"{url}/v1" if own_url else None,
                embedding_api_key=own_key,
            ),
        )
        embedder = await asyncio.to_thread(make_embedder, settings)  # it reads a package's files
        assert isinstance(embedder, RememberingEmbedder)
        with closing(embedder):
            vectors = await asyncio.to_thread(embedder.embed, ["a", "b"])
    assert vectors.shape == (2, 2)
    assert keys == [sent]
    assert embedder.name.endswith(url.removeprefix("http://"))


def test_a_provider_that_nobody_named_is_none() -> None:
    """The remedy names what may be set."""
    with pytest.raises(ConfigurationError, match="EMBEDDING_BASE_URL"):
        make_embedder(Settings(faq=FaqSettings(embeddings="provider")))


def test_the_key_for_vectors_is_a_secret() -> None:
    """It is kept out of the log, as is a password in the address."""
    faq = FaqSettings(embedding_api_key=OWN, embedding_base_url="http://me:pass-word@h/v1")
    assert {"sk-of-the-vectors", "pass-word"} <= set(Settings(faq=faq).secrets())


def test_a_user_without_a_home_has_a_cache_folder_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Containers run as numbers that no file knows; what cannot be written there is not kept."""

    def nobody_knows() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nobody_knows)
    assert cache_dir(Settings()) == Path("/.cache/agentbot")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")
    assert cache_dir(Settings()) == Path("/var/cache/agentbot")
