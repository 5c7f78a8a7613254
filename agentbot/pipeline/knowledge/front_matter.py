"""What stands above a page, between two lines of ``---``: its title, link and date."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from urllib.parse import urlsplit

import yaml

from agentbot.pipeline.faq.importing.withheld import why_withheld
from agentbot.pipeline.files.composing import compose
from agentbot.pipeline.files.problems import Problems

_LINKS = ("link", "url", "canonical")
_DATES = ("updated", "date", "lastmod", "last_modified", "modified")
KEYS = ("id", "title", *_LINKS, *_DATES, "language")
"""The keys that are read, or meant for readers. Pages of generators have others, too, which say
nothing here."""
_LONGEST_TITLE = 200
"""Characters of a title: it stands above each piece, and in a link that customers are shown."""
_LONGEST_LINK = 2_000
"""Characters of an address: longer ones browsers do not open."""
_NEAR = 0.75
"""The likeness, from 0 to 1, of a key that is surely a slip: "lnik" and "link" have it, "draft" and
"date" 0.67."""
_NO_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f<>\"\\^`{}|]")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What is said of a page; ``lines`` is how many lines of it that takes.

    ``withheld`` says why customers are not to read the page: it is a draft, say; or "".
    """

    id: str = ""
    title: str = ""
    link: str | None = None
    age: date | None = None
    withheld: str = ""
    lines: int = 0


def read_front_matter(lines: Sequence[str], name: str, problems: Problems) -> FrontMatter:
    """Return what stands above a page of these ``lines``; what is wrong with it is noted."""
    first = lines[0].rstrip() if lines else ""
    if first in {"+++", "{"}:
        what = "what stands above the page is not YAML between two lines of ---"
        problems.add(f"{name}:1", what, "write it so, or let `agentbot faq import --pages` do it")
        return FrontMatter(lines=len(lines))
    if first != "---":
        return FrontMatter()
    end = next((n for n, row in enumerate(lines[1:], 1) if row.rstrip() in {"---", "..."}), None)
    if end is None:
        problems.add(f"{name}:1", "the front matter is not closed", "end it with a line of ---")
        return FrontMatter(lines=len(lines))
    node = _composed("\n".join(lines[1:end]), name, problems)
    if node is None:
        return FrontMatter(lines=end + 1)
    return _Fields(name, problems, node).read(end + 1)


def _composed(text: str, name: str, problems: Problems) -> yaml.MappingNode | None:
    try:
        node = compose(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = 2 + (mark.line if mark else 0)
        said = getattr(error, "problem", None) or "it is malformed"
        what = f"the front matter is not YAML: {said}"
        problems.add(f"{name}:{line}", what, "quote text that holds ': ' or begins with a sign")
        return None
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        what = "the front matter holds no keys and values"
        problems.add(f"{name}:2", what, "write such as 'title: Shipping', or begin without ---")
        return None
    return node


@dataclass(slots=True)
class _Fields:
    """The keys above one page, read with complaints that name their lines."""

    name: str
    problems: Problems
    node: yaml.MappingNode
    said: dict[str, tuple[yaml.Node, str]] = field(default_factory=dict)

    def read(self, lines: int) -> FrontMatter:
        for key, value in self.node.value:
            text, place = str(key.value), f"{self.name}:{2 + key.start_mark.line}"
            if text in self.said:
                self.problems.add(place, f"the key {text!r} stands twice", "keep one")
            elif text not in KEYS and (near := get_close_matches(text, KEYS, 1, _NEAR)):
                what = f"the key {text!r} says nothing here: did you mean {near[0]!r}?"
                self.problems.doubt(place, what)
            self.said[text] = value, place
        return FrontMatter(
            id=self._text("id"),
            title=self._title(),
            link=self._link(),
            age=self._date(),
            withheld=why_withheld(self._plain()),
            lines=lines,
        )

    def _plain(self) -> Mapping[str, object]:
        """Return the values as they are written, with those of lists one by one."""
        return {
            key: [str(one.value) for one in node.value]
            if isinstance(node, yaml.SequenceNode)
            else str(node.value)
            for key, (node, _) in self.said.items()
            if not isinstance(node, yaml.MappingNode)
        }

    def _text(self, key: str) -> str:
        node, place = self.said.get(key, (None, ""))
        if node is None:
            return ""
        if isinstance(node, yaml.ScalarNode):
            return " ".join(str(node.value).split())
        self.problems.add(place, f"{key} holds something that is no text", "write it in quotes")
        return ""

    def _title(self) -> str:
        title = self._text("title")
        if len(title) > _LONGEST_TITLE:
            what = f"the title is longer than {_LONGEST_TITLE} characters"
            self.problems.add(self.said["title"][1], what, "write it in a few words")
        return title

    def _link(self) -> str | None:
        key = next((one for one in _LINKS if self._text(one)), None)
        if key is None:
            return None
        link = self._text(key)
        if is_link(link):
            return link
        what = f"{link[:80]!r} is no address of a page that customers can open"
        self.problems.add(self.said[key][1], what, "write all of it, such as https://shop.example/")
        return None

    def _date(self) -> date | None:
        key = next((one for one in _DATES if self._text(one)), None)
        if key is None:
            return None
        try:
            return date.fromisoformat(self._text(key)[:10])
        except ValueError:
            what = f"{self._text(key)[:40]!r} is no date"
            self.problems.add(self.said[key][1], what, "write it such as 2026-11-26")
            return None


def is_link(text: str) -> bool:
    """Say whether a text is the whole address of a page on the web."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    is_web = parts.scheme in {"http", "https"} and bool(host)
    return is_web and len(text) <= _LONGEST_LINK and not _NO_ADDRESS.search(text)
