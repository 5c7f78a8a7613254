"""A page that is walked: its commands are run, and what they print is laid beside the page.

A page is walked in an empty folder, block by block:

- ``console``: lines that begin with ``$`` are commands, those below them are what is printed;
- a block below ``<!-- write: PLACE -->`` is written into that file, as a reader would do it;
- a block below ``<!-- not walked … -->`` is left out.

``python -m tests.support.walk PAGE`` walks a page as a newcomer would and prints it with what was
really printed, to be put in its place; the time that each command took goes to stderr.
"""

from __future__ import annotations

import asyncio
import re
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.environment import bare_environ
from tests.support.ports import free_port
from tests.support.timing import TIMEOUT_SCALE
from tests.support.warm_commands import WARM

AT_HOME = "/home/ann"
"""The folder that a page shows for the home of whoever walks it."""
_STAYS = ("devserver", "run")
"""Commands that go on until they are stopped: each has a terminal of its own."""
_HEALTH = "8080"
"""The port of a bot's health, as a page shows it."""
_GIVE_UP_AFTER = 60.0 * TIMEOUT_SCALE
"""Seconds in which a command that stays must have printed what the page shows."""
_LOOK = 0.02
"""Seconds between two looks at what a command that stays has printed."""
_BLOCK = re.compile(r"(?:<!-- (?P<mark>[^>]+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
_STEP = re.compile(
    r"^\$ (?P<command>(?:.*\\\n)*.*)\n(?P<shown>(?:(?!\$ ).*\n)*)", flags=re.MULTILINE
)
_PORT = re.compile(r"(?<=127\.0\.0\.1:)\d+")
_NOTES = re.compile(r"^(note: |.* prompts\.still_loading ).*\n", re.MULTILINE)
"""What is told where a machine is slow, and not elsewhere."""
_MOVING = (
    (re.compile(r"where it is .*"), "NOW"),
    (re.compile(r"\d+ ms\b"), "# ms"),
    (re.compile(r"\d+(\.\d+)?%"), "#%"),
    (re.compile(r"\d+(\.\d+)? [kMG]B\b"), "# MB"),
    (re.compile(r"[\d-]{10}T[\d:.]{8,15}Z?"), "TIME"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"version [0-9a-f]{12}"), "version #"),
    (re.compile(r"\S+ \(process \d+ on \S+\)"), "PROCESS"),
    (_PORT, "PORT"),
    (re.compile(r" +"), " "),  # columns move with what stands in them
)
"""What differs from one walk to the next, and what stands for it where two are compared."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command of the page, what the page says it prints, and where that stands on the page."""

    command: str
    shown: str
    place: slice


def masked(text: str) -> str:
    """Return the text with the same word for each part that differs between two walks."""
    for pattern, word in _MOVING:
        text = pattern.sub(word, text)
    return text.rstrip()


def blocks(page: str) -> Iterator[Step | tuple[str, str]]:
    """Yield the steps of a page, and the files that are to be written: their places and texts."""
    for found in _BLOCK.finditer(page):
        mark = found["mark"] or ""
        if mark.startswith("write: "):
            yield mark.removeprefix("write: "), found["text"]
        elif found["kind"] == "console" and not mark.startswith("not walked"):
            yield from _steps(found["text"], found.start("text"))


def _steps(text: str, begin: int) -> Iterator[Step]:
    for found in _STEP.finditer(text):
        place = slice(begin + found.start("shown"), begin + found.end("shown"))
        yield Step(found["command"].replace("\\\n", " "), found["shown"], place)


class Walker:
    """Whoever walks a page in ``folder``, which stands in their home, with these ``settings``.

    Ports of the page are those that the commands which stay were given: any free ones.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._staying: list[asyncio.subprocess.Process] = []
        self._ports = {_HEALTH: str(free_port())}
        self._settings = {
            "HOME": str(folder.parent),
            "AGENTBOT_HTTP__PORT": self._ports[_HEALTH],
            **settings,
        }

    async def printed(self, step: Step) -> str:
        """Run the command; return what it printed, as the page would show it."""
        command = step.command
        for shown, real in self._ports.items():
            command = command.replace(f":{shown}", f":{real}")
        said, _, last = command.rpartition(" | ")
        program, *arguments = shlex.split(last)
        assert program == "agentbot", f"only agentbot is run here: {command}"
        if arguments[0] in _STAYS:
            text = await self._stay(arguments, step)
        else:
            text = await self._run(arguments, typed=_echoed(said))
        for shown, real in self._ports.items():
            text = text.replace(f":{real}", f":{shown}")
        return _NOTES.sub("", text).replace(str(self._folder.parent), AT_HOME)

    async def _run(self, arguments: list[str], *, typed: str) -> str:
        ran = await asyncio.to_thread(
            WARM.run, *arguments, cwd=self._folder, environ=self._settings, typed=typed
        )
        assert ran.code == 0, f"{arguments}: {ran.err}"
        return ran.err + ran.out

    async def _stay(self, arguments: list[str], step: Step) -> str:
        """Start a command that stays; return its lines once there are as many as the page shows."""
        log = self._folder.with_name(f"{arguments[0]}.log")
        if arguments[0] == "devserver":
            arguments = [*arguments, "--port", "0"]
        environ = {**bare_environ(), **self._settings, "LOG_FORMAT": "pretty"}
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "agentbot", *arguments),
                cwd=self._folder,
                env=environ,
                stdout=output,
                stderr=output,
            )
        self._staying.append(process)
        wanted = step.shown.count("\n")
        async with asyncio.timeout(_GIVE_UP_AFTER):
            while (said := _NOTES.sub("", log.read_text())).count("\n") < wanted:
                assert process.returncode is None, said
                await asyncio.sleep(_LOOK)
        text = "".join(said.splitlines(keepends=True)[:wanted])
        self._ports.update(zip(_PORT.findall(step.shown), _PORT.findall(text), strict=True))
        return text

    async def stop(self) -> list[int]:
        """Stop the commands that stay, the last first; return their exit codes."""
        for process in reversed(self._staying):
            process.send_signal(signal.SIGTERM)
            await process.wait()
        return [process.returncode or 0 for process in reversed(self._staying)]


def _echoed(command: str) -> str:
    """Return what ``echo "…"`` prints; nothing where there is no such command."""
    if not command:
        return ""
    program, *words = shlex.split(command)
    assert program == "echo", command
    return " ".join(words) + "\n"


async def walk(page: str, folder: Path, settings: Mapping[str, str]) -> list[tuple[Step, str]]:
    """Walk the page in the folder; return each step with what was printed."""
    walker = Walker(folder, settings)
    done: list[tuple[Step, str]] = []
    try:
        for one in blocks(page):
            if isinstance(one, Step):
                began = time.perf_counter()
                done.append((one, await walker.printed(one)))
                seconds = time.perf_counter() - began
                sys.stderr.write(f"{seconds:5.1f} s  {one.command}\n")
            else:
                place, text = one
                (folder / place).write_text(text, encoding="utf-8")
    finally:
        codes = await walker.stop()
    assert not any(codes), codes
    return done


def main() -> None:
    """Walk the page that is named, with all that a newcomer has; print it as it should be."""
    page = Path(sys.argv[1]).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as above, WARM:
        folder = Path(above, "shop")
        folder.mkdir()
        done = asyncio.run(walk(page, folder, {}))
    for step, printed in reversed(done):
        page = page[: step.place.start] + printed + page[step.place.stop :]
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
