"""A shop's passages, and drafts over them."""

from __future__ import annotations

from typing import Any

from agentbot.pipeline.checks.draft import Draft
from agentbot.pipeline.knowledge.passage import Passage

SHIPPING = Passage(
    "shipping",
    "How much is shipping?",
    "Within Norway shipping is **€9**, and free from €80. To all other countries it is **€14**, "
    "and free from €120.",
    "https://shop.example/shipping",
)
RETURNS = Passage(
    "returns",
    "Can I return something?",
    "You can send anything back within 30 days, unused and in its box. Sale items cannot be "
    "returned. We pay it back within 3 working days.",
    "https://shop.example/returns",
)
DELIVERY = Passage(
    "delivery",
    "How long does delivery take?",
    "Orders placed before 14:00 leave us the same working day. Within Norway they take 2 to 4 "
    "working days.",
)
KNOWN = ("name: Fjord & Fern", "address: Harbour Street 1, Bergen")


def draft(text: str, **more: Any) -> Draft:
    """Return a draft over the shop's passages, to an English customer."""
    usual = {"sources": (SHIPPING, RETURNS, DELIVERY), "known": KNOWN, "customers_language": "en"}
    return Draft(text, **{**usual, **more})
