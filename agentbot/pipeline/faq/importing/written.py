"""Entries as a file for ``prompts/faq/``."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from agentbot.pipeline.faq.entries import FaqEntry


def to_yaml(entries: Iterable[FaqEntry]) -> str:
    """Return the entries as a file for ``prompts/faq/`` (see `load_faq`)."""
    records = []
    for entry in entries:
        record: dict[str, str | list[str]] = {"id": entry.id, "question": entry.question}
        for key, values in (("phrasings", entry.phrasings), ("links", entry.links)):
            if values:
                record[key] = list(values)
        if entry.tags:
            record["tags"] = list(entry.tags)
        record["answer"] = entry.answer
        records.append(record)
    return yaml.safe_dump(records, allow_unicode=True, sort_keys=False, width=100)
