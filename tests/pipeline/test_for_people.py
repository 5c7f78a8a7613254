"""What a handoff leaves for people: a tag, one note and a message, once, as the policy wants."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agentbot.pipeline.decision import (
    Action,
    AddTag,
    Handoff,
    Note,
    Notify,
    Reason,
    Reply,
    Silence,
)
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import (
    Candidate,
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.files.models import OnHandOver, PolicyFile
from agentbot.pipeline.for_people import for_people
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.knowledge.search import CachedSearch, Found
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Customer, Meant, Memory, Turn
from tests.support.faq import FakeMatcher
from tests.support.folders import DEFAULT
from tests.support.turns import MONDAY_NOON, message, turn

MINUTE = timedelta(minutes=1)
WHY = Reason("unanswered", "no responder had an answer")
HANDOFF = Handoff(reason=WHY, text="My colleagues will see.")
SHIPPING = FaqEntry("shipping", "Do you ship?", "We do.")
RETURNS = FaqEntry("returns", "Can I return it?", "You can.")
ASKED = Memory(handed_off_at=MONDAY_NOON - MINUTE)


def policy(**wanted: object) -> PolicyFile:
    """Return the shipped one, with these wishes for a handoff."""
    shipped = load_prompts(DEFAULT).policy
    return shipped.model_copy(update={"on_hand_over": OnHandOver.model_validate(wanted)})


def faq(outcome: FaqOutcome, *, in_thread: bool = False) -> CachedMatcher:
    """Return an FAQ with one outcome for everything."""
    return CachedMatcher(FakeMatcher(outcome), in_thread=in_thread)


def left(asked: Turn, decision: Handoff = HANDOFF, **wanted: Any) -> tuple[Action, ...]:
    """Return the actions of the handoff."""
    return for_people(decision, asked, policy(**wanted), None).actions


def test_a_handoff_leaves_a_tag_a_note_and_a_message() -> None:
    """With what was asked, and why it is left to people."""
    asked = turn("Which glaze\n\nis that?", customer=Customer(id="c", name=" Vera\nVisitor "))
    assert left(asked) == (
        AddTag("handed-over"),
        Note("**Left to people:** no responder had an answer\n\n> Which glaze\n> is that?"),
        Notify(
            "Vera Visitor waits for an answer: no responder had an answer\n"
            "> Which glaze\n> is that?"
        ),
    )


@pytest.mark.parametrize(
    ("outcome", "near"),
    [
        (FaqAnswer(SHIPPING, 0.9, "sure"), "- Do you ship? (`shipping`)"),
        (
            FaqAnswers((SHIPPING, RETURNS), ("?",), 0.9, "sure", "shipping"),
            "- Do you ship? (`shipping`)\n- Can I return it? (`returns`)",
        ),
        (
            FaqSuggestions((SHIPPING, RETURNS), 0.5, "near"),
            "- Do you ship? (`shipping`)\n- Can I return it? (`returns`)",
        ),
        (
            FaqAbstention(
                (
                    Candidate("shipping", "Do you ship?", 0.1),
                    Candidate("returns", "Can I return it?", 0.09),
                ),
                0.2,
                "far",
            ),
            "- Do you ship? (`shipping`)",
        ),
        (FaqAbstention((), 0.0, "empty"), "- nothing"),
    ],
)
def test_a_note_names_what_was_nearest_in_the_faq(outcome: FaqOutcome, near: str) -> None:
    """Nothing that has nothing to do with the question."""
    noted = for_people(HANDOFF, turn("Which glaze?"), policy(), faq(outcome)).actions[1]
    assert isinstance(noted, Note)
    assert noted.text.endswith(f"> Which glaze?\n\nNearest in the FAQ:\n{near}")


def test_a_note_says_how_a_follow_up_was_understood() -> None:
    """And what was nearest to that."""
    meant = Meant(question="How much is shipping?", why=Reason("follow_up", "meant: shipping"))
    matcher = FakeMatcher(FaqAnswer(SHIPPING, 0.9, "sure"))
    asked = replace(turn("how much?"), meant=meant)
    note = for_people(HANDOFF, asked, policy(), CachedMatcher(matcher)).actions[1]
    assert isinstance(note, Note)
    assert "> how much?\n\nAfter what was said before: meant: shipping\n\nNearest" in note.text
    assert matcher.asked == ["How much is shipping?"]


def test_no_more_than_three_are_named() -> None:
    """As many as an offer holds."""
    many = tuple(Candidate(f"e{n}", f"Question {n}?", 0.2) for n in range(5))
    noted = for_people(HANDOFF, turn("?"), policy(), faq(FaqAbstention(many, 0.1, "far")))
    assert isinstance(noted.actions[1], Note)
    assert noted.actions[1].text.count("\n- ") == 3


def test_a_look_into_the_faq_that_would_take_long_is_not_begun_for_a_note() -> None:
    """A rule that hands off at once does so at once."""
    matcher = FakeMatcher(FaqAnswer(SHIPPING, 0.9, "sure"))
    noted = for_people(HANDOFF, turn("?"), policy(), CachedMatcher(matcher, in_thread=True))
    assert matcher.asked == []
    assert isinstance(noted.actions[1], Note)
    assert "FAQ" not in noted.actions[1].text


def test_a_long_question_is_cut_and_files_are_counted() -> None:
    """The whole stands above the note."""
    asked = turn(messages=(message("x" * 700, attachments=2),))
    noted, told = left(asked, tag=None)
    assert isinstance(noted, Note)
    assert noted.text.endswith(f"> {'x' * 600} …\n> (2 files)")
    assert isinstance(told, Notify)
    assert told.text.endswith(f"> {'x' * 600} …")
    whole, _ = left(turn("x" * 600), tag=None)
    assert isinstance(whole, Note)
    assert whole.text.endswith("> " + "x" * 600)
    noted, told = left(turn(messages=(message("", attachments=1),)), tag=None)
    assert isinstance(noted, Note)
    assert noted.text.endswith("> (1 file)")
    assert isinstance(told, Notify)
    assert told.text == "A customer waits for an answer: no responder had an answer\n> (a file)"


def test_a_long_name_is_cut() -> None:
    """Anybody may call themselves anything."""
    _, told = left(turn("?", customer=Customer(id="c", name="x" * 90)), tag=None)
    assert told == Notify(f"{'x' * 80} waits for an answer: no responder had an answer\n> ?")


@pytest.mark.parametrize(
    ("wanted", "kinds"),
    [
        ({"tag": None}, [Note, Notify]),
        ({"note": False}, [AddTag, Notify]),
        ({"notify": False}, [AddTag, Note]),
        ({"tag": None, "note": False, "notify": False}, []),
        ({"tag": "people"}, [AddTag, Note, Notify]),
    ],
)
def test_the_policy_says_what_is_left(wanted: dict[str, Any], kinds: list[type[Action]]) -> None:
    """Each of the three on its own."""
    found = left(turn("?"), **wanted)
    assert [type(action) for action in found] == kinds
    assert AddTag("people") in found or wanted.get("tag") != "people"


def test_what_a_rule_says_for_people_stands_instead() -> None:
    """Its note, its message and its tag; notes of several become one, in the first's place."""
    own = (Note("Call back."), AddTag("handed-over"), Note("Allergy!"), Notify("Ring!"))
    assert left(turn("?"), replace(HANDOFF, actions=own)) == (
        Note("Call back.\n\nAllergy!"),
        AddTag("handed-over"),
        Notify("Ring!"),
    )


def test_a_message_without_words_gets_them() -> None:
    """Beside an answer too."""
    reply = Reply(reason=WHY, text="Yes.", by="rule", actions=(Notify(), AddTag("urgent")))
    assert for_people(reply, turn("A fire!"), policy(), None).actions == (
        Notify("A customer waits for an answer: no responder had an answer\n> A fire!"),
        AddTag("urgent"),
    )


def test_what_is_no_handoff_leaves_nothing() -> None:
    """An answer and a silence stay as they are."""
    for decision in (Reply(reason=WHY, text="Yes.", by="rule"), Silence(reason=WHY)):
        assert for_people(decision, turn("?"), policy(), None) is decision


def test_a_note_names_the_pages_that_were_found() -> None:
    """With their links; three at most, and nothing where nothing is near, or not looked up yet."""
    found = (
        Passage("page/care#oven", "Care \u203a [Oven]", "No.", "https://shop.example/care"),
        Passage("shipping", "Do you ship?", "Yes."),
        *(Passage(f"page/{number}", f"Page {number}", "x") for number in range(3)),
    )

    class Finds:
        def find(self, _: str) -> tuple[Found, ...]:
            return tuple(Found(one, 0.4) for one in found)

    def note(search: CachedSearch) -> str:
        noted = for_people(HANDOFF, turn("Which glaze?"), policy(), None, search).actions[1]
        assert isinstance(noted, Note)
        return noted.text

    assert note(CachedSearch(Finds())).endswith(
        "> Which glaze?\n\nPages that may help:\n"
        "- [Care \u203a \\[Oven\\]](https://shop.example/care)\n- **Page 0**\n- **Page 1**"
    )
    assert note(CachedSearch(Finds(), in_thread=True)).endswith("> Which glaze?")
    found = ()
    assert note(CachedSearch(Finds())).endswith("> Which glaze?")


def test_people_who_are_waited_for_are_told_once() -> None:
    """What the customer is told anew is added in a short note; what nobody is told leaves none."""
    again = turn("And that?", memory=ASKED)
    assert left(again) == (AddTag("handed-over"), Note("Asked as well:\n\n> And that?"))
    assert left(again, replace(HANDOFF, text=None)) == ()
    long_ago = Memory(handed_off_at=MONDAY_NOON - 30 * MINUTE)
    assert len(left(turn("And that?", memory=long_ago), replace(HANDOFF, text=None))) == 3


def test_a_silent_handoff_is_told_to_people_all_the_same() -> None:
    """The first time: the customer hears nothing, but somebody must."""
    assert len(left(turn("?"), replace(HANDOFF, text=None))) == 3


def test_an_faq_that_fails_takes_no_note_with_it() -> None:
    """The note says so; a turn without a word is not looked up at all."""

    class Broken:
        def match(self, text: str) -> FaqOutcome:
            raise RuntimeError(text)

    broken = CachedMatcher(Broken())
    noted = for_people(HANDOFF, turn("Glaze"), policy(), broken).actions[1]
    assert isinstance(noted, Note)
    assert noted.text.endswith("Nearest in the FAQ:\n- could not be found: RuntimeError('Glaze')")
    noted = for_people(HANDOFF, turn("x" * 500), policy(), broken).actions[1]
    assert isinstance(noted, Note)
    assert len(noted.text.rpartition("\n")[2]) == 200
    blank = turn(messages=(message("", attachments=1),))
    noted = for_people(HANDOFF, blank, policy(), broken).actions[1]
    assert isinstance(noted, Note)
    assert "FAQ" not in noted.text
