"""Responders that type checkers must refuse, each for one reason.

Both mypy and pyright complain of an ignored error that there is none, so that a responder which
one of them accepts fails its run.
"""

from __future__ import annotations

from agentbot.pipeline.decision import Pass, Reason, Reply
from agentbot.pipeline.responder import Responder
from agentbot.pipeline.turn import Turn

_REASON = Reason(code="shop.pass", text="never mine")


class Nameless:
    """One without a name."""

    def respond(self, turn: Turn) -> Pass:  # noqa: ARG002 - a protocol's method
        """Pass, always."""
        return Pass(_REASON)


class Wordy:
    """One that returns its words, not a decision."""

    name = "wordy"

    def respond(self, turn: Turn) -> str:
        """Say what was said."""
        return turn.text


class Curious:
    """One that asks for more than the turn."""

    name = "curious"

    def respond(self, turn: Turn, database: object) -> Pass:  # noqa: ARG002 - wrong on purpose
        """Pass, always."""
        return Pass(_REASON)


class Numbered:
    """One whose name is no text."""

    name = 7

    def respond(self, turn: Turn) -> Pass:  # noqa: ARG002 - a protocol's method
        """Pass, always."""
        return Pass(_REASON)


nameless: Responder = Nameless()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
wordy: Responder = Wordy()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
curious: Responder = Curious()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
numbered: Responder = Numbered()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]


def answer_unsourced() -> Reply:
    """Answer by nobody: who says a thing is one of four."""
    return Reply(reason=_REASON, text="Yes.", by="magic")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def answer_without_reason() -> Reply:
    """Answer without saying why."""
    return Reply(text="Yes.", by="rule")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def change_the_turn(turn: Turn) -> None:
    """Change what nothing may change."""
    turn.bot_tracked = False  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
