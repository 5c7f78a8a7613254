"""HTML, of help pages and of exported cells, as the markdown that answers are written in.

Only what a reader sees is taken: no comments, scripts, navigation, or hidden parts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

from agentbot.pipeline.faq.importing.marks import END, QUESTION, TERM, is_short, marked, opens_more

_TAG = re.compile(
    r"</?(?:a|abbr|article|b|blockquote|br|center|code|dd|details|div|dl|dt|em|figure|font|h[1-6]|hr"
    r"|i|iframe|img|li|main|mark|ol|p|pre|s|script|section|small|span|strong|style|sub|summary|sup"
    r"|table|tbody|td|th|thead|tr|u|ul|video)(?:\s[^<>]*)?/?>|<!--",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,6});", re.IGNORECASE)


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_UNSEEN = _set(
    "script style head nav header footer aside template noscript form button select svg iframe"
    " object video audio canvas"
)
_BLOCKS = _set(
    "p div section article main ul ol dl dt dd table tr figure blockquote details summary center hr"
    " tbody thead body html h1 h2 h3 h4 h5 h6"
)
_EMPTY = _set("br hr img input meta link wbr source col area")
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0?\.?0+(?![\d.])"
    r"|font-size\s*:\s*(?:0?\.?0+(?![\d.])|[01](?:\.\d+)?p[xt])"
    r"|(?<![-\w])(?:left|right|top|text-indent|margin-left)\s*:\s*-\d{3,}"
    r"|(?<![-\w])color\s*:\s*transparent"
    r"|clip(?:-path)?\s*:\s*(?:rect\(\s*[01](?:px)?[\s,]|inset\((?:50|100)%)",
    re.IGNORECASE,
)
"""How a style keeps a text from being seen: instructions to a model are hidden so in pages."""
_MARKED_NOTHING = re.compile(r"(?<!\*)(\*\*|\*)(\s+)\1(?!\*)|(?<!\*)\*{4}(?!\*)")
_WHITE = re.compile(
    r"(?<![-\w])color\s*:\s*(?:white\b|#f{3}(?:f{3})?\b|rgba?\(\s*255\s*,\s*255\s*,\s*255\b)",
    re.IGNORECASE,
)
"""A colour in which nothing is seen on paper, unless it stands on a ground of its own."""
_OPEN_TAG = re.compile(r"<(?![^<>]*>)")
_MANY_OPEN = 50
"""Tags without an end that a page may have, among those that have one."""
_DECLARATION = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^<>]*>?", re.DOTALL)
_DEEPEST = 5
"""Levels by which a list within lists is set in: deeper ones are somebody's joke."""
_ADDRESSES = ("https://", "http://", "mailto:", "tel:")
_HEADINGS = {f"h{level}": f"{'#' * level} " for level in range(1, 7)}


_TOGGLE = ("aria-expanded", "data-toggle", "data-bs-toggle", "data-accordion")
"""What a button has that opens a panel, by the rules for accessible pages or by Bootstrap's."""
_TARGETS = ("aria-controls", "data-target", "data-bs-target", "data-accordion-target", "href")
"""Where it names the panel."""
_NAVIGATION = re.compile(
    r"\b(?:menu|menü|menú|navigation|search|suche|language|sprache|filter|sort|cart|log ?in|account"
    r"|cookies?|share|close)\b",
    re.IGNORECASE,
)
"""What buttons of few words open that are no questions."""
_NAMED_QUESTION = re.compile(
    r"(?:^|[\s_-])(?:faq|accordion|collapse|toggle)s?[\w-]*?[_-](?:question|title|header|heading|trigger)"
    r"(?:$|\s)",
    re.IGNORECASE,
)
"""A class by which a question is known where nothing else says so."""
_TAGS = re.compile(r"<[a-z][^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*["']([^"']*)["']""")


def holds_html(text: str) -> bool:
    """Say whether a text is written in HTML: it holds a tag or an entity."""
    return _TAG.search(text) is not None or _ENTITY.search(text) is not None


def markdown_of(text: str) -> str:
    """Return HTML as markdown."""
    return _read(text, _Reader())


def page_of(text: str) -> str:
    """Return a page in HTML as markdown, with marks for questions that are no headings.

    Those are what its reader opens: summaries, an accordion's buttons, terms of a list.
    """
    return _read(text, _PageReader(_panels(text)))


def _panels(text: str) -> frozenset[str]:
    """Return the ids of what buttons open: it is hidden until then, and meant to be read."""
    found: set[str] = set()
    for tag in _TAGS.findall(text):
        said = {name.lower(): value for name, value in _ATTRIBUTE.findall(tag)}
        if any(name in said for name in _TOGGLE):
            found.update(_targets(said))
    return frozenset(found)


def _targets(said: Attributes) -> frozenset[str]:
    """Return the ids that a button names."""
    named = " ".join(said.get(name) or "" for name in _TARGETS)
    return frozenset(one.removeprefix("#") for one in named.split())


def _read(text: str, reader: _Reader) -> str:
    reader.feed(parsable(text))
    reader.close()
    return reader.markdown()


def parsable(text: str) -> str:
    """Return HTML that the parser reads, and in time linear in it, whatever it holds.

    It would look for the end of a tag that never ends through all that follows, each time.
    """
    text = _DECLARATION.sub("", text)
    if text.count("<") <= 2 * text.count(">") + _MANY_OPEN:
        return text
    return _OPEN_TAG.sub("&lt;", text)


def title_of(text: str) -> str:
    """Return what a page's ``<title>`` says; ``""`` where it has none."""
    found = re.search(r"<title[^>]*>([^<]*)</title>", text, re.IGNORECASE)
    return " ".join(markdown_of(found[1]).split()) if found else ""


Attributes = Mapping[str, str | None]
"""A tag's attributes, by name."""


def is_unseen(tag: str, said: Attributes) -> bool:
    """Say whether a reader does not see what a tag opens."""
    if tag in _UNSEEN or "hidden" in said:
        return True
    style = said.get("style") or ""
    if tag == "font" and (color := said.get("color")):
        style += f";color:{color}"
    on_paper = "background" not in style and _WHITE.search(style) is not None
    return on_paper or _HIDDEN_STYLE.search(style) is not None


class LenientParser(HTMLParser):
    """A parser that takes declarations which it does not know for comments."""

    def parse_html_declaration(self, i: int) -> int:
        """Return where the declaration at ``i`` ends; -1 where it does not."""
        is_comment = self.rawdata.startswith("<!--", i)
        return self.parse_comment(i) if is_comment else self.parse_bogus_comment(i)


class _Reader(LenientParser):
    """What a reader sees of HTML, in markdown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._unseen: list[str] = []
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []
        self._quotes: list[int] = []
        self._verbatim = 0

    def markdown(self) -> str:
        """Return what was read."""
        if self._quotes:
            self._quote(self._quotes[0])
        text = "".join(self._parts)
        text = _MARKED_NOTHING.sub(lambda found: found[2] or "", text)
        text = re.sub(r"[ \t]+\n", "\n", text)
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Open what the tag opens."""
        said = dict(attrs)
        if self._unseen or self._is_unseen(tag, said):
            if tag not in _EMPTY:
                self._unseen.append(tag)
            return
        self._open(tag, said)

    def _is_unseen(self, tag: str, said: Attributes) -> bool:
        return is_unseen(tag, said)

    def _open(self, tag: str, said: Attributes) -> None:
        if tag == "br":
            self._parts.append("\n")
        elif tag in _MARKS:
            self._mark(tag)
        elif tag in {"ul", "ol"}:
            if not self._lists:
                self._block("\n\n")
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._item()
        elif tag == "a":
            self._links.append((said.get("href") or "", len(self._parts)))
        elif tag in {"td", "th"}:
            self._parts.append("" if self._ends_line() else " | ")
        elif tag == "pre":
            self._verbatim += 1
            self._parts.append("\n\n```\n")
        elif tag in _BLOCKS:
            self._block("\n" if tag in {"tr", "dd"} else "\n\n")
            if tag == "blockquote":
                self._quotes.append(len(self._parts))
            self._parts.append(_HEADINGS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        """Close what the tag closes."""
        if self._unseen:
            if tag in self._unseen:
                while self._unseen.pop() != tag:
                    pass
            return
        self._close(tag)

    def _close(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
            self._block("\n" if self._lists else "\n\n")
        elif tag == "a" and self._links:
            self._link(*self._links.pop())
        elif tag == "pre" and self._verbatim:
            self._verbatim -= 1
            self._parts.append("\n```\n\n")
        elif tag in _MARKS:
            self._mark(tag)
        elif tag in _BLOCKS - {"hr", "tr", "dt"}:
            if tag == "blockquote" and self._quotes:
                start = self._quotes.pop()
                if not self._quotes:  # one within another needs no mark of its own
                    self._quote(start)
            self._block("\n\n")

    def handle_data(self, data: str) -> None:
        """Take a piece of text, its white space as a browser shows it."""
        if self._unseen:
            return
        if not self._verbatim:
            data = re.sub(r"\s+", " ", data)
            if self._ends_line() or (self._parts and self._parts[-1].endswith(" ")):
                data = data.lstrip()
        self._parts.append(data)

    def _mark(self, tag: str) -> None:
        if not self._verbatim:
            self._parts.append(_MARKS[tag])

    def _block(self, breaks: str) -> None:
        if self._parts and not (self._lists and self._parts[-1].endswith("- ")):
            self._parts.append(breaks)

    def _item(self) -> None:
        depth = min(max(len(self._lists) - 1, 0), _DEEPEST)
        mark = "-"
        if self._lists and self._lists[-1] is not None:
            self._lists[-1] += 1
            mark = f"{self._lists[-1]}."
        self._parts.append(f"\n{'   ' * depth}{mark} ")

    def _link(self, address: str, start: int) -> None:
        label = " ".join("".join(self._parts[start:]).split())
        if label and label != address and address.startswith(_ADDRESSES):
            label = f"[{label}]({address})"
        self._parts[start:] = [label]

    def _quote(self, start: int) -> None:
        said = re.sub(r"\n{3,}", "\n\n", "".join(self._parts[start:]))
        lines = said.strip().split("\n")
        self._parts[start:] = ["\n".join(f"> {line}".rstrip() for line in lines)]

    def _ends_line(self) -> bool:
        said = "".join(self._parts[-3:])
        return not said or said.endswith(("\n", "- ", ". ")) or said.isspace()


class _PageReader(_Reader):
    """A reader of a whole page, who opens what can be opened: ``panels`` are the ids of that."""

    def __init__(self, panels: frozenset[str]) -> None:
        super().__init__()
        self._panels = panels
        self._asking: tuple[str, str, int] | None = None
        self._within = 0
        self._targets: frozenset[str] = frozenset()
        self._heading = ""

    def _is_unseen(self, tag: str, said: Attributes) -> bool:
        if _is_toggle(tag, said):
            return False
        return super()._is_unseen(tag, said) and not (
            said.get("id") in self._panels and tag not in _UNSEEN
        )

    def _open(self, tag: str, said: Attributes) -> None:
        if self._asking is not None:
            self._within += tag == self._asking[0]
            return  # what stands in a question is its text
        if tag in _HEADINGS:
            self._heading = tag
        if tag in {"summary", "dt"} or (_is_toggle(tag, said) and not self._heading):
            self._leave_item()
            self._asking = (tag, TERM if tag == "dt" else QUESTION, len(self._parts))
            self._within = 1
            self._targets = _targets(said)
        else:
            super()._open(tag, said)

    def _close(self, tag: str) -> None:
        if self._asking is not None:
            self._within -= tag == self._asking[0]
            if not self._within:
                self._ask(*self._asking[1:])
                self._asking = None
            return
        if tag == self._heading:
            self._heading = ""
        super()._close(tag)
        if tag in {"details", "dl"}:
            self._parts.append(f"\n\n{marked(END)}\n\n")

    def _ask(self, mark: str, start: int) -> None:
        said = " ".join("".join(self._parts[start:]).split())
        del self._parts[start:]
        if is_short(said) and _NAVIGATION.search(said):
            self._panels -= self._targets
        elif opens_more(said):
            self._parts.append(f"\n\n{said}\n\n")
        elif said:
            self._parts.append(f"\n\n{marked(mark, said)}\n\n")

    def _leave_item(self) -> None:
        """Take back the mark of a list's item that is nothing but a question and its answer."""
        while self._parts and re.fullmatch(r"\s*(?:-|\d+\.)? ?", self._parts[-1]):
            self._parts.pop()


def _is_toggle(tag: str, said: Attributes) -> bool:
    """Say whether a tag is what opens a panel, or is called a question otherwise."""
    if tag not in {"button", "a", "div", "span", "p"}:
        return False
    is_named = _NAMED_QUESTION.search(said.get("class") or "") is not None
    return is_named or any(name in said for name in _TOGGLE)
