"""The operator's page: for whoever has its password, and without anybody's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from agentbot.ops.health import build_app
from agentbot.ops.metrics import Metrics
from agentbot.ops.status import LastTurns, status_page
from agentbot.state.store import TurnRecord

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
TOKEN = "hunter2-and-more"


def record(**fields: object) -> TurnRecord:
    """Return a settled turn."""
    known: dict[str, object] = {
        "conversation_id": "c-1",
        "customer_id": "v",
        "message_ids": ("m",),
        "outcome": "replied",
        "reason_code": "rule",
        "reason": "rule 'greeting'",
        "by": "rule",
        "source": "greeting",
        "question": "What did the doctor say?",
        "answer": "Nothing yet.",
        "reply_id": "r",
        "received_at": NOON,
        "settled_at": NOON,
    }
    return TurnRecord(**{**known, **fields})  # type: ignore[arg-type] # as they are named


async def shown(
    turns: LastTurns,
    *,
    auth: tuple[str, str] | None = ("anybody", TOKEN),
    headers: Mapping[str, str] | None = None,
    state: Mapping[str, str] | None = None,
    warnings: Mapping[str, str] | None = None,
) -> httpx2.Response:
    """Return what a browser gets."""
    page = status_page(
        TOKEN,
        turns,
        state=lambda: state or {},
        warnings=lambda: warnings or {},
        about={"mode": "reply"},
    )
    app = build_app(Metrics().registry, dict, status=page)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bot") as client:
        return await client.get("/status", auth=auth, headers=headers)


async def test_it_tells_how_the_bot_is() -> None:
    """And how many turns there were, by their outcome."""
    turns = LastTurns(clock=lambda: NOON)
    turns.settled(record(), 0.123)
    turns.settled(record(outcome="handed_off", by=None, source=None), 2.0)
    answer = await shown(turns)
    assert answer.status_code == 200
    assert "agentbot is <span" in answer.text
    assert ">ready<" in answer.text
    for told in ("greeting", "c-1", "0.12", "handed_off", "2026-11-26 12:00:00"):
        assert told in answer.text


async def test_it_tells_what_is_wrong() -> None:
    """What keeps the bot from answering, and what to look at."""
    state, warnings = {"socket": "not joined"}, {"other_bot": "another <b>bot</b> answers"}
    answer = await shown(LastTurns(clock=lambda: NOON), state=state, warnings=warnings)
    assert "socket: not joined" in answer.text
    assert "another &lt;b&gt;bot&lt;/b&gt; answers" in answer.text
    assert "not ready" in answer.text


async def test_nobodys_words_stand_in_it() -> None:
    """Nor a reason's text, which may be an error's; and no address leads anywhere."""
    turns = LastTurns(clock=lambda: NOON)
    turns.settled(record(source="<script>alert(1)</script>"), 0.1)
    answer = await shown(turns)
    for secret in ("doctor", "Nothing yet", "rule 'greeting'", TOKEN, "<script"):
        assert secret not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("auth", "headers"),
    [
        (None, {}),
        (("agentbot", "wrong"), {}),
        (("agentbot", ""), {}),
        ((TOKEN, ""), {}),
        (None, {"authorization": "Basic %%%"}),
        (None, {"authorization": f"Bearer {TOKEN}"}),
        (None, {"authorization": "Basic"}),
    ],
)
async def test_without_the_password_it_is_not_shown(
    auth: tuple[str, str] | None, headers: Mapping[str, str]
) -> None:
    """The browser asks for it."""
    turns = LastTurns(clock=lambda: NOON)
    turns.settled(record(), 0.1)
    answer = await shown(turns, auth=auth, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert answer.headers["cache-control"] == "no-store"
    assert "greeting" not in answer.text


async def test_without_a_password_there_is_no_page() -> None:
    """By default."""
    transport = httpx2.ASGITransport(app=build_app(Metrics().registry, dict))
    async with httpx2.AsyncClient(transport=transport, base_url="http://bot") as client:
        assert (await client.get("/status")).status_code == 404


async def test_it_grows_no_longer_than_anybody_reads() -> None:
    """The last fifty are kept."""
    now = NOON
    turns = LastTurns(clock=lambda: now)
    for number in range(60):
        now += timedelta(seconds=1)
        turns.settled(record(conversation_id=f"c-{number}"), 0.1)
    text = (await shown(turns)).text
    assert text.count("<td><code>") == 50
    assert "c-59<" in text
    assert "c-9<" not in text
    assert turns.outcomes["replied"] == 60
