"""The load server (`channels.py`, `rest.py`, `load.py`) speaks as recorded, and counts right."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import orjson

from tests.bench.speed.account import EMAIL, NOTIFICATION, PASSWORD, ROOM, Conversation, Json
from tests.bench.speed.channels import Hub, Peer
from tests.bench.speed.load import Counts, Load, Seen, Wanted
from tests.bench.speed.rest import Rest
from tests.bench.speed.wire import TEXT, frames
from tests.support import transcripts

_LOGIN = {"user": {"email": EMAIL, "password": PASSWORD}}


class Ear:
    """One socket of a hub, and what it hears."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._heard = bytearray()
        self._peer = Peer(self._heard.extend)
        hub.peers.add(self._peer)

    def send(self, *frame: object) -> list[Any]:
        """Send a frame; return those that come of it."""
        self._hub.take(self._peer, TEXT, orjson.dumps(frame))
        return self.heard()

    def heard(self) -> list[Any]:
        """Return what has come, once."""
        self._hub.flush()
        return [orjson.loads(data) for _, data in frames(self._heard)]


def recorded(name: str, *, actor: str = "agent") -> Iterator[tuple[str, list[Any]]]:
    """Yield what the recorded server's client has sent and received, in order."""
    for _, event in transcripts.load(name).events:
        if event["actor"] == actor and event["dir"] in ("send", "recv"):
            yield event["dir"], event["frame"]


def form(value: object) -> object:
    """Return what of a value must be as recorded: its keys; of texts and numbers nothing."""
    if isinstance(value, dict):
        return {_kind(key): form(one) for key, one in value.items()}
    if isinstance(value, list):
        return [form(one) for one in value]
    return None


def _kind(key: str) -> str:
    return key.partition(":")[0]


def spoken(frame: list[Any]) -> object:
    """Return what of a frame must be as recorded: topic without its id, event, form of the rest."""
    join_ref, ref, topic, event, payload = frame
    return join_ref, ref, _kind(topic), event, form(payload)


def test_it_greets_an_agent_as_recorded() -> None:
    """The same frames come of the same frames, in the same order."""
    ear = Ear(Hub([]))
    wanted: list[object] = []
    seen: list[object] = []
    for direction, frame in recorded("agent_connects"):
        if direction == "recv":
            wanted.append(spoken(frame))
        else:
            topics = {"notification": NOTIFICATION, "room": ROOM}
            topic = topics.get(_kind(frame[2]), frame[2])
            seen += map(spoken, ear.send(*frame[:2], topic, *frame[3:]))

    assert len(seen) == 7
    assert seen == wanted


def _shouts(*, of_customer: bool) -> list[Any]:
    """Return how the recorded server told the agent of a shout: one frame on each topic."""
    return [
        frame
        for direction, frame in recorded("reply_on_conversation_channel")
        if direction == "recv" and frame[3] == "shout" and ("customer" in frame[4]) is of_customer
    ][:2]


def test_a_customers_shout_is_told_twice_as_recorded() -> None:
    """On the conversation's topic and on the account's."""
    conversation = Conversation(7)
    hub = Hub([conversation])
    ear = Ear(hub)
    ear.send("1", "1", NOTIFICATION, "phx_join", {})
    ear.send("3", "3", conversation.topic, "phx_join", {})

    hub.shout(conversation, conversation.ask(b"m-1", b"Hi", hub.clock.now()))

    heard = ear.heard()
    assert [spoken(one) for one in heard] == [spoken(one) for one in _shouts(of_customer=True)]
    assert heard[0][4] == heard[1][4]
    assert heard[0][4]["body"] == "Hi"


def test_a_bots_shout_comes_back_as_recorded() -> None:
    """As an echo on both topics, and nothing else."""
    conversation = Conversation(7)
    ear = Ear(Hub([conversation]))
    ear.send("1", "1", NOTIFICATION, "phx_join", {})
    ear.send("3", "3", conversation.topic, "phx_join", {})
    said = {"body": "bot without user_id", "type": "bot", "metadata": {"k": "v"}}

    heard = ear.send("3", "4", conversation.topic, "shout", said)

    assert [spoken(one) for one in heard] == [spoken(one) for one in _shouts(of_customer=False)]
    assert {key: heard[0][4][key] for key in said} == said


def test_rest_answers_as_recorded() -> None:
    """The account, and a conversation with its messages."""
    conversation = Conversation(7)
    hub = Hub([conversation])
    rest = Rest(hub, Counts())
    conversation.ask(b"m-1", b"Hi", hub.clock.now())
    conversation.answer("m-2", {"body": "Hello", "metadata": {"k": 1}}, hub.clock.now())
    token = orjson.loads(rest.answer("POST", "/api/session", "", orjson.dumps(_LOGIN))[1])

    for name, path in (
        ("agent_connects", "/api/me"),
        ("agent_connects", "/api/accounts/me"),
        ("agent_connects", "/api/users"),
        ("reply_on_conversation_channel", f"/api/conversations/{conversation.id}"),
    ):
        status, body = rest.answer("GET", path, token["data"]["token"], b"")
        assert status == 200
        assert form(orjson.loads(body)) == form(_recorded_answer(name, path)), path


def _recorded_answer(name: str, path: str) -> object:
    """Return the first answer of the recorded server to such a request, whatever the id."""
    kind = re.sub("[0-9a-f-]{36}", "", path)
    for (_, asked), (_, answer) in pairwise(transcripts.load(name).events):
        if asked.get("method") == "GET" and re.sub("[0-9a-f-]{36}", "", asked["path"]) == kind:
            return answer["body"]
    raise LookupError(path)


def test_whoever_has_not_logged_in_gets_nothing() -> None:
    """Neither by REST nor on a socket; and a token to renew with is good once."""
    rest = Rest(Hub([]), Counts())
    _, body = rest.answer("POST", "/api/session", "", orjson.dumps(_LOGIN))
    renew = orjson.loads(body)["data"]["renew_token"]

    assert rest.answer("GET", "/api/me", "guessed", b"")[0] == 401
    assert not rest.lets_in("guessed")
    assert [rest.answer("POST", "/api/session/renew", renew, b"")[0] for _ in "12"] == [200, 401]


def _said(message_id: str) -> Json:
    return {"body": "Yes.", "metadata": {"agentbot": {"v": 1, "in_reply_to": message_id}}}


async def test_what_is_lost_or_doubled_is_counted() -> None:
    """Two customers: one gets the same answer twice, the other none."""
    conversations = [Conversation(0), Conversation(1)]
    hub = Hub(conversations)
    load = Load(hub, conversations, [b"Hi"], Counts(), patience=0.05)
    ended: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
    load.begin(Wanted(in_flight=2, turns=2), ended.set_result)
    asked = orjson.loads(conversations[0].messages[-1])["id"]

    for _ in range(2):
        hub.say(conversations[0], _said(asked))
    seen = await ended

    assert (seen.turns, seen.lost, seen.doubled) == (1, 1, 1)


async def test_the_next_message_follows_the_answer() -> None:
    """Until as many as were asked for have been written."""
    conversation = Conversation(0)
    hub = Hub([conversation])
    load = Load(hub, [conversation], [b"Hi"], Counts())
    ended: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
    load.begin(Wanted(in_flight=5, turns=3), ended.set_result)
    while not ended.done():
        hub.say(conversation, _said(orjson.loads(conversation.messages[-1])["id"]))

    seen = ended.result()
    assert (seen.turns, seen.lost, seen.doubled) == (3, 0, 0)
    assert conversation.asked == 3


async def test_customers_write_at_their_own_pace_once_a_client_is_there() -> None:
    """Nobody writes before, and none waits for the answers of others."""
    conversations = [Conversation(number) for number in range(5)]
    hub = Hub(conversations)
    load = Load(hub, conversations, [b"Hi"], Counts(), patience=0.05)
    ended: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
    wanted = Wanted(rate=1000.0, seconds=0.02, when_joined=True)

    load.begin(wanted, ended.set_result)
    before = sum(one.asked for one in conversations)
    Ear(hub).send("1", "1", NOTIFICATION, "phx_join", {})
    seen = await ended

    assert before == 0
    assert (seen.turns, seen.lost) == (0, 5)


def test_joins_are_counted_from_the_last_cut() -> None:
    """Those of conversations."""
    conversation = Conversation(3)
    hub = Hub([conversation])
    ear = Ear(hub)
    ear.send("1", "1", ROOM, "phx_join", {})
    ear.send("2", "2", conversation.topic, "phx_join", {})

    assert hub.joins.count == 1
    assert hub.joins.seconds == 0
