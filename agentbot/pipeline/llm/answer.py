"""An answer as it comes together from what a server sends; no two servers send the same shape.

Any field may be missing, null, or a list. What cannot be text is an error rather than left out:
half an answer may say the opposite of the whole.
"""

from __future__ import annotations

import json
from enum import Enum

from agentbot.pipeline.llm.wire import Done, Malformed
from agentbot.pipeline.provider import Refusal, refusal_in

_MAX_RAW = 100_000
"""Characters of an answer with all its thoughts; a model that goes on is in a loop."""
_MOST_TOKENS = 10**9
"""More tokens than that is no count: no answer costs a thousandth of it."""
_TEXT_KINDS = frozenset({"text", "output_text", "message", "content", "answer", "final"})
"""The kinds of parts that are said; all others (thinking, tool_use, image_url, …) are not."""


class Ending(Enum):
    """How an answer ended."""

    NONE = "none"
    GOOD = "good"
    TOO_LONG = "too long"
    FILTERED = "filtered"
    OTHER = "other"


_WORDS: dict[Ending, frozenset[str]] = {
    Ending.GOOD: frozenset(
        {"stop", "stop_sequence", "stop_token", "finish_reason_stop", "eos", "eos_token", "eot"}
        | {"eot_id", "eom", "end", "end_turn", "end_of_text", "end_of_turn", "endoftext", "done"}
        | {"complete", "completed", "completion", "finish", "finished", "success", "normal"}
        | {"<|im_end|>", "<|eot_id|>", "<|endoftext|>", "</s>", "<end_of_turn>"}
    ),
    Ending.TOO_LONG: frozenset(
        {"length", "max_tokens", "max_length", "max_new_tokens", "max_output_tokens"}
        | {"finish_reason_max_tokens", "token_limit", "context_length", "model_length"}
        | {"model_context_window_exceeded"}
    ),
    Ending.FILTERED: frozenset(
        {"content_filter", "content_filtered", "safety", "recitation", "blocklist", "blocked"}
        | {"prohibited_content", "spii", "refusal", "sensitive", "guardrail_intervened"}
        | {"language", "moderation"}
    ),
}
"""The words of servers for how an answer ended, in small letters."""


_OF_A_CALL = frozenset({"tool_calls", "tool_call", "tool_use", "function_call", "function_calls"})
"""The words of servers for an end with a call; without one, it is no good end."""


def ending_of(reason: str | None) -> Ending:
    """Return what a server's word for the end means. Only ends known to be good are good."""
    if reason is None:
        return Ending.NONE
    word = reason.strip().lower().replace("-", "_")
    return next((ending for ending, words in _WORDS.items() if word in words), Ending.OTHER)


class Answer:
    """What has come of an answer so far."""

    def __init__(self) -> None:
        self.finish: str | None = None
        self.refused = ""
        self.error: Refusal | None = None
        self.is_of_protocol = False
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self._parts: list[str] = []
        self._arguments: list[str] = []
        self._call: object = None
        self._length = 0
        self._in_messages = False
        self._done = False

    @property
    def ending(self) -> Ending:
        """How it ended; a server may say that it is done, and not why."""
        ending = ending_of(self.finish)
        if ending is Ending.NONE and self._done:
            return Ending.GOOD
        word = (self.finish or "").strip().lower().replace("-", "_")
        return Ending.GOOD if self._arguments and word in _OF_A_CALL else ending

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing: what fails from now on takes nothing away."""
        has_ended = self.finish is not None or self._done  # asked after each token, mostly in vain
        return has_ended and self.ending is Ending.GOOD and self.error is None

    @property
    def is_done(self) -> bool:
        """Whether the server has said that nothing follows."""
        return self._done

    @property
    def is_endless(self) -> bool:
        """Whether there is more text than any answer has."""
        return self._length > _MAX_RAW

    @property
    def raw(self) -> str:
        """The text as it came. Two halves of one sign, sent apart, are joined."""
        return _joined(self._parts)

    @property
    def called(self) -> str:
        """The arguments of the call that the model makes, as JSON; "" where it makes none."""
        return _joined(self._arguments)

    def take(self, value: object) -> None:
        """Add what one value holds. Raises ``Malformed``."""
        if isinstance(value, Done):
            self._done = True
        elif isinstance(value, list):
            for one in value:
                self.take(one)
        elif isinstance(value, dict):
            self.is_of_protocol |= "choices" in value
            self._take_event(value)
        elif value is not None:
            raise Malformed(f"{type(value).__name__} in place of an object")

    def _take_event(self, event: dict[str, object]) -> None:
        self._take_usage(event.get("usage"))
        choices = event.get("choices")
        if event.get("error") or event.get("object") == "error" or choices is None:
            self._take_error(event)
        for choice in [choices] if isinstance(choices, dict) else _list(choices):
            if isinstance(choice, dict):  # one is asked for: it is the first, by any number
                self._take_choice(choice)
                break

    def _take_error(self, event: dict[str, object]) -> None:
        """Keep an error that came with status 200. What follows the end of an answer is none."""
        told = event.get("error") or event.get("object") == "error"
        told = told or any(event.get(key) for key in _TOLD)
        if told and not self.is_whole:
            self.error = self.error or refusal_in(event)

    def _take_choice(self, choice: dict[str, object]) -> None:
        message, delta = choice.get("message"), choice.get("delta")
        if isinstance(message, dict):
            self._take_calls(message, is_whole=True)
        if isinstance(message, dict) and any(_text(message.get(name)) for name in _SAID):
            self._take_whole(message)
        elif isinstance(delta, dict):
            self._in_messages = False
            self._take_calls(delta, is_whole=False)
            self._take_message(delta)
        elif delta is None:
            self._say(_text(choice.get("text")))
        else:
            self._say(_text(delta))
        reason = choice.get("finish_reason", choice.get("finishReason"))
        if isinstance(reason, dict):
            reason = reason.get("type", reason.get("reason"))
        if reason is not None and str(reason).strip().lower() not in {"", "null", "none"}:
            self.finish = str(reason)

    def _take_whole(self, message: dict[str, object]) -> None:
        """Take a message for the whole text, also where parts of it came before.

        Some servers stream messages in place of deltas: then each is the next part, or all so far.
        """
        is_next = self._in_messages and not _text(message.get("content")).startswith(self.raw)
        if not is_next:
            self._parts, self._length, self.refused = [], 0, ""
        self._in_messages = True
        self._take_message(message)

    def _take_message(self, message: object) -> None:
        if isinstance(message, dict):
            self._say(_text(message.get("content")))
            self.refused += _text(message.get("refusal"))

    def _take_calls(self, message: dict[str, object], *, is_whole: bool) -> None:
        """Add what a message holds of the first call; one is asked for.

        ``is_whole``: what stands in it is the whole call, also where parts of it came before.
        """
        if not message.get("tool_calls") and not message.get("function_call"):
            return  # as is usual
        calls = [one for one in _list(message.get("tool_calls")) if isinstance(one, dict)]
        calls = calls or [{"function": message.get("function_call")}]
        for call in calls:
            function = call.get("function")
            arguments = function.get("arguments") if isinstance(function, dict) else None
            if not arguments:
                continue
            number = call.get("index", 0)
            self._call = number if self._call is None else self._call
            if number == self._call:
                said = arguments if isinstance(arguments, str) else json.dumps(arguments)
                if is_whole:
                    self._arguments = []
                self._arguments.append(said)
                self._length += len(said)
            if is_whole:
                return

    def _take_usage(self, usage: object) -> None:
        if isinstance(usage, dict):
            self.prompt_tokens = _count(usage.get("prompt_tokens")) or self.prompt_tokens
            self.completion_tokens = (
                _count(usage.get("completion_tokens")) or self.completion_tokens
            )

    def _say(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


_SAID = ("content", "refusal")
"""Fields of a message in which a model says something."""
_TOLD = ("message", "msg", "detail", "errors", "error_message", "error_code", "base_resp")
"""Fields in which servers say an error where there is no ``error``."""


def _joined(parts: list[str]) -> str:
    text = "".join(parts)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Return the text of a content: a text, a part, or a list of parts. Raises ``Malformed``."""
    if value is None or value is False:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_text(one) for one in value)
    if isinstance(value, dict):
        kind = value.get("type")
        if kind is not None and str(kind) not in _TEXT_KINDS:
            return ""
        return _text(next((value[key] for key in ("text", "content", "value") if key in value), ""))
    raise Malformed(f"{type(value).__name__} in place of a text")


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 < value < _MOST_TOKENS else 0
