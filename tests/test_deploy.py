"""What stands in deploy/ fits the program, and whoever reads it accepts it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentbot.cli.exit_codes import EXIT_CONFIGURATION, EXIT_LOGIN_REFUSED
from agentbot.config import load_settings, variables
from agentbot.state.opening import sqlite_path

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "deploy" / "agentbot.service"
_EXPOSURE = "20"
"""Of 100, as `systemd-analyze security` counts what a service may do: it calls 14 "OK"."""


def directives() -> Iterator[tuple[str, str]]:
    """Yield what the unit says, line by line."""
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            yield name, value


SAID = dict(directives())


def test_the_unit_waits_as_long_as_the_bot_drains() -> None:
    """And tries nothing again that does not mend itself."""
    grace = load_settings({}).drain.grace_seconds
    assert float(SAID["TimeoutStopSec"]) > grace + 10
    again = {int(code) for code in SAID["RestartPreventExitStatus"].split()}
    assert again == {EXIT_LOGIN_REFUSED, EXIT_CONFIGURATION}
    assert SAID["StartLimitIntervalSec"] == "0", "else it gives up, also on whoever mends it"
    assert SAID["Type"] == "notify"
    assert SAID["ExecReload"] == "/bin/kill -HUP $MAINPID"


def test_the_unit_sets_what_the_bot_knows_where_it_may_write() -> None:
    """Its settings exist, and its state stands in the folder that systemd makes for it."""
    set_ = dict(value.split("=", 1) for name, value in directives() if name == "Environment")
    assert {name for name in set_ if name.startswith("AGENTBOT_")} <= {v.name for v in variables()}
    state = sqlite_path(set_["AGENTBOT_STATE_URL"])
    assert state is not None
    assert str(state.parent) == f"/var/lib/{SAID['StateDirectory']}" == SAID["WorkingDirectory"]
    assert set_["XDG_CACHE_HOME"] == "/var/cache"
    assert SAID["CacheDirectory"] == "agentbot"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Return the unit with a program that is there, for systemd's own checks."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed here")
    made = tmp_path / "agentbot.service"
    text = UNIT.read_text(encoding="utf-8")
    made.write_text(text.replace(SAID["ExecStart"], "/bin/true"), encoding="utf-8")
    return made


def test_systemd_finds_nothing_wrong(unit: Path) -> None:
    """No directive is misspelt or has a value that it cannot have."""
    done = subprocess.run(  # noqa: S603 - our own unit
        ["systemd-analyze", "verify", str(unit)],  # noqa: S607 - the system's own
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_may_do_little(unit: Path) -> None:
    """By systemd's own count of what it is exposed to."""
    done = subprocess.run(  # noqa: S603 - our own unit
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={_EXPOSURE}", str(unit)],  # noqa: S607 - see above
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
