"""Mails that no person sent: absence notes, failed deliveries, lists, unread addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agentbot.pipeline.mail.phrases import begins_with, phrases
from agentbot.pipeline.words import fold

_MAX_LOOKED_AT = 300
"""Characters of a subject, an address or a sentence that are looked at: none is longer."""
_MAX_SHOWN = 80
"""Characters of them that a reason shows: what fits on a line."""
_PREFIXES = ("gmail_", "ses_", "email_")
_NOBODY = re.compile(
    r"(?:^|<)\s*(?:[^@\s<>]*[-_.+])?(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer-daemon|"
    r"postmaster|bounces?|auto[-_.]?(?:reply|responder))(?:[-_.+][^@\s<>]*)?@",
    re.IGNORECASE,
)
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_LISTS = ("list_id", "list_unsubscribe", "list_post", "x_autoreply", "x_autorespond")


def headers_of(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a message's metadata holds of its headers: names in lower case, with ``_``.

    Whoever feeds Papercups by another way may put all of them into ``headers``.
    """
    inner = metadata.get("headers")
    found: dict[str, Any] = {}
    for source in (inner if isinstance(inner, Mapping) else {}, metadata):
        for key, value in source.items():
            name = str(key).lower().replace("-", "_")
            for prefix in _PREFIXES:
                name = name.removeprefix(prefix)
            found[name] = value
    return found


def header(metadata: Mapping[str, Any], name: str) -> str:
    """Return a header's text by its name in lower case, with ``_``; ``""`` where there is none."""
    return _text(headers_of(metadata), name)


def why_automatic(metadata: Mapping[str, Any], *, subject: str, sender: str, text: str) -> str:
    """Return what shows that no person sent a mail; ``""`` where nothing does.

    ``subject`` and ``sender`` are what is known of them where the metadata does not say.
    """
    headers = headers_of(metadata)
    if why := _machines_header(headers):
        return why
    about = (_text(headers, "subject") or subject).strip()
    if _is_automatic_subject(about[:_MAX_LOOKED_AT]):
        return f"its subject is {about[:_MAX_SHOWN]!r}"
    whose = (_text(headers, "from") or sender).strip()
    if _NOBODY.search(whose[:_MAX_LOOKED_AT]):
        return f"its sender is {whose[:_MAX_SHOWN]}"
    first = text.lstrip()[:_MAX_LOOKED_AT].partition("\n")[0]
    if "?" not in first and begins_with(fold(first).split(), phrases().automatic_sentences):
        return f"it says so: {first[:_MAX_SHOWN]!r}"
    return ""


def _machines_header(headers: Mapping[str, Any]) -> str:
    """Return the header by which a mail calls itself automatic (RFC 3834, 2919, 2369), if any."""
    submitted = _text(headers, "auto_submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return f"its Auto-Submitted is {submitted[:_MAX_SHOWN]}"
    precedence = _text(headers, "precedence").strip().lower()
    if precedence in _BULK:
        return f"its Precedence is {precedence}"
    for name in _LISTS:
        if _text(headers, name).strip():
            return f"it has the header {name.replace('_', '-').title()}"
    return ""


def _is_automatic_subject(subject: str) -> bool:
    known = phrases()
    parts = subject.replace("\uff1a", ":").split(":")
    while len(parts) > 1 and fold(parts[0]).strip() in known.reply_labels:
        del parts[0]
    words = fold(":".join(parts)).split()
    label = fold(parts[0]).strip()
    return label in known.automatic_labels or bool(begins_with(words, known.automatic_subjects))


def _text(headers: Mapping[str, Any], name: str) -> str:
    value = headers.get(name)
    return value if isinstance(value, str) else ""
