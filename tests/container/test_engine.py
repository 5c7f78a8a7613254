"""How images are built, as far as it needs no engine: what downloads gets a second chance."""

from __future__ import annotations

import subprocess

import pytest

from tests.container.engine import twice


class Download:
    """What fails as often as it is told to."""

    def __init__(self, *, fails: int) -> None:
        self.fails = fails
        self.tried = 0

    def __call__(self) -> None:
        """Fail or not."""
        self.tried += 1
        if self.tried <= self.fails:
            raise subprocess.CalledProcessError(1, ["mmdebstrap"])


@pytest.mark.parametrize(("fails", "tried"), [(0, 1), (1, 2)])
def test_a_download_that_fails_is_tried_once_more(fails: int, tried: int) -> None:
    """One that succeeds is not."""
    download = Download(fails=fails)

    twice(download)

    assert download.tried == tried


def test_a_download_that_fails_twice_fails() -> None:
    """With what it said: a fault is no bad luck."""
    download = Download(fails=9)

    with pytest.raises(subprocess.CalledProcessError, match="mmdebstrap"):
        twice(download)

    assert download.tried == 2
