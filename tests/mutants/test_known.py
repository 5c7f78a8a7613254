"""Proves the list of known survivors: each entry is about a mutant of today's, and has a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants import known, report
from tests.mutants.__main__ import sample
from tests.mutants.floors import FLOORS, ROOT
from tests.mutants.kinds import Mutant, mutants_of
from tests.mutants.trial import Trial, Verdict


def all_mutants() -> list[Mutant]:
    """Return the mutants of all floors."""
    paths = [path for floor in FLOORS for path in floor.files()]
    return [mutant for path in paths for mutant in mutants_of(path, (ROOT / path).read_bytes())]


def test_every_known_survivor_is_a_mutant_of_todays_with_a_reason() -> None:
    """An entry that fits nothing any more goes."""
    entries = known.read()
    assert known.stale(entries, all_mutants()) == []
    assert {entry.path for entry in entries} <= {path for floor in FLOORS for path in floor.files()}
    assert all(len(entry.why) > 10 for entry in entries)
    assert len({entry.key for entry in entries}) == len(entries)


PATH = "agentbot/m.py"
SOURCE = b"def f(a, b):\n    return a < b\n"
ENTRY = f"- path: {PATH}\n  place: f\n  was: return a < b\n  now: return a <= b\n  why: because\n"


def test_an_entry_is_stale_where_its_line_is_another_by_now(tmp_path: Path) -> None:
    """Or where its mutant is noticed; modules that were not looked at are not spoken of."""
    file = tmp_path / "known.yaml"
    file.write_text(ENTRY)
    entries = known.read(file)
    [mutant] = mutants_of(PATH, SOURCE)
    assert known.stale(entries, [mutant]) == []
    assert known.stale(entries, []) == []
    others = mutants_of(PATH, SOURCE.replace(b"a < b", b"a > b"))
    assert len(known.stale(entries, others)) == 1
    assert known.noticed(entries, [Trial(mutant, Verdict.SURVIVED, 0.0)]) == []
    assert len(known.noticed(entries, [Trial(mutant, Verdict.NOTICED, 0.0)])) == 1


@pytest.mark.parametrize("text", ["- path: a\n", f"{ENTRY}  more: x\n"])
def test_an_entry_has_all_fields_and_no_others(tmp_path: Path, text: str) -> None:
    """A reason among them."""
    file = tmp_path / "known.yaml"
    file.write_text(text)
    with pytest.raises(TypeError):
        known.read(file)


def test_known_survivors_are_not_counted_against_the_tests() -> None:
    """The share is that of mutants which can be noticed."""
    [mutant] = mutants_of(PATH, SOURCE)
    trials = [
        Trial(mutant, verdict, 0.0)
        for verdict in (Verdict.NOTICED, Verdict.TIMED_OUT, Verdict.SURVIVED, Verdict.NOT_REACHED)
    ]
    unknown = report.count(trials, set())
    assert (unknown.noticed, unknown.survived, unknown.known, unknown.share) == (2, 2, 0, 0.5)
    known_ones = report.count(trials, {mutant.key})
    assert (known_ones.survived, known_ones.known, known_ones.share) == (0, 2, 1.0)
    [floor] = FLOORS[:1]
    assert len(report.too_few([(floor, trials)], set())) == 1
    assert len(report.unexplained([(floor, trials)], set())) == 2
    assert report.unexplained([(floor, trials)], {mutant.key}) == []
    assert report.too_few([(floor, trials)], {mutant.key}) == []
    assert "0.50" in report.table([(floor, trials)], set())


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    """And a change in one module leaves the others' choice as it was."""
    source = b"def f(a, b):\n" + b"".join(b"    a.x%d = b\n" % number for number in range(50))
    here, there = mutants_of(PATH, source), mutants_of("agentbot/n.py", source)
    chosen = sample([*here, *there], 20, seed=1)
    assert chosen == sample([*here, *there], 20, seed=1)
    assert chosen != sample([*here, *there], 20, seed=2)
    assert len(chosen) == 20
    changed = sample([*here[1:], *there], 20, seed=1)
    assert len(set(chosen) & set(changed)) >= 19
