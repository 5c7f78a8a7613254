"""What the bot says of itself: the texts of the folder, where no responder has an answer."""

from __future__ import annotations

from dataclasses import replace

from agentbot.pipeline.decision import Handoff, Reason
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.guards import UNANSWERED, UNANSWERED_AGAIN, nobody_comes
from agentbot.pipeline.languages.customers import customers_language
from agentbot.pipeline.languages.pack import load_pack
from agentbot.pipeline.languages.unspoken import Unspoken
from agentbot.pipeline.prompts import Prompts
from agentbot.pipeline.reading import nothing_said
from agentbot.pipeline.repeating import Around, around_in_other
from agentbot.pipeline.rule_responders import spoken_languages
from agentbot.pipeline.turn import Turn


class OwnWords:
    """The texts of one version of the folder, said to a turn's customer."""

    def __init__(self, prompts: Prompts, sources: FactSources) -> None:
        self._texts = prompts.texts
        self._policy = prompts.policy
        self._sources = sources
        self._spoken = spoken_languages(prompts.texts)
        self._unspoken = Unspoken(self._spoken)

    def say(self, template: Template | None, turn: Turn) -> str | None:
        """Return what the template says; None without one, or where a fact in it is not known."""
        if template is None:
            return None
        try:
            return template.render(Facts(turn, self._sources)) or None
        except TemplateProblem:
            return None

    def hand_off(self, turn: Turn, reason: Reason) -> Handoff:
        """Hand off a turn with the usual words."""
        return Handoff(reason=reason, text=self.say(self._texts.handoff, turn))

    def fallback(self, turn: Turn, reason: Reason) -> Handoff:
        """Hand off a turn on which deciding failed or took too long."""
        return Handoff(reason=reason, text=self.say(self._texts.fallback, turn), gap=True)

    def foreign(self, turn: Turn, reserved: Reason | None) -> Handoff | None:
        """Hand off in their own language whoever plainly writes one that is not answered in."""
        decision = self._unspoken.decide(turn)
        if decision is None:
            return None
        key = UNANSWERED if reserved is None else UNANSWERED_AGAIN
        return replace(decision, fires=(*decision.fires, key))

    def unanswered(self, turn: Turn, reserved: Reason | None) -> Handoff:
        """Hand off what nobody decided.

        The customer is told so, though not every time: the first time in the usual words; while
        nobody comes, once more in others. ``reserved``: why only what is surely known may be said.
        """
        if turn.is_blank:
            return self.hand_off(turn, nothing_said(turn))
        is_again = reserved is not None or self._was_said(UNANSWERED, turn)
        fires: tuple[str, ...] = (UNANSWERED,)
        template = self._texts.unanswered
        if is_again:
            is_new = not self._was_said(UNANSWERED_AGAIN, turn) and nobody_comes(turn, self._policy)
            template = self._texts.unanswered_again if is_new else None
        if reserved is not None:
            fires = (UNANSWERED_AGAIN,)
        elif template is not None and is_again:
            fires = (UNANSWERED, UNANSWERED_AGAIN)
        reason = Reason("unanswered", "no responder had an answer")
        return Handoff(reason=reason, text=self.say(template, turn), fires=fires, gap=True)

    def around(self, said: str, turn: Turn) -> Around:
        """Return the sentences around what is said again, in its language."""
        return around_in_other(said, self._texts.language) or Around(
            self.say(self._texts.same_again, turn), self.say(self._texts.handoff, turn)
        )

    def one_moment(self, turn: Turn) -> str | None:
        """Return how the customer is asked for a moment, in their language where it is spoken."""
        code = customers_language(turn)
        known = next((one for one in self._spoken[1:] if one == code), None)
        own = self._texts.one_moment
        return load_pack(known).texts.one_moment if known and own else self.say(own, turn)

    def _was_said(self, key: str, turn: Turn) -> bool:
        """Say whether the text of this key was said too short a while ago to be said again."""
        last = turn.memory.fired.get(key)
        return last is not None and turn.now - last < self._policy.repeat_unanswered_after
