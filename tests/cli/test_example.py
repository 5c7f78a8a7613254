"""No customer of a real company is answered as the example shop, unless somebody means it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agentbot.cli.example import is_loopback, refuse_example, trace_of_example
from agentbot.config import Settings
from agentbot.errors import ConfigurationError
from agentbot.pipeline.prompts import load_prompts
from tests.support.folders import DEFAULT

REAL = "https://papercups.example.com"


def copied(tmp_path: Path) -> Path:
    """Return a copy of the example under another company's name."""
    made = tmp_path / "prompts"
    shutil.copytree(DEFAULT, made)
    edit(made / "company.yaml", "Fjord & Fern", "Tea House")
    return made


def edit(path: Path, old: str, new: str) -> None:
    """Change a file, as an operator would."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_example_itself_is_known() -> None:
    """By its place."""
    assert "example" in trace_of_example(load_prompts(DEFAULT))


def test_a_copy_is_known_by_its_company(tmp_path: Path) -> None:
    """However much of the rest was edited or thrown away."""
    made = copied(tmp_path)
    edit(made / "company.yaml", "Tea House", "FJORD  & Fern")
    (made / "rules.yaml").write_text("rules: []\n", encoding="utf-8")
    shutil.rmtree(made / "faq")
    assert "company.yaml names" in trace_of_example(load_prompts(made))


def test_a_copy_is_known_by_its_rules(tmp_path: Path) -> None:
    """White space, and what a text editor does to the ends of lines, is no change."""
    made = copied(tmp_path)
    shutil.rmtree(made / "faq")
    rules = (made / "rules.yaml").read_bytes()
    (made / "rules.yaml").write_bytes(rules.replace(b"\n", b"\r\n"))
    assert "rules.yaml is that of the example" in trace_of_example(load_prompts(made))


def test_a_copy_is_known_by_one_answer(tmp_path: Path) -> None:
    """Even where it stands in another file, under another id."""
    made = copied(tmp_path)
    edit(made / "rules.yaml", "human", "person")
    kept = (made / "faq" / "opening-hours.md").read_text(encoding="utf-8")
    shutil.rmtree(made / "faq")
    (made / "faq").mkdir()
    (made / "faq" / "mine.md").write_text(kept, encoding="utf-8")
    assert "the FAQ entry 'mine'" in trace_of_example(load_prompts(made))


def test_an_answer_with_facts_is_the_examples_where_the_facts_are(tmp_path: Path) -> None:
    """With facts of one's own it is one's own answer."""
    made = copied(tmp_path)
    edit(made / "rules.yaml", "human", "person")
    (made / "faq" / "opening-hours.md").unlink()
    entries = (made / "faq" / "shop.yaml").read_text(encoding="utf-8")
    first = entries.split("\n\n- ")[1]
    assert "{{ company.countries }}" in first
    (made / "faq" / "shop.yaml").write_text(f"- {first}\n", encoding="utf-8")
    assert "the FAQ entry 'shipping-abroad'" in trace_of_example(load_prompts(made))
    edit(made / "company.yaml", "countries: ", "countries: Iceland, ")
    assert trace_of_example(load_prompts(made)) == ""


def test_what_shows_nothing_is_told_without_reading_the_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each start of a bot would wait for it."""
    made = copied(tmp_path)
    edit(made / "rules.yaml", "human", "person")
    shutil.rmtree(made / "faq")
    prompts = load_prompts(made)
    monkeypatch.delattr("agentbot.cli.example.load_prompts")
    assert trace_of_example(prompts) == ""


def test_a_folder_of_ones_own_is_not_taken_for_it(tmp_path: Path) -> None:
    """Policy, hours and canned texts may be as they are."""
    made = copied(tmp_path)
    edit(made / "rules.yaml", "human", "person")
    shutil.rmtree(made / "faq")
    assert trace_of_example(load_prompts(made)) == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:4000", True),
        ("http://papercups.localhost", True),
        ("http://127.0.0.5:4000", True),
        ("http://[::1]:4000", True),
        ("http://papercups:4000", False),
        ("http://192.168.1.4:4000", False),
        ("http://localhost.example.com", False),
        (REAL, False),
    ],
)
def test_this_machine_is_known(url: str, *, expected: bool) -> None:
    """By its names and addresses."""
    assert is_loopback(url) is expected


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        (Settings(papercups_url=REAL), True),
        (Settings(papercups_url=REAL, allow_example_prompts=True), False),
        (Settings(papercups_url="http://localhost:4000"), False),
        (Settings(), False),
    ],
)
def test_it_is_refused_for_real_customers_alone(settings: Settings, *, refused: bool) -> None:
    """With what to do, and the setting that allows it."""
    example = load_prompts(DEFAULT)
    if not refused:
        refuse_example(settings, example)
        return
    with pytest.raises(ConfigurationError) as caught:
        refuse_example(settings, example)
    for said in ("agentbot init", "AGENTBOT_ALLOW_EXAMPLE_PROMPTS=true", REAL):
        assert said in str(caught.value)
