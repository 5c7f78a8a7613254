"""The secrets of tools' headers: where they come from, and that errors do not repeat them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.tools.secrets import read_secrets
from tests.support.tools import tool


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """As those of the settings do."""
    file = tmp_path / "token"
    file.write_text("from-a-file\n", encoding="utf-8")
    assert read_secrets([tool()], {"SHOP_TOKEN": "plain "}) == {"SHOP_TOKEN": "plain"}
    assert read_secrets([tool()], {"SHOP_TOKEN_FILE": str(file)}) == {"SHOP_TOKEN": "from-a-file"}


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "SHOP_TOKEN is not set (set SHOP_TOKEN, or SHOP_TOKEN_FILE to a file that has it)"),
        ({"SHOP_TOKEN": " "}, "SHOP_TOKEN is not set"),
        ({"SHOP_TOKEN": "top\nsecret"}, "SHOP_TOKEN holds a line break"),
        ({"SHOP_TOKEN": "top-sécret"}, "SHOP_TOKEN holds a line break, or a sign"),
        ({"SHOP_TOKEN_FILE": "/nowhere/secret"}, "SHOP_TOKEN_FILE cannot be read: No such file"),
        ({"SHOP_TOKEN": "secret", "SHOP_TOKEN_FILE": "x"}, "and SHOP_TOKEN are both set"),
    ],
)
def test_what_is_missing_is_named_with_its_place(environ: dict[str, str], said: str) -> None:
    """The variable and the header's line; never what it holds."""
    with pytest.raises(ConfigurationError) as caught:
        read_secrets([tool()], environ)
    assert str(caught.value).startswith("tools.yaml:6: ")
    assert said in str(caught.value)
    assert "secret)" not in str(caught.value)
    assert "top" not in str(caught.value)
