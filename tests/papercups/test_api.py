"""One HTTP exchange: errors by name, retries where they are safe."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.errors import (
    ApiError,
    ConfigurationError,
    NotFound,
    RateLimited,
    ServerFailed,
    TransportError,
    Unauthenticated,
    Unprocessable,
)
from agentbot.papercups.api import RETRY, ApiOptions
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.responses import request_failed
from agentbot.papercups.url import PapercupsUrl
from tests.support.virtual_time import run_virtual

Answers = Callable[[int], httpx2.Response]

CUSTOMER = {"data": {"id": "c"}}
CONVERSATIONS: dict[str, Any] = {"data": []}


class ScriptedServer:
    """Answers request after request as told, and keeps when they came."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.times: list[float] = []
        self.requests: list[httpx2.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Give the next answer, the last one for ever."""
        self.times.append(asyncio.get_running_loop().time())
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get(self, **retry: Any) -> Any:  # noqa: ANN401 - what the call returns
        """Do an idempotent call; ``retry`` changes the policy."""
        options = ApiOptions(retry=replace(RETRY, **retry))
        return self.run(lambda rest: rest.conversations("a", "c"), options)

    def post(self) -> Any:  # noqa: ANN401 - what the call returns
        """Do a call that must not be repeated."""
        return self.run(lambda rest: rest.create_customer("a", name="Vera"))

    def run(self, call: Callable[[CustomerRest], Any], options: ApiOptions | None = None) -> Any:  # noqa: ANN401 - what the call returns
        """Do a call of a customer's REST, in virtual time."""

        async def main() -> object:
            async with CustomerRest(
                PapercupsUrl("http://server"),
                transport=httpx2.MockTransport(self),
                options=options,
                random=lambda: 0.5,
            ) as rest:
                return await call(rest)

        return run_virtual(main())


def page(status: int = 200) -> httpx2.Response:
    """Return an HTML page, as a proxy sends it."""
    return httpx2.Response(status, html="<html><body>Bad   gateway</body></html>")


def test_each_answer_is_told_with_how_long_it_took_and_whether_the_server_could() -> None:
    """A refusal is an answer like any other; none at all, 5xx and 429 are signs of trouble."""
    told: list[tuple[float, bool]] = []
    options = ApiOptions(
        on_answer=lambda seconds, could: told.append((seconds, could)),
        retry=replace(RETRY, attempts=4),
    )
    server = ScriptedServer(
        page(500),
        httpx2.Response(429, json={}),
        httpx2.ConnectError("refused"),
        httpx2.Response(404, json={"errors": {"detail": "Not Found"}}),
    )
    with pytest.raises(NotFound):
        server.run(lambda rest: rest.conversations("a", "c"), options)
    assert [could for _, could in told] == [False, False, False, True]
    assert [seconds for seconds, _ in told] == [0.0] * 4, "the pauses between them apart"
    assert server.times[-1] > server.times[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "answered 200: answered with an empty body"),
        (b'{"data": {"token": "SFMyNTY', "answered JSON that breaks off, or is none, in 27 bytes"),
        (b"oops", "answered what is no JSON: 'oops'"),
        (b"[5]", "answered JSON of another shape: [5]"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told(content: bytes, said: str) -> None:
    """Nothing is shown of an object that breaks off: a token may stand in it."""
    kind = {"content-type": "application/json"}
    server = ScriptedServer(httpx2.Response(200, content=content, headers=kind))
    with pytest.raises(ServerFailed) as caught:
        server.run(lambda rest: rest.conversations("a", "c"))
    assert str(caught.value).endswith(said)
    assert "SFMy" not in str(caught.value)


def test_what_a_server_says_is_one_line_of_a_bounded_length() -> None:
    """Whatever it holds."""
    body = {"error": {"message": "one\r\ntwo " + 5000 * "x"}}
    server = ScriptedServer(httpx2.Response(404, json=body))
    with pytest.raises(NotFound, match="answered 404: one two x") as caught:
        server.run(lambda rest: rest.conversations("a", "c"))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("status", "body", "error", "text"),
    [
        (401, {"error": {"code": 401, "message": "Not authenticated"}}, Unauthenticated, "Not a"),
        (403, {"error": "no"}, ApiError, "answered 403: no"),
        (404, {"errors": {"detail": "Not Found"}}, NotFound, "answered 404: Not Found"),
        (400, {"errors": {"detail": "Bad Request"}}, NotFound, "answered 400"),
        (422, {"error": {"errors": {"body": ["no"]}, "message": "M"}}, Unprocessable, ": M"),
        (422, {}, Unprocessable, "answered 422"),
        (429, {}, RateLimited, "answered 429"),
        (500, {"errors": {"detail": "Internal"}}, ServerFailed, "answered 500: Internal"),
        (503, ["?"], ServerFailed, "JSON of another shape"),
        (200, ["?"], ServerFailed, "JSON of another shape"),
        (200, {"ok": True}, ServerFailed, "JSON without data"),
        (200, {"data": [{"no": "id"}]}, ServerFailed, "another shape"),
    ],
)
def test_a_status_becomes_a_typed_error(
    status: int, body: object, error: type[ApiError], text: str
) -> None:
    """With method, path and what the server said."""
    server = ScriptedServer(httpx2.Response(status, json=body))
    with pytest.raises(error, match=text) as caught:
        server.get(attempts=1)
    assert type(caught.value) is error
    assert (caught.value.method, caught.value.status) == ("GET", status)
    assert caught.value.path == "/api/conversations/customer"


def test_an_unprocessable_body_tells_the_fields_at_fault() -> None:
    """As the server names them."""
    body = {"error": {"errors": {"conversation_id": ["can't be blank"]}}}
    with pytest.raises(Unprocessable) as caught:
        ScriptedServer(httpx2.Response(422, json=body)).post()
    assert caught.value.errors == {"conversation_id": ["can't be blank"]}


@pytest.mark.parametrize("status", [200, 502])
def test_a_server_that_speaks_html_is_told_so(status: int) -> None:
    """With the start of what it said."""
    with pytest.raises(ServerFailed, match="answered text/html, which is not the Papercups API"):
        ScriptedServer(page(status)).get(attempts=1)


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("https://chat.example.com/api/session?token=secret", "https://chat.example.com"),
        ("/login", "http://server"),
    ],
)
def test_a_redirect_names_the_address_that_is_meant(location: str, place: str) -> None:
    """Not followed, for it would carry a login elsewhere; and no more of it is shown."""
    server = ScriptedServer(httpx2.Response(301, headers={"Location": location}))
    with pytest.raises(ServerFailed) as caught:
        server.get(attempts=1)
    assert caught.value.message == f"sends us to {place}; is that PAPERCUPS_URL?"
    assert len(server.requests) == 1


async def test_an_authority_of_ones_own_is_heeded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SSL_CERT_FILE counts for REST as it does for the socket; what cannot be read is named."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(ConfigurationError, match=r"SSL_CERT_FILE.*No such file"):
        CustomerRest(PapercupsUrl("https://server"))
    monkeypatch.delenv("SSL_CERT_FILE")
    async with CustomerRest(PapercupsUrl("https://server")):
        pass


def test_what_may_be_repeated_is_repeated_with_growing_waits() -> None:
    """Through broken connections, time-outs and 5xx."""
    server = ScriptedServer(
        httpx2.ConnectError("refused"),
        httpx2.ReadTimeout(""),
        page(502),
        httpx2.Response(200, json=CONVERSATIONS),
    )
    assert server.get() == []
    waits = [b - a for a, b in zip(server.times, server.times[1:], strict=False)]
    assert waits == pytest.approx([0.375, 0.75, 1.5])


def test_retrying_ends() -> None:
    """After four attempts, with the last error."""
    server = ScriptedServer(httpx2.ConnectError("refused"))
    with pytest.raises(TransportError, match="http://server: refused"):
        server.get()
    assert len(server.times) == 4
    with pytest.raises(TransportError, match="no answer in time"):
        ScriptedServer(httpx2.ReadTimeout("")).get(attempts=1)
    with pytest.raises(TransportError, match="ReadError"):
        ScriptedServer(httpx2.ReadError("")).get(attempts=1)


@pytest.mark.parametrize(
    ("scheme", "is_told"), [("http", True), ("https", False)], ids=["plain", "TLS"]
)
def test_who_speaks_plainly_to_a_tls_port_is_told_how_to_write_its_address(
    scheme: str, *, is_told: bool
) -> None:
    """Such a server closes the connection, or answers what is no HTTP."""
    request = httpx2.Request("GET", f"{scheme}://server/api")
    said = str(request_failed(request, httpx2.RemoteProtocolError("closed")))
    assert said.startswith(f"{scheme}://server: closed")
    assert said.endswith("its address begins with https://") is is_told


@pytest.mark.parametrize(
    "answer", [httpx2.ReadTimeout(""), page(502), httpx2.Response(429, json={})]
)
def test_a_post_is_never_repeated(answer: httpx2.Response | Exception) -> None:
    """The server may have acted on it before its answer was lost."""
    server = ScriptedServer(answer)
    with pytest.raises((TransportError, ServerFailed, RateLimited)):
        server.post()
    assert len(server.times) == 1


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", 7), ("0", 0.375), ("9999", 60), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.375)],
)
def test_a_429_says_how_long_to_wait(header: str, wait: float) -> None:
    """In seconds, up to a bound and never less than without; a date is not understood."""
    slow_down = httpx2.Response(429, json={}, headers={"Retry-After": header})
    server = ScriptedServer(slow_down, httpx2.Response(200, json=CONVERSATIONS))
    server.get()
    assert server.times[1] - server.times[0] == pytest.approx(wait)


@pytest.mark.parametrize(("rate", "count", "seconds"), [(10, 30, 2), (0.5, 3, 4)])
def test_what_nobody_waits_for_keeps_to_a_rate(rate: float, count: int, seconds: float) -> None:
    """So that catching up does not drown the server; what somebody waits for passes it."""
    server = ScriptedServer(httpx2.Response(200, json=CONVERSATIONS))
    begun: list[float] = []

    async def many(rest: CustomerRest) -> None:
        paced = asyncio.gather(*(rest._body("GET", "/", paced=True) for _ in range(count)))
        await asyncio.gather(*(rest.conversations("a", "c") for _ in range(30)))
        begun.append(asyncio.get_running_loop().time())
        await paced

    server.run(many, ApiOptions(rate=rate))
    assert len(server.times) == count + 30
    assert begun[0] - server.times[0] < 0.1
    assert server.times[-1] - server.times[0] == pytest.approx(seconds, abs=0.2)


def test_an_answer_of_another_shape_is_described_without_what_stands_in_it() -> None:
    """By the first thing that is wrong: customers' words are not for the log."""
    with pytest.raises(ServerFailed) as caught:
        ScriptedServer(httpx2.Response(200, json={"data": {"id": ["secret"], "email": 5}})).post()
    text = str(caught.value)
    assert "POST /api/customers" in text
    assert "'id'" in text
    assert "email" not in text
    assert "secret" not in text
    assert "pydantic" not in text


def test_a_conversation_of_another_shape_is_named_by_its_request() -> None:
    """As every failure is."""
    server = ScriptedServer(httpx2.Response(200, json={"data": {"id": 7}}))
    with pytest.raises(ServerFailed, match="POST /api/conversations"):
        server.run(lambda rest: rest.create_conversation("a", "c"))


def test_an_unprocessable_answer_without_complaints_has_none() -> None:
    """Not every 422 says what it is about."""
    with pytest.raises(Unprocessable) as caught:
        ScriptedServer(httpx2.Response(422, json={"error": "no"})).post()
    assert caught.value.errors == {}


@pytest.mark.parametrize("status", [302, 403, 418])
def test_what_is_said_in_another_language_than_json_still_has_its_status(status: int) -> None:
    """A refusal by a proxy, say: the words of a page are shown, squeezed."""
    kind = ServerFailed if status == 302 else ApiError
    with pytest.raises(kind) as caught:
        ScriptedServer(page(status)).post()
    assert caught.value.status == status
    if status == 302:
        assert "Bad gateway" in str(caught.value)


def test_a_proxy_of_the_machine_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket knows none, and both must take the same way."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def main() -> None:
        server = DevServer()
        account, _, _ = server.seed()
        async with serve(server) as url, CustomerRest(PapercupsUrl.parse(url)) as rest:
            assert (await rest.widget_settings(account.id)).account is not None

    asyncio.run(main())


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_a_page_is_no_answer_of_papercups(status: int) -> None:
    """What these statuses mean, only its own JSON says: a proxy may give them as well."""
    with pytest.raises(ServerFailed) as caught:
        ScriptedServer(page(status)).post()
    assert caught.value.status == status
