"""Names on a printed map: large places first, each where neither a place, nor a number, nor another name stands.

A name that finds no room near its place is left out; so no name ever lies over what the map is about.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
import shapely
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from scoping.showing.snapshot import Backdrop

Bounds = tuple[float, float, float, float]  # left, bottom, right, top
Point = tuple[float, float]
Boxes = NDArray[np.float64]  # (n, 4), as Bounds, inches from the corner of the map
Style = Literal["normal", "italic"]
MOST_NAMES = 48
GAP = 0.025  # inches between names
INK, SOFT, BLUE, WATER = "#2f2d2a", "#6b6e76", "#446478", "#d5e2ea"
SIZES = ((250_000, 10.0, "bold"), (100_000, 8.8, "bold"), (40_000, 7.6, "bold"), (15_000, 6.8, "normal"), (4_000, 6.0, "normal"),
         (0, 5.4, "normal"))
CITY = 100_000
LEAST_AREA = 0.6  # inches a side of what is seen of a district that is named
VILLAGE, VILLAGES_TO = 4_000, 7_000.0  # people; metres an inch: on a smaller scale no village is named
FIRST, LARGEST = 8, 8.4  # so many are placed before any station; the size of the largest of a map at least
STEP = 0.075  # inches that a name moves at a time
FAR = 4  # steps that it may move; the name of a city twice as many, one of the first three times
FARTHEST_M = 5_000.0  # and no farther on the ground: on a map of a country a name stands at its place or not at all
SIGN = 0.045  # inches, half a station's square
TAILS = (" railway station", " station", " Metro", " tram stop", " Metrolink stop", " Underground")


class Wanted(NamedTuple):
    """A name and how it is written; `at` inches from the corner of the map; `reach` 0 when it stands beside a sign."""

    text: str
    at: tuple[float, float]
    size: float
    weight: str = "normal"
    style: Style = "normal"
    colour: str = INK
    halo: str = "white"
    reach: int = FAR


class Lettering(NamedTuple):
    """Names and the signs of stations (by kind), each with its middle in metres."""

    names: list[tuple[Wanted, Point]]
    signs: list[tuple[str, Point]]


def letter(axes: Any, back: Backdrop | None, extent: Bounds, scale: float, taken: Boxes) -> None:
    """Names and stations of the ground, at `scale` metres an inch; `taken` are boxes in metres that stay free of them."""
    if back is None:
        return
    names, signs = placed(back, extent, scale, taken)
    for kind, at in signs:
        sign(axes, at, kind)
    for wanted, at in names:
        axes.text(*at, wanted.text, size=wanted.size, weight=wanted.weight, style=wanted.style, color=wanted.colour, ha="center",
                  va="center", zorder=6, clip_on=True,
                  path_effects=[withStroke(linewidth=0.24 * wanted.size, foreground=wanted.halo)])


def placed(back: Backdrop, extent: Bounds, scale: float, taken: Boxes) -> Lettering:
    """The names that have room, and all signs in the map, at `scale` metres an inch."""
    sheet = _Sheet(extent, scale, taken)
    towns = _towns(back, sheet)
    named = {town.text for town in towns}
    marks = [(kind, name, sheet.inch(e, n)) for kind, name, e, n in back.marks]
    stations = [each for each in marks if each[0] in ("station", "stop") and sheet.holds(each[2], SIGN)]
    for rank, town in enumerate(towns[:FIRST]):
        size, weight = (town.size, town.weight) if rank else (max(town.size, LARGEST), "bold")
        sheet.place(town._replace(size=size, weight=weight, reach=3 * FAR))
    for _, _, at in stations:
        sheet.held.add(at, (SIGN, SIGN))
    for town in towns[FIRST:]:
        sheet.place(town)
    for name, at in _areas(back, sheet):
        if name not in named:
            sheet.place(Wanted("\u200a".join(name.upper()), at, 5.0, colour=SOFT, reach=3 * FAR))
    for kind, name, at in marks:
        if kind in ("water", "moor") and sheet.holds(at):
            colour, halo = (BLUE, WATER) if kind == "water" else (SOFT, "white")
            sheet.place(Wanted(name, at, 5.8, style="italic", colour=colour, halo=halo))
    for kind, name, at in stations if len(stations) <= MOST_NAMES else ():
        if kind == "station" and _station(name) not in named:
            sheet.place(Wanted(_station(name), at, 4.8, colour="#55524d", reach=0))
    return Lettering(sheet.names, [(kind, sheet.metres(at)) for kind, _, at in stations])


class _Sheet:
    """The map that is lettered: metres to inches, and what is to be written where."""

    def __init__(self, extent: Bounds, scale: float, taken: Boxes) -> None:
        self.extent, self.scale = extent, scale
        self.names: list[tuple[Wanted, Point]] = []
        self.corner = np.array(extent[:2])
        self.size = (np.array(extent[2:]) - self.corner) / scale
        boxes = np.asarray(taken, dtype=np.float64).reshape(-1, 4) - np.tile(self.corner, 2)
        self.held = _Held(boxes / scale, self.size, FARTHEST_M / scale)

    def inch(self, e: float, n: float) -> tuple[float, float]:
        x, y = ((np.array((e, n)) - self.corner) / self.scale).tolist()
        return x, y

    def metres(self, at: Point) -> Point:
        e, n = (self.corner + np.array(at) * self.scale).tolist()
        return e, n

    def holds(self, at: tuple[float, float], edge: float = 0.0) -> bool:
        return bool((np.array(at) > edge).all() and (np.array(at) < self.size - edge).all())

    def place(self, wanted: Wanted) -> None:
        """Write it where there is room for it, or not at all."""
        at = self.held.spot(wanted)
        if at is not None:
            self.names.append((wanted, self.metres(at)))


def _towns(back: Backdrop, sheet: _Sheet) -> list[Wanted]:
    """The names of settlements in the map, the largest first; of villages only where the scale has room for them."""
    found = []
    for name, e, n, people in back.labels:
        at = sheet.inch(e, n)
        if sheet.holds(at) and (people >= VILLAGE or sheet.scale <= VILLAGES_TO):
            size, weight = next((size, weight) for least, size, weight in SIZES if people >= least)
            found.append(Wanted(name, at, size, weight, reach=2 * FAR if people >= CITY else FAR))
    return found[:MOST_NAMES]


def _station(name: str) -> str:
    return next((name.removesuffix(tail) for tail in TAILS if name.endswith(tail)), name)


def sign(axes: Any, at: Point, kind: str) -> None:
    """A station's square or a stop's dot at a point of the axes."""
    size, edge = (2.7, 0.6) if kind == "station" else (1.7, 0.4)
    axes.plot(*at, marker="s" if kind == "station" else "o", markersize=size, markerfacecolor="white", markeredgecolor="#4a4843",
              markeredgewidth=edge, zorder=2.8)


def _areas(back: Backdrop, sheet: _Sheet) -> list[tuple[str, tuple[float, float]]]:
    """The name of each district in the map and the middle of what is seen of it, the widest first."""
    found = []
    for name, shape in back.areas:
        parts = shapely.get_parts(shapely.clip_by_rect(shape, *sheet.extent))
        if len(parts) and max(shapely.area(parts)) > (LEAST_AREA * sheet.scale) ** 2:
            largest = parts[int(np.argmax(shapely.area(parts)))]
            middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, 0.1 * sheet.scale))[0]
            found.append((float(shapely.area(largest)), name, sheet.inch(*middle.tolist())))
    return [(name, at) for _, name, at in sorted(found, reverse=True)]


class _Held:
    """The boxes that are taken, and where one more can stand."""

    def __init__(self, boxes: Boxes, size: NDArray[np.float64], far: float) -> None:
        self.boxes, self.size, self.far = boxes, size, far

    def add(self, at: tuple[float, float], half: tuple[float, float]) -> None:
        self.boxes = np.vstack((self.boxes, (at[0] - half[0], at[1] - half[1], at[0] + half[0], at[1] + half[1])))

    def spot(self, wanted: Wanted) -> tuple[float, float] | None:
        """The nearest free place for a name, which then is taken; None without one."""
        wide, tall = extent_of(wanted.text, wanted.size, wanted.weight, wanted.style)
        half = np.array((wide / 2 + GAP, tall / 2 + GAP / 2))
        moves = _moves(half, wanted.reach)
        at = np.array(wanted.at) + moves[(np.hypot(*moves.T) <= self.far) | (wanted.reach == 0)]
        if wanted.reach:  # a name at the edge of the map is moved into it
            at = np.clip(at, half + GAP, np.maximum(self.size - half - GAP, half + GAP))
        low, high = at - half, at + half
        inside = (low > -1e-9).all(axis=1) & (high < self.size + 1e-9).all(axis=1)
        meets = ((low[:, None, 0] < self.boxes[None, :, 2]) & (high[:, None, 0] > self.boxes[None, :, 0])
                 & (low[:, None, 1] < self.boxes[None, :, 3]) & (high[:, None, 1] > self.boxes[None, :, 1])).any(axis=1)
        free = np.flatnonzero(inside & ~meets)
        if not len(free):
            return None
        x, y = at[free[0]].tolist()
        self.add((x, y), (float(half[0]), float(half[1])))
        return x, y


def _moves(half: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Where a name may stand from its point, the nearest first: up and down before left and right; or beside its sign."""
    if not reach:
        x, y = half + SIGN
        return np.array([(x, 0), (-x, 0), (0, y), (0, -y), (x * 0.8, y), (x * 0.8, -y), (-x * 0.8, y), (-x * 0.8, -y)])
    steps = np.arange(-reach, reach + 1) * STEP
    x, y = (axis.ravel() for axis in np.meshgrid(steps, steps))
    order = np.lexsort((x, y, np.round(np.hypot(x * 1.3, y), 6)))
    return np.column_stack((x, y))[order]


@lru_cache(maxsize=4_096)
def extent_of(text: str, size: float, weight: str = "normal", style: Style = "normal") -> tuple[float, float]:
    """Width and height of a line of text, in inches."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight, style=style)
    wide, tall, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return wide / 72, max(tall, size * 0.8) / 72
