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
    WithJsonSchema,
    model_validator,
)

from agentbot.pipeline.words import parse_duration


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
    one_moment_after: Duration | None = Field(
        default=timedelta(seconds=6),
        description="Ask for a moment, once, where an answer takes longer; null: never.",
    )
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
