"""HTML as markdown, pipeline/faq/importing/html.py: what a reader sees, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.faq.importing.html import holds_html, markdown_of, title_of


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>One <b>two</b> <i>three</i>.</p><p>Four</p>", "One **two** *three*.\n\nFour"),
        (
            "<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>x",
            "- a\n- b\n   1. c\n   2. d\n\nx",
        ),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("3&nbsp;days &amp; &lt;more&gt; &euro;5", "3 days & <more> €5"),
        ('<a href="https://x.example">our <b>page</b></a>', "[our **page**](https://x.example)"),
        ('<a href="https://x.example">https://x.example</a>', "https://x.example"),
        ('<a href="/local">here</a>, <a name="x">there</a>', "here, there"),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
        ("run <code>x</code>", "run `x`"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
            "a | b\n1 | 2",
        ),
        ("<h2>Costs</h2><p>Free</p>", "## Costs\n\nFree"),
        ("a <!-- b --> c <script>d</script><style>e</style>", "a c"),
        ('a<div hidden>b<p>c</p></div><span style="display: none">d</span>', "a"),
        ("a<nav><ul><li>b</li></ul></nav><p>c", "a\n\nc"),
        ("a<b> </b>c <b></b>d", "a c d"),
        ("</p>a</ul></a></nav>", "a"),
        ("x < y and <3", "x < y and <3"),
        ("a<blockquote><p>b</p><blockquote>c</blockquote></blockquote>d", "a\n\n> b\n>\n> c\n\nd"),
        ("a<blockquote>b", "a\n\n> b"),
        ("<![if !supportLists]>a<![endif]><![x<?xml b ?>", "a"),
    ],
)
def test_a_reader_sees_the_same(html: str, markdown: str) -> None:
    """Lists, links, tables, code; no comments, scripts or hidden parts."""
    assert markdown_of(html) == markdown


@pytest.mark.parametrize(
    ("text", "is_html"),
    [
        ("<p>x</p>", True),
        ("a<br>b", True),
        ("Tea &amp; cups", True),
        ("<!-- x -->", True),
        ("x < y", False),
        ("I <3 tea & cups", False),
        ("<https://x.example>", False),
        ("AT&T; and more", False),
        ("<order number>", False),
    ],
)
def test_html_is_told_from_text(text: str, *, is_html: bool) -> None:
    """By tags and entities."""
    assert holds_html(text) is is_html


def test_a_pages_title_is_found() -> None:
    """Where it has one."""
    assert title_of("<html><head><title> Tea &amp;\n cups </title></head>") == "Tea & cups"
    assert title_of("<p>x</p>") == ""


def test_a_joke_of_lists_stays_small() -> None:
    """Each level is set in, up to a depth."""
    text = markdown_of("<ul><li>a" * 500)
    assert text.count("- a") == 500
    assert max(map(len, text.split("\n"))) < 30


@given(st.text(st.characters() | st.sampled_from("<>/&;ab=\"' ")))
def test_any_html_is_read(text: str) -> None:
    """However broken."""
    assert markdown_of(text) == markdown_of(text).strip()
