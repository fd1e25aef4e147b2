"""The ground of a printed map: sea and land, towns, water, roads, rails, borders, and the National Grid over them.

Quiet greys and blues whose lightness differs, so that a black-and-white printer keeps them apart; what stands on the ground
is louder than anything here. Everything is clipped to the frame and no finer than the print can show.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import contourpy
import numpy as np
import shapely
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from scoping.showing.lettering import extent_of, sign
from scoping.showing.snapshot import GREAT_BRITAIN, Backdrop

Floats = NDArray[Any]
Bounds = tuple[float, float, float, float]  # left, bottom, right, top
Stroke = tuple[Outline, dict[str, Any]]
Made = tuple[Outline | None, dict[str, Any]]
PAPER, SEA, SHORE, LINING = "#fdfcfa", "#d5e2ea", "#5f7785", "#9fb5c2"
TOWN, CENTRE = "#ece9e3", "#dedad2"
BUILT_FROM, CENTRE_FROM = 0.085, 0.5  # how built-up ground is that is drawn as a town, as its middle
AREAS = {"land": {"facecolor": PAPER, "edgecolor": SHORE, "linewidth": 0.6}, "green": {"facecolor": "#e9efe3", "linewidth": 0},
         "built": {"facecolor": TOWN, "linewidth": 0}, "water": {"facecolor": SEA, "edgecolor": "#8ba3b2", "linewidth": 0.35}}
LINES: dict[str, tuple[dict[str, Any], ...]] = {  # each drawn over the one before
    "minor": ({"edgecolor": "#c6c0b5", "linewidth": 0.28},),
    "main": ({"edgecolor": "#a8a196", "linewidth": 0.7},),
    "trunk": ({"edgecolor": "#857e72", "linewidth": 1.55}, {"edgecolor": "#fbf5e6", "linewidth": 0.85}),
    "rail": ({"edgecolor": "#6e6e6e", "linewidth": 0.8}, {"edgecolor": "white", "linewidth": 0.45, "linestyle": (0, (5, 5))}),
    "district": ({"edgecolor": "#8a8d95", "linewidth": 0.6, "linestyle": (0, (5, 2.2))},),
    "force": ({"edgecolor": "#c9cbd2", "linewidth": 2.4},
              {"edgecolor": "#565a66", "linewidth": 0.9, "linestyle": (0, (7, 2, 1.2, 2))}),
}
KEYS = (("built", "built-up"), ("trunk", "main road"), ("rail", "railway"), ("force", "police force"), ("district", "district"),
        ("station", "station"))
EXACT = ("Grid: kilometres of the National Grid.",)
APPROXIMATE = (f"Coast and borders drawn from postcodes: right to about a kilometre. {EXACT[0]}",
               "Coast and borders from postcodes, to about 1 km.", "Coast from postcodes.")  # the longest that there is room for
MINOR_TO = 5_500.0  # metres an inch: on a smaller scale no minor roads are drawn
LININGS_MM = (0.5, 1.15, 2.0)  # lines along the shore
FINE_MM = 0.09  # what the print cannot tell apart
SPECK_MM = 0.9  # a smaller side of built-up ground is a farm
MOST_CORNERS = 22_000  # of the lines of one kind on one map
STEPS_M = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
SQUARE_IN = 0.85  # inches between lines of the grid, at least
HALO = [withStroke(linewidth=1.6, foreground="white")]


def draw(axes: Any, back: Backdrop | None, extent: Bounds, scale: float) -> None:
    """The ground inside the extent, at `scale` metres an inch."""
    axes.set_facecolor(PAPER)
    if back is None:
        return
    axes.set_facecolor(behind(back))
    for order, (outline, pen) in enumerate(drawn(back, extent, scale)):
        _add(axes, outline, 1 + order / 100, pen)


def behind(back: Backdrop | None) -> str:
    """The colour under all: the sea's where the land is known."""
    return SEA if back is not None and "land" in dict(back.features) else PAPER


def drawn(back: Backdrop, extent: Bounds, scale: float) -> list[Stroke]:
    """The ground as paths in metres, each with its pen (as of a matplotlib patch), the lowest first."""
    shapes = dict(back.features)
    land = shapes.get("land")
    found = [] if land is None else [*_shore(land, extent, scale), (_outline(land, extent, scale, area=True), AREAS["land"])]
    found += _towns(back, extent, scale)
    found += [(_outline(parts, extent, scale, area=True), AREAS[kind])
              for kind, parts in back.features if kind in AREAS and kind != "land"]
    for kind, parts in back.features:
        if kind in LINES and (kind != "minor" or scale <= MINOR_TO):
            outline = _outline(parts, extent, scale, area=False)
            found += [(outline, {"facecolor": "none", "capstyle": "butt", **pen}) for pen in LINES[kind]]
    return [(outline, pen) for outline, pen in found if outline is not None]


def _shore(land: Any, extent: Bounds, scale: float) -> list[Made]:
    """Lines along the coast, as on an engraved chart: they say which side the sea is, also in black and white."""
    whole = shapely.union_all(shapely.simplify(shapely.clip_by_rect(land, *_wider(extent, scale)), FINE_MM / 25.4 * scale))
    lines = [shapely.boundary(shapely.buffer(whole, far / 25.4 * scale, quad_segs=4)) for far in LININGS_MM]
    return [(_outline(np.array([line]), extent, scale, area=False),
             {"facecolor": "none", "edgecolor": LINING, "linewidth": 0.45 - 0.12 * k}) for k, line in enumerate(lines)]


def _add(axes: Any, outline: Outline, order: float, pen: dict[str, Any]) -> None:
    """As an artist: to take its corners into the limits of the axes, which are set, costs more than to draw it."""
    axes.add_artist(PathPatch(outline, zorder=order, **pen))


def _wider(extent: Bounds, scale: float) -> Bounds:
    by = 0.2 * scale
    return extent[0] - by, extent[1] - by, extent[2] + by, extent[3] + by


def _outline(shapes: NDArray[np.object_], extent: Bounds, scale: float, *, area: bool,
             least_mm: float = 2 * FINE_MM) -> Outline | None:
    """One path of all that lies in the frame and can be seen at this scale."""
    fine = FINE_MM / 25.4 * scale
    found = shapely.clip_by_rect(shapely.simplify(shapes, fine), *_wider(extent, scale))
    found = shapely.get_parts(found[~shapely.is_empty(found)])
    found = shapely.get_parts(found)  # of a collection that clipping made
    if area:
        found = found[(shapely.get_type_id(found) == 3) & (shapely.area(found) > (least_mm / 25.4 * scale) ** 2)]
        found = shapely.get_rings(shapely.orient_polygons(found))
    else:
        found = found[np.isin(shapely.get_type_id(found), (1, 2)) & (shapely.length(found) > fine)]
        found = found[np.argsort(-shapely.length(found), kind="stable")]  # of very many the longest: a sheet stays small
        found = found[np.cumsum(shapely.get_num_coordinates(found)) <= MOST_CORNERS]
    if not len(found):
        return None
    points, which = shapely.get_coordinates(found, return_index=True)
    codes = np.full(len(points), Outline.LINETO, dtype=Outline.code_type)
    first = np.flatnonzero(np.diff(which, prepend=-1))
    codes[first] = Outline.MOVETO
    if area:
        codes[np.append(first[1:], len(points)) - 1] = Outline.CLOSEPOLY
    return Outline(points, codes)


def _towns(back: Backdrop, extent: Bounds, scale: float) -> list[Made]:
    """Built-up ground and the middles of towns, as two flat tones."""
    rows, columns = back.built.shape
    first = [max(int((low - begin) // back.side) - 1, 0) for low, begin in zip(extent[:2], (back.left, back.bottom), strict=True)]
    last = [min(int((high - begin) // back.side) + 2, most)
            for high, begin, most in zip(extent[2:], (back.left, back.bottom), (columns, rows), strict=True)]
    built = back.built[first[1]:last[1], first[0]:last[0]]
    if min(built.shape) < 2 or built.max() < BUILT_FROM:
        return []
    e = back.left + (np.arange(first[0], last[0]) + 0.5) * back.side
    n = back.bottom + (np.arange(first[1], last[1]) + 0.5) * back.side
    tones = [(tone, _contoured(e, n, built, low)) for tone, low in ((TOWN, BUILT_FROM), (CENTRE, CENTRE_FROM))]
    return [(_outline(parts, extent, scale, area=True, least_mm=SPECK_MM), {"facecolor": tone, "linewidth": 0})
            for tone, parts in tones]


def _contoured(e: Floats, n: Floats, height: Floats, low: float) -> NDArray[np.object_]:
    """Polygons of where the height is at least so much."""
    filled = contourpy.contour_generator(e, n, height, fill_type=contourpy.FillType.OuterOffset).filled(low, np.inf)
    found = []
    for points, offsets in zip(*filled, strict=True):
        rings = [points[start:end] for start, end in pairwise(offsets)]
        found.append(shapely.Polygon(rings[0], rings[1:]))
    return np.array(found, dtype=object)


def grid(axes: Any, extent: Bounds, scale: float) -> list[tuple[float, float, float, float]]:
    """Thin lines of the National Grid with their kilometres along two edges; the boxes of these, in metres."""
    step = next((step for step in STEPS_M if step >= SQUARE_IN * scale), STEPS_M[-1])
    taken = []
    reach, edge = 0.11 * scale, 0.045 * scale
    for axis, (low, high) in enumerate(((extent[0], extent[2]), (extent[1], extent[3]))):
        for line in np.arange(np.ceil(max(low, 0.0) / step) * step, min(high, GREAT_BRITAIN[axis] + 1.0), step).tolist():
            (axes.axvline if axis == 0 else axes.axhline)(line, color="#8fa3b0", linewidth=0.2, alpha=0.6, zorder=2.4)
            at = (line, extent[3] - edge) if axis == 0 else (extent[0] + edge, line)
            if min(line - low, high - line) < reach or (axis == 0 and line > extent[2] - 6 * reach):
                continue
            axes.text(*at, f"{line / 1_000:g}", size=4.6, color="#5f6f7a", ha="center" if axis == 0 else "left",
                      va="top" if axis == 0 else "center", zorder=6, path_effects=HALO)
            before, after = (reach, reach) if axis == 0 else (0.0, 2 * reach)
            taken.append((at[0] - before, at[1] - reach, at[0] + after, at[1] + reach))
    return taken


def key(axes: Any, back: Backdrop | None, *, size: float = 5.6) -> None:
    """A line that says what the signs of the ground mean; the axes are as wide as the maps above."""
    wide, _ = axes.figure.get_size_inches() * axes.get_position().size
    axes.set_axis_off()
    axes.set_xlim(0, wide)
    axes.set_ylim(0, 1)
    if back is None:
        return
    drawn = {kind for kind, _ in back.features} | ({"built"} if back.built.any() else set())
    drawn |= {"station" for mark in back.marks if mark[0] in ("station", "stop")}
    x = 0.0
    for kind, said in KEYS:
        if kind not in drawn:
            continue
        if kind == "built":
            axes.add_patch(Rectangle((x, 0.2), 0.26, 0.6, facecolor=TOWN, edgecolor="#a9a397", linewidth=0.4))
        elif kind == "station":
            sign(axes, (x + 0.2, 0.5), kind)
        for pen in LINES.get(kind, ()):
            axes.plot((x, x + 0.26), (0.5, 0.5), color=pen["edgecolor"], linewidth=pen["linewidth"],
                      linestyle=pen.get("linestyle", "-"), solid_capstyle="butt", dash_capstyle="butt")
        axes.text(x + 0.31, 0.5, said, size=size, va="center", color="#333333")
        x += 0.45 + extent_of(said, size)[0]
    told = APPROXIMATE if back.areas else EXACT  # districts by name are those told from postcodes
    said = next((said for said in told if extent_of(said, size)[0] < wide - x), "")
    axes.text(wide, 0.5, said, size=size, va="center", ha="right", color="#333333")
