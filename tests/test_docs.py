"""The pages in docs/ name files that there are, and words that the code uses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_PAGES = sorted((_ROOT / "docs").glob("*.md"))
_WAY = _ROOT / "docs" / "how-a-message-is-answered.md"


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    """A file that was moved is moved here too."""
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert links
    missing = [link for link in links if not (page.parent / link.partition("#")[0]).exists()]
    assert missing == []


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
