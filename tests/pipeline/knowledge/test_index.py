"""The index: FAQ entries and pages, found by words and meanings together, or not at all."""

from __future__ import annotations

from pathlib import Path

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.knowledge.index import PassageIndex
from agentbot.pipeline.knowledge.passage import Passage
from tests.support.faq import WordEmbedder

FAQ = (
    FaqEntry("shipping", "Do you ship abroad?", "All of Europe.", ("parcels to Norway",)),
    FaqEntry("returns", "Can I return it?", "Within 30 days.", links=("https://shop.example/r",)),
)
PAGES = (
    Passage("page/care#washing", "Care \u203a Washing", "Cups go into the dishwasher."),
    Passage("page/care#oven", "Care \u203a Oven", "Up to 180 degrees."),
)


def index(tmp_path: Path | None = None) -> PassageIndex:
    """Return an index by words, and by meanings where there is a place to keep them."""
    embedder = None if tmp_path is None else WordEmbedder()
    made = PassageIndex.fit(FAQ, PAGES, embedder=embedder, cache_dir=tmp_path)
    if made.meanings is not None:
        made.meanings.learn()
    return made


def test_entries_and_pages_are_found_alike(tmp_path: Path) -> None:
    """By phrasings, answers, titles and texts; with slips of the hand mended."""
    for made in (index(), index(tmp_path)):
        for asked, first in (
            ("a parcel to Norway", "shipping"),
            ("return within how many days", "returns"),
            ("which oven", "page/care#oven"),
            ("Hello! May cups go into the dishwahser? Thank you", "page/care#washing"),
        ):
            found = made.find(asked)
            assert found[0].passage.id == first, asked
            assert found[0].score > 0.3
            assert [one.score for one in found] == sorted(
                (one.score for one in found), reverse=True
            )


def test_a_question_about_nothing_known_finds_nothing(tmp_path: Path) -> None:
    """A model is shown nothing rather than what is unrelated."""
    for made in (index(), index(tmp_path)):
        assert made.find("play some jazz music please") == ()
        assert made.find("\U0001f44d") == ()
        assert made.find("") == ()


def test_an_index_of_nothing_finds_nothing() -> None:
    """A folder may have neither."""
    assert PassageIndex.fit((), ()).find("cups") == ()


def test_an_entry_is_as_near_as_its_nearest_phrasing(tmp_path: Path) -> None:
    """However many it has."""
    (scores,) = index(tmp_path).scores("parcels to Norway")
    assert scores[0] > 0.6 > 2 * scores[1:].max()
    assert [one.passage.id for one in index(tmp_path).find("parcels to Norway")] == ["shipping"]


def test_words_are_compared_until_the_meanings_are_there(tmp_path: Path) -> None:
    """Nobody waits for them."""
    made = PassageIndex.fit(FAQ, PAGES, embedder=WordEmbedder(), cache_dir=tmp_path)
    assert made.find("dishwasher")[0].passage.id == "page/care#washing"
    assert not made.is_by_meanings
    assert made.meanings is not None
    made.meanings.learn()
    assert made.is_by_meanings


def test_each_question_of_a_message_is_looked_for() -> None:
    """What is asked besides does not hide it."""
    found = index().find("Can cups go into the dishwasher? And do you ship parcels to Norway?")
    assert {one.passage.id for one in found[:2]} == {"page/care#washing", "shipping"}


def test_an_entrys_link_is_its_passages() -> None:
    """The first one."""
    (returns,) = (one for one in index().passages if one.id == "returns")
    assert returns.link == "https://shop.example/r"
