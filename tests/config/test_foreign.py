"""``foreign.py``: other programs' variables are let be, and no slip hides among them."""

from __future__ import annotations

import pytest

from agentbot.config.environment import variables
from agentbot.config.foreign import is_foreign


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_ORG_ID", "org-1"),
        ("OPENAI_LOG", "debug"),
        ("PAPERCUPS_STRIPE_SECRET", "sk"),
        ("PAPERCUPS_SLACK_CLIENT_ID", "1"),
        ("PAPERCUPS_REGISTRATION_DISABLED", "true"),
        ("PAPERCUPS_ENCRYPTION_KEY", "x"),
        ("PAPERCUPS_NETWORK", "papercups_default"),
        ("PAPERCUPS_SERVICE_HOST", "10.0.0.1"),
        ("PAPERCUPS_SERVICE_PORT_HTTP", "4000"),
        ("PAPERCUPS_PORT_4000_TCP_ADDR", "10.0.0.1"),
        ("PAPERCUPS_WEB_PORT", "tcp://10.0.0.1:4000"),
        ("AGENTBOT_PORT", "tcp://10.0.0.1:8080"),
        ("AGENTBOT_METRICS_SERVICE_PORT", "8080"),
        ("AGENTBOT_BENCH_DATA", "data"),
    ],
)
def test_another_programs_variable_is_known(name: str, value: str) -> None:
    """Papercups' own, the openai package's, Kubernetes', our compose file's and benchmarks'."""
    assert is_foreign(name, value)


@pytest.mark.parametrize(
    "name", ["AGENTBOT_HTTP_PORT", "PAPERCUPS_ULR", "OPENAI_API_BASE", "OPENAI_API_VERSION"]
)
def test_a_slip_is_not_taken_for_one(name: str) -> None:
    """Also where it ends like a service's port, for its value is none."""
    assert not is_foreign(name, "8080")


def test_no_setting_of_ours_is_another_programs() -> None:
    """It would be let be instead of read."""
    assert not [one.name for one in variables() if is_foreign(one.name, "8080")]
