"""The form of an answer is one that strict servers take, and that says what its fields are."""

from __future__ import annotations

import json

from agentbot.pipeline.llm.form import ANSWER_FORM, ModelAnswer


def test_the_schema_is_strict() -> None:
    """Every field is required and no other allowed; nothing in it refers to elsewhere."""
    schema = ANSWER_FORM.schema
    assert schema["additionalProperties"] is False
    assert schema["required"] == list(schema["properties"]) == list(ModelAnswer.model_fields)
    assert "$ref" not in json.dumps(schema)
    assert all("description" in field for field in schema["properties"].values())


def test_what_a_model_has_understood_comes_before_its_words() -> None:
    """It writes in this order, and does not look for sources of what it has said already."""
    order = ANSWER_FORM.schema["required"]
    assert order.index("meant") < order.index("sources") < order.index("text")


def test_the_acts_are_four() -> None:
    """What a strict server lets a model choose from."""
    acts = ANSWER_FORM.schema["properties"]["action"]["enum"]
    assert acts == ["answer", "clarify", "hand_over", "stay_silent"]
