"""Draw how the rate changes as the ledger grows, as SVG.

hanse bench append --objects 1000000 --every 100000 --json > growth.json
python -m tests.draw_growth growth.json docs/performance-growth.svg
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 320, 70, 50, 30
TICKS = 5


def draw(measured: dict[str, Any]) -> str:
    """Write the drawing of a benchmark's stops."""
    points = [(stop["entries"], stop["records_per_second"]) for stop in measured["stops"]]
    most_entries, most_rate = _above(max(x for x, _ in points)), _above(max(y for _, y in points))
    machine, settings = measured["machine"], measured["settings"]
    title = (
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}; "
        f"{settings['batch']} records a call, {settings['callers']} callers"
    )
    body = [*_axes(most_entries, most_rate), *_line(points, most_entries, most_rate)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
            f"<title>Records a second against entries in the log. {title}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            f'<text x="{LEFT}" y="18" font-size="12">{title}</text>',
            *body,
            "</svg>",
            "",
        ]
    )


def _above(value: float) -> int:
    """Give a round number above a value."""
    step = int(10 ** (len(str(int(value))) - 1))
    return (int(value) // step + 1) * step


def _x(entries: float, most: int) -> float:
    return LEFT + (WIDTH - LEFT - 20) * entries / most


def _y(rate: float, most: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * rate / most


def _axes(most_entries: int, most_rate: int) -> Iterator[str]:
    for tick in range(TICKS + 1):
        entries, rate = most_entries * tick // TICKS, most_rate * tick // TICKS
        x, y = _x(entries, most_entries), _y(rate, most_rate)
        yield f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" font-size="11" text-anchor="end">{rate:,}</text>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - 30}" font-size="11" text-anchor="middle">{entries:,}</text>'
    yield f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" font-size="12" text-anchor="middle">entries in the log</text>'
    yield (
        f'<text x="14" y="{HEIGHT / 2}" font-size="12" text-anchor="middle" '
        f'transform="rotate(-90 14 {HEIGHT / 2})">records a second</text>'
    )


def _line(points: Sequence[tuple[float, float]], most_entries: int, most_rate: int) -> Iterator[str]:
    places = [(_x(entries, most_entries), _y(rate, most_rate)) for entries, rate in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="#06c" stroke-width="2"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#06c"/>' for x, y in places)


def main() -> None:
    """Read the benchmark's document, and write the drawing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measured", type=Path)
    parser.add_argument("drawing", type=Path)
    options = parser.parse_args()
    options.drawing.write_text(draw(json.loads(options.measured.read_text("utf-8"))), "utf-8")


if __name__ == "__main__":
    main()
