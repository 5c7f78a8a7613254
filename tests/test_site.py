"""The site made of ``docs/`` (``mkdocs.yml``, ``docs/hooks.py``): whole, and without dead links."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.optional import requires_packages

_ROOT = Path(__file__).parents[1]

pytestmark = requires_packages("mkdocs", install="pip install -c constraints.txt '.[docs]'")


class _Page(HTMLParser):
    """A page's links, what it loads, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value}
        self.anchors.add(values.get("id", ""))
        if tag == "a" and "href" in values:
            self.links.add(values["href"])
        elif tag in {"script", "link", "img"}:
            self.loads |= {values[name] for name in ("src", "href") if name in values}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, _Page]:
    """Return the pages of the site, by their files."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(  # noqa: S603 - our own tree
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)],
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    return {path: _Page(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")}


def test_every_page_is_in_it(site: dict[Path, _Page]) -> None:
    """``strict`` refuses one that the table of contents leaves out."""
    names = {path.stem for path in site}

    assert {path.stem for path in (_ROOT / "docs").rglob("*.md")} <= names


def test_no_link_is_dead(site: dict[Path, _Page]) -> None:
    """Within the site: each leads to a file, and to a place in it where it names one."""
    dead = []
    for path, page in site.items():
        if path.name == "404.html":
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target.exists()
            if there and parts.fragment and target in site:
                there = unquote(parts.fragment) in site[target].anchors
            if not there:
                dead.append((path.name, link))
    assert dead == []


def test_nothing_is_fetched_from_elsewhere(site: dict[Path, _Page]) -> None:
    """Who reads it tells nobody."""
    foreign = {load for page in site.values() for load in page.loads if urlsplit(load).netloc}

    assert foreign == set()


def test_diagrams_are_drawn(site: dict[Path, _Page]) -> None:
    """When the site is built: no page holds their source, and each picture shows what it says."""
    shown = []
    for page in (_ROOT / "docs").rglob("*.md"):
        sources = re.findall(r"```mermaid\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL)
        [built] = [path for path in site if path.stem == page.stem]
        pictures = sorted(built.parent.glob(f"{page.stem}-*.svg"))
        assert "accTitle" not in built.read_text("utf-8")
        for source, picture in zip(sources, pictures, strict=True):
            drawn = picture.read_text("utf-8")
            labels = re.findall(r": (.+)|[(\[{]{1,2}([^()\[\]{}]+)[)\]}]", source)
            words = {word for label in labels for word in re.findall(r"\w+", "".join(label))}
            assert {word for word in words - {"br"} if word not in drawn} == set()
            assert picture.name in site[built].loads
            shown.append(drawn)
    assert len(shown) > 1
    foreign = r"url\((?!#)|@import|(?:href|src)=\"(?!#)"
    assert not [drawn for drawn in shown if re.search(foreign, drawn)]


def test_names_in_tables_can_be_broken_and_found(site: dict[Path, _Page]) -> None:
    """Whole words stand in the search's index; on the page there is room for what they mean."""
    [settings] = [path for path in site if path.as_posix().endswith("reference/settings.html")]
    index = (settings.parents[1] / "search" / "search_index.json").read_text("utf-8")

    assert "<td><code>PAPERCUPS_<wbr>PASSWORD</code>" in settings.read_text("utf-8")
    assert "meaning PAPERCUPS_URL The" in index
    assert "wbr" not in index


def test_links_to_the_code_are_names_there(site: dict[Path, _Page]) -> None:
    """The page of the realtime surface is full of them."""
    (page,) = [path for path in site if path.stem == "realtime-surface"]

    assert "<code>agentbot/papercups/agent.py</code>" in page.read_text(encoding="utf-8")
