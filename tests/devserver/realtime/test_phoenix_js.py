"""The reference client, phoenix.js, joins, shouts and sees presence on the devserver."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from tests.support.npm import installed, lacking

SOURCES = Path(__file__).parent / "js"
RUN_TIMEOUT = 60.0
"""Seconds for a script that takes one."""


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


async def test_the_real_client_joins_shouts_and_sees_presence(
    pytestconfig: pytest.Config,
) -> None:
    """Agent and customer meet: joins, presence both ways, a question, a confirmed answer."""
    node = shutil.which("node")
    if node is None:
        lacking("node is not installed")
    folder = installed(SOURCES, pytestconfig)
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
            node, "client.mjs", json.dumps(scene), cwd=folder, within=RUN_TIMEOUT
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
