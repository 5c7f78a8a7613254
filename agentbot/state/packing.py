"""The journal's records as the databases keep them: JSON, compressed with what all have in common.

A record of 1,500 bytes takes 350 so: what stands twice in it (the answer is in the decision too)
costs nothing, and the names of keys stand in the dictionary below. A record takes 20 µs.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from agentbot.state.export import plain, record_from_data, record_to_data, to_json
from agentbot.state.store import TurnRecord

_FORM = b"\x01"
"""The first byte of a packed record: which dictionary it was packed with."""
_LEVEL = 3
"""zlib's effort, 1 to 9: from here on it saves less than 3 % and costs a quarter more."""
_WINDOW = 12
"""The base-2 logarithm of the bytes that zlib looks back on: a record, with the dictionary."""
_OPTIONS = (
    orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
)

# What stands in nearly all records, the most frequent last: zlib likes what is near. It is part of
# the form, and never changes; a better one is another form.
_DICTIONARY = (
    b'person_activealready_answeredno_ruleno_entrysmall_talk/greeting"outcome":"silent""left"'
    b'","link":"","model":"","prompt_tokens":,"completion_tokens":,"usd":0.000"seconds":0.'
    b'{"kind":"assign","user_id":{"kind":"priority","value":"priority"}{"kind":"close"}'
    b'{"kind":"snooze","seconds":"skipped":[{"action":"","code":"","text":"by":"fallback"'
    b'{"name":"llm","outcome":"reply","reason":{"code":"answered","text":"the model answered from '
    b'{"name":"faq","outcome":"pass","reason":{"code":"faq_unsure","text":"the nearest FAQ entry '
    b'","by":"faq","source":"","sources":[""],"action":"faq:"},{"text":"","is sure 0.9'
    b'{"name":"rules","outcome":"pass","reason":{"code":"no_rule","text":"none of rules applies"}},'
    b"Thank you for your message! How can I help? We are closed at the moment, and open again "
    b'"outcome":"handed_off","reason_code":"decision":{"kind":"handoff","actions":['
    b'{"kind":"tag","name":"handed-over"},{"kind":"note","text":"**Left to people:** '
    b'{"kind":"notify","text":" waits for an answer: rule "fires":["ask_email"],"gap":true,'
    b"In case you leave this page, which e-mail address may we answer to? A colleague will "
    b'{"message_ids":["-4","],"outcome":"replied","reason_code":"rule","reason":"rule \'\' '
    b'(rules.yaml:)","by":"rule","source":"","question":"","answer":"","reply_id":"",'
    b'"received_at":"2026-11-26T10:53:40+00:00","turn":{"prompts_version":"0123456789abcdef",'
    b'"source":"chat","inbox_id":null,"agents_online":0,"is_first":true,"now":"2026-11-26T10:53:40.'
    b'123456+00:00"},"decision":{"kind":"reply","reason":{"code":"rule","text":"rule \'\' '
    b'(rules.yaml:)"},"actions":[],"fires":[],"trace":[{"name":"rules","outcome":"reply",'
    b'"reason":{"code":"rule","text":"rule \'\' (rules.yaml:)"}}],"cost":{},"gap":false,'
    b'"failure":null,"text":"","by":"rule","source":"","sources":[],"quick_replies":[{"text":"'
    b'","action":"rule::1"}],"offer":false},"cost":{}}'
)
_COLUMNS = ("conversation_id", "customer_id", "settled_at", "seen_at")


def pack(record: TurnRecord) -> bytes:
    """Return the record without what has columns of its own."""
    data = record_to_data(record)
    for name in _COLUMNS:
        del data[name]
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -_WINDOW, zdict=_DICTIONARY)
    return _FORM + packer.compress(_json(data)) + packer.flush()


def _json(data: dict[str, Any]) -> bytes:
    """Return the data as JSON, whatever is in it (`export.to_json`), quickly where it is plain."""
    try:
        if all(map(math.isfinite, data["cost"].values())):  # else orjson would write null
            return orjson.dumps(data, default=_plain, option=_OPTIONS)
    except (TypeError, ValueError):  # half a character, a number of more than 64 bits
        pass
    return to_json(data).encode()


def _plain(value: object) -> object:
    """Return a number of a library's own type as Python's: orjson knows no others."""
    if isinstance(value, float):
        return float(value)
    return int(value) if isinstance(value, int) else plain(value)


def unpack(
    body: bytes,
    *,
    conversation_id: str,
    customer_id: str | None,
    settled_at: datetime,
    seen_at: datetime | None,
) -> TurnRecord:
    """Return the record that ``pack`` packed, with what stands in the columns beside it."""
    columns = (conversation_id, customer_id, settled_at, seen_at)
    return record_from_data(_read(body) | dict(zip(_COLUMNS, columns, strict=True)))


def _read(body: bytes) -> dict[str, Any]:
    if not body.startswith(_FORM):
        raise ValueError(f"a record of the journal has the unknown form {body[:1]!r}")
    unpacker = zlib.decompressobj(-_WINDOW, zdict=_DICTIONARY)
    data: dict[str, Any] = json.loads(unpacker.decompress(body[1:]))
    return data


def replies_of(bodies: Iterable[bytes]) -> dict[str, tuple[str, ...]]:
    """Return the replies of these records of the journal, with the messages that each settled."""
    read = map(_read, bodies)
    return {one["reply_id"]: tuple(one["message_ids"]) for one in read if one["reply_id"]}
