"""Carrying out a plan. The way over real sockets is tested in ``tests/e2e``."""

from __future__ import annotations

import pytest

from agentbot.bot.delivery.delivery import storable


@pytest.mark.parametrize(
    ("text", "stored"),
    [("Hei på deg \N{WAVING HAND SIGN}\n", None), ("a\0b", "ab"), ("a\ud83d!", "a?!"), ("", None)],
)
def test_a_text_that_cannot_be_stored_is_mended(text: str, stored: str | None) -> None:
    """Otherwise the server would crash on it, again and again, and the customer hear nothing."""
    assert storable(text) == (text if stored is None else stored)
