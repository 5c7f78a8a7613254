"""The shape of the operator's files, as pydantic models: the border of this package.

The JSON Schemas for editors (``prompts/schema/``) are made from these models; so every field
has a description in words for the person who writes the file.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from agentbot.pipeline.words import listed, parse_duration


def _read_duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a duration; write 90s, 30m, 12h, 2d or 1h 30m")
    return parse_duration(value)


Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration),
    WithJsonSchema({"type": "string", "examples": ["90s", "30m", "12h", "2d", "1h 30m"]}),
]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


OneOrMore = Annotated[
    list[str],
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class FileModel(BaseModel):
    """What all parts of the files share: unknown keys are errors, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class _Short(FileModel):
    """A mapping that may be written shorter: as one text, or as a list."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        full = handler.resolve_ref_schema(handler(core_schema))
        short = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
        return {"anyOf": [*short["anyOf"], full]}


class Keywords(_Short):
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


class QuickReplyModel(FileModel):
    """A button under a reply; a click sends its text as the customer's next message."""

    text: str = Field(min_length=1, max_length=80, description="What the button says and sends.")
    action: str = Field(
        "", description="A name for the click, for reports; else the rule's id and a number."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, value: object) -> object:
        return {"text": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler.resolve_ref_schema(handler(core_schema))]}


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


def _as_text(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


class CompanyFile(FileModel):
    """``company.yaml``: what is said of the company in more than one place, once."""

    name: str | None = Field(None, min_length=1, description="Its name, as customers know it.")
    facts: dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)],
        Annotated[str, Field(min_length=1, max_length=2000), BeforeValidator(_as_text)],
    ] = Field(
        {}, description="Prices, times, addresses: return_days: 30 is {{ company.return_days }}."
    )
    samples: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        [], max_length=8, description="Questions that the demo's page offers."
    )

    @model_validator(mode="after")
    def _one_name(self) -> CompanyFile:
        if "name" in self.facts:
            raise ValueError("'name' stands among the facts; write it above them, as 'name: …'")
        return self


class RulesFile(FileModel):
    """``rules.yaml``: what is tried first, and what is tried when nothing else had an answer."""

    rules: list[RuleModel] = Field([], description="Tried in order before FAQ and model.")
    otherwise: list[RuleModel] = Field(
        [], description="Tried in order when neither rules nor FAQ nor model decided."
    )


class StandBack(FileModel):
    """When the bot keeps out of a conversation for people's sake."""

    after_person: Duration = Field(
        default=timedelta(minutes=30), description="For this long after a person last wrote."
    )
    while_assigned: bool = Field(
        default=True, description="While the conversation is assigned to a person."
    )
    after_hand_over: Duration = Field(
        default=timedelta(minutes=30),
        description="For this long after the bot asked people to take over.",
    )
    unless_nobody_comes_within: Duration = Field(
        default=timedelta(minutes=5),
        description="While no person is online, or none has come within this time after the bot "
        "asked, it answers what it surely knows: what a rule or the FAQ says.",
    )


class OnHandOver(FileModel):
    """What a handoff leaves for people, beside the customer's unread message."""

    tag: str | None = Field(
        default="handed-over",
        max_length=60,
        description="A tag on the conversation; null: none.",
    )
    note: bool = Field(
        default=True,
        description="A private note: what was asked, what was nearest in the FAQ, and why it was "
        "left to people.",
    )
    notify: bool = Field(
        default=True, description="A message by the webhook, where AGENTBOT_NOTIFY__URL is set."
    )
    assign_who_answers: bool = Field(
        default=True,
        description="Assign the conversation to the person who answers first, as Papercups itself "
        "does where the bot has not written a note or an e-mail before them.",
    )


class LoopBreaker(FileModel):
    """What stops a chat between two machines."""

    replies: int = Field(default=12, ge=1, le=1000, description="This many replies of the bot …")
    within: Duration = Field(
        default=timedelta(minutes=10),
        description="… within this time, without a person, are too many.",
    )


class Bots(FileModel):
    """Other programs on the same account. They are not people, and they get no answer."""

    names: list[str] = []
    emails: list[str] = []
    user_ids: list[int] = []


class CatchUp(FileModel):
    """What to do about messages that came while the bot was away."""

    max_age: Duration = Field(
        default=timedelta(hours=24), description="Older messages are left to people."
    )


class FaqPolicy(FileModel):
    """How sure the FAQ must be."""

    precision: float = Field(
        default=0.9,
        ge=0.5,
        le=0.999,
        description="The share (0 to 1) of the answers given at once that must be right.",
    )
    suggestions: int = Field(
        default=3, ge=1, le=3, description="How many questions to offer when unsure."
    )


class PolicyFile(FileModel):
    """``policy.yaml``: when the bot keeps out, and who is asked in which order."""

    presence: Literal["always", "on_duty"] = Field(
        default="always",
        description="always: shown online around the clock; on_duty: in opening hours only.",
    )
    stand_back: StandBack = Field(default_factory=StandBack)
    on_hand_over: OnHandOver = OnHandOver()
    loop_breaker: LoopBreaker = Field(default_factory=LoopBreaker)
    bots: Bots = Bots()
    catch_up: CatchUp = Field(default_factory=CatchUp)
    faq: FaqPolicy = FaqPolicy()
    repeat_unanswered_after: Duration = Field(
        default=timedelta(minutes=30),
        description="Say the 'unanswered' text at most once in this time in one conversation.",
    )
    show_links: bool = Field(
        default=True,
        description="Show customers the links of the pages that the model's answer comes from.",
    )
    small_talk: bool = Field(
        default=True,
        description="Answer greetings, thanks and the like where no rule does: see texts.yaml.",
    )
    checks: Literal["strict", "lenient"] = Field(
        default="strict",
        description="What a model's answer must pass before it is said. strict: nothing goes out "
        "that no source supports; lenient: small talk without claims does too.",
    )
    responders: list[str] = Field(
        default=["rules", "faq", "llm", "otherwise"],
        min_length=1,
        description="Who is asked, in order: rules, faq, llm, otherwise, or one of your own: "
        "package.module:Class, or an entry point's name.",
    )
