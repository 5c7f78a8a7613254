"""Names of other programs' variables that begin as ours do, and so are no slips."""

from __future__ import annotations

import re

_OF_BENCHMARKS = frozenset({"AGENTBOT_BENCH_DATA"})
"""What agentbot's own benchmarks read (`tests/bench/folder.py`), and agentbot does not."""
_OF_OPENAI = frozenset(
    {
        "OPENAI_ADMIN_KEY",
        "OPENAI_CUSTOM_HEADERS",
        "OPENAI_LOG",
        "OPENAI_ORG_ID",
        "OPENAI_ORGANIZATION",
        "OPENAI_PROJECT_ID",
        "OPENAI_WEBHOOK_SECRET",
    }
)
"""What the openai package reads beside key and base URL. OPENAI_API_TYPE and OPENAI_API_VERSION
are not among them: whoever sets these wants Azure's own protocol, which agentbot does not speak."""

_OF_PAPERCUPS = re.compile(
    r"PAPERCUPS_(?:AWS|DEV|ENCRYPTION|FUNCTIONS|GITHUB|GMAIL|GOOGLE|HUBSPOT|INTERCOM|LAMBDA|LOG|"
    r"MATTERMOST|REGISTRATION|SLACK|STRIPE|SUPPORT|TWILIO|WEBHOOK)(?:_\w+)?"
)
"""What a Papercups server reads, which often shares its .env with the bot: one word after the
prefix names an integration (config/ and lib/ of papercups-io/papercups)."""

_OF_COMPOSE = frozenset({"PAPERCUPS_NETWORK"})
"""What our compose.yaml reads from the same .env."""

_SERVICE = re.compile(
    r"(?:AGENTBOT|PAPERCUPS)(?:_\w+)?_(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|"
    r"PORT_\d+_(?:TCP|UDP)(?:_(?:PROTO|PORT|ADDR))?)"
)
_SERVICE_PORT = re.compile(r"(?:AGENTBOT|PAPERCUPS)(?:_\w+)?_PORT")
_SERVICE_ADDRESS = re.compile(r"(?:tcp|udp)://")
"""Kubernetes gives every pod such variables for each service of its namespace ("Discovering
services" in its documentation); a service may well be named agentbot or papercups."""


def is_foreign(name: str, value: str) -> bool:
    """Say whether the variable ``name`` (in capitals) is another program's."""
    if (
        name in _OF_OPENAI | _OF_COMPOSE | _OF_BENCHMARKS
        or _OF_PAPERCUPS.fullmatch(name)
        or _SERVICE.fullmatch(name)
    ):
        return True
    return bool(_SERVICE_PORT.fullmatch(name) and _SERVICE_ADDRESS.match(value))
