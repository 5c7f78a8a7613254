"""What every page in Markdown is read by: its blocks, its code put aside, its links' addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference

BLOCKS = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
"""What finds blocks alone: a tenth of the time, and linear in the page whatever it holds."""

_MARK = "\ue000{}\ue001"
"""What stands for a piece of code while it is put aside: signs for private use."""
_MARKS = re.compile("\ue000(\\d+)\ue001")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_REFERRED = re.compile(r"\[([^\[\]]{1,500})\](?:\[([^\[\]]{0,500})\])?(?![\[(:])")
"""A link by a definition that stands elsewhere; no label is longer than some words."""


class Aside:
    """Code that is put aside while the text around it is changed: it is meant as it stands."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def put(self, piece: str) -> str:
        """Put a piece aside; return the mark that stands for it meanwhile."""
        self._pieces.append(self.back(piece))  # it may hold another, such as a span in a fence
        return _MARK.format(len(self._pieces) - 1)

    def back(self, text: str, shown: Callable[[str], str] = str) -> str:
        """Return a text with its pieces in it again, each as ``shown`` makes it."""

        def piece(found: re.Match[str]) -> str:
            number = int(found[1])
            return shown(self._pieces[number]) if number < len(self._pieces) else found[0]

        return _MARKS.sub(piece, text)

    def put_code(self, text: str, *, keeps_lines: bool) -> str:
        """Return a page with its code put aside; ``keeps_lines``: each line stays where it was."""
        lines = text.split("\n")
        for token in reversed(BLOCKS.parse(text)):
            if token.type in {"fence", "code_block"} and token.map is not None:
                first, last = token.map
                while last > first + 1 and not lines[last - 1].strip():
                    last -= 1
                below = [""] * (last - first - 1) if keeps_lines else []
                lines[first:last] = [self.put("\n".join(lines[first:last])), *below]
        return "\n".join(_CODE_SPAN.sub(lambda span: self.put(span[0]), line) for line in lines)


def with_addresses(text: str) -> str:
    """Return a page whose links say where they lead, instead of definitions (``[label]: …``).

    A definition may stand in another section than its link, and no reader sees it.
    """
    if "]:" not in text:
        return text
    known: dict[str, Any] = {}
    BLOCKS.parse(text, known)
    references = known.get("references", {})
    lines = text.split("\n")
    for one in (*references.values(), *known.get("duplicate_refs", ())):
        first, last = one["map"]
        lines[first:last] = [""] * (last - first)

    def link(found: re.Match[str]) -> str:
        to = references.get(normalizeReference(found[2] or found[1]))
        return f"[{found[1]}]({to['href']})" if to else found[0]

    return _REFERRED.sub(link, "\n".join(lines)) if references else text
