"""What one endpoint takes of what may be asked: learnt from what it refuses, and remembered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from agentbot.pipeline.llm.form import AnswerForm
from agentbot.pipeline.llm.model import ChatMessage
from agentbot.pipeline.provider import Refusal

_LEAST_LIMIT = 16
"""Tokens: a shorter answer says nothing."""
_ENOUGH = 400
"""Tokens that an answer in a chat takes at most: beyond that, the prompt needs the room more."""
_UNNAMED = re.compile(
    r"(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extra|additional)\W{0,3}"
    r"(?:\w+\W{1,3}){0,3}?(?:parameter|field|argument|propert|input|key|option)",
    re.IGNORECASE,
)
"""How a server refuses a parameter that it does not name."""
_SAID_TO_REFUSE = re.compile(
    r"unsupported|not support|unknown|unrecogni[sz]ed|unexpected|invalid|extra|not permitted"
    r"|not allowed|may not|must (?:not )?be|not (?:yet )?implemented|cannot|can't|forbidden",
    re.IGNORECASE,
)
_SAYS_NOTHING = re.compile(
    r"\W*(?:\d{3})?\W*(?:bad request|invalid (?:request|input|argument)|unprocessable(?: entity)?"
    r"|not implemented|validation error)?\W*",
    re.IGNORECASE,
)
"""What a server says that refuses, and not what: of all that is asked, the form is the newest."""
LimitName = Literal["max_tokens", "max_completion_tokens"] | None
_LIMITS: tuple[LimitName, ...] = ("max_tokens", "max_completion_tokens", None)
"""The names of the limit, in the order in which they are tried: most servers know the first."""


class Way(StrEnum):
    """How an answer in a form is asked for. The values are shown to operators."""

    SCHEMA = "a JSON schema"
    TOOL = "a tool call"
    WORDS = "words alone"
    """The prompt describes the form, and what comes is mended."""


_WEAKER = {Way.SCHEMA: Way.TOOL, Way.TOOL: Way.WORDS}
_BETWEEN = "\n\n---\nThe customer writes:\n\n"
"""What sets a system prompt apart from a customer's words in one message: they are data."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an endpoint is asked.

    ``limit_name`` of None: no limit is sent. ``as_user``: it knows no system role, so the system
    prompt stands at the head of the first question. ``form`` of None: an answer may be anything.
    """

    max_tokens: int
    form: AnswerForm | None = None
    way: Way = Way.SCHEMA
    limit_name: LimitName = "max_tokens"
    streams: bool = True
    asks_usage: bool = True
    as_user: bool = False
    tried: frozenset[LimitName] = field(default=frozenset({"max_tokens"}))

    def parameters(
        self, messages: Sequence[ChatMessage], form: AnswerForm | None = None
    ) -> dict[str, Any]:
        """Return what goes into the body of a request, the model's name apart.

        ``form`` takes the place of the usual one.
        """
        body: dict[str, Any] = {"messages": self._messages(messages)}
        if self.limit_name is not None:
            body[self.limit_name] = self.max_tokens
        if self.streams:
            body["stream"] = True
            if self.asks_usage:
                body["stream_options"] = {"include_usage": True}
        return body | self._form(self.form and (form or self.form))

    def _form(self, form: AnswerForm | None) -> dict[str, Any]:
        """Return what asks for the form.

        https://platform.openai.com/docs/api-reference/chat/create
        """
        if form is None or self.way is Way.WORDS:
            return {}
        if self.way is Way.SCHEMA:
            named = {"name": form.name, "strict": True, "schema": form.schema}
            return {"response_format": {"type": "json_schema", "json_schema": named}}
        named = {"name": form.name, "description": form.about, "parameters": form.schema}
        return {
            "tools": [{"type": "function", "function": named}],
            "tool_choice": "required",  # there is but one; some servers know no name here
        }

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is not asked for, though most servers take it, for people to read."""
        named = {
            "a limit of tokens": self.limit_name is None,
            "streaming": not self.streams,
            "the cost of a stream": self.streams and not self.asks_usage,
            "the system's role": self.as_user,
        }
        return tuple(name for name, is_left_out in named.items() if is_left_out)

    def weaker(self) -> Dialect | None:
        """Return how to ask where the form is not answered in; None where nothing is left out."""
        weaker = _WEAKER.get(self.way) if self.form else None
        return None if weaker is None else replace(self, way=weaker)

    def _messages(self, messages: Sequence[ChatMessage]) -> list[dict[str, str]]:
        sent: list[dict[str, str]] = []
        for message in messages:
            role = "user" if self.as_user and message.role == "system" else message.role
            if self.as_user and sent and sent[-1]["role"] == role:
                sent[-1]["content"] += _BETWEEN + message.content
            else:
                sent.append({"role": role, "content": message.content})
        return sent

    def without(self, refusal: Refusal) -> Dialect | None:
        """Return how to ask instead; None where what is refused cannot be left out.

        What a server names in its ``param`` goes before what stands anywhere in its text.
        """
        if refusal.status in _OF_ANOTHER_KIND:
            return None
        is_sure = refusal.status is not None and refusal.status < _SERVER_FAILED
        if not is_sure and not _SAID_TO_REFUSE.search(refusal.text):
            return None
        texts = [refusal.param, refusal.message, refusal.text]
        for text in texts:
            for pattern, change in _CHANGES:
                if text and pattern.search(text) and (changed := change(self, refusal)):
                    return changed
        is_named = refusal.param or any(pattern.search(refusal.text) for pattern, _ in _CHANGES)
        if not is_named and _SAYS_NOTHING.fullmatch(refusal.message):
            return _weaken(self, refusal)
        if not is_named and _UNNAMED.search(refusal.text):  # what fewest servers know, first
            return (
                _weaken(self, refusal) or _drop_usage(self, refusal) or _drop_limit(self, refusal)
            )
        return None

    def with_fewer_tokens(self, refusal: Refusal) -> Dialect | None:
        """Return how to ask where the room for an answer takes what the prompt needs; or None.

        A server that counts both names the limit. One of the default's size stays as it is.
        """
        fewer = max(self.max_tokens // 2, _ENOUGH)
        is_counted = self.limit_name and re.search(rf"\b{self.max_tokens}\b", refusal.text)
        return replace(self, max_tokens=fewer) if is_counted and fewer < self.max_tokens else None


_OF_ANOTHER_KIND = frozenset({401, 402, 408, 409, 429})
"""Statuses that speak of the key, of money or of haste, whatever names stand in the text."""
_SERVER_FAILED = 500


def _weaken(dialect: Dialect, _: Refusal) -> Dialect | None:
    return dialect.weaker()


def _weaken_schema(dialect: Dialect, _: Refusal) -> Dialect | None:
    return dialect.weaker() if dialect.way is Way.SCHEMA else None


def _weaken_tool(dialect: Dialect, _: Refusal) -> Dialect | None:
    return dialect.weaker() if dialect.way is Way.TOOL else None


def _drop_usage(dialect: Dialect, _: Refusal) -> Dialect | None:
    return replace(dialect, asks_usage=False) if dialect.streams and dialect.asks_usage else None


def _drop_limit(dialect: Dialect, _: Refusal) -> Dialect | None:
    return replace(dialect, limit_name=None) if dialect.limit_name else None


def _drop_streaming(dialect: Dialect, _: Refusal) -> Dialect | None:
    return replace(dialect, streams=False) if dialect.streams else None


def _drop_system(dialect: Dialect, _: Refusal) -> Dialect | None:
    return None if dialect.as_user else replace(dialect, as_user=True)


def _change_limit(dialect: Dialect, refusal: Refusal) -> Dialect | None:
    """Send a lower limit where it is too high, else the limit by its other name, else none."""
    if dialect.limit_name is None:
        return None
    if _TOO_HIGH.search(refusal.text):
        named = [
            int(number) for number in re.findall(r"(?<![\w.-])\d{1,6}(?![\w.-]*\w)", refusal.text)
        ]
        lower = [number for number in named if _LEAST_LIMIT <= number < dialect.max_tokens]
        limit = max(lower, default=dialect.max_tokens // 2)
        if limit >= _LEAST_LIMIT:
            return replace(dialect, max_tokens=limit)
    name = next((name for name in _LIMITS if name not in dialect.tried), None)
    return replace(dialect, limit_name=name, tried=dialect.tried | {name})


_TOO_HIGH = re.compile(
    r"max_\w*tokens\W.{0,60}?(?:too (?:large|high|big|long)|at most|less than|below|<=|exceed"
    r"|greater than|between|range)",
    re.IGNORECASE | re.DOTALL,
)
_CHANGES: tuple[tuple[re.Pattern[str], Callable[[Dialect, Refusal], Dialect | None]], ...] = (
    (
        re.compile(
            r"response_?format|json_?schema|structured[ _]output|json[ _](?:mode|object|schema)"
            r"|additionalProperties|guided|grammar|requested parameters",
            re.IGNORECASE,
        ),
        _weaken_schema,
    ),
    (
        re.compile(r"\btools?\b|tool_|function|requested parameters", re.IGNORECASE),
        _weaken_tool,
    ),
    (re.compile(r"stream_options|include_usage", re.IGNORECASE), _drop_usage),
    (re.compile(r"max_(?:completion_|new_|output_)?tokens", re.IGNORECASE), _change_limit),
    (re.compile(r"\bstream(?:s|ed|ing)?\b", re.IGNORECASE), _drop_streaming),
    (
        re.compile(
            r"\bsystem\b.{0,40}\b(?:role|message|prompt|instruction)"
            r"|\broles?\b.{0,80}\b(?:system|alternate|user)|user\W.{0,20}assistant\W.{0,20}\broles"
            r"|messages?[\[.]+0\]?\.role"
            r"|developer instruction",
            re.IGNORECASE | re.DOTALL,
        ),
        _drop_system,
    ),
)
"""What a refusal may name, and what is done about it, the most particular first."""
