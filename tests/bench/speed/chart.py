"""A chart of one curve, drawn by matplotlib: points, a line through them, the numbers beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from tests.bench.speed.table import number

_SIZE = (8.0, 4.5)
"""Inches of a picture, of a hundred pixels each."""
_ROOM = 1.15
"""How high a picture is, of its highest point: a number stands over that."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What grows with what: ``points`` are (x, y), x above zero and growing."""

    name: str
    x: str
    y: str
    points: Sequence[tuple[float, float]]
    bound: str = ""

    def lines(self) -> list[str]:
        """Return it in words: a head, and a line a point."""
        return [
            f"{self.name}: {self.y}, by {self.x}",
            *(f"  {number(x):>8}  {number(y)}" for x, y in self.points),
            *([f"  bounded by {self.bound}"] if self.bound else []),
        ]


def figure_of(curve: Curve) -> Figure:
    """Return the picture: x in powers of ten, y from zero."""
    figure = Figure(figsize=_SIZE, dpi=100, layout="constrained")
    axes = figure.add_subplot(title=curve.name, xlabel=curve.x, ylabel=curve.y, xscale="log")
    axes.plot(*zip(*curve.points, strict=True), marker="o")
    axes.set_ylim(0, _ROOM * max(y for _, y in curve.points))
    axes.grid(visible=True, alpha=0.3)
    for point in curve.points:
        axes.annotate(
            number(point[1]), point, (0, 7), textcoords="offset points", ha="center", fontsize=9
        )
    if curve.bound:
        figure.text(0.99, 0.01, f"bounded by {curve.bound}", ha="right", fontsize=8)
    return figure


def draw(curve: Curve, path: Path) -> None:
    """Write the picture as PNG."""
    figure_of(curve).savefig(path, format="png")
