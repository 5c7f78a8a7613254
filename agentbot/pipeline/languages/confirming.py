"""What of a question and of its source forbids a bare "Yes.", in each language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field, TypeAdapter

from agentbot.pipeline.files.models import FileModel
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import Loader
from agentbot.pipeline.languages.speech import Words


class ConfirmingWords(FileModel):
    """A language's words that make of "Yes." no answer, or a half one."""

    interrogatives: Words = Field(description="They ask for more than yes or no.")
    alternatives: Words = Field(description="They stand between things to choose from.")
    limits: Words = Field(description="They say of a source when, or for whom, it holds.")


@cache
def all_confirming() -> Mapping[Language, ConfirmingWords]:
    """Return the words of every language; they are read once."""
    text = Path(__file__).with_name("confirming.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe one
    return TypeAdapter(dict[Language, ConfirmingWords]).validate_python(read)
