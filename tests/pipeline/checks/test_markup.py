"""Proves `agentbot.pipeline.checks.markup`: nothing runs, nothing is hidden."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.markup import code, hidden, markup


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


def test_code_is_only_said_from_a_source() -> None:
    """A fence, a command."""
    assert list(code("```\nsudo rm -rf /\n```", " tea "))
    assert list(code("Run `sudo apt install x`", " tea "))
    assert not list(code("```\nnpm run shop\n```", " use npm run shop to begin "))
    assert not list(code("Print the label at home.", ""))
