"""What is installed into the image, by version and hash: ``python -m tests.container.lock``.

Asks pip which wheels it would take on each platform, and writes the files of
``deploy/container/``. Run it whenever ``pyproject.toml`` or ``constraints.txt`` has changed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "container"

PYTHON = "3.13"
"""The Python of the image that the Dockerfile builds on."""

_ARCHITECTURES = ("x86_64", "aarch64")
_GLIBC = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014", "linux")
"""The platforms of wheels that a Debian of today can use."""

LEFT_OUT = {
    "huggingface-hub": "tokenizers fetches models with it; agentbot's are in their packages",
    "hf-xet": "of huggingface-hub",
    "fsspec": "of huggingface-hub",
    "filelock": "of huggingface-hub",
    "tqdm": "of huggingface-hub, and a bar for it",
    "flatbuffers": "onnxruntime's tools that make models need it, running one does not",
    "prompt-toolkit": "the command line of common-expression-language, which nobody calls",
    "wcwidth": "of prompt-toolkit",
}
"""What packages ask for and never load here, with the reason: 33 MB that nothing runs."""

_BUILD = ("hatchling", "cyclonedx-bom")
"""What builds the wheel and the bill of materials. None of it is in the image."""

_HEAD = "# Written by: python -m tests.container.lock (see there). {about}\n"


def wanted() -> dict[str, tuple[str, list[str]]]:
    """Return what each file is about, and which requirements it serves."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    slim = (ROOT / "requirements-slim.txt").read_text().splitlines()
    every = [*project["dependencies"], *extras["otel"]]
    return {
        "requirements.txt": ("All that the image holds.", every),
        "requirements-mcp.txt": ("The same with MCP.", [*every, *extras["mcp"]]),
        "requirements-slim.txt": (
            "What the slim image holds.",
            [*(line for line in slim if not line.startswith("#")), *extras["otel"]],
        ),
        "build.txt": ("What builds the image, and is not in it.", list(_BUILD)),
    }


def pins(text: str) -> dict[str, str]:
    """Return the versions that one of the files names, by package."""
    lines = [line.split()[0] for line in text.splitlines() if line[:1] not in {"#", " ", ""}]
    return {canonicalize_name(name): version for name, _, version in (
        line.partition("==") for line in lines
    )}  # fmt: skip


def _report(requirements: Iterable[str], architecture: str) -> list[dict[str, object]]:
    """Return what pip would install; nothing is downloaded but the packages' descriptions."""
    platforms = [f"--platform={glibc}_{architecture}" for glibc in _GLIBC]
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"),
        *("--report=-", "--target=unused", "--only-binary=:all:", "--constraint=constraints.txt"),
        *(f"--python-version={PYTHON}", "--implementation=cp", *platforms),
        *(f"--abi={abi}" for abi in ("cp" + PYTHON.replace(".", ""), "abi3", "none")),
        *requirements,
    ]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)  # noqa: S603
    found: list[dict[str, object]] = json.loads(done.stdout)["install"]
    return found


def lock(about: str, requirements: list[str]) -> str:
    """Return the text of a file: each package once, with the hash of each platform's wheel."""
    hashes: dict[str, set[str]] = defaultdict(set)
    for architecture in _ARCHITECTURES:
        for item in map(_Item, _report(requirements, architecture)):
            if item.name not in LEFT_OUT:
                hashes[f"{item.name}=={item.version}"].add(item.sha256)
    lines = [
        " \\\n    ".join((pin, *(f"--hash=sha256:{sha}" for sha in sorted(hashes[pin]))))
        for pin in sorted(hashes)
    ]
    return _HEAD.format(about=about) + "\n".join(lines) + "\n"


class _Item:
    """One package of pip's report."""

    def __init__(self, entry: dict[str, object]) -> None:
        metadata, download = entry["metadata"], entry["download_info"]
        assert isinstance(metadata, dict)
        assert isinstance(download, dict)
        self.name = canonicalize_name(metadata["name"])
        self.version = str(metadata["version"])
        self.sha256 = str(download["archive_info"]["hashes"]["sha256"])


def main() -> None:
    """Write the files."""
    for name, (about, requirements) in wanted().items():
        assert all(map(Requirement, requirements))
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(lock(about, requirements))
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
