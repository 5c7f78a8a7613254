"""What an import brought: the entries, and what it left out or changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentbot.pipeline.faq.entries import FaqEntry


@dataclass(frozen=True, slots=True)
class Imported:
    """Entries, and a line for whatever was left out or changed: its place, and why."""

    entries: tuple[FaqEntry, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Notes:
    """The lines on what was left out or changed, as they come up."""

    lines: list[str] = field(default_factory=list)

    def skipped(self, place: str, why: str) -> None:
        """Note what was left out."""
        self.lines.append(f"skipped {place}: {why}")

    def changed(self, place: str, what: str) -> None:
        """Note what was taken, though not as it stood."""
        self.lines.append(f"changed {place}: {what}")
