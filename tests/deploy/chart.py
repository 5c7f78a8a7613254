"""The Helm chart rendered by Helm itself: ``python -m tests.deploy.chart``.

Writes ``deploy/kubernetes/``, the example for clusters without Helm. Helm comes as a
library in a package that weighs 250 MB, and so is no dependency of the tests: what needs it is in
the long form. The first file's head holds a digest of what it was rendered from, which needs none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "agentbot"
EXAMPLE = ROOT / "deploy" / "kubernetes" / "agentbot.yaml"
MONITOR = EXAMPLE.with_name("servicemonitor.yaml")
VALUES = EXAMPLE.with_name("values.yaml")

PACKAGE, INSTALL = "helm_python", "pip install helm-python-sdk"
"""Helm's own code, made importable."""

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


def render(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the objects that Helm makes of the chart, each with its kind, in Helm's order.

    Raises the package's ``HelmError`` where the values do not fit their schema.
    """
    helm: Any = import_module(PACKAGE)
    with helm.Chart.load(str(CHART)) as chart:
        chart.validate_schema(dict(values))
        texts = chart.render(dict(values), name="agentbot", namespace="default")
    made = [yaml.safe_load(text) for name, text in sorted(texts.items()) if name.endswith(".yaml")]
    return [object_ for object_ in made if object_]


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
