"""Pages in markdown, pipeline/faq/importing/markdown.py: cut at headings, as readers see them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.faq.importing.markdown import FrontMatterProblem, read_markdown

IMPORTS = """import Tabs, { Item } from '@theme/Tabs';
import * as x from "y"
import './x.css'
export const a = 1;

a"""


def sections(text: str) -> list[tuple[int, int, str, str]]:
    """Return line, level, heading and body of each section."""
    return [(s.line, s.level, s.heading, s.body) for s in read_markdown(text).sections]


def body(text: str) -> str:
    """Return the body of a page without headings."""
    (section,) = read_markdown(text).sections
    return section.body


def test_a_page_is_cut_at_its_headings() -> None:
    """Of both forms, with what stands above all of them."""
    text = "Above.\n\n# One #\n\nFirst.\n\nTwo\nlines\n---\nSecond.\n### Three\n"
    assert sections(text) == [
        (1, 1, "", "Above."),
        (3, 1, "One", "First."),
        (7, 2, "Two lines", "Second."),
        (11, 3, "Three", ""),
    ]
    assert sections(text.replace("\n", "\r\n")) == sections(text)


@pytest.mark.parametrize(
    "code",
    [
        "    # systemctl restart box\n    reboot",
        "```\n# none\n```",
        "~~~sh\n# none\n```\n~~~",
        "- item\n\n      # none\n",
        "> # quoted",
        "- # listed",
        "#none",
        "\\# none",
    ],
)
def test_what_is_no_heading_is_text(code: str) -> None:
    """Code, lists, quotations."""
    (section,) = read_markdown(f"# One\n\nType:\n\n{code}\n\nand wait.\n").sections
    assert section.body == f"Type:\n\n{code.strip(chr(10))}\n\nand wait."


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("How do I return it? {#returns}", "How do I return it?"),
        ("**What** does *it* cost?", "What does it cost?"),
        ("[Where is the label?](./label.md)", "Where is the label?"),
        ("How do I use `--force`?", "How do I use --force?"),
        ("1. Costs", "Costs"),
        ("2.3 Costs", "Costs"),
        ("24/7 support", "24/7 support"),
        ("3 days", "3 days"),
        ("Q: Do you ship?", "Do you ship?"),
        ("A <b>bold</b> <!-- x --> word &amp; more", "A bold word & more"),
        ("![icon](i.png) Tea", "icon Tea"),
    ],
)
def test_a_headings_text_is_plain(heading: str, text: str) -> None:
    """Without anchors, marks, links and numbers."""
    assert sections(f"## {heading}\n\nx\n") == [(1, 2, text, "x")]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a <!-- SECRET --> b", "a  b"),
        ("<!-- SECRET\n\n# SECRET\n-->\na", "a"),
        ("a\n\n<!-- SECRET\n\nnever closed", "a"),
        ("{/* SECRET */}\n\na {/* SECRET\n*/} b", "a \n b"),
        ("{# SECRET #}{% comment %}SECRET{% endcomment %}a", "a"),
        (IMPORTS, "a"),
        ("import taxes are paid from 'us'", "import taxes are paid from 'us'"),
        (":::note Heads up\nKeep it.\n:::", "**Heads up**\nKeep it."),
        ("::: warning\nKeep it.\n:::\n\n:::{tip}\nb\n:::", "Keep it.\n\nb"),
        ('!!! note "Hot"\n    Keep it.\n\n    Cold\n\nb', "**Hot**\nKeep it.\n\nCold\n\nb"),
        ("??? tip\n\tKeep it.\n", "Keep it."),
        ("> [!NOTE]\n> Keep it.", "> Keep it."),
        ('{% hint style="info" %}\na\n{% endhint %}', "a"),
        ("{{< youtube id >}}a{{% b %}}", "a"),
        ("[[toc]]\n{: .note}\n[TOC]\na", "a"),
        ('<Tabs>\n<TabItem value="x">\n\nText *a*\n\n</TabItem>\n</Tabs>', "Text *a*"),
        ("<details>\n<summary>More</summary>\n\nb\n\n</details>", "More\n\nb"),
        ("<p>To <b>Norway</b></p>", "To **Norway**"),
        ("<script>\nSECRET\n</script>\n\na", "a"),
        ("one<br>two <span>x</span> <https://a.example>", "one\ntwo x <https://a.example>"),
        (
            "see [here](./x.md) or [there](#y) or [web](https://x.example)",
            "see here or there or [web](https://x.example)",
        ),
        (
            "a ![pic](img/a.png) b ![pic](https://x.example/a.png)",
            "a  b ![pic](https://x.example/a.png)",
        ),
        ("a\n\n[//]: # (SECRET)\n[comment]: <> (SECRET)\n[x]: # 'SECRET'\n\nb", "a\n\nb"),
        ("a\n[//]: # (SECRET (SECRET))\nb", "a\n\nb"),
        (
            "[our Page][P], [terms], [x] `[p]`\n\n[p]: https://a/p\n[p]: https://b\n[terms]:\n  /t",
            "[our Page](https://a/p), terms, [x] `[p]`",
        ),
        ("[here][p]\n\n[p]: ./x.md", "here"),
        ("**A:** Yes.", "Yes."),
        ("A: Yes.", "Yes."),
        ("As you like.", "As you like."),
        ("a\n\n\n\n\nb", "a\n\nb"),
    ],
)
def test_what_a_reader_does_not_see_is_left_out(text: str, seen: str) -> None:
    """Comments, imports, directives, tags, links that lead nowhere outside the page."""
    assert body(text) == seen


@pytest.mark.parametrize(
    "code", ["`<!-- a -->`", "```\n<!-- a -->\n{% b %}\n:::\n\n\n\n<br>\n```", "``a ` {# b #}``"]
)
def test_code_stays_as_it_stands(code: str) -> None:
    """A page on HTML shows HTML."""
    assert body(f"Write\n\n{code}\n\nthere <b>now</b>.") == f"Write\n\n{code}\n\nthere now."


@pytest.mark.parametrize(
    "above",
    [
        "---\ntitle: 'Tea: cups'\ndraft: true\n---\n",
        "---\ntitle: 'Tea: cups'\ndraft: true\n--- \n",
        "---\ntitle: 'Tea: cups'\ndraft: true\n...\n",
        '+++\ntitle = "Tea: cups"\ndraft = true\n+++\n',
        '{\n"title": "Tea: cups",\n"draft": true\n}\n',
    ],
)
def test_what_stands_above_a_page_is_read(above: str) -> None:
    """In YAML, TOML or JSON; it is no text, and lines count from the file's beginning."""
    page = read_markdown(f"{above}\n# One\n\nText.\n")
    assert page.fields["title"] == "Tea: cups"
    assert str(page.fields["draft"]).lower() == "true"
    assert [(s.heading, s.body, s.line) for s in page.sections] == [
        ("One", "Text.", above.count("\n") + 2)
    ]


@pytest.mark.parametrize("above", ["---\na: [\n---\n", "+++\na = \n+++\n", '{\n"a"\n}\n'])
def test_what_cannot_be_read_above_a_page_is_told(above: str) -> None:
    """It might say that the page is a draft."""
    with pytest.raises(FrontMatterProblem):
        read_markdown(f"{above}\nText.\n")


@pytest.mark.parametrize("text", ["---\n\nText.\n", "---\n- a\n---\n\nText.", "+++\nText."])
def test_a_rule_is_no_front_matter(text: str) -> None:
    """Nor is a list between rules."""
    page = read_markdown(text)
    assert page.fields == {}
    assert "Text." in page.sections[-1].body


@given(st.text(st.characters() | st.sampled_from("#`<>!-:{}[]()*\n ")))
def test_any_page_is_read(text: str) -> None:
    """However broken."""
    try:
        page = read_markdown(text)
    except FrontMatterProblem:
        return
    assert not any(
        "<!--" in s.body and "`" not in s.body and "    " not in s.body for s in page.sections
    )
