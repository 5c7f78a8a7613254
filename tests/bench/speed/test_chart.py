"""Charts and curves (`chart.py`, `curves.py`): what is measured is what is drawn."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.bench.speed.chart import Curve, svg
from tests.bench.speed.curves import save

_CURVE = Curve("a <curve>", "things", "µs", [(1, 10), (100, 40), (10_000, 20)])
_NAME = "{http://www.w3.org/2000/svg}"


def test_a_point_stands_where_its_numbers_say() -> None:
    """Powers of ten to the right, the highest at the top."""
    drawn = ET.fromstring(svg(_CURVE))  # noqa: S314 - our own text
    places = [
        (float(one.attrib["cx"]), float(one.attrib["cy"])) for one in drawn.iter(f"{_NAME}circle")
    ]

    assert [x for x, _ in places] == [80, 320, 560]
    assert places[1][1] < places[2][1] < places[0][1]
    assert "10,000" in {one.text for one in drawn.iter(f"{_NAME}text")}


def test_the_numbers_are_written_beside(tmp_path: Path) -> None:
    """A chart each, and one file of numbers."""
    save([_CURVE], tmp_path)

    numbers = json.loads((tmp_path / "curves.json").read_text())
    assert numbers["a <curve>"]["points"] == [[1, 10], [100, 40], [10_000, 20]]
    assert len(list(tmp_path.glob("*.svg"))) == 1
