"""What of a turn was read: all of it, a part, or nothing."""

from __future__ import annotations

from agentbot.pipeline.decision import Reason, TraceStep
from agentbot.pipeline.turn import MAX_TEXT, Turn


def nothing_said(turn: Turn) -> Reason:
    """Return why a turn without a word is left to people."""
    if any(message.attachments for message in turn.messages):
        return Reason("attachment_only", "there is a file and no text: a person must look")
    return Reason("quoted_only", "the mail says nothing itself, it only quotes: a person must look")


def reading(turn: Turn) -> tuple[TraceStep, ...]:
    """Return a step that says so where not all of the text was judged; nothing where it was."""
    written = sum(len(message.text) for message in turn.messages)
    judged = len(turn.text)
    if judged >= written:
        return ()
    if judged == MAX_TEXT:
        said = f"only {judged:,} of {written:,} characters were judged: the first and the last"
        return (TraceStep("text", "cut", Reason("text_cut", said)),)
    said = f"{judged:,} of {written:,} characters are the customer's own: the rest is quoted"
    return (TraceStep("text", "own", Reason("text_own", said)),)
