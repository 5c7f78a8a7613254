"""What an operator may write as one text instead of a mapping with a single key."""

from __future__ import annotations

from typing import ClassVar

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from agentbot.pipeline.files.models import FileModel


class TextOrMapping(FileModel):
    """A mapping for which a text may stand: it is the value of the key ``short_for``.

    ``instead`` has texts that mean another mapping.
    """

    short_for: ClassVar[str]
    instead: ClassVar[dict[str, dict[str, object]]] = {}

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return cls.instead.get(value, {cls.short_for: value})

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler.resolve_ref_schema(handler(core_schema))]}
