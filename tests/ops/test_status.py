"""The operator's page: for whoever has its password, and without anybody's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from structlog.testing import capture_logs

from agentbot.ops.guesses import FREE, Guesses
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


class Browser:
    """A browser with no cookies yet, at a page whose clock the test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0
        guesses = Guesses(clock=lambda: self.now, mark="marked")
        turns = LastTurns(clock=lambda: NOON)
        page = status_page(TOKEN, turns, state=dict, warnings=dict, about={}, guesses=guesses)
        self._app = build_app(Metrics().registry, dict, status=page)

    async def get(
        self, password: str | None, *, base: str = "http://bot", **cookies: str
    ) -> httpx2.Response:
        """Return the page for this password; None: for none."""
        transport = httpx2.ASGITransport(app=self._app, client=("10.0.0.7", 4711))
        async with httpx2.AsyncClient(transport=transport, base_url=base, cookies=cookies) as one:
            auth = None if password is None else ("anybody", password)
            return await one.get("/status", auth=auth)


async def test_wrong_passwords_slow_guessing_down() -> None:
    """The next one is not looked at for some time, and the operator hears of it."""
    browser = Browser()
    codes = [(await browser.get("wrong")).status_code for _ in range(FREE)]
    with capture_logs() as lines:
        codes.append((await browser.get("wrong")).status_code)
    assert codes == [401] * (FREE + 1)
    (line,) = lines
    assert line["event"] == "status.guessed"
    assert (line["wrong"], line["pause"], line["last_by"]) == (FREE + 1, 1.0, "10.0.0.7")

    refused = await browser.get("wrong")

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["cache-control"] == "no-store"
    browser.now += 1.0
    assert (await browser.get("wrong")).status_code == 401
    browser.now += 0.5
    assert (await browser.get("wrong")).headers["retry-after"] == "2"  # of 1.5: rather too late


async def test_in_a_pause_the_right_password_is_refused_too() -> None:
    """Or it would be told from the wrong ones; afterwards it opens the page."""
    browser = Browser()
    for _ in range(FREE + 1):
        await browser.get("wrong")

    right, wrong = await browser.get(TOKEN), await browser.get("wrong")

    assert right.status_code == wrong.status_code == 429
    assert (right.text, right.headers) == (wrong.text, wrong.headers)
    browser.now += 1.0
    assert (await browser.get(TOKEN)).status_code == 200


async def test_who_has_known_the_password_is_not_kept_out_by_strangers() -> None:
    """Their browser keeps a mark, which opens nothing by itself."""
    browser = Browser()
    cookie = (await browser.get(TOKEN)).headers["set-cookie"]
    assert cookie == "agentbot_status=marked; HttpOnly; Path=/status; SameSite=strict"
    for _ in range(FREE + 1):
        await browser.get("wrong")

    assert (await browser.get(TOKEN)).status_code == 429
    assert (await browser.get(TOKEN, agentbot_status="marked")).status_code == 200
    assert (await browser.get(None, agentbot_status="marked")).status_code == 401
    codes = [
        (await browser.get("wrong", agentbot_status="marked")).status_code for _ in range(FREE + 2)
    ]
    assert codes == [401] * (FREE + 1) + [429]


async def test_over_tls_the_mark_goes_by_tls_alone() -> None:
    """As a proxy may serve the page."""
    cookie = (await Browser().get(TOKEN, base="https://bot")).headers["set-cookie"]
    assert cookie.endswith("; Secure")


async def test_a_request_without_a_password_guesses_nothing() -> None:
    """A browser's first one has none."""
    browser = Browser()
    for _ in range(FREE + 3):
        assert (await browser.get(None)).status_code == 401
    assert (await browser.get(TOKEN)).status_code == 200
