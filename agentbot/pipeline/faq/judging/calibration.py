"""What labelled questions have taught about how sure the FAQ must be, and its file.

It is kept beside the FAQ (`agentbot.pipeline.files.calibration`), and holds for the FAQ and the
search that it was made with: `Calibration.misfit` says where it does not hold any more.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.files.calibration import (
    MARK_DIGITS,
    NAME,
    REMEDY,
    CalibrationFile,
    percent_of,
)

WORDS = "words"
"""The name of the search that goes by words alone; others have their embedder's."""
_MOST_CHANGED = 0.3
"""The share of entries (0 to 1) that may have come, gone or got other phrasings since: what was
learnt is about how customers ask more than about single entries."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the judge is bent, and the bars if the questions were many enough to set them.

    ``slope`` and ``shift`` are the judge's. ``bars`` holds the least probability of an answer by
    precision (0 to 1 each), None where nothing is enough. ``search`` is `WORDS` or the embedder's
    name, ``judge`` the mark of the judge that ships, ``entries`` are those of the entries.
    """

    made_on: str
    questions: int
    answerable: int
    search: str
    judge: str
    slope: float
    shift: float
    bars: Mapping[float, float | None]
    entries: frozenset[str]

    @classmethod
    def of_file(cls, file: CalibrationFile) -> Calibration:
        """Return what a file says."""
        return cls(
            made_on=file.made_on,
            questions=file.questions,
            answerable=file.answerable,
            search=file.search,
            judge=file.judge,
            slope=file.slope,
            shift=file.shift,
            bars={
                percent / 100: None if bar == "never" else bar
                for share, bar in file.bars.items()
                if (percent := percent_of(share)) is not None
            },
            entries=frozenset(file.entries.split()),
        )

    def misfit(self, entries: Iterable[FaqEntry], *, search: str, judge: str) -> str | None:
        """Say why it does not hold for a FAQ, and what to do; None where it holds."""
        marks = marks_of(entries)
        changed = len(marks ^ self.entries) / max(len(marks | self.entries), 1)
        if self.search != search:
            made, now = _said(self.search), _said(search)
            why = f"it was made for a search by {made}, and this one is by {now}"
        elif self.judge != judge:
            why = "it was made with another version of agentbot, which judges otherwise"
        elif changed > _MOST_CHANGED:
            why = f"{changed:.0%} of the FAQ's entries have changed since {self.made_on}"
        else:
            return None
        return f"{NAME}: this file is not used, for {why}; {REMEDY}"

    def text(self) -> str:
        """Return the file's text."""
        bars = "".join(
            f"  {100 * precision:g}%: {'never' if bar is None else f'{bar:.4f}'}\n"
            for precision, bar in sorted(self.bars.items())
        )
        said = "# How sure an answer must be (0 to 1) for so many right ones of a hundred.\n"
        return (
            "# How sure the FAQ must be, by questions. Anew: agentbot eval faq FILE --keep\n"
            "# It is made by the program: edit your questions, not this. Without this file the\n"
            "# FAQ goes by what usually is.\n"
            f"made_on: {self.made_on}\n"
            f"questions: {self.questions}\n"
            f"answerable: {self.answerable} # of these questions\n"
            "\n# What it holds for.\n"
            f"search: {quoted(self.search)}\n"
            f"judge: {quoted(self.judge)}\n"
            "\n# Scores are bent by these: 1 and 0 leave them as they are.\n"
            f"slope: {self.slope:.4f}\n"
            f"shift: {self.shift:.4f}\n"
            + (f"\n{said}bars:\n{bars}" if bars else "")
            + "\n# A mark of each entry, by which it is seen when the FAQ has changed much.\n"
            "entries: >-\n"
            + textwrap.indent(textwrap.fill(" ".join(sorted(self.entries)), _WIDTH), "  ")
            + "\n"
        )


_WIDTH = 97
"""Characters of a line of marks: fourteen of them."""


def marks_of(entries: Iterable[FaqEntry]) -> frozenset[str]:
    """Return a mark of each entry: another one where its id or its phrasings are others."""
    return frozenset(
        sha256("\0".join((entry.id, *entry.wordings)).encode("utf-8", "surrogatepass")).hexdigest()[
            :MARK_DIGITS
        ]
        for entry in entries
    )


def quoted(text: str) -> str:
    """Return a text as YAML holds it on one line, whatever stands in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _said(search: str) -> str:
    return "words alone" if search == WORDS else f"the meanings of {search}"
