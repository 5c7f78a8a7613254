"""The operator's words around a model's: in the customer's language, and with links for them."""

from __future__ import annotations

import pytest

from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.languages.foreign import foreign_words
from agentbot.pipeline.languages.small_talk import SmallTalkReader
from agentbot.pipeline.llm.words import LLMTexts, LLMWords
from agentbot.pipeline.turn import Author, Conversation, Turn
from tests.support.turns import message, turn
from tests.support.words import WORDS

PAGE = Passage("page/returns", "Returns [all]", "30 days.", link="https://shop.example/r_(a)")
PLAIN = Passage("shipping", "Shipping", "To Norway.")


def words(*, show_links: bool = True, more: str | None = "More:") -> LLMWords:
    """The words of an English folder."""
    texts = LLMTexts("en", Template("Sorry.", {}), Template("People will answer.", {}), more)
    return LLMWords(texts, SmallTalkReader(own="en"), show_links=show_links)


def facts(asked: Turn) -> Facts:
    """The facts of a turn."""
    return Facts(asked, FactSources(words=WORDS))


CHAT = turn("Hi")


def test_links_stand_under_an_answer() -> None:
    """Once each, with a title that ends no link; and not where the answer has them already."""
    assert words().with_links("Yes.", [PAGE, PLAIN, PAGE], "en", facts(CHAT)) == (
        "Yes.\n\nMore: [Returns (all)](https://shop.example/r_%28a%29)"
    )
    said = "See https://shop.example/r_(a)"
    assert words().with_links(said, [PAGE], "en", facts(CHAT)) == said


def test_links_are_the_operators_choice() -> None:
    """By the policy, or by a text that is null."""
    assert words(show_links=False).with_links("Yes.", [PAGE], "en", facts(CHAT)) == "Yes."
    assert words(more=None).with_links("Yes.", [PAGE], "en", facts(CHAT)) == "Yes."


def test_links_are_named_in_the_answers_language() -> None:
    """Where there is a pack for it; else in the folder's."""
    assert "\n\nMehr dazu: [" in words().with_links("Ja.", [PAGE], "de-AT", facts(CHAT))
    assert "\n\nMore: [" in words().with_links("\u306f\u3044", [PAGE], "ja", facts(CHAT))


def test_a_text_message_gets_the_bare_address() -> None:
    """Nobody renders markdown there."""
    asked = turn("Hi", conversation=Conversation(id="c", source="sms"))
    assert (
        words()
        .with_links("Yes.", [PAGE], "en", facts(asked))
        .endswith("More: https://shop.example/r_(a)")
    )


def test_a_handoff_is_told_in_the_customers_language() -> None:
    """In the operator's own words where it is theirs, or not known."""
    for own in ("en", "en-GB", "", "xx"):
        assert words().handed_off(own, facts(CHAT)) == "People will answer."
    assert words().handed_off("de", facts(CHAT)) == foreign_words()["de"].handed_over
    english = facts(turn("What do you charge for the steel model?"))
    assert words().handed_off("de", english) == "People will answer."


@pytest.mark.parametrize(
    ("text", "is_right"),
    [("Thanks!", True), ("ok bye", True), ("Thanks, and the price?", False), ("Hello", False)],
)
def test_silence_is_right_only_where_small_talk_ends(text: str, is_right: bool) -> None:  # noqa: FBT001
    """And something was said before."""
    answered = (message("Yes.", author=Author.BOT),)
    assert words().is_silence_right(facts(turn(text, history=answered))) is is_right
    assert not words().is_silence_right(facts(turn(text)))
