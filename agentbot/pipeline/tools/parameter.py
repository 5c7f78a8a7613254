"""A tool's parameter: which values it takes, and where they are found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import SchemaError, SchemaValidator, core_schema

from agentbot.pipeline.facts import Facts
from agentbot.pipeline.tools.address import is_speakable
from agentbot.pipeline.tools.file import ParameterModel
from agentbot.pipeline.turn import Author
from agentbot.pipeline.words import plain, plain_pattern

Value = str | int | float | bool
Kind = Literal["string", "integer", "number", "boolean", "date"]

MESSAGE = "message"
"""The source of what is found in the customer's own words."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_AROUND = " .,;:!?()[]{}<>\"'#*_~"
"""Signs that stand around an order's number, and are no part of it."""
_MOST_MESSAGES = 10
"""Earlier messages that are looked through: what was said before these is another matter."""
_MOST_WORDS = 2_000
"""Words of a message that are looked at: more than anybody writes before an order's number."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. ``source`` is where it comes from; "": whoever calls says it.

    ``validator`` takes a text or a value of its type; ``schema`` says the same to a model.
    """

    name: str
    about: str
    kind: Kind
    required: bool
    source: str
    max_length: int
    validator: SchemaValidator
    schema: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, model: ParameterModel) -> Parameter:
        """Compile it. Raises ``ValueError`` where its pattern is refused, with the reason."""
        return cls(
            name=name,
            about=model.about,
            kind=model.type,
            required=model.required,
            source=model.source or "",
            max_length=model.max_length,
            validator=_validator(model),
            schema=_schema(model),
        )

    @property
    def is_callers(self) -> bool:
        """Whether whoever calls may say it; what is known of the customer, nobody else says."""
        return self.source in {"", MESSAGE}

    def value(self, given: object) -> Value:
        """Return a value as it may be sent. Raises ``ValueError`` where it is none."""
        if isinstance(given, str):
            given = given.strip()
            if len(given) > self.max_length or not is_speakable(given):
                raise ValueError(f"{self.name} is too long, or holds signs that nobody writes")
        try:
            value: Value = self.validator.validate_python(given)
        except ValidationError as error:
            said = error.errors(include_input=False, include_url=False)[0]["msg"]
            raise ValueError(f"{self.name} does not fit: {said}") from None
        if self.kind == "date":
            date.fromisoformat(str(value))
        return value

    def found_in(self, facts: Facts, *, earlier: bool = True) -> object | None:
        """Return what its source holds; None: nothing.

        ``earlier``: what the customer wrote before counts too, where this message holds nothing.
        """
        if self.source == MESSAGE:
            texts = [facts["text"], *(_said_before(facts) if earlier else ())]
            values = (self._in_message(text) for text in texts)
            return next((value for value in values if value is not None), None)
        if not self.source:
            return None
        found: object = facts
        if self.source == "customer.id":
            return facts.turn.customer.id or None
        for key in self.source.split("."):
            found = found[key] if isinstance(found, Mapping) and _has(found, key) else None
        return found if isinstance(found, str | int | float) and found != "" else None

    def _in_message(self, text: str) -> Value | None:
        for candidate in _candidates(text):
            try:
                return self.value(candidate)
            except ValueError:
                continue
        return None


def _said_before(facts: Facts) -> Iterator[str]:
    """Yield what the customer wrote before about what is open, the newest first."""
    turn = facts.turn
    said = [one for one in turn.so_far if one.author is Author.CUSTOMER]
    yield from (plain(turn.said(one)) for one in reversed(said[-_MOST_MESSAGES:]))


def _has(found: Mapping[str, object], key: str) -> bool:
    return isinstance(found, Facts) or key in found


def _candidates(text: str) -> Iterator[str]:
    """Yield what may be meant: each word, and each two words joined (FF 123456)."""
    words = [word.strip(_AROUND) for word in text.split()[:_MOST_WORDS]]
    yield from filter(None, words)
    yield from (one + two for one, two in pairwise(words) if one and two)


def _validator(model: ParameterModel) -> SchemaValidator:
    match model.type:
        case "integer":
            low, high = _whole(model.minimum), _whole(model.maximum)
            return SchemaValidator(core_schema.int_schema(ge=low, le=high))
        case "number":
            return SchemaValidator(
                core_schema.float_schema(allow_inf_nan=False, ge=model.minimum, le=model.maximum)
            )
        case "boolean":
            return SchemaValidator(core_schema.bool_schema())
        case "date":
            return SchemaValidator(core_schema.str_schema(pattern=rf"\A{_DATE.pattern}\z"))
        case "string":
            return _text_validator(model)


def _text_validator(model: ParameterModel) -> SchemaValidator:
    if model.one_of is not None:
        return SchemaValidator(core_schema.literal_schema(list(model.one_of)))
    pattern = None if model.pattern is None else rf"\A(?:{plain_pattern(model.pattern)})\z"
    try:
        return SchemaValidator(
            core_schema.str_schema(
                pattern=pattern,
                min_length=1,
                max_length=model.max_length,
                regex_engine="rust-regex",
                coerce_numbers_to_str=True,
            )
        )
    except SchemaError as error:
        said = str(error).strip().splitlines()[-1].strip().removeprefix("error: ")
        raise ValueError(said) from error


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _schema(model: ParameterModel) -> dict[str, Any]:
    """Return what a model is told of it, as JSON Schema."""
    kind = "string" if model.type == "date" else model.type
    made: dict[str, Any] = {"type": kind}
    told = {
        "description": model.about,
        "enum": model.one_of,
        "pattern": None if model.pattern is None else f"^(?:{model.pattern})$",
        "minimum": model.minimum,
        "maximum": model.maximum,
        "format": "date" if model.type == "date" else None,
    }
    return made | {key: value for key, value in told.items() if value not in (None, "")}
