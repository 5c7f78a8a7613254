"""What a model has answered, whatever shape its words have.

Where it wrote no JSON, the whole text is its answer, without named sources. What looks like the
form and cannot be read is nobody's answer: a customer would be shown braces, or half a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from agentbot.pipeline.llm.form import Act, ModelAnswer
from agentbot.pipeline.llm.repair import find_object
from agentbot.pipeline.llm.spoken import spoken

HAND_OVER = "HAND_OVER"
"""What a model that writes no JSON writes to hand off: a word that it does not write by chance."""

_MOST_SOURCES = 20
"""Sources of one answer: more than a model is shown."""
_MAX_MEANT = 500
"""Characters of a question as a model understood it, for the journal."""
# The word as models write it: with a line or a backslash in it, in capitals or not. Without its
# underscore, and in small letters, it is the word only where the line holds nothing else: "you can
# hand over the parcel at any post office" is an answer.
_HAND_OVER = re.compile(
    r"hand(?:s|ed|ing)?\W{0,3}_\W{0,3}o(?:ver|ff)|(?-i:HAND[\W_]{0,3}O(?:VER|FF))"
    r"|^\W*hand[\W_]{0,3}o(?:ver|ff)\W*$|\A\W*hand[\W_]{0,3}o(?:ver|ff)\s?[:\u2013\u2014]",
    re.IGNORECASE | re.MULTILINE,
)
_NAMES: Mapping[str, tuple[str, ...]] = {
    "action": ("action", "act", "decision"),
    "text": ("text", "answer", "reply", "response", "message", "content"),
    "sources": ("sources", "source", "ids", "source_ids", "citations", "passages"),
    "language": ("language", "lang"),
    "ask": ("ask", "question", "clarification"),
    "meant": ("meant", "understood"),
}
"""The names under which models write a field, the form's own first."""
_KNOWN = frozenset(name for names in _NAMES.values() for name in names)
_AROUND = (
    "arguments",
    "parameters",
    "answer",
    "response",
    "properties",
    "result",
    "output",
    "input",
)
"""Names of what models wrap the form in."""
_ACTS: Mapping[str, Act] = {
    **dict.fromkeys(("answer", "reply", "respond", "say", "send", "text", "message"), "answer"),
    **dict.fromkeys(("clarify", "ask", "clarification", "ask_back", "question"), "clarify"),
    **dict.fromkeys(("hand_over", "handover", "hand_off", "handoff", "escalate"), "hand_over"),
    **dict.fromkeys(("transfer", "human", "agent", "person", "colleague"), "hand_over"),
    **dict.fromkeys(("stay_silent", "silent", "silence", "none", "no_reply"), "stay_silent"),
}
_OUR_MARKS = re.compile(r"</?\s*passage\b[^<>]{0,200}>", re.IGNORECASE)
"""The marks of passages, which small models write on with the passage itself."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,3}")
_LINE = re.compile(rf"^\W{{0,3}}({'|'.join(_KNOWN)})\W{{0,3}}:[ \t]*", re.IGNORECASE | re.MULTILINE)
"""A field that a model writes as a line of its own: ``action: answer``."""
_LIKE_JSON = re.compile(r"\A\W{0,3}(?:```\w*\s*|json\s*)?[\[{]\s*[\"'\w}]")


def read_answer(raw: str) -> ModelAnswer | None:
    """Return what a model has answered; None where there is nothing that could be said or done."""
    text = spoken(_OUR_MARKS.sub("", raw))
    found = find_object(text)
    if found is not None and (fields := _unwrapped(found.value)) is not None:
        cut = _field(found.unfinished) if found.unfinished else None
        is_half = cut in {"text", "ask"} or found.unfinished in _AROUND
        return None if is_half else _answer(fields)
    if says_hand_over(text):
        return _plain("hand_over", "")
    if not text or _LIKE_JSON.match(text):
        return None
    if (fields := _lines(text)) is not None:
        return _answer(fields)
    return _plain("answer", text)


def says_hand_over(text: str) -> bool:
    """Say whether the model asks for a colleague: the protocol's word stands anywhere in it."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return _HAND_OVER.search(plain) is not None


def _plain(action: Act, text: str) -> ModelAnswer:
    return ModelAnswer(meant="", action=action, sources=(), language="", text=text, ask="")


def _field(name: str) -> str | None:
    """Return the form's field that a model's name for it means."""
    low = name.strip().lower().replace("-", "_").replace(" ", "_")
    return next((field for field, names in _NAMES.items() if low in names), None)


def _unwrapped(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the fields of the form in an object; None where it is another one."""
    fields: dict[str, Any] = {}
    for name, inner in value.items():
        field = _field(name)
        if field is not None and not (isinstance(inner, Mapping) and field != "sources"):
            fields.setdefault(field, inner)
    if {"action", "text"} & fields.keys() and not _is_wrapped(value):
        return fields
    for name in _AROUND:
        inner = value.get(name)
        if isinstance(inner, str) and inner.lstrip().startswith("{"):
            found = find_object(inner)
            inner = None if found is None or found.unfinished is not None else found.value
        if isinstance(inner, Mapping) and (deeper := _unwrapped(inner)) is not None:
            return deeper
    return fields if {"action", "text", "ask"} & fields.keys() else None


def _is_wrapped(value: Mapping[str, Any]) -> bool:
    """Say whether a text of the object is the form once more, as JSON."""
    inner = value.get("text", value.get("answer", value.get("content")))
    return isinstance(inner, str) and inner.lstrip().startswith("{") and "action" not in value


def _lines(text: str) -> Mapping[str, Any] | None:
    """Return the fields that stand a line each; None where the first line is no field."""
    marks = list(_LINE.finditer(text))
    if not marks or marks[0].start() > 0 or (_field(marks[0][1]) or "") not in {"action", "text"}:
        return None
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    fields: dict[str, Any] = {}
    for mark, end in zip(marks, ends, strict=True):
        fields.setdefault(_field(mark[1]) or "", text[mark.end() : end].strip())
    return fields


def _answer(fields: Mapping[str, Any]) -> ModelAnswer | None:
    said, ask = _said(fields.get("text")), _said(fields.get("ask"))
    action = _act(fields.get("action"), is_said=bool(said))
    if says_hand_over(said) or says_hand_over(ask):
        action = "hand_over"
    if (action == "answer" and not said) or (action == "clarify" and not (ask or said)):
        return None
    language = fields.get("language")
    is_code = isinstance(language, str) and _LANGUAGE.fullmatch(language.strip())
    return ModelAnswer(
        meant=" ".join(_said(fields.get("meant")).split())[:_MAX_MEANT],
        action=action,
        sources=tuple(_ids(fields.get("sources")))[:_MOST_SOURCES],
        language=str(language).strip().replace("_", "-") if is_code else "",
        text=said,
        ask=ask,
    )


def _act(value: object, *, is_said: bool) -> Act:
    """Return the act that is named. What is not understood is left to people."""
    if value is None or value == "":
        return "answer" if is_said else "hand_over"
    word = re.sub(r"[\W_]+", "_", str(value).strip().lower()).strip("_")
    return _ACTS.get(word, "hand_over")


def _said(value: object) -> str:
    """Return the text of a field, without what is no part of it."""
    if isinstance(value, list):
        value = "\n".join(one for one in value if isinstance(one, str))
    return spoken(value) if isinstance(value, str) else ""


def _ids(value: object) -> Iterable[str]:
    """Return the ids that are named, however they are listed."""
    if isinstance(value, str):
        value = re.split(r"[,;\n]+", value.strip().strip("[]"))
    if isinstance(value, Mapping):
        value = list(value.values()) if "id" not in value else [value["id"]]
    found = []
    for one in value if isinstance(value, list | tuple) else ():
        name = one.get("id") if isinstance(one, Mapping) else one
        if isinstance(name, str | int) and (id_ := str(name).strip().strip("[]\"'` ")):
            found.append(id_)
    return dict.fromkeys(found)
