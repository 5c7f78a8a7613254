"""The retriever: a model is shown the passages that are nearest to the question."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import (
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.knowledge.retriever import retriever_from
from agentbot.pipeline.knowledge.search import CachedSearch, Found
from tests.support.faq import ANSWER, BOTH, LONG, NOTHING, RETURNS, SHIPPING, FakeMatcher


@pytest.mark.parametrize(
    ("outcome", "ids"),
    [
        (ANSWER, ["shipping", "returns", "long"]),
        (BOTH, ["long", "shipping", "returns"]),
        (FaqSuggestions((RETURNS, LONG), 0.5, "unsure"), ["returns", "long", "shipping"]),
        (NOTHING, ["returns", "shipping", "long"]),
    ],
)
@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_model_is_shown_the_nearest_entries_first(
    outcome: FaqOutcome, ids: list[str], *, in_thread: bool
) -> None:
    """Then the others, in the order of the files."""
    matcher = CachedMatcher(FakeMatcher(outcome), in_thread=in_thread)
    found = await retriever_from((SHIPPING, RETURNS, LONG), matcher)("x")
    assert [passage.id for passage in found] == ids


async def test_a_model_is_shown_as_much_as_there_is_room_for() -> None:
    """And without a matcher the entries come as they stand in the files."""
    big = FaqEntry("big", "Big?", "x" * 11_996)
    found = await retriever_from((big,), None)("x")
    assert [passage.id for passage in found] == ["big"]
    found = await retriever_from((SHIPPING, big, RETURNS), None)("x")
    assert [passage.id for passage in found] == ["shipping"]


PAGE = Passage("page/care", "Care", "By hand.")


class FakeSearch:
    """Finds what it was given."""

    def __init__(self, *found: Passage) -> None:
        self._found = found

    def find(self, text: str) -> tuple[Found, ...]:
        """The same for every text."""
        return tuple(Found(one, 0.5) for one in self._found if text)


@pytest.mark.parametrize(
    ("outcome", "found", "ids"),
    [
        (ANSWER, (PAGE,), ["shipping", "page/care"]),
        (BOTH, (PAGE, Passage("shipping", "Where?", "x")), ["long", "shipping", "page/care"]),
        (NOTHING, (PAGE,), ["page/care"]),
        (NOTHING, (), []),
    ],
)
@pytest.mark.parametrize("in_thread", [False, True])
async def test_where_there_is_an_index_only_what_it_finds_is_shown(
    outcome: FaqOutcome, found: tuple[Passage, ...], ids: list[str], *, in_thread: bool
) -> None:
    """After the entries of which the FAQ is sure; nothing, where nothing is near."""
    matcher = CachedMatcher(FakeMatcher(outcome), in_thread=in_thread)
    search = CachedSearch(FakeSearch(*found), in_thread=in_thread)
    shown = await retriever_from((SHIPPING, RETURNS, LONG), matcher, search)("x")
    assert [one.id for one in shown] == ids


async def test_an_index_alone_is_enough() -> None:
    """A folder may have pages and no FAQ."""
    shown = await retriever_from((), None, CachedSearch(FakeSearch(PAGE)))("x")
    assert shown == [PAGE]
