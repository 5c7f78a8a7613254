"""Secrets are planted wherever there is one, and looked for in all that agentbot ever puts out.

Proves ``ops/redaction.py`` in the whole program: every command, the log, metrics, health, the
status page, traces, the journal, its export and its copy. The server of the model quotes the key
that it was sent in its errors, and customers write secrets into the chat.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import yaml
from typer.main import get_command

from agentbot.cli.app import app
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from tests.support.bot_process import BotProcess
from tests.support.environment import bare_environ
from tests.support.folders import folder
from tests.support.stage import LiveStage, reply_to
from tests.support.warm_commands import WARM, Ran

PLANTED = {
    "PAPERCUPS_PASSWORD": "planted-papercups-Wq7Lm2",
    "OPENAI_API_KEY": "sk-planted-model-Zr4Tn8",
    "AGENTBOT_LLM__FALLBACK_API_KEY": "sk-planted-standby-Hy6Vb3",
    "AGENTBOT_FAQ__EMBEDDING_API_KEY": "sk-planted-vectors-Kd9Xc1",
    "AGENTBOT_HTTP__STATUS_TOKEN": "planted-status-Pf5Gj0",
    "AGENTBOT_NOTIFY__URL": "planted-hook-Ua3Se6",
    "SHOP_API_TOKEN": "planted-shop-Mi8Qo4",
}
"""Each secret of the settings by its name, and one that tools.yaml names."""

_TOOL = {
    "name": "order_status",
    "about": "Says how far an order is.",
    "headers": {"Authorization": "Bearer ${SHOP_API_TOKEN}"},
    "allow_http": True,
    "private": True,
    "parameters": {"order": {"about": "Its number.", "pattern": r"\d{6}", "from": "message"}},
    "result": {"status": "status"},
}

_UNUSED = {
    "devserver": "serves until it is stopped, and reads no settings",
    "run": "a process of its own here",
}
"""The commands that are not run below, with the reason."""


class Outside:
    """Model, look-ups, webhook and collector on one port; they keep and quote what they get."""

    def __init__(self) -> None:
        self.heard = b""
        self.traces = b""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request; refuse it with its own headers, unless it is from a tracer."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = [line for line in head.lower().split(b"\r\n") if b"content-length" in line]
            body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
        except asyncio.IncompleteReadError:
            writer.close()
            return
        status, said = "401 No", json.dumps({"error": {"message": f"refused: {head.decode()}"}})
        if b"/v1/traces" in head:
            self.traces += head + body
            status, said = "200 OK", ""
        else:
            self.heard += head + body
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(said)}\r\nconnection: close\r\n\r\n{said}".encode()
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def outside() -> AsyncIterator[tuple[Outside, str]]:
    """Yield the other side, and its address."""
    made = Outside()
    async with await asyncio.start_server(made.answer, "127.0.0.1", 0) as server:
        yield made, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def papercups() -> AsyncIterator[LiveStage]:
    """Yield a stage whose bot logs in with the planted password."""
    server = DevServer()
    account = server.create_account()
    for name in ("bot", "ann"):
        password = PLANTED["PAPERCUPS_PASSWORD"]
        server.create_user(account, email=f"{name}@example.com", password=password, name=name)
    async with serve(server) as url, AsyncExitStack() as stack:
        yield LiveStage(server, url, stack)


def settings(stage: LiveStage, elsewhere: str, tmp_path: Path) -> dict[str, str]:
    """Return settings that use all planted secrets."""
    tools = yaml.safe_dump({"tools": [{**_TOOL, "url": elsewhere + "/orders/{order}"}]})
    rules = (
        "rules:\n  - {id: order, keywords: [order], look_up: order_status, reply: It is sent.}\n"
    )
    prompts = folder(tmp_path, tools=tools, rules=rules)
    return {
        **PLANTED,
        "PAPERCUPS_URL": stage.url,
        "PAPERCUPS_EMAIL": "bot@example.com",
        "OPENAI_BASE_URL": elsewhere + "/v1",
        "AGENTBOT_LLM__FALLBACK_MODELS": "other",
        "AGENTBOT_LLM__FALLBACK_BASE_URL": elsewhere + "/v1",
        "AGENTBOT_LLM__MAX_ATTEMPTS": "1",
        "AGENTBOT_FAQ__EMBEDDINGS": "none",
        "AGENTBOT_NOTIFY__URL": f"{elsewhere}/hooks/{PLANTED['AGENTBOT_NOTIFY__URL']}",
        "AGENTBOT_TRACES__ENDPOINT": elsewhere,
        "AGENTBOT_TRACES__TEXTS": "true",
        "AGENTBOT_PROMPTS_DIR": str(prompts),
        "AGENTBOT_STATE_URL": f"sqlite:///{tmp_path / 'state.db'}",
        "AGENTBOT_REPLY__FIRST_DELAY_SECONDS": "0.05",
        "AGENTBOT_TURNS__IDLE_SECONDS": "0.05",
        "LOG_LEVEL": "debug",
    }


def commands(tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the command lines, with secrets among their arguments too."""
    pasted = f"My key is {PLANTED['OPENAI_API_KEY']}, how long do repairs take?"
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"text": pasted, "faq": None}) + "\n")
    table = tmp_path / "table.csv"
    table.write_text(f"question,answer\n{pasted.replace(',', '')},A kettle.\n")
    (tmp_path / "help").mkdir()
    (tmp_path / "help" / "key.md").write_text(f"# The key\n\n{pasted}\n")
    yield ("check",)
    yield ("doctor",)
    yield ("ask", pasted, "--json")
    yield ("ask", "Where is my order 123456?")
    yield ("chat", "--wait", "0.1")
    yield ("demo", "--once", pasted)
    yield ("eval", "faq", str(questions))
    yield ("faq", "import", str(table))
    yield ("faq", "import", str(tmp_path / "help"), "--pages", str(tmp_path / "pages"))
    yield ("report", "gaps")
    yield ("state", "export")
    yield ("state", "backup", str(tmp_path / "copy.db"))
    yield ("state", "prune", "--days", "1000")
    yield ("state", "forget", "00000000-0000-4000-8000-000000000000")
    yield ("state", "restore", str(tmp_path / "copy.db"))
    yield ("init", "--company", "A", "--prompts", str(tmp_path / "own"))
    yield ("version",)


def leaves(command: Any, words: str = "") -> Iterator[str]:  # noqa: ANN401 - typer's own
    """Yield every command that is no group."""
    inner = getattr(command, "commands", {})
    for name, one in inner.items():
        yield from leaves(one, f"{words} {name}".strip())
    if not inner:
        yield words


def found_in(text: str | bytes) -> list[str]:
    """Return the names of the planted secrets that stand in a text."""
    there = text.decode(errors="replace") if isinstance(text, bytes) else text
    return [name for name, secret in PLANTED.items() if secret in there]


async def conversed(stage: LiveStage, bot: BotProcess, token: str) -> dict[str, str | bytes]:
    """Let customers write secrets and make everything fail; return what can be seen of it."""
    await bot.ready()
    for text in (" ".join(PLANTED.values()), "Where is my order 123456?", "I want a human"):
        customer = await stage.customer()
        await customer.shout(f"How long do repairs take? {text}")
        await reply_to(customer)
    await bot.idle()
    seen: dict[str, str | bytes] = {
        path: (await bot.get(path)).text for path in ("/metrics", "/healthz", "/readyz")
    }
    async with httpx2.AsyncClient(trust_env=False, auth=("", token)) as http:
        page = await http.get(f"{bot.address}/status")
    assert page.status_code == httpx2.codes.OK
    said = [one.metadata for one in stage.server.store.messages.values() if one.type == "bot"]
    return {**seen, "/status": page.text, "metadata": json.dumps(said)}


async def test_no_planted_secret_comes_out_anywhere(tmp_path: Path) -> None:
    """Though all are in use, are quoted by others, and are written by customers."""
    async with outside() as (other, elsewhere), papercups() as stage:
        own = settings(stage, elsewhere, tmp_path)
        bot = await BotProcess.start(own, log=tmp_path / "log", folder=tmp_path)
        try:
            seen = await conversed(stage, bot, PLANTED["AGENTBOT_HTTP__STATUS_TOKEN"])
        finally:
            bot.send(signal.SIGTERM)
            code = await bot.ended()
        seen["log"] = (tmp_path / "log").read_bytes()
        ran: dict[str, Ran] = {}
        for arguments in commands(tmp_path):
            ran[" ".join(arguments)] = one = await asyncio.to_thread(
                WARM.run, *arguments, cwd=tmp_path, environ={**bare_environ(), **own}
            )
            seen[" ".join(arguments)] = one.out + one.err
    seen["traces"] = other.traces
    seen["journal"] = (tmp_path / "state.db").read_bytes()
    seen["copy"] = (tmp_path / "copy.db").read_bytes()

    assert code == 0
    assert {place: names for place, text in seen.items() if (names := found_in(text))} == {}
    # It was no empty trial: they were used, and what holds them otherwise has something to say.
    sent = found_in(other.heard)
    assert {"OPENAI_API_KEY", "AGENTBOT_LLM__FALLBACK_API_KEY", "SHOP_API_TOKEN"} <= set(sent)
    assert "AGENTBOT_NOTIFY__URL" in sent
    assert b"turn.settled" in (tmp_path / "log").read_bytes()
    assert b"Unclosed" not in (tmp_path / "log").read_bytes()
    assert len(other.traces) > 1000
    assert "repairs" in ran["state export"].out
    every = set(leaves(get_command(app)))
    done = {name for name in every if any(f"{line} ".startswith(f"{name} ") for line in ran)}
    assert done | _UNUSED.keys() == every
