"""What a page's reader sees of its Markdown: no comments, hidden parts, tags or invisible signs.

What nobody sees may be an instruction to a model, put there by somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentbot.pipeline.faq.importing.dialects import without_unseen_signs
from agentbot.pipeline.faq.importing.html import LenientParser, is_unseen, markdown_of, parsable
from agentbot.pipeline.files.markdown import BLOCKS, Aside, with_addresses

_MAY_HOLD_HTML = re.compile(r"<[A-Za-z/!?]")
_INLINE_TAG = re.compile(r"</?[A-Za-z][\w.-]*(?:\s[^<>]*)?/?>")
_BREAK = re.compile(r"<br\s*/?>[ \t]*\n?", re.IGNORECASE)
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "source", "col", "area"})


def seen(text: str) -> str:
    """Return a page's Markdown without what its reader does not see, links with their addresses."""
    text = without_unseen_signs(text.replace("\r\n", "\n").replace("\r", "\n"))
    if _MAY_HOLD_HTML.search(text) is None:
        return with_addresses(text)
    aside = Aside()
    text = aside.put_code(text, keeps_lines=False)
    visible = _Visible()
    visible.feed(parsable(text))
    visible.close()
    text = _without_html_blocks("".join(visible.parts))
    text = _INLINE_TAG.sub("", _BREAK.sub("\n", text))
    return aside.back(with_addresses(text))


def seen_line(text: str) -> str:
    """Return what is seen of a line, such as a title."""
    return " ".join(_INLINE_TAG.sub("", without_unseen_signs(text)).split())


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
