"""A town's streets: main roads and a ring cut it into quarters, quarters are cut into blocks.

Blocks are cut again and again across their longest side, as surveyors lay out estates (recursive
oriented-box subdivision: Vanegas et al., Computer Graphics Forum 31(2), 2012). Every cut is a street, so
streets meet in T-junctions and no street crosses the river or the railway except the main roads.
Everything is drawn straight here; `county_plan.Warp` bends it afterwards. EPSG:27700 metres.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo_data.demo.county_plan import Array, Settlement

# zone: longest and shortest side of a finished block, metres
BLOCKS: dict[str, tuple[float, float]] = {
    "centre": (125.0, 80.0),
    "terrace": (230.0, 74.0),
    "interwar": (270.0, 105.0),
    "estate": (290.0, 185.0),
    "industrial": (420.0, 230.0),
    "village": (210.0, 130.0),
}
OPEN_ZONES = ("park", "school", "retail", "hospital", "sports", "cemetery", "allotments")
MARKET_STREETS = ("High Street", "Market Street", "Bridge Street", "Castle Street", "Chapel Street", "Fore Gate",
                  "Priory Street", "Mill Street", "Long Row", "Corn Street")
WHOLE = (9_000.0, 9_000.0)  # a zone that is not cut further


@dataclass
class Town:
    """One settlement drawn straight: blocks with their zone, streets with their class and name ('' = not yet)."""

    settlement: Settlement
    outline: BaseGeometry
    blocks: list[BaseGeometry] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    streets: list[BaseGeometry] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add_streets(self, lines: object, kind: str, name: str = "") -> None:
        parts = [part for part in shapely.get_parts(np.asarray(lines, dtype=object)) if part.length > 15]
        self.streets += parts
        self.kinds += [kind] * len(parts)
        self.names += [name] * len(parts)


def draw_town(settlement: Settlement, roads: list[tuple[str, str, LineString]], *, land: BaseGeometry,
              water: BaseGeometry, rail: BaseGeometry, rng: np.random.Generator) -> Town:
    """Draw one settlement. `roads` are the main roads that reach it: (class, far end, line)."""
    centre, radius = settlement.centre, settlement.radius_m
    outline = _outline(centre, radius, roads, rng) & land.buffer(-70)
    barred = shapely.union_all([water.buffer(14), rail.buffer(16)])
    ground = outline - barred
    town = Town(settlement, outline)

    spokes = [(kind, f"{end} Road", line & outline.buffer(60)) for kind, end, line in roads]
    spokes += [("distributor", "", line) for line in _extra_spokes(settlement, roads, rng)]
    rings = _rings(settlement, rng)
    middle = Point(centre).buffer(radius * {"city": 0.145, "town": 0.26, "village": 0.3}[settlement.kind])
    for number, (kind, name, line) in enumerate(spokes):
        town.add_streets([line & middle], kind, MARKET_STREETS[number % len(MARKET_STREETS)])
        town.add_streets([line & outline.buffer(60) - middle], kind, name)
    for kind, name, line in rings:
        town.add_streets([line & outline & land.buffer(-70)], kind, name)

    lines = [line for _, _, line in spokes] + [line for _, _, line in rings]
    edges = shapely.node(shapely.union_all([ground.boundary, *lines]))
    quarters = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    inside = shapely.contains(ground, shapely.point_on_surface(quarters))
    quarters = quarters[inside & (shapely.area(quarters) > 1_500)]

    village = settlement.kind == "village"
    if not village:
        quarters, cuts = subdivide(quarters, np.tile([520.0, 330.0], (len(quarters), 1)), rng)
        town.add_streets(cuts, "distributor")
    zones = np.full(len(quarters), "village", dtype=object) if village else _zone(quarters, settlement, barred, rng)
    for zone in sorted(set(zones)):
        mine = quarters[zones == zone]
        blocks, cuts = subdivide(mine, np.tile(BLOCKS.get(zone, WHOLE), (len(mine), 1)), rng)
        town.add_streets(cuts, "residential")
        town.blocks += list(blocks)
        town.zones += [zone] * len(blocks)
        if zone in ("estate", "interwar", "village"):
            town.add_streets(_closes(blocks, rng), "close")
    return town


def subdivide(polygons: Array, limits: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Cut polygons until no block is longer or deeper than its limits (n, 2): (blocks, cuts).

    Level by level, all polygons at once. Slivers under 400 m2 become verge.
    """
    done, cuts = [], []
    while len(polygons):
        corner = shapely.get_coordinates(shapely.oriented_envelope(polygons)).reshape(-1, 5, 2)
        side = np.stack([corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 1]], axis=1)
        length = np.hypot(side[..., 0], side[..., 1])
        longer = length.argmax(axis=1)
        row = np.arange(len(polygons))
        too_long, too_deep = length[row, longer] > limits[:, 0], length[row, 1 - longer] > limits[:, 1]
        cut = too_long | too_deep
        done.append(polygons[~cut])
        if not cut.any():
            break
        polygons, limits, row = polygons[cut], limits[cut], row[: cut.sum()]
        corner, side, length = corner[cut], side[cut], length[cut]
        across = np.where(too_long[cut], longer[cut], 1 - longer[cut])  # the side that is halved
        step, other = side[row, across], side[row, 1 - across]
        start = (corner[:, 0] + corner[:, 2]) / 2 + step * rng.uniform(-0.08, 0.08, (len(row), 1))
        heading = np.arctan2(other[:, 1], other[:, 0]) + rng.normal(0, 0.035, len(row))
        along = np.column_stack([np.cos(heading), np.sin(heading)]) * 6_000
        beside = np.column_stack([-along[:, 1], along[:, 0]])
        half = shapely.polygons(np.stack([start - along, start + along, start + along + beside,
                                          start - along + beside], axis=1))
        line = shapely.linestrings(np.stack([start - along, start + along], axis=1))
        cuts.append(shapely.intersection(line, polygons))
        both = np.concatenate([shapely.intersection(polygons, half), shapely.difference(polygons, half)])
        parts, owner = shapely.get_parts(both, return_index=True)
        limits = np.concatenate([limits, limits])[owner]
        keep = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 400)
        polygons, limits = parts[keep], limits[keep]
    blocks = np.concatenate(done) if done else np.array([], dtype=object)
    return blocks, shapely.get_parts(np.concatenate(cuts)) if cuts else np.array([], dtype=object)


def _outline(centre: Array, radius: float, roads: list[tuple[str, str, LineString]], rng: np.random.Generator
             ) -> Polygon:
    """Where the streets end: a lobed shape, drawn out along the main roads."""
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    reach = np.full(96, radius * 0.86)
    for wave, size in ((2, 0.08), (3, 0.07), (5, 0.05), (9, 0.03)):
        reach *= 1 + size * np.sin(wave * angle + rng.uniform(0, 2 * np.pi))
    for _, _, line in roads:
        out = np.asarray(line.interpolate(radius).coords[0]) - centre
        apart = np.angle(np.exp(1j * (angle - np.arctan2(out[1], out[0]))))
        reach += radius * 0.16 * np.exp(-((apart / 0.22) ** 2))
    return Polygon(centre + np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None])


def _extra_spokes(settlement: Settlement, roads: list[tuple[str, str, LineString]], rng: np.random.Generator
                  ) -> list[LineString]:
    """Local radial roads in the widest gaps between the main roads, so that no quarter is too wide."""
    bearings = []
    for _, _, line in roads:
        out = np.asarray(line.interpolate(settlement.radius_m).coords[0]) - settlement.centre
        bearings.append(np.arctan2(out[1], out[0]))
    widest = {"city": 0.75, "town": 1.3, "village": 2.2}[settlement.kind]
    extra: list[LineString] = []
    while True:
        ordered = np.sort(bearings)
        gaps = np.diff(np.append(ordered, ordered[0] + 2 * np.pi))
        if gaps.max() < 2 * widest * 0.75:
            return extra
        bearing = ordered[gaps.argmax()] + gaps.max() * rng.uniform(0.44, 0.56)
        bearings.append(bearing)
        reach = np.array([0.0, 1.0])[:, None] * settlement.radius_m * rng.uniform(0.7, 0.95)
        extra.append(LineString(settlement.centre + reach * [np.cos(bearing), np.sin(bearing)]))


def _rings(settlement: Settlement, rng: np.random.Generator) -> list[tuple[str, str, LineString]]:
    """The city's inner ring and ring road; a back lane round a town's market place."""
    sizes = {"city": (("A", "Outer Ring", 0.55), ("B", "Inner Ring", 0.145)), "town": (("B", "", 0.26),), "village": ()}
    rings = []
    for kind, name, share in sizes[settlement.kind]:
        angle = np.linspace(0, 2 * np.pi, 73)
        reach = settlement.radius_m * share * (1 + 0.07 * np.sin(2 * angle + rng.uniform(0, 6))
                                               + 0.04 * np.sin(3 * angle + rng.uniform(0, 6)))
        rings.append((kind, name, LineString(settlement.centre + np.column_stack([np.cos(angle), np.sin(angle)])
                                             * reach[:, None])))
    return rings


def _zone(quarters: Array, settlement: Settlement, barred: BaseGeometry, rng: np.random.Generator) -> Array:
    """What each quarter is: by distance from the centre, then the open and working places."""
    middle = shapely.get_coordinates(shapely.point_on_surface(quarters))
    area = shapely.area(quarters) / 10_000  # hectares
    out = np.hypot(*(middle - settlement.centre).T) / settlement.radius_m
    zone = np.where(out < 0.17, "centre", np.where(out < 0.48, "terrace", np.where(
        rng.random(len(out)) < 0.55, "interwar", "estate"))).astype(object)
    to_track = shapely.distance(shapely.points(middle), barred) if not barred.is_empty else np.full(len(out), 9e9)
    city = settlement.kind == "city"
    shuffled = rng.permutation(len(out))

    def take(name: str, count: int, fits: Array) -> None:
        free = [i for i in shuffled if fits[i] and zone[i] in ("terrace", "interwar", "estate")]
        zone[free[:count]] = name

    size = (area > 3) & (area < 14)
    take("industrial", 8 if city else 2, size & (out > 0.42) & (to_track < 330))
    take("industrial", 5 if city else 1, size & (out > 0.62))
    take("retail", 1, (area > 5) & (area < 14) & (out > 0.45) & (out < 0.7))
    take("hospital", 1 if city else 0, (area > 5) & (out > 0.3) & (out < 0.75))
    take("park", 3 if city else 1, size & (out > 0.17) & (out < 0.5))
    take("park", 6 if city else 1, size & (out > 0.4))
    take("school", 14 if city else 3, (area > 2) & (area < 8) & (out > 0.25))
    take("sports", 4 if city else 1, size & (out > 0.5))
    take("cemetery", 1, (area > 2) & (area < 10) & (out > 0.4))
    take("allotments", 4 if city else 1, (area > 1) & (area < 6) & (out > 0.3))
    return zone


def _closes(blocks: Array, rng: np.random.Generator) -> list[LineString]:
    """Cul-de-sacs and crescents inside blocks too deep to be served from their edge."""
    corner = shapely.get_coordinates(shapely.oriented_envelope(blocks)).reshape(-1, 5, 2)
    side = np.stack([corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 1]], axis=1)
    length = np.hypot(side[..., 0], side[..., 1])
    closes: list[LineString] = []
    for k in np.flatnonzero((length.min(axis=1) > 108) & (shapely.area(blocks) > 14_000)):
        inner = blocks[k].buffer(-34)
        if inner.is_empty:
            continue
        longer = int(length[k].argmax())
        long, short = side[k, longer], side[k, 1 - longer]
        base = corner[k, 0] if longer == 0 else corner[k, 1] - short
        flip = rng.random() < 0.5
        stems = max(1, round(length[k, longer] / 150))
        if stems >= 2 and rng.random() < 0.3:  # a crescent: out from the long side and back to it
            t = np.linspace(0, np.pi, 15)
            u, v = 0.5 - 0.30 * np.cos(t), 0.62 * np.sin(t) ** 0.6
            v = 1 - v if flip else v
            arc = base + u[:, None] * long + v[:, None] * short
            closes += _within(LineString(arc), blocks[k])
            continue
        for stem in range(stems):
            u = (stem + 0.5) / stems + rng.uniform(-0.06, 0.06)
            depth = rng.uniform(0.55, 0.68)
            v0, v1 = (1.0, 1 - depth) if flip else (0.0, depth)
            bend = rng.uniform(-0.05, 0.05)
            tip = base + (u + bend) * long + v1 * short
            line = LineString([base + u * long + v0 * short, base + u * long + (v0 + v1) / 2 * short, tip])
            closes += _within(line, blocks[k])
            if length[k, 1 - longer] > 150 and rng.random() < 0.6:  # a hammerhead
                arm = long / length[k, longer] * min(45.0, 0.28 * length[k, longer] / stems)
                closes += [bar for bar in _within(LineString([tip - arm, tip + arm]), blocks[k])
                           if inner.intersects(Point(tip))]
    return closes


def _within(line: LineString, block: BaseGeometry) -> list[LineString]:
    """The longest part of a line inside its block."""
    parts = [part for part in shapely.get_parts(shapely.intersection(line, block)) if part.length > 30]
    return [max(parts, key=lambda part: part.length)] if parts else []
