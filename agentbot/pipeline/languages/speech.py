"""How answers speak in each language: what the checks of a model's answer know of words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BeforeValidator, Field, TypeAdapter

from agentbot.pipeline.files.models import FileModel
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import Loader, Opposites


def _words(value: object) -> object:
    return value.split() if isinstance(value, str) else value


def _barred(value: object) -> object:
    return [part.strip() for part in value.split("|")] if isinstance(value, str) else value


Words = Annotated[list[str], BeforeValidator(_words)]
"""Single words, written as one text; phrases are written as a list."""


class SpeechWords(FileModel):
    """A language's words by what they do in an answer."""

    common: Words = Field(description="They carry no content: articles, pronouns, prepositions.")
    answering: Words = Field(description="They only begin an answer: yes, well.")
    first: Words = Field(description="They speak of the speaker.")
    pronouns: Words = Field(description="They take up what was spoken of: it, this, their.")
    auxiliaries: Words = Field(
        description="They only help verbs, or join two sides: is, have, can."
    )
    denials: Words = Field(description="They deny what stands near them.")
    numbers: dict[str, int]
    units: dict[str, Words] = Field(description="What is counted, by one name for all languages.")
    leads: list[str] = Field(description="They may stand before a claim, and claim nothing.")
    courtesies: list[str] = Field(description="What sentences that claim nothing are made of.")
    promises: list[str] = Field(description="They promise something, whatever follows.")
    acts: dict[str, list[str]] = Field(description="They say that something is or was done.")
    opposites: list[Opposites] = Field(description="Alternatives that contradict each other.")
    instructs: Annotated[list[str], BeforeValidator(_barred)] = Field(
        description="They show that a text speaks to a model, not to customers."
    )


@cache
def all_speech() -> Mapping[Language, SpeechWords]:
    """Return the words of every language; they are read once."""
    text = Path(__file__).with_name("speech.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe one
    return TypeAdapter(dict[Language, SpeechWords]).validate_python(read)
