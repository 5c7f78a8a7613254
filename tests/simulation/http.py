"""REST between the bots and the server: requests and answers that may be late, or get lost.

A request that nobody waits for any more, because it took too long or its process is dead, is given
up with its connection: Cowboy ends the handler of a request whose connection is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import orjson
from starlette.types import ASGIApp, Message

from tests.simulation.hand import by
from tests.simulation.kernel import Process, give
from tests.simulation.network import LONGEST_DELAY, Weather
from tests.simulation.storage import Tell

_NOTE = ("POST", "/api/messages")
_CONVERSATIONS = "/api/conversations/"


class RestTransport(httpx2.AsyncBaseTransport):
    """Carries the REST of one process to the server and back."""

    def __init__(self, process: Process, world: Process, app: ASGIApp, weather: Weather) -> None:
        self._process = process
        self._world = world
        self._app = app
        self._weather = weather
        self.tell: Tell = lambda _what, _who, _where, _detail: None
        self.conversation_of: Callable[[str], str] = lambda _path: ""
        self._under_way: dict[asyncio.Future[Any], asyncio.Task[Any] | None] = {}

    def close_connections(self) -> None:
        """Give up all that is under way, as when the process is dead; within the longest delay."""
        for done in list(self._under_way):
            self._world.call_later(
                self._weather.random.random() * LONGEST_DELAY, self._give_up, done
            )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request over. Raises ``httpx2.TransportError`` as a network makes it."""
        process, weather = self._process, self._weather
        process.on_attempt("log in" if request.url.path.startswith("/api/session") else "REST")
        done: asyncio.Future[tuple[int, Any, bytes] | Exception] = process.create_future()
        body = await request.aread()
        if not process.operation():
            await done
        name = f"{request.method} {request.url.path}"
        where = self.conversation_of(request.url.path) or _conversation_of(request, body)
        self.tell("rest asked", process.name, where, (request.method, request.url.path))
        self._tell_of_assignment(request, body, where)
        if weather.rest_lost_before:
            weather.rest_lost_before -= 1
            process.kernel.note(process.name, f"{name} lost before")
        else:
            self._under_way[done] = None
            self._world.call_later(weather.delay(), self._arrive, request, body, done)
        timeout = (request.extensions.get("timeout") or {}).get("read")
        if timeout is not None:
            late = httpx2.ReadTimeout("no answer", request=request)
            timer = process.call_later(timeout, give, done, late)
        else:
            timer = None
        try:
            answer = await done
        except asyncio.CancelledError:
            if not process.buried:
                self._world.call_later(weather.delay(), self._give_up, done)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if not process.operation():
            await process.create_future()
        if isinstance(answer, Exception):
            process.kernel.note(process.name, f"{name} {answer!r}")
            self.tell("rest failed", process.name, where, (request.method, request.url.path))
            self._world.call_later(weather.delay(), self._give_up, done)
            raise answer
        self._under_way.pop(done, None)
        status, headers, content = answer
        self.tell("rest answered", process.name, where, (request.method, status))
        process.kernel.note(process.name, f"{name} {status}")
        return httpx2.Response(status, headers=headers, content=content, request=request)

    def _tell_of_assignment(self, request: httpx2.Request, body: bytes, where: str) -> None:
        if request.method == "PUT" and request.url.path.startswith(_CONVERSATIONS):
            changes = orjson.loads(body)["conversation"]
            if "assignee_id" in changes:
                self.tell("assignment asked", self._process.name, where, changes["assignee_id"])

    def _arrive(
        self,
        request: httpx2.Request,
        body: bytes,
        done: asyncio.Future[tuple[int, Any, bytes] | Exception],
    ) -> None:
        if done not in self._under_way:
            return
        with by(self._process.name):
            task = self._world.create_task(_answer(self._app, request, body))
        self._under_way[done] = task
        task.add_done_callback(lambda task: self._back(request, task, done))

    def _give_up(self, done: asyncio.Future[Any]) -> None:
        task = self._under_way.pop(done, None)
        if task is not None:
            task.cancel()

    def _back(
        self,
        request: httpx2.Request,
        task: asyncio.Task[tuple[int, Any, bytes]],
        done: asyncio.Future[tuple[int, Any, bytes] | Exception],
    ) -> None:
        process, weather = self._process, self._weather
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or not process.alive:
            return
        if isinstance(error, ConnectionRefusedError):
            refused = httpx2.ConnectError("connection refused", request=request)
            process.call_later(weather.delay(), give, done, refused)
        elif error is not None:
            raise error
        elif weather.notes_lost_after and (request.method, request.url.path) == _NOTE:
            weather.notes_lost_after -= 1
            process.kernel.note(process.name, "the answer to a note is lost")
        elif weather.addresses_lost_after and _is_address(request):
            weather.addresses_lost_after -= 1
            process.kernel.note(process.name, "the answer to an address is lost")
        elif weather.rest_lost_after:
            weather.rest_lost_after -= 1
            process.kernel.note(process.name, f"{request.method} {request.url.path} lost after")
        else:
            process.call_later(weather.delay(), give, done, task.result())


def _conversation_of(request: httpx2.Request, body: bytes) -> str:
    """Return the id of the conversation that is asked for, or acted on; empty if none is."""
    path = request.url.path
    if path.startswith(_CONVERSATIONS):
        return path.split("/")[3]
    if path != "/api/messages":
        return ""
    if request.method == "GET":
        return str(request.url.params.get("conversation_id", ""))
    return str(orjson.loads(body)["message"]["conversation_id"])


def _is_address(request: httpx2.Request) -> bool:
    return request.method == "PUT" and request.url.path.startswith("/api/customers/")


async def _answer(app: ASGIApp, request: httpx2.Request, body: bytes) -> tuple[int, Any, bytes]:
    """Let the server handle a request; return status, headers and body."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(key.lower(), value) for key, value in request.headers.raw],
        "scheme": "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": ("papercups", 80),
        "client": ("bot", 1),
        "root_path": "",
    }
    status, headers, parts = 500, [], []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], message.get("headers", [])
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, headers, b"".join(parts)
