"""The shape of texts.yaml, as pydantic models; a language's pack has one too."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from agentbot.pipeline.files.models import FileModel

Language = Literal["en", "de", "fr", "es", "pt", "nl", "it", "pl"]
"""The languages that have a pack: see `agentbot.pipeline.languages`."""

SmallTalkKind = Literal[
    "greeting",
    "how_are_you",
    "thanks",
    "goodbye",
    "praise",
    "ok",
    "yes",
    "no",
    "sorry",
    "laugh",
    "are_you_there",
    "are_you_a_bot",
    "help",
    "insult",
    "unclear",
    "no_person",
]
"""The kinds of messages that ask nothing."""

_OWN = "Left out: the language's own."


class TimesText(FileModel):
    """How a time is said. {time}, {day}, {date}, {month} and {year} are filled in.

    What is left out is the language's own.
    """

    today: str = ""
    tomorrow: str = ""
    weekday: str = ""
    later: str = ""
    next_year: str = Field("", description="For a date of another year than this.")
    days: list[str] = Field([], min_length=7, max_length=7, description="Monday to Sunday.")
    week: list[str] = Field(
        [], min_length=7, max_length=7, description="The same days in a list of opening hours."
    )
    months: list[str] = Field([], min_length=12, max_length=12, description="January to December.")
    zone: str = Field("", description="How a zone is named: {city} is its city.")
    abbreviations: dict[str, str] = Field(
        {}, description="What customers read for a zone's abbreviation, such as CET."
    )
    cities: dict[str, str] = Field(
        {}, description="The city's name by zone, where it differs: 'Europe/Vienna': Wien."
    )

    instead: dict[str, str] = Field(
        {},
        description="Pieces of what comes out that are said otherwise: 'a las 1:': 'a la 1:'.",
    )

    @field_validator("today", "tomorrow", "weekday", "later", "next_year")
    @classmethod
    def _known_fields(cls, pattern: str) -> str:
        try:
            pattern.format(time="", day="", date="", month="", year="")
        except (LookupError, ValueError, AttributeError) as error:
            raise ValueError(
                f"{pattern!r} has a field that is not known; "
                "only {time}, {day}, {date}, {month} and {year} can stand in braces"
            ) from error
        return pattern

    @field_validator("zone")
    @classmethod
    def _known_city(cls, pattern: str) -> str:
        try:
            pattern.format(city="")
        except (LookupError, ValueError, AttributeError) as error:
            raise ValueError(
                f"{pattern!r} has a field that is not known; only {{city}} can stand in braces"
            ) from error
        return pattern


def _no_times() -> TimesText:
    """Return times of which nothing is written."""
    return TimesText.model_validate({})


class TextsFile(FileModel):
    """``texts.yaml``: what the bot says where no rule has the words. Markdown with {{ facts }}.

    Whatever is left out is said in the words of ``language``.
    """

    language: Language = Field(
        "en", description="The language of what is left out here, and of small talk."
    )
    also_speaks: list[Language] = Field(
        [], description="Other languages that your FAQ or model answers in."
    )
    fallback: str = Field(
        "", description=f"The answer failed or took too long; a person will look. {_OWN}"
    )
    hand_over: str = Field("", description=f"The conversation is left to people. {_OWN}")
    unanswered: str | None = Field(
        None,
        description=f"Nothing had an answer; null: leave it to people without a word. {_OWN}",
    )
    unanswered_again: str | None = Field(
        None,
        description="Nothing had an answer again, while nobody has come; null: without a word. "
        f"{_OWN}",
    )
    did_you_mean: str = Field("", description=f"Stands before the nearest questions. {_OWN}")
    none_of_these: str | None = Field(
        None,
        max_length=80,
        description=f"A last button under them; null: no such button. {_OWN}",
    )
    passed_on: str = Field(
        "",
        description="Stands before those questions of a message that nothing answers, where the "
        f"FAQ answers another one. {_OWN}",
    )
    may_help: str | None = Field(
        None,
        description="Stands before the help page that is nearest to a question, where no model "
        f"answers; null: no page is offered. {_OWN}",
    )
    ask_email: str = Field("", description=f"Asks for an e-mail address. {_OWN}")
    email_thanks: str = Field("", description=f"Thanks for the address, once. {_OWN}")
    email_unclear: str | None = Field(
        None,
        description="Asks once more where what came is no whole address; null: without a word. "
        f"{_OWN}",
    )
    same_again: str | None = Field(
        None,
        description="Stands before an answer that has just been given word for word; null: it is "
        f"repeated as it is. {_OWN}",
    )
    one_moment: str | None = Field(
        None,
        description="Asks for a moment where an answer takes long; null: not a word. "
        f"policy.yaml says after how long. {_OWN}",
    )
    more: str | None = Field(
        None,
        max_length=80,
        description="Stands before the links to what an answer comes from; null: they are not "
        f"shown. {_OWN}",
    )
    small_talk: dict[SmallTalkKind, str | None] = Field(
        {},
        description="Your own replies to small talk, by kind; null: that kind is none, and FAQ and "
        f"model are asked. {_OWN}",
    )
    times: TimesText = Field(
        default_factory=_no_times, description="The words of {{ reopens_at }}."
    )
