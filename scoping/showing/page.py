"""The snapshot as one HTML file: opens from a disk, asks for nothing, runs nothing. Maps and their ground are inline."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
from matplotlib.path import Path as Outline

from geo_data.safe_cell import plain
from scoping.showing import lettering, underlay
from scoping.showing.snapshot import MAP_PLACES, Snapshot
from scoping.showing.tables import places

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
STYLE = """
:root{color-scheme:light}
body{font:15px/1.45 system-ui,sans-serif;margin:0;color:#1c1b19;background:#fff}
.mark{position:sticky;top:0;z-index:2;background:#fff;border-bottom:2px solid #1c1b19}
.mark{font-weight:700;text-align:center;padding:.35rem}
.mark.foot{position:static;border-top:2px solid #1c1b19;border-bottom:0}
main{max-width:1150px;margin:0 auto;padding:.5rem 1rem 1.5rem}
h1{font-size:1.5rem;margin:.6rem 0 .1rem}
h2{font-size:1.05rem;margin:1.3rem 0 .4rem}
.maps{display:flex;flex-wrap:wrap;gap:1rem}
figure{margin:0;flex:1 1 420px}
figcaption{font-weight:600;margin-bottom:.2rem}
svg{width:100%;height:auto;border:1px solid #8a857d;background:#fbfaf8}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid #d8d4cd;vertical-align:top}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.2rem 1rem;font-size:.9rem}
dt{font-weight:600}
dd{margin:0}
.legend span{display:inline-flex;align-items:center;gap:.35rem;margin-right:1rem;font-size:.9rem}
@media(max-width:600px){dl{grid-template-columns:1fr}dd{margin-bottom:.3rem}}
""".strip().replace("\n", "")
FILLS = {  # fill, edge, width of the edge, dashes
    "new": ("#762a83", "#40004b", 4, ""), "shown again": ("#af8dc3", "#40004b", 3, "8 3"),
    "growing": ("url(#up)", "#762a83", 3, ""), "continuing": ("#b3b3b3", "#3f3f3f", 2, ""),
    "reducing": ("url(#down)", "#1b7837", 3, ""),
    "no longer shown": ("none", "#1b7837", 2, "6 4"),
}
QUIET = ("#efece7", "#77726a", 1, "")  # places beyond the ten that are numbered
PATTERNS = ('<defs><pattern id="up" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#d9c3e4"/>'
            '<path d="M0 8L8 0" stroke="#762a83"/></pattern><pattern id="down" width="8" height="8" patternUnits="userSpaceOnUse">'
            '<rect width="8" height="8" fill="#d9f0d3"/><circle cx="4" cy="4" r="1.3" fill="#1b7837"/></pattern></defs>')
SIDE = 900  # width of a map in its own units
DOTS = 96.0  # of these units an inch of the ground's pens and letters
PX = DOTS / 72


def page(snapshot: Snapshot) -> bytes:
    """UTF-8 HTML."""
    def text(value: Any) -> str:
        return html.escape(str(value), quote=True)

    facts = dict(snapshot.facts())
    windows = ([snapshot.window - 1] if snapshot.window else []) + [snapshot.window]
    ground = ground_of(snapshot)
    maps = "".join(f"<figure><figcaption>{text(_caption(snapshot, k))}</figcaption>"
                   f"{svg(snapshot, k, ground, first=k == windows[0])}</figure>" for k in windows)
    names, *listing = places(snapshot)
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in names)
    rows = "".join("<tr>" + "".join(f"<td>{text(value)}</td>" for value in row) + "</tr>" for row in listing)
    told = "".join(f"<dt>{text(name)}</dt><dd>{text(said)}</dd>" for name, said in snapshot.facts())
    listed = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
    reason = f"<p>{text(snapshot.release.reason)}</p>" if snapshot.release.reason else ""
    mark = text(snapshot.marking)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{mark}: {text(snapshot.about.title)}</title><style>{STYLE}</style></head><body>"
        f'<div class="mark">{mark}</div><main><h1>{text(snapshot.about.title)}</h1>'
        f"<p>{' · '.join(map(text, (snapshot.about.area, facts['Period'], facts['Role of the places'].lower(), snapshot.id)))}</p>"
        f"<p>{text(facts['Handling'])}</p>{reason}"
        f'<div class="maps">{maps}</div>{legend(snapshot)}<h2>Places</h2>{listed}<h2>What this rests on</h2><dl>{told}</dl></main>'
        f'<div class="mark foot">{mark}</div></body></html>').encode()


def _caption(snapshot: Snapshot, window: int) -> str:
    word = "" if not snapshot.window else "After: " if window == snapshot.window else "Before: "
    return word + snapshot.release.labels[window]


def legend(snapshot: Snapshot) -> str:
    """A key for each class of change, with what chance alone would give."""
    chance = snapshot.chance()

    def key(name: str, style: tuple[str, str, int, str]) -> str:
        fill, edge, width, dashes = style
        return (f'<span><svg style="width:26px;height:18px;border:0" viewBox="0 0 26 18" aria-hidden="true">'
                f'<rect x="3" y="3" width="20" height="12" fill="{fill}" stroke="{edge}" stroke-width="{width}" '
                f'stroke-dasharray="{dashes}"/></svg>{name}</span>')

    keys = [key(f"{name} (by chance {chance[name]})" if name in chance else name, style) for name, style in FILLS.items()]
    if snapshot.further():
        keys.append(key(f"{snapshot.further()} further places, not numbered: see the list", QUIET))
    return f'<p class="legend">{"".join(keys)}</p>'


def svg(snapshot: Snapshot, window: int, ground: str, *, first: bool) -> str:
    """The map of a window as SVG, in metres of the National Grid scaled to `SIDE`, on `ground_of` the snapshot."""
    left, bottom, width, height = _bounds(snapshot)
    scale = SIDE / width
    tall = height * scale

    def at(e: float, n: float) -> tuple[float, float]:
        return round((e - left) * scale, 1), round(tall - (n - bottom) * scale, 1)

    parts = [PATTERNS if first else "", ground]
    now = window == snapshot.window  # the map before is grey: it shows where, the map after shows what changed
    for place in snapshot.places(window):
        if not now and not place.number:
            continue
        fill, edge, line, dashes = FILLS["continuing"] if not now else QUIET if place.number > MAP_PLACES else FILLS[place.change]
        corners = [[at(e, n) for e, n in ring[:-1].tolist()] for ring in place.rings]
        path = " ".join("M" + " L".join(f"{x} {y}" for x, y in ring) + " Z" for ring in corners)
        name = html.escape(f"{place.number or ''} {place.place}: {place.change}, {place.children} children".strip(), quote=True)
        parts.append(f'<path d="{path}" fill="{fill}" fill-opacity=".85" stroke="{edge}" stroke-width="{line}" '
                     f'stroke-dasharray="{dashes}"><title>{name}</title></path>')
        if now and 0 < place.number <= MAP_PLACES:
            x, y = at(*snapshot.middle(place, window))
            parts.append(f'<text x="{x}" y="{y + 6}" text-anchor="middle" font-size="18" font-weight="700" stroke="#fff" '
                         f'stroke-width="4" paint-order="stroke">{place.number}</text>')
    said = html.escape(f"Map of {snapshot.about.area}, {snapshot.release.labels[window]}", quote=True)
    return f'<svg viewBox="0 0 {SIDE} {tall:.0f}" role="img" aria-label="{said}">{"".join(parts)}{_scale(width, scale, tall)}</svg>'


def _bounds(snapshot: Snapshot) -> tuple[float, float, float, float]:
    left, bottom, right, top = snapshot.extent()
    return left, bottom, right - left, max(top - bottom, (right - left) / 2)


def ground_of(snapshot: Snapshot) -> str:
    """The same ground as that of the sheet, as shapes: they end in a small z, those of places in a large one."""
    back = snapshot.backdrop
    if back is None:
        return ""
    left, bottom, width, height = _bounds(snapshot)
    metres = width / SIDE
    extent, scale = (left, bottom, left + width, bottom + height), metres * DOTS

    def at(e: float, n: float) -> tuple[float, float]:
        return round((e - left) / metres, 1), round((bottom + height - n) / metres, 1)

    parts = [f'<rect width="{SIDE}" height="{height / metres:.0f}" fill="{underlay.behind(back)}"/>']
    for outline, pen in underlay.drawn(back, extent, scale):
        dashes = " ".join(f"{length * pen['linewidth'] * PX:.1f}" for length in pen.get("linestyle", (0, ()))[1])
        parts.append(f'<path d="{_path(outline, at)}" fill="{pen["facecolor"]}" stroke="{pen.get("edgecolor", "none")}" '
                     f'stroke-width="{pen["linewidth"] * PX:.2f}" stroke-dasharray="{dashes}"/>')
    cells = snapshot.covered()
    names, signs = lettering.placed(back, extent, scale, np.column_stack((cells, cells + snapshot.release.cell_side)))
    for kind, (e, n) in signs:
        (x, y), half = at(e, n), 2.2 if kind == "station" else 1.4
        parts.append(f'<rect x="{x - half:.1f}" y="{y - half:.1f}" width="{2 * half}" height="{2 * half}" fill="#fff" '
                     'stroke="#4a4843" stroke-width=".8"/>')
    for word, (e, n) in names:
        (x, y), size = at(e, n), word.size * PX
        parts.append(f'<text x="{x}" y="{y + 0.36 * size:.1f}" text-anchor="middle" font-size="{size:.1f}" '
                     f'font-weight="{word.weight}" font-style="{word.style}" fill="{word.colour}" stroke="{word.halo}" '
                     f'stroke-width="3" paint-order="stroke">{html.escape(plain(word.text, 80), quote=True)}</text>')
    return "".join(parts)


def _path(outline: Outline, at: Any) -> str:
    said, points = [], np.asarray(outline.vertices, dtype=np.float64).tolist()
    for (e, n), code in zip(points, np.asarray(outline.codes).tolist(), strict=True):
        if code == Outline.CLOSEPOLY:
            said.append("z")
        else:
            x, y = at(e, n)
            said.append(f"{'M' if code == Outline.MOVETO else 'L'}{x} {y}")
    return "".join(said)


def _scale(width: float, scale: float, tall: float) -> str:
    length = max(step for step in (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000) if step <= max(width / 4, 500))
    said = f"{length / 1_000:g} km" if length >= 1_000 else f"{length} m"
    y = tall - 24
    line = 'fill="none" stroke="#000" stroke-width="2"'
    return (f'<path d="M24 {y - 6:.1f} V{y:.1f} H{24 + length * scale:.1f} V{y - 6:.1f}" {line}/>'
            f'<text x="{30 + length * scale:.1f}" y="{y + 4:.1f}" font-size="14">{said}</text>'
            f'<path d="M{SIDE - 28} 46 V18 M{SIDE - 34} 26 L{SIDE - 28} 14 L{SIDE - 22} 26" {line}/>'
            f'<text x="{SIDE - 28}" y="64" text-anchor="middle" font-size="15" font-weight="700">N</text>')
