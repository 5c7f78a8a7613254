"""The pages in docs/ name files that there are, and words that the code uses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.generated import FILES

_ROOT = Path(__file__).parents[1]
_PAGES = sorted((_ROOT / "docs").rglob("*.md"))
_WAY = _ROOT / "docs" / "how-a-message-is-answered.md"
_SURFACE = _ROOT / "docs" / "realtime-surface.md"

DESCRIBED = {
    "conversation:{id}": {
        "→": {"shout", "messages:seen", "phx_join"},
        "←": {"shout", "messages:seen", "phx_reply"},
    },
    "conversation:lobby:{customer_id}": {"←": {"shout", "conversation:created"}},
    "room:{account_id}": {"←": {"presence_state", "presence_diff"}},
    "phoenix": {"→": {"heartbeat"}},
    "any": {"←": {"phx_close", "phx_error"}},
}
"""What the public AsyncAPI description of Papercups' realtime surface names, by channel and by the
way that it goes; ``conversation:created`` is what the real server sends to the lobby instead."""

_EVENT_NAMES = {
    "phx_join": "JOIN",
    "phx_reply": "REPLY",
    "phx_close": "CLOSE",
    "phx_error": "ERROR",
    "phx_leave": "LEAVE",
    "presence_state": "PRESENCE_STATE",
    "presence_diff": "PRESENCE_DIFF",
    "heartbeat": "HEARTBEAT",
}
"""The names under which the code knows Phoenix's own events (``phoenix/frames.py``)."""


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_every_link_leads_to_a_file(page: Path) -> None:
    """A file that was moved is moved here too."""
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    missing = [link for link in links if not (page.parent / link.partition("#")[0]).exists()]
    assert missing == []


def places_in(page: Path) -> set[str]:
    """Return what a link to a heading of the page may name, as GitHub makes it of the words."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    heads = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", head)) for head in heads)
    return {one.strip().lower().replace(" ", "-") for one in words}


@pytest.mark.parametrize("page", [*sorted(_ROOT.glob("*.md")), *_PAGES], ids=lambda page: page.name)
def test_every_link_to_a_heading_leads_to_one(page: Path) -> None:
    """In the page itself, or in another one; a heading that was reworded is reworded here too."""
    text = page.read_text(encoding="utf-8")
    dead = []
    for place, heading in re.findall(r"\]\((?!https?://)([^)#\s]*)#([^)\s]+)\)", text):
        other = page.parent / place if place else page
        if other.suffix == ".md" and heading not in places_in(other):
            dead.append(f"{place}#{heading}")
    assert dead == []


@pytest.mark.parametrize("place", FILES)
def test_what_is_written_from_the_code_is_fresh(place: str) -> None:
    """Where this fails: ``python -m tests.generated``, and commit what it writes."""
    assert (_ROOT / place).read_text(encoding="utf-8") == FILES[place]()


def test_the_way_of_a_message_names_what_it_passes_through() -> None:
    """Every module of the rooms that turns and deliveries pass through stands on the page."""
    text = _WAY.read_text(encoding="utf-8")
    rooms = ("bot/turns", "bot/delivery", "bot/hearing")
    modules = [
        path.relative_to(_ROOT / "agentbot").as_posix()
        for room in rooms
        for path in (_ROOT / "agentbot" / room).glob("*.py")
        if path.stem != "__init__"
    ]
    assert [module for module in modules if module not in text] == []


def surface() -> list[list[str]]:
    """Return the cells of each row of the page's tables, heads and lines left out."""
    lines = _SURFACE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return [row for row in rows if row[2] in {"→", "←"}]


def test_the_realtime_surface_is_named_whole() -> None:
    """Each channel and message that the public description names stands in a row of its way."""
    named = {
        (topic.strip("` "), event.strip("` "), row[2])
        for row in surface()
        for topic in [row[0]]
        for event in row[1].split(",")
    }
    described = {
        (topic, event, way)
        for topic, ways in DESCRIBED.items()
        for way, events in ways.items()
        for event in events
    }
    assert described - named == set()


def test_every_row_of_the_surface_leads_to_code_and_to_what_shows_it() -> None:
    """The bot or the customer's client, the dev server, and a test or a transcript."""
    for row in surface():
        *_, devserver, shown = row
        mentions = " ".join(row[3:-2])
        assert "](../agentbot/" in mentions or "the same" in mentions, row
        assert "](../agentbot/devserver/" in devserver or "never sent" in devserver, row
        assert "](../tests/" in shown, row


@pytest.mark.parametrize("row", surface(), ids=lambda row: f"{row[0]} {row[2]} {row[1]}")
def test_what_shows_a_row_speaks_of_its_event(row: list[str]) -> None:
    """A test that was moved, or an event that is spelt otherwise, is noticed."""
    events = [event.strip("` ") for event in row[1].split(",")]
    places = re.findall(r"\]\(\.\./([^)]+)\)", row[-1])
    transcripts = [place for place in places if place.endswith(".jsonl")]
    for place in transcripts:
        text = (_ROOT / place).read_text(encoding="utf-8")
        assert any(event in text for event in events), place
    code = re.findall(r"\]\(\.\./(agentbot/[^)]+)\)", " ".join(row[3:-1]))
    sources = [(_ROOT / place).read_text(encoding="utf-8") for place in code]
    words = [*events, *(_EVENT_NAMES.get(event, event) for event in events)]
    assert any(word in source for source in sources for word in words), row
