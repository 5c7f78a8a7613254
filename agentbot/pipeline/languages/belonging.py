"""The words that show, in each language, to which row, item, clause or day a figure belongs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, TypeAdapter

from agentbot.pipeline.files.models import FileModel
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import Loader
from agentbot.pipeline.languages.speech import Words

Week = Annotated[list[Words], Field(min_length=7, max_length=7)]
"""Words for each day from Monday on."""


class DayWords(FileModel):
    """How days of the week are named, beside the names in the pack."""

    names: Week = Field(description="Further forms of the names.")
    short: Week = Field(description="Short forms, which are other words in other places.")
    every: list[str] = Field(description="All days.")
    weekdays: list[str] = Field(description="Monday to Friday.")
    weekend: list[str] = Field(description="Saturday and Sunday.")


class BelongingWords(FileModel):
    """A language's words around figures."""

    articles: Words = Field(description="They begin what a clause is about.")
    pronouns: Words = Field(description="They stand for what was named before.")
    joins: list[str] = Field(description="They join clauses.")
    range: list[str] = Field(description="They stand between the ends of a range.")
    respectively: list[str] = Field(description="They give the figures in the order of the names.")
    first: Words = Field(description="They stand before the beginning of a range.")
    last: Words = Field(description="They stand before its end.")
    days: DayWords
    yes_: list[str] = Field(alias="yes", description="They fill a cell of a table that affirms.")
    contrasting: Words = Field(description="Common words that tell one clause from another.")


@cache
def all_belonging() -> Mapping[Language, BelongingWords]:
    """Return the words of every language; they are read once."""
    text = Path(__file__).with_name("belonging.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe one
    return TypeAdapter(dict[Language, BelongingWords]).validate_python(read)
