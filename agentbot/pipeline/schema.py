"""JSON Schemas of the operator's files, for editors, and the table of facts, for people.

All are made from the code that reads the files, and shipped beside them.
``python -m agentbot.pipeline.schema prompts/schema`` writes them again; a test fails where they
differ from the code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from agentbot.pipeline.files.calibration import CalibrationFile
from agentbot.pipeline.files.models import CompanyFile, PolicyFile
from agentbot.pipeline.files.rules import RulesFile
from agentbot.pipeline.files.texts import TextsFile
from agentbot.pipeline.hours.file import HoursFile
from agentbot.pipeline.known_facts import FACTS
from agentbot.pipeline.tools.file import ToolsFile
from agentbot.pipeline.words import say_duration

FILES: Mapping[str, type[BaseModel]] = {
    "company": CompanyFile,
    "faq-calibration": CalibrationFile,
    "hours": HoursFile,
    "policy": PolicyFile,
    "rules": RulesFile,
    "texts": TextsFile,
    "tools": ToolsFile,
}


class _Generator(GenerateJsonSchema):
    """A generator that writes a default duration as an operator would, not as PT30M."""

    def encode_default(self, dft: object) -> object:
        """Return a default as JSON has it."""
        return say_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def schema(name: str) -> str:
    """Return the schema of ``{name}.yaml``, as the text of a JSON file."""
    made = FILES[name].model_json_schema(by_alias=True, schema_generator=_Generator)
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def facts_page() -> str:
    """Return the table of facts, in markdown."""
    rows = [f"| `{fact.name}` | {fact.type} | {fact.about} |" for fact in FACTS]
    return "\n".join(
        [
            "# Facts",
            "",
            "What conditions (`when:`) and texts (`{{ … }}`) may use. A fact is never empty in the",
            'sense of null: an unknown text is "", an unknown time lies infinitely far away. A',
            "condition on a metadata key that is not there does not hold.",
            "",
            "Texts may also use what stands under `facts:` in company.yaml: `return_days: 30`",
            "there is `{{ company.return_days }}`. FAQ entries may use that, `{{ company.name }}`",
            "and, where there is a file hours.yaml, `{{ opening_hours }}`; all else in them goes",
            "out as it stands.",
            "",
            "| fact | type | meaning |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def write_all(folder: Path) -> None:
    """Write the schemas and the table into ``folder``."""
    for name in FILES:
        (folder / f"{name}.json").write_text(schema(name), encoding="utf-8")
    (folder / "facts.md").write_text(facts_page(), encoding="utf-8")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
