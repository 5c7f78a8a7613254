"""Mails in HTML, pipeline/mail/hypertext.py: their words, with signs before what they quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.mail.hypertext import is_hypertext, text_of
from agentbot.pipeline.mail.quoting import own_words
from tests.support.growth import LINEAR, growth

GMAIL = """<html><body><div>Thanks!</div><div>Sent from my iPhone</div>
<div class="gmail_quote"><div>On Tue, Nov 24, 2026 at 10:11 AM Fjord
&lt;<a href="mailto:s@example.com">s@example.com</a>&gt; wrote:<br></div>
<blockquote><p>human</p></blockquote></div></body></html>"""
OUTLOOK = """<div>Thanks!</div><hr><div><b>From:</b> Fjord &lt;s@example.com&gt;<br>
<b>Sent:</b> Tuesday<br><b>To:</b> Vera</div><div>human</div>"""


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One <b>two</b>,<br>three &amp;\n four</p>", "One two,\nthree & four"),
        ("<style>human {a: b}</style><div>Hello</div>", "Hello"),
        ("<head><title>human</title></head>Hello<!-- human --><![endif]>", "Hello"),
        (
            "a<blockquote>b<div>c</div><blockquote>d</blockquote>e</blockquote>f",
            "a\n> b\n> c\n> d\n> e\nf",
        ),
        ("a<blockquote>b", "a\n> b"),
        ("a</blockquote>b<script>human", "a\nb"),
        ("x &lt; y", "x < y"),
    ],
)
def test_the_words_of_a_mail_are_read(source: str, text: str) -> None:
    """No style sheets, comments or tags."""
    assert text_of(source) == text


@pytest.mark.parametrize(
    "source",
    [
        GMAIL,
        OUTLOOK,
        "<p>Thanks!</p>\n<p>Kind regards<br>Vera<br>Human Resources</p>",
    ],
)
def test_quotations_and_signatures_of_html_do_not_count(source: str) -> None:
    """As little as those of plain text."""
    assert own_words(source) == "Thanks!"


@pytest.mark.parametrize(
    ("text", "hyper"),
    [
        ("<!DOCTYPE html><p>x", True),
        ("\n<div>x", True),
        ("<p>x", True),
        ("<3 your tea", False),
        ("Use <div> here", False),
        ("<please> answer", False),
    ],
)
def test_html_is_told_from_text(text: str, *, hyper: bool) -> None:
    """By its beginning."""
    assert is_hypertext(text) is hyper


@given(st.text(st.characters() | st.sampled_from("<>/&;!-=' ")))
def test_any_html_is_read(text: str) -> None:
    """However broken."""
    assert text_of(text) == text_of(text).strip()


@pytest.mark.parametrize(
    "piece", ["<a ", "<!--", "<!", "<![", "<script>", "<", "&", "<blockquote>a", "<p a=", "<b>"]
)
def test_it_takes_time_linear_in_the_text(piece: str) -> None:
    """No mail holds up everybody else."""
    assert growth(lambda size: text_of(piece * (size // len(piece))), size=6_000) < LINEAR
