"""Reading the answers of ``agentbot init``: each raises ``ValueError`` that says what to write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args
from zoneinfo import available_timezones

from pydantic import SecretStr, TypeAdapter, ValidationError

from agentbot.cli.init.starter import AfterHours
from agentbot.config.values import Email, ServerUrl, WebhookUrl
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.hours.public_holidays import (
    UnknownHolidaysError,
    find_country,
    find_region,
)
from agentbot.pipeline.languages.pack import load_pack
from agentbot.pipeline.words import did_you_mean, fold

AFTER_HOURS: Mapping[AfterHours, str] = {
    "answer": "answer what it knows; else say when you are back, and ask for an e-mail address",
    "notice": "say at once when you are back, ask for an e-mail address, and answer nothing",
    "window": "leave it to the chat window's own away message, and answer what it knows",
}
"""What the bot may do when nobody is there, and what each means."""
_IN_ENGLISH: Mapping[Language, str] = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "pt": "Portuguese",
    "nl": "Dutch",
    "it": "Italian",
    "pl": "Polish",
}
_SERVER_URL: TypeAdapter[str] = TypeAdapter(ServerUrl)
_WEBHOOK: TypeAdapter[SecretStr] = TypeAdapter(WebhookUrl)
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def filled(text: str) -> str:
    """Return a text that is not empty."""
    if not text:
        raise ValueError("write a name")
    return text


def _typed(kind: TypeAdapter[str] | TypeAdapter[SecretStr], text: str) -> str:
    try:
        value = kind.validate_python(text) if text else ""
        return value.get_secret_value() if isinstance(value, SecretStr) else value
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def server_url(text: str) -> str:
    """Return a server's address, or ""."""
    return _typed(_SERVER_URL, text)


def webhook(text: str) -> str:
    """Return a webhook's address, or ""."""
    return _typed(_WEBHOOK, text)


def email(text: str) -> str:
    """Return an e-mail address, or ""."""
    return _typed(_EMAIL, text)


def language(text: str) -> Language:
    """Return the code of a language, given that, its own name or its English one."""
    wanted = fold(text)
    for code in get_args(Language):
        if wanted in {fold(code), fold(load_pack(code).name), fold(_IN_ENGLISH[code])}:
            found: Language = code
            return found
    raise ValueError(f"there is no {text!r}; write one of {', '.join(get_args(Language))}")


def after_hours(text: str) -> AfterHours:
    """Return what the bot is to do after hours."""
    for name in AFTER_HOURS:
        if text.lower() == name:
            return name
    raise ValueError(f"{text!r} is none of {', '.join(AFTER_HOURS)}")


def time_zone(text: str) -> str:
    """Return the name of a time zone, given that or its city alone."""
    zones = available_timezones()
    wanted = text.lower().replace(" ", "_")
    found = next((zone for zone in zones if zone.lower() == wanted), None)
    cities = [zone for zone in zones if "/" in zone and zone.lower().split("/")[-1] == wanted]
    if found is None and len(cities) == 1:
        found = cities[0]
    if found is None:
        near = did_you_mean(text, zones)
        hint = near if near.startswith("did") else "write it as Area/City, such as Europe/Oslo"
        raise ValueError(f"there is no time zone {text!r}; {hint}")
    return found


def country(text: str) -> str:
    """Return the code of a country; "" for none."""
    if not text or text.lower() == "none":
        return ""
    try:
        return find_country(text)
    except UnknownHolidaysError as error:
        raise ValueError(f"{error}; {error.remedy}") from None


def region(country: str, text: str) -> str:
    """Return the code of a country's region; "" for none."""
    if not text or text.lower() == "none":
        return ""
    try:
        return find_region(country, text)
    except UnknownHolidaysError as error:
        raise ValueError(f"{error}; {error.remedy}") from None
