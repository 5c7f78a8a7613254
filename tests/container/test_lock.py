"""What the image holds (``lock.py``): the versions that the tests ran with, each with hashes."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.container.lock import FOLDER, LEFT_OUT, pins, wanted
from tests.test_project import pins as constraints


@pytest.mark.parametrize("name", [name for name in wanted() if name != "build.txt"])
def test_the_image_holds_what_the_tests_ran_with(name: str) -> None:
    """The versions of constraints.txt, and each package that pyproject.toml asks for."""
    locked = pins((FOLDER / name).read_text())
    asked = {canonicalize_name(Requirement(line).name) for line in wanted()[name][1]}

    assert locked.items() <= constraints().items()
    assert asked <= locked.keys()
    assert not LEFT_OUT.keys() & locked.keys()


def test_slim_is_a_part_of_all() -> None:
    """So that what was tried in one is what the other runs."""
    slim, whole = (pins((FOLDER / name).read_text()) for name in
                   ("requirements-slim.txt", "requirements.txt"))  # fmt: skip

    assert slim.items() < whole.items()
    assert {"numpy"} <= slim.keys()
    assert not {"onnxruntime", "tokenizers"} & slim.keys()


@pytest.mark.parametrize("name", wanted())
def test_every_package_has_a_hash(name: str) -> None:
    """One of each platform's wheel, or one for all; and no address of where it was got."""
    text = (FOLDER / name).read_text()
    entries = text.replace(" \\\n    ", " ").splitlines()[1:]

    assert "//" not in text
    for entry in entries:
        assert re.fullmatch(r"[a-z0-9-]+==\S+( --hash=sha256:[0-9a-f]{64}){1,2}", entry), entry


def test_what_builds_is_pinned_but_not_held() -> None:
    """The wheel's builder and the bill's writer, which the image's own packages leave out."""
    building = pins((FOLDER / "build.txt").read_text())

    assert {"hatchling", "cyclonedx-bom"} <= building.keys()
    assert "cyclonedx-bom" not in pins((FOLDER / "requirements.txt").read_text())
