"""What values the settings may have: what is left out around them, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, PositiveFloat, SecretStr
from pydantic_settings import NoDecode


def _split_on_commas(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.strip(_BLANKS).lower() if isinstance(value, str) else value


def _not_blank(name: str) -> str:
    if not name:
        raise ValueError("holds nothing but white space: unset it, or write a name")
    return name


def _at_home(path: Path) -> Path:
    """Put the user's folder for ``~``: in a file no shell does it."""
    try:
        return path.expanduser()
    except RuntimeError:  # nobody of that name
        return path


def _check_server_url(url: str) -> str:
    parts = urlsplit(_check_base_url(url))
    if parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError("leave out all but scheme and host, as in https://papercups.example.com")
    return url.rstrip("/")


def _check_base_url(url: str) -> str:
    if not _is_web_address(url):
        raise ValueError("write a web address, as in https://papercups.example.com")
    return url.rstrip("/")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, half an address in brackets
        return False
    return is_one and not re.search(r"[\s\"'<>\\]", url)


def _check_model_url(url: str) -> str:
    url = _check_base_url(url)
    if urlsplit(url).query or url.endswith(_ENDPOINTS):
        raise ValueError("leave out what comes after the version, as in https://host/v1")
    return url


def _check_email(email: str) -> str:
    if not re.fullmatch(r"[^\s\"'<>@]+@[^\s\"'<>@]+", email):
        raise ValueError("write the e-mail address alone with which the bot's account logs in")
    return email


def _stripped(value: object) -> object:
    """Leave out the white space, and line ends, that files and copying put around a value."""
    return value.strip(_BLANKS) if isinstance(value, str) else value


def _without_line_end(value: object) -> object:
    """Leave out the line's end: a password may well have spaces, and has no lines."""
    return value.strip("\r\n") if isinstance(value, str) else value


def _check_key(key: SecretStr) -> SecretStr:
    """Refuse what cannot stand in a header: nobody would hear why the provider is not reached."""
    value = key.get_secret_value()
    if not value:
        raise ValueError("holds nothing but white space: unset it, or write the key")
    if value[:1] in {'"', "'"}:
        raise ValueError("stands in quotation marks: leave them out")
    if value.lower().startswith("bearer"):
        raise ValueError('begins with "Bearer": leave it out')
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("holds a space, a line break or a sign that no key has: copy it anew")
    return key


def _check_state_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("sqlite:///", "postgresql://")):
        raise ValueError("write sqlite:///file.db or postgresql://user:password@host/database")
    return url


def _check_webhook_url(url: SecretStr) -> SecretStr:
    if not _is_web_address(url.get_secret_value()):
        raise ValueError("write the webhook's web address, https://… as the chat service shows it")
    return url


_ENDPOINTS = ("/chat/completions", "/completions", "/embeddings", "/responses", "/models")
_BLANKS = " \t\r\n\v\f\u00a0\ufeff\u200b"
"""What stands around values and is not seen: blanks, a no-break space, a byte order mark."""
Lowered = BeforeValidator(_lower)
Stripped = BeforeValidator(_stripped)
Name = Annotated[str, Stripped, AfterValidator(_not_blank)]
Folder = Annotated[Path, Stripped, AfterValidator(_at_home)]
ServerUrl = Annotated[str, Stripped, AfterValidator(_check_server_url)]
BaseUrl = Annotated[str, Stripped, AfterValidator(_check_model_url)]
Email = Annotated[str, Stripped, AfterValidator(_check_email)]
StateUrl = Annotated[SecretStr, Stripped, AfterValidator(_check_state_url)]
WebhookUrl = Annotated[SecretStr, Stripped, AfterValidator(_check_webhook_url)]
Key = Annotated[SecretStr, Stripped, AfterValidator(_check_key)]
Password = Annotated[SecretStr, BeforeValidator(_without_line_end)]
Names = Annotated[tuple[Name, ...], NoDecode, BeforeValidator(_split_on_commas)]
Instants = Annotated[tuple[PositiveFloat, ...], NoDecode, BeforeValidator(_split_on_commas)]
