"""A transcript that grows says what one that is made anew says, and what a plain reading says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agentbot.bot.proof import Identity, answers, has_lost_its_mark, held, holding_mark, mark
from agentbot.bot.transcript import Transcript, find_reply, unanswered
from agentbot.papercups.models import Message

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
BOTS = Identity(frozenset({9}))
SKEW = timedelta(minutes=1)
NEVER = datetime.min.replace(tzinfo=UTC) + SKEW


def message(number: int, **fields: Any) -> Message:
    """Return the message of this number, some seconds after noon."""
    values: dict[str, Any] = {"id": f"m{number}", "conversation_id": "c", "body": f"text {number}"}
    return Message.model_validate({**values, "created_at": NOON, **fields})


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Return messages of all kinds, in any order of their times."""
    made = []
    for number in range(draw(st.integers(0, 12))):
        at = NOON + timedelta(seconds=draw(st.sampled_from([0, 0, 1, 2, 30, 59, 61, 120, 300])))
        answered = draw(st.lists(st.sampled_from([f"m{one}" for one in range(12)]), min_size=1))
        kinds: list[dict[str, Any]] = [
            {"customer_id": "v"},
            {"customer_id": "v"},
            {"user_id": 7},
            {"user_id": 9},
            {"user_id": 7, "private": True, "type": "note"},
            {"type": "bot", "metadata": mark(answered, by="rule", source="s")},
            {"type": "bot", "metadata": holding_mark(answered[0])},
            {"type": "bot", "metadata": {"gmail_message_id": "g"}},
            {"type": "bot"},
            {"customer_id": "v", "metadata": mark(answered, by="rule", source="forged")},
        ]
        made.append(message(number, created_at=at, **draw(st.sampled_from(kinds))))
    return made


def plainly_unanswered(messages: Iterable[Message], identity: Identity) -> list[Message]:
    """Return what waits, by a plain reading of all messages."""
    public = sorted((m for m in messages if not m.is_private), key=lambda m: m.created_at)
    answered = frozenset[str]().union(*(answers(one) for one in public))
    asked = [one for one in public if one.is_from_customer]
    last_answered = max((m.created_at for m in asked if m.id in answered), default=NEVER)
    words = [m.created_at for m in public if identity.is_person(m) or has_lost_its_mark(m)]
    last_word = max(words, default=NEVER)
    return [
        one
        for one in asked
        if one.id not in answered
        and one.created_at >= last_answered - SKEW
        and one.created_at > last_word
    ]


def plainly_found(messages: Sequence[Message], wanted: frozenset[str]) -> Message | None:
    """Return the reply to any of these, by a plain reading of all messages."""
    marked = [one for one in messages if answers(one) & wanted]
    if marked:
        return min(marked, key=lambda m: m.created_at)
    asked_at = max((m.created_at for m in messages if m.id in wanted), default=None)
    if asked_at is None:
        return None
    unmarked = [m for m in messages if has_lost_its_mark(m) and m.created_at >= asked_at]
    return min(unmarked, key=lambda m: m.created_at, default=None)


@given(conversations(), st.integers(0, 12), st.sampled_from(["early", "late"]))
def test_it_says_what_a_plain_reading_says(messages: list[Message], known: int, asked: str) -> None:
    """However much of it was known before, and whether anything was asked of it by then."""
    transcript = Transcript(messages[:known])
    for one in messages[known:]:
        if asked == "early":
            unanswered(transcript, BOTS)
        transcript = transcript.plus(one)
    assert transcript == tuple(messages)
    assert Transcript.of(transcript) is transcript
    for identity in (BOTS, Identity()):
        assert unanswered(transcript, identity) == plainly_unanswered(messages, identity)
        said = transcript.seen_by(identity).said
        public = [m for m in sorted(messages, key=lambda m: m.created_at) if not m.is_private]
        assert [one.id for one in said] == [one.id for one in public if held(one) is None]
    for one in messages:
        found, plain = (
            find_reply(transcript, [one.id]),
            plainly_found(messages, frozenset({one.id})),
        )
        assert (found and found.created_at) == (plain and plain.created_at)


@given(conversations())
def test_growing_leaves_what_was_as_it_was(messages: list[Message]) -> None:
    """Whoever holds a transcript goes on with what it said."""
    first = Transcript(messages)
    waiting, said = unanswered(first, BOTS), list(first.seen_by(BOTS).said)
    first.plus(message(99, customer_id="v", created_at=NOON + timedelta(hours=1)))
    assert unanswered(first, BOTS) == waiting
    assert first.seen_by(BOTS).said == said


def test_of_two_replies_of_one_second_the_first_asked_for_is_found() -> None:
    """Whatever the order of the messages, and of their ids."""
    asked = [message(number, customer_id="v") for number in range(8)]
    replies = [
        message(10 + n, type="bot", metadata=mark([one.id], by="rule", source="s"))
        for n, one in enumerate(asked)
    ]
    ids = [one.id for one in asked]
    assert find_reply([*replies, *asked], ids) is replies[0]
    assert find_reply([*asked, *replies], ids[::-1]) is replies[-1]


def test_what_a_customer_says_is_known_by_its_author() -> None:
    """A person is one who is no known bot."""
    transcript = Transcript(
        [message(0, customer_id="v"), message(1, user_id=7), message(2, user_id=9)]
    )
    authors = [one.author.value for one in transcript.seen_by(BOTS).said]
    assert authors == ["customer", "person", "bot"]
    assert [one.author.value for one in transcript.seen_by(Identity()).said][2] == "person"
