"""The shape of rules.yaml: rules with their conditions, what they look up, say and do."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from agentbot.pipeline.files.models import Duration, FileModel, OneOrMore
from agentbot.pipeline.files.shorthand import TextOrMapping
from agentbot.pipeline.words import listed


class Keywords(FileModel):
    """Whole words or phrases; case, accents and signs do not matter; ``ship*`` finds "shipping"."""

    any: list[str] = Field([], description="At least one of these stands in the text.")
    all: list[str] = Field([], description="All of these stand in the text.")
    not_: list[str] = Field([], alias="not", description="None of these stands in the text.")
    unless_denied: bool = Field(
        default=False,
        description='Keywords do not count where a negation stands before them: "don\'t call me".',
    )

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, value: object) -> object:
        if isinstance(value, str):
            if len(parts := listed(value)) > 1:
                raise ValueError(
                    f"{value!r} is one keyword; write several as a list, [{', '.join(parts)}], "
                    "and a phrase without comma"
                )
            return {"any": [value]}
        return {"any": value} if isinstance(value, list) else value

    @model_validator(mode="after")
    def _not_empty(self) -> Keywords:
        if not self.any and not self.all:
            raise ValueError("there is no keyword; list at least one")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        full = handler.resolve_ref_schema(handler(core_schema))
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, full]}


class QuickReplyModel(TextOrMapping):
    """A button under a reply; a click sends its text as the customer's next message."""

    short_for = "text"

    text: str = Field(min_length=1, max_length=80, description="What the button says and sends.")
    action: str = Field(
        "", description="A name for the click, for reports; else the rule's id and a number."
    )


class LookUpModel(TextOrMapping):
    """A tool of tools.yaml, and what it is told: ``{tool: order_status, order: '{{ … }}'}``."""

    short_for = "tool"

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str] = Field(init=False)

    tool: str = Field(description="The tool's name. Beside it: its parameters, with {{ facts }}.")

    @property
    def given(self) -> dict[str, str]:
        """What the tool is told, by parameter."""
        return dict(self.__pydantic_extra__ or {})


_HAND_OVER: dict[str, dict[str, object]] = {"hand_over": {"hand_over": True}}
"""What is written instead of a text where people are to answer, in the usual words."""


class InsteadModel(TextOrMapping):
    """What is done instead: a text, or ``hand_over``, or both as keys."""

    short_for = "reply"
    instead = _HAND_OVER

    reply: str | None = Field(
        None, min_length=1, max_length=10_000, description="What to say: markdown with {{ facts }}."
    )
    hand_over: bool = Field(
        default=False, description="Leave the conversation to people, after the reply if any."
    )

    @model_validator(mode="after")
    def _says_something(self) -> InsteadModel:
        if not (self.reply or self.hand_over):
            raise ValueError("nothing would be said; write a reply, or hand_over: true")
        return self


class OnFailureModel(TextOrMapping):
    """What is done where a look-up gives nothing; each case may have words of its own."""

    short_for = "reply"
    instead = _HAND_OVER

    reply: str | None = Field(
        None, min_length=1, max_length=10_000, description="What to say where no case below fits."
    )
    hand_over: bool | None = Field(
        None,
        description="Leave it to people then; left out: where there is no reply.",
    )
    not_found: InsteadModel | None = Field(None, description="There is no such thing.")
    timed_out: InsteadModel | None = Field(None, description="No answer came in time.")
    missing: InsteadModel | None = Field(
        None,
        description="A parameter is not known, such as the order's number; left out: the rule "
        "does not hold then.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> OnFailureModel:
        if self.hand_over is False and self.reply is None:
            raise ValueError("nothing would be said; write a reply, or hand_over: true")
        return self


class RuleModel(FileModel):
    """One rule: its conditions (all must hold), what it does, and how often."""

    id: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        max_length=60,
        description="A short name in lower case; it stands in logs, reports and replies.",
    )
    about: str = Field("", description="A note to colleagues. The bot does not read it.")
    when: str | None = Field(
        None,
        min_length=1,
        max_length=2000,
        description="A condition in CEL over the facts, such as: agents_online == 0 && turns > 2",
    )
    keywords: Keywords | None = Field(None, description="Words that the message must hold.")
    matches: OneOrMore | None = Field(
        None,
        description="Regular expressions; one of them must be found, in the message's lines or in "
        "all of it as one line. (?i) ignores case. A plain ' also finds a curly one.",
    )
    first_message: bool | None = Field(
        None, description="Only the customer's first turn of a conversation (or never then)."
    )
    outside_hours: bool | None = Field(None, description="Only outside (or inside) opening hours.")
    nobody_online: bool | None = Field(None, description="Only while no person (or one) is online.")
    away: bool | None = Field(
        None,
        description="Only where the bot must say that nobody is there: outside hours, nobody "
        "online, and the chat window does not say it itself.",
    )
    look_up: LookUpModel | None = Field(
        None,
        description="Ask another system first, by a tool of tools.yaml: the reply may use what it "
        "gives, {{ result.status }}, and named groups of 'matches', {{ match.order }}.",
    )
    on_failure: OnFailureModel | None = Field(
        None,
        description="What to do where the look-up gives nothing; left out: leave it to people, in "
        "the usual words.",
    )
    limit: str | None = Field(
        None, description="How often in one conversation: 'once per conversation' or 'every 12h'."
    )
    reply: str | None = Field(
        None, min_length=1, max_length=10_000, description="What to say: markdown with {{ facts }}."
    )
    choose: list[str] | None = Field(
        None, min_length=2, description="Variants of the reply; a conversation always gets one."
    )
    quick_replies: list[QuickReplyModel] = Field(
        [], max_length=8, description="Buttons under the reply."
    )
    ask_email: bool = Field(
        default=False, description="Also ask for an e-mail address, once, where none is known."
    )
    hand_over: bool = Field(
        default=False, description="Leave the conversation to people after the reply."
    )
    tag: OneOrMore = Field([], description="Tags to put on the conversation.")
    note: str | None = Field(
        None,
        min_length=1,
        max_length=10_000,
        description="A private note for people: markdown with {{ facts }}.",
    )
    notify: Literal[True] | str | None = Field(
        None,
        description="Tell people by the webhook of the settings: true, or what to say.",
    )
    assign: str | None = Field(None, description="E-mail address of the colleague to assign to.")
    priority: bool | None = Field(None, description="Mark as a priority, or not.")
    close: bool = Field(default=False, description="Close the conversation.")
    snooze: Duration | None = Field(
        None, description="How long the bot then keeps out of the conversation."
    )
    silent: bool = Field(default=False, description="Decide to say nothing.")
    go_on: bool = Field(
        default=False,
        alias="continue",
        description="Do the actions (no reply) and go on to the next rule.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> RuleModel:
        speaks = bool(self.reply or self.choose or self.ask_email)
        if self.reply and self.choose:
            raise ValueError("'reply' and 'choose' stand together; keep one of them")
        if self.silent and speaks:
            raise ValueError("'silent' and a reply stand together; remove one of them")
        if self.go_on and (speaks or self.hand_over or self.silent):
            raise ValueError(
                "'continue' cannot stand with a reply, 'hand_over' or 'silent'; "
                "let this rule do actions only and a later one decide"
            )
        if self.quick_replies and (self.hand_over or not (self.reply or self.choose)):
            raise ValueError(
                "'quick_replies' need a 'reply' or 'choose' and no 'hand_over'; add the text"
            )
        if self.look_up is not None and not (self.reply or self.choose):
            raise ValueError("'look_up' needs a 'reply' or 'choose'; say what it gives")
        if self.on_failure is not None and self.look_up is None:
            raise ValueError("'on_failure' stands without 'look_up'; add it, or remove this")
        told = self.note or self.notify
        marked = self.tag or self.assign or self.priority is not None
        acts = told or marked or self.close or self.snooze
        if not (speaks or self.hand_over or self.silent or acts):
            raise ValueError("the rule does nothing; add reply, hand_over, tag, silent, …")
        if not (speaks or self.hand_over or self.silent or self.go_on):
            raise ValueError(
                "the rule has actions only; add 'continue: true' to go on to the next rule, "
                "or 'silent: true' to stop here"
            )
        return self


class RulesFile(FileModel):
    """``rules.yaml``: what is tried first, and what is tried when nothing else had an answer."""

    rules: list[RuleModel] = Field([], description="Tried in order before FAQ and model.")
    otherwise: list[RuleModel] = Field(
        [], description="Tried in order when neither rules nor FAQ nor model decided."
    )
