"""What a model is shown in place of personal data: ``[email 1]``, ``[card 1]`` and the like.

One mask holds for one turn. It hides what anybody wrote in the conversation, and puts back into an
answer only what the customer wrote themselves: what their page, or a person, told of them is
nobody's to repeat.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from agentbot.pipeline.personal import Kind, find_personal
from agentbot.pipeline.turn import Author, Turn

_KEPT = 2048
"""Texts of the business's own whose addresses and numbers are known: those that are asked for."""
_SHOWN = re.compile(r"\[\s*(e-?mail|card|iban|phone|key)\s*(\d{1,3})\s*\]", re.IGNORECASE)


class Mask:
    """The mask of one turn."""

    def __init__(
        self, written: Iterable[str] = (), *, public: Iterable[str] = (), is_on: bool = True
    ) -> None:
        """``written`` are the customer's own words, which may be put back; what stands in
        ``public``, the business's own texts, need not be hidden."""
        self._is_on = is_on
        self._public = {key for text in (public if is_on else ()) for key in _keys_in(text)}
        self._places: dict[tuple[Kind, str], str] = {}
        self._counts: dict[Kind, int] = {}
        self._own: dict[str, str] = {}
        for text in written if is_on else ():
            for one in find_personal(text):
                value = text[one.start : one.end]
                if _key(one.kind, value) not in self._public:
                    self._own.setdefault(self._place(one.kind, value), value)

    @classmethod
    def of(cls, turn: Turn, *, public: Iterable[str] = (), is_on: bool = True) -> Mask:
        """Return the mask of a turn."""
        messages = (*turn.history, *turn.messages)
        written = (turn.said(one) for one in messages if one.author is Author.CUSTOMER)
        return cls(written, public=public, is_on=is_on)

    def hide(self, text: str) -> str:
        """Return a text as a model may see it."""
        if not self._is_on:
            return text
        parts, place = [], 0
        for one in find_personal(text):
            value = text[one.start : one.end]
            if _key(one.kind, value) not in self._public:
                parts += [text[place : one.start], self._place(one.kind, value)]
                place = one.end
        return "".join([*parts, text[place:]])

    def hide_all(self, value: Any) -> Any:  # noqa: ANN401 - a fact, of whatever type
        """Return a fact with every text in it as a model may see it."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, Mapping):
            return {self.hide(str(key)): self.hide_all(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide_all(inner) for inner in value]
        if isinstance(value, int) and (hidden := self.hide(str(value))) != str(value):
            return hidden
        return value

    def show(self, text: str) -> str | None:
        """Return a model's text with what it stands for put back; None where that may not be."""
        if not self._is_on:
            return text
        missing = False

        def put_back(match: re.Match[str]) -> str:
            nonlocal missing
            kind = match[1].lower().replace("-", "")
            value = self._own.get(f"[{kind} {int(match[2])}]")
            missing |= value is None
            return value or ""

        shown = _SHOWN.sub(put_back, text)
        return None if missing else shown

    def _place(self, kind: Kind, value: str) -> str:
        """Return what stands for a value: the same for the same."""
        key = _key(kind, value)
        if key not in self._places:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._places[key] = f"[{kind} {self._counts[kind]}]"
        return self._places[key]


@lru_cache(_KEPT)
def _keys_in(text: str) -> tuple[tuple[Kind, str], ...]:
    """Return what is found in one of the business's texts, which come again with each question."""
    return tuple(_key(one.kind, text[one.start : one.end]) for one in find_personal(text))


def _key(kind: Kind, value: str) -> tuple[Kind, str]:
    """Return what is the same for a value, however it is written."""
    return kind, "".join(sign for sign in value.casefold() if sign.isalnum() or sign in "@_+")
