"""The version of an operator's folder: what its files hold, in twelve digits."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

_READ = (".yaml", ".yml", ".md")
_SETTLED = 3 * 10**9
"""Nanoseconds after which a change would be seen in a file's times: they tick coarsely, and on some
file systems only every second or two."""
_MOST_KNOWN = 20_000
"""Files whose digests are kept, at 200 bytes each: several folders of thousands of pages."""
_Seen = tuple[int, int, int, int]
"""A file's device and number, its size, and the later one of its times, in nanoseconds."""
_known: dict[str, tuple[_Seen, bytes]] = {}
"""The digests of files by their paths. A running bot looks at them every other second."""


def content_version(folder: Path) -> str:
    """Return twelve hex digits that change whenever a file that the bot reads does."""
    digest = hashlib.sha256()
    start = len(str(folder)) + 1
    for path in sorted(_files(str(folder))):
        digest.update(path[start:].encode("utf-8", "surrogateescape"))
        digest.update(b"\0")
        digest.update(_digest(path))
    return digest.hexdigest()[:12]


def _files(folder: str) -> Iterator[str]:
    """Yield the files below a folder that are read; its folder of schemas is not."""
    for place, folders, names in os.walk(folder):
        if place == folder and "schema" in folders:
            folders.remove("schema")
        for name in names:
            path = f"{place}{os.sep}{name}"
            # A link may lead nowhere, or to a folder.
            if name.endswith(_READ) and os.path.isfile(path):  # noqa: PTH113 - a tenth of the time
                yield path


def _digest(path: str) -> bytes:
    """Return a file's digest: it is read where its times or size say that it may have changed."""
    said = os.stat(path)  # noqa: PTH116 - a tenth of the time
    changed = max(said.st_mtime_ns, said.st_ctime_ns)
    seen = said.st_dev, said.st_ino, said.st_size, changed
    before = _known.get(path)
    if before is not None and before[0] == seen:
        return before[1]
    found = hashlib.sha256(Path(path).read_bytes()).digest()
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    if time.time_ns() - changed > _SETTLED:
        _known[path] = seen, found
    return found
