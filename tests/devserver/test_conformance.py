"""The devserver says what the recorded real server said, frame by frame."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx2
import pytest

from agentbot.devserver.app import create_app
from agentbot.devserver.serve import serve
from tests.support.replay import InProcess, OverTcp, Player, PreparedServer
from tests.support.transcripts import Transcript, load, names

UNMATCHED: dict[str, dict[int, str]] = {
    "rest_listing": {
        57: (
            "the customer's three latest conversations were created in one second, and the real "
            "server sorts by that second alone: PostgreSQL's order of equals follows no rule"
        ),
    },
}
"""Lines that the devserver cannot match, by scenario and line, each with its reason."""

TOKENS = {
    "tokens": {21: "key", 23: "bearer", 25: "key", 27: "renew", 29: "renew"},
}
"""Which token a line uses where it is not the session's access token."""

SERVER_CLOSES = {"idle_close": frozenset({"agent"})}
"""Whose connection the server ends with 1000, of its own accord."""

LATER = 60.0
"""Seconds: after the rejoin, whenever that is in a recording."""


def race(prepared: PreparedServer) -> Callable[[int], None]:
    """Return what brings each race between a shout and a rejoin to its recorded outcome.

    How far the channel gets before the second join ends it cannot follow from the frames before,
    so the fault switch decides: not stored, stored, stamped as well, or heard by all.
    """
    lines = dict(prepared.transcript.events)
    if not any(str(event.get("note", "")).startswith("visitor") for event in lines.values()):
        return lambda _: None

    def before_send(number: int) -> None:
        if (lines[number].get("frame") or [None] * 4)[3] != "shout":
            return
        after = [lines[one] for one in sorted(lines) if one > number]
        note = next(event["note"] for event in after if "note" in event)
        shown = next(event["body"]["data"] for event in after if event.get("dir") == "response")
        stored, echoed, _heard = re.findall(r"\d(?=,|$)", note)
        slow_shout = prepared.server.faults.slow_shout
        if echoed == "1":
            slow_shout(settle=LATER, times=1)
        elif stored == "0":
            slow_shout(store=LATER, times=1)
        elif shown["last_activity_at"] is None:
            slow_shout(stamp=LATER, times=1)
        else:
            slow_shout(broadcast=LATER, times=1)

    return before_send


APPEARS_AFTER = 0.0015
"""Seconds: after the other join, which follows within one, and before anything else."""


def appearance(prepared: PreparedServer) -> None:
    """Bring the race between an agent's two joins to its recorded outcome: not seen at first."""
    if prepared.transcript.name == "joins_pushed_together":
        prepared.server.faults.appear_late(APPEARS_AFTER, times=1)


def player(prepared: PreparedServer, transport: InProcess | OverTcp) -> Player:
    """Return a player with the hints for its transcript."""
    name = prepared.transcript.name
    appearance(prepared)
    return Player(
        prepared=prepared,
        transport=transport,
        tokens=TOKENS.get(name, {}),
        server_closes=SERVER_CLOSES.get(name, frozenset()),
        before_send=race(prepared),
    )


def check(transcript: Transcript, found: list[tuple[int, str]]) -> None:
    """Compare what was found with the table of what is known not to match."""
    known = UNMATCHED.get(transcript.name, {})
    surprises = [f"line {line}: {text}" for line, text in sorted(found) if line not in known]
    assert not surprises, "\n".join(surprises)
    needless = known.keys() - {line for line, _ in found}
    assert not needless, f"lines {sorted(needless)} match now: take them out of UNMATCHED"


@pytest.mark.parametrize("name", names())
async def test_a_transcript_is_matched_in_process(name: str) -> None:
    """Each scenario's frames, answers, refusals and closes come back, on a clock of ours."""
    prepared = PreparedServer(load(name))
    transport = httpx2.ASGITransport(create_app(prepared.server))
    async with httpx2.AsyncClient(transport=transport, base_url="http://devserver") as http:
        found = await player(prepared, InProcess(prepared.server, http)).play()
    check(prepared.transcript, found)


@pytest.mark.parametrize("name", names())
async def test_a_transcript_is_matched_over_tcp(name: str) -> None:
    """The same over real sockets; only time is still ours."""
    prepared = PreparedServer(load(name))
    async with (
        serve(prepared.server) as url,
        httpx2.AsyncClient(base_url=url) as http,
    ):
        found = await player(prepared, OverTcp(prepared.server, http, url)).play()
    check(prepared.transcript, found)


def test_every_entry_of_the_tables_names_a_scenario() -> None:
    """A renamed transcript does not leave a dead entry behind."""
    assert {*UNMATCHED, *TOKENS, *SERVER_CLOSES} <= set(names())
