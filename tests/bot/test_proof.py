"""The server is the proof: what a conversation's messages say about what has been answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.bot.proof import Identity, answers, mark
from agentbot.bot.transcript import find_reply, find_reply_to, unanswered
from agentbot.papercups.models import Message

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
NOBODY = Identity()


def message(id_: str, *, second: int = 0, **fields: Any) -> Message:
    """Return a message of ``second`` seconds past noon."""
    return Message(
        id=id_, conversation_id="c", created_at=NOW + timedelta(seconds=second), **fields
    )


def asked(id_: str, *, second: int = 0, **fields: Any) -> Message:
    """Return a customer's message."""
    return message(id_, second=second, customer_id="v", **fields)


def replied(id_: str, to: list[str], *, second: int = 0) -> Message:
    """Return a reply of the bot's."""
    metadata = mark(to, by="rule", source="r")
    return message(id_, second=second, type="bot", metadata=metadata)


def person(id_: str, *, second: int = 0, user_id: int = 7, **fields: Any) -> Message:
    """Return a message of a person's."""
    return message(id_, second=second, user_id=user_id, **fields)


def ids(messages: list[Message]) -> list[str]:
    """Return the ids of ``messages``."""
    return [one.id for one in messages]


def test_a_mark_of_one_message_is_the_documented_object() -> None:
    """The metadata of a reply to one message holds what the design fixes, and nothing more."""
    assert mark(["m1"], by="faq", source="shipping") == {
        "agentbot": {"v": 1, "in_reply_to": "m1", "by": "faq", "source": "shipping"}
    }


def test_a_mark_names_every_message_of_its_turn() -> None:
    """A reply to a burst answers each of its messages, the last by name."""
    metadata = mark(["m1", "m2", "m3"], by="llm", source="")
    assert metadata["agentbot"]["in_reply_to"] == "m3"
    assert metadata["agentbot"]["also"] == ["m1", "m2"]
    assert answers(message("r", type="bot", metadata=metadata)) == {"m1", "m2", "m3"}


def test_a_mark_names_all_sources_where_there_are_any() -> None:
    """Beside the one that readers of version 1 know; without any, nothing stands there."""
    named = mark(["m1"], by="llm", source="a", sources=("a", "page/b#c"))
    assert named["agentbot"]["sources"] == ["a", "page/b#c"]
    assert named["agentbot"]["source"] == "a"
    assert "sources" not in mark(["m1"], by="llm", source="")["agentbot"]


def test_a_customer_can_prove_nothing() -> None:
    """A customer who forges a mark does not silence the bot."""
    forged = asked("m2", metadata=mark(["m1"], by="rule", source=""), second=1)
    assert ids(unanswered([asked("m1"), forged], NOBODY)) == ["m1", "m2"]


def test_a_private_note_answers_nobody() -> None:
    """A draft left for people bears no proof of an answer."""
    metadata = mark(["m1"], by="rule", source="")
    for note_type in ("note", "bot"):
        note = message("n", type=note_type, private=True, metadata=metadata)
        assert answers(note) == frozenset()
        assert ids(unanswered([asked("m1"), note], NOBODY)) == ["m1"]


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"agentbot": None},
        {"agentbot": []},
        {"agentbot": {"in_reply_to": 5, "also": "m1"}},
        {"agentbot": {"also": [None, {}]}},
    ],
)
def test_broken_marks_are_no_marks(metadata: dict[str, Any] | None) -> None:
    """Whatever stands in metadata, reading it does not fail."""
    assert answers(message("r", type="bot", metadata=metadata)) == frozenset()


def test_only_what_came_since_the_last_answer_waits() -> None:
    """What was passed over well before an answered message needs none any more."""
    conversation = [
        asked("m1"),
        asked("m2", second=65),
        replied("r", ["m2"], second=66),
        asked("m3", second=69),
    ]
    assert ids(unanswered(conversation, NOBODY)) == ["m3"]


def test_a_message_waits_though_the_servers_clock_went_back() -> None:
    """One that no mark names is not taken for older because its time is."""
    conversation = [
        asked("m1", second=30),
        replied("r", ["m1"], second=31),
        asked("m2", second=5),
    ]
    assert ids(unanswered(conversation, NOBODY)) == ["m2"]


@pytest.mark.parametrize(("older_by", "waits"), [(60, True), (61, False)])
def test_a_servers_stamps_may_go_back_by_a_minute(older_by: int, waits: bool) -> None:  # noqa: FBT001
    """What is older than that, and no mark names, was passed over."""
    conversation = [
        asked("m1", second=100),
        replied("r", ["m1"], second=101),
        asked("m2", second=100 - older_by),
    ]
    assert ids(unanswered(conversation, NOBODY)) == (["m2"] if waits else [])


def test_a_message_of_the_answered_ones_second_waits_unless_named() -> None:
    """Within one second only the mark tells what was answered."""
    conversation = [asked("m1"), asked("m2"), replied("r", ["m1"])]
    assert ids(unanswered(conversation, NOBODY)) == ["m2"]
    conversation = [asked("m1"), asked("m2"), replied("r", ["m2", "m1"])]
    assert unanswered(conversation, NOBODY) == []


def test_a_person_answers_all_before_them_and_of_their_second() -> None:
    """Where the order is unknown, the bot does not talk over a person."""
    conversation = [asked("m1"), asked("m2", second=3), person("p", second=3)]
    assert unanswered(conversation, NOBODY) == []
    conversation.append(asked("m3", second=4))
    assert ids(unanswered(conversation, NOBODY)) == ["m3"]


def test_a_persons_note_to_colleagues_answers_nobody() -> None:
    """The customer does not see a private note."""
    conversation = [asked("m1"), person("p", second=1, private=True, type="note")]
    assert ids(unanswered(conversation, NOBODY)) == ["m1"]


def test_a_known_bot_is_no_person() -> None:
    """What another program on the account says is no answer of a person's."""
    other = person("p", second=1, user_id=9)
    assert unanswered([asked("m1"), other], NOBODY) == []
    assert ids(unanswered([asked("m1"), other], Identity(frozenset({9})))) == ["m1"]


def test_the_bots_own_user_without_a_mark_is_a_person() -> None:
    """Somebody who logs in as the bot and types is a person."""
    assert NOBODY.is_person(person("p", user_id=1))
    assert not NOBODY.is_person(replied("r", ["m1"]))


def test_a_person_whose_mail_inherited_a_mark_is_a_person_all_the_same() -> None:
    """Mail that people send may be given the metadata of the bot's reply before it."""
    metadata = {**mark(["m1"], by="rule", source="r"), "ses_message_id": "<1@mail>"}
    inherited = person("p", second=5, metadata=metadata)
    assert NOBODY.is_person(inherited)
    assert answers(inherited) == frozenset()
    assert unanswered([asked("m1"), asked("m2", second=4), inherited], NOBODY) == []


def test_a_reply_whose_mark_gmail_has_overwritten_answers_what_came_before_it() -> None:
    """Gmail's own metadata stands where the mark stood, once the mail has gone out."""
    sent = message("r", second=9, type="bot", user_id=1, metadata={"gmail_message_id": "<2@mail>"})
    conversation = [asked("m1"), asked("m2", second=5), sent]
    assert unanswered(conversation, NOBODY) == []
    assert find_reply(conversation, ["m2"]) is sent
    conversation.append(asked("m3", second=20))
    assert ids(unanswered(conversation, NOBODY)) == ["m3"]
    assert find_reply(conversation, ["m3"]) is None
    assert find_reply(conversation, ["unknown"]) is None


GMAIL = {"gmail_message_id": "<2@mail>"}


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "bot"},
        {"type": "bot", "metadata": {"other": 1}},
        {"type": "bot", "private": True, "metadata": GMAIL},
        {"type": "note", "metadata": GMAIL},
        {"type": "bot", "customer_id": "v", "metadata": GMAIL},
    ],
)
def test_what_is_no_mail_of_a_bots_has_lost_no_mark(fields: dict[str, Any]) -> None:
    """Another bot's message, or a note, answers nobody."""
    conversation = [asked("m1"), message("r", second=9, **fields)]
    assert "m1" in ids(unanswered(conversation, NOBODY))
    assert find_reply(conversation, ["m1"]) is None


def test_a_persons_mail_by_gmail_is_a_persons() -> None:
    """It ends the wait, but is no reply of a bot's."""
    conversation = [asked("m1"), person("p", second=9, metadata=GMAIL)]
    assert unanswered(conversation, NOBODY) == []
    assert find_reply(conversation, ["m1"]) is None


def test_a_mail_that_kept_its_mark_answers_what_it_names() -> None:
    """And no more than that."""
    metadata = {**GMAIL, **mark(["m1"], by="rule", source="r")}
    sent = message("r", second=9, type="bot", metadata=metadata)
    conversation = [asked("m1"), asked("m2", second=5), sent]
    assert ids(unanswered(conversation, NOBODY)) == ["m2"]
    assert find_reply(conversation, ["m2"]) is None


def test_the_first_mail_after_the_question_is_its_reply() -> None:
    """One of the same second too: the order within it is unknown."""
    first = message("r1", second=5, type="bot", metadata=GMAIL)
    second = message("r2", second=9, type="bot", metadata=GMAIL)
    earlier = message("r0", second=1, type="bot", metadata=GMAIL)
    conversation = [second, asked("m0"), earlier, asked("m1", second=5), first]
    assert find_reply(conversation, ["m1"]) is first


def test_a_plans_own_reply_answers_exactly_what_the_plan_does() -> None:
    """One to more or fewer is another plan's."""
    more, fewer = replied("r1", ["m1", "m2", "m3"]), replied("r2", ["m1"])
    conversation = [asked("m1"), asked("m2"), asked("m3"), more, fewer]
    assert find_reply_to(conversation, ["m1", "m2"]) is None
    own = replied("r3", ["m1", "m2"])
    assert find_reply_to([*conversation, own], ["m2", "m1"]) is own


def test_a_customers_mail_by_gmail_is_no_reply() -> None:
    """Their own messages carry Gmail's metadata too."""
    mail = asked("m1", second=3, type="bot", metadata={"gmail_message_id": "<1@mail>"})
    assert ids(unanswered([asked("m0"), mail], NOBODY)) == ["m0", "m1"]


def test_a_reply_is_found_by_any_message_of_its_turn() -> None:
    """A turn that has grown since its answer was sent still finds it."""
    conversation = [asked("m1"), asked("m2"), replied("r", ["m1", "m2"], second=1)]
    found = find_reply(conversation, ["m1", "m9"])
    assert found is not None
    assert found.id == "r"
    assert find_reply(conversation, ["m9"]) is None


@given(st.data())
def test_what_waits_is_never_answered_and_always_the_customers(data: st.DataObject) -> None:
    """For any conversation: a subset of the customer's own, in order, none of it answered."""
    conversation: list[Message] = []
    for index in range(data.draw(st.integers(0, 12))):
        second = data.draw(st.integers(0, 4))
        kind = data.draw(st.sampled_from(["asked", "replied", "person"]))
        name = f"{kind}{index}"
        if kind == "asked":
            conversation.append(asked(name, second=second))
        elif kind == "person":
            conversation.append(person(name, second=second))
        else:
            targets = [one.id for one in conversation if one.is_from_customer] or ["none"]
            to = data.draw(st.lists(st.sampled_from(targets), min_size=1, unique=True))
            conversation.append(replied(name, to, second=second))
    waiting = unanswered(conversation, NOBODY)
    answered = {id_ for one in conversation for id_ in answers(one)}
    assert all(one.is_from_customer and one.id not in answered for one in waiting)
    assert [one.created_at for one in waiting] == sorted(one.created_at for one in waiting)
    shuffled = data.draw(st.permutations(conversation))
    assert set(ids(unanswered(shuffled, NOBODY))) == set(ids(waiting))
