"""Alert rules and dashboard (deploy/prometheus, deploy/grafana) ask for what the bot tells."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.ops.metrics import Metrics
from agentbot.papercups.customer import CustomerSession
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.url import PapercupsUrl
from tests.support.bot_process import BotProcess
from tests.support.folders import folder
from tests.support.optional import requires_programs
from tests.support.ports import free_port
from tests.support.timing import within

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARD = ROOT / "deploy" / "grafana" / "agentbot.json"
_GIVE_UP_AFTER = 60.0
"""Seconds, scaled, until Prometheus has looked twice: it takes three."""

_OF_PROMETHEUS = {"up": {"job", "instance"}}
"""What Prometheus itself tells of whom it asks, with its labels."""
_EVERYWHERE = {"job", "instance", "le"}
"""Labels that Prometheus adds, and that of a histogram's buckets."""
_SELECTED = re.compile(r"\b(up|agentbot_\w+|process_\w+)\b(?:\{([^}]*)\})?")
_BY = re.compile(r"\bby \(([^)]*)\)")


def rules() -> list[dict[str, Any]]:
    """Return the alert rules."""
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def queries() -> Iterator[tuple[str, str]]:
    """Yield every expression of the dashboard, with its panel's title."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for one in dashboard["annotations"]["list"]:
        yield one["name"], one["expr"]


def told() -> dict[str, set[str]]:
    """Return what the bot tells: each series by its name, with its labels."""
    found: dict[str, set[str]] = {}
    metrics = Metrics()
    for family in metrics.registry.collect():
        labels = {name for sample in family.samples for name in sample.labels}
        labels |= set(metrics.labels.get(family.name, ()))
        endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        for ending in endings.get(family.type, [""]):
            found[family.name + ending] = labels
    return found | _OF_PROMETHEUS


EXPRESSIONS = [
    *((rule["alert"], rule["expr"]) for rule in rules()),
    *queries(),
]


@pytest.mark.parametrize(("name", "expression"), EXPRESSIONS, ids=lambda one: str(one)[:40])
def test_every_metric_and_label_that_is_asked_for_exists(name: str, expression: str) -> None:
    """A metric that was renamed leaves an alert that never fires, and a panel that is empty."""
    known = told()
    selected = _SELECTED.findall(expression)
    assert selected, name
    of_all: set[str] = set(_EVERYWHERE)
    for metric, selectors in selected:
        assert metric in known, f"{name}: nobody tells {metric}"
        of_all |= known[metric]
        asked = set(re.findall(r"(\w+)(?:=|!=|=~|!~)\"", selectors))
        assert asked <= known[metric] | _EVERYWHERE, f"{name}: {metric} has no {asked}"
    grouped = {label.strip() for labels in _BY.findall(expression) for label in labels.split(",")}
    assert grouped <= of_all, f"{name}: {grouped - of_all}"


def test_the_dashboard_shows_all_that_the_bot_tells() -> None:
    """What is told and nobody looks at is forgotten."""
    shown = {metric for _, expression in queries() for metric, _ in _SELECTED.findall(expression)}
    families = {family.name for family in Metrics().registry.collect()}
    unseen = {
        name
        for name in families
        if name.startswith("agentbot_") and not any(one.startswith(name) for one in shown)
    }
    assert unseen == {"agentbot_build"}, "its version is what the list of bots is made of"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_each_alert_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    """To whoever is woken by it."""
    assert set(rule["annotations"]) == {"summary", "what_to_do"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    labels = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    kept = _BY.findall(rule["expr"])
    if kept:  # a label that the sum has dropped would be empty
        assert labels <= {label.strip() for label in kept[0].split(",")}


def test_panels_do_not_overlap() -> None:
    """Grafana would move them about."""
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells


@pytest.mark.parametrize(
    "arguments",
    [("check", "rules", str(ALERTS)), ("test", "rules", str(ROOT / "tests/ops/alerts_test.yaml"))],
    ids=lambda arguments: arguments[0],
)
@requires_programs("promtool", install="apt-get install prometheus")
def test_promtool_finds_nothing_wrong(arguments: tuple[str, ...]) -> None:
    """The rules are rules, and fire when they should."""
    promtool = shutil.which("promtool") or "promtool"
    done = subprocess.run(  # noqa: S603 - our own files
        [promtool, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


_SCRAPE = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: agentbot
    static_configs: [{{targets: ["{target}"]}}]
"""


@pytest.mark.long
@requires_programs("prometheus", install="apt-get install prometheus")
async def test_a_prometheus_of_its_own_answers_every_query(tmp_path: Path) -> None:
    """A bot that runs is scraped, every expression is understood, and the main ones have values."""
    prometheus = shutil.which("prometheus") or "prometheus"
    server = DevServer()
    account, bot_user, _ = server.seed()
    prompts = await asyncio.to_thread(folder, tmp_path, company="name: Own\n", system="Be kind.")
    async with serve(server) as url:
        settings = {
            "PAPERCUPS_URL": url,
            "PAPERCUPS_EMAIL": bot_user.email,
            "PAPERCUPS_PASSWORD": DEMO_PASSWORD,
            "AGENTBOT_PROMPTS_DIR": str(prompts),
            "AGENTBOT_FAQ__EMBEDDINGS": "none",
            "AGENTBOT_HTTP__PORT": str(free_port()),
        }
        bot = await BotProcess.start(settings, log=tmp_path / "log", folder=tmp_path)
        started = await bot.logged("started")
        target = started["health"].removeprefix("http://").removesuffix("/healthz")
        await bot.logged("connected")
        scrape = _SCRAPE.format(rules=ALERTS, target=target)
        await asyncio.to_thread((tmp_path / "prometheus.yml").write_text, scrape)
        port = free_port()
        asked = await asyncio.create_subprocess_exec(
            prometheus,
            f"--config.file={tmp_path / 'prometheus.yml'}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with (
                CustomerRest(PapercupsUrl.parse(url)) as rest,
                CustomerSession(rest, account.id) as customer,
                httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
            ):
                await _ask_the_bot(customer)
                await _until(http, "agentbot_turns_total", at_least=1)
                await _ask_the_bot(customer)  # what was not there before has no rate yet
                for name, expression in EXPRESSIONS:
                    assert await _asked(http, expression) is not None, f"{name}: {expression}"
                for sure in ("Connected", "Seen online", "Whole turns", "Mean, by stage"):
                    expressions = [one for name, one in EXPRESSIONS if name == sure]
                    await _until(http, expressions[0], at_least=0)
                loaded = (await http.get("/api/v1/rules")).json()["data"]["groups"]
                assert [len(group["rules"]) for group in loaded] == [len(rules())]
                healths = {rule["health"] for group in loaded for rule in group["rules"]}
                assert healths <= {"ok", "unknown"}
        finally:
            asked.terminate()
            await asked.wait()
            await bot.kill()


async def _ask_the_bot(customer: CustomerSession) -> None:
    """Say hello, and wait for the answer."""
    await customer.shout("Hello!")
    for _ in range(2):  # their own echo, and the answer
        await customer.next_message()


async def _asked(http: httpx2.AsyncClient, expression: str) -> list[Any] | None:
    """Return what Prometheus finds; None where it does not understand the question."""
    plain = expression.replace("$__rate_interval", "10s").replace("$instance", ".*")
    answer = (await http.get("/api/v1/query", params={"query": plain})).json()
    found: list[Any] | None = answer["data"]["result"] if answer["status"] == "success" else None
    return found


async def _until(http: httpx2.AsyncClient, expression: str, *, at_least: float) -> None:
    """Ask until there is a value that is as large."""
    async with within(_GIVE_UP_AFTER):
        while True:
            try:
                found = await _asked(http, expression) or []
            except httpx2.HTTPError:  # it is just starting
                found = []
            if any(float(one["value"][1]) >= at_least for one in found):
                return
            await asyncio.sleep(0.2)
