"""Language: any text folds, keywords are found as whole words, durations are read and said."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.words import (
    MAX_DURATION,
    did_you_mean,
    fold,
    is_blank,
    keyword_needle,
    listed,
    lost_signs,
    parse_duration,
    plain,
    plain_pattern,
    say_duration,
    with_one_name,
)
from tests.support.growth import LINEAR, growth


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Do you SHIP?", " do you ship "),
        ("  Crème brûlée, Ærø & Straße! ", " creme brulee aero strasse "),
        ("what's up", " what s up "),
        ("İstanbul", " istanbul "),
        ("IŞIK \u0131ş\u0131k", " isik isik "),
        ("WIE GROẞ? groß, GROSS", " wie gross gross gross "),
        ("Ωραία ΏΡΑ ώρα, Ѐлка ёлка", " ωραια ωρα ωρα елка елка "),
        ("_refund_ order_status", " refund order status "),
        ("can\u2019t can\u02bct can`t can\u00b4t", " can t can t can t can t "),
        ("re\u00adfund ref\u200bund ref\u2060und \ufeffrefund", " refund refund refund refund "),
        ("re\u202efund\u202c ref\U000e0061und refund\ufe0f", " refund refund refund "),
        ("\uff32\uff45\uff46\uff55\uff4e\uff44 1\ufe0f\u20e3", " refund 1 "),
        ("カード ｶｰﾄﾞ カート", " カード カード カート "),
        ("한국어 \u1112\u1161\u11ab\u3164", " 한국어 한 "),
        ("हिन्दी में", " हिन्दी में "),
        ("ที่ไหน", " ที่ไหน "),
        ("استرجـــاع مَكْتَب", " استرجاع مكتب "),
        ("שָׁלוֹם", " שלום "),
        ("בית־ספר", " בית ספר "),
        ("Œuvres \u00deór", " oeuvres thor "),
        ("\u06a9\u06cc", " \u0643\u064a "),
        ("ж\u0488ж", " ж\u0488ж "),
        ("", "  "),
        ("?!", "  "),
        ("\u200b\u2800\ufe0f", "  "),
    ],
)
def test_text_is_folded_to_plain_words(text: str, folded: str) -> None:
    """Case, accents and signs do not matter; what tells words apart in other scripts does."""
    assert fold(text) == folded


MARKED = st.text(
    st.characters()
    | st.sampled_from("İ\u0131ßẞǅéがｶﾞ한\u3099\u0301\u0345\u034f\u200d\ufe0f\u1160\u02bc_'\u2019")
)
"""Any text, with letters among it that have several forms."""


@given(MARKED)
def test_any_text_folds_and_folding_again_changes_nothing(text: str) -> None:
    """Customers write anything."""
    folded = fold(text)
    assert fold(folded) == folded


@given(MARKED)
def test_a_normal_form_makes_no_difference(text: str) -> None:
    """Phones and computers send the same letters in different ones."""
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")}
    assert {fold(form) for form in forms} == {fold(text)}
    assert len({plain(form) for form in forms}) == 1


@given(MARKED, st.integers(0, 20))
def test_an_invisible_sign_makes_no_difference(text: str, place: int) -> None:
    """Wherever it stands."""
    assert fold(f"{text[:place]}\u200b{text[place:]}") == fold(text)


@given(st.text("abcABC éÉäÄöÖüßñ", max_size=40))
def test_case_makes_no_difference(text: str) -> None:
    """A caps-lock key is no other question."""
    assert fold(text.upper()) == fold(text)


@pytest.mark.parametrize("sign", ["a", "é", "\u200b", "\u0301", "が", "!", "ß", "\u02bc"])
def test_folding_takes_time_linear_in_the_text(sign: str) -> None:
    """No text of its size holds up everybody else."""
    assert growth(lambda size: (fold(sign * size), plain(sign * size)), size=12_000) < LINEAR


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("I can\u2019t\u00a0log in", "I can't log in"),
        ("\u201cYes\u201d \u201eJa\u201c", '"Yes" "Ja"'),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("one\rtwo", "one\ntwo"),
        ("FF\u201112345", "FF-12345"),
        ("Cafe\u0301 re\u00adfund", "Café refund"),
        ("24\u201348 h \u2014 or\u2026", "24-48 h - or..."),
        ("can`t", "can't"),
        ("20\u2009kg of\u2002tea\u200aand\u2000cups", "20 kg of tea and cups"),
        ("Crème, 50 %\t!", "Crème, 50 %\t!"),
    ],
)
def test_a_plain_text_is_what_a_plain_keyboard_writes(text: str, written: str) -> None:
    """Case, accents and punctuation stay."""
    assert plain(text) == written
    assert plain(written) == written


def test_a_pattern_is_made_plain_without_new_operators() -> None:
    """A bare hyphen among [ ] would be one."""
    assert plain_pattern("can\u2019t|Cafe\u0301 [+\u2010-]") == r"can't|Café [+\--]"
    written = "\\[24\u201348\u2026[a\u2014\\]\u2026]\u2014"
    assert plain_pattern(written) == r"\[24-48\.\.\.[a\-\].]-"
    assert plain_pattern("\\\u2013]\u2013") == "\\\u2013]-"
    assert plain_pattern("[[a]\u2013]\u2013") == r"[[a]\-]-"


@pytest.mark.parametrize(
    ("keyword", "word"),
    [
        ("c++", "c++"),
        ("C# developer", "C#"),
        (".net", ".net"),
        ("100%", "100%"),
        ("€50", "€50"),
        ("refund", ""),
        ("ship*", ""),
        ("what's up?", ""),
        ("24/7", ""),
        ("_refund_", ""),
        ("Fjord & Fern", ""),
        ("\u201equoted\u201c (once)…", ""),
    ],
)
def test_a_keyword_whose_signs_matter_is_known(keyword: str, word: str) -> None:
    """Without them it is another word."""
    assert lost_signs(keyword) == word


@pytest.mark.parametrize(
    ("keyword", "parts"),
    [
        ("refund, return;exchange", ["refund", "return", "exchange"]),
        ("返品、交換", ["返品", "交換"]),
        ("a | b", ["a", "b"]),
        ("where is my order?", ["where is my order?"]),
        ("refund,", ["refund"]),
    ],
)
def test_keywords_in_one_text_are_told_apart(keyword: str, parts: list[str]) -> None:
    """By commas, semicolons, bars."""
    assert listed(keyword) == parts


@pytest.mark.parametrize(
    ("keyword", "text", "found"),
    [
        ("ship", "Do you ship?", True),
        ("ship", "What about shipping?", False),
        ("ship*", "What about shipping?", True),
        ("ship*", "By friendship alone", False),
        ("opening hours", "Your OPENING hours?", True),
        ("opening hours", "opening of hours", False),
        ("café", "a cafe", True),
        ("发货", "请问什么时候发货呢", True),
        ("配送", "请问什么时候发货呢", False),
        ("カード", "カートに入れた商品", False),
        ("バス", "パスワードを忘れました", False),
        ("ที่", "อยู่ที่ไหน", True),
        ("fund", "I want a re\u00adfund", False),
        ("배송", "배송은 언제 되나요?", True),
        ("배송", "무료배송", False),
        ("환불*", "환불해 주세요", True),
        ("\u06a9\u062a\u0627\u0628", "\u0643\u062a\u0627\u0628", True),
        ("24", "\u0662\u0664", True),
    ],
)
def test_a_keyword_is_found_as_whole_words(keyword: str, text: str, *, found: bool) -> None:
    """A star finds longer words, as Korean does; scripts without spaces are searched anywhere."""
    assert (keyword_needle(keyword) in fold(text)) is found


def test_a_keyword_without_letters_is_refused() -> None:
    """It would be found everywhere."""
    with pytest.raises(ValueError, match="no letter"):
        keyword_needle("?!")


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("2 days", timedelta(days=2)),
        ("1h 30m", timedelta(minutes=90)),
        ("1.5 Hours", timedelta(minutes=90)),
        ("1 week", timedelta(weeks=1)),
        (f"{MAX_DURATION.days}d", MAX_DURATION),
    ],
)
def test_a_duration_is_read(text: str, duration: timedelta) -> None:
    """Short, long, and put together."""
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "12", "h", "12 parsecs", "1h!", "-1h", "99999d", "3650d 1s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """With words that say what to write, or how long is too long."""
    with pytest.raises(ValueError, match=r"duration|longer"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=5, seconds=2), "5 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=3), "3 days"),
        (-timedelta(days=3), "0 seconds"),
    ],
)
def test_a_duration_is_said(duration: timedelta, words: str) -> None:
    """To the coarsest unit."""
    assert say_duration(duration) == words


def test_an_unknown_name_gets_the_nearest_or_all_known() -> None:
    """So that the reader can go on."""
    assert did_you_mean("replay", ["reply", "tag"]) == "did you mean 'reply'?"
    assert did_you_mean("zzz", ["reply", "tag"]) == "known: reply, tag"
    assert did_you_mean("zzz", []) == ""
    assert did_you_mean("replay", ["reply", "tag"], otherwise="x") == "did you mean 'reply'?"
    assert did_you_mean("zzz", ["reply", "tag"], otherwise="write a verb") == "write a verb"


@pytest.mark.parametrize(
    "text", ["", " \n", "\u200b", "\ufeff", "\u2800", "\u3164", "\u2063\u00a0", "\ufe0f", "\u0301"]
)
def test_what_nobody_can_see_is_blank(text: str) -> None:
    """Spaces, joiners, fillers, and marks without a letter."""
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "?", "\u200b?", "\u00a0\u00e9", "\U0001f44d", "\u3042"])
def test_what_can_be_seen_is_not_blank(text: str) -> None:
    """A sign or a picture is enough."""
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("to the US.", "to the USA."),
        ("the U.S. and the U. S. A.", "the USA and the USA"),
        ("the United States of America", "the USA"),
        ("US-wide", "USA-wide"),
        ("contact us, USB, BUS, US$ 5", "contact us, USB, BUS, US$ 5"),
    ],
)
def test_a_country_is_told_from_a_pronoun(text: str, said: str) -> None:
    """Folded, they would be the same word."""
    assert with_one_name(text) == said
