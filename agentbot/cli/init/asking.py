"""The questions of ``agentbot init`` in their order, and what is known without asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import typer
from pydantic import SecretStr

from agentbot.bot.turns.context import build_account
from agentbot.cli.connections import agent_rest
from agentbot.cli.exit_codes import remedy
from agentbot.cli.init import read
from agentbot.cli.init.questions import Questions
from agentbot.cli.init.starter import AfterHours, Answers, OpeningHours
from agentbot.cli.init.week import Week, parse_week
from agentbot.cli.progress import said_if_slow, waiting_for
from agentbot.config import PapercupsLogin
from agentbot.errors import AgentbotError, ConfigurationError, LoginRefused
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.hours.schedule import MINUTES_A_DAY, Schedule, account_hours
from agentbot.pipeline.hours.week import week_in_words
from agentbot.pipeline.languages.pack import load_pack
from agentbot.pipeline.prompts import FILES, Prompts, load_prompts
from agentbot.pipeline.turn import Account


def loaded(folder: Path) -> Prompts | None:
    """Return a folder that is there and good, for what is known already; else None."""
    with suppress(ConfigurationError):
        return load_prompts(folder)
    return None


@dataclass(slots=True)
class _Login:
    """How to log in, as far as it is known."""

    url: str
    email: str
    password: str

    @property
    def complete(self) -> PapercupsLogin | None:
        """The login, where all of it is known."""
        if self.url and self.email and self.password:
            return PapercupsLogin(self.url, self.email, SecretStr(self.password))
        return None


class Asking:
    """The questions in their order. Only those are asked whose answers some file needs."""

    def __init__(
        self,
        questions: Questions,
        variables: Mapping[str, str],
        folder: Path,
        wanted: tuple[str, ...],
    ) -> None:
        self.questions = questions
        self._variables = variables
        self._there = loaded(folder)
        self._login = _Login("", "", "")
        self._notify = ""
        # What is there is kept: nothing needs to be asked for it.
        is_there = {name for name in FILES if (folder / name).exists()}
        if Path(".env").exists():
            is_there.add(".env")
        self._wanted = set(wanted) - is_there

    async def answers(self) -> Answers:
        """Ask what the folder's files need."""
        self._ask_login()
        account = await self._account()
        company = self._company(account)
        language = self._language()
        hours = self._hours(account, language) if self._needs("hours.yaml") else None
        after_hours = self._after_hours()
        if self._needs(".env"):
            self._notify = (
                self.questions.ask(
                    "notify-url",
                    "A webhook (Slack, Mattermost …) that is told of hand-overs; Enter: none",
                    read.webhook,
                    default="",
                )
                or ""
            )
        return Answers(company or "", language, hours, after_hours)

    def env(self, folder: Path) -> dict[str, str]:
        """Return the variables for .env."""
        login = self._login
        env = {
            "PAPERCUPS_URL": login.url,
            "PAPERCUPS_EMAIL": login.email,
            "PAPERCUPS_PASSWORD": login.password,
            "AGENTBOT_PROMPTS_DIR": str(folder) if folder.is_absolute() else f"./{folder}",
        }
        return env | ({"AGENTBOT_NOTIFY__URL": self._notify} if self._notify else {})

    def _needs(self, *files: str) -> bool:
        return any(file in self._wanted for file in files)

    # The questions

    def _ask_login(self) -> None:
        asked = self._needs(".env")
        url = self._known(
            "url", "PAPERCUPS_URL", "Papercups' address", read.server_url, asked=asked
        )
        if url or not self.questions.terminal:
            self._login = _Login(
                url,
                self._known(
                    "email", "PAPERCUPS_EMAIL", "The bot's e-mail address", read.email, asked=asked
                ),
                self._known(
                    "password", "PAPERCUPS_PASSWORD", "Its password", str, asked=asked, hidden=True
                ),
            )

    def _known(
        self,
        option: str,
        variable: str,
        text: str,
        reader: Callable[[str], str],
        *,
        asked: bool,
        hidden: bool = False,
    ) -> str:
        """Return what an option or a variable says, else ask; "" is an answer too."""
        if self.questions.given.get(option) is None and (value := self._variables.get(variable)):
            try:
                return reader(value)
            except ValueError as error:
                raise ConfigurationError(variable, str(error)) from error
        if not asked and self.questions.given.get(option) is None:
            return ""
        text = f"{text} (Enter: later, in .env)"
        return str(self.questions.ask(option, text, reader, default="", hidden=hidden) or "")

    async def _account(self) -> Account | None:
        """Return the account, where the login is known and works."""
        if not self._needs("company.yaml", "hours.yaml"):
            return None
        while login := self._login.complete:
            try:
                async with agent_rest(login) as rest:
                    with said_if_slow(waiting_for(login.url)):
                        raw = await rest.account()
                    account = build_account(raw, away_message=None)
            except AgentbotError as error:
                what_to_do = remedy(error)
                typer.echo(
                    f"The account cannot be read: {error}" + f"; {what_to_do}" * bool(what_to_do)
                )
                if not (isinstance(error, LoginRefused) and self._login_was_typed):
                    return None
                self._ask_login_again()
            else:
                typer.echo(f"Logged in: the account is {account.name}.")
                return account
        return None

    @property
    def _login_was_typed(self) -> bool:
        """Whether e-mail and password are answers, which can be given again."""
        known = [self.questions.given.get("email"), self.questions.given.get("password")]
        known += map(self._variables.get, ("PAPERCUPS_EMAIL", "PAPERCUPS_PASSWORD"))
        return self.questions.terminal and not any(known)

    def _ask_login_again(self) -> None:
        """Ask for e-mail and password once more; an empty password: later, in .env."""
        email = self.questions.ask(
            "email", "The bot's e-mail address", read.email, default=self._login.email
        )
        text = "Its password (Enter: later, in .env)"
        password = self.questions.ask("password", text, str, default="", hidden=True)
        self._login = _Login(self._login.url, email or "", password or "")

    def _company(self, account: Account | None) -> str | None:
        if not self._needs("company.yaml"):
            return None
        name = account.name if account else None
        return self.questions.ask(
            "company", "The company's name", read.filled, default=name, needed="its name"
        )

    def _language(self) -> Language:
        if not self._needs("texts.yaml", "rules.yaml", "system.md", "hours.yaml"):
            return "en"
        known = self._there.texts.language if self._there else "en"
        codes = ", ".join(get_args(Language))
        text = f"The language of what the bot says ({codes})"
        return self.questions.ask("language", text, read.language, default=known) or known

    def _hours(self, account: Account | None, language: Language) -> OpeningHours | None:
        """Return hours for hours.yaml; None where the account's own are to count."""
        days = load_pack(language).texts.times.week
        theirs = account_hours(account).default if account else Schedule()
        said = week_in_words(theirs, days)
        theirs_in_words = said or ("none" if account else "those in Papercups")
        week = self.questions.ask(
            "hours",
            f"Opening hours (account: {theirs_in_words}), always, or such as:"
            " mon-fri 9:00-17:00, sat 10:00-14:00",
            lambda text: None if text.lower() == "account" else parse_week(text, days),
            default="account",
        )
        zone = self._zone(account) if week else (account.time_zone if account else None)
        if not week and not said and self.questions.terminal:
            return None  # nothing is known to which holidays could be added
        country, region = self._holidays()
        if not week and not country:
            return None
        if not week and not said:
            self.questions.missing.append("--hours (holidays need hours beside them)")
        return OpeningHours(zone or "", week or _as_week(theirs), country, region)

    def _zone(self, account: Account | None) -> str | None:
        return self.questions.ask(
            "time-zone",
            "Time zone of these hours, such as Europe/Oslo",
            read.time_zone,
            default=account.time_zone if account else None,
            needed="of --hours, such as Europe/Oslo",
        )

    def _holidays(self) -> tuple[str, str]:
        """Return country and region; "" where there is none."""
        text = "Closed on the public holidays of (a country's code, such as NO; Enter: none)"
        country = self.questions.ask("holidays", text, read.country, default="") or ""
        if not country:
            if self.questions.given.get("region"):
                self.questions.missing.append("--holidays (--region is a part of its country)")
            return "", ""
        region = self.questions.ask(
            "region",
            "and of its part (such as BY; Enter: none)",
            lambda text: read.region(country, text),
            default="",
        )
        return country, region or ""

    def _after_hours(self) -> AfterHours:
        if not self._needs("rules.yaml", "policy.yaml"):
            return "answer"
        if self.questions.terminal and self.questions.given.get("after-hours") is None:
            typer.echo("When nobody is there, after hours, the bot is to")
            for name, about in read.AFTER_HOURS.items():
                typer.echo(f"  {name}: {about}")
        asked = self.questions.ask("after-hours", "After hours", read.after_hours, default="answer")
        return asked or "answer"


def _as_week(schedule: Schedule) -> Week:
    """Return a schedule's week as hours.yaml has it."""

    def clock(minute: int) -> str:
        return f"{minute // 60}:{minute % 60:02}"

    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    parts = [
        f"{day} {clock(span.start)}-{clock(min(span.end, MINUTES_A_DAY))}"
        for day, spans in zip(days, schedule.week, strict=True)
        for span in spans
    ]
    return parse_week(", ".join(parts)) if parts else {}
