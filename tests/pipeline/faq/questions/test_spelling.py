"""``spelling.py``: slips come back to the FAQ's words, and other words stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.faq.embedders import english
from agentbot.pipeline.faq.questions import spelling
from agentbot.pipeline.faq.questions.spelling import Spelling, slips

SPELLING = Spelling(
    ["How long does delivery take?", "Can I return the teapot?", "virtual card verification"]
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hwo long dos delviery take", "how long dos delivery take"),
        ("can i retrun hte teapto?", "can i return the teapot?"),
        ("is the virtula cardd there", "is the virtual card there"),
        ("about vfrificatoin of it", "about verification of it"),
        ("the virtualcard is here", "the virtual card is here"),
        ("the virtualfcard is here", "the virtual card is here"),
        ("i raelly wait", "i really wait"),
        ("ym teapot", "my teapot"),
    ],
)
def test_slips_are_mended(written: str, meant: str) -> None:
    """Letters left out, added, changed or swapped, and spaces that are missing."""
    assert SPELLING.mended(written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "do you have cheques and the returned teapots",
        "i dont know, i cant pay, whats up",
        "is a reorder possible",
        "wo ist mein paket",
        "quanto custa a entrega da encomenda",
        "xqzw vbnm",
        "72*35 EMI",
        "",
    ],
)
def test_other_words_stay(text: str) -> None:
    """English ones, forms of known ones, other languages, and what is near to nothing."""
    assert SPELLING.mended(text) == text


def test_other_languages_stay_in_a_faq_of_their_own() -> None:
    """Whose words are near to theirs, as English ones are."""
    spanish = Spelling(["¿Cómo puedo pagar?", "puede alquilar mi hija", "horario de apertura"])
    for text in ("hasta qué hora puedo pasar hoy?", "mi hijo tiene 15 años, puede ir solo?"):
        assert spanish.mended(text) == text


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("card", "card", 0), ("card", "cadr", 1), ("card", "crd", 1), ("card", "lords", 3)],
)
def test_slips_are_counted(one: str, other: str, count: int) -> None:
    """A swap of neighbours is one."""
    assert slips(one, other) == slips(other, one) == count


def test_short_words_are_slips_where_much_is() -> None:
    """Alone they may be anything."""
    assert SPELLING.mended("hwo lnog does teh deliveyr tkae") == "how long does the delivery take"
    assert SPELLING.mended("cxn i retunr the taepot") == "can i return the teapot"
    assert SPELLING.mended("is the cxn delivery there") == "is the cxn delivery there"


@given(st.text(max_size=60))
def test_mending_ends(text: str) -> None:
    """What is mended needs no mending of the FAQ's own words, whatever the text holds."""
    assert isinstance(SPELLING.mended(text), str)
    assert SPELLING.mended(f"delivery {text}").startswith("delivery ")


def test_the_first_slip_reads_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever learns the FAQ has read all by then: the event loop would wait for it."""

    def read_again(_package: str) -> None:
        pytest.fail("a vocabulary is read")

    for read_once in (spelling._more_words, english.numbers):
        read_once.cache_clear()
    made = Spelling(["Where is my order?"])
    monkeypatch.setattr("importlib.resources.files", read_again)
    assert made.mended("where is my ordr") == "where is my order"
