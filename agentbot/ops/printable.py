"""Signs that a terminal obeys instead of showing: made visible, whoever wrote them.

A customer, a server and a file that is no text may all write a sequence that clears the screen,
changes the window's title or hides what stands before it.
"""

from __future__ import annotations

import re

_OBEYED = r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
"""All control characters but the line break and the tab."""
_COLOURS = r"\x1b\[[0-9;]*m"
"""What commands write themselves on a terminal: it changes how text looks, and nothing else."""

_CONTROL = re.compile(_OBEYED)
_CONTROL_OR_COLOUR = re.compile(rf"{_COLOURS}|{_OBEYED}")


def printable(text: str) -> str:
    r"""Return ``text`` with each control character written out, line breaks and tabs apart.

    >>> printable("a\x1b[2Jb\r\nc")
    'a\\u001b[2Jb\nc'
    """
    if text.isprintable():  # as is usual
        return text
    return _CONTROL.sub(_written_out, text.replace("\r\n", "\n"))


def printable_or_coloured(text: str) -> str:
    """Return ``text`` as :func:`printable` does, but with its colours."""
    if text.isprintable():
        return text
    return _CONTROL_OR_COLOUR.sub(
        lambda found: found[0] if len(found[0]) > 1 else _written_out(found),
        text.replace("\r\n", "\n"),
    )


def _written_out(found: re.Match[str]) -> str:
    # As JSON and YAML write it too: what programs read means the same.
    return f"\\u{ord(found[0]):04x}"
