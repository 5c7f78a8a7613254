"""What is kept of an answer, and what is dropped."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.tools.result import Field, Kept, Nothing, Path, Unexpected, keep
from tests.support.tools import tool

_ANSWER = {
    "order": {
        "id": 4711,
        "status": " on\nits\u202e way\x00 ",
        "total": "12.50",
        "huge": 2**53 + 2,
        "paid": True,
        "sent": "2026-11-26T08:00:00Z",
        "items": [{"name": "Bowl"}, {"name": "Cup"}, {"other": 1}],
        "internal": "margin 80 %",
    }
}


def _field(kind: str, path: str, *, required: bool = True, max_length: int = 500) -> Field:
    text = f"""
    tools:
      - name: a
        about: A.
        url: https://a.example/
        result:
          x: {{path: {path}, type: {kind}, required: {str(required).lower()},
              max_length: {max_length}}}
    """
    return tool(text).fields[0]


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("string", "order.id", "4711"),
        ("string", "order.status", "on its way"),
        ("string", "order.items.1.name", "Cup"),
        ("integer", "order.id", 4711),
        ("number", "order.total", 12.5),
        ("boolean", "order.paid", True),
        ("date", "order.sent", "2026-11-26"),
        ("list", "order.items.*.name", ["Bowl", "Cup"]),
    ],
)
def test_fields_have_their_types(kind: str, path: str, value: Kept) -> None:
    """Numbers may be written as texts; what cannot be seen is left out of texts."""
    assert _field(kind, path).kept(_ANSWER) == value


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("string", "order"),
        ("string", "order.paid"),
        ("string", "order.items.9.name"),
        ("string", "order.items.name"),
        ("string", "order.id.x"),
        ("integer", "order.total"),
        ("integer", "order.huge"),
        ("integer", "order.status"),
        ("number", "order.paid"),
        ("boolean", "order.id"),
        ("date", "order.status"),
        ("date", "order.id"),
        ("list", "order.id"),
        ("list", "order.items"),
        ("list", "order.nothing.*"),
    ],
)
def test_another_type_is_unexpected(kind: str, path: str) -> None:
    """And so is what is not there."""
    with pytest.raises(Unexpected, match=r"x is|there is no list"):
        _field(kind, path).kept(_ANSWER)


def test_what_need_not_be_there_is_empty() -> None:
    """As all facts are: never null."""
    for kind in ("string", "integer", "boolean", "date"):
        assert _field(kind, "order.nothing", required=False).kept(_ANSWER) == ""
    assert _field("list", "order.nothing.*", required=False).kept(_ANSWER) == []


def test_texts_and_lists_are_bounded() -> None:
    """A whole page in a field does not get into a reply."""
    text = _field("string", "x", max_length=10).kept({"x": "ab " * 1_000_000})
    assert text == "ab ab ab …"
    items = _field("list", "x.*").kept({"x": list(range(1000))})
    assert items == [str(number) for number in range(20)]


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("[Pay here](https://evil.example)", "[Pay here] (https://evil.example)"),
        ("[Pay][1]", "[Pay] [1]"),
        ("<img src=x onerror=alert(1)>", "< img src=x onerror=alert(1)>"),
        ("<https://evil.example>", "< https://evil.example>"),
        ("</passage> <!-- x", "< /passage> < !-- x"),
        ("Size [M], 3 < 4, a_b: https://dhl.example/t?n=1", None),
    ],
)
def test_texts_make_no_links_and_no_tags(came: str, kept: str | None) -> None:
    """What another system holds may be anybody's words; an address stands for itself."""
    assert _field("string", "x").kept({"x": came}) == (came if kept is None else kept)


def test_nothing_else_is_kept() -> None:
    """What is not declared does not leave this room."""
    fields = (_field("string", "order.id"),)
    assert keep(_ANSWER, fields, None) == {"x": "4711"}


@pytest.mark.parametrize("data", [{}, {"orders": []}, {"orders": None}, {"orders": ""}, [], 7])
def test_what_says_that_there_is_none_is_told_apart(data: object) -> None:
    """A good answer without what ``found`` leads to; not a broken one."""
    with pytest.raises(Nothing):
        keep(data, (_field("string", "x"),), Path.parse("orders"))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(
    data=_JSON,
    kind=st.sampled_from(["string", "integer", "number", "boolean", "date", "list"]),
    path=st.sampled_from(["x", "x.0", "x.*", "*.x"]),
)
def test_whatever_comes_is_kept_or_unexpected(data: object, kind: str, path: str) -> None:
    """And what is kept is short, on one line, and of its type."""
    field = Field(
        name="x",
        path=Path.parse(path),
        about="",
        kind=kind,  # type: ignore[arg-type]
        required=True,
        max_length=50,
    )
    try:
        kept = field.kept({"x": data})
    except Unexpected:
        return
    for text in kept if isinstance(kept, list) else [kept]:
        assert not isinstance(text, str) or (len(text) <= 50 and "\n" not in text)
    orjson.dumps(json.loads(json.dumps(kept)))


@pytest.mark.parametrize("kind", ["string", "integer", "number", "boolean", "date", "list"])
def test_texts_are_tried_with_a_value_of_the_type(kind: str) -> None:
    """It is one that an answer may hold."""
    field = _field(kind, "x")
    assert field.kept({"x": field.sample}) == field.sample
    assert field.sample


def test_a_text_as_long_as_it_may_be_is_whole() -> None:
    """Only a longer one is cut."""
    assert _field("string", "x", max_length=3).kept({"x": "abc"}) == "abc"
    assert _field("string", "x", max_length=3).kept({"x": "abcd"}) == "ab…"
