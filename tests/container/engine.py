"""Images built and run without an engine's service: Debian's buildah, podman and crun.

They are made for machines that have systemd and may do all things. For a sandbox they get a mount
namespace of their own, in which cgroups are those of version 2 alone, lowered limits and the
machine's network. All that they keep, locks among it, stands in one folder: what another run has
left matters to none. ``STORAGE_DRIVER`` names how layers are kept; without it they are overlays
where the kernel can lay them, else copies (``vfs``), which take several times as long.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAMS = ("buildah", "podman", "crun", "mmdebstrap", "unshare")
INSTALL = "apt-get install --no-install-recommends buildah podman crun mmdebstrap"

BASE = "docker.io/library/python:3.13-slim"
"""The name under which the stand-in for the Dockerfile's base is known: nothing is pulled."""
_SUITE = "trixie"
"""The Debian that brings the base's Python."""
_PACKAGES = "python3,python3-venv,python-is-python3,ca-certificates"
_UNREAD = ("doc", "man", "locale")
"""Folders of /usr/share that a slim image leaves out."""

_RETRIES = "3"
"""Times that apt asks again for a file that did not come whole."""

_CONF = '[engine]\nlock_type = "file"\n'
"""What differs from podman's defaults: its locks stand in the folder, not in shared memory."""

_PREPARE = """
umount -R /sys/fs/cgroup 2>/dev/null
mount -t cgroup2 cgroup2 /sys/fs/cgroup || true
ulimit -n 1024
exec "$@"
"""

_FROM_THE_MACHINE = ("/etc/ssl/certs", "/etc/pip.conf")
"""Where the machine says whom to trust and where packages come from: a build reads it here too."""


def twice(download: Callable[[], object]) -> None:
    """Do what needs the network, and once more where it failed: that may have been bad luck."""
    try:
        download()
    except (AssertionError, subprocess.CalledProcessError) as failed:
        print(f"{failed}\nonce more")
        download()


def engine_in(folder: Path) -> Engine:
    """Return an engine that keeps all in ``folder``, which is there."""
    (folder / "conf").write_text(_CONF)
    if named := os.environ.get("STORAGE_DRIVER"):
        return Engine(folder, named)
    layered = Engine(folder, "overlay")
    with layered.start("podman", "info") as process:
        process.communicate()
    return layered if process.returncode == 0 else Engine(folder, "vfs")


@dataclass(frozen=True, slots=True)
class Engine:
    """What builds and runs, with all that it keeps in ``folder``; see `engine_in`."""

    folder: Path
    driver: str
    """How layers are kept: ``overlay`` or ``vfs``."""

    def start(self, *command: str, output: int = subprocess.PIPE) -> subprocess.Popen[str]:
        """Start a command among the engine's own, and return at once."""
        program, *arguments = command
        places = ["--root", str(self.folder / "store"), "--runroot", str(self.folder / "run")]
        if program == "podman":
            places += ["--tmpdir", str(self.folder / "state"), "--cgroup-manager", "cgroupfs"]
        own = {"BUILDAH_ISOLATION": "chroot", "CONTAINERS_CONF": str(self.folder / "conf"),
               "TMPDIR": str(self.folder)}  # fmt: skip
        return subprocess.Popen(  # noqa: S603 - programs named here
            ["unshare", "--mount", "--propagation", "private", "bash", "-c", _PREPARE,  # noqa: S607
             "_", program, *places, "--storage-driver", self.driver, *arguments],
            env=os.environ | own, text=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip

    def run(self, *command: str, code: int | None = 0) -> str:
        """Run a command to its end; return what it printed. Any ``code`` but this is an error."""
        with self.start(*command) as process:
            out, error = process.communicate()
        if code is not None and process.returncode != code:
            said = f"{' '.join(command[:3])} … ended with {process.returncode}"
            raise AssertionError(f"{said}:\n{out[-2000:]}\n{error[-4000:]}")
        return out

    def make_base(self) -> None:
        """Make the image that the Dockerfile builds on, unless it is there."""
        if self.run("podman", "images", "--quiet", BASE):
            return
        tar = self.folder / "base.tar"
        left_out = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _UNREAD]
        make = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PACKAGES}", *left_out,
                f"--aptopt=Acquire::Retries {_RETRIES}", _SUITE, str(tar)]  # fmt: skip
        twice(lambda: subprocess.run(make, check=True))  # noqa: S603 - Debian's own
        self.run("podman", "import", str(tar), BASE)
        tar.unlink()

    def build(self, tag: str, *, target: str = "") -> None:
        """Build the Dockerfile's last stage, or the one named ``target``."""
        layers = "--layers=false" if self.driver == "vfs" else "--layers"
        mounts = [
            f"--volume={place}:{place}:ro" for place in _FROM_THE_MACHINE if Path(place).exists()
        ]
        stage = (f"--target={target}",) if target else ()
        build = ("buildah", "bud", "--format=docker", "--network=host", "--pull-never", layers)
        twice(lambda: self.run(*build, *mounts, *stage, f"--tag={tag}", str(ROOT)))

    def start_container(
        self, image: str, *arguments: str, name: str, volumes: Mapping[str, Path],
        settings: Mapping[str, str], entrypoint: str = "", log: int = subprocess.DEVNULL,
        pid_file: Path | None = None, options: Sequence[str] = (),
    ) -> subprocess.Popen[str]:  # fmt: skip
        """Run an image as a careful operator does: a root that is read-only, no capabilities.

        ``pid_file`` gets the process's id, as the machine has it; ``options`` are more of podman's.
        """
        return self.start(
            *("podman", "run", "--rm", f"--name={name}", "--runtime=crun", "--cgroups=disabled"),
            *("--network=host", "--health-cmd=none", "--ulimit=nofile=1024:1024"),
            *("--ulimit=nproc=1024:1024", "--read-only", "--cap-drop=all"),
            *("--security-opt=no-new-privileges", "--tmpfs=/tmp"),
            *(f"--volume={place}:{inside}" for inside, place in volumes.items()),
            *(f"--env={key}={value}" for key, value in settings.items()),
            *((f"--entrypoint={entrypoint}",) if entrypoint else ()),
            *((f"--pidfile={pid_file}",) if pid_file else ()),
            *options,
            *(image, *arguments),
            output=log,
        )  # fmt: skip

    def say(self, image: str, program: str, *arguments: str, options: Sequence[str] = ()) -> str:
        """Run a program of the image as it is run in earnest; return what it printed.

        Raises `AssertionError` where it ends with another code than 0.
        """
        with self.start_container(
            image, *arguments, name="says", volumes={}, settings={}, entrypoint=program,
            log=subprocess.PIPE, options=options,
        ) as process:  # fmt: skip
            out, error = process.communicate()
        assert process.returncode == 0, out + error
        return out

    def megabytes(self, image: str) -> float:
        """Return an image's size in MB (of a million bytes), its base included."""
        size = self.run("podman", "image", "inspect", "--format={{.Size}}", image)
        return int(size) / 1_000_000
