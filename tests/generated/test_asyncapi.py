"""The description of the realtime surface (``asyncapi.py``): valid, whole, and true of the wire."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from agentbot.papercups import events
from agentbot.papercups.customer import CustomerSession
from agentbot.phoenix.transport import Connection, Listener
from tests.generated import ROOT
from tests.generated.asyncapi import ROWS, Row, frame, schemas
from tests.support import transcripts
from tests.support.npm import installed
from tests.support.transport import DevServerConnector
from tests.support.virtual_account import Agent, VirtualAccount
from tests.support.virtual_time import run_virtual
from tests.test_docs import DESCRIBED, surface

Frame = list[Any]

DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text())


@pytest.fixture(scope="module")
def specification(pytestconfig: pytest.Config) -> Draft7Validator:
    """Return the specification's own schema of version 2.6.0, as its makers publish it."""
    folder = installed(Path(__file__).parent / "web", pytestconfig)
    place = folder / "node_modules" / "@asyncapi" / "specs" / "schemas" / "2.6.0-without-$id.json"
    return Draft7Validator(json.loads(place.read_text()))


def test_the_document_is_valid(specification: Draft7Validator) -> None:
    """By the schema of AsyncAPI 2.6.0, which finds what is wrong with a spoilt one."""
    assert DOCUMENT["asyncapi"] == "2.6.0"
    assert list(specification.iter_errors(DOCUMENT)) == []

    spoilt = copy.deepcopy(DOCUMENT)
    spoilt["channels"]["phoenix"]["publishes"] = spoilt["channels"]["phoenix"].pop("publish")
    assert not specification.is_valid(spoilt)


def test_every_reference_leads_somewhere() -> None:
    """A schema that is named is there, and none is there that nothing names."""
    text = json.dumps(DOCUMENT)
    for kind in ("messages", "schemas"):
        named = {part.partition('"')[0] for part in text.split(f"#/components/{kind}/")[1:]}
        assert named == set(DOCUMENT["components"][kind]), kind


def _kind(topic: str) -> str:
    """Return the topic with its id's name, as the document has it."""
    for row in ROWS:
        start, brace, _ = row.topic.partition("{")
        if brace and topic.startswith("conversation:lobby:") and "lobby" not in row.topic:
            continue
        if topic.startswith(start) if brace else topic == start:
            return row.topic
    return ""


@cache
def _validators() -> dict[str, Draft7Validator]:
    components = {"components": {"schemas": schemas()}}
    return {row.key: Draft7Validator({**frame(row), **components}) for row in ROWS}


def _fits(row: Row, sent: Frame) -> bool:
    return bool(_validators()[row.key].is_valid(sent))


def _unfit(frames: Sequence[Frame], way: str) -> list[Frame]:
    """Return the frames that none of the messages described for their topic and way fits."""
    described: dict[tuple[str, str], list[Row]] = {}
    for row in ROWS:
        if row.way == way:
            described.setdefault((row.topic, row.event), []).append(row)
    return [
        sent
        for sent in frames
        if not any(_fits(row, sent) for row in described.get((_kind(sent[2]), sent[3]), []))
    ]


def _received(name: str) -> Iterator[Frame]:
    for _, event in transcripts.load(name).events:
        if event.get("dir") == "recv":
            yield event["frame"]


@pytest.mark.parametrize("name", transcripts.names())
def test_what_the_real_server_said_is_described(name: str) -> None:
    """Each frame recorded from it, but for what nobody joins and what is no message at all."""
    frames = [sent for sent in _received(name) if _kind(sent[2])]
    raw = [sent for sent in frames if sent[3] == "shout" and "id" not in sent[4]]
    unknown = [sent for sent in frames if sent[3] == "phx_reply" and sent[4]["status"] == "error"]

    assert _unfit([one for one in frames if one not in raw], "subscribe") == []
    assert all(not _unfit([one], "subscribe") for one in unknown)
    assert len(_unfit(raw, "subscribe")) == len(raw)


class _Recording:
    """A connection whose frames are kept, both ways."""

    def __init__(self, connection: Connection, sent: list[Frame]) -> None:
        self._connection = connection
        self._sent = sent

    @property
    def is_writable(self) -> bool:
        return self._connection.is_writable

    def send(self, frames: Sequence[str], /) -> None:
        self._sent += map(json.loads, frames)
        self._connection.send(frames)

    def close(self, code: int = 1000) -> None:
        self._connection.close(code)

    def abort(self) -> None:
        self._connection.abort()


class _Recorder(DevServerConnector):
    """Connections whose frames are kept in ``sent``."""

    def __init__(self, account: VirtualAccount) -> None:
        super().__init__(account.server)
        self.sent: list[Frame] = []

    async def connect(self, url: str, listener: Listener, /) -> Connection:
        return _Recording(await super().connect(url, listener), self.sent)


def _all_that_is_said() -> list[Frame]:
    """Return what a bot and a customer send in one conversation that shows everything."""
    sent: list[Frame] = []

    async def story() -> None:
        account = VirtualAccount()
        recorder = account.connector = _Recorder(account)
        customer = CustomerSession(
            account.customer_rest(), account.account.id,
            connector=recorder, clock=account.server.backend.now, random=lambda: 0.5,
        )  # fmt: skip
        async with Agent(account, account.rest()) as agent, customer:
            [created] = await agent.saw(events.ConversationCreated)
            await customer.rejoin()
            await customer.shout("Hello", metadata={"a": 1})
            customer.seen()
            await _speak(agent, created.conversation_id)
            await asyncio.sleep(40)  # of virtual time: a heartbeat
        sent.extend(recorder.sent)

    run_virtual(story())
    return sent


async def _speak(agent: Agent, conversation_id: str) -> None:
    session = agent.session
    await agent.saw(events.MessageReceived)
    await session.joined(conversation_id)
    session.seen(conversation_id)
    session.shout(conversation_id, "Yes", metadata={"a": 1})
    session.shout(conversation_id, "As its user", as_user=True)
    session.shout(conversation_id, "By mail", via="notification")
    await session.dealt_with(conversation_id)
    await session.dealt_with(conversation_id, via="notification")
    await session.read(conversation_id)


def test_what_we_say_is_described_and_all_that_is_described_is_said() -> None:
    """Each frame of the bot's and of the customer's client fits, and each message has its frame."""
    said = _all_that_is_said()
    left = [
        row
        for row in ROWS
        if row.way == "publish"
        and not any(_kind(one[2]) == row.topic and _fits(row, one) for one in said)
    ]

    assert _unfit(said, "publish") == []
    # Topics that are kept until the connection's end are never left.
    assert {(row.topic.partition(":")[0], row.event) for row in left} <= {
        ("conversation", "phx_leave"), ("room", "phx_leave"),
    }  # fmt: skip


def test_the_public_description_is_covered_channel_by_channel() -> None:
    """All that Papercups' own description names is described here, the same way round."""
    ways = {"→": "publish", "←": "subscribe"}
    ours = {(row.topic, row.way, row.event) for row in ROWS}
    topics = {row.topic for row in ROWS}
    for topic, said in DESCRIBED.items():
        for way, names in said.items():
            for event in names:
                joined = topics - {"phoenix"} if topic == "any" else {topic}
                assert {(one, ways[way], event) for one in joined} <= ours, (topic, event)


def test_the_page_of_the_surface_says_the_same() -> None:
    """Each row of docs/realtime-surface.md is described, and each message has its row."""
    ways = {"→": "publish", "←": "subscribe"}
    page = {
        (topic.strip("` "), ways[row[2]], event.strip("` "))
        for row in surface()
        for topic in row[0].split(",")
        for event in row[1].split(",")
    }
    ours = {(row.topic, row.way, row.event) for row in ROWS}
    on_any = {(way, event) for topic, way, event in page if topic == "any"}

    for topic, way, event in ours:
        start = topic.partition("{")[0]
        on_page = {one for one in page if one[0] in {topic, start}} | {
            (topic, *one) for one in on_any
        }
        known = any((one[1], one[2]) == (way, event) for one in on_page)
        assert known or event in {"phx_reply", "phx_join"}, (topic, way, event)
    described = {(topic.partition("{")[0], way, event) for topic, way, event in ours}
    for topic, going, event in page:
        if topic != "any":
            assert (topic.partition("{")[0], going, event) in described, (topic, going, event)
