"""Small charts as SVG: children per window, and hour by weekday. Pure: numbers in, markup out, all text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def history(labels: Sequence[str], children: Sequence[int | None], chosen: int) -> str:
    """A bar for each window; the chosen one in the accent colour; a gap where the place was no hotspot."""
    n, width, height = max(len(labels), 1), 320.0, 62.0
    step = width / n
    most = max((c for c in children if c), default=0) or 1
    marks = []
    for i, (label, c) in enumerate(zip(labels, children, strict=True)):
        tall = 0 if not c else max(2.0, c / most * (height - 12))
        colour = "var(--sc-accent)" if i == chosen else "var(--sc-bar)"
        says = f"{label}: {c} children" if c else f"{label}: no hotspot"
        marks.append(f'<rect x="{i * step + step * .12:.1f}" y="{height - max(tall, 1):.1f}" width="{step * .76:.1f}" '
                     f'height="{max(tall, 1):.1f}" rx="1" fill="{colour if c else "var(--sc-line)"}"><title>{escape(says)}</title></rect>')
    ends = (f'<text x="0" y="{height + 13}">{escape(labels[0])}</text>'
            f'<text x="{width}" y="{height + 13}" text-anchor="end">{escape(labels[-1])}</text>' if labels else "")
    spoken = "; ".join(f"{label} {c}" for label, c in zip(labels, children, strict=True) if c) or "none"
    return (f'<svg class="sc-svg" viewBox="0 0 {width:g} {height + 17:g}" role="img" '
            f'aria-label="Distinct children per window: {escape(spoken)}">{"".join(marks)}{ends}'
            f'<text x="{width}" y="8" text-anchor="end">max {most}</text></svg>')


def rhythm(counts: Sequence[Sequence[int]]) -> str:
    """Hour by weekday: ``counts[day][hour]``, Monday first, hours of Europe/London."""
    left, cell, tall = 28.0, 12.2, 11.0
    most = max((max(row, default=0) for row in counts), default=0) or 1
    marks = []
    for day, row in enumerate(counts):
        y = day * (tall + 1.4)
        marks.append(f'<text x="0" y="{y + 9:.1f}">{DAYS[day]}</text>')
        for hour, n in enumerate(row):
            shade = f"rgba(var(--sc-heat),{0.18 + 0.82 * n / most:.2f})" if n else "var(--sc-track)"
            marks.append(f'<rect x="{left + hour * cell:.1f}" y="{y:.1f}" width="{cell - 1.2:.1f}" height="{tall}" rx="1.5" '
                         f'fill="{shade}"><title>{DAYS[day]} {hour:02d}:00: {n}</title></rect>')
    bottom = 7 * (tall + 1.4) + 10
    ticks = "".join(f'<text x="{left + hour * cell:.1f}" y="{bottom:.1f}">{hour:02d}</text>' for hour in (0, 6, 12, 18))
    busiest = max(((n, day, hour) for day, row in enumerate(counts) for hour, n in enumerate(row)), default=(0, 0, 0))
    spoken = f"busiest {DAYS[busiest[1]]} {busiest[2]:02d}:00 with {busiest[0]}" if busiest[0] else "no times known"
    return (f'<svg class="sc-svg" viewBox="0 0 {left + 24 * cell:.0f} {bottom + 3:.0f}" role="img" '
            f'aria-label="Episodes by hour and weekday, {spoken}">{"".join(marks)}{ticks}</svg>')
