"""What MkDocs does to a page: links to files outside ``docs/`` become the files' names.

Where the pages are read beside the code, such a link leads to it; in the site there is no code.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def _named(text: str, folder: str) -> str:
    def name(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, found[2]))
        if not target.startswith("../"):
            return found[0]
        place = target.removeprefix("../")
        words = found[1].strip("`")
        return f"`{place}`" if words in place else f"{found[1]} (`{place}`)"

    return _LINK.sub(name, text)


def on_page_markdown(markdown: str, *, page: Any, **_more: Any) -> str:
    """Return a page's Markdown with the names of files where links would lead nowhere."""
    folder = posixpath.dirname(page.file.src_uri)
    # A link around code, [`name`](place), is one: so links are looked for first in whole lines.
    parts = re.split(r"(```.*?```)", markdown, flags=re.DOTALL)
    return "".join(part if part.startswith("```") else _named(part, folder) for part in parts)
