"""The form of a model's answer: what it does, what it says, and from what it knows that.

What is done and what is said stand apart, so that code acts and then speaks: an answer that only
tells of an act does not make it happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Act = Literal["answer", "clarify", "hand_over", "stay_silent"]
"""What may be done about a turn."""


class ModelAnswer(BaseModel):
    """What a model answers.

    The order of the fields is that in which it writes them: what it has understood and where it
    found it come before its words. ``meant`` is the question as understood, ``sources`` are ids of
    passages, ``language`` is that of ``text`` as BCP 47 has it, and ``ask`` what is asked back.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    meant: str = Field(description="The customer's question in full, with what it refers to.")
    action: Act = Field(description="What to do.")
    sources: tuple[str, ...] = Field(description="Ids of the passages that text rests on.")
    language: str = Field(description="BCP 47 code of the language of text, such as en.")
    text: str = Field(description="The answer as the customer reads it; empty if none.")
    ask: str = Field(description="The question back, if action is clarify; else empty.")


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """A form that answers have: its name, what it is, and its JSON schema."""

    name: str
    about: str
    schema: dict[str, Any]


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema as strict servers want it: every field required, no other allowed.

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    properties = {
        name: {key: value for key, value in field.items() if key != "title"}
        for name, field in schema["properties"].items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


ANSWER_FORM = AnswerForm(
    "answer", "What is done about the customer's message.", _strict(ModelAnswer.model_json_schema())
)
"""The form in which models are asked to answer."""
