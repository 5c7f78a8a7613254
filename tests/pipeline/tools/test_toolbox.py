"""The toolbox: what a look-up gives, how often it asks, and when it lets a host be."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.tools.result import Path
from agentbot.pipeline.tools.tool import Tool, as_text
from agentbot.pipeline.tools.toolbox import LookedUp, Toolbox
from tests.support.timing import within
from tests.support.tools import (
    SECRETS,
    Script,
    facts,
    http,
    read_tools,
    resolving,
    saying,
    serving,
    tool,
)

GOOD = http(b'{"id": "FF123456", "status": "on its way", "margin": 0.8}')


def _here(port: int, **changes: object) -> Tool:
    made = tool()
    assert made.address is not None
    address = replace(made.address, origin=("http", "shop.test", port))
    return replace(made, address=address, private=True, **changes)  # type: ignore[arg-type]


async def look_up(script: Script, **changes: object) -> tuple[LookedUp, list[bytes]]:
    """Look an order up at a server on this machine."""
    resolve, _ = resolving(["127.0.0.1"])
    async with serving(script) as (port, got), within(10):
        toolbox = Toolbox([_here(port, **changes)], SECRETS, resolve=resolve)
        return await toolbox.look_up("order_status", {"order": "FF123456"}), got


async def test_what_is_found_is_kept() -> None:
    """The declared fields, and no other; the secret goes into the header."""
    looked, (request,) = await look_up(saying(GOOD))
    assert (looked.outcome, looked.code) == ("found", "found")
    assert looked.values == {"id": "FF123456", "status": "on its way"}
    assert b"GET /api/orders/FF123456 " in request
    assert b"Bearer s3cret-of-the-shop\r\n" in request
    assert "s3cret" not in repr(looked)


@pytest.mark.parametrize(
    ("answer", "outcome", "code", "asked"),
    [
        (http(b"{}", status="404 Not Found"), "not_found", "not_found", 1),
        (http(b"{}", status="410 Gone"), "not_found", "not_found", 1),
        (http(b"{}", status="401 Unauthorized"), "failed", "refused", 1),
        (http(b"{}", status="403 Forbidden"), "failed", "refused", 1),
        (http(b"{}", status="429 Too Many Requests"), "failed", "rate_limited", 1),
        (http(b"{}", status="418 A Teapot"), "failed", "unexpected", 1),
        (http(b"{}", status="503 Service Unavailable"), "failed", "server", 2),
        (b"", "failed", "connection", 2),
        (http(b"<html>", kind="text/html"), "failed", "unreadable", 1),
        (http(b"not json"), "failed", "unreadable", 1),
        (http(b'{"id": NaN}'), "failed", "unreadable", 1),
        (http(b"[" * 900), "failed", "unreadable", 1),
        (http(b"{}"), "failed", "unexpected", 1),
        (http(b'{"id": {}, "status": "x"}'), "failed", "unexpected", 1),
        (http(b"x" * 100_001), "failed", "too_large", 1),
        (http(b"", "Location: https://evil.example", status="302 F"), "failed", "redirect", 1),
    ],
)
async def test_each_failure_has_its_code(
    answer: bytes, outcome: str, code: str, asked: int
) -> None:
    """What may be over a moment later is asked once more; nothing else is."""
    looked, got = await look_up(saying(answer))
    assert (looked.outcome, looked.code, len(got)) == (outcome, code, asked)
    assert looked.values == {}
    assert looked.problem
    assert "s3cret" not in looked.problem
    assert looked.seconds < 10


async def test_a_second_attempt_may_succeed() -> None:
    """A restarting server is no reason to bother people."""
    looked, got = await look_up(saying(http(b"", status="502 Bad Gateway"), GOOD))
    assert (looked.outcome, len(got)) == ("found", 2)


BUSY = "429 Too Many Requests"


async def test_a_server_that_says_when_is_asked_then() -> None:
    """Within the tool's time; what would be later, or has no time named, ends at once."""
    soon = http(b"", "Retry-After: 1", status=BUSY)
    looked, got = await look_up(saying(soon, GOOD), seconds=5.0)
    assert (looked.outcome, len(got)) == ("found", 2)
    assert looked.seconds >= 1
    later = http(b"", "Retry-After: 5", status="503 Service Unavailable")
    for answer, code in ((later, "server"), (http(b"", status=BUSY), "rate_limited")):
        looked, got = await look_up(saying(answer, GOOD), seconds=5.0)
        assert (looked.code, len(got)) == (code, 1)
        assert looked.seconds < 4


async def test_each_look_up_is_reported() -> None:
    """Which tool, what came of it, and how long it took."""
    reported: list[tuple[str, str, float]] = []
    resolve, _ = resolving(["127.0.0.1"])
    answers = saying(GOOD, http(b"{}", status="404 Not Found"))
    async with serving(answers) as (port, _), within(10):
        toolbox = Toolbox(
            [_here(port)], SECRETS, resolve=resolve, report=lambda *one: reported.append(one)
        )
        for _ in range(2):
            await toolbox.look_up("order_status", {"order": "FF123456"})
    assert [one[:2] for one in reported] == [
        ("order_status", "found"),
        ("order_status", "not_found"),
    ]
    assert all(seconds > 0 for *_, seconds in reported)


async def test_a_post_is_sent_once() -> None:
    """Its first one may have arrived."""
    looked, got = await look_up(saying(http(b"", status="502 Bad Gateway")), method="POST")
    assert (looked.code, len(got)) == ("server", 1)


async def test_json_has_other_names_too() -> None:
    """``application/problem+json`` and the like."""
    body = b'{"id": 1, "status": "x"}'
    looked, _ = await look_up(saying(http(body, kind="application/hal+json; charset=utf-8")))
    assert looked.values == {"id": "1", "status": "x"}


async def test_a_slow_drip_ends_in_time() -> None:
    """Each byte in time does not make the whole."""

    async def drip(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    looked, _ = await look_up(drip, seconds=0.3)
    assert (looked.outcome, looked.code) == ("timed_out", "timeout")
    assert looked.problem == "gave no answer within 0.3 s"
    assert looked.seconds < 2


async def test_a_name_server_that_does_not_answer_ends_in_time_too() -> None:
    """Nothing is waited for longer than the tool's time."""

    async def resolve(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    toolbox = Toolbox([replace(tool(), seconds=0.1)], SECRETS, resolve=resolve)
    async with within(5):
        looked = await toolbox.look_up("order_status", {"order": "FF123456"})
    assert looked.outcome == "timed_out"


async def test_a_value_that_cannot_stand_in_the_path_is_not_sent() -> None:
    """As where a parameter has no pattern."""
    looked, got = await look_up(saying(GOOD))
    resolve, asked = resolving(["127.0.0.1"])
    toolbox = Toolbox([tool()], SECRETS, resolve=resolve)
    looked = await toolbox.look_up("order_status", {"order": "../admin"})
    assert (looked.outcome, looked.code) == ("failed", "value")
    assert asked == []
    assert len(got) == 1


async def test_a_host_that_fails_in_a_row_is_let_be() -> None:
    """Customers are not kept waiting for it; a good answer in between starts anew."""
    resolve, _ = resolving(["127.0.0.1"])
    bad = http(b"", status="500 Oh")
    async with serving(saying(bad, bad, GOOD, bad)) as (port, got), within(20):
        toolbox = Toolbox([_here(port, method="POST")], SECRETS, resolve=resolve)
        codes = [(await toolbox.look_up("order_status", {"order": "FF1"})).code for _ in range(10)]
    assert codes == ["server", "server", "found", *["server"] * 5, "let_be", "let_be"]
    assert len(got) == 8


async def test_a_host_that_was_let_be_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once after a while: if it fails, it is let be again at once; if not, all is well."""
    monkeypatch.setattr("agentbot.pipeline.tools.toolbox._REST_SECONDS", 0.3)
    resolve, _ = resolving(["127.0.0.1"])
    bad = http(b"", status="500 Oh")
    async with serving(saying(*[bad] * 6, GOOD, bad)) as (port, got), within(20):
        toolbox = Toolbox([_here(port, method="POST")], SECRETS, resolve=resolve)

        async def codes(count: int) -> list[str]:
            looked = [await toolbox.look_up("order_status", {"order": "F1"}) for _ in range(count)]
            return [one.code for one in looked]

        assert await codes(6) == [*["server"] * 5, "let_be"]
        await asyncio.sleep(0.35)
        assert await codes(2) == ["server", "let_be"]
        await asyncio.sleep(0.35)
        assert await codes(3) == ["found", "server", "server"]
    assert len(got) == 9


async def test_a_host_that_does_not_answer_in_time_is_let_be_too() -> None:
    """Nobody else waits for it."""

    async def never(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)

    resolve, _ = resolving(["127.0.0.1"])
    async with serving(never) as (port, _), within(20):
        toolbox = Toolbox([_here(port, seconds=0.05)], SECRETS, resolve=resolve)
        codes = [(await toolbox.look_up("order_status", {"order": "F1"})).code for _ in range(6)]
    assert codes == [*["timeout"] * 5, "let_be"]


async def test_a_second_attempt_is_made_only_where_there_is_time_for_one() -> None:
    """The customer waits no longer for it than for the first."""
    looked, got = await look_up(saying(http(b"", status="502 Bad Gateway")), seconds=0.4)
    assert (looked.code, len(got)) == ("server", 1)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("application/json", "found"),
        ("application/vnd.shop+json", "found"),
        ("application/xml", "unreadable"),
        ("text/x+json", "unreadable"),
        ("", "unreadable"),
    ],
)
async def test_only_json_is_read(kind: str, code: str) -> None:
    """By what the answer says of itself."""
    looked, _ = await look_up(saying(http(b'{"id": 1, "status": "x"}', kind=kind)))
    assert looked.code == code


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"orders": [], "id": 1, "status": "x"}', "not_found"),
        (b'{"orders": [0], "id": 1, "status": "x"}', "not_found"),
        (b'{"orders": [{"id": 1}], "id": 1, "status": "x"}', "found"),
    ],
)
async def test_an_answer_may_say_that_there_is_none(body: bytes, outcome: str) -> None:
    """With status 200, as searches do."""
    looked, _ = await look_up(saying(http(body)), found=Path.parse("orders.0"))
    assert looked.outcome == outcome
    assert looked.problem == ("" if outcome == "found" else "answered that there is none")


async def test_only_so_many_are_under_way_at_once() -> None:
    """The others wait for their turn, in their own time."""
    under_way = most = 0

    async def slow(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.05)
        under_way -= 1
        writer.write(GOOD)
        await writer.drain()

    resolve, _ = resolving(["127.0.0.1"])
    async with serving(slow) as (port, _), within(20):
        toolbox = Toolbox([_here(port)], SECRETS, resolve=resolve)
        asked = (toolbox.look_up("order_status", {"order": f"FF{n}"}) for n in range(30))
        looked = await asyncio.gather(*asked)
    assert {one.outcome for one in looked} == {"found"}
    assert most == 20


async def test_a_post_tells_its_parameters_in_json() -> None:
    """What has no value is left out."""
    (made,), _ = read_tools(
        """
        tools:
          - name: stock
            about: How many there are.
            method: POST
            url: http://shop.test/q
            allow_http: true
            body: {article: 'no-{article}', colour: '{colour}', kind: stock}
            parameters:
              article: {pattern: '[0-9"]+'}
              colour: {required: false}
            result: {left: {path: left, type: integer}}
        """
    )
    resolve, _ = resolving(["127.0.0.1"])
    bodies: list[bytes] = []

    async def read(request: bytes, writer: asyncio.StreamWriter) -> None:
        bodies.append(request.partition(b"\r\n\r\n")[0])
        writer.write(http(b'{"left": 3}'))
        await writer.drain()

    async with serving(read) as (port, _), within(5):
        assert made.address is not None
        address = replace(made.address, origin=("http", "shop.test", port))
        here = replace(made, address=address, private=True)
        looked = await Toolbox([here], {}, resolve=resolve).look_up("stock", {"article": '7"'})
    assert looked.values == {"left": 3}
    length = len('{"article":"no-7\\"","kind":"stock"}')
    assert f"content-length: {length}".encode() in bodies[0].lower()


def test_arguments_come_from_who_asks_or_their_source() -> None:
    """What is said wins; what is nowhere is missing."""
    made = tool()
    assert made.arguments({"order": "ff123456"}, facts("FF999999")) == {"order": "ff123456"}
    assert made.arguments({"order": ""}, facts("FF999999")) == {"order": "FF999999"}
    with pytest.raises(ValueError, match="order is not known"):
        made.arguments({}, facts("hello"))
    with pytest.raises(ValueError, match="does not fit"):
        made.arguments({"order": "x"}, facts("FF999999"))


def test_a_missing_secret_is_told_when_the_toolbox_is_made() -> None:
    """And not when the first customer waits."""
    with pytest.raises(ConfigurationError, match="SHOP_TOKEN is not set"):
        Toolbox([tool()], {})
    assert Toolbox([tool()], SECRETS).secrets == ("s3cret-of-the-shop",)


def test_values_stand_in_urls_as_json_has_them() -> None:
    """A yes is ``true``."""
    assert [as_text(value) for value in ("a", 1, 1.5, True)] == ["a", "1", "1.5", "true"]


async def test_each_host_is_reached_once() -> None:
    """Two tools of one host are no reason to connect twice."""
    resolve, asked = resolving(["127.0.0.1"])
    async with serving(saying(GOOD)) as (port, got), within(5):
        one = _here(port)
        toolbox = Toolbox([one, replace(one, name="other")], SECRETS, resolve=resolve)
        assert await toolbox.reach() == ("shop.test",)
    assert asked == [f"shop.test:{port}"]
    assert got == []
