"""Attempts in the modes without replies: the customer is told nothing, and the turn is settled."""

from __future__ import annotations

import httpx2
import pytest

from agentbot.pipeline.decision import AddTag, Reason
from tests.support.bot_attempt import Attempting, attempt
from tests.support.bot_parts import reply, silence


@pytest.mark.parametrize(("mode", "notes"), [("suggest", 1), ("dry_run", 0)])
def test_in_a_mode_without_replies_the_customer_is_told_nothing(mode: str, notes: int) -> None:
    """The turn is settled silent, and uses up no limit."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: reply(fires=("limit",), actions=(AddTag("x"),))
        await it.hear()
        record = await it.outcome()
        assert (record.outcome, it.texts, it.tags) == ("silent", [], set())
        assert record.reason_code == ("suggested" if notes else "dry_run")
        assert len(it.visitor.notes) == notes
        assert it.parts.store.memories == [None]

    attempt(story, mode=mode)


def test_in_a_mode_without_replies_silence_is_what_it_is() -> None:
    """There is nothing to suggest."""

    async def story(it: Attempting) -> None:
        quiet = Reason("quiet", "the rule says so")
        it.parts.responder.script = lambda _turn: silence(reason=quiet)
        await it.hear()
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("silent", "quiet")
        assert it.visitor.notes == []

    attempt(story, mode="suggest")


@pytest.mark.parametrize("mode", ["suggest", "dry_run"])
def test_in_a_mode_without_replies_a_decision_without_a_text_does_nothing_either(mode: str) -> None:
    """No tag, no closing: people see nothing of it but the journal."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: silence(actions=(AddTag("x"),))
        await it.hear()
        record = await it.outcome()
        assert (record.outcome, it.tags, it.visitor.notes) == ("silent", set(), [])

    attempt(story, mode=mode)


def test_a_note_that_cannot_be_left_is_no_suggestion() -> None:
    """Writing it is tried again while the server is away."""

    async def story(it: Attempting) -> None:
        await it.hear()
        lost: list[str] = []

        def is_cut(request: httpx2.Request) -> bool:
            if request.method == "POST" and len(lost) < 3:
                lost.append(request.method)
                return True
            return False

        it.parts.network.is_cut = is_cut
        await it.outcome()
        assert (len(lost), len(it.visitor.notes)) == (3, 1)

    attempt(story, mode="suggest")
