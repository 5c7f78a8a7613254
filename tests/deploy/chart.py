"""The Helm chart rendered by Helm itself: ``python -m tests.deploy.chart``.

Writes ``deploy/kubernetes/``, the example for clusters without Helm. `tests.deploy.tools` brings
Helm. The first file's head holds a digest of what it was rendered from, which needs none.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.deploy.tools import kubernetes_schema

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "agentbot"
EXAMPLE = ROOT / "deploy" / "kubernetes" / "agentbot.yaml"
MONITOR = EXAMPLE.with_name("servicemonitor.yaml")
VALUES = EXAMPLE.with_name("values.yaml")

_HEAD = """\
# Two replicas of agentbot on a PostgreSQL, for clusters without Helm. First the Secret:
# secret.example.yaml. Rendered from deploy/helm/agentbot with values.yaml beside this file, by
# python -m tests.deploy.chart
# digest of its sources: {digest}
"""
_MONITOR_HEAD = """\
# For clusters with the Prometheus operator, beside agentbot.yaml; written with it.
"""


def digest() -> str:
    """Return what tells whether the chart or the values have changed since."""
    sum_ = hashlib.sha256()
    for path in sorted([*filter(Path.is_file, CHART.rglob("*")), VALUES]):
        sum_.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return sum_.hexdigest()[:16]


class HelmRefused(Exception):
    """What Helm said of values that it does not take, or of a chart that is wrong."""


def helm(*arguments: str, values: Mapping[str, Any] | None = None) -> str:
    """Return what Helm printed. ``values`` are handed to it as a file.

    Raises `HelmRefused` where it ends with another code than 0.
    """
    handed = () if values is None else ("--values=/dev/stdin",)
    done = subprocess.run(  # noqa: S603 - Helm, in the repository's folder
        ["helm", *arguments, *handed], input=json.dumps(values), cwd=ROOT, check=False,  # noqa: S607
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise HelmRefused(done.stderr or done.stdout)
    return done.stdout


def render(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the objects that Helm makes of the chart, in the order in which it installs them.

    Raises `HelmRefused` where the values do not fit their schema.
    """
    text = helm("template", "agentbot", str(CHART), "--namespace=default", values=values)
    return [made for made in yaml.safe_load_all(text) if made]


def unfit(made: Mapping[str, Any], *, version: str) -> Iterator[str]:
    """Yield where an object is not what that version of Kubernetes takes, fields unknown among it.

    Raises `LookupError` for a kind that Kubernetes itself does not have.
    """
    definitions = json.loads(kubernetes_schema(version).read_text())
    group, _, name = made["apiVersion"].rpartition("/")
    kind = {"group": group, "version": name, "kind": made["kind"]}
    found = [key for key, definition in definitions["$defs"].items()
             if kind in definition.get("x-kubernetes-group-version-kind", ())]  # fmt: skip
    if len(found) != 1:
        raise LookupError(f"Kubernetes {version} has {len(found)} kinds {kind}")
    schema = {**definitions, "$ref": f"#/$defs/{found[0]}"}
    for error in Draft202012Validator(schema).iter_errors(made):
        yield f"{error.json_path}: {error.message[:200]}"


def examples() -> dict[Path, str]:
    """Return the texts of the example, by their files.

    What only clusters with the Prometheus operator know is in a file of its own.
    """
    objects = render(yaml.safe_load(VALUES.read_text()))
    parts = {
        EXAMPLE: [made for made in objects if made["kind"] != "ServiceMonitor"],
        MONITOR: [made for made in objects if made["kind"] == "ServiceMonitor"],
    }
    head = _HEAD.format(digest=digest())
    return {
        path: (head if path == EXAMPLE else _MONITOR_HEAD)
        + yaml.safe_dump_all(part, sort_keys=False)
        for path, part in parts.items()
    }


if __name__ == "__main__":
    for place, text in examples().items():
        place.write_text(text)
