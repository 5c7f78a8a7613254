"""A conversation's past, and from when on news may be news. Proves ``history.py``."""

from __future__ import annotations

import pytest

from tests.simulation.history import Custody, oldest_news

_ANN, _BOT = 2, 1


def custody(*changes: tuple[float, int | None, bool]) -> Custody:
    """Return a custody after changes: when, whose it is then, and whether it is closed."""
    made = Custody()
    for at, assignee_id, is_closed in changes:
        made.note(at, assignee_id=assignee_id, is_closed=is_closed, by_person=True)
    return made


@pytest.mark.parametrize(
    ("since", "until", "was_closed"),
    [(0.0, 4.9, False), (0.0, 5.0, True), (6.0, 7.0, True), (9.0, 12.0, True), (9.1, 20.0, False)],
)
def test_a_closing_holds_from_its_time_to_the_opening(
    since: float,
    until: float,
    was_closed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Whoever asks for a time that it does not touch is told that there was none."""
    past = custody((5.0, None, True), (9.0, None, False))
    assert (past.closing(since, until) is not None) is was_closed


def test_an_assignment_is_known_by_whose_it_was_and_when() -> None:
    """One user's time is not another's, and goes on where nobody ended it."""
    past = custody((5.0, _ANN, False), (9.0, _BOT, False))
    assert past.was_of({_ANN}, 6.0, 7.0)
    assert not past.was_of({_ANN}, 9.5, 20.0)
    assert past.was_of({_BOT}, 100.0, 200.0)


@pytest.mark.parametrize(
    ("standstills", "oldest"),
    [
        ([], 8.0),
        ([(1.0, 3.0)], 8.0),  # over before any news set out
        ([(5.0, 9.0)], 3.0),
        ([(2.5, 4.0), (5.0, 9.0)], 0.5),  # what one held met the other
        ([(50.0, 60.0)], 8.0),  # after the decision
    ],
)
def test_news_are_as_old_as_their_way_and_what_stood_still_on_it(
    standstills: list[tuple[float, float]], oldest: float
) -> None:
    """A connection that stood still delivers afterwards what had been said before."""
    assert oldest_news(10.0, 20.0, way=2.0, standstills=standstills) == oldest
