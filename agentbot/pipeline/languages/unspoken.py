"""What is said where nobody had an answer, and the customer plainly writes another language."""

from __future__ import annotations

from collections.abc import Sequence

from agentbot.pipeline.decision import Handoff, Reason
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.foreign import foreign_words, language_of
from agentbot.pipeline.turn import Turn


class Unspoken:
    """The handoffs in languages other than ``speaks``, in which questions are answered."""

    def __init__(self, speaks: Sequence[Language]) -> None:
        self._speaks = tuple(speaks)

    def decide(self, turn: Turn) -> Handoff | None:
        """Hand off with one line in the customer's language, the first time; None otherwise."""
        code = None if turn.is_blank else language_of(turn.text)
        if code is None or code in self._speaks:
            return None
        key = f"language/{code}"
        if key in turn.memory.fired:
            return None
        words = foreign_words()[code]
        return Handoff(
            reason=Reason("language", f"it is in a language ({code}) that is not answered in"),
            text=f"{words.line(self._speaks)} {words.handed_over}",
            fires=(key,),
            gap=True,
        )
