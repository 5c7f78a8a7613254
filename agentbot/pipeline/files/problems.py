"""What is wrong with an operator's folder: every problem, each at its place."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentbot.errors import ConfigurationError


@dataclass(eq=False)
class PromptsError(ConfigurationError):
    """A prompts folder cannot be used. ``problems`` holds all that was found, in file order."""

    problems: tuple[ConfigurationError, ...] = ()

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


@dataclass(slots=True)
class Problems:
    """The problems found while a folder is read, so that one check tells them all."""

    found: list[ConfigurationError] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    """What is allowed, but is probably a mistake: each a sentence that begins with its place."""
    _told: set[tuple[str, str]] = field(default_factory=set)

    def add(self, place: str, problem: str, remedy: str = "") -> None:
        """Note one problem, once; reading goes on."""
        if (place, problem) not in self._told:
            self._told.add((place, problem))
            self.found.append(ConfigurationError(place, problem, remedy))

    def doubt(self, place: str, text: str) -> None:
        """Note what is allowed, but is probably a mistake."""
        self.doubts.append(f"{place}: {text}")

    def raise_if_any(self, folder: str) -> None:
        """Raise :class:`PromptsError` with everything that was found, if anything was."""
        if self.found:
            count = len(self.found)
            noun = "problem" if count == 1 else "problems"
            raise PromptsError(folder, f"{count} {noun}", problems=tuple(self.found))
