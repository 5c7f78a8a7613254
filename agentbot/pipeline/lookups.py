"""What facts need of FAQ and pages, which may have to work for it."""

from __future__ import annotations

from typing import Protocol


class Lookup(Protocol):
    """What may have to work for its answer."""

    def is_ready(self, text: str) -> bool:
        """Say whether the answer is at hand, without any work."""

    async def prepare(self, text: str) -> None:
        """Do the work in a thread, so that nothing else waits meanwhile."""


class FaqLookup(Lookup, Protocol):
    """What the facts need of the FAQ: the nearest entry, its score, whether it answers."""

    def nearest(self, text: str) -> tuple[str, float, bool]:
        """Return ``(id, score, answered)``; ``("", 0.0, False)`` where there is none."""


class PassageLookup(Lookup, Protocol):
    """What the facts need of FAQ and pages: the nearest passage."""

    def best(self, text: str) -> tuple[str, str, str, float]:
        """Return ``(id, title, link, score)``; ``("", "", "", 0.0)`` where nothing is near."""
