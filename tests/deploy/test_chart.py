"""The Helm chart and the example made of it: two replicas that nobody can do much harm with."""

from __future__ import annotations

import copy
import json
import shlex
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
    MONITOR,
    ROOT,
    VALUES,
    HelmRefused,
    digest,
    examples,
    helm,
    render,
    unfit,
)
from tests.deploy.tools import INSTALL, NEWEST, OLDEST
from tests.support.optional import requires_programs
from tests.test_project import PROJECT

DEFAULTS: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
WANTED: dict[str, Any] = yaml.safe_load(VALUES.read_text())
SCHEMA = Draft7Validator(json.loads((CHART / "values.schema.json").read_text()))

requires_helm = requires_programs("helm", install=INSTALL)


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


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"papercups": {"url": ""}}, "papercups.url"),
    ({"papercups": {"url": "papercups:4000"}}, "papercups.url"),
    ({"secretName": ""}, "secretName"),
    ({"replicas": 0}, "replicas"),
    ({"replicas": "2"}, "replicas"),
    ({"prompts": {"files": {}, "volume": {}}}, "prompts"),
    ({"prompts": {"files": {"../x": "a"}}}, "prompts.files"),
    ({"prompts": {"files": {"a.yaml": "a"}, "volume": {"emptyDir": {}}}}, "prompts"),
    ({"settings": {"AGENBOT_MODE": "suggest"}}, "settings"),
    ({"settings": {"AGENTBOT_HTTP__PORT": 9090}}, "settings"),
    ({"podAnnotations": {"scraped": True}}, "podAnnotations.scraped"),
    ({"replica": 3}, ""),
]
"""Values that cannot work, and the place that is wrong in each."""
TAKEN: list[dict[str, Any]] = [
    {},
    {"replicas": 1},
    {"settings": {"AGENTBOT_MODE": "suggest", "LOG_LEVEL": "debug"}},
    {"prompts": {"files": {}, "volume": {"persistentVolumeClaim": {"claimName": "p"}}}},
    {
        "imagePullSecrets": [{"name": "registry"}],
        "podAnnotations": {"prometheus.io/scrape": "true"},
        "podLabels": {"team": "support"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "spot", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
        "resources": {},
        "serviceMonitor": {"enabled": False, "labels": {"release": "prometheus"}},
        "disruptionBudget": {"minAvailable": "50%"},
    },
]
"""Changes of the example that work; the last one makes use of all that may be left out."""


@pytest.mark.parametrize(("changes", "place"), REFUSED)
def test_values_that_cannot_work_are_refused(changes: dict[str, Any], place: str) -> None:
    """Before anything is installed, with the place that is wrong."""
    errors = list(SCHEMA.iter_errors(merged(**changes)))

    assert [".".join(map(str, error.absolute_path)) for error in errors] == [place]


@pytest.mark.parametrize("changes", TAKEN)
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


def containers(*, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the deployment's containers as Helm makes them."""
    (made,) = [one for one in render(merged(settings=settings)) if one["kind"] == "Deployment"]
    found: list[dict[str, Any]] = made["spec"]["template"]["spec"]["containers"]
    return found


@requires_helm
def test_helm_itself_renders_the_example() -> None:
    """Byte by byte what stands in deploy/kubernetes."""
    assert examples() == {path: path.read_text() for path in (EXAMPLE, MONITOR)}


@requires_helm
@pytest.mark.parametrize("changes", [changes for changes, _ in REFUSED])
def test_helm_refuses_values_that_cannot_work(changes: dict[str, Any]) -> None:
    """It reads the schema. Of names that may not be set it tells the name, not the place."""
    with pytest.raises(HelmRefused, match="values don't meet the specifications of the schema"):
        render(merged(**changes))


@requires_helm
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("changes", TAKEN)
def test_kubernetes_takes_what_helm_makes(changes: dict[str, Any], version: str) -> None:
    """Field by field, none unknown to it, in the oldest version that the chart allows and the last.

    A ServiceMonitor is not Kubernetes' own, and so is not looked at.
    """
    made = [one for one in render(merged(**changes)) if one["kind"] != "ServiceMonitor"]

    assert {"Deployment", "Service"} <= {one["kind"] for one in made}
    assert [wrong for one in made for wrong in unfit(one, version=version)] == []


@requires_helm
def test_kubernetes_refuses_what_it_does_not_know() -> None:
    """Or the test before this one could not fail."""
    made = render(merged(affinity={"podAffinty": {}}))
    (deployment,) = [one for one in made if one["kind"] == "Deployment"]

    assert "podAffinty" in "".join(unfit(deployment, version=NEWEST))


@requires_helm
def test_everything_that_may_be_set_arrives() -> None:
    """In the pods, or in the object that it is about."""
    made = {one["kind"]: one for one in render(merged(**TAKEN[-1]))}
    template = made["Deployment"]["spec"]["template"]

    assert template["metadata"]["annotations"] == TAKEN[-1]["podAnnotations"]
    assert TAKEN[-1]["podLabels"].items() <= template["metadata"]["labels"].items()
    for name in ("imagePullSecrets", "nodeSelector", "tolerations", "affinity"):
        assert template["spec"][name] == TAKEN[-1][name]
    assert made["PodDisruptionBudget"]["spec"]["minAvailable"] == "50%"
    assert "ServiceMonitor" not in made


@requires_helm
def test_one_replica_has_no_budget_and_a_volume_is_mounted() -> None:
    """A budget of one would keep its node from ever being emptied."""
    made = {one["kind"]: one for one in render(merged(**TAKEN[1] | TAKEN[3]))}

    assert not {"PodDisruptionBudget", "ConfigMap"} & made.keys()
    (prompts, *_) = made["Deployment"]["spec"]["template"]["spec"]["volumes"]
    assert prompts == {"name": "prompts", **TAKEN[3]["prompts"]["volume"]}


@requires_helm
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1000000, "1000000"),
        (0.5, "0.5"),
        (True, "true"),
        ("007", "007"),
        ('a"b: {{x}}', 'a"b: {{x}}'),
    ],
)
def test_settings_arrive_as_they_were_written(value: object, said: str) -> None:
    """Large numbers too, which Helm would write as 1e+06: no setting takes that."""
    (container,) = containers(settings={"AGENTBOT_X": value})

    assert {"name": "AGENTBOT_X", "value": said} in container["env"]


@requires_helm
def test_the_command_of_the_docs_installs_the_chart() -> None:
    """As far as it goes without a cluster, up to the notes that it ends with."""
    page = (ROOT / "docs" / "container.md").read_text().replace("\\\n", " ")
    (command,) = [line for line in page.splitlines() if line.startswith("helm install ")]

    said = helm(*shlex.split(command)[1:], "--dry-run=client")

    assert "2 replica(s) of agentbot answer in http://papercups:4000." in said
    assert "claimName: prompts" in said


@requires_helm
def test_helm_has_nothing_to_say_against_the_chart() -> None:
    """Its own linter, with warnings as errors."""
    assert "0 chart(s) failed" in helm("lint", "--strict", str(CHART), values=WANTED)
