"""What every client of the bench does before it listens: log in, and list what it joins."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from urllib.parse import urlsplit

import orjson

from tests.bench.speed.account import EMAIL, NOTIFICATION, PASSWORD, Json


def log_in(url: str) -> tuple[str, Sequence[str]]:
    """Return the socket's address, token included, and the topics to join; for ``url`` http://…"""
    token = ask(url, "POST", "/api/session", {"user": {"email": EMAIL, "password": PASSWORD}})
    topics = [NOTIFICATION]
    after: str | None = "0"
    while after is not None:
        path = f"/api/conversations?status=open&limit=50&after={after}"
        page = ask(url, "GET", path, token=token["data"]["token"])
        topics += [f"conversation:{one['id']}" for one in page["data"]]
        after = page["next"]
    address = f"ws://{urlsplit(url).netloc}/socket/websocket"
    return f"{address}?token={token['data']['token']}&vsn=2.0.0", topics


def join(topic: str, number: int) -> bytes:
    """Return the frame that joins a topic, as JSON."""
    return orjson.dumps([str(number), str(number), topic, "phx_join", {}])


def ask(
    url: str,
    method: str,
    path: str,
    body: object = None,
    *,
    token: str = "",
    timeout: float = 600.0,
) -> Json:
    """Return what the server answers, as JSON. Raises ``OSError`` where it does not answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    try:
        headers = {"Authorization": token} if token else {}
        content = None if body is None else orjson.dumps(body)
        connection.request(method, path, body=content, headers=headers)
        answer: Json = orjson.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


REPLY: Json = {
    "body": "Hello Vera. Thank you for asking about the jade Bergen kettle: number 0 of our shelf. "
    "We are here whenever you are, and happy to tell you more.",
    "type": "bot",
    "metadata": None,
}
"""What clients say that decide nothing: as long as a rule's reply."""


def reply(topic: str) -> bytes:
    """Return the frame of a reply that decides nothing, as JSON."""
    return orjson.dumps(["1", "2", topic, "shout", REPLY])


def seen(topic: str) -> bytes:
    """Return the frame of the receipt that goes before it, as JSON."""
    return orjson.dumps(["1", "3", topic, "messages:seen", {}])
