"""A PostgreSQL server of the tests' own: a temporary folder, a free port, nothing shared.

The programs come from Debian's or anyone's ``postgresql`` package. Where there are none, tests
that need them fail under ``CI=true`` and are skipped aloud elsewhere.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

_USER = "agentbot"
_START_SECONDS = 30.0
"""Seconds in which a server must start, or end: it takes one or two on an idle machine."""
_LOOKS_A_SECOND = 20
"""How often ``pg_isready`` can be run in a second: it takes some 50 ms."""


def binaries() -> Path | None:
    """Return the folder that holds ``initdb`` and ``postgres``, the newest; None: there is none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: [int(part) for part in path.parts[4].split(".") if part.isdigit()],
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def require_binaries() -> Path:
    """Return the folder of the programs, or fail the test in CI, or skip it elsewhere."""
    found = binaries()
    if found is None:
        text = "PostgreSQL is not installed (Debian: apt-get install postgresql): NOT TESTED"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)
    return found


class PostgresServer:
    """One server. ``url`` connects as its superuser, without need of a password.

    Root may not run PostgreSQL: the server then runs as ``postgres`` or ``nobody``.
    """

    def __init__(self, programs: Path, *, fsync: bool = False) -> None:
        self._programs = programs
        # A test's data need not survive the machine; what is measured must be honest.
        self._fsync = "on" if fsync else "off"
        self._folder = Path(tempfile.mkdtemp(prefix="agentbot-pg-"))
        self._data = self._folder / "data"
        self._identity = _unprivileged()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        if self._identity is not None:
            os.chown(self._folder, self._identity[0], self._identity[1])
        self._run("initdb", "-D", self._data, "-U", _USER, "-A", "trust", "-E", "UTF8", "-N")

    @property
    def url(self) -> str:
        """The server's default database; the password is there to be kept out of every text."""
        return f"postgresql://{_USER}:hush-hush@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start, or start again, and wait until it answers."""
        arguments = [
            str(self._programs / "postgres"),
            *("-D", str(self._data), "-k", str(self._folder), "-p", str(self.port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"fsync={self._fsync}"),
        ]
        user, group = self._identity or (None, None)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own arguments
                arguments, user=user, group=group, extra_groups=[] if user else None,
                stdout=log, stderr=log, cwd=self._folder,
            )  # fmt: skip
        self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), retry=True)

    def stop(self) -> None:
        """End it at once, as a crash would; connections break."""
        if self._process is not None:
            self.resume()
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(_START_SECONDS)
            self._process = None

    def pause(self) -> None:
        """Let it hang: connections stay open, nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after ``pause``."""
        self._signal_all(signal.SIGCONT)

    def remove(self) -> None:
        """Stop, and delete its folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal_all(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        backends = [int(pid) for pid in children.read_text().split()] if children.exists() else []
        for pid in (self._process.pid, *backends):
            with suppress(ProcessLookupError):  # a backend may just have ended
                os.kill(pid, number)

    def _run(self, program: str, *arguments: str | Path, retry: bool = False) -> None:
        user, group = self._identity or (None, None)
        command = [str(self._programs / program), *map(str, arguments)]
        attempts = int(_START_SECONDS * _LOOKS_A_SECOND) if retry else 1
        result: subprocess.CompletedProcess[str] | None = None
        for _ in range(attempts):
            result = subprocess.run(  # noqa: S603 - our own arguments
                command, user=user, group=group, extra_groups=[] if user else None,
                cwd=self._folder, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if result.returncode == 0:
                return
        raise RuntimeError(f"{program}: {result.stderr if result else ''}")


@contextmanager
def running() -> Iterator[PostgresServer]:
    """Yield a server of one's own, running; remove it at the end."""
    server = PostgresServer(require_binaries())
    started_by = os.getpid()
    try:
        server.start()
        yield server
    finally:
        # A fork of the test session has inherited the server, which is not its own to end.
        if os.getpid() == started_by:
            server.remove()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Yield a running server for the whole session. A test folder imports it into its conftest."""
    with running() as server:
        yield server


def _unprivileged() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
