"""``doctor`` says ok or FAIL of a language model's server, in whatever shape it answers."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agentbot.cli.doctor import command
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.ops.redaction import use_secrets
from tests.cli.test_commands import agentbot, login
from tests.support.environment import bare_environ
from tests.support.folders import DEFAULT

KEY = "sk-verysecretkey123"
STREAM, JSON = "text/event-stream", "application/json"
Doctored = Callable[..., Awaitable[tuple[int, str]]]
READY = {"role": "assistant", "content": "ready"}


@asynccontextmanager
async def model_server(body: str, *, kind: str, status: int) -> AsyncIterator[str]:
    """Run a server that answers every request with this; yield its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        await reader.readexactly(length)
        said = body.encode()
        writer.write(
            f"HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\nconnection: close\r\n"
            f"content-length: {len(said)}\r\n\r\n".encode()
            + said
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}/v1"


@pytest.fixture
def doctored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Doctored]:
    """Return how to have ``doctor`` look at a model's server: its exit code, and its line on it."""

    async def doctored(body: str, *, kind: str = STREAM, status: int = 200) -> tuple[int, str]:
        papercups = DevServer()
        papercups.seed()
        async with model_server(body, kind=kind, status=status) as model, serve(papercups) as url:
            for name, value in {**login(url), **settings(model)}.items():
                monkeypatch.setenv(name, value)
            code = await command.main(prompts=DEFAULT)
        (line,) = [one for one in capsys.readouterr().out.splitlines() if "language model" in one]
        return code, line

    for name in set(os.environ) - set(bare_environ()):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    yield doctored
    use_secrets(())


def settings(model: str) -> dict[str, str]:
    """Return the environment that names a model's server."""
    return {"OPENAI_BASE_URL": model, "OPENAI_API_KEY": KEY, "AGENTBOT_LLM__TIMEOUT_SECONDS": "5"}


def stream(*events: object, end: str = "data: [DONE]\n\n") -> str:
    """Return a stream of these events."""
    return "".join([*(f"data: {json.dumps(event)}\n\n" for event in events), end])


def chunk(delta: object = None, finish: str | None = None, **choice: object) -> dict[str, object]:
    """Return an event; without a ``delta`` it has none."""
    has = {} if delta is None else {"delta": delta}
    return {"id": "c", "choices": [{"index": 0, "finish_reason": finish, **has, **choice}]}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(
            stream(
                chunk({"content": "ready"}),
                chunk(content_filter_results={}, content_filter_offsets={"check_offset": 3}),
                chunk({}, "stop"),
            ),
            STREAM,
            id="no delta",
        ),
        pytest.param(
            stream(
                {"id": "c", "choices": None, "prompt_filter_results": []},
                chunk({"content": "ready"}, "stop"),
                {"id": "c", "choices": None, "usage": {"prompt_tokens": 5}},
            ),
            STREAM,
            id="choices null",
        ),
        pytest.param(
            stream(
                chunk({"content": [{"type": "text", "text": "rea"}]}),
                chunk({"content": [{"type": "text", "text": "dy"}]}, "stop"),
            ),
            STREAM,
            id="content as a list",
        ),
        pytest.param(
            json.dumps({"id": "c", "choices": [{"message": READY, "finish_reason": "stop"}]}),
            JSON,
            id="one JSON body",
        ),
        pytest.param(
            stream(chunk({"content": "<think>a word</think>ready"}, "stop"), end=""),
            STREAM,
            id="thoughts, and no end mark",
        ),
    ],
)
async def test_an_odd_answer_is_an_answer(doctored: Doctored, body: str, kind: str) -> None:
    """Every field may be missing, null or a list."""
    code, line = await doctored(body, kind=kind)
    assert code == 0
    assert line.startswith("ok   language model: ")
    assert " says 'ready' when asked by words alone" in line


async def test_the_way_in_which_the_form_is_followed_is_told(doctored: Doctored) -> None:
    """Here by a schema: nothing else was tried."""
    said = json.dumps({"action": "answer", "text": "ready"})
    code, line = await doctored(stream(chunk({"content": said}, "stop")))
    assert code == 0
    assert line.startswith("ok   language model: ")
    assert " says 'ready' when asked by a JSON schema" in line


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        pytest.param(
            json.dumps({"error": {"message": "no such model: tea-1", "code": 404}}),
            JSON,
            200,
            "no such model: tea-1",
            id="error with status 200",
        ),
        pytest.param(
            stream({"error": {"message": "quota used up"}}, end=""),
            STREAM,
            200,
            "quota used up",
            id="error in a stream",
        ),
        pytest.param("<html>welcome</html>", "text/html", 200, "", id="a page"),
        pytest.param(stream(chunk({"content": "rea"}), end=""), STREAM, 200, "", id="cut short"),
        pytest.param(stream(end=""), STREAM, 200, "", id="nothing"),
        pytest.param(stream(end="data: {\n\n"), STREAM, 200, "", id="broken JSON"),
        pytest.param("[[]]", JSON, 200, "", id="JSON of another kind"),
    ],
)
async def test_what_is_no_answer_is_named(
    doctored: Doctored, body: str, kind: str, status: int, said: str
) -> None:
    """On one line with its cause, where an exception of the client would end the command."""
    code, line = await doctored(body, kind=kind, status=status)
    assert code == 1
    assert line.startswith("FAIL language model: ")
    assert said in line
    assert len(line) > len("FAIL language model: ")


async def test_each_model_is_asked_whatever_another_says(
    doctored: Doctored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that fails keeps nobody from hearing how those are that would stand in for it."""
    monkeypatch.setenv("AGENTBOT_LLM__FALLBACK_MODELS", "second,third")
    refusal = json.dumps({"error": {"message": "no such model"}})
    code, line = await doctored(refusal, kind=JSON, status=404)
    assert code == 1
    assert line.count("no such model") == 3
    assert "second: " in line
    assert "third: " in line


async def test_a_refusal_that_names_the_key_shows_no_key(tmp_path: Path) -> None:
    """Neither on standard output nor in the log, and there is no traceback."""
    refusal = json.dumps({"error": {"message": f"no such key: {KEY}"}})
    papercups = DevServer()
    papercups.seed()
    async with model_server(refusal, kind=JSON, status=401) as model, serve(papercups) as url:
        ran = await agentbot("doctor", cwd=tmp_path, **login(url), **settings(model))
    assert ran.code == 1, ran.out + ran.err
    assert "FAIL language model: " in ran.out
    assert "no such key: [redacted]" in ran.out
    for text in ("Traceback", KEY):
        assert text not in ran.out + ran.err
