"""Proves `agentbot.pipeline.checks.safety.markup`: nothing runs, nothing is hidden."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.draft import Code, Finding
from agentbot.pipeline.checks.safety.markup import code, hidden, markup


@pytest.mark.parametrize(
    "text",
    [
        "<img src='x' onerror='y'>",
        "<script>x",
        "<svg/onload=alert(1)>",
        "< a href=x>",
        "&lt;script&gt;",
        "\\u003cscript\\u003e",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "![x](https://shop.example/x.png)",
        "![x][1]\n[1]: https://shop.example",
        "x onerror=alert(1)",
    ],
)
def test_markup_is_found(text: str) -> None:
    """HTML, addresses that run, images."""
    assert list(markup(text))


@pytest.mark.parametrize(
    "text", ["I <3 tea", "3 < 4 > 2", "**bold** and [a](https://shop.example)", "Your data: safe"]
)
def test_plain_text_is_none(text: str) -> None:
    """Signs of less and more, markdown's links."""
    assert not list(markup(text))


@pytest.mark.parametrize(
    "text",
    ["a\u200bb", "\u202eabc", "a\U000e0041", "\x1b[31m", "a\x00", "a\ufeff", "a" + "\u0301" * 5],
)
def test_hidden_signs_are_found(text: str) -> None:
    """Of no width, of direction, tags, controls, piles of accents."""
    assert list(hidden(text))


@pytest.mark.parametrize("text", ["a\nb\tc", "👨‍👩‍👧 ok", "Zoë, naïve", "می‌خواهم"])
def test_what_scripts_and_pictures_need_is_none(text: str) -> None:
    """Joiners within them, line breaks, accents."""
    assert not list(hidden(text))


@pytest.mark.parametrize("sign", ["\ue000", "\ud800", "\u0378", "\u200b", "\x07"])
def test_signs_without_a_meaning_are_found(sign: str) -> None:
    """Of private use, halves of pairs, unassigned ones, formats, controls."""
    [found] = hidden(f"Within Norway {sign} and {sign}")
    assert found.code is Code.INVISIBLE
    assert found.claim == repr(f"in Norway {sign}")
    assert hidden(f"ab{sign}").__next__().claim == repr(f"ab{sign}")


def test_accents_pile_up_from_the_fourth_on() -> None:
    """Three are Vietnamese, and those of one letter are counted, not those of a text."""
    assert not list(hidden("a\u0301\u0302\u0303 " * 3))
    assert not list(hidden("\u0301\u0302\u0303"))
    piled = "a\u0301\u0302\u0303\u0304"
    assert list(hidden(f"b{piled} {piled}")) == [Finding(Code.INVISIBLE, piled, "marks pile up")]


@pytest.mark.parametrize(
    "text", ["a\u200db", "می\u200cb", "a\u200cمی", "\u200dمی", "می\u200d", "می\u200bمی"]
)
def test_a_joiner_that_joins_nothing_is_hidden(text: str) -> None:
    """Beside a Latin letter, or at an end; and no other sign of no width joins."""
    assert [one.code for one in hidden(text)] == [Code.INVISIBLE]


def test_what_is_shown_of_markup_and_code_is_short() -> None:
    """The first 80 characters."""
    [tag] = markup("x <b " + "y" * 200 + ">")
    assert tag == Finding(Code.MARKUP, ("<b " + "y" * 200)[:80], "markup is not said")
    [line] = code("Run ```" + "y" * 200, "")
    assert line == Finding(Code.CODE, ("```" + "y" * 200)[:80], "no source has this code")


def test_code_is_only_said_from_a_source() -> None:
    """A fence, a command."""
    assert list(code("```\nsudo rm -rf /\n```", " tea "))
    assert list(code("Run `sudo apt install x`", " tea "))
    assert not list(code("```\nnpm run shop\n```", " use npm run shop to begin "))
    assert not list(code("Print the label at home.", ""))
