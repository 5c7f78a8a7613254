"""JSON is found in what models write around it, and mended, or it is none."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.llm.repair import Found, find_object

WHOLE = {"action": "answer", "text": "Yes."}


@pytest.mark.parametrize(
    "text",
    [
        '{"action": "answer", "text": "Yes."}',
        'Sure! Here it is:\n{"action": "answer", "text": "Yes."}\nI hope that helps.',
        '```json\n{"action": "answer", "text": "Yes."}\n```',
        '{"action": "answer", "text": "Yes.",}',
        '{"action": "answer" "text": "Yes."}',
        "{'action': 'answer', 'text': 'Yes.'}",
        '{action: "answer", text: "Yes."}',
        "{\u201caction\u201d: \u201canswer\u201d, \u201ctext\u201d: \u201cYes.\u201d}",
        '{"action": answer, "text": "Yes."}',
        '{"action": "answer", // what I do\n "text": "Yes."}',
        'In {this} case: {"action": "answer", "text": "Yes."}',
        '{} {"action": "answer", "text": "Yes."}',
        '{"action": "answer", "text": "Yes."} {"action": "hand_over"}',
    ],
)
def test_what_is_whole_is_found(text: str) -> None:
    """Whatever stands around it, and however it is quoted."""
    assert find_object(text) == Found(WHOLE)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"text": "They said "yes" to it.", "ask": ""}', 'They said "yes" to it.'),
        ('{"text": "They said "yes", and left.", "ask": ""}', 'They said "yes", and left.'),
        ("{'text': 'It's here.', 'ask': ''}", "It's here."),
        ('{"text": "One\nTwo", "ask": ""}', "One\nTwo"),
        ('{"text": "\\u00e9\\ud83d\\ude00 \\d", "ask": "",}', "\u00e9\U0001f600 d"),
    ],
)
def test_signs_within_a_text_are_part_of_it(text: str, value: str) -> None:
    """Quotation marks and line ends that should have been escaped, and escapes that are none."""
    found = find_object(text)
    assert found is not None
    assert found.value == {"text": value, "ask": ""}


@pytest.mark.parametrize(
    ("text", "value", "unfinished"),
    [
        ('{"action": "answer", "text": "We ship to Nor', {"text": "We ship to Nor"}, "text"),
        ('{"text": "Yes.", "sources": ["a", "b', {"sources": ["a", "b"]}, "sources"),
        ('{"text": "Yes.", "sources": ["a"', {"text": "Yes."}, "sources"),
        ('{"text": "Yes.", "ask"', {"text": "Yes."}, ""),
        ('{"text": "Yes.", "ask":', {"text": "Yes."}, ""),
        ('{"text": "Yes."', {"text": "Yes."}, ""),
    ],
)
def test_where_it_was_cut_off_is_said(text: str, value: dict[str, object], unfinished: str) -> None:
    """Half a text may say the opposite of the whole."""
    found = find_object(text)
    assert found is not None
    assert found.value.items() >= value.items()
    assert found.unfinished == unfinished


@pytest.mark.parametrize(
    "text", ["", "Yes.", "{", "{}", "Use code {SAVE10} at the till.", "{1, 2}", '["a"]', "a: {b"]
)
def test_what_is_no_object_is_none(text: str) -> None:
    """A customer may be told of braces."""
    assert find_object(text) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=5), JSON, min_size=1), st.text("abc \n", max_size=9))
def test_any_object_is_found_as_it_is(value: dict[str, object], around: str) -> None:
    """Whatever it holds."""
    found = find_object(around + json.dumps(value) + around)
    assert found == Found(value)


@given(st.text("{}[]\",:\\ 'a1", max_size=60))
def test_nothing_makes_it_fail(text: str) -> None:
    """Nor go on without an end."""
    found = find_object(text)
    assert found is None or found.value


def test_hostile_text_is_read_in_no_time() -> None:
    """Of any length that a client lets through."""
    began = time.perf_counter()
    for text in ('{"a":' * 4000, '{"a": "' + '", ' * 4000, "{" * 8000, "{a " * 3000):
        find_object(text)
    assert time.perf_counter() - began < 2.0
