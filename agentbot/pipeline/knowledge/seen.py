"""What a page's reader sees of its Markdown: no comments, hidden parts, tags or invisible signs.

What nobody sees may be an instruction to a model, put there by somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from agentbot.pipeline.faq.importing.dialects import without_unseen_signs
from agentbot.pipeline.faq.importing.html import LenientParser, is_unseen, markdown_of, parsable
from agentbot.pipeline.knowledge.cutting import BLOCKS

_MAY_HOLD_HTML = re.compile(r"<[A-Za-z/!?]")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_INLINE_TAG = re.compile(r"</?[A-Za-z][\w.-]*(?:\s[^<>]*)?/?>")
_BREAK = re.compile(r"<br\s*/?>[ \t]*\n?", re.IGNORECASE)
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "source", "col", "area"})
_ASIDE = "\ue000{}\ue001"
"""What stands for a piece of code while it is put aside: signs for private use."""
_PUT_ASIDE = re.compile("\ue000(\\d+)\ue001")
_REFERRED = re.compile(r"\[([^\[\]]{1,500})\](?:\[([^\[\]]{0,500})\])?(?![\[(:])")


def seen(text: str) -> str:
    """Return a page's Markdown without what its reader does not see, links with their addresses."""
    text = without_unseen_signs(text.replace("\r\n", "\n").replace("\r", "\n"))
    if _MAY_HOLD_HTML.search(text) is None:
        return _with_addresses(text)
    aside: list[str] = []
    text = _without_code(text, aside)
    visible = _Visible()
    visible.feed(parsable(text))
    visible.close()
    text = _without_html_blocks("".join(visible.parts))
    text = _INLINE_TAG.sub("", _BREAK.sub("\n", text))
    text = _with_addresses(text)
    # A line may hold a code span within a fence, and so an aside within another.
    for _ in range(2):
        text = _PUT_ASIDE.sub(lambda found: aside[int(found[1])], text)
    return text


def seen_line(text: str) -> str:
    """Return what is seen of a line, such as a title."""
    return " ".join(_INLINE_TAG.sub("", without_unseen_signs(text)).split())


def _without_code(text: str, aside: list[str]) -> str:
    """Return a page with marks in the place of its code, which is kept in ``aside``."""
    lines = text.split("\n")
    for token in reversed(BLOCKS.parse(text)):
        if token.type in {"fence", "code_block"} and token.map is not None:
            first, last = token.map
            while last > first + 1 and not lines[last - 1].strip():
                last -= 1
            aside.append("\n".join(lines[first:last]))
            lines[first:last] = [_ASIDE.format(len(aside) - 1)]

    def put_aside(found: re.Match[str]) -> str:
        aside.append(found[0])
        return _ASIDE.format(len(aside) - 1)

    return "\n".join(_CODE_SPAN.sub(put_aside, line) for line in lines)


class _Visible(LenientParser):
    """What takes hidden elements and comments out of a page, and leaves the rest as it stands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Keep a tag, or begin to leave out."""
        if self._unseen or is_unseen(tag, dict(attrs)):
            if tag not in _VOID:
                self._unseen.append(tag)
        else:
            self.parts.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Keep a tag that holds nothing."""
        if not self._unseen and not is_unseen(tag, dict(attrs)):
            self.parts.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        """Keep a tag, or end to leave out."""
        if not self._unseen:
            self.parts.append(f"</{tag}>")
        elif tag in self._unseen:
            while self._unseen.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        if not self._unseen:
            self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        """Keep a sign as it is written."""
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Keep a sign as it is written."""
        self.handle_data(f"&#{name};")


def _without_html_blocks(text: str) -> str:
    """Return a page whose blocks of HTML are Markdown."""
    if _MAY_HOLD_HTML.search(text) is None:
        return text
    lines = text.split("\n")
    blocks = [one for one in BLOCKS.parse(text) if one.type == "html_block" and not one.level]
    for token in reversed(blocks):
        first, last = token.map or (0, 0)
        lines[first:last] = ["", *markdown_of("\n".join(lines[first:last])).split("\n"), ""]
    return "\n".join(lines)


def _with_addresses(text: str) -> str:
    """Return a page whose links say where they lead, instead of definitions (``[label]: …``).

    A definition may stand in another section than its link, and no reader sees it.
    """
    if "]:" not in text:
        return text
    known: dict[str, dict[str, dict[str, object]]] = {}
    tokens: list[Token] = BLOCKS.parse(text, known)
    del tokens
    references = known.get("references", {})
    lines = text.split("\n")
    for one in (*references.values(), *known.get("duplicate_refs", ())):
        first, last = one["map"]
        lines[first:last] = [""] * (last - first)

    def link(found: re.Match[str]) -> str:
        to = references.get(normalizeReference(found[2] or found[1]))
        return f"[{found[1]}]({to['href']})" if to else found[0]

    return _REFERRED.sub(link, "\n".join(lines)) if references else text
