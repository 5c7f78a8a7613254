"""Where a rule stands in its file: what is wrong with it is noted at its own line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.files.yaml import Path_, YamlFile
from agentbot.pipeline.rules.texts import compile_template

More = Mapping[str, Mapping[str, object] | None]
"""Samples of what a rule's texts may use besides facts, by root and field; None: any field."""


@dataclass(frozen=True, slots=True)
class RulePlace:
    """The place of a rule, the facts of company.yaml for its texts, and where problems are noted.

    What is within the rule is named by the keys that lead to it.
    """

    file: YamlFile
    path: Path_
    problems: Problems
    company: Mapping[str, str] | None = None

    def __str__(self) -> str:
        return self.file.place(*self.path)

    def note(self, *keys: str | int, problem: str, remedy: str = "") -> None:
        """Note what is wrong there."""
        self.problems.add(self.file.place(*self.path, *keys), problem, remedy)

    def text(self, source: str, *keys: str | int, more: More) -> Template | None:
        """Return a text for customers, compiled; None with the problem noted."""
        path = (*self.path, *keys)
        return compile_template(
            source, self.file, path, self.problems, company=self.company, more=more
        )

    def words(self, source: str, *keys: str | int, more: More) -> Template | None:
        """Return words for people, who need no facts of their company; as :meth:`text`."""
        return compile_template(source, self.file, (*self.path, *keys), self.problems, more=more)
