"""The customers' questions as the load server writes them."""

from __future__ import annotations

import orjson

from tests.bench.speed.shop import entries, questions

QUESTIONS = [orjson.dumps(asked.text)[1:-1] for asked in questions()]
"""The bodies of customers' messages, as JSON without its quotes."""
_TIMES = 50
"""How often each is asked of those that are never asked the same way twice."""
FAQ_QUESTIONS = [
    orjson.dumps(f"{asked.text} {number}")[1:-1]
    for number in range(_TIMES)
    for _, asked in entries()
]
"""Questions for the FAQ alone; nothing that was found for one is of use to another."""
