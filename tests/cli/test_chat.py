"""``agentbot chat``: what is typed is said, what is answered is printed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from agentbot.cli.chat import _account, _typed
from agentbot.config import Settings
from agentbot.devserver.demo import DecisionFeed, demo_routes
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.errors import ConfigurationError, LoginRefused
from agentbot.papercups.url import PapercupsUrl
from tests.support.environment import bare_environ
from tests.support.stage import eventually
from tests.support.timing import within

_GIVE_UP_AFTER = 60.0
"""Seconds, scaled: a process starts, and talks to a server beside it."""


@pytest.fixture
def server() -> DevServer:
    """Return the server, with the demo's account on it."""
    server = DevServer()
    server.seed()
    return server


@pytest.fixture
async def url(server: DevServer) -> AsyncIterator[str]:
    """Yield the URL at which the server listens."""
    async with serve(server) as url:
        yield url


async def _start(
    folder: Path, url: str, *options: str, stdin: int = asyncio.subprocess.PIPE
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agentbot", "chat", *options),
        cwd=folder,
        env={
            **bare_environ(),
            "PAPERCUPS_URL": url,
            "PAPERCUPS_EMAIL": "bot@example.com",
            "PAPERCUPS_PASSWORD": DEMO_PASSWORD,
        },
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _ann_posts(url: str, path: str, body: object) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
        login = {"user": {"email": "ann@example.com", "password": DEMO_PASSWORD}}
        token = (await client.post("/api/session", json=login)).json()["data"]["token"]
        return await client.post(path, json=body, headers={"Authorization": token})


async def _ann_says(url: str, conversation_id: str, body: str) -> None:
    message = {"body": body, "conversation_id": conversation_id}
    await _ann_posts(url, "/api/messages", {"message": message})


async def _ann_begins(url: str, customer_id: str | None, body: str) -> str:
    conversation = {"customer_id": customer_id, "message": {"body": body}}
    answer = await _ann_posts(url, "/api/conversations", {"conversation": conversation})
    begun: str = answer.json()["data"]["id"]
    return begun


async def test_what_is_typed_is_said_and_what_is_answered_is_printed(
    server: DevServer, url: str, tmp_path: Path
) -> None:
    """At the end of its input it waits for the answer to what was said last; exit 0."""
    window = await _start(tmp_path, url, "--name", "Vera")
    async with within(_GIVE_UP_AFTER):
        assert window.stdin is not None
        window.stdin.write(b"\nIs anybody there?\n")
        await eventually(lambda: server.store.messages)
        (said,) = server.store.messages.values()
        window.stdin.close()
        await _ann_says(url, said.conversation_id, "I am: Ann.")
        out, err = await window.communicate()
    assert out.decode() == "Ann: I am: Ann.\n"
    assert window.returncode == 0, err.decode()
    assert said.body == "Is anybody there?"
    (customer,) = server.store.customers.values()
    assert customer.fields["name"] == "Vera"


async def test_what_is_answered_does_not_move_the_terminal(
    server: DevServer, url: str, tmp_path: Path
) -> None:
    """What a terminal would obey is written out; what people write stays, and its lines."""
    window = await _start(tmp_path, url)
    async with within(_GIVE_UP_AFTER):
        assert window.stdin is not None
        window.stdin.write(b"Is anybody there?\n")
        await eventually(lambda: server.store.messages)
        (said,) = server.store.messages.values()
        window.stdin.close()
        await _ann_says(url, said.conversation_id, "Ja \x1b[31mrot\x1b]0;title\x07,\r\nschön 👍")
        out, _ = await window.communicate()
    assert out.decode() == "Ann: Ja \\u001b[31mrot\\u001b]0;title\\u0007,\nschön 👍\n"


async def test_a_conversation_that_an_agent_begins_is_shown(
    server: DevServer, url: str, tmp_path: Path
) -> None:
    """The window goes over to it, and says so beside the messages."""
    window = await _start(tmp_path, url, "--name", "Vera")
    async with within(_GIVE_UP_AFTER):
        assert window.stdin is not None
        window.stdin.write(b"Is anybody there?\n")
        await eventually(lambda: server.store.messages)
        (said,) = server.store.messages.values()
        begun = await _ann_begins(url, said.customer_id, "Your parcel is here.")
        await _ann_says(url, begun, "Will you fetch it?")
        window.stdin.close()
        out, err = await window.communicate()
    assert out.decode().splitlines() == ["Ann: Your parcel is here.", "Ann: Will you fetch it?"]
    assert f"conversation {begun}: begun by an agent" in err.decode()
    assert window.returncode == 0


async def test_no_answer_is_a_failure_that_a_script_can_tell(url: str, tmp_path: Path) -> None:
    """One line, exit 1."""
    window = await _start(tmp_path, url, "--wait", "0.1")
    async with within(_GIVE_UP_AFTER):
        out, err = await window.communicate(b"Is anybody there?\n")
    assert out == b""
    assert err.decode().splitlines()[-1] == "agentbot: no answer within 0.1 s"
    assert window.returncode == 1


async def test_bytes_that_are_no_text_are_said_as_such(
    server: DevServer, url: str, tmp_path: Path
) -> None:
    """A file of another encoding is piped in: what can be read of it is said."""
    window = await _start(tmp_path, url, "--wait", "0.1")
    async with within(_GIVE_UP_AFTER):
        await window.communicate(b"caf\xe9?\n")
    (said,) = server.store.messages.values()
    assert said.body == "caf\ufffd?"


async def test_an_input_that_cannot_be_read_ends_the_chat(url: str, tmp_path: Path) -> None:
    """It may be open for writing alone: place and remedy are told."""
    unread = os.open(tmp_path / "unread", os.O_WRONLY | os.O_CREAT)
    window = await _start(tmp_path, url, "--wait", "0.1", stdin=unread)
    os.close(unread)
    async with within(_GIVE_UP_AFTER):
        _, err = await window.communicate()
    assert "standard input: cannot be read: Bad file descriptor (pipe text into it)" in err.decode()
    assert window.returncode == 78


async def test_an_input_that_is_closed_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service manager may have closed it."""
    monkeypatch.setattr(sys, "stdin", None)
    async with within(_GIVE_UP_AFTER):
        assert [line async for line in _typed()] == []


async def test_an_account_that_is_not_there_is_named(url: str, tmp_path: Path) -> None:
    """The option, and not the way to the server, is what to look at."""
    window = await _start(tmp_path, url, "--account", "nope")
    async with within(_GIVE_UP_AFTER):
        _, err = await window.communicate(b"")
    assert f"agentbot: --account: {url} knows no account 'nope'" in err.decode()
    assert window.returncode == 78


async def test_that_it_takes_a_moment_is_shown_and_is_no_answer(
    server: DevServer, url: str, tmp_path: Path
) -> None:
    """The answer itself is waited for."""
    window = await _start(tmp_path, url, "--wait", "1")
    async with within(_GIVE_UP_AFTER):
        assert window.stdin is not None
        window.stdin.write(b"Is anybody there?\n")
        await eventually(lambda: server.store.messages)
        (said,) = server.store.messages.values()
        holding = {"v": 1, "holding": said.id}
        message = {"body": "One moment.", "type": "bot", "metadata": {"agentbot": holding}}
        where = {"conversation_id": said.conversation_id}
        await _ann_posts(url, "/api/messages", {"message": message | where})
        window.stdin.close()
        out, err = await window.communicate()
    assert out.decode().endswith(": One moment.\n")
    assert err.decode().splitlines()[-1] == "agentbot: no answer within 1 s"
    assert window.returncode == 1


async def test_the_demo_needs_no_login(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody knows its password: it says itself whose account it has. Another server does not."""
    server = DevServer()
    account, bot, ann = server.seed()
    routes = await asyncio.to_thread(  # it reads the folder of the page
        lambda: demo_routes(server, DecisionFeed(), llm="none", bot=bot, agent=ann, samples=[])
    )
    async with serve(server, extra_routes=routes) as url, serve(DevServer()) as other:
        for password in (None, SecretStr("wrong")):
            known = Settings(papercups_email=bot.email, papercups_password=password)
            settings = known.model_copy(update={"papercups_url": url})
            assert await _account(settings, PapercupsUrl.parse(url)) == account.id
            settings = known.model_copy(update={"papercups_url": other})
            with pytest.raises(LoginRefused if password else ConfigurationError):
                await _account(settings, PapercupsUrl.parse(other))
    assert capsys.readouterr().err.count("note: --account takes the account's id") == 2
