"""The shape of ``faq-calibration.yaml``, which ``agentbot eval faq FILE --keep`` writes.

It is made by a program and read by people, who see in it what was learnt of which questions.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from agentbot.pipeline.files.models import FileModel

NAME = "faq-calibration.yaml"
"""The file's name: it stands beside ``faq/``, for all files in there are entries."""
REMEDY = "make the file anew with: agentbot eval faq FILE --keep; or delete it"
"""What to do with one that is of no use."""


class CalibrationFile(FileModel):
    """``faq-calibration.yaml``: how sure the FAQ must be, by labelled questions."""

    made_on: str = Field(
        pattern=r"^\d{4}-\d{2}-\d{2}$", description="The day on which it was made."
    )
    questions: int = Field(ge=1, description="The labelled questions that it was made from.")
    answerable: int = Field(ge=0, description="Those of them that an entry answers.")
    search: str = Field(
        min_length=1, description='What compared texts: "words", or the model of their meanings.'
    )
    judge: str = Field(description="A mark of what ships with agentbot, and is bent here.")
    slope: float = Field(
        gt=0,
        le=100,
        description="How much farther from even the odds are than they seem (1: as they seem).",
    )
    shift: float = Field(
        ge=-100,
        le=100,
        description="By how much an answer is likelier than it seems (0: as it is).",
    )
    bars: dict[str, float | Literal["never"]] = Field(
        default_factory=dict,
        description="How sure an answer must be (0 to 1) for which share of right answers, by the "
        "questions, where they are many. Without it that is rehearsed in the FAQ.",
    )
    entries: str = Field(description="A mark of each entry that it was made for.")

    @field_validator("bars")
    @classmethod
    def _are_shares(cls, bars: dict[str, float | str]) -> dict[str, float | str]:
        for share, bar in bars.items():
            if percent_of(share) is None:
                raise ValueError(f"{share!r} is no share of right answers; write one such as 90%")
            if not isinstance(bar, str) and not 0 <= bar <= 1:
                raise ValueError(f"{bar} is no probability; write one from 0 to 1, or never")
        return bars

    @field_validator("entries")
    @classmethod
    def _are_marks(cls, entries: str) -> str:
        wrong = [mark for mark in entries.split() if len(mark) != MARK_DIGITS]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no mark of an entry; {REMEDY}")
        return entries


MARK_DIGITS = 6
"""Digits of an entry's mark: of 5,000 entries hardly one is taken for another."""


def percent_of(text: str) -> float | None:
    """Return the number of a text such as "90%", from 0 to 100; None where it is none."""
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return None
    return number if text.endswith("%") and 0 < number < 100 else None
