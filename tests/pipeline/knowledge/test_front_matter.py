"""Front matter: a page's title, link and date, and what is wrong with them, line by line."""

from __future__ import annotations

from datetime import date

import pytest

from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.knowledge.front_matter import FrontMatter, is_link, read_front_matter


def read(text: str) -> tuple[FrontMatter, list[str], list[str]]:
    """Return what stands above a page, the problems with it, and the doubts."""
    problems = Problems()
    found = read_front_matter(text.split("\n"), "pages/a.md", problems)
    return found, [f"{one.place}: {one.problem}" for one in problems.found], problems.doubts


def test_title_link_and_date_are_read() -> None:
    """In any order, among keys that only a site's generator knows."""
    text = (
        "---\nlayout: help\nlink: https://shop.example/care\n"
        "title: 'Care:  cups'\nupdated: 2026-09-14\n---\nx"
    )
    found, problems, doubts = read(text)
    link, day = "https://shop.example/care", date(2026, 9, 14)
    assert found == FrontMatter(title="Care: cups", link=link, age=day, lines=6)
    assert (problems, doubts) == ([], [])


@pytest.mark.parametrize("text", ["Only text", "", "-- -\na: b\n---", " ---\n---"])
def test_a_page_may_have_none(text: str) -> None:
    """Then it begins with its text."""
    assert read(text) == (FrontMatter(), [], [])


@pytest.mark.parametrize("text", ["---\n---\nx", "---\n# nothing\n...\nx"])
def test_it_may_be_empty(text: str) -> None:
    """Its lines are no text all the same."""
    found, problems, _ = read(text)
    assert not problems
    assert text.split("\n")[found.lines :] == ["x"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("---\ntitle: x", "pages/a.md:1: the front matter is not closed"),
        ("+++\ntitle = 'x'\n+++", "pages/a.md:1: what stands above the page is not YAML"),
        ("---\na: b\n c: : d\n---", "pages/a.md:3: the front matter is not YAML"),
        ("---\n- a\n---", "pages/a.md:2: the front matter holds no keys and values"),
        ("---\ntitle: a\ntitle: b\n---", "pages/a.md:3: the key 'title' stands twice"),
        ("---\ntitle: [a]\n---", "pages/a.md:2: title holds something that is no text"),
        ("---\ntitle: " + "x" * 201 + "\n---", "pages/a.md:2: the title is longer than 200"),
        ("---\n\nlink: /care\n---", "pages/a.md:3: '/care' is no address of a page"),
        ("---\nurl: javascript:alert(1)\n---", "pages/a.md:2: 'javascript:alert(1)' is no address"),
        ("---\nupdated: last week\n---", "pages/a.md:2: 'last week' is no date"),
        ("---\nupdated: 2026-02-30\n---", "pages/a.md:2: '2026-02-30' is no date"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    """One problem each, with a remedy."""
    _, problems, _ = read(text)
    (only,) = problems
    assert only.startswith(said)


def test_a_misspelt_key_is_doubted() -> None:
    """Without a word, the page would have no link."""
    _, problems, doubts = read("---\nlnik: https://shop.example\nauthor: Vera\n---")
    assert not problems
    assert doubts == ["pages/a.md:2: the key 'lnik' says nothing here: did you mean 'link'?"]


@pytest.mark.parametrize("line", ["draft: true", "published: no", "tags: [a, internal]"])
def test_a_page_that_is_not_for_customers_says_so(line: str) -> None:
    """As `agentbot faq import` takes it."""
    found, _, _ = read(f"---\n{line}\n---")
    assert found.withheld


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://shop.example/a?b=c#d", True),
        ("http://localhost:4000", True),
        ("https://", False),
        ("ftp://shop.example", False),
        ("https://shop.example/a b", False),
        ("https://[::1", False),
        ("https://shop.example/<script>", False),
        ("https://shop.example/" + "x" * 2_000, False),
    ],
)
def test_a_link_is_a_whole_address(text: str, *, good: bool) -> None:
    """One that a browser opens, and no markup gets out of."""
    assert is_link(text) is good
