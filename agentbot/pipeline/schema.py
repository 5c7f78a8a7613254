"""JSON Schemas of the operator's files, for editors: made from the models, shipped beside them.

``python -m agentbot.pipeline.schema prompts/schema`` writes them anew; a test keeps them in step.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from agentbot.pipeline.hours_file import HoursFile
from agentbot.pipeline.models import PolicyFile, RulesFile, TextsFile

FILES: Mapping[str, type[BaseModel]] = {
    "hours": HoursFile,
    "policy": PolicyFile,
    "rules": RulesFile,
    "texts": TextsFile,
}


def schema(name: str) -> str:
    """The schema of ``{name}.yaml``, as the text of a JSON file."""
    made = FILES[name].model_json_schema(by_alias=True)
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> None:
    """Write all schemas into ``folder``."""
    for name in FILES:
        (folder / f"{name}.json").write_text(schema(name), encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
