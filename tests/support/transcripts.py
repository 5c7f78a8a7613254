"""The recorded transcripts of the real server: reading them, and comparing with a replay.

A transcript is a list of events, one JSON object a line: what was sent, what came, and when, in
milliseconds; its first line says what it is about. Its UUIDs are handed to the server under test
in the order in which the recording shows them, so they must come back exactly; refs of presences,
tokens and cursors are mapped one to one; times must have the recorded form and be the recorded
time, give or take a second.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parent.parent / "transcripts"
TOLERANCE = timedelta(seconds=1)
"""Recorded times are whole seconds: a replay may fall into the one beside it."""

_NAIVE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_ZULU = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_UNIX = re.compile(r"\d{10}")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Transcript:
    """One scenario. Line numbers start at 1; line 1 says what it is about."""

    name: str
    events: list[tuple[int, Json]]

    def objects(self) -> Iterator[tuple[int, Json]]:
        """Yield every object on the wire, with the milliseconds of its event, in order."""
        for _, event in self.events:
            if event.get("dir") in ("response", "recv"):
                for found in _objects(event.get("body") or event.get("frame")):
                    yield event["ms"], found


def names() -> list[str]:
    """Return the names of all scenarios."""
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def load(name: str) -> Transcript:
    """Return the scenario ``name``."""
    lines = (FOLDER / f"{name}.jsonl").read_bytes().splitlines()
    return Transcript(name, [(n, orjson.loads(line)) for n, line in enumerate(lines, 1) if n > 1])


def _objects(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _objects(one)
    elif isinstance(value, list):
        for one in value:
            yield from _objects(one)


@dataclass(slots=True)
class Cast:
    """Who and what a transcript is about, as far as it was there before the first line."""

    account_id: str = ""
    company_name: str = "Acme Support"
    user_id: int = 1
    email: str = "agent@example.com"
    user_created_at: datetime | None = None
    start: datetime = datetime(2026, 11, 22, tzinfo=UTC)
    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The UUIDs of each kind in the order in which they appear."""


_KINDS = {"personal_api_key": "api_key"}


def cast_of(transcript: Transcript) -> Cast:
    """Return what the server must know before the replay begins."""
    cast = Cast()
    starts: list[datetime] = []
    refs: set[str] = set()
    for ms, found in transcript.objects():
        kind = found.get("object")
        cast.account_id = cast.account_id or str(found.get("account_id") or "")
        if "inbox_id" in found:
            _note(cast, "inbox", found["inbox_id"])
        if kind == "user":
            cast.user_id, cast.email = found["id"], found["email"]
            cast.user_created_at = _time(found["created_at"])
        if "online_at" in found and found["phx_ref"] not in refs:
            refs.add(found["phx_ref"])
            online = datetime.fromtimestamp(int(found["online_at"]), UTC)
            starts.append(online - timedelta(milliseconds=ms))
        if "user_id" in found and isinstance(found["user_id"], int):
            cast.user_id = found["user_id"]
        if "email" in found and "role" in found:
            cast.email = found["email"]
        if isinstance(kind, str) and "id" in found and isinstance(found["id"], str):
            new = _note(cast, _KINDS.get(kind, kind), found["id"])
            if new and kind in ("message", "conversation", "customer", "tag", "widget_settings"):
                starts.append(_time(found["created_at"]) - timedelta(milliseconds=ms))
    for _, event in transcript.events:
        topic = (event.get("frame") or [None, None, ""])[2]
        if not cast.account_id and topic.startswith("notification:"):
            cast.account_id = topic.partition(":")[2]
        if (event.get("body") or {}).get("user", {}).get("password") == "<password>":
            cast.email = event["body"]["user"]["email"]
    if starts:
        # Each tells the start to within a second, rounded down; the latest is the nearest.
        cast.start = max(starts)
    return cast


def _note(cast: Cast, kind: str, found: str | None) -> bool:
    if found is None or found in cast.ids[kind]:
        return False
    cast.ids[kind].append(found)
    return True


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


class RefMapping:
    """What recorded refs, tokens and cursors became in the replay, one to one."""

    def __init__(self) -> None:
        self._to_replayed: dict[str, str] = {}
        self._to_recorded: dict[str, str] = {}

    def replayed(self, recorded: str) -> str:
        """Return what a recorded value is called in the replay."""
        return self._to_replayed.get(recorded, recorded)

    def bind(self, recorded: str, replayed: str) -> bool:
        """Note that the two are the same thing; return whether that can be."""
        return (
            self._to_replayed.setdefault(recorded, replayed) == replayed
            and self._to_recorded.setdefault(replayed, recorded) == recorded
        )


def differences(recorded: object, replayed: object, mapping: RefMapping, at: str = "") -> list[str]:
    """Return in words how two JSON values differ, after mapping."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        found = [f"{at}.{key}: not in the replay" for key in recorded if key not in replayed]
        found += [f"{at}.{key}: not recorded" for key in replayed if key not in recorded]
        for key in recorded.keys() & replayed.keys():
            inner = f"{at}.{key}"
            if key in ("phx_ref", "next", "previous") and recorded[key] and replayed[key]:
                if not mapping.bind(recorded[key], replayed[key]):
                    found.append(f"{inner}: bound otherwise")
            else:
                found += differences(recorded[key], replayed[key], mapping, inner)
        return found
    if isinstance(recorded, list) and isinstance(replayed, list):
        if len(recorded) != len(replayed):
            return [f"{at}: {len(recorded)} recorded, {len(replayed)} replayed"]
        return [
            text
            for index, (one, other) in enumerate(zip(recorded, replayed, strict=True))
            for text in differences(one, other, mapping, f"{at}[{index}]")
        ]
    return [] if _same(recorded, replayed) else [f"{at}: {recorded!r} became {replayed!r}"]


def _same(recorded: object, replayed: object) -> bool:
    if recorded == replayed and type(recorded) is type(replayed):
        return True
    if recorded == "<signed token>":
        return isinstance(replayed, str) and len(replayed) > 20
    if isinstance(recorded, float) and isinstance(replayed, float):
        return abs(recorded - replayed) < 0.05  # minutes since midnight
    if isinstance(recorded, str) and isinstance(replayed, str):
        for form in (_NAIVE, _ZULU):
            if form.fullmatch(recorded) and form.fullmatch(replayed):
                return abs(_time(recorded) - _time(replayed)) <= TOLERANCE
        if _UNIX.fullmatch(recorded) and _UNIX.fullmatch(replayed):
            return abs(int(recorded) - int(replayed)) <= TOLERANCE.total_seconds()
    return False
