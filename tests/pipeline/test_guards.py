"""Reasons to keep out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agentbot.pipeline.files.models import (
    Bots,
    CatchUp,
    LoopBreaker,
    PolicyFile,
    StandBack,
)
from agentbot.pipeline.guards import UNANSWERED, guard
from agentbot.pipeline.turn import Author, Conversation, Memory, Turn
from tests.support.turns import MONDAY_NOON, history, message, turn

BOT, PERSON, CUSTOMER = Author.BOT, Author.PERSON, Author.CUSTOMER
MINUTE = timedelta(minutes=1)


def policy(*, while_assigned: bool = True) -> PolicyFile:
    """Half an hour for people; four replies in ten minutes are a loop; user 7 is a bot."""
    return PolicyFile(
        presence="always",
        stand_back=StandBack.model_construct(
            after_person=30 * MINUTE, while_assigned=while_assigned, after_hand_over=15 * MINUTE
        ),
        loop_breaker=LoopBreaker.model_construct(replies=4, within=10 * MINUTE),
        bots=Bots(user_ids=[7]),
        catch_up=CatchUp.model_construct(max_age=60 * MINUTE),
        repeat_unanswered_after="30m",  # type: ignore[arg-type] # read from text, as in a file
        responders=["rules"],
    )


def handed_over(minutes: float, unanswered: float | None = None) -> Memory:
    """A conversation that was handed over so long ago, perhaps for want of an answer."""
    at = MONDAY_NOON - minutes * MINUTE
    fired = {} if unanswered is None else {UNANSWERED: MONDAY_NOON - unanswered * MINUTE}
    return Memory(handed_off_at=at, fired=fired)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (turn("x"), None),
        (turn("x", conversation=Conversation(id="c", status="closed")), "closed"),
        (turn("x", memory=Memory(snoozed_until=MONDAY_NOON + MINUTE)), "snoozed"),
        (turn("x", memory=Memory(snoozed_until=MONDAY_NOON)), None),
        (turn("x", history=history((PERSON, 29))), "person"),
        (turn("x", history=history((PERSON, 30))), None),
        (turn("x", history=history((PERSON, 29), (BOT, 1))), "person"),
        (turn("x", conversation=Conversation(id="c", assignee_id=3)), "assigned"),
        (turn("x", conversation=Conversation(id="c", assignee_id=7)), None),
        (turn("x", memory=handed_over(14)), "handed_over"),
        (turn("x", memory=handed_over(15)), None),
        (turn("x", memory=handed_over(5, unanswered=5)), None),
        (turn("x", memory=handed_over(5, unanswered=9)), "handed_over"),
        (turn("x", history=history((BOT, 9), (BOT, 8), (BOT, 7), (BOT, 6))), "loop"),
        (turn("x", history=history((BOT, 11), (BOT, 8), (BOT, 7), (BOT, 6))), None),
        (turn("x", history=history((BOT, 9), (CUSTOMER, 8), (BOT, 7), (BOT, 6))), None),
        (
            turn("x", history=history((BOT, 9), (CUSTOMER, 8), (BOT, 7), (BOT, 6), (BOT, 5))),
            "loop",
        ),
        (turn(" \n"), "empty"),
        (turn(" ", "x"), None),
        (turn(messages=(message("", attachments=1),)), None),
    ],
)
def test_a_guard_keeps_out_with_its_reason(asked: Turn, code: str | None) -> None:
    """And lets pass what it has nothing against."""
    silence = guard(asked, policy())
    assert (silence.reason.code if silence else None) == code
    if silence:
        assert silence.reason.text


@pytest.mark.parametrize("error", [timedelta(days=1), -timedelta(days=1)])
def test_a_clock_that_is_wrong_makes_no_guard_forget(error: timedelta) -> None:
    """What the server has stamped is compared with what it stamped, where we heard the turn."""
    waited = timedelta(seconds=2)
    asked = (message("x", at=MONDAY_NOON, id="m"),)
    for said, code in (
        (history((PERSON, 5)), "person"),
        (history((PERSON, 31)), None),
        (history((BOT, 9), (BOT, 8), (BOT, 7), (BOT, 6)), "loop"),
        (history((BOT, 11), (BOT, 8), (BOT, 7), (BOT, 6)), None),
    ):
        heard = replace(turn(now=MONDAY_NOON + error, messages=asked, history=said), waited=waited)
        silence = guard(heard, policy())
        assert (silence.reason.code if silence else None) == code


def test_a_person_within_the_window_ends_the_count_of_a_loop() -> None:
    """A busy chat with a person in it is no loop (where people are not stood back for)."""
    said = history((BOT, 9.5), (BOT, 9), (PERSON, 8.5), (BOT, 8), (BOT, 7))
    patient = policy().model_copy(
        update={
            "stand_back": StandBack.model_construct(
                after_person=MINUTE, while_assigned=True, after_hand_over=MINUTE
            )
        }
    )
    assert guard(turn("x", history=said), patient) is None


def test_an_assigned_conversation_may_be_the_bots_business() -> None:
    """Where the policy says so."""
    assigned = turn("x", conversation=Conversation(id="c", assignee_id=3))
    assert guard(assigned, policy(while_assigned=False)) is None
