"""The periodic jobs: each at its pace, and none ended by what goes wrong in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from agentbot.bot.housekeeping import Housekeeping, known_bots
from agentbot.devserver.store.records import WorkingHours
from agentbot.papercups.models import Account, User
from agentbot.pipeline.turn import WorkingSpan
from tests.support.bot_parts import Parts, perform, pipeline_of
from tests.support.devserver import SocketClient
from tests.support.virtual_time import stand_still


def keep_house(story: Callable[[Parts, Housekeeping], Awaitable[None]], **options: Any) -> None:
    """Play a story with all jobs running."""

    async def main(parts: Parts) -> None:
        housekeeping = Housekeeping(parts.services)
        running = asyncio.create_task(housekeeping.run())
        await asyncio.sleep(0.1)
        try:
            await story(parts, housekeeping)
            assert not running.done(), "it runs until it is cancelled"
        finally:
            running.cancel()

    perform(main, **options)


# The account


def test_the_account_is_read_with_its_hours_and_its_windows_away_message() -> None:
    """As the pipeline knows it."""

    async def story(parts: Parts) -> None:
        parts.account.account.time_zone = "Europe/Oslo"
        parts.account.account.working_hours = (WorkingHours("everyday", 540, 1020),)
        parts.account.account.widget = {"away_message": "We are asleep."}
        await Housekeeping(parts.services).read_account()
        account = parts.services.current.account
        assert (account.id, account.name) == (parts.account.account.id, "Acme")
        assert account.time_zone == "Europe/Oslo"
        assert account.working_hours == (WorkingSpan("everyday", 540, 1020),)
        assert account.away_message == "We are asleep."

    perform(story)


def test_a_window_that_cannot_be_read_has_no_away_message() -> None:
    """An account may have none yet: that is said, and the rest is known."""

    async def story(parts: Parts) -> None:
        parts.account.server.faults.answer(status=404, path="/api/widget_settings")
        await Housekeeping(parts.services).read_account()
        assert parts.services.current.account.name == "Acme"
        assert parts.services.current.account.away_message is None

    with capture_logs() as said:
        perform(story)
    assert "window.unreadable" in {line["event"] for line in said}


def test_the_bots_of_the_account_are_no_people() -> None:
    """The session is told, too: who is online is counted without them."""

    async def story(parts: Parts) -> None:
        token = parts.account.server.backend.tokens.issue(parts.account.ann.id).token
        visitor = SocketClient(parts.account.server, {"token": token, "vsn": "2.0.0"})
        visitor.join(f"notification:{parts.account.account.id}")
        await parts.until(lambda: parts.session.agents_online)
        await Housekeeping(parts.services).read_account()
        assert parts.services.current.identity.bot_user_ids == {parts.account.ann.id}
        assert parts.session.agents_online == frozenset()

    perform(story, policy={"bots": {"names": ["Ann"]}})


BOTS: list[tuple[dict[str, Any], set[int]]] = [
    ({}, set()),
    ({"user_ids": [3, 77]}, {3, 77}),
    ({"emails": ["Robot@Example.com"]}, {1}),
    ({"names": ["Robo"]}, {1}),
    ({"names": ["Robert Robot"]}, {1}),
    ({"names": ["robo"]}, set()),
    ({"names": ["Nobody"], "emails": ["", "nobody@example.com"]}, {2}),
    ({"names": ["Ann"], "emails": ["robot@example.com"], "user_ids": [3]}, {1, 3, 4}),
]
"""The policy's bots, and the users that it means."""


def test_who_was_disabled_or_archived_has_gone_and_is_no_bot_for_that() -> None:
    """Papercups leaves what was theirs assigned to them."""
    account = Account.model_validate(
        {
            "id": "a",
            "users": [
                {"id": 1},
                {"id": 2, "disabled_at": "2026-11-26T12:00:00Z"},
                {"id": 3, "archived_at": "2026-11-26T12:00:00Z"},
                {"id": 4, "disabled_at": None, "archived_at": None},
            ],
        }
    )

    async def story(parts: Parts) -> None:
        policy = parts.services.current.pipeline.prompts.policy
        identity = known_bots(account, policy)
        assert identity.bot_user_ids == frozenset()
        assert identity.gone_user_ids == frozenset({2, 3})

    perform(story, listening=False)


@pytest.mark.parametrize(("bots", "meant"), BOTS)
def test_a_bot_is_named_by_id_address_or_name(bots: dict[str, Any], meant: set[int]) -> None:
    """An address in any case of letters; either name as it is written."""
    users = (
        User(id=1, email="ROBOT@example.com", display_name="Robo", full_name="Robert Robot"),
        User(id=2),
        User(id=3, email="eve@example.com"),
        User(id=4, email="ann@example.com", full_name="Ann"),
    )
    account = Account(id="a", users=users)

    async def story(parts: Parts) -> None:
        policy = parts.services.current.pipeline.prompts.policy
        assert known_bots(account, policy).bot_user_ids == meant

    perform(story, listening=False, policy={"bots": bots})


def test_the_account_is_read_every_five_minutes() -> None:
    """People change its hours; a server that is away meanwhile is waited for."""

    async def story(parts: Parts, _housekeeping: Housekeeping) -> None:
        def reads() -> int:
            return parts.network.asked.count("GET /api/accounts/me")

        await asyncio.sleep(299)
        assert reads() == 0
        parts.account.account.company_name = "Fjord & Fern"
        await asyncio.sleep(2)
        assert reads() == 1
        assert parts.services.current.account.name == "Fjord & Fern"
        parts.account.account.company_name = "Acme"
        away = parts.account.server.faults.answer(status=503, path="/api/accounts/me")
        await asyncio.sleep(310)
        assert parts.services.current.account.name == "Fjord & Fern"
        away.remove()
        await asyncio.sleep(60)
        assert parts.services.current.account.name == "Acme"

    keep_house(story)


# Presence


def test_presence_follows_the_hours() -> None:
    """Within a quarter of a minute, in and out."""

    async def story(parts: Parts, housekeeping: Housekeeping) -> None:
        parts.account.account.time_zone = "Etc/UTC"
        parts.account.account.working_hours = (WorkingHours("everyday", 541, 542),)
        await housekeeping.read_account()  # it is nine o'clock
        on_duty = []
        for _ in range(24):
            await asyncio.sleep(7.5)
            on_duty.append(parts.session.is_on_duty)
        assert on_duty == [True] + [False] * 6 + [True] * 8 + [False] * 9

    keep_house(story, policy={"presence": "on_duty"})


def test_presence_follows_the_policy_that_was_reloaded() -> None:
    """The next look asks the pipeline of now."""

    async def story(parts: Parts, housekeeping: Housekeeping) -> None:
        parts.account.account.time_zone = "Etc/UTC"
        parts.account.account.working_hours = (WorkingHours("everyday", 0, 0),)
        await housekeeping.read_account()
        await asyncio.sleep(60)
        before = parts.session.is_on_duty
        parts.services.current.pipeline = pipeline_of(parts.responder, presence="on_duty")
        await asyncio.sleep(15)
        assert (before, parts.session.is_on_duty) == (True, False)

    keep_house(story)


# The state


def test_a_state_that_fails_is_a_problem_until_it_is_back() -> None:
    """It is said once, and counted each time that it is tried."""

    async def story(parts: Parts, housekeeping: Housekeeping) -> None:
        problems = [housekeeping.state_problem]
        parts.store.failures["ping"] = 4
        for _ in range(5):
            await asyncio.sleep(5)
            problems.append(housekeeping.state_problem)
        assert problems == [None, *(["told to fail"] * 4), None]
        assert parts.metric("state_errors_total") == 4
        parts.store.failures["ping"] = 1
        await asyncio.sleep(5)
        assert parts.metric("state_errors_total") == 5

    with capture_logs() as said:
        keep_house(story)
    lines = [line for line in said if line["event"] == "state.unavailable"]
    assert [line["problem"] for line in lines] == ["told to fail"] * 2


def test_a_state_that_does_not_answer_is_a_problem() -> None:
    """After five seconds; it is tried again five seconds later."""

    async def story(parts: Parts, housekeeping: Housekeeping) -> None:
        parts.store.slow["ping"] = 60.0
        await asyncio.sleep(9.5)
        problems = [housekeeping.state_problem]
        await asyncio.sleep(1)
        problems.append(housekeeping.state_problem)
        parts.store.slow["ping"] = 1.0
        await asyncio.sleep(6)
        problems.append(housekeeping.state_problem)
        assert problems == [None, "no answer within 5 s", None]

    keep_house(story)


# Reports and pruning


def test_the_connections_figures_are_passed_on_every_five_seconds() -> None:
    """Between two scrapes of the metrics."""

    async def story(parts: Parts, _housekeeping: Housekeeping) -> None:
        frames = [parts.metric("frames_total", direction="in")]
        await asyncio.sleep(5)
        frames.append(parts.metric("frames_total", direction="in"))
        assert frames == [0.0, parts.session.counters.frames_in]
        parts.account.server.drop()
        await asyncio.sleep(5)
        assert parts.metric("reconnects_total") == 1

    keep_house(story)


def test_the_journal_is_pruned_at_once_and_every_day() -> None:
    """By the retention that the settings have; a failure is said, and tomorrow is another day."""

    async def story(parts: Parts, _housekeeping: Housekeeping) -> None:
        pruned = [parts.store.asked.count("prune")]
        for _ in range(3):
            for seconds in (86_390, 20):
                stand_still(seconds)  # or the other jobs would be done some thousand times
                await asyncio.sleep(0.1)
                pruned.append(parts.store.asked.count("prune"))
            parts.store.failures["prune"] = 1 if pruned[-1] == 2 else 0
        assert pruned == [1, 1, 2, 2, 3, 3, 4]
        assert parts.store.pruned == [timedelta(days=7)] * 3

    with capture_logs() as said:
        keep_house(story, state={"retention_days": 7.0}, listening=False, longest=1e6)
    events = [line["event"] for line in said if line["event"].startswith("journal.")]
    assert events == [
        "journal.pruned",
        "journal.pruned",
        "journal.not_pruned",
        "journal.pruned",
    ]
