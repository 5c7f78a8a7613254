"""What becomes of an answer that has come: a completion, or the failure of the attempt."""

from __future__ import annotations

from dataclasses import dataclass

from agentbot.errors import LLMError
from agentbot.pipeline.llm.answer import Answer, Ending
from agentbot.pipeline.llm.model import Completion
from agentbot.pipeline.llm.spoken import spoken
from agentbot.pipeline.provider import MAX_PROBLEM, Refusal

MAX_ANSWER = 8_000
"""Characters of an answer, far more than a chat needs; a model that goes on is cut off."""
_TOO_MANY = 429
_SERVER_FAILED = 500


@dataclass(eq=False)
class FailedAttempt(LLMError):
    """An attempt that failed; ``again`` says whether another may do better.

    ``refusal`` is what the server has said, where it said anything.
    """

    again: bool = False
    retry_after: float | None = None
    refusal: Refusal | None = None


def completion_of(answer: Answer, *, rambles: bool) -> Completion:
    """Return the answer. Raises ``FailedAttempt`` where it is none, or not whole."""
    if answer.error is not None:
        raise failure_by(answer.error, None)
    text = answer.called or spoken(answer.raw)
    if answer.is_endless or len(text) > MAX_ANSWER:
        raise FailedAttempt("cut_off", f"the answer is longer than {MAX_ANSWER} characters")
    match answer.ending:
        case Ending.NONE:
            raise FailedAttempt("cut_off", "the stream ended before the answer did", again=True)
        case Ending.TOO_LONG if rambles and (first := _first_paragraph(text)):
            text = first
        case Ending.TOO_LONG:
            what = "the answer" if text else "its thoughts"
            problem = f"{what} reached the limit of tokens (AGENTBOT_LLM__MAX_TOKENS)"
            raise FailedAttempt("cut_off", problem)
        case Ending.FILTERED:
            raise FailedAttempt("refused", "the provider's filter stopped the answer")
        case Ending.OTHER:
            problem = f"the answer ended for the reason {answer.finish!r}"
            raise FailedAttempt("cut_off", problem[:MAX_PROBLEM], again=True)
    if answer.refused:
        raise FailedAttempt("refused", f"the model refuses: {answer.refused}"[:MAX_PROBLEM])
    if not text and not answer.is_of_protocol:
        problem = (
            "it answers in another protocol than OpenAI's, without `choices`: see its base URL"
        )
        raise FailedAttempt("server", problem)
    if not text:
        problem = "the answer is empty" + (", but for its thoughts" if answer.raw.strip() else "")
        raise FailedAttempt("empty", problem, again=True)
    return Completion(text, answer.prompt_tokens, answer.completion_tokens)


def failure_by(refusal: Refusal, pause: float | None) -> FailedAttempt:
    """Return what a refusal means; ``pause`` is what the server asks for, in seconds."""
    status, again = refusal.status, True
    if status == _TOO_MANY:
        kind = "rate_limited"
        # A spent quota comes as 429 too, and does not come back within a chat.
        again = refusal.code != "insufficient_quota"
    elif status is None or status >= _SERVER_FAILED or status in {408, 409}:
        kind = "server"
    else:
        kind, again = "refused", False
    return FailedAttempt(kind, refusal.shown, again, pause, refusal)


def _first_paragraph(text: str) -> str:
    """Return the first paragraph of a text that has more; "" where it may not have ended."""
    first, gap, _ = text.partition("\n\n")
    return first.strip() if gap else ""
