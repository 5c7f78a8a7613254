"""A chart of one curve as SVG: points, lines between them, the numbers beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tests.bench.speed.table import number

_WIDTH, _HEIGHT, _LEFT, _TOP = 640, 360, 80, 40
"""The picture, and where its frame begins, in pixels; the frame ends as far from the other side."""


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


def svg(curve: Curve) -> str:
    """Return the picture: x in powers of ten, y from zero."""
    xs = [math.log10(x) for x, _ in curve.points]
    low, high = min(xs), max(*xs, min(xs) + 1)
    most = max(y for _, y in curve.points) or 1.0
    right, bottom = _WIDTH - _LEFT, _HEIGHT - _TOP
    places = [
        (_LEFT + (right - _LEFT) * (x - low) / (high - low), bottom - (bottom - _TOP) * y / most)
        for x, (_, y) in zip(xs, curve.points, strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
        f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{number(value)}</text>'
        f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{number(at)}</text>'
        for (x, y), (at, value) in zip(places, curve.points, strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="11">'
        f'<rect width="100%" height="100%" fill="white"/>'
        f'<text x="{_LEFT}" y="18" font-size="14">{escape(curve.name)}: {escape(curve.y)}</text>'
        f'<path d="M{_LEFT},{_TOP}V{bottom}H{right}" fill="none" stroke="gray"/>'
        f'<polyline points="{line}" fill="none" stroke="steelblue" stroke-width="2"/>{marks}'
        f'<text x="{right}" y="{_HEIGHT - 6}" text-anchor="end">{escape(curve.x)}</text></svg>\n'
    )
