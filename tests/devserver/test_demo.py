"""The demo's routes are for this machine alone, and their stream brings what happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from agentbot.devserver.demo import KEPT, PENDING, DecisionFeed, demo_routes
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from tests.support.timing import TIMEOUT_SCALE

_GIVE_UP_AFTER = 10.0 * TIMEOUT_SCALE
"""Seconds in which a stream must bring what has been published."""


@dataclass
class Demo:
    """The server with the demo's routes, and a client for them."""

    server: DevServer
    feed: DecisionFeed
    client: httpx2.AsyncClient


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    """Yield a demo that is served."""
    server = DevServer()
    feed = DecisionFeed()
    _, bot, ann = server.seed()
    routes = demo_routes(server, feed, llm="local: tiny", bot=bot, agent=ann, samples=["Hi?"])
    async with (
        serve(server, extra_routes=routes) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        yield Demo(server, feed, client)
        feed.close()


@asynccontextmanager
async def stream(demo: Demo) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
    """Open the stream of events; iterate over pairs of kind and data."""

    async def events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, Any]]:
        kind = ""
        async for line in lines:
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield kind, json.loads(line.removeprefix("data: "))

    async with (
        asyncio.timeout(_GIVE_UP_AFTER),
        demo.client.stream("GET", "/demo/events") as response,
    ):
        lines = response.aiter_lines()
        assert (await anext(lines)).startswith("retry:")
        yield events(lines)


def decision(number: int) -> dict[str, Any]:
    """Return an entry with no more than what must be there."""
    return {"conversation_id": str(number), "message_ids": ["m"], "outcome": "silent"}


async def test_the_page_learns_what_it_needs(demo: Demo) -> None:
    """The page's start: the account, the users, the samples, and whether there is an LLM."""
    config = (await demo.client.get("/demo/config")).json()
    assert config["llm"] == "local: tiny"
    assert config["account"]["company_name"] == "Acme"
    assert config["bot"]["name"] == "Acme Bot"
    assert config["agent"]["password"] == DEMO_PASSWORD
    assert config["samples"] == ["Hi?"]


async def test_the_files_of_the_page(demo: Demo) -> None:
    """Page and files come with their type and a strict policy; nothing else is served."""
    page = await demo.client.get("/")
    script = await demo.client.get("/demo/app.js")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert script.headers["content-type"].startswith("text/javascript")
    assert (await demo.client.get("/demo/..%2Fdemo.py")).status_code == 404
    assert (await demo.client.get("/demo/demo.py")).status_code == 404


@pytest.mark.parametrize("path", ["/", "/demo/config", "/demo/events", "/demo/app.js"])
@pytest.mark.parametrize("host", ["evil.example", "192.0.2.7"])
async def test_another_host_is_refused(demo: Demo, path: str, host: str) -> None:
    """A name that somebody pointed at this machine gets neither page nor password."""
    response = await demo.client.get(path, headers={"host": host})
    assert response.status_code == 403
    assert DEMO_PASSWORD not in response.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/demo/config", "/demo/events"])
async def test_another_site_is_refused(demo: Demo, path: str, site: str) -> None:
    """A page of another site, or on another port, cannot read the password."""
    headers = {"sec-fetch-site": site, "sec-fetch-mode": "cors"}
    assert (await demo.client.get(path, headers=headers)).status_code == 403


async def test_a_link_to_the_page_works(demo: Demo) -> None:
    """The page itself opens from anywhere: it holds nothing."""
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert (await demo.client.get("/", headers=headers)).status_code == 200


async def test_decisions_reach_pages_open_and_new(demo: Demo) -> None:
    """A page gets the latest decisions of before, the oldest first, and then those that come."""
    for number in range(KEPT + 3):
        demo.feed.publish(decision(number))
    async with stream(demo) as events:
        for number in range(3, KEPT + 3):
            assert await anext(events) == ("decision", decision(number))
        demo.feed.publish(decision(999))
        assert await anext(events) == ("decision", decision(999))


async def test_pages_see_where_the_bot_is_at_work(demo: Demo) -> None:
    """One that opens later sees where it still is."""
    demo.feed.work("a", is_at_it=True)
    demo.feed.work("b", is_at_it=True)
    demo.feed.work("a", is_at_it=False)
    async with stream(demo) as events:
        assert await anext(events) == ("work", {"conversation_id": "b", "is_at_it": True})
        demo.feed.work("b", is_at_it=False)
        assert await anext(events) == ("work", {"conversation_id": "b", "is_at_it": False})


async def test_what_agents_hear_is_heard_without_being_there(demo: Demo) -> None:
    """The frames of notification: come along, and nobody becomes present by that."""
    account_id = next(iter(demo.server.store.accounts))
    async with stream(demo) as events:
        frame = {"account_id": account_id}
        customer = (await demo.client.post("/api/customers", json={"customer": frame})).json()
        frame["customer_id"] = customer["data"]["id"]
        made = await demo.client.post("/api/conversations", json={"conversation": frame})
        kind, (_, _, topic, event, payload) = await anext(events)
        assert (kind, topic) == ("frame", f"notification:{account_id}")
        assert event == "conversation:created"
        assert payload == {"id": made.json()["data"]["id"]}
        assert demo.server.backend.presence.state(f"room:{account_id}") == {}


async def test_closing_ends_the_streams(demo: Demo) -> None:
    """After close() streams end, new ones at once, so that the server need not wait."""
    async with stream(demo) as events:
        demo.feed.close()
        assert [event async for event in events] == []
    async with stream(demo) as events:
        assert [event async for event in events] == []


async def test_a_page_that_reads_nothing_is_let_go() -> None:
    """Where too much waits for a page its stream ends; memory stays bounded."""
    feed = DecisionFeed()
    with feed.page() as page:
        for number in range(PENDING + 1):
            feed.publish(decision(number))
        assert [event async for event in page.events()] == []
