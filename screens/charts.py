"""Small charts as plain HTML: children per window, and hour by weekday. Pure: numbers in, markup out, text escaped.

(`st.html` keeps no SVG.) Each chart is one image to a screen reader, with its content as the label.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


Band = tuple[int, int] | None


def history(labels: Sequence[str], children: Sequence[int | None], chosen: int, ends: tuple[str, str],
            bands: Sequence[Band] = (), *, absent: Sequence[str] = ()) -> str:
    """A bar for each window; the chosen one in the accent colour; a mark where the place was no hotspot.

    `bands`: between which numbers it would usually lie, drawn as a frame about the end of the bar. `absent`: what is said of
    each window without a number; "no hotspot" unless it is given.
    """
    absent = absent or ["no hotspot"] * len(labels)
    bands = bands or [None] * len(labels)
    seen = max((c for c in children if c), default=0)
    most = max([seen, *(band[1] for band in bands if band)]) or 1
    marks = []
    for i, (label, c, band, none) in enumerate(zip(labels, children, bands, absent, strict=True)):
        says = (f"{label}: {c} children" if c else f"{label}: {none}") + (f", usually {band[0]} to {band[1]}" if band else "")
        frame = (f'<s style="bottom:{100 * band[0] / most:.0f}%;height:{max(100 * (band[1] - band[0]) / most, 3):.0f}%"></s>'
                 if band else "")
        kind = "now" if i == chosen else "" if c else "none"
        tall = f"{max(4.0, 100 * c / most):.0f}%" if c else "2px"
        marks.append(f'<em title="{escape(says)}">{frame}<i class="{kind}" style="height:{tall}"></i></em>')
    spoken = "; ".join(f"{label} {c}" for label, c in zip(labels, children, strict=True) if c) or "none"
    return (f'<div role="img" aria-label="Different children in each window: {escape(spoken)}">'
            f'<div class="sc-hist">{"".join(marks)}</div><div class="sc-ends"><span>{escape(ends[0])}</span>'
            f'<span>most {seen}</span><span>{escape(ends[1])}</span></div></div>')


def rhythm(counts: Sequence[Sequence[int]]) -> str:
    """Hour by weekday: ``counts[day][hour]``, Monday first, hours of Europe/London."""
    most = max((max(row, default=0) for row in counts), default=0) or 1
    marks = []
    for day, row in zip(DAYS, counts, strict=True):
        marks.append(f"<b>{day}</b>")
        for hour, n in enumerate(row):
            shade = f"color-mix(in srgb,var(--sc-heat) {16 + 84 * n / most:.0f}%,transparent)" if n else "var(--sc-track)"
            marks.append(f'<i title="{day} {hour:02d}:00 to {hour + 1:02d}:00: {n}" style="background:{shade}"></i>')
    hours = "<b></b>" + "".join(f"<u>{hour:02d}</u>" if hour % 6 == 0 else "<u></u>" for hour in range(24))
    n, day, hour = max(((n, d, h) for d, row in enumerate(counts) for h, n in enumerate(row)), default=(0, 0, 0))
    spoken = f"busiest {DAYS[day]} {hour:02d}:00 with {n}" if n else "no times known"
    return f'<div class="sc-heat" role="img" aria-label="Records by hour and weekday, {spoken}">{"".join(marks)}{hours}</div>'
