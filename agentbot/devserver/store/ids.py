"""Where the server's ids, refs and tokens come from: random, or the same again for a seed."""

from __future__ import annotations

import hashlib
import os
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable


class Ids:
    """The source of every id that the server hands out.

    ``random_bytes`` returns that many bytes; :func:`os.urandom` unless told otherwise.
    """

    def __init__(self, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._random_bytes = random_bytes

    @classmethod
    def seeded(cls, seed: int) -> Ids:
        """Return a source that yields the same ids for the same ``seed``: for tests only."""
        count = 0

        def stream(size: int) -> bytes:
            nonlocal count
            count += 1
            return hashlib.shake_256(f"{seed}:{count}".encode()).digest(size)

        return cls(stream)

    def uuid(self, kind: str) -> str:
        """Return a new UUID for an object of ``kind`` (``message``, ``conversation``, …)."""
        del kind  # for sources that answer differently by kind
        return str(uuid.UUID(bytes=self._random_bytes(16), version=4))

    def phx_ref(self) -> str:
        """Return what names one presence of one process."""
        return urlsafe_b64encode(self._random_bytes(12)).decode()

    def token(self) -> str:
        """Return a token that nobody can guess."""
        return urlsafe_b64encode(self._random_bytes(33)).decode()
