"""The shipped schemas and the table of facts are those of the code that reads the files."""

from __future__ import annotations

import json

import pytest

from agentbot.pipeline.schema import FILES, facts_page, schema, write_all
from tests.support.folders import DEFAULT


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_schema_is_the_models_own(name: str) -> None:
    """After a change: ``python -m agentbot.pipeline.schema prompts/schema``."""
    shipped = (DEFAULT / "schema" / f"{name}.json").read_text(encoding="utf-8")
    assert shipped == schema(name)


@pytest.mark.parametrize("name", [name for name in FILES if name != "faq-calibration"])
def test_the_shipped_files_name_their_schema(name: str) -> None:
    """So that an editor finds it without settings; what a program writes does not ship."""
    first = (DEFAULT / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema=schema/{name}.json"


def test_shorthands_are_in_the_schema() -> None:
    """An editor must not underline what is allowed."""
    made = json.loads(schema("rules"))
    rule = made["$defs"]["RuleModel"]["properties"]
    assert "continue" in rule
    assert {"type": "string"} in made["$defs"]["Keywords"]["anyOf"]
    assert {"type": "string"} in made["$defs"]["QuickReplyModel"]["anyOf"]
    assert {"type": "string"} in rule["tag"]["anyOf"]


def test_all_is_written_into_a_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One file each."""
    folder = tmp_path_factory.mktemp("schema")
    write_all(folder)
    names = {f"{name}.json" for name in FILES} | {"facts.md"}
    assert {file.name for file in folder.iterdir()} == names


def test_the_shipped_table_of_facts_is_in_step() -> None:
    """Written by the same command."""
    assert (DEFAULT / "schema" / "facts.md").read_text(encoding="utf-8") == facts_page()
