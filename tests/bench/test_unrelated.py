"""``unrelated.py``: questions come out the same right after an answer to another one."""

from __future__ import annotations

import pytest

from tests.bench import unrelated
from tests.bench.sets import CutOut, cut_out, load_sets
from tests.bench.unrelated import RIGHT, WRONG, measured
from tests.support.optional import requires_bench_data

pytestmark = requires_bench_data
_ASKED = 80
"""Questions of each kind: they take a second."""


@pytest.fixture(scope="module")
def chats() -> CutOut:
    """A mattress shop's real chats, which are short and noisy."""
    return cut_out(load_sets()["sofmattress"], phrasings=10, most_asked=_ASKED)


def test_a_conversation_does_hardly_any_harm(chats: CutOut) -> None:
    """Some of the questions look as if they went on, and few of them come out otherwise."""
    row = measured("chats", chats, embedder=None)
    assert 0 < row.going_on < row.asked / 8
    assert row.in_conversation[RIGHT] >= row.by_itself[RIGHT] - 2
    assert row.in_conversation[WRONG] <= row.by_itself[WRONG] + 2


def test_a_row_is_printed_for_each_set(
    chats: CutOut, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """But none for those that are made of others."""
    some = CutOut(chats.entries, chats.asked[:5])
    monkeypatch.setattr(unrelated, "cut_out", lambda *_args, **_options: some)
    unrelated.main([])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 3
    assert lines[2].startswith("| faq-triage | 5 |")
