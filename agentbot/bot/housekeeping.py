"""What the bot does now and then beside answering: five jobs, each with a pace of its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from agentbot.bot.connection_report import ConnectionReport
from agentbot.bot.proof import Identity
from agentbot.bot.services import Services
from agentbot.bot.turns.context import build_account
from agentbot.errors import AgentbotError, ApiError, StateUnavailable
from agentbot.papercups.models import Account
from agentbot.pipeline.files.models import PolicyFile
from agentbot.retry import retry_while_away

_log = structlog.get_logger("agentbot.housekeeping")

_ACCOUNT_INTERVAL = 300.0
"""Seconds between two looks at the account's hours and users, which people change by hand."""
_PRESENCE_INTERVAL = 15.0
"""Seconds after which the bot appears, or leaves, once opening hours have begun or ended."""
_PRUNE_INTERVAL = 86_400.0
"""Seconds between two prunings: a day, for retention is counted in days."""
_PING_INTERVAL = 5.0
"""Seconds between two tries of the state: about as often as readiness is asked for."""
_PING_TIMEOUT = 5.0
"""Seconds after which a state that does not answer counts as unavailable."""
_REPORT_INTERVAL = 5.0
"""Seconds between two reports: less than the usual pause between two scrapes of the metrics."""


class Housekeeping:
    """The bot's periodic jobs. ``state_problem``: what is wrong with the state, None: nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.state_problem: str | None = None

    async def run(self) -> None:
        """Do all jobs, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for job in (
                self._read_account_now_and_then(),
                self._be_seen_when_due(),
                self._ping_state(),
                self._report_connection(),
                self._prune_daily(),
            ):
                group.create_task(job)

    async def read_account(self) -> None:
        """Read the account's hours, and which of its users are bots."""
        services = self._services
        account = await services.rest.account()
        try:
            window = await services.rest.widget_settings(account.id)
        except ApiError as error:  # an account may have none yet
            _log.warning("window.unreadable", error=str(error))
            window = None
        current = services.current
        current.account = build_account(
            account, away_message=window.away_message if window else None
        )
        current.identity = known_bots(account, current.pipeline.prompts.policy)
        services.session.set_bots(current.identity.bot_user_ids)

    async def _read_account_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_ACCOUNT_INTERVAL)
            await retry_while_away(self.read_account, what="account")

    async def _be_seen_when_due(self) -> None:
        """Be in the room's presence only when the policy says so."""
        services, current = self._services, self._services.current
        while True:
            seen = current.pipeline.should_be_tracked(now=services.clock(), account=current.account)
            services.session.set_present(seen)
            await asyncio.sleep(_PRESENCE_INTERVAL)

    async def _ping_state(self) -> None:
        while True:
            problem = await self._state_problem_now()
            if problem is not None:
                if self.state_problem is None:
                    _log.error("state.unavailable", problem=problem)
                self._services.metrics.state_failed()
            self.state_problem = problem
            await asyncio.sleep(_PING_INTERVAL)

    async def _state_problem_now(self) -> str | None:
        try:
            async with asyncio.timeout(_PING_TIMEOUT):
                await self._services.store.ping()
        except StateUnavailable as error:
            return error.problem
        except TimeoutError:
            return f"no answer within {_PING_TIMEOUT:g} s"
        return None

    async def _report_connection(self) -> None:
        report = ConnectionReport(self._services.session.counters, self._services.metrics)
        while True:
            await asyncio.sleep(_REPORT_INTERVAL)
            report()

    async def _prune_daily(self) -> None:
        retention = timedelta(days=self._services.settings.state.retention_days)
        while True:
            try:
                pruned = await self._services.store.prune(older_than=retention)
                _log.info("journal.pruned", records=pruned)
            except AgentbotError as error:
                _log.warning("journal.not_pruned", error=str(error))
            await asyncio.sleep(_PRUNE_INTERVAL)


def known_bots(account: Account, policy: PolicyFile) -> Identity:
    """Return which users are bots: those that the policy names by id, e-mail address or name.

    Who was disabled or archived has gone: Papercups leaves conversations assigned to them.
    """
    bots = policy.bots
    emails = {email.lower() for email in bots.emails}
    named = (
        user.id
        for user in account.users
        if (user.email or "").lower() in emails
        or {user.display_name, user.full_name} & set(bots.names)
    )
    gone = (user.id for user in account.users if user.disabled_at or user.archived_at)
    return Identity(frozenset(named) | frozenset(bots.user_ids), frozenset(gone))
