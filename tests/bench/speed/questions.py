"""The customers' questions as the load server writes them."""

from __future__ import annotations

import orjson

from tests.bench.speed.shop import questions

QUESTIONS = [orjson.dumps(asked.text)[1:-1] for asked in questions()]
"""The bodies of customers' messages, as JSON without its quotes."""
