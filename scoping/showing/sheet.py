"""The A4 sheet: before and after maps, the places in words, and all that a file must carry; as PNG, PDF or SVG.

Drawn with matplotlib's object interface, which threads may share. Limits of the axes come from cells and never from
points; shapes are unions of cells, so that also a vector file holds nothing finer. Readable in black and white: every
change has an outline or hatch of its own.
"""

from __future__ import annotations

import io
import textwrap
from dataclasses import replace
from functools import lru_cache
from typing import Any

import matplotlib
import numpy as np
from fontTools.subset import Options
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from scoping.showing import lettering, underlay
from scoping.showing.periods import brief
from scoping.showing.snapshot import MAP_PLACES, Backdrop, Snapshot
from scoping.transitions import TOLD

ROUND_LENGTHS_M = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)
A4 = (11.69, 8.27)  # inches, landscape
SLIDE = (9.45, 5.4)  # inches of the map on a slide
DPI = 200
DISC = 0.155  # inches across of a number on the map
Bounds = tuple[float, float, float, float]  # left, bottom, right, top
STYLE: dict[str, dict[str, Any]] = {  # of each class of change: purple up, green down, grey the same; and a second cue
    "new": {"facecolor": "#762a83", "edgecolor": "#40004b", "linewidth": 2.2, "alpha": 0.85},
    "shown again": {"facecolor": "#af8dc3", "edgecolor": "#40004b", "linewidth": 2.0, "linestyle": (0, (4, 1.5)), "alpha": 0.85},
    "growing": {"facecolor": "#d9c3e4", "edgecolor": "#762a83", "linewidth": 1.8, "hatch": "////", "alpha": 0.9},
    "continuing": {"facecolor": "#b3b3b3", "edgecolor": "#3f3f3f", "linewidth": 1.3, "alpha": 0.9},
    "reducing": {"facecolor": "#d9f0d3", "edgecolor": "#1b7837", "linewidth": 1.4, "hatch": "....", "alpha": 0.9},
    "no longer shown": {"facecolor": "none", "edgecolor": "#1b7837", "linewidth": 0.9, "linestyle": (0, (4, 3))},
}
QUIET: dict[str, Any] = {"facecolor": "#efece7", "edgecolor": "#6a655d", "linewidth": 0.8, "alpha": 0.9}  # beyond the ten
_HALO = [withStroke(linewidth=2.2, foreground="white")]
matplotlib.rcParams.update({"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "scoping", "hatch.linewidth": 0.5,
                            "text.parse_math": False, "font.family": "DejaVu Sans"})
# A PDF names its glyphs by number: the rules of shaping in an embedded font are never read, and to cut them takes longest.
Options._drop_tables_default = [*Options._drop_tables_default, "GSUB", "GPOS", "GDEF", "kern", "MATH"]


def png(snapshot: Snapshot) -> bytes:
    """The sheet as PNG, 200 dots an inch, without metadata."""
    return _printed(snapshot, FigureCanvasAgg, "png", dpi=DPI, metadata={"Software": None})


def pdf(snapshot: Snapshot) -> bytes:
    """The sheet as PDF with text that can be searched; its metadata are the title and the marking."""
    told = {"Title": f"{snapshot.about.title} ({snapshot.marking})", "Subject": f"Snapshot {snapshot.id}", "Creator": None,
            "Producer": None, "CreationDate": None}
    return _printed(snapshot, FigureCanvasPdf, "pdf", metadata=told)


def svg(snapshot: Snapshot) -> bytes:
    """The sheet as SVG."""
    told = {"Title": snapshot.about.title, "Date": None, "Creator": None, "Description": f"{snapshot.marking}. {snapshot.id}"}
    return _printed(snapshot, FigureCanvasSVG, "svg", metadata=told)


def map_png(snapshot: Snapshot) -> bytes:
    """The map of the period alone, for slides."""
    figure = Figure(figsize=SLIDE)
    FigureCanvasAgg(figure)
    draw_map(figure.add_axes((0.0, 0.0, 1.0, 1.0)), snapshot, snapshot.window, widened(snapshot, *SLIDE))
    return _saved(figure, "png", dpi=DPI, metadata={"Software": None})


def _printed(snapshot: Snapshot, canvas: Any, kind: str, **options: Any) -> bytes:
    figure = Figure(figsize=A4)
    canvas(figure)
    _draw(figure, snapshot)
    return _saved(figure, kind, **options)


def _saved(figure: Figure, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format=kind, **options)
    return out.getvalue()


# ------------------------------------------------------------------ the sheet

def _draw(figure: Figure, snapshot: Snapshot) -> None:
    about, facts = snapshot.about, dict(snapshot.facts())
    for y in (0.977, 0.014):
        write(figure, 0.5, y, snapshot.marking, size=11, weight="bold", ha="center", va="center")
    write(figure, 0.03, 0.945, about.title, size=15, weight="bold", va="center", width=78)
    write(figure, 0.03, 0.915, f"{about.area} · {facts['Period']} · {facts['Role of the places'].lower()}", size=9.5, va="center",
          width=110)
    write(figure, 0.97, 0.945, f"Snapshot {snapshot.id}", size=8, ha="right", va="center")
    write(figure, 0.97, 0.915, f"Review or destroy by {about.review_by}", size=8, ha="right", va="center")
    for left, bottom, width, height, window, extent in frames(snapshot):
        axes = figure.add_axes((left, bottom, width, height))
        draw_map(axes, snapshot, window, extent)
        word = "" if not snapshot.window else "After: " if window == snapshot.window else "Before: "
        write(figure, left, bottom + height + 0.008, f"{word}{snapshot.release.labels[window]}", size=9, weight="bold", va="bottom")
    underlay.key(figure.add_axes((0.03, 0.3175, 0.94, 0.013)), snapshot.backdrop)
    _legend(figure.add_axes((0.03, 0.05, 0.155, 0.257)), snapshot)
    _table(figure, snapshot, 0.20, 0.305)
    _notes(figure, snapshot, 0.655, 0.305)
    foot = " · ".join(facts[name] for name in ("Handling", "Copyright", "Program") if name in facts)
    size, width, lines = (4.9, 285, 3) if len(foot) < 840 else (3.9, 350, 5)  # the credits of the ground are never cut
    write(figure, 0.03, 0.0475, foot, size=size, va="top", width=width, lines=lines, linespacing=1.12)


def draw_map(axes: Any, snapshot: Snapshot, window: int, extent: Bounds) -> None:
    """The map of a window: the one told of in the colours of change, the one before it grey."""
    left, bottom, right, top = extent
    coloured = window == snapshot.window
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal", adjustable="box")
    axes.set_xticks([])
    axes.set_yticks([])
    places, scale = snapshot.places(window), _metres_an_inch(axes, extent)
    numbered = [place for place in places if coloured and 0 < place.number <= MAP_PLACES]
    homes = np.array([snapshot.middle(place, window) for place in numbered], dtype=np.float64).reshape(-1, 2)
    discs = apart(homes, DISC * scale, extent)
    underlay.draw(axes, snapshot.backdrop, extent, scale)
    lettering.letter(axes, _writable(snapshot.backdrop), extent, scale, _taken(axes, snapshot, extent, scale))
    for place in places:
        if not coloured and not place.number:
            continue
        style = STYLE["continuing"] if not coloured else QUIET if place.number > MAP_PLACES else STYLE[place.change]
        outline = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in place.rings))
        axes.add_patch(PathPatch(outline, zorder=3 if style is QUIET else 4, **style))
    for place, home, spot in zip(numbered, homes, discs, strict=True):
        if np.hypot(*(spot - home)) > DISC * scale / 2:  # moved from under another: a line to the place
            axes.plot(*zip(home, spot, strict=True), color="#1c1b19", linewidth=0.5, zorder=7)
        axes.text(*spot, str(place.number), size=6.8, weight="bold", ha="center", va="center", zorder=7.5,
                  bbox={"boxstyle": "circle,pad=0.18", "facecolor": "white", "edgecolor": "#1c1b19", "linewidth": 0.6})
    if not places:
        said = snapshot.release.reason if window == snapshot.window else "No place may be shown."
        axes.text(0.5, 0.5, textwrap.fill(said or "No place may be shown.", 50), transform=axes.transAxes, ha="center", va="center",
                  size=9, zorder=8, path_effects=_HALO)
    _scale(axes, left, bottom, right - left)
    axes.annotate("N", (0.965, 0.975), (0.965, 0.90), xycoords="axes fraction", textcoords="axes fraction", ha="center",
                  va="center", size=9, weight="bold", zorder=8, arrowprops={"arrowstyle": "-|>", "color": "black"})


def _metres_an_inch(axes: Any, extent: Bounds) -> float:
    box = axes.get_position()
    wide, tall = (length * inches for length, inches in zip((box.width, box.height), axes.figure.get_size_inches(), strict=True))
    return float(max((extent[2] - extent[0]) / wide, (extent[3] - extent[1]) / tall))


def apart(at: NDArray[np.float64], least: float, inside: Bounds) -> NDArray[np.float64]:
    """The points (n, 2) pushed apart until none is nearer than `least` to another, and kept inside the bounds."""
    spots = at.copy()
    low, high = np.array(inside[:2]) + least, np.array(inside[2:]) - least
    for _ in range(80):
        between = spots[:, None] - spots[None, :]
        distance = np.hypot(*np.moveaxis(between, -1, 0))
        near = (distance < least) & ~np.eye(len(spots), dtype=bool)
        if not near.any():
            break
        turn = np.arange(len(spots))[:, None] - np.arange(len(spots))[None, :]
        along = np.where(distance[..., None] > 1.0, between / np.maximum(distance, 1.0)[..., None],
                         np.stack((np.sign(turn), np.sign(turn) * 0.5), axis=-1))  # on one spot: by their numbers
        spots += (along * np.where(near, (least - distance) / 2 + 1.0, 0.0)[..., None]).sum(axis=1)
        spots = np.clip(spots, low, high)
    return spots


def frames(snapshot: Snapshot) -> list[tuple[float, float, float, float, int, Bounds]]:
    """The maps of the sheet: left, bottom, width, height (shares of the page), window, and the bounds in metres."""
    boxes = [(0.03, 0.335, 0.94, 0.53)]
    if snapshot.window:
        boxes = [(0.03, 0.335, 0.462, 0.53), (0.508, 0.335, 0.462, 0.53)]
    windows = range(snapshot.window - len(boxes) + 1, snapshot.window + 1)
    return [(*box, window, widened(snapshot, A4[0] * box[2], A4[1] * box[3])) for box, window in zip(boxes, windows, strict=True)]


def widened(snapshot: Snapshot, width: float, height: float) -> Bounds:
    """The snapshot's extent, widened to a shape of so many inches."""
    left, bottom, right, top = snapshot.extent()
    scale = max((right - left) / width, (top - bottom) / height) / 2
    e, n = (left + right) / 2, (bottom + top) / 2
    return e - width * scale, n - height * scale, e + width * scale, n + height * scale


def _taken(axes: Any, snapshot: Snapshot, extent: Bounds, scale: float) -> NDArray[np.float64]:
    """Boxes (metres) that no name may cover: places, their numbers, the grid's, the scale bar, the arrow. The same on both maps."""
    cells, half = snapshot.covered(), DISC * scale / 2
    numbers = apart(snapshot.numbered(), DISC * scale, extent)
    left, bottom, right, top = extent
    wide = right - left
    corners = [(left, bottom, left + wide * 0.36, bottom + wide * 0.03 + 0.24 * scale),
               (right - 0.07 * wide, top - 0.14 * (top - bottom), right, top), *underlay.grid(axes, extent, scale)]
    return np.vstack((np.column_stack((cells, cells + snapshot.release.cell_side)),
                      np.column_stack((numbers - half, numbers + half)), np.array(corners)))


def _writable(back: Backdrop | None) -> Backdrop | None:
    """The same with a square in place of every sign of a name that the font cannot draw."""
    if back is None:
        return None
    return replace(back, labels=tuple((drawable(name), e, n, people) for name, e, n, people in back.labels),
                   marks=tuple((kind, drawable(name), e, n) for kind, name, e, n in back.marks))


def _scale(axes: Any, left: float, bottom: float, width: float) -> None:
    length = max(step for step in ROUND_LENGTHS_M if step <= max(width / 4, 500))
    e, n = left + width * 0.03, bottom + width * 0.03
    for k in range(2):
        axes.add_patch(Rectangle((e + k * length / 2, n), length / 2, width * 0.008, facecolor="black" if k == 0 else "white",
                                 edgecolor="black", linewidth=0.6, zorder=8))
    said = f"{length / 1_000:g} km" if length >= 1_000 else f"{length} m"
    axes.text(e + length, n + width * 0.014, said, size=7, ha="center", va="bottom", zorder=8, path_effects=_HALO)


def _legend(axes: Any, snapshot: Snapshot) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.text(0, 0.97, "Legend", size=8, weight="bold", va="top")
    legend_rows(axes, snapshot, top=0.86, step=0.1, wide=0.12)
    said = "Grey on the map before: places shown then. Numbers are those of the list."
    axes.text(0, 0.155, textwrap.fill(said, 40), size=5.8, va="top")


def _short(said: str) -> str:
    return f"chance {said.replace('about ', '≈ ').replace('under ', '< ')}"


def legend_rows(axes: Any, snapshot: Snapshot, *, top: float, step: float, wide: float) -> None:
    """A row a class of change, how many there are and how many chance alone would give; and the places drawn quietly."""
    count, chance = snapshot.legend(), snapshot.chance()
    rows = [(STYLE[name], f"{name} ({count[name]})", _short(chance[name]) if name in chance else "") for name in TOLD]
    if snapshot.further():
        rows.append((QUIET, f"further places ({snapshot.further()})", "not numbered"))
    for k, (style, said, beside) in enumerate(rows):
        y = top - step * k
        axes.add_patch(Rectangle((0.0, y - 0.36 * step), wide, 0.72 * step, **style))
        axes.text(wide + 0.04, y, said, size=6.6, va="center")
        axes.text(1.0, y, beside, size=5.2, va="center", ha="right", color="#333333")


def _table(figure: Figure, snapshot: Snapshot, left: float, top: float) -> None:
    places = snapshot.places()
    head = ("", "Place", "Change", "Children", "Seen", "Since")
    at = (0.0, 0.018, 0.205, 0.29, 0.34, 0.372)
    for x, word in zip(at, head, strict=True):
        write(figure, left + x, top, word, size=7, weight="bold", va="top")
    if not places:
        write(figure, left, top - 0.03, snapshot.release.reason, size=7.5, va="top", width=90, lines=3)
    for k, row in enumerate(places[:MAP_PLACES]):
        y = top - 0.021 * (k + 1)
        name = f"{row.place} · {row.kind.lower()}" if row.kind else row.place
        values = (str(row.number or ""), name, row.change, row.children, f"{row.windows_seen}×", brief(row.since))
        for x, value, width in zip(at, values, (3, 42, 16, 9, 5, 16), strict=True):
            write(figure, left + x, y, str(value), size=6.6, va="top", width=width, lines=1)
    rest = len(places) - MAP_PLACES
    if rest > 0:
        said = f"And {rest} more: see the list in the CSV, Excel or HTML snapshot."
        write(figure, left, top - 0.021 * (MAP_PLACES + 1), said, size=6.6, va="top")


def _notes(figure: Figure, snapshot: Snapshot, left: float, top: float) -> None:
    facts = dict(snapshot.facts())
    told = "; ".join(f"{name.lower()} {facts[name]}" for name in ("Episodes", "Different children", "Not located",
                                                                   "Without return interview") if name in facts)
    figures = f"{told[:1].upper()}{told[1:]}." if told else ""
    lines = [("How to read this", ""), ("", figures), ("", facts.get("Why this period", "")), ("", facts["Rule"]),
             ("", facts.get("Withheld", "")), ("", facts["Accuracy"]), ("", facts["By chance"]), ("", facts["Indicative"]),
             ("", f"Records known until {snapshot.release.cut_off or 'not told'}. Produced {snapshot.about.produced} by "
                  f"{snapshot.about.author_role}, {snapshot.about.authority}, for: {snapshot.about.purpose}."),
             ("", f"Parameters: {facts['Parameters']}." + (f" Sources: {facts['Sources']}." if "Sources" in facts else "")
              + (f" Contact: {facts['Contact']}." if "Contact" in facts else ""))]
    y = top
    for head, body in lines:
        if head:
            write(figure, left, y, head, size=8, weight="bold", va="top")
            y -= 0.022
        for line in textwrap.wrap(body, 92):
            if y < 0.056:
                return
            write(figure, left, y, line, size=5.6, va="top", lines=1)
            y -= 0.0127


def write(figure: Figure, x: float, y: float, text: str, *, width: int = 0, lines: int = 2, **style: Any) -> None:
    """Text cut to `width` characters a line and so many lines; signs that the font has not become squares."""
    if width:
        text = "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …", break_long_words=True))
    figure.text(x, y, drawable(text), **style)


def drawable(text: str) -> str:
    """The text with a square in place of every sign that the font cannot draw."""
    known = _signs()
    return "".join(sign if sign == "\n" or ord(sign) in known else "□" for sign in text)


@lru_cache(maxsize=1)
def _signs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap())
