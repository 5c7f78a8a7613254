"""The two responders of rules.yaml, made of an operator's folder."""

from __future__ import annotations

from agentbot.pipeline.facts import FactSources
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.small_talk import SmallTalkReader
from agentbot.pipeline.prompts import Prompts
from agentbot.pipeline.responder import Responder
from agentbot.pipeline.rules.responder import RulesResponder, RuleTexts
from agentbot.pipeline.rules.small_talk import SmallTalk
from agentbot.pipeline.texts import Texts
from agentbot.pipeline.tools.toolbox import Toolbox


def spoken_languages(texts: Texts) -> tuple[Language, ...]:
    """Return the languages that are answered in, the folder's own first."""
    return tuple(dict.fromkeys((texts.language, *texts.also_speaks)))


def rules_responders(
    prompts: Prompts,
    sources: FactSources,
    reader: SmallTalkReader,
    toolbox: Toolbox,
) -> dict[str, Responder]:
    """Return the two responders of rules.yaml, by the names of its lists.

    ``toolbox`` has the tools of tools.yaml.
    """
    rules, texts = prompts.rules, RuleTexts(prompts.texts.handoff, prompts.texts.ask_email)
    small_talk = None
    if prompts.policy.small_talk:
        small_talk = SmallTalk(
            reader=reader,
            speaks=spoken_languages(prompts.texts),
            own_replies=prompts.texts.small_talk,
            handoff=texts.handoff,
            ask_email=texts.ask_email,
        )
    return {
        "rules": RulesResponder(
            rules.first,
            name="rules",
            sources=sources,
            texts=texts,
            small_talk=small_talk,
            toolbox=toolbox,
        ),
        "otherwise": RulesResponder(
            rules.otherwise,
            name="otherwise",
            sources=sources,
            texts=texts,
            last_resort=True,
            toolbox=toolbox,
        ),
    }
