"""``dialogues.py``: short dialogues with the example shop, played as the bot would."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder
from tests.bench import dialogues
from tests.bench.dialogues import (
    FIRST,
    HELD_OUT,
    TRAPS,
    Came,
    counted,
    pipeline_by,
    play_all,
    play_elsewhere,
    read_dialogues,
    table,
)
from tests.support.optional import requires_meanings

_LEAST_RIGHT = 0.85
"""The share of turns that must come out right."""


@pytest.fixture(scope="module")
def came() -> list[Came]:
    """What came of all dialogues, by words alone: those by meanings take longer to make ready."""
    return asyncio.run(play_all(pipeline_by(None), FIRST))


def test_no_follow_up_is_answered_wrongly_and_most_are_answered_rightly(
    came: list[Came],
) -> None:
    """Without a model."""
    counts = counted(came, meanings=False)
    assert counts["wrong"] == 0, [one for one in came if one.is_wrong]
    assert counts["right"] >= _LEAST_RIGHT * counts["turns"], "\n".join(table(came, meanings=False))


def test_what_was_once_answered_wrongly_is_not_any_more() -> None:
    """Nor is what was held out."""
    for name in (TRAPS, HELD_OUT):
        played = asyncio.run(play_all(pipeline_by(None), name))
        assert not [one for one in played if one.is_wrong]


def test_other_businesses_are_served_as_well() -> None:
    """Their folders share no word with the example's."""
    played = asyncio.run(play_elsewhere(None))
    counts = counted(played, meanings=False)
    assert counts["turns"] == 29
    assert counts["wrong"] == 0, [one for one in played if one.is_wrong]
    assert counts["right"] >= _LEAST_RIGHT * counts["turns"]


@requires_meanings
def test_by_meanings_it_is_the_same() -> None:
    """And other languages than the FAQ's are followed too."""
    pipeline = pipeline_by(JoinedEmbedder())
    came = [one for name in (FIRST, TRAPS) for one in asyncio.run(play_all(pipeline, name))]
    counts = counted(came, meanings=True)
    assert counts["wrong"] == 0, [one for one in came if one.is_wrong]
    assert counts["right"] >= _LEAST_RIGHT * counts["turns"]


def test_there_are_sixty_dialogues() -> None:
    """Of eight kinds."""
    read = list(read_dialogues(FIRST))
    assert len(read) == 60
    assert len({kind for kind, _ in read}) == 8


def test_the_table_counts_every_kind(came: list[Came]) -> None:
    """And all of them together."""
    lines = list(table(came, meanings=False))
    assert len(lines) == 2 + 8 + 1
    assert lines[-1].startswith("| all | 57 |")


def test_what_does_not_come_out_right_is_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For words and for meanings."""
    monkeypatch.setattr(dialogues, "JoinedEmbedder", lambda: None)
    dialogues.main([])
    said = capsys.readouterr().out
    assert said.count("| kind |") == 2
    assert "missed: " in said
