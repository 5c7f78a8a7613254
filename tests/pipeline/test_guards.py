"""The guards: each keeps out for its own reason, up to its own limit, and in a fixed order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agentbot.pipeline.files.models import Bots, CatchUp, LoopBreaker, PolicyFile, StandBack
from agentbot.pipeline.guards import (
    GUARDS,
    UNANSWERED,
    UNANSWERED_AGAIN,
    assigned_by_bot,
    guard,
    reserve,
)
from agentbot.pipeline.turn import Author, Conversation, Customer, Memory, Message, Turn
from tests.support.turns import MONDAY_NOON, history, message, turn

BOT, PERSON, CUSTOMER = Author.BOT, Author.PERSON, Author.CUSTOMER
MINUTE = timedelta(minutes=1)


def policy(*, while_assigned: bool = True) -> PolicyFile:
    """Return one: half an hour for people; four replies in ten minutes loop; user 7 is a bot."""
    return PolicyFile(
        presence="always",
        stand_back=StandBack.model_construct(
            after_person=30 * MINUTE,
            while_assigned=while_assigned,
            after_hand_over=15 * MINUTE,
            unless_nobody_comes_within=5 * MINUTE,
        ),
        loop_breaker=LoopBreaker.model_construct(replies=4, within=10 * MINUTE),
        bots=Bots(user_ids=[7]),
        catch_up=CatchUp.model_construct(max_age=60 * MINUTE),
        repeat_unanswered_after="30m",  # type: ignore[arg-type] # read from text, as in a file
        responders=["rules"],
    )


def rounds(number: int, text: str) -> tuple[Message, ...]:
    """Return what a customer wrote and the bot answered so many times, hours ago and slowly."""
    said = []
    for count in range(number):
        at = MONDAY_NOON - (number - count) * 30 * MINUTE
        said.append(message(text, at=at, id=f"c{count}{text}"))
        said.append(message("Yes.", author=BOT, at=at, id=f"b{count}{text}"))
    return tuple(said)


def mail(
    *texts: str,
    subject: str = "",
    sender: str = "",
    conversation: str = "",
    history: tuple[Message, ...] = (),
) -> Turn:
    """Return a turn of e-mails, the first of which has this subject."""
    subjects = [subject, *[""] * (len(texts) - 1)]
    return turn(
        messages=tuple(
            message(text, metadata={"gmail_subject": about, "gmail_from": sender})
            for text, about in zip(texts, subjects, strict=True)
        ),
        history=history,
        conversation=Conversation(id="c", source="email", subject=conversation),
    )


def handed_off(minutes: float, unanswered: float | None = None) -> Memory:
    """Return the memory of a handoff so long ago, perhaps for want of an answer."""
    at = MONDAY_NOON - minutes * MINUTE
    fired = {} if unanswered is None else {UNANSWERED: MONDAY_NOON - unanswered * MINUTE}
    return Memory(handed_off_at=at, fired=fired)


TAKEN = Conversation(id="c", assignee_id=3)
GIVEN = {assigned_by_bot(3): MONDAY_NOON - MINUTE}
"""What is remembered where the bot itself has given a conversation to user 3."""
TAKEN_SINCE = Conversation(id="c", assignee_id=4)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (turn("x"), None),
        (turn("x", conversation=Conversation(id="c", status="closed")), "closed"),
        (turn("x", memory=Memory(snoozed_until=MONDAY_NOON + MINUTE)), "snoozed"),
        (turn("x", memory=Memory(snoozed_until=MONDAY_NOON)), None),
        (turn("x", history=history((PERSON, 29)), agents_online=1), "person"),
        (turn("x", history=history((PERSON, 30)), agents_online=1), None),
        (turn("x", history=history((PERSON, 29), (BOT, 1)), agents_online=1), "person"),
        (turn("x", history=history((PERSON, 29))), None),
        (turn("x", history=history((PERSON, 5.1))), None),
        (turn("x", history=history((PERSON, 5))), None),
        (turn("x", history=history((PERSON, 4.9))), "person"),
        (turn("x", conversation=Conversation(id="c", assignee_id=3)), "assigned"),
        (turn("x", conversation=Conversation(id="c", assignee_id=7)), None),
        (turn("x", conversation=TAKEN, memory=Memory(fired=GIVEN)), None),
        (turn("x", conversation=TAKEN_SINCE, memory=Memory(fired=GIVEN)), "assigned"),
        (turn("x", conversation=TAKEN, memory=Memory(fired=GIVEN), agents_online=1), "assigned"),
        (turn("x", memory=handed_off(4.9), agents_online=1), "handed_over"),
        (turn("x", memory=handed_off(5), agents_online=1), None),
        (turn("x", memory=handed_off(9), history=history((PERSON, 8))), None),
        (turn("x", memory=handed_off(9), history=history((PERSON, 8)), agents_online=1), "person"),
        (turn("x", memory=handed_off(9), history=history((PERSON, 9)), agents_online=1), None),
        (turn("vera@example.com", memory=handed_off(1), agents_online=1), None),
        (turn("x", memory=handed_off(0)), None),
        (turn("x", memory=handed_off(15), agents_online=1), None),
        (turn("x", memory=handed_off(3, unanswered=3), agents_online=1), None),
        (turn("x", memory=handed_off(3, unanswered=9), agents_online=1), "handed_over"),
        (turn("x", history=history((BOT, 9), (BOT, 8), (BOT, 7), (BOT, 6))), "loop"),
        (turn("x", history=history((BOT, 11), (BOT, 8), (BOT, 7), (BOT, 6))), None),
        (turn("x", history=history((BOT, 9), (CUSTOMER, 8), (BOT, 7), (BOT, 6))), None),
        (
            turn("x", history=history((BOT, 9), (CUSTOMER, 8), (BOT, 7), (BOT, 6), (BOT, 5))),
            "loop",
        ),
        (turn(" \n"), "empty"),
        (turn("\u200b"), "empty"),
        (turn(" ", "x"), None),
        (turn(messages=(message("", attachments=1),)), None),
        (turn("Do you ship?", history=rounds(4, "do you ship")), "repeated"),
        (turn("Do you ship?", history=rounds(3, "do you ship")), None),
        (turn("yes", history=(message("yes"), message("yes"), *rounds(3, "yes"))), None),
        (turn("And tea?", "yes", history=rounds(4, "yes")), None),
        (turn("yes", "And tea?", "yes", history=rounds(4, "yes")), None),
        (turn("Ticket 77: got it", history=rounds(4, "Ticket 12: got it")), "repeated"),
        (turn("Do you ship?", history=rounds(4, "Do you ship tea?")), None),
        (turn("?", history=rounds(4, "?")), None),
        (turn("yes", history=(*history((PERSON, 400)), *rounds(4, "yes"))), "repeated"),
        (turn("yes", history=(*rounds(2, "yes"), *history((PERSON, 40)), *rounds(2, "yes"))), None),
        (mail("Away until Monday.", subject="Automatic reply: x"), "automatic"),
        (mail("Hello", subject="Your order"), None),
        (mail("Hello", sender="noreply@example.com"), "automatic"),
        (turn("Hello", customer=Customer("k", email="noreply@example.com")), None),
        (mail("Hello", conversation="Automatic reply: x"), "automatic"),
        (mail("Hello", conversation="Automatic reply: x", history=rounds(1, "a")), None),
        (mail("Hello", "And a person's", subject="Out of office"), None),
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
        (history((PERSON, 4)), "person"),
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
    brief = policy().model_copy(
        update={
            "stand_back": StandBack.model_construct(
                after_person=MINUTE,
                while_assigned=True,
                after_hand_over=MINUTE,
                unless_nobody_comes_within=MINUTE,
            )
        }
    )
    assert guard(turn("x", history=said), brief) is None


def test_an_assigned_conversation_may_be_the_bots_business() -> None:
    """Where the policy says so."""
    assigned = turn("x", conversation=Conversation(id="c", assignee_id=3))
    assert guard(assigned, policy(while_assigned=False)) is None


ORDER = (
    *("closed", "snoozed", "person", "assigned", "handed_over"),
    *("loop", "repeated", "automatic", "empty"),
)
"""The codes of the guards' reasons, in the order in which the guards are asked."""


def tripping(*codes: str) -> Turn:
    """Return a turn from which the guards of these codes keep out, and no others."""
    said: list[tuple[Author, float]] = [(PERSON, 5)] if "person" in codes else []
    if "loop" in codes:
        said += [(BOT, 4), (BOT, 3), (BOT, 2), (BOT, 1)]
    before = rounds(4, "x") if "repeated" in codes else ()
    # What is empty cannot repeat a text.
    text = "" if "empty" in codes and not before else "x"
    metadata = {"gmail_subject": "Out of office"} if "automatic" in codes else {}
    return turn(
        messages=(message(text, metadata=metadata),),
        history=(*before, *history(*said)),
        agents_online=1,
        conversation=Conversation(
            id="c",
            status="closed" if "closed" in codes else "open",
            assignee_id=3 if "assigned" in codes else None,
            source="email",
        ),
        memory=Memory(
            snoozed_until=MONDAY_NOON + MINUTE if "snoozed" in codes else None,
            handed_off_at=MONDAY_NOON - MINUTE if "handed_over" in codes else None,
        ),
    )


@pytest.mark.parametrize("number", range(len(ORDER)))
def test_guards_are_asked_in_their_order(number: int) -> None:
    """The first that has something against it gives the reason, whatever the later ones say."""
    first, *later = ORDER[number:]
    for more in ((), *((one,) for one in later), tuple(later)):
        silence = guard(tripping(first, *more), policy())
        assert silence is not None
        assert silence.reason.code == first


def test_every_guard_has_its_place() -> None:
    """The table of this file and that of the code are of one length, and names are codes."""
    names = [one.__name__ for one in GUARDS]
    assert names == ["person_took_over" if code == "person" else code for code in ORDER]


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (tripping("closed"), "the conversation is closed"),
        (tripping("snoozed"), "snoozed for 1 minute more"),
        (tripping("person"), "a person wrote 5 minutes ago; the bot keeps out for 30 minutes"),
        (tripping("assigned"), "the conversation is assigned to user 3"),
        (tripping("handed_over"), "people were asked to take over 1 minute ago"),
        (tripping("loop"), "4 replies in 10 minutes without a person"),
        (tripping("repeated"), "4 replies to messages that all say the same"),
        (tripping("automatic"), "no person sent the mail: its subject is 'Out of office'"),
        (tripping("empty"), "the message is empty"),
    ],
)
def test_a_reason_says_what_it_rests_on(asked: Turn, text: str) -> None:
    """With its numbers, for whoever asks why the bot kept still."""
    silence = guard(asked, policy())
    assert silence is not None
    assert silence.reason.text == text
    assert (silence.actions, silence.fires, silence.gap) == ((), (), False)


def test_a_reply_at_the_very_edge_of_the_time_counts_into_a_loop() -> None:
    """Ten minutes ago is within ten minutes; a moment more is not."""
    edge = history((BOT, 10), (BOT, 8), (BOT, 7), (BOT, 6))
    silence = guard(turn("x", history=edge), policy())
    assert silence is not None
    assert silence.reason.code == "loop"
    older = history((BOT, 10.1), (BOT, 8), (BOT, 7), (BOT, 6))
    assert guard(turn("x", history=older), policy()) is None


def test_a_handoff_for_want_of_an_answer_frees_the_bot_only_if_it_was_the_last() -> None:
    """An older one of that kind does not excuse a later handoff of another."""
    later = Memory(
        handed_off_at=MONDAY_NOON - 5 * MINUTE, fired={UNANSWERED: MONDAY_NOON - 4 * MINUTE}
    )
    assert guard(turn("x", memory=later), policy()) is None


def test_the_key_of_an_excuse_is_the_one_that_stores_hold() -> None:
    """Another would make the bot forget what it has said in conversations that go on."""
    assert UNANSWERED == "unanswered"
    assert UNANSWERED_AGAIN == "unanswered_again"
    assert assigned_by_bot(3) == "assigned_by_bot:3"


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (
            turn("x", memory=handed_off(1)),
            (
                "people were asked to take over 1 minute ago, but nobody is online: "
                "only a sure answer is given"
            ),
        ),
        (
            turn("x", memory=handed_off(6), agents_online=2),
            (
                "people were asked to take over 6 minutes ago, but nobody has come for 6 minutes: "
                "only a sure answer is given"
            ),
        ),
        (
            turn("x", history=history((PERSON, 8))),
            (
                "a person wrote 8 minutes ago; the bot keeps out for 30 minutes, "
                "but nobody is online: only a sure answer is given"
            ),
        ),
        (
            turn("x", conversation=TAKEN, memory=Memory(fired=GIVEN)),
            (
                "the conversation is assigned to user 3, "
                "but nobody is online: only a sure answer is given"
            ),
        ),
        (turn("x"), None),
        (turn("x", memory=handed_off(1, unanswered=1)), None),
        (turn("x", memory=handed_off(15)), None),
    ],
)
def test_where_nobody_comes_the_bot_is_reserved(asked: Turn, text: str | None) -> None:
    """It stands back no longer, and says for whom it would have."""
    assert guard(asked, policy()) is None
    reason = reserve(asked, policy())
    assert (None if reason is None else reason.text) == text
    assert reason is None or reason.code == "nobody_comes"


def test_who_has_written_since_the_handoff_has_come() -> None:
    """However long the handoff is ago: the person is stood back for, for their own time."""
    came = turn("x", memory=handed_off(14), history=history((PERSON, 13)), agents_online=1)
    silence = guard(came, policy())
    assert silence is not None
    assert silence.reason.code == "person"
