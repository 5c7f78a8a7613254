"""``agentbot eval faq``: what other bars would give, and what the questions teach is kept."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from agentbot.cli import eval_faq
from agentbot.config import shipped_prompts_dir
from agentbot.errors import ConfigurationError
from agentbot.pipeline.prompts import load_prompts
from tests.support.folders import folder

ENTRIES = """
- id: tea
  question: Which teas do you have?
  phrasings: [what teas are there, do you sell green tea, list of your teas]
  answer: Three.
- id: cups
  question: Do you sell cups?
  phrasings: [any cups for sale, i want to buy a cup, which cups are there]
  answer: Yes.
- id: hours
  question: When are you open?
  phrasings: [opening hours please, are you open on sunday, when do you close]
  answer: Always.
"""
ASKED = [
    {"text": f"{number} {text}", "faq": entry}
    for number in range(6)
    for text, entry in (
        ("kinds of tea", "tea"),
        ("cups to buy", "cups"),
        ("open on monday", "hours"),
        ("a boat for rent", None),
    )
]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a FAQ, in whose parent the command runs, by words alone."""
    made = folder(tmp_path, rules="rules: []\n", company="name: Own\n", system="You are kind.")
    (made / "faq").mkdir()
    (made / "faq" / "all.yaml").write_text(ENTRIES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in [one for one in os.environ if one.startswith("AGENTBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AGENTBOT_FAQ__EMBEDDINGS", "none")
    (tmp_path / "asked.jsonl").write_text("\n".join(map(json.dumps, ASKED)), encoding="utf-8")
    return made


def run(*, count: int = len(ASKED), **options: bool) -> None:
    """Run the command on some of the questions."""
    lines = Path("asked.jsonl").read_text(encoding="utf-8").splitlines()
    Path("some.jsonl").write_text("\n".join(lines[:count]), encoding="utf-8")
    assert eval_faq.main(Path("some.jsonl"), precision=None, prompts=None, **options) == 0


def test_other_bars_stand_side_by_side(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As it is and with what the questions teach, in a table that fits sixty columns."""
    run()
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("what asking for another precision would give here:")
    table = lines[start : start + 15]
    assert "now" in table[1]
    assert "with --keep" in table[1]
    assert [line.split()[0] for line in table[3:12]][:4] == ["50%", "60%", "70%", "80%"]
    [wanted] = [line for line in table if line.startswith("*")]
    assert wanted.split()[1] == "90%"
    assert len(wanted.split()) == 8
    assert max(map(len, table)) <= 60
    assert not (shop / "faq-calibration.yaml").exists()


def test_few_questions_teach_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table shows what is; to keep them is refused, with how many would do."""
    run(count=19)
    assert "with --keep" not in capsys.readouterr().out
    with pytest.raises(ConfigurationError, match="19 questions teach less") as caught:
        run(count=19, keep=True)
    assert "collect 20" in caught.value.remedy
    assert not (shop / "faq-calibration.yaml").exists()


def test_what_they_teach_is_kept_and_used(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The next run goes by it, and tells what it takes the place of."""
    run(keep=True)
    assert f"kept: {shop / 'faq-calibration.yaml'} (24 questions);" in capsys.readouterr().out
    known = load_prompts(shop).calibration
    assert known is not None
    assert (known.questions, known.answerable) == (24, 18)
    run(count=20, keep=True)
    said = capsys.readouterr().out
    assert f"(20 questions, in place of 24 questions of {known.made_on});" in said
    # Learnt anew of the FAQ as it is, not on top of what was kept.
    again = load_prompts(shop).calibration
    (shop / "faq-calibration.yaml").unlink()
    run(count=20, keep=True)
    assert load_prompts(shop).calibration == again


def test_nothing_is_kept_in_the_example(shop: Path) -> None:
    """It is in the installation, and no customer's."""
    with pytest.raises(ConfigurationError, match="nothing is kept there") as caught:
        eval_faq.main(Path("asked.jsonl"), precision=None, prompts=shipped_prompts_dir(), keep=True)
    assert "agentbot init" in caught.value.remedy
    assert not (shipped_prompts_dir() / "faq-calibration.yaml").exists()


def test_all_figures_as_json(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing else on standard output, even where something is kept."""
    run(as_json=True, keep=True)
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["asked"] == 0.9
    assert found["report"]["questions"] == 24
    assert len(found["now"]) == len(found["when_kept"]) == 9
    assert {"asked", "bar", "answers", "precision", "coverage"} <= set(found["now"][0])
    assert "kept: " in told.err
    assert (shop / "faq-calibration.yaml").exists()


def test_what_was_kept_for_another_faq_is_named(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not used, and so are other precisions shown without it."""
    run(keep=True)
    entries = ENTRIES.replace("teas", "sorts").replace("cup", "mug").replace("id: mugs", "id: cups")
    (shop / "faq" / "all.yaml").write_text(entries, encoding="utf-8")
    capsys.readouterr()
    run()
    said = capsys.readouterr().out
    assert "warning: faq-calibration.yaml: this file is not used" in said


def test_a_precision_out_of_reach_is_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the one that can be had."""
    assert eval_faq.main(Path("asked.jsonl"), precision=0.999, prompts=shop) == 0
    assert "warning: this FAQ can hardly reach 99.9% of right answers" in capsys.readouterr().out
