"""The same reply is not given twice in a row as if it were new."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentbot.pipeline.decision import Decision, Handoff, Reason, Reply, Silence, TraceStep
from agentbot.pipeline.repeating import Around, around_in_other, not_word_for_word
from agentbot.pipeline.turn import Author, Turn
from tests.support.turns import message, turn

WHY = Reason("rule", "a rule")
REPLY = Reply(reason=WHY, text="Yes, we do.\n\n- tea", by="rule", source="a", fires=("a",))
HANDOFF = Handoff(reason=WHY, text="A colleague will answer.", by="rule", source="b")


def after(*said: tuple[Author, str]) -> Turn:
    """A turn after these messages, each before a customer's."""
    history = []
    for author, text in said:
        history += [message(text, author=author), message("And?")]
    return turn("And?", history=tuple(history))


def repeated(decision: Decision, at: Turn, again: str | None = "As I wrote above:") -> Decision:
    """The decision as it goes out."""
    return not_word_for_word(decision, at, lambda _: Around(again, "I pass it on."))


@pytest.mark.parametrize("last", ["Yes, we do.\n\n- tea", "Yes, we do. - tea\n"])
@pytest.mark.parametrize("decision", [REPLY, HANDOFF])
def test_the_second_time_says_so(decision: Reply | Handoff, last: str) -> None:
    """Whatever the server made of the spaces; everything else of the decision stays."""
    said = last if decision is REPLY else str(HANDOFF.text)
    changed = repeated(decision, after((Author.BOT, said)))
    assert isinstance(changed, type(decision))
    assert changed.text == f"As I wrote above: {decision.text}"
    assert (changed.source, changed.fires) == (decision.source, decision.fires)
    step = changed.trace[-1]
    assert (step.name, step.outcome, step.reason.code) == ("same_again", "marked", "same_again")


def test_a_part_that_was_just_said_is_marked_among_others() -> None:
    """Two questions get two answers, of which one has just been given; a mere word is none."""
    both = replace(REPLY, text=f"It is free.\n\n{REPLY.text}\n\nThat is all.")
    changed = repeated(both, after((Author.BOT, f"{REPLY.text}\n")))
    assert isinstance(changed, Reply)
    assert changed.text == f"It is free.\n\nAs I wrote above: {REPLY.text}\n\nThat is all."
    assert changed.trace[-1].outcome == "marked"
    assert repeated(both, after((Author.BOT, "free"))) == both
    assert repeated(both, after((Author.BOT, " "))) == both


def test_the_third_time_is_left_to_people() -> None:
    """Who asks once more is not helped by the same words."""
    changed = repeated(REPLY, after((Author.BOT, f"As I wrote above: {REPLY.text}")))
    assert isinstance(changed, Handoff)
    assert changed.text == "I pass it on."
    assert (changed.by, changed.source, changed.fires) == ("rule", "a", ("a",))
    assert changed.reason.code == "same_again"
    assert changed.trace == (TraceStep("same_again", "handoff", changed.reason),)
    assert changed.gap


def test_a_third_handoff_has_no_words() -> None:
    """People were asked twice, and the customer was told twice."""
    changed = repeated(HANDOFF, after((Author.BOT, f"As I wrote above: {HANDOFF.text}")))
    assert isinstance(changed, Handoff)
    assert changed.text is None
    assert changed.reason == WHY


@pytest.mark.parametrize(
    "at",
    [
        turn("First"),
        after((Author.BOT, "Something else")),
        after((Author.PERSON, REPLY.text)),
        after((Author.BOT, REPLY.text), (Author.PERSON, "Hi")),
        after((Author.BOT, REPLY.text), (Author.BOT, "Something else")),
    ],
)
def test_what_was_not_the_last_thing_said_may_be_said(at: Turn) -> None:
    """Only the last word before the customer's counts, and only the bot's own."""
    assert repeated(REPLY, at) == REPLY


def test_an_operator_may_allow_it() -> None:
    """With null in texts.yaml. Silence says nothing anyway."""
    at = after((Author.BOT, REPLY.text))
    assert repeated(REPLY, at, again=None) == REPLY
    silence = Silence(reason=WHY)
    assert repeated(silence, at) == silence


def test_the_sentences_are_in_the_language_of_what_is_said_again() -> None:
    """Where that is plain, and another than the texts' own; so no reply is in two languages."""
    german = around_in_other("Wir liefern in alle Länder der EU, und in die Schweiz.", "en")
    assert german is not None
    assert german.again == "Wie oben schon geschrieben:"
    assert german.handoff is not None
    assert german.handoff.startswith("Ihre Nachricht")
    assert around_in_other("Yes, and it is free for you.", "en") is None
    assert around_in_other("OK", "en") is None
    english = around_in_other("Yes, and it is free for you.", "de")
    assert english is not None
    assert english.again == "As I wrote above:"


def test_a_language_without_a_pack_has_no_such_sentence() -> None:
    """What is said in it may be repeated, rather than begin in another language."""
    around = around_in_other("Доставка в Россию невозможна, мы этого не делаем.", "en")
    assert around is not None
    assert around.again is None
    assert around.handoff
