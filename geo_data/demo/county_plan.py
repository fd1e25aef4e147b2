"""The invented county's plan: what a cartographer would sketch before any street is drawn.

Quernshire is an island county in open sea, 28 km and more from the nearest real coast, inside the
National Grid square NU so that its grid references are well formed. No name here is a name of a real
British settlement. All coordinates in this module are kilometres east and north of `ORIGIN`; the
functions return EPSG:27700 metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

Array = npt.NDArray[Any]

NAME = "Quernshire"
ORIGIN = (455_000.0, 600_000.0)
BOUNDS = (457_000.0, 601_000.0, 498_900.0, 639_000.0)  # the sea chart's edge: west, south, east, north


@dataclass(frozen=True)
class Settlement:
    """A town or village before it is drawn: `radius_m` is where the streets end."""

    name: str
    kind: str  # city, town, village
    population: int
    x_km: float
    y_km: float
    radius_m: float
    outcodes: tuple[str, ...]

    @property
    def centre(self) -> Array:
        return np.array([ORIGIN[0] + self.x_km * 1_000, ORIGIN[1] + self.y_km * 1_000])


SETTLEMENTS = (
    Settlement("Quernminster", "city", 91_400, 24.6, 17.0, 2_750, ("QX1", "QX2", "QX3", "QX4", "QX5")),
    Settlement("Quernmouth", "town", 24_300, 32.35, 17.75, 1_500, ("QX6",)),
    Settlement("Whinsea", "town", 21_800, 39.7, 11.6, 1_500, ("QX7",)),
    Settlement("Thornaxby", "town", 18_900, 25.8, 29.6, 1_250, ("QX8",)),
    Settlement("Hexwold", "town", 11_200, 12.6, 21.3, 1_000, ("QX9",)),
    Settlement("Stannerby", "village", 4_600, 17.6, 10.6, 640, ("QX10",)),
    Settlement("Ravelby", "village", 3_900, 28.7, 9.2, 590, ("QX11",)),
    Settlement("Ottersby", "village", 3_200, 33.0, 28.2, 540, ("QX12",)),
    Settlement("Pellowick", "village", 2_100, 19.3, 25.8, 430, ("QX13",)),
    Settlement("Cold Harrock", "village", 1_700, 39.2, 29.6, 400, ("QX12",)),
    Settlement("Fallowthwaite", "village", 1_300, 9.6, 28.3, 340, ("QX14",)),
    Settlement("Gorsewell", "village", 1_100, 10.4, 11.6, 320, ("QX10",)),
    Settlement("Marrowby", "village", 900, 16.6, 32.6, 290, ("QX14",)),
)

COAST = (
    (5.2, 29.6), (5.6, 31.4), (7.6, 32.6), (8.4, 34.8), (11.2, 35.2), (12.4, 36.6), (15.0, 36.0), (16.6, 34.6),
    (18.6, 35.0), (20.2, 36.8), (23.4, 37.2), (25.6, 35.6), (28.0, 35.9), (30.0, 34.4), (31.4, 33.2), (33.4, 34.0),
    (35.8, 34.4), (38.4, 32.8), (39.8, 31.4), (41.5, 30.6), (41.3, 29.2), (39.9, 28.2), (40.1, 26.4), (38.0, 25.4),
    (36.9, 23.8), (34.6, 23.0), (33.7, 21.2), (33.5, 19.3), (33.6, 17.4), (34.6, 16.3), (36.2, 15.9), (38.0, 16.0),
    (39.4, 14.8), (40.9, 14.0), (41.2, 12.0), (41.0, 10.2), (42.0, 8.8), (40.6, 7.8), (38.2, 7.6), (36.6, 6.2),
    (34.4, 6.6), (32.2, 6.0), (30.6, 4.2), (28.0, 4.4), (26.0, 3.0), (23.0, 3.4), (21.6, 4.8), (19.6, 4.8),
    (17.8, 3.2), (15.0, 2.8), (13.4, 4.0), (11.0, 4.4), (8.4, 4.6), (7.4, 6.4), (5.4, 8.0), (5.0, 10.0),
    (3.6, 12.0), (4.4, 13.8), (4.3, 16.0), (3.1, 18.0), (3.7, 20.4), (3.0, 22.2), (4.8, 24.6), (4.2, 27.0),
)
RIVER = (
    (7.4, 25.2), (9.2, 23.8), (11.2, 22.6), (13.0, 21.75), (15.2, 20.6), (17.2, 20.3), (19.2, 18.9), (21.4, 18.2),
    (23.2, 17.55), (24.6, 17.5), (26.0, 18.05), (27.6, 18.7), (29.4, 18.3), (31.0, 18.1), (32.4, 18.5), (34.2, 18.9),
)
BECK = (
    (20.6, 30.6), (21.6, 28.2), (21.2, 25.4), (22.6, 23.0), (22.3, 20.8), (22.5, 17.9),
)
RESERVOIR = (8.3, 19.4)
MOOR = (
    (4.0, 27.2), (6.4, 27.0), (8.2, 25.6), (10.2, 24.6), (10.6, 22.6), (10.0, 20.4), (10.6, 17.6), (9.4, 14.6),
    (7.4, 13.0), (5.2, 12.6), (4.6, 16), (3.6, 20), (4.4, 25),
)

# Main roads join settlements; a middle point bends them. The first of each pair of towns names the far end.
ROADS: tuple[tuple[str, str, str, tuple[tuple[float, float], ...]], ...] = (
    ("A", "Quernminster", "Quernmouth", ((28.6, 16.9),)),
    ("A", "Quernminster", "Thornaxby", ((24.0, 22.4), (25.2, 26.2))),
    ("A", "Quernminster", "Hexwold", ((19.6, 16.8), (15.8, 19.2))),
    ("A", "Quernminster", "Whinsea", ((30.2, 13.4), (35.2, 12.8))),
    ("A", "Quernmouth", "Ottersby", ((31.6, 21.6), (32.2, 25.2))),
    ("A", "Thornaxby", "Ottersby", ((29.4, 30.4),)),
    ("B", "Quernminster", "Stannerby", ((21.6, 13.0),)),
    ("B", "Quernminster", "Ravelby", ((26.8, 12.4),)),
    ("B", "Ravelby", "Whinsea", ((33.4, 9.4),)),
    ("B", "Ravelby", "Stannerby", ((23.0, 8.4),)),
    ("B", "Ottersby", "Cold Harrock", ((36.4, 28.4),)),
    ("B", "Hexwold", "Gorsewell", ((11.4, 16.2),)),
    ("B", "Stannerby", "Gorsewell", ((13.8, 11.8),)),
    ("B", "Hexwold", "Fallowthwaite", ((11.6, 25.4),)),
    ("B", "Hexwold", "Pellowick", ((15.6, 23.2),)),
    ("B", "Pellowick", "Thornaxby", ((22.4, 26.6),)),
    ("B", "Marrowby", "Thornaxby", ((21.4, 32.2),)),
    ("B", "Fallowthwaite", "Marrowby", ((13.2, 31.2),)),
    ("B", "Quernmouth", "Whinsea", ((34.2, 15.0), (37.2, 14.0))),
)
RAILWAYS = (
    ((12.4, 21.0), (13.6, 20.9), (16.0, 19.6), (19.6, 17.4), (22.6, 16.35), (24.4, 16.2), (26.6, 16.1), (29.2, 16.2),
     (31.2, 16.9), (32.4, 17.3)),
    ((26.6, 16.1), (28.8, 15.0), (32.8, 12.2), (36.4, 11.4), (39.3, 11.3)),
    ((22.0, 16.6), (21.4, 18.0), (21.9, 20.4), (23.0, 24.0), (24.8, 27.6), (25.4, 29.3), (25.6, 29.9)),
)
STATIONS = (("Quernminster", 24.5, 16.2), ("Quernmouth", 32.3, 17.26), ("Whinsea", 39.25, 11.3),
            ("Thornaxby", 25.4, 29.3), ("Hexwold", 12.7, 20.98))


def metres(points: object) -> Array:
    """Plan kilometres to EPSG:27700 metres; shape (n, 2)."""
    plan: Array = np.asarray(points, dtype=float).reshape(-1, 2) * 1_000 + np.array(ORIGIN)
    return plan


def smooth(points: Array, closed: bool, rounds: int = 3) -> Array:
    """Chaikin's corner cutting: a curve through a plan's points; an open line keeps its ends."""
    for _ in range(rounds):
        following = np.roll(points, -1, axis=0) if closed else points[1:]
        first = points if closed else points[:-1]
        cut = np.stack([0.75 * first + 0.25 * following, 0.25 * first + 0.75 * following], axis=1).reshape(-1, 2)
        points = cut if closed else np.vstack([points[:1], cut, points[-1:]])
    return points


def roughen(points: Array, size: float, closed: bool, rng: np.random.Generator, rounds: int = 4) -> Array:
    """Midpoint displacement: each round halves the segments and moves the new points by `size` of their length."""
    for _ in range(rounds):
        following = np.roll(points, -1, axis=0) if closed else points[1:]
        first = points if closed else points[:-1]
        step = following - first
        normal = np.column_stack([-step[:, 1], step[:, 0]])
        middle = (first + following) / 2 + normal * rng.uniform(-size, size, (len(step), 1))
        woven = np.stack([first, middle], axis=1).reshape(-1, 2)
        points = woven if closed else np.vstack([woven, points[-1:]])
    return points


def land(rng: np.random.Generator) -> BaseGeometry:
    """The island with the harbour's two piers and the river's mouth cut out."""
    island = Polygon(roughen(smooth(metres(COAST), closed=True, rounds=1), 0.2, True, rng, rounds=5)).buffer(0)
    return max(shapely.get_parts(shapely.normalize(island)), key=lambda part: part.area)


def piers() -> BaseGeometry:
    """The harbour's breakwaters, which belong to the land."""
    arms = [LineString(smooth(metres(arm), closed=False)) for arm in (
        ((33.3, 19.55), (34.3, 19.5), (34.75, 19.15)), ((33.5, 17.75), (34.4, 18.0), (34.72, 18.55)))]
    return shapely.union_all(shapely.buffer(np.array(arms), 14, cap_style="flat"))


def river(rng: np.random.Generator) -> BaseGeometry:
    """The river widening to its mouth, with its beck and the reservoir."""
    stem = roughen(smooth(metres(RIVER), closed=False), 0.10, False, rng, rounds=2)
    beck = roughen(smooth(metres(BECK), closed=False), 0.14, False, rng, rounds=2)
    along = np.linspace(0, 1, len(stem) - 1)
    width = 6 + 26 * along + 80 * np.clip((along - 0.82) / 0.18, 0, 1) ** 2
    reaches = shapely.linestrings(np.stack([stem[:-1], stem[1:]], axis=1))
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    shore = 1 + 0.25 * np.sin(2 * angle + 1) + 0.12 * np.sin(5 * angle)
    lake = metres([RESERVOIR]) + np.column_stack([520 * shore * np.cos(angle), 330 * shore * np.sin(angle)])
    return shapely.union_all([*shapely.buffer(reaches, width), LineString(beck).buffer(4), Polygon(lake)])


def moor(rng: np.random.Generator) -> BaseGeometry:
    """The moor in the west."""
    return Polygon(roughen(smooth(metres(MOOR), closed=True, rounds=2), 0.12, True, rng, rounds=3)).buffer(0)


def railways() -> list[LineString]:
    """The lines of the railway, smooth enough for a train."""
    return [LineString(smooth(metres(line), closed=False, rounds=4)) for line in RAILWAYS]


def main_roads(rng: np.random.Generator) -> list[tuple[str, str, str, LineString]]:
    """(class, from, to, line) of every road between settlements; straight as far as each town's edge."""
    by_name = {settlement.name: settlement for settlement in SETTLEMENTS}
    roads = []
    for kind, start, end, bends in ROADS:
        first, last = by_name[start], by_name[end]
        bend = metres(bends)
        leave = first.centre + _unit(bend[0] - first.centre) * first.radius_m * 1.15
        arrive = last.centre + _unit(bend[-1] - last.centre) * last.radius_m * 1.15
        country = roughen(np.vstack([leave, bend, arrive]), 0.07, False, rng, rounds=4)
        country = smooth(country, closed=False, rounds=2)
        roads.append((kind, start, end, LineString(np.vstack([first.centre, country, last.centre]))))
    return roads


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.hypot(*vector))


@dataclass(frozen=True)
class Warp:
    """A smooth, one-to-one displacement of the plane that bends the drawn streets: no topology changes.

    Waves of 900-2,200 m move points by up to about 60 m; each swirl turns a neighbourhood about its centre.
    """

    waves: Array  # (n, 4): wave number east, wave number north, phase, amplitude in metres
    turns: Array  # (n, 4): easting, northing, radius in metres, angle in radians

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Warp:
        length = rng.uniform(900, 2_200, 10)
        heading = rng.uniform(0, 2 * np.pi, 10)
        waves = np.column_stack([2 * np.pi * np.cos(heading) / length, 2 * np.pi * np.sin(heading) / length,
                                 rng.uniform(0, 2 * np.pi, 10), length * 0.011])
        turns = []
        track = shapely.union_all(railways())
        for town in SETTLEMENTS:
            for _ in range({"city": 13, "town": 5, "village": 1}[town.kind]):
                away, bearing = town.radius_m * rng.uniform(0.45, 0.9), rng.uniform(0, 2 * np.pi)
                spot = town.centre + away * np.array([np.cos(bearing), np.sin(bearing)])
                radius = rng.uniform(0.10, 0.16) * town.radius_m + 120
                turn = rng.choice([-1, 1]) * rng.uniform(0.5, 1.0)
                if track.distance(Point(spot)) > 2 * radius:  # a railway does not swirl
                    turns.append([*spot, radius, turn])
        return cls(waves, np.array(turns))

    def __call__(self, geometry: BaseGeometry, step_m: float = 25.0) -> BaseGeometry:
        """`geometry` (or an array of them) with a point at least every `step_m`, displaced."""
        return shapely.transform(shapely.segmentize(geometry, step_m), self.points)

    def points(self, xy: Array) -> Array:
        """Displaced coordinates; shape (n, 2), metres."""
        out = xy.copy()
        for east, north, radius, angle in self.turns:
            near = np.flatnonzero((np.abs(out[:, 0] - east) < 3 * radius) & (np.abs(out[:, 1] - north) < 3 * radius))
            dx, dy = out[near, 0] - east, out[near, 1] - north
            turn = angle * np.exp(-(dx * dx + dy * dy) / (radius * radius))
            out[near, 0] = east + dx * np.cos(turn) - dy * np.sin(turn)
            out[near, 1] = north + dx * np.sin(turn) + dy * np.cos(turn)
        phase = out @ self.waves[:, :2].T + self.waves[:, 2]
        push = np.sin(phase) * self.waves[:, 3]
        heading = np.arctan2(self.waves[:, 1], self.waves[:, 0])
        out[:, 0] += push @ -np.sin(heading)  # across the wave: streets bend rather than bunch
        out[:, 1] += push @ np.cos(heading)
        return out
