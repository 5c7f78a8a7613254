"""What generators of help pages add to markdown, told in plain markdown or taken out.

All of it works on lines, with code put aside, and takes time linear in the page.
"""

from __future__ import annotations

import re

_NAMES = r"(?:[\w$]+|\*\s+as\s+[\w$]+|\{[^{}\n]*\})"
_SCRIPT_BEGINS = re.compile(
    rf"import\s(?:\s*{_NAMES}(?:\s*,\s*{_NAMES})?\s+from\s)?\s*(?:['\"]|\{{\s*$)"
    r"|export\s+(?:const|let|var|function|class|default|async)\b|export\s+\{"
)
"""The first line of JavaScript in MDX."""
_GOES_ON = re.compile(r"[\[{(,=][ \t]*$")
"""The end of a line of JavaScript after which it goes on to the next blank line."""
_HIDDEN = re.compile(r"%%.*?%%", re.DOTALL)
"""A comment of Obsidian's."""
_EMBEDDED = re.compile(
    r"!\[\[[^\[\]\n]*\]\]|(?i:\[\[_?toc_?\]\])|^\^[\w-]+[ \t]*$|^<<< ?@[^\n]*$", re.MULTILINE
)
"""Pictures and pieces of other pages, and names of paragraphs."""
_WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|\n]*\|)?([^\[\]|\n]+)\]\]")
_MARKED = re.compile(r"==(?=\S)([^=\n]+)(?<=\S)==")
_EMOJI_NAME = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]*[a-z]:(?![\w:])[ \t]?")
_TITLE_BLOCK = re.compile(r"\A(?:%[ \t][^\n]*\n){1,3}")
"""Title, authors and date above a page of Pandoc's."""
_SHORTCODE = re.compile(r"\{\{[<%]\s*/?\s*([\w./-]+)[^{}]*?[%>]\}\}")
_OF_A_VALUE = re.compile(
    r"(?:site|page)\W|params?\Z|vars?\Z|variable|data\Z|value|get\Z|env\Z|config|version|price|date"
)
"""How the names of shortcodes begin that stand for a value, and not for a picture, say."""
_VALUE = re.compile(r"\{\{(?!\s*company\.)(?!\s*opening_hours\s*\}\})[^{}\n]*\}\}")
_EXPRESSION = re.compile(r"(?<![\w$\\{])\{[A-Za-z_$][\w$]*(?:\.[\w$]+|\([^(){}\n]*\))+\}")
"""A value in MDX: ``{props.price}``."""


_UNSEEN_SIGNS = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0"
    "\ufff9-\ufffb\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
    "|[\u200c\u200d]{2,}"
)
"""Signs without ink. Single joiners stay: Persian and Hindi words, and emojis, are written with
them; and so do the two selectors that say how an emoji is drawn."""


def without_unseen_signs(text: str) -> str:
    """Return a page's text without signs that take no ink: they may hide what a model reads."""
    return text if text.isascii() and text.isprintable() else _UNSEEN_SIGNS.sub("", text)


def plain_markdown(text: str) -> str:
    """Return a page's text as a markdown parser understands it, its lines where they were."""
    text = _without_shortcodes(_TITLE_BLOCK.sub(_only_line_breaks, text))
    text = "\n".join(_without_scripts(text.split("\n")))
    text = _EMBEDDED.sub("", _HIDDEN.sub(_only_line_breaks, text))
    return _EMOJI_NAME.sub("", _MARKED.sub(r"\1", _WIKI_LINK.sub(r"\1", text)))


def unknown_value(text: str) -> str:
    """Return what in an answer only the page's generator knows; ``""`` where nothing is."""
    found = _SHORTCODE.search(text) or _VALUE.search(text) or _EXPRESSION.search(text)
    return found[0] if found else ""


def _without_shortcodes(text: str) -> str:
    """Return the text without a generator's shortcodes, but for those that stand for a value.

    A sentence without its number says something else.
    """
    return _SHORTCODE.sub(lambda found: found[0] if _OF_A_VALUE.match(found[1]) else "", text)


def _without_scripts(lines: list[str]) -> list[str]:
    shown: list[str] = []
    within, above = False, ""
    for line in lines:
        begins = not above.strip() and _SCRIPT_BEGINS.match(line)
        shown.append("" if begins or (within and line.strip()) else line)
        within = bool(_GOES_ON.search(line)) if begins else within and bool(line.strip())
        above = shown[-1]
    return shown


def _only_line_breaks(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")
