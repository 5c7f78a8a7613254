"""The mirror: a conversation as the server would tell it, by what was read once and heard since."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agentbot.bot.mirror import Mirror
from agentbot.papercups.models import Conversation, ConversationUpdates, Customer, Message
from tests.simulation.memory import size_of

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that the test sets, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return what it shows."""
        return self.now


def said(id_: str, conversation_id: str = "c", **fields: object) -> Message:
    """Return a message as it is heard."""
    values = {"id": id_, "conversation_id": conversation_id, "body": id_, "created_at": NOON}
    return Message.model_validate({**values, **fields})


def read(*ids: str, conversation_id: str = "c", **fields: object) -> Conversation:
    """Return a conversation as it is read, with these messages."""
    messages = tuple(said(id_, conversation_id) for id_ in ids)
    return Conversation.model_validate(
        {"id": conversation_id, "source": "chat", "messages": messages, **fields}
    )


def mirror(**options: int) -> Mirror:
    """Return a mirror that keeps what it has read for five minutes."""
    return Mirror(max_age=300, clock=Clock(), **options)


def ids(one: Mirror, conversation_id: str = "c") -> list[str] | None:
    """Return the ids of the messages that are mirrored, None where nothing is."""
    conversation = one.get(conversation_id)
    return None if conversation is None else [message.id for message in conversation.messages]


def test_what_was_read_is_known() -> None:
    """As it was read, and nothing else is."""
    one = mirror()
    one.keep(read("a", assignee_id=7), since=one._number)
    assert one.get("c") == read("a", assignee_id=7)
    assert one.get("other") is None


def test_what_is_heard_is_added_once() -> None:
    """A shout comes on two topics."""
    one = mirror()
    one.keep(read("a"), since=one._number)
    one.heard(said("b"))
    one.heard(said("b"))
    one.heard(said("x", "other"))
    assert ids(one) == ["a", "b"]


def test_updates_change_what_they_name() -> None:
    """What an update leaves out stays; what it sets to null is null."""
    one = mirror()
    one.keep(read("a", assignee_id=7, priority="priority"), since=one._number)
    one.updated("c", ConversationUpdates(status="closed", assignee_id=None))
    known = one.get("c")
    assert known is not None
    assert (known.status, known.assignee_id, known.priority) == ("closed", None, "priority")


def test_a_message_tells_who_its_customer_is_now() -> None:
    """The page that they are on stands in what they write, and is news."""
    one = mirror()
    one.keep(read(customer=Customer(id="v", current_url="/a")), since=one._number)
    one.heard(said("b", customer=Customer(id="v", current_url="/b")))
    known = one.get("c")
    assert known is not None
    assert known.customer == Customer(id="v", current_url="/b")


def test_what_no_message_tells_of_its_customer_stays() -> None:
    """A reading tells the time zone, a message does not: hours are said in it all the same."""
    one = mirror()
    whole = Customer(id="v", current_url="/a", email="v@example.com", time_zone="Europe/Oslo")
    one.keep(read(customer=whole), since=one._number)
    one.heard(said("b", customer={"id": "v", "current_url": "/b", "email": None}))
    known = one.get("c")
    assert known is not None
    assert known.customer == Customer(id="v", current_url="/b", time_zone="Europe/Oslo")


def test_another_customer_has_nothing_of_the_one_before() -> None:
    """A conversation is somebody else's where the server says so."""
    one = mirror()
    one.keep(read(customer=Customer(id="v", time_zone="Europe/Oslo")), since=one._number)
    one.heard(said("b", customer={"id": "w", "current_url": "/b"}))
    known = one.get("c")
    assert known is not None
    assert known.customer == Customer(id="w", current_url="/b")


def test_what_is_heard_while_it_is_read_is_not_lost() -> None:
    """The server may have answered before it stored that."""
    one = mirror()
    with one.reading() as mark:
        one.heard(said("b"))
        one.updated("c", ConversationUpdates(assignee_id=7))
        one.heard(said("x", "other"))
        one.keep(read("a"), since=mark)
    assert ids(one) == ["a", "b"]
    known = one.get("c")
    assert known is not None
    assert known.assignee_id == 7


def test_what_was_read_across_a_gap_is_not_kept() -> None:
    """Nobody knows what was said in it."""
    one = mirror()
    one.keep(read("a"), since=one._number)
    with one.reading() as mark:
        one.clear()
        assert one.get("c") is None
        one.keep(read("a"), since=mark)
    assert one.get("c") is None
    one.keep(read("a"), since=one._number)
    assert ids(one) == ["a"]


def test_it_is_not_kept_where_too_much_was_heard_meanwhile() -> None:
    """What is remembered of the news is bounded, and must be whole."""
    one = mirror()
    with one.reading() as mark:
        for number in range(5_001):
            one.heard(said(f"x{number}", "other"))
        one.keep(read("a"), since=mark)
    assert one.get("c") is None


def test_it_is_forgotten_with_age() -> None:
    """What is never broadcast is as old as that at most; hearing makes it no younger."""
    clock = Clock()
    one = Mirror(max_age=300, clock=clock)
    one.keep(read("a"), since=one._number)
    clock.now = 299
    one.heard(said("b"))
    assert ids(one) == ["a", "b"]
    clock.now = 301
    assert one.get("c") is None
    assert len(one) == 0


def test_without_an_age_nothing_is_mirrored() -> None:
    """0 turns it off."""
    one = Mirror(max_age=0, clock=Clock())
    one.keep(read("a"), since=one._number)
    one.refresh(read("a"), since=one._number)
    assert one.get("c") is None


def test_an_email_is_not_mirrored() -> None:
    """Its messages change once the mail has gone out, and nobody is told."""
    one = mirror()
    one.keep(read("a", source="email"), since=one._number)
    assert one.get("c") is None


def test_what_was_quiet_longest_goes_first() -> None:
    """Room is counted in messages, of all conversations."""
    one = mirror(most_messages=4)
    for name in ("c", "d"):
        one.keep(read("1", "2", conversation_id=name), since=one._number)
    assert ids(one, "c") is not None  # asked for last
    one.keep(read("1", conversation_id="e"), since=one._number)
    assert ids(one, "d") is None
    assert ids(one, "c") == ["1", "2"]
    assert ids(one, "e") == ["1"]


def test_what_is_read_by_the_way_takes_nobodys_place() -> None:
    """A look at all conversations refreshes what is known, and fills what is free."""
    one = mirror(most_messages=3)
    one.keep(read("1", "2"), since=one._number)
    one.refresh(read("1", "2", conversation_id="d"), since=one._number)
    assert ids(one, "d") is None
    one.refresh(read("1", "2", "3"), since=one._number)
    assert ids(one, "c") == ["1", "2", "3"]


def test_what_is_read_by_the_way_makes_it_younger() -> None:
    """It is as good as any reading."""
    clock = Clock()
    one = Mirror(max_age=300, clock=clock)
    one.keep(read("a"), since=one._number)
    clock.now = 200
    one.refresh(read("a"), since=one._number)
    clock.now = 400
    assert ids(one) == ["a"]


def test_what_is_dropped_is_gone() -> None:
    """Dropping what is not there does nothing."""
    one = mirror()
    one.drop("c")
    one.keep(read("a"), since=one._number)
    one.drop("c")
    assert one.get("c") is None


def test_a_quiet_conversation_is_packed_and_as_it_was_when_asked_for() -> None:
    """What was set and what was left out, too: updates and resumed turns go by it."""
    clock = Clock()
    one = Mirror(max_age=300, clock=clock)
    before = read("a", "b", customer=Customer(id="v", metadata={"plan": [1, None, "Æ"]}))
    one.keep(before, since=one._number)
    clock.now = 11
    one.keep(read("x", conversation_id="other"), since=one._number)
    assert list(one._packed) == ["c"]
    one.heard(said("d"))
    known = one.get("c")
    assert known is not None
    assert not one._packed
    assert known.messages == (*before.messages, said("d"))
    assert known.model_copy(update={"messages": ()}) == before.model_copy(update={"messages": ()})
    assert known.model_fields_set == before.model_fields_set
    assert [m.model_fields_set for m in known.messages[:2]] == [
        m.model_fields_set for m in before.messages
    ]


def test_a_packed_conversation_is_not_younger_for_it() -> None:
    """Its age counts from when it was read."""
    clock = Clock()
    one = Mirror(max_age=300, clock=clock)
    one.refresh(read("a"), since=one._number)
    assert list(one._packed) == ["c"]
    clock.now = 301
    assert one.get("c") is None


def test_what_cannot_be_packed_is_forgotten() -> None:
    """Half a character, which JSON may hold and UTF-8 cannot: the server is asked again."""
    clock = Clock()
    one = Mirror(max_age=300, clock=clock)
    one.keep(read(subject="\ud83d"), since=one._number)
    clock.now = 11
    one.keep(read("x", conversation_id="other"), since=one._number)
    assert one.get("c") is None
    assert one._count == 1


_IDS = st.sampled_from(["c", "d", "e"])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), _IDS),
        st.tuples(st.just("assign"), _IDS),
        st.tuples(st.just("begin to read"), _IDS),
        st.tuples(st.just("end reading"), _IDS),
        st.tuples(st.just("sweep"), _IDS),
        st.tuples(st.just("drop"), _IDS),
        st.tuples(st.just("ask"), _IDS),
        st.tuples(st.just("wait"), _IDS),
    ),
    max_size=60,
)


@given(_STEPS, st.integers(1, 30))
def test_what_is_mirrored_is_what_the_server_has(steps: list[tuple[str, str]], most: int) -> None:
    """Whatever is read, heard and dropped, in whatever order, and however little room there is."""
    server = {id_: read(conversation_id=id_) for id_ in "cde"}
    clock = Clock()
    one = Mirror(max_age=300, clock=clock, most_messages=most)
    readings: list[tuple[Conversation, int, ExitStack]] = []
    for number, (what, id_) in enumerate(steps):
        if what == "say":
            message = said(f"m{number}", id_)
            messages = (*server[id_].messages, message)
            server[id_] = server[id_].model_copy(update={"messages": messages})
            one.heard(message)
        elif what == "assign":
            server[id_] = server[id_].model_copy(update={"assignee_id": number})
            one.updated(id_, ConversationUpdates(assignee_id=number))
        elif what == "begin to read":
            under_way = ExitStack()
            mark = under_way.enter_context(one.reading())
            readings.append((server[id_], mark, under_way))
        elif what == "end reading" and readings:
            conversation, mark, under_way = readings.pop(0)
            with under_way:
                one.keep(conversation, since=mark)
        elif what == "sweep":
            with one.reading() as mark:
                for conversation in server.values():
                    one.refresh(conversation, since=mark)
        elif what == "drop":
            one.drop(id_)
        elif what == "wait":
            clock.now += 11  # what was quiet meanwhile is packed
        known = one.get(id_)
        assert known in (None, server[id_])
        awake, packed = one._awake.values(), one._packed.values()
        assert one._count == sum(map(len, awake)) + sum(each.messages for each in packed)
        assert one._count <= most


def test_an_hour_of_talk_does_not_make_it_grow() -> None:
    """One conversation that alone is more than there is room for is not mirrored."""
    one = mirror(most_messages=50)
    one.keep(read(), since=one._number)
    for number in range(500):
        one.heard(said(f"m{number}", created_at=NOON + timedelta(seconds=number)))
    assert one._count <= 50


def test_what_is_heard_is_remembered_only_for_a_reading() -> None:
    """News of conversations that nobody reads would keep all that is said."""
    one = mirror()
    one.heard(said("a"))
    assert not one._news
    with one.reading(), one.reading():
        one.heard(said("b"))
        assert one._news
    assert not one._news


def test_a_mirrored_message_takes_no_more_than_its_share() -> None:
    """Measured: 2,400 bytes with all that is worked out from it; its customer is there once."""
    one = mirror()
    one.keep(read(customer=Customer(id="v", current_url="/")), since=one._number)
    before = size_of(one._awake)
    for number in range(200):
        one.heard(said(f"m{number}", customer=Customer(id="v", current_url="/")))
    one.get("c")
    assert (size_of(one._awake) - before) / 200 < 3_000
