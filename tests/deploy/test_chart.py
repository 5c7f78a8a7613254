"""The Helm chart and the example made of it: two replicas that nobody can do much harm with."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from agentbot.config import variables
from agentbot.pipeline.files.version import content_version
from agentbot.pipeline.prompts import load_prompts
from tests.deploy.chart import (
    CHART,
    EXAMPLE,
    INSTALL,
    MONITOR,
    PACKAGE,
    VALUES,
    digest,
    examples,
    render,
)
from tests.support.optional import requires_packages
from tests.test_project import PROJECT

DEFAULTS: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
WANTED: dict[str, Any] = yaml.safe_load(VALUES.read_text())
SCHEMA = Draft7Validator(json.loads((CHART / "values.schema.json").read_text()))


def merged(**changes: object) -> dict[str, Any]:
    """Return the chart's values with the example's over them, and ``changes`` over these."""
    return {**copy.deepcopy(DEFAULTS), **WANTED, **changes}


def objects() -> dict[str, dict[str, Any]]:
    """Return the example's objects by their kinds."""
    texts = (EXAMPLE.read_text(), MONITOR.read_text())
    return {made["kind"]: made for text in texts for made in yaml.safe_load_all(text)}


def pod() -> dict[str, Any]:
    """Return what the deployment says of its pods."""
    spec: dict[str, Any] = objects()["Deployment"]["spec"]["template"]["spec"]
    return spec


def test_the_example_is_what_the_chart_gives() -> None:
    """Whoever changes the chart renders the example anew."""
    assert f"# digest of its sources: {digest()}\n" in EXAMPLE.read_text()


def test_the_chart_is_of_this_version() -> None:
    """The image that it names is the one that this tree builds."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())

    assert chart["appVersion"] == PROJECT["version"]
    assert pod()["containers"][0]["image"] == f"agentbot:{PROJECT['version']}"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"papercups": {"url": ""}}, "papercups.url"),
        ({"papercups": {"url": "papercups:4000"}}, "papercups.url"),
        ({"secretName": ""}, "secretName"),
        ({"replicas": 0}, "replicas"),
        ({"replicas": "2"}, "replicas"),
        ({"prompts": {"files": {}, "volume": {}}}, "prompts"),
        ({"prompts": {"files": {"../x": "a"}}}, "prompts.files"),
        ({"prompts": {"files": {"a.yaml": "a"}, "volume": {"emptyDir": {}}}}, "prompts"),
        ({"settings": {"AGENBOT_MODE": "suggest"}}, "settings"),
        ({"replica": 3}, ""),
    ],
)
def test_values_that_cannot_work_are_refused(changes: dict[str, Any], place: str) -> None:
    """Before anything is installed, with the place that is wrong."""
    errors = list(SCHEMA.iter_errors(merged(**changes)))

    assert [".".join(map(str, error.absolute_path)) for error in errors] == [place]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"replicas": 1},
        {"settings": {"AGENTBOT_MODE": "suggest", "LOG_LEVEL": "debug"}},
        {"prompts": {"files": {}, "volume": {"persistentVolumeClaim": {"claimName": "p"}}}},
    ],
)
def test_values_that_work_are_taken(changes: dict[str, Any]) -> None:
    """Those of the example, and others."""
    assert list(SCHEMA.iter_errors(merged(**changes))) == []


def test_pods_may_do_nothing_but_their_work() -> None:
    """No root, no writable root, no capabilities, no token of the cluster's."""
    (container,) = pod()["containers"]

    assert pod()["automountServiceAccountToken"] is False
    assert pod()["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_pods_find_no_addresses_among_their_settings() -> None:
    """What Kubernetes says of services begins as settings do, and would be refused as unknown."""
    assert pod()["enableServiceLinks"] is False


def test_every_setting_named_is_one() -> None:
    """In the pods' environment."""
    known = {variable.name for variable in variables()}
    (container,) = pod()["containers"]

    assert {entry["name"] for entry in container["env"]} <= known


def test_replies_in_flight_are_not_cut() -> None:
    """A pod gets longer to end than the bot takes, and one is always left."""
    defaults = {variable.name: variable.field.default for variable in variables()}
    deployment = objects()["Deployment"]["spec"]

    assert pod()["terminationGracePeriodSeconds"] > defaults["AGENTBOT_DRAIN__GRACE_SECONDS"]
    assert deployment["replicas"] == 2
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert objects()["PodDisruptionBudget"]["spec"]["minAvailable"] == 1


def test_probes_ask_what_the_bot_answers() -> None:
    """Being alive for restarts, being ready for turns at being replaced."""
    (container,) = pod()["containers"]
    asked = {kind: container[f"{kind}Probe"]["httpGet"]["path"]
             for kind in ("startup", "liveness", "readiness")}  # fmt: skip
    source = (CHART.parents[2] / "agentbot" / "ops" / "health.py").read_text()

    assert asked == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    assert all(path in source for path in {*asked.values(), "/metrics"})
    (endpoint,) = objects()["ServiceMonitor"]["spec"]["endpoints"]
    (port,) = objects()["Service"]["spec"]["ports"]
    assert (endpoint["port"], endpoint["path"]) == (port["name"], "/metrics")


def test_everything_selects_the_pods() -> None:
    """Service, budget and deployment name labels that the pods have."""
    labels = objects()["Deployment"]["spec"]["template"]["metadata"]["labels"]
    selectors = [
        objects()["Service"]["spec"]["selector"],
        objects()["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        objects()["Deployment"]["spec"]["selector"]["matchLabels"],
    ]

    assert all(selector.items() <= labels.items() for selector in selectors)


def mounted(folder: Path, *, version: str, said: str = "") -> None:
    """Put the example's prompts into a folder as a cluster does, or exchange them at once.

    The files are links into a folder of their version, which another link names.
    """
    data = objects()["ConfigMap"]["data"]
    (volume,) = [made for made in pod()["volumes"] if made["name"] == "prompts"]
    real = folder / f"..{version}"
    for item in volume["configMap"]["items"]:
        place = real / item["path"]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(data[item["key"]].replace("4.90", said or "4.90"))
    (folder / "..new").symlink_to(real.name)
    (folder / "..new").rename(folder / "..data")
    for top in real.iterdir():
        link = folder / top.name
        if not link.is_symlink():
            link.symlink_to(Path("..data") / top.name)


def test_prompts_are_read_as_a_cluster_mounts_them(tmp_path: Path) -> None:
    """Through symbolic links, in folders made of flat keys; and a change of them is noticed."""
    mounted(tmp_path, version="first")

    prompts = load_prompts(tmp_path)
    before = content_version(tmp_path)
    mounted(tmp_path, version="second", said="5.90")

    assert [entry.id for entry in prompts.faq] == ["shipping-cost"]
    assert prompts.company.name == "Fjord & Fern"
    assert content_version(tmp_path) != before
    assert "5.90" in load_prompts(tmp_path).faq[0].answer


@pytest.mark.long
@requires_packages(PACKAGE, install=INSTALL)
def test_helm_itself_renders_the_example() -> None:
    """And refuses what the schema refuses; one replica has no budget; a volume is mounted."""
    assert examples() == {path: path.read_text() for path in (EXAMPLE, MONITOR)}
    with pytest.raises(Exception, match="secretName"):
        render(merged(secretName=""))
    volume = {"persistentVolumeClaim": {"claimName": "prompts"}}
    one = render({**WANTED, "replicas": 1, "prompts": {"files": {}, "volume": volume}})
    kinds = {made["kind"]: made for made in one}
    assert not {"PodDisruptionBudget", "ConfigMap"} & kinds.keys()
    (mounted, *_) = kinds["Deployment"]["spec"]["template"]["spec"]["volumes"]
    assert mounted == {"name": "prompts", **volume}
