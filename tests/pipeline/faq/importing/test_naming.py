"""Ids of imported entries, pipeline/faq/importing/naming.py: such as `check` accepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.faq.entries import is_id
from agentbot.pipeline.faq.importing.naming import Ids, slug


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Do you ship to Norway, please tell me now!", "do-you-ship-to-norway-please-tell-me"),
        ("Versand & Rückgabe?", "versand-ruckgabe"),
        ("Œuvre ßtraße", "oeuvre-sstrasse"),
        ("¿?", "entry"),
        ("配送はいつ", "entry"),
        ("x" * 100, "x" * 80),
    ],
)
def test_an_id_is_made_of_the_first_words(text: str, made: str) -> None:
    """Or a stand-in where there are none that ids are made of."""
    assert slug(text) == made


@pytest.mark.parametrize(
    ("given_", "made"),
    [
        ("KB/001", "KB-001"),
        ("FAQ #2", "FAQ-2"),
        ("versand-und-rückgabe", "versand-und-ruckgabe"),
        ("1,5", "1-5"),
        ("_x_", "x"),
        ("ok_1.a?", "ok_1.a?"),
        ("№", "No"),
        ("配送", "entry"),
        ("/", "entry"),
    ],
)
def test_an_id_that_is_none_becomes_one(given_: str, made: str) -> None:
    """As near as can be."""
    assert Ids().given(given_) == made


def test_an_id_is_used_once() -> None:
    """One that was made gets a number; one that was chosen twice is left for `check` to refuse."""
    ids = Ids()
    assert [ids.free("a"), ids.free("a"), ids.free("a")] == ["a", "a-2", "a-3"]
    assert [ids.given("b"), ids.given("b"), ids.free("b"), ids.given("/b")] == [
        "b",
        "b",
        "b-2",
        "b-3",
    ]
    assert Ids(["1-5", "/"]).given("1,5") == "1-5-2"


@given(st.text(min_size=1))
def test_whatever_is_given_becomes_an_id(text: str) -> None:
    """Such as `check` accepts."""
    assert is_id(Ids().given(text))
    assert is_id(slug(text))
