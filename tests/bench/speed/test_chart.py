"""Charts and curves (`chart.py`, `curves.py`): what is measured is what is drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tests.bench.speed.chart import Curve, figure_of
from tests.bench.speed.curves import save

_CURVE = Curve("a curve", "things", "µs", [(1, 10), (100, 40), (10_000, 20)], bound="the disk")


def test_a_point_stands_where_its_numbers_say() -> None:
    """Powers of ten to the right, from zero upward, with what bounds it."""
    figure = figure_of(_CURVE)
    (axes,) = figure.axes
    (line,) = axes.lines

    assert np.asarray(line.get_xydata()).tolist() == [list(point) for point in _CURVE.points]
    assert (axes.get_xscale(), axes.get_ylim()[0]) == ("log", 0)
    assert [text.get_text() for text in axes.texts] == ["10", "40", "20"]
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("a curve", "things", "µs")
    assert [text.get_text() for text in figure.texts] == ["bounded by the disk"]


def test_the_numbers_are_written_beside(tmp_path: Path) -> None:
    """A chart each, and one file of numbers."""
    save([_CURVE], tmp_path)

    numbers = json.loads((tmp_path / "curves.json").read_text())
    assert numbers["a curve"]["points"] == [[1, 10], [100, 40], [10_000, 20]]
    (picture,) = tmp_path.glob("*.png")
    assert picture.read_bytes().startswith(b"\x89PNG")
