"""What a model wrote is read in the form, in plain words, or not at all."""

from __future__ import annotations

import json

import pytest

from agentbot.pipeline.llm.reading import read_answer
from tests.support.model import in_form


def test_the_form_is_read_field_by_field() -> None:
    """As the model wrote it."""
    raw = in_form("Ja.", meant="Ships  to\nNorway?", sources=["shipping"], language="nb_NO")
    answer = read_answer(raw)
    assert answer is not None
    assert (answer.action, answer.text, answer.sources) == ("answer", "Ja.", ("shipping",))
    assert (answer.meant, answer.language) == ("Ships to Norway?", "nb-NO")


@pytest.mark.parametrize(
    "raw",
    [
        '{"arguments": {"action": "answer", "text": "Yes.", "sources": ["a"]}}',
        json.dumps({"name": "answer", "arguments": '{"text": "Yes.", "sources": ["a"]}'}),
        '{"answer": {"action": "answer", "text": "Yes.", "sources": "a"}}',
        '{"Action": "reply", "Answer": "Yes.", "source_ids": "[a]"}',
        '{"answer": "Yes.", "citations": [{"id": "a"}]}',
        '{"response": "Yes.", "sources": {"id": "a"}}',
        '<think>{"action": "hand_over"}</think>{"text": "Yes.", "sources": ["a", "a"]}',
        "Action: answer\nSources: a\nText: Yes.",
        "**text**: Yes.\n**sources**: [a]",
    ],
)
def test_other_names_and_wrappings_are_understood(raw: str) -> None:
    """As models invent them; what a model thinks is not what it answers."""
    answer = read_answer(raw)
    assert answer is not None
    assert (answer.action, answer.text, answer.sources) == ("answer", "Yes.", ("a",))


@pytest.mark.parametrize(
    ("act", "read"),
    [
        ("hand_over", "hand_over"),
        ("Hand-Off", "hand_over"),
        ("escalate", "hand_over"),
        ("delete_account", "hand_over"),
        (7, "hand_over"),
        ("stay silent", "stay_silent"),
        ("clarify", "clarify"),
        ("ASK", "clarify"),
        ("respond", "answer"),
        ("", "answer"),
        (None, "answer"),
    ],
)
def test_an_act_that_is_not_understood_is_left_to_people(act: object, read: str) -> None:
    """Whatever the model meant by it."""
    answer = read_answer(in_form("Is it the pot?", action=act))
    assert answer is not None
    assert answer.action == read


def test_the_protocols_word_counts_wherever_it_stands() -> None:
    """In the text of the form, and alone."""
    for raw in (in_form("HAND_OVER"), in_form("", action="answer", ask="HAND_OVER"), "HAND_OVER"):
        answer = read_answer(raw)
        assert answer is not None
        assert answer.action == "hand_over"


def test_words_without_the_form_are_the_whole_answer() -> None:
    """Without sources, which the checks then find."""
    answer = read_answer("We ship to Norway. Use the code {FERN} there.")
    assert answer is not None
    assert (answer.action, answer.sources) == ("answer", ())
    assert answer.text == "We ship to Norway. Use the code {FERN} there."


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "<think>Hm.</think>",
        '{"action": "answer", "text": ""}',
        '{"action": "clarify", "text": "", "ask": ""}',
        '{"action": "answer", "text": "We do not ship to Nor',
        '{"arguments": "{\\"action\\": \\"answer\\", \\"text\\": \\"We do not',
        '{"broken',
        '```json\n{"broken',
        "[{}]",
    ],
)
def test_what_is_empty_half_or_broken_is_no_answer(raw: str) -> None:
    """A customer is shown neither half a sentence nor braces."""
    assert read_answer(raw) is None


def test_half_an_answer_that_only_lacks_its_end_is_one() -> None:
    """The text is whole."""
    answer = read_answer('{"action": "answer", "text": "Yes.", "sources": ["a"')
    assert answer is not None
    assert (answer.text, answer.sources) == ("Yes.", ("a",))


def test_a_language_that_is_no_code_is_unknown() -> None:
    """A whole sentence is none."""
    for said in ("the customer's language", 5, ["en"]):
        answer = read_answer(in_form("Yes.", language=said))
        assert answer is not None
        assert not answer.language


def test_the_marks_of_passages_are_no_part_of_an_answer() -> None:
    """Small models write on what they have read."""
    for raw in ('<passage id="a">\nYes.\n</passage>', in_form('<passage id="a">Yes.</passage>')):
        answer = read_answer(raw)
        assert answer is not None
        assert answer.text == "Yes."
