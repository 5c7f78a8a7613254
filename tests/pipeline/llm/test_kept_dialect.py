"""How an endpoint wants to be asked outlives a restart, and nothing that it should not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentbot.pipeline.llm.dialect import Dialect, Way
from agentbot.pipeline.llm.kept_dialect import MOST_AGE, KeptDialect
from tests.pipeline.llm.test_openai_chat_shapes import FORM, OBJECT, QUESTION, Server, call, refused

URL = "http://model.test/v1"
FIRST = Dialect(400, FORM)
LEARNT = replace(
    FIRST, way=Way.TOOL, limit_name=None, streams=False, asks_usage=False, as_user=True
)


def kept(folder: Path, *, at: float = 1000.0, **changed: object) -> KeptDialect:
    """The file of an endpoint, at this time."""
    options: dict[str, object] = {"base_url": URL, "model": "m", "max_tokens": 400, **changed}
    return KeptDialect(folder, clock=lambda: at, **options)  # type: ignore[arg-type]


async def remembered(folder: Path, dialect: Dialect = LEARNT) -> None:
    """Keep this, and wait until it is written."""
    one = kept(folder)
    one.keep(dialect)
    await one.written()


async def test_what_was_found_out_is_known_at_the_next_start(tmp_path: Path) -> None:
    """All of it; the folder is made where it is not there yet."""
    folder = tmp_path / "cache"
    await remembered(folder)
    found = kept(folder, base_url=f"{URL}/").recall(FIRST)
    assert replace(found, tried=FIRST.tried) == LEARNT
    assert None in found.tried


async def test_another_endpoint_or_model_begins_anew(tmp_path: Path) -> None:
    """So does who asks for that, as doctor does; and what is older than a week."""
    await remembered(tmp_path)
    assert kept(tmp_path, model="other").recall(FIRST) == FIRST
    assert kept(tmp_path, base_url="http://other.test/v1").recall(FIRST) == FIRST
    assert kept(tmp_path, anew=True).recall(FIRST) == FIRST
    assert kept(tmp_path, at=1000 + MOST_AGE).recall(FIRST) == FIRST
    assert kept(tmp_path, at=1000 + MOST_AGE - 1).recall(FIRST) != FIRST
    assert kept(tmp_path, at=999).recall(FIRST) == FIRST


async def test_a_limit_that_the_operator_has_changed_is_the_operators(tmp_path: Path) -> None:
    """One that the server has lowered stays, as long as the setting does."""
    await remembered(tmp_path, replace(LEARNT, max_tokens=100))
    assert kept(tmp_path).recall(FIRST).max_tokens == 100
    assert kept(tmp_path, max_tokens=200).recall(Dialect(200, FORM)).max_tokens == 200


@pytest.mark.parametrize("said", [b"", b"{oops", b'{"version": 2}', b"\xff"])
def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path: Path, said: bytes) -> None:
    """Whatever has happened to it."""
    one = kept(tmp_path)
    one.path.write_bytes(said)
    assert one.recall(FIRST) == FIRST


async def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """What is found out holds as long as the process does."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    await remembered(tmp_path / "file")


async def test_the_newest_is_what_is_kept(tmp_path: Path) -> None:
    """In whatever order the threads come to write."""
    one = kept(tmp_path)
    for tokens in range(300, 400):
        one.keep(replace(LEARNT, max_tokens=tokens))
    await one.written()
    assert kept(tmp_path).recall(FIRST).max_tokens == 399


async def test_a_new_process_asks_at_once_as_the_last_one_had_to_find_out(tmp_path: Path) -> None:
    """No request is refused a second time."""
    asked = []
    for _ in range(2):
        server = Server(
            lambda body: (
                refused("no response_format") if "response_format" in body else call(OBJECT)
            )
        )
        chat = server.chat(form=FORM, kept=kept(tmp_path))
        assert (await chat.complete(QUESTION, seconds=20.0)).text == OBJECT
        await chat.close()
        asked.append(len(server.asked))
    assert asked == [2, 1]
