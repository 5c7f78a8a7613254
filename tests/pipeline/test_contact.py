"""The e-mail address that a customer gives: found, stored, thanked for, and no question."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from inspect import isawaitable
from pathlib import Path

import pytest

from agentbot.pipeline.contact import (
    ASKED_EMAIL,
    ASKED_EMAIL_AGAIN,
    email_actions,
    given_address,
    is_broken_address,
    take_address,
)
from agentbot.pipeline.decision import (
    AddTag,
    Decision,
    Handoff,
    Note,
    Reason,
    Reply,
    SetEmail,
    Silence,
)
from agentbot.pipeline.guards import guard
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Author, Customer, Memory, Turn
from tests.support.folders import DEFAULT, folder
from tests.support.turns import MONDAY_NOON, history, message, turn

MINUTE = timedelta(minutes=1)
ASKED = Memory(fired={ASKED_EMAIL: MONDAY_NOON - MINUTE})
KNOWN = Customer(id="c", email="old@example.com")
WHY = Reason("rule", "a rule")

RULES = """\
rules:
  - id: norway
    keywords: norway
    reply: We do.
    ask_email: true
  - id: person
    keywords: person
    reply: I'll get somebody.
    ask_email: true
    hand_over: true
"""

THANKS = "Thank you! If you have left this page by then, we will answer to that address."
UNCLEAR = "That does not look like a whole e-mail address. Could you write it once more?"


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """Return the pipeline of the rules above."""
    return build_pipeline(load_prompts(folder(tmp_path, rules=RULES)))


async def decide(pipeline: Pipeline, asked: Turn) -> Decision:
    """Return the decision."""
    outcome = pipeline.decide(asked)
    return await outcome if isawaitable(outcome) else outcome


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("vera@example.com", "vera@example.com", ""),
        ("  Vera.Visitor+shop@mail.example.co.uk. ", "Vera.Visitor+shop@mail.example.co.uk", ""),
        ("<vera@example.com>", "vera@example.com", ""),
        ("mailto:vera@example.com", "vera@example.com", ""),
        ("(vera@example.com)!", "vera@example.com", ""),
        ("vera@example.com?", "vera@example.com", ""),
        ("vera\uff20example.com", "vera@example.com", ""),
        ("jörg@bücher.example", "jörg@bücher.example", ""),
        ("o'hara_1@example.museum", "o'hara_1@example.museum", ""),
        ("It is vera@example.com, thanks", "vera@example.com", "It is  , thanks"),
        ("vera@example.com\nDo you ship to Norway?", "vera@example.com", "Do you ship to Norway?"),
    ],
)
def test_an_address_is_found_in_what_was_written(text: str, address: str, rest: str) -> None:
    """As people write them, with what stands beside it."""
    given = given_address(turn(text, memory=ASKED))
    assert given is not None
    assert (given.address, given.rest) == (address, rest)


@pytest.mark.parametrize(
    "text",
    [
        "vera@",
        "@vera",
        "vera@example",
        "vera@example.c",
        "vera@@example.com",
        "vera..v@example.com",
        ".vera@example.com",
        "vera@-example.com",
        "vera@example.com@example.org",
        "vera@example.123",
        "5 @ 3.50",
        f"{'v' * 243}@example.com",
        "no address at all",
    ],
)
def test_what_is_no_address_is_not_taken_for_one(text: str) -> None:
    """Better none than a wrong one."""
    assert given_address(turn(text, memory=ASKED)) is None


@pytest.mark.parametrize(
    ("text", "is_alone"),
    [
        ("vera@example.com", True),
        ("you can reach me at vera@example.com", True),
        ("well, you can reach me at vera@example.com", True),
        ("well, you can always reach me at vera@example.com", False),
        ("vera@example.com but my parcel has not come for two weeks", False),
        ("vera@example.com ok?", False),
    ],
)
def test_a_few_words_beside_an_address_are_no_question(text: str, *, is_alone: bool) -> None:
    """In any language: a question mark, or many words, are."""
    given = given_address(turn(text, memory=ASKED))
    assert given is not None
    assert given.is_alone is is_alone


def test_an_address_is_as_long_as_mail_servers_take() -> None:
    """254 characters, and not one more."""
    longest = f"{'v' * 242}@example.com"
    given = given_address(turn(longest, memory=ASKED))
    assert given is not None
    assert given.address == longest


def test_an_address_is_looked_for_where_people_write_it() -> None:
    """A text that goes on and on is not searched to its end."""
    assert given_address(turn("so " * 600 + "vera@example.com", memory=ASKED)) is not None
    assert given_address(turn("so " * 700 + "vera@example.com", memory=ASKED)) is None


def test_an_address_is_taken_where_it_was_asked_for_or_is_all_there_is() -> None:
    """In a sentence that nobody asked for it may be anybody's; a known one is never replaced."""
    assert given_address(turn("vera@example.com")) is not None
    assert given_address(turn("Is ann@example.com one of yours?")) is None
    assert given_address(turn("Is it ann@example.com", memory=ASKED)) is not None
    assert given_address(turn("vera@example.com", memory=ASKED, customer=KNOWN)) is None
    assert email_actions(turn("vera@example.com")) == (SetEmail("vera@example.com"),)
    assert email_actions(turn("Hello")) == ()


async def test_the_address_is_stored_and_thanked_for(pipeline: Pipeline) -> None:
    """And asked of nobody: no responder had an answer to it."""
    for text in ("vera@example.com", "you can reach me at vera@example.com"):
        decision = await decide(pipeline, turn(text, memory=ASKED))
        assert isinstance(decision, Reply)
        assert decision.text == THANKS
        assert decision.actions == (SetEmail("vera@example.com"),)
        assert (decision.by, decision.source, decision.reason.code) == ("rule", "email", "email")
        assert not decision.gap
        reserved, *_, last = decision.trace
        assert (reserved.name, reserved.outcome) == ("guards", "reserved")
        assert reserved.reason.code == "email"
        assert last.name == "email"


async def test_an_answer_that_holds_both_is_both(pipeline: Pipeline) -> None:
    """Thanked for in front of the answer, which does not ask for the address again."""
    for text in ("vera@example.com Do you ship to Norway?", "vera@example.com, norway"):
        decision = await decide(pipeline, turn(text))
        asked = await decide(pipeline, turn(text, memory=ASKED))
        assert isinstance(asked, Reply)
        assert asked.text == f"{THANKS}\n\nWe do."
        assert asked.source == "norway"
        assert asked.actions == (SetEmail("vera@example.com"),)
        assert ASKED_EMAIL not in asked.fires
        assert SetEmail("vera@example.com") not in decision.actions


async def test_an_address_with_a_question_that_nobody_knows_is_both_too(
    pipeline: Pipeline,
) -> None:
    """The question is left to people, by itself."""
    text = "vera@example.com and which glaze did you use for the blue cups?"
    decision = await decide(pipeline, turn(text, memory=ASKED))
    assert isinstance(decision, Handoff)
    assert decision.text is not None
    assert decision.text.startswith(f"{THANKS}\n\nI don't know that")
    assert SetEmail("vera@example.com") in decision.actions
    assert any(isinstance(action, Note) for action in decision.actions)


async def test_an_address_with_a_wish_for_a_person_is_both(pipeline: Pipeline) -> None:
    """A rule that hands off does so, with thanks."""
    decision = await decide(pipeline, turn("vera@example.com a person please", memory=ASKED))
    assert isinstance(decision, Handoff)
    assert decision.text == f"{THANKS}\n\nI'll get somebody."
    assert ASKED_EMAIL not in decision.fires


async def test_right_after_a_handoff_the_address_is_thanked_for(pipeline: Pipeline) -> None:
    """With people online as well: it is what they wait for."""
    memory = replace(ASKED, handed_off_at=MONDAY_NOON - MINUTE)
    for people in (0, 1):
        asked = turn("vera@example.com", memory=memory, agents_online=people)
        assert isinstance(await decide(pipeline, asked), Reply)
    more = turn("vera@example.com, is it on its way?", memory=memory, agents_online=1)
    silence = await decide(pipeline, more)
    assert isinstance(silence, Silence)
    assert silence.actions == (SetEmail("vera@example.com"),)


def test_whoever_keeps_the_bot_out_the_address_is_kept() -> None:
    """Without a word, where a person is writing."""
    policy = load_prompts(DEFAULT).policy
    said = history((Author.PERSON, 1))
    silence = guard(turn("vera@example.com", memory=ASKED, history=said), policy)
    assert silence is not None
    assert silence.reason.code == "person"
    assert silence.actions == (SetEmail("vera@example.com"),)
    other = guard(turn("Hello?", memory=ASKED, history=said), policy)
    assert other is not None
    assert other.actions == ()


@pytest.mark.parametrize(
    "text",
    [
        "vera@",
        "@example.com",
        "vera@example",
        "vera@gmail,com",
        "my mail is vera@gmail",
        "vera (at) example.com",
        "vera at example.com",
        "vera @ example",
    ],
)
async def test_what_is_no_whole_address_is_asked_for_once_more(
    pipeline: Pipeline, text: str
) -> None:
    """One friendly question, where one was asked for; then the words are taken as they are."""
    decision = await decide(pipeline, turn(text, memory=ASKED))
    assert isinstance(decision, Reply)
    assert decision.text == UNCLEAR
    assert (decision.by, decision.source) == ("rule", "email")
    assert decision.reason.code == "email_unclear"
    assert decision.fires == (ASKED_EMAIL_AGAIN,)
    again = replace(ASKED, fired={**ASKED.fired, ASKED_EMAIL_AGAIN: MONDAY_NOON})
    for memory in (again, Memory()):
        decision = await decide(pipeline, turn(text, memory=memory))
        assert decision.reason.code == "unanswered"


@pytest.mark.parametrize(
    "text",
    [
        "Do you ship @ night?",
        "we are at the station now and wait there",
        "my own mail is vera@gmail",
        "vera@gmail is all I have",
        "Hello",
        "5 pieces",
    ],
)
def test_what_only_holds_the_sign_is_no_try(text: str) -> None:
    """Nobody is asked for an address that they did not try to give."""
    assert not is_broken_address(turn(text, memory=ASKED))
    assert not is_broken_address(turn("vera@", memory=ASKED, customer=KNOWN))


def test_without_a_word_of_thanks_the_address_is_stored_all_the_same() -> None:
    """Where the text cannot be said: an answer stays as it is, and "thanks!" gets none."""
    given = given_address(turn("vera@example.com", memory=ASKED))
    assert given is not None
    stored = (SetEmail("vera@example.com"),)
    for silent in (None, Reply(reason=WHY, text="Hi!", by="rule", source="small_talk/greeting")):
        silence = take_address(given, silent, None)
        assert isinstance(silence, Silence)
        assert (silence.reason.code, silence.actions) == ("email", stored)
    answer = Reply(reason=WHY, text="We do.", by="faq", actions=(AddTag("norway"),))
    kept = replace(answer, actions=(*stored, AddTag("norway")))
    assert take_address(given, answer, None) == kept


def test_a_silence_gets_no_words_by_an_address() -> None:
    """It is stored, and what the silence does beside that is done."""
    given = given_address(turn("vera@example.com", memory=ASKED))
    assert given is not None
    silence = Silence(reason=WHY, actions=(AddTag("hush"),))
    kept = replace(silence, actions=(SetEmail("vera@example.com"), AddTag("hush")))
    assert take_address(given, silence, THANKS) == kept


def test_the_keys_of_the_questions_are_those_that_stores_hold() -> None:
    """Others would make the bot forget what it has asked in conversations that go on."""
    assert ASKED_EMAIL == "ask_email"
    assert ASKED_EMAIL_AGAIN == "ask_email_again"


async def test_the_texts_may_be_left_out(pipeline: Pipeline) -> None:
    """Without a word for a broken address, it is a question like others."""
    texts = replace(pipeline.prompts.texts, email_unclear=None)
    mute = build_pipeline(replace(pipeline.prompts, texts=texts))
    decision = await decide(mute, turn("vera@", memory=ASKED))
    assert decision.reason.code == "unanswered"


async def test_an_address_comes_with_files_and_over_several_messages(pipeline: Pipeline) -> None:
    """All of a turn is read."""
    asked = turn(messages=(message("Norway?", attachments=1), message("vera@example.com")))
    decision = await decide(pipeline, replace(asked, memory=ASKED))
    assert isinstance(decision, Reply)
    assert decision.text == f"{THANKS}\n\nWe do."
