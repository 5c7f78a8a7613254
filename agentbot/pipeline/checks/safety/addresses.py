"""The addresses of an answer: pages, mail, telephones, accounts, tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from agentbot.pipeline.checks.draft import Code, Draft, Finding
from agentbot.pipeline.words import plain

_URL = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.|(?<!:)//(?=\w))[^\s<>\"'`|\\^{}\[\]]+", re.IGNORECASE
)
_LINKED = re.compile(r"\]\(\s*<?([^)\s>]+)")
_MAILTO = re.compile(r"mailto:([^\s?>)\]]+)", re.IGNORECASE)
_AT = re.compile(r"@|[\[(]at[\])]", re.IGNORECASE)
"""What stands in every address of mail: most texts have none, and need no closer look."""
_EMAIL = re.compile(r"[\w.+'-]+(?:@|\s?[\[(]at[\])]\s?)[\w-]+(?:\.[\w-]+)*", re.IGNORECASE)
_HOST = re.compile(
    r"(?<![\w@.-])(?:[\w-]{1,63}(?:\.|\s?[\[(](?:dot|\.)[\])]\s?)){1,4}"
    r"(?:com|net|org|info|io|co|me|biz|shop|store|app|dev|xyz|top|site|online|club|ru|cn|tk|ml|link"
    r"|click|live|page|web|ai|ly|gg|to|cc|tv|us|uk|eu|de|fr|es|pt|it|nl|pl|no|se|dk|fi|at|ch|be|br|example"
    r"|test|invalid|onion)(?![\w-])(?:/[^\s<>\"')\]]*)?",
    re.IGNORECASE,
)
_IP = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])(?::\d+)?(?:/\S*)?")
_PHONE = re.compile(
    r"(?<![\w/.-])(?:\+|00|\(?0)\d?[\d\s()/.-]{5,20}\d(?!\w)|(?<!\d)\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?!\d)"
)
_LEAST_DIGITS = 7
"""Digits of a telephone number at least."""
_CARD = re.compile(r"(?<!\d)(?:\d[\s-]?){12,18}\d(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{2,4}){3,8}\b")
_TOKEN = re.compile(
    r"\b(?:sk|pk|rk|ghp|gho|xox[abp]|AKIA|eyJ|AIza)[-_]?[A-Za-z0-9_.-]{12,}"
    r"|\b(?=[A-Za-z0-9+/_-]*\d)(?=[A-Za-z0-9+/_-]*[a-z])(?=[A-Za-z0-9+/_-]*[A-Z])[A-Za-z0-9+/_-]{24,}"
)
_KEPT = 256
"""Texts whose addresses are kept: the sources of some hundred answers."""
_ENDS = ".,;:!?)]}>\u2026'\"*_"
"""Signs after an address that belong to the sentence."""


def foreign_addresses(draft: Draft, supporting: str) -> Iterator[Finding]:
    """Yield addresses that no source has. ``supporting`` are the texts of all sources.

    What customers wrote lends no address of a page: a link of theirs is not passed on. Their own
    mail address or telephone number may be repeated.
    """
    text = plain(draft.text)
    allowed = _pages_of(supporting) | set(_links_of(draft))
    theirs = plain("\n".join(draft.said))
    known = f"{supporting}\n{theirs}"
    emails = {one.lower() for one in _emails(known)}
    rest = text
    for email in _emails(text):
        rest = rest.replace(email, " ")
        if email.lower() not in emails:
            yield Finding(Code.ADDRESS, email, "no source has this e-mail address")
    for address in _addresses(rest):
        page = _page(address)
        if page and not _is_known(page, allowed, draft.own_hosts):
            yield Finding(Code.ADDRESS, address, "no source has this link")
    rest = _URL.sub(" ", rest)
    yield from _numbers(rest, known)


def _numbers(text: str, known: str) -> Iterator[Finding]:
    """Yield telephone numbers, cards, accounts and tokens that are not known here."""
    digits = re.sub(r"\D+", "", known)
    letters = re.sub(r"\W+", "", known).lower()
    for pattern, code, what in (
        (_IBAN, Code.PERSONAL, "account number"),
        (_CARD, Code.PERSONAL, "card number"),
        (_TOKEN, Code.PERSONAL, "token"),
    ):
        for found in pattern.finditer(text):
            squeezed = re.sub(r"\W+", "", found[0]).lower()
            if squeezed not in letters and squeezed not in digits:
                yield Finding(code, found[0], f"this {what} was not given here")
    for found in _PHONE.finditer(text):
        number = re.sub(r"\D+", "", found[0])
        if len(number) >= _LEAST_DIGITS and number.lstrip("0") not in digits:
            yield Finding(Code.ADDRESS, found[0].strip(), "no source has this telephone number")


def _links_of(draft: Draft) -> Iterator[str]:
    yield from (_page(one.link) for one in draft.sources if one.link)


@lru_cache(_KEPT)
def _pages_of(text: str) -> frozenset[str]:
    return frozenset(page for address in _addresses(plain(text)) if (page := _page(address)))


def _addresses(text: str) -> Iterator[str]:
    seen = list(_URL.finditer(text))
    yield from (one[0] for one in seen)
    yield from (one[1] for one in _LINKED.finditer(text))
    rest = _URL.sub(" ", text)
    yield from (one[0] for one in _HOST.finditer(rest))
    yield from (one[0] for one in _IP.finditer(rest))


def _emails(text: str) -> Iterable[str]:
    found = _EMAIL.finditer(text) if _AT.search(text) else ()
    return [one[0].rstrip(_ENDS) for one in found]


def _page(address: str) -> str:
    """Return host and path of an address in one form; "" where it has no host."""
    address = re.sub(r"\s?[\[(](?:dot|\.)[\])]\s?", ".", address, flags=re.IGNORECASE)
    address = address.strip().rstrip(_ENDS)
    if address.startswith("/") and not address.startswith("//"):
        return ""
    if "://" not in address:
        address = f"https://{address.lstrip('/')}"
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower().removeprefix("www.")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return address.lower()
    # A name before the host ("https://shop.example@evil.example") is no part of where it leads.
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{port}{parts.path.rstrip('/')}{query}" if host else ""


def _is_known(page: str, allowed: frozenset[str], own: frozenset[str]) -> bool:
    host, slash, _ = page.partition("/")
    if page in allowed:
        return True
    # The first page of a host whose pages are known is no invention.
    known = {one.partition("/")[0] for one in allowed} | {one.removeprefix("www.") for one in own}
    return not slash and host in known
