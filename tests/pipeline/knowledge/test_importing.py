"""Importing pages: Markdown and HTML become files that load, without what no reader sees."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.knowledge.importing import import_pages
from agentbot.pipeline.knowledge.pages import load_pages

HTML = """\
<!doctype html><html><head><title>Returns | Shop</title>
<link rel="canonical" href="https://shop.example/returns">
<meta property="article:modified_time" content="2026-05-01T10:00:00Z"></head>
<body><nav>Home</nav><main><h1>Returns</h1><p>Within <b>30 days</b>.</p>
<h2>Costs</h2><table><tr><th>Where</th><th>Price</th></tr>
<tr><td>Norway</td><td>9</td></tr></table>
<p style="color:#fff">SECRET</p><p class="x" style="display:none">SECRET</p>
<font color="white">SECRET</font><script>SECRET</script><!-- SECRET --></main>
<footer>Foot</footer></body></html>
"""
RETURNS = """\
---
title: Returns
link: https://shop.example/returns
updated: 2026-05-01
---
# Returns

Within **30 days**.

## Costs

| Where | Price |
|---|---|
| Norway | 9 |
"""


def imported(tmp_path: Path, **files: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the files made of pages, by name, and what was left out."""
    for name, text in files.items():
        path = tmp_path / "help" / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = import_pages(tmp_path / "help")
    return {page.name: page.text for page in found.pages}, found.notes


def test_a_page_in_html_is_put_there_as_markdown(tmp_path: Path) -> None:
    """Its text alone, with its title, address and date; what is white on paper is not seen."""
    found, notes = imported(tmp_path, shop__returns_html=HTML)
    assert found == {"shop/returns.md": RETURNS}
    assert notes == ()


def test_a_page_in_markdown_is_put_there_as_it_stands(tmp_path: Path) -> None:
    """Code, tables and lists among it; what only its generator knows is left out, and said."""
    body = "# Care\n\nBy hand.\n\n- a\n  - b\n\n```\n{{ code }}\n```"
    above = "---\ntitle: Care\nlastmod: 2026-01-02\nurl: /care\n---\n"
    found, notes = imported(tmp_path, care_md=f"{above}{body}\n\nCall {{{{ site.phone }}}}.\n")
    assert found == {"care.md": f"---\ntitle: Care\nupdated: 2026-01-02\n---\n{body}\n"}
    (note,) = notes
    assert "{{ site.phone }}" in note


def test_what_is_not_for_customers_is_left_out_and_said(tmp_path: Path) -> None:
    """Drafts, pages about the repository, broken ones, and those without text."""
    found, notes = imported(
        tmp_path,
        a_md="---\ndraft: true\n---\nx",
        README_md="x",
        b_md="---\na: [\n---\nx",
        c_html="<nav>Menu</nav>",
        d_pdf="x",
        e_md="Text.",
    )
    assert list(found) == ["e.md"]
    assert len(notes) == 5


def test_names_are_such_as_ids_may_be_and_none_is_taken_twice(tmp_path: Path) -> None:
    """Whatever their case, and the kind of the page."""
    (tmp_path / "help").mkdir()
    for name in ("A b?.md", "a-b.html", "A-B.markdown", "\u0446\u0435\u043d\u0430.md"):
        (tmp_path / "help" / name).write_text("<p>Text.</p>", encoding="utf-8")
    names = [page.name for page in import_pages(tmp_path / "help").pages]
    assert names == ["A-b.md", "A-B-2.md", "a-b-3.md", "\u0446\u0435\u043d\u0430.md"]


def test_what_was_imported_loads(tmp_path: Path) -> None:
    """Without a problem, and with the same ids the next time."""
    found, _ = imported(tmp_path, a_html=HTML, b_md="Text: a\n\n<b>x</b>")
    for name, text in found.items():
        (tmp_path / "pages").mkdir(exist_ok=True)
        (tmp_path / "pages" / name).write_text(text, encoding="utf-8")
    problems = Problems()
    pages = load_pages(tmp_path, {}, problems)
    assert (problems.found, problems.doubts) == ([], [])
    assert [one.id for page in pages for one in page.passages] == [
        "page/a",
        "page/a#costs",
        "page/b",
    ]


@pytest.mark.parametrize("piece", ["<p>", "<a ", "<!--", "<td>", "a | b\n", "<table><tr><td>x "])
def test_no_page_takes_long(tmp_path: Path, piece: str) -> None:
    """Whatever it holds."""
    started = time.process_time()
    imported(tmp_path, a_html=piece * (100_000 // len(piece)))
    assert time.process_time() - started < 5.0


def test_there_must_be_something(tmp_path: Path) -> None:
    """A slip in the name is no empty folder."""
    with pytest.raises(ConfigurationError, match="no such file"):
        import_pages(tmp_path / "none")


def _above(**fields: str) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in fields.items())
    return f"---\n{lines}---\n"


@pytest.mark.parametrize(
    ("head", "above"),
    [
        (
            "<meta property='og:url' content='https://shop.example/a'>",
            {"link": "https://shop.example/a"},
        ),
        ("<link rel=canonical href=https://shop.example/b>", {"link": "https://shop.example/b"}),
        (
            """<link rel="canonical" href="https://shop.example/c">
            <meta property="og:url" content="https://shop.example/d">""",
            {"link": "https://shop.example/c"},
        ),
        ('<meta property="og:updated_time" content="2026-03-01">', {"updated": "2026-03-01"}),
        ('<meta name="last-modified" content="2026-03-02">', {"updated": "2026-03-02"}),
        ('<meta name="description" content="https://shop.example/e">', {}),
    ],
)
def test_a_page_tells_its_address_and_date_in_several_ways(
    tmp_path: Path, head: str, above: dict[str, str]
) -> None:
    """The first of each counts, however its value is quoted."""
    page = f"<html><head><title>Tea</title>{head}</head><body><p>Dry.</p></body></html>"
    found, _ = imported(tmp_path, tea_html=page)
    assert found["tea.md"] == f"{_above(title='Tea', **above)}Dry.\n"


def test_the_one_main_part_is_the_page_and_of_several_none_is(tmp_path: Path) -> None:
    """A list of articles is read whole."""
    one = "<body><p>Above</p><main><p>Dry.</p></main></body>"
    two = "<body><article><p>Dry.</p></article><article><p>Dark.</p></article></body>"
    found, _ = imported(tmp_path, one_html=one, two_html=two)
    assert found == {"one.md": "Dry.\n", "two.md": "Dry.\n\nDark.\n"}


def test_rows_of_one_length_are_a_table_and_others_are_text(tmp_path: Path) -> None:
    """A table needs a head and a row below it."""
    rows = "<tr><td>Grüße</td><td>9</td></tr>"
    torn = "<tr><td>only one</td></tr>"
    found, _ = imported(
        tmp_path,
        good_html=f"<body><table>{rows * 2}</table></body>",
        short_html=f"<body><table>{rows}</table></body>",
        torn_html=f"<body><table>{rows}{torn}{rows}</table></body>",
    )
    assert "| Grüße | 9 |\n|---|---|\n| Grüße | 9 |" in found["good.md"]
    assert "|---" not in found["short.md"] + found["torn.md"]
    assert "Grüße | 9" in found["short.md"]


def test_a_title_stays_on_its_line_in_its_own_letters(tmp_path: Path) -> None:
    """However long it is."""
    title = "Grüße aus Bergen " * 9
    found, _ = imported(tmp_path, tea_md=f"---\ntitle: {title}\n---\nDry.\n")
    (text,) = found.values()
    assert f"title: {title.strip()}\n" in text
