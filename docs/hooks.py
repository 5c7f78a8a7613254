"""What MkDocs does to a page: diagrams are drawn, links to code become the files' names.

Long names in tables may be broken after an underscore, so that there is room for what they mean.

Where the pages are read beside the code, a link outside ``docs/`` leads to it, and whoever shows
them draws the diagrams; in the site there is no code, and nothing that draws.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

import mermaidx
from mkdocs.structure.files import File

_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")
_BLOCK = re.compile(r"(```.*?```)", re.DOTALL)
_DIAGRAM = re.compile(r"```mermaid\n(.*?)```", re.DOTALL)
_NAME_IN_TABLE = re.compile(r"(?<=<td><code>)[A-Za-z_]+(?=</code>)")
_TITLE = re.compile(r"^ *accTitle: (.*)$", re.MULTILINE)


def _named(text: str, folder: str) -> str:
    def name(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, found[2]))
        if not target.startswith("../"):
            return found[0]
        place = target.removeprefix("../")
        words = found[1].strip("`")
        return f"`{place}`" if words in place else f"{found[1]} (`{place}`)"

    return _LINK.sub(name, text)


def on_post_page(output: str, **_more: Any) -> str:
    """Return a page with places at which names in tables may be broken; the search knows none."""
    return _NAME_IN_TABLE.sub(lambda found: found[0].replace("_", "_<wbr>"), output)


def _drawn(source: str, page: Any, number: int, config: Any) -> tuple[File, str]:
    """Return a diagram's picture, a file beside the page, and what shows it there."""
    place = f"{page.file.src_uri.removesuffix('.md')}-{number}.svg"
    title = _TITLE.search(source)
    if title is None:
        raise ValueError(f"{page.file.src_uri}: a diagram needs a line accTitle: what it shows")
    picture = File.generated(config, place, content=mermaidx.render(source).svg())
    return picture, f"![{title[1]}]({posixpath.basename(place)})"


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:
    """Return a page's Markdown, diagrams drawn, with names where links would lead nowhere."""
    folder = posixpath.dirname(page.file.src_uri)
    # A link around code, [`name`](place), is one: so links are looked for first in whole lines.
    parts = [
        part if part.startswith("```") else _named(part, folder) for part in _BLOCK.split(markdown)
    ]
    for number, part in enumerate(parts):
        if diagram := _DIAGRAM.fullmatch(part):
            picture, parts[number] = _drawn(diagram[1], page, number, config)
            files.append(picture)
    return "".join(parts)
