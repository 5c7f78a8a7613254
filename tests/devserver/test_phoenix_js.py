"""The reference client (the npm package ``phoenix``) on the devserver, in a process of its own."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer

SOURCES = Path(__file__).parent / "js"
INSTALL_TIMEOUT = 180.0
RUN_TIMEOUT = 60.0


def missing(what: str) -> None:
    """Fail where it must be there, skip aloud elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(f"{what}: the devserver was NOT tried with the real phoenix client")


async def run(*command: str, cwd: Path, within: float) -> tuple[int | None, str, str]:
    """Run a command to its end; return its exit status, output and errors."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(within):
            output, errors = await process.communicate()
    except TimeoutError:
        process.kill()
        output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()


async def install(cache: pytest.Cache) -> Path:
    """Return a folder with the client and its pinned packages, installed once for each pin."""
    pins = (SOURCES / "package.json").read_bytes()
    folder = cache.mkdir(f"phoenix-js-{hashlib.sha256(pins).hexdigest()[:12]}")
    for source in SOURCES.iterdir():
        shutil.copy(source, folder)
    done = folder / "installed"
    if not done.exists():
        npm = shutil.which("npm")
        if npm is None:
            missing("npm is not installed")
        options = ("--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund")
        status, _, errors = await run(
            str(npm), "install", *options, cwd=folder, within=INSTALL_TIMEOUT
        )
        if status != 0:
            missing(f"npm install failed ({errors.strip()[-300:]})")
        done.touch()
    return folder


async def test_the_real_client_joins_shouts_and_sees_presence(
    pytestconfig: pytest.Config,
) -> None:
    """Agent and customer meet: joins, presence both ways, a question, a confirmed answer."""
    node = shutil.which("node")
    if node is None:
        missing("node is not installed")
    assert pytestconfig.cache is not None
    folder = await install(pytestconfig.cache)
    server = DevServer()
    account, bot, _ = server.seed()
    customer = server.store.add_customer({"account_id": account.id, "name": "Vera"})
    conversation = server.store.add_conversation(
        {"account_id": account.id, "customer_id": customer.id}
    )
    async with serve(server) as url:
        scene = {
            "url": url,
            "token": server.backend.tokens.issue(bot.id).token,
            "account_id": account.id,
            "user_id": bot.id,
            "customer_id": customer.id,
            "conversation_id": conversation.id,
        }
        status, output, errors = await run(
            str(node), "client.mjs", json.dumps(scene), cwd=folder, within=RUN_TIMEOUT
        )
    assert status == 0, errors
    seen: dict[str, Any] = json.loads(output)
    assert seen == {
        "joined": {"notification": "ok", "room": "ok", "conversation": "ok"},
        "asked": "question",
        "confirmed": "ok",
        "told": "answer",
        "agents_in_room": [f"user:{bot.id}"],
        "present_after_leave": [f"user:{bot.id}"],
        "vsn": "2.0.0",
    }
    assert [one.body for one in conversation.messages] == ["question", "answer"]
