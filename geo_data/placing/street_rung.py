"""The street rung: a street inside the places named with it, or in the own area; a junction of two; typing errors.

Never a point in another town than the one named: a street that fits none of the places is not an answer.
Ambiguous streets are coarse, with the candidates ranked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from geo_data.placing.address import BETWEEN, FIRM
from geo_data.placing.answer import MAX_CANDIDATES, Answer, candidate, marked
from geo_data.placing.home import Home
from geo_data.placing.mentions import Mentions, Reader, Street
from geo_data.placing.names import Names, Rows
from geo_data.placing.zones import FEW, Floats, Zone, Zones

if TYPE_CHECKING:
    from geo_data.placing.gazetteer import Gazetteer

STREET_RADIUS_M = 60.0
NEAR_RADIUS_M = 150.0  # "opposite", "rear of"
JUNCTION_RADIUS_M = 100.0
LONGEST_M = 2_500.0  # a road of a larger radius is no point
_MARGIN = 0.12  # candidates whose fit is this close to the best are rivals
_JOIN_M = 500.0  # two stretches of one name with a gap up to this are one street
_OWN = np.array([0.3, 0.15, 0.0])  # what the own area, its neighbours and the rest add to a fit
_ONE_STREET_M = 2_000.0  # stretches of one name that all lie within this are one street
_TOO_WIDE_M = 20_000.0
FINE_FIT = 0.7
_DOUBT, _LITTLE_DOUBT = 0.8, 0.3
SETBACK_M = 60.0  # a house stands so far from the points a street is known by
_WELL_KNOWN = 20_000  # inhabitants of a place that needs no county
_MOST_ROWS = 200
_MOST_SPELLINGS = 20_000
_TELLING = frozenset("first second third fourth fifth sixth seventh eighth ninth tenth north south east west upper lower".split())
# Confidence: see docs/GEOCODING.md for how often each was right.
SURE, LIKELY, ONLY_OWN, FUZZY = 0.93, 0.85, 0.8, 0.75


@dataclass(frozen=True)
class Spot:
    """Where a street lies: its stretches joined, and the other streets of the name that fit as well."""

    rows: Rows
    easting: float
    northing: float
    radius: float
    fit: float  # how well it fits the worst of the places
    rivals: tuple[tuple[int, float, float, float], ...]  # row, easting, northing, radius
    others: int  # streets of the name elsewhere
    doubt: float  # the share of the streets of the name in the wider place that lie elsewhere, by their length
    level: int  # of the own area: 0 inside, 1 near, 2 beyond or not known


class Streets:
    """The street rung over one gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.names: Names = gazetteer.streets
        self.zones = Zones(gazetteer)
        self.reader = Reader(self.names, self.zones)
        self._spots: dict[tuple[str, tuple[str, ...], int], tuple[Spot | None, Home | None]] = {}  # with the own area: keeps its id
        self._reach: dict[tuple[str, int], tuple[bool, Home]] = {}
        self._points: dict[str, tuple[Floats, Floats, Floats]] = {}
        self._spelled: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def answer(self, found: Mentions, home: Home | None) -> Answer | None:
        """The street or junction that a text names; None when none is found where the text says."""
        if not found.streets and not found.unknown_streets:
            return None
        if len(found.streets) > 1 and (joint := self._junction(found, home)):
            return joint
        numbered = [street for street in found.streets if street.number]
        answers = [(street, answer) for street in numbered or found.streets if (answer := self._street(found, street, home))]
        if fine := [pair for pair in answers if pair[1].fine]:
            best = max(fine, key=lambda pair: (pair[1].confidence, pair[0].part))
            return self._checked(best[1], [answer for _, answer in fine if answer is not best[1]])
        for part, name in found.unknown_streets:
            if answer := self._fuzzy(found, part, name, home):
                return answer
        return answers[0][1] if answers else None

    # --- one street ---------------------------------------------------------------------------

    def _street(self, found: Mentions, street: Street, home: Home | None) -> Answer | None:
        first = min(other.part for other in found.streets if other.name == street.name)
        zones, unknown = self._places(found, first, home)
        spot = self._spot(street.name, street.rows, zones, home)
        if spot is None:
            return None
        beside = found.parts[street.part].beside
        if spot.rivals:
            return self._ambiguous(spot, f"{1 + len(spot.rivals)} streets named {{}} fit: pick one")
        if trouble := self._trouble(found, spot, street, zones, home):
            return self._ambiguous(spot, trouble)
        if not zones:
            confidence = ONLY_OWN
        else:
            known = spot.fit >= 0.9 and spot.radius > STREET_RADIUS_M and spot.doubt <= _LITTLE_DOUBT
            confidence = SURE if known and not all(zone.only_county for zone in zones) else LIKELY - 0.15 * spot.doubt
        confidence -= 0.1 * bool(unknown) + 0.05 * beside
        return self._answer(spot, zones, home, confidence=confidence, rung="street", beside=beside)

    @staticmethod
    def _trouble(found: Mentions, spot: Spot, street: Street, zones: list[Zone], home: Home | None) -> str:
        """Why a street that fits alone is still no fine answer; {} stands for its name. Empty when it is one."""
        checks = (
            (not street.typed and bool(found.unknown), "{} does not end like a street, and the text says more"),
            (not any(other.whole for other in found.streets if other.name == street.name),
             "{} is only a piece of the name in the text"),
            (not zones and home is None, "{} without a town, and no own area is set"),
            (spot.fit < FINE_FIT, "{} lies outside the place named"),
            (spot.doubt > _DOUBT, "{} lies there, but longer streets of that name lie around it"),
            (bool(zones and home) and spot.level == 2 and not any(zone.only_county or zone.people >= _WELL_KNOWN for zone in zones),
             "{} lies far from the own area"),
            (len(zones) == 1 and not (home and spot.level < 2) and not zones[0].is_main(spot.easting, spot.northing),
             "{} lies in the smaller of several places of that name"),
        )
        return next((why for wrong, why in checks if wrong), "")

    def _places(self, found: Mentions, part: int, home: Home | None) -> tuple[list[Zone], list[int]]:
        """The places that a street must fit, and the parts after it that are not known.

        Those named after it, else those before it. A place that has none of that name near the one
        named after it is another place, and is left out.
        """
        after = [zone for number, zone in found.places if number >= part]
        named = after or [zone for number, zone in found.places if number < part]
        if home:
            named = [zone for zone in named if self._reachable(zone, home)]
        kept: list[Zone] = []
        for zone in reversed(named):
            if zone not in kept and all(self.zones.together(zone, other) for other in kept):
                kept.append(zone)
        return kept, [number for number in found.unknown if number > part]

    def _reachable(self, zone: Zone, home: Home) -> bool:
        """Whether a place can be meant in the own area: it lies in it or near it, or everybody knows it."""
        key = (zone.name, id(home))
        if key not in self._reach:
            if len(self._reach) > 100_000:
                self._reach.clear()
            near = zone.only_county or zone.people >= _WELL_KNOWN or bool((home.level(*zone.sample) < 2).any())
            self._reach[key] = (near, home)
        return self._reach[key][0]

    def _spot(self, name: str, rows: Rows, zones: list[Zone], home: Home | None) -> Spot | None:
        """Where the street of a name is that fits all places, None when none does; each is worked out once."""
        key = (name, tuple(zone.name for zone in zones), id(home))
        if key not in self._spots:
            if len(self._spots) > 100_000:
                self._spots.clear()
            self._spots[key] = (self._find(name, rows, zones, home), home)
        return self._spots[key][0]

    def _find(self, name: str, rows: Rows, zones: list[Zone], home: Home | None) -> Spot | None:
        fitting = self._fitting(name, rows, zones, home)
        if fitting is None:
            return None
        kept, fits, level = fitting
        e, n, radius = (axis[kept] for axis in self._located(name, rows))
        score = (fits[0] if len(fits) == 1 else fits.sum(axis=0) / len(fits)) + _OWN[level]
        if len(kept) > 1:
            for zone in zones:
                score += zone.pull(e, n) * (0.5 / len(zones))
        close = np.flatnonzero(score >= score.max() - _MARGIN)
        if len(close) > 1:
            close = close[np.lexsort((-radius[close], -score[close]))][:_MOST_ROWS]
            own, rest = self._joined(rows[kept], (e, n, radius), close)
        else:
            own, rest = close, close[:0]
        main = int(own[0])
        easting, northing, size = float(e[main]), float(n[main]), float(radius[main])
        if len(own) > 1:
            weight = radius[own] / radius[own].sum()
            easting, northing = float((e[own] * weight).sum()), float((n[own] * weight).sum())
            size = float((np.hypot(e[own] - easting, n[own] - northing) + radius[own]).max())
        tight = zones.index(_tightest(zones)) if zones else 0
        rivals = tuple((int(rows[kept[i]]), float(e[i]), float(n[i]), float(radius[i])) for i in rest)
        return Spot(rows[kept[own]], easting, northing, max(STREET_RADIUS_M, size), float(fits[tight][own].max()), rivals,
                    len(rows) - len(own) - len(rest), self._doubt((e, n, radius), own, level), int(level[main]))

    def _fitting(self, name: str, rows: Rows, zones: list[Zone], home: Home | None,
                 ) -> tuple[Rows, Floats, npt.NDArray[np.int64]] | None:
        """Which rows fit every place a little, how well they fit each, and their level in the own area."""
        e, n, _ = self._located(name, rows)
        kept = np.arange(len(rows))
        fits = np.ones((1, len(rows)))
        if zones:
            found: list[Floats] = []
            for zone in reversed(zones):  # the most specific first: it leaves fewest
                fit = zone.fit(rows[kept], e[kept], n[kept])
                good = fit > 0
                if not good.any():
                    return None
                kept, found = kept[good], [*(each[good] for each in found), fit[good]]
            fits = np.array(found[::-1])
        level = home.level(e[kept], n[kept]) if home else np.full(len(kept), 2)
        if not zones and home:
            inside = level == 0
            kept, level, fits = kept[inside], level[inside], fits[:, inside]
        return (kept, fits, level) if len(kept) else None

    def _joined(self, rows: Rows, points: tuple[Floats, Floats, Floats], close: Rows) -> tuple[Rows, Rows]:
        """The stretches of the best street, the longest first, and the other streets among the `close` ones."""
        e, n, radius = points
        first = close[0]
        beside = np.hypot(e[close] - e[first], n[close] - n[first]) <= radius[close] + radius[first] + _JOIN_M
        main = close[np.argmax(radius[close] * beside)]
        close = np.concatenate(([main], close[close != main]))
        apart = np.hypot(e[close] - e[main], n[close] - n[main])
        if (apart + radius[close]).max() <= _ONE_STREET_M:
            return close, close[:0]
        gap = apart - radius[close] - radius[main]
        own, rest = close[gap <= _JOIN_M], close[gap > _JOIN_M]
        if len(rest) and (self.names.groups(rows[rest]) == self.names.groups(rows[own[:1]])[0]).all():
            return close, rest[:0]
        return own, rest

    @staticmethod
    def _doubt(points: tuple[Floats, Floats, Floats], own: Rows, level: npt.NDArray[np.int64]) -> float:
        """How much of the streets of a name, in the wider place that was named, is not the street chosen, by their length.

        Streets further from the own area than the one chosen raise no doubt.
        """
        e, n, radius = points
        other = np.hypot(e - e[own[0]], n - n[own[0]]) > _ONE_STREET_M
        other[own] = False
        other &= level <= level[own[0]]
        away, here = float(radius[other].sum()), float(radius[own].sum())
        return away / (away + here)

    def _located(self, name: str, rows: Rows) -> tuple[Floats, Floats, Floats]:
        if name not in self._points:
            if len(self._points) > 100_000:
                self._points.clear()
            self._points[name] = self.names.points(rows)
        return self._points[name]

    def _answer(self, spot: Spot, zones: list[Zone], home: Home | None, *, confidence: float, rung: str, beside: bool = False,
                how: str = "") -> Answer:
        street = self.names[int(spot.rows[0])]
        where = street.locality or street.town
        precision = round(max(spot.radius + SETBACK_M, NEAR_RADIUS_M if beside else 0.0))
        inside = f"inside {_title(_tightest(zones).name)}" if zones else f"the only one in {home.name if home else 'the gazetteer'}"
        reason = f"{how or 'street matched'} {inside}"
        if spot.others:
            one = spot.others == 1
            reason += f"; {spot.others:,} other {street.name}{'' if one else 's'} exist{'s' if one else ''} elsewhere"
        if home and spot.level == 2:
            reason += f"; far from {home.name}"
        tier = "P2" if precision <= LONGEST_M else "P4"
        return Answer(tier, precision, "street", spot.easting, spot.northing, f"{street.name}, {where}" if where else street.name,
                      reason + marked(street.marking), [], round(confidence, 2), rung)

    def _ambiguous(self, spot: Spot, why: str) -> Answer:
        """The best of several, with a radius that holds all that lie near; coarse."""
        main = self.names[int(spot.rows[0])]
        options = [(int(spot.rows[0]), spot.easting, spot.northing, spot.radius), *spot.rivals]
        reach = max(float(np.hypot(e - spot.easting, n - spot.northing)) + r for _, e, n, r in options)
        shown = [candidate(_label(self.names, row), "P2", round(r), e, n) for row, e, n, r in options[:MAX_CANDIDATES]]
        reason = why.format(main.name)
        if reach > _TOO_WIDE_M or not spot.rivals:
            return Answer(reason=reason, candidates=shown)
        return Answer("P4", round(reach), "street", spot.easting, spot.northing, main.name, reason + marked(main.marking), shown,
                      0.3, "street?")

    def _checked(self, best: Answer, rest: list[Answer]) -> Answer:
        """Lower the confidence when another street of the text lies elsewhere."""
        far = [other for other in rest
               if np.hypot(other.easting - best.easting, other.northing - best.northing) > 1_000 + best.precision_m]
        if not far:
            return best
        return Answer(best.tier, best.precision_m, best.method, best.easting, best.northing, best.matched,
                      f"{best.reason}; the text also names {far[0].matched}",
                      [candidate(other.matched or "", other.tier, other.precision_m, other.easting, other.northing)
                       for other in far[:MAX_CANDIDATES]], round(best.confidence - 0.2, 2), best.rung)

    # --- junctions ----------------------------------------------------------------------------

    def _junction(self, found: Mentions, home: Home | None) -> Answer | None:
        for a, b in zip(found.streets, found.streets[1:], strict=False):
            between = found.parts[a.part].words[a.end : b.start] if a.part == b.part else ()
            if a.name == b.name or not (found.junction or (len(between) == 1 and between[0] in BETWEEN)):
                continue
            zones, unknown = self._places(found, b.part, home)
            if not zones and home is None:
                continue
            if answer := self._meet(a, b, zones, unknown, home):
                return answer
        return None

    def _meet(self, a: Street, b: Street, zones: list[Zone], unknown: list[int], home: Home | None) -> Answer | None:
        ends = []
        for street in (a, b):
            e, n, radius = self._located(street.name, street.rows)
            fits = [zone.fit(street.rows, e, n) for zone in zones]
            valid = np.min(fits, axis=0) > 0 if fits else home.level(e, n) == 0 if home else np.ones(len(e), dtype=bool)
            at = np.flatnonzero(valid)[:_MOST_ROWS]
            ends.append((at, e[at], n[at], radius[at]))
        (ia, ea, na, ra), (ib, eb, nb, rb) = ends
        if not len(ia) or not len(ib):
            return None
        distance = np.hypot(ea[:, None] - eb, na[:, None] - nb)
        gap = distance - (ra[:, None] + rb)
        meets = np.argwhere(gap <= JUNCTION_RADIUS_M)
        if not len(meets):
            return None
        order = np.argsort(gap[meets[:, 0], meets[:, 1]])
        x, y = meets[order[0]]
        share = ra[x] / (ra[x] + rb[y])
        at_e, at_n = float(ea[x] + (eb[y] - ea[x]) * share), float(na[x] + (nb[y] - na[x]) * share)
        precision = float(max(JUNCTION_RADIUS_M, min(ra[x], rb[y])))
        far = [k for k in order[1:] if np.hypot(ea[meets[k, 0]] - ea[x], na[meets[k, 0]] - na[x]) > ra[x] + _JOIN_M]
        first, second = self.names[int(a.rows[ia[x]])], self.names[int(b.rows[ib[y]])]
        label = f"{first.name} and {second.name}, {first.locality or first.town}".rstrip(", ")
        inside = f" inside {_title(_tightest(zones).name)}" if zones else f" in {home.name}" if home else ""
        if far:
            reason = f"{len(far) + 1} junctions of these streets fit: pick one"
            return Answer("P4", 5_000.0, "junction", at_e, at_n, label, reason, [], 0.3, "junction?")
        confidence = (LIKELY if zones else ONLY_OWN) - 0.1 * bool(unknown)
        tier = "P2" if precision <= LONGEST_M else "P4"
        return Answer(tier, round(precision), "junction", at_e, at_n, label, f"junction of two streets that meet{inside}"
                      + marked(first.marking), [], round(confidence, 2), "junction")

    # --- typing errors ------------------------------------------------------------------------

    def _fuzzy(self, found: Mentions, part: int, name: str, home: Home | None) -> Answer | None:
        """A street of nearly this name, inside the place named and nowhere else."""
        zones, unknown = self._places(found, part, home)
        tight = [zone for zone in zones if len(zone.rows)]
        stem, _, kind = name.rpartition(" ")
        letters = len(stem.replace(" ", ""))
        if not tight or kind not in FIRM or letters < 6:
            return None
        smallest = min(tight, key=lambda zone: len(zone.rows))
        if len(smallest.rows) <= FEW and len(tight) > 1:
            smallest = max(tight, key=lambda zone: len(zone.rows))
        allowed = 1 if letters < 10 else 2
        joined, best, hits = stem.replace(" ", ""), allowed + 1, list[str]()
        for text, full in self._spellings(smallest, kind):
            if abs(len(text) - letters) > allowed:
                continue
            edits = OSA.distance(joined, text, score_cutoff=allowed)
            if edits < best:
                best, hits = edits, [full]
            elif edits == best <= allowed:
                hits.append(full)
        if len(hits) != 1 or _other_number(stem, hits[0]):
            return None
        spot = self._spot(hits[0], self.reader.rows(hits[0]), zones, home)
        if spot is None or spot.rivals or spot.fit < FINE_FIT or spot.doubt > _DOUBT:
            return None
        confidence = FUZZY - 0.1 * bool(unknown)
        return self._answer(spot, zones, home, confidence=confidence, rung="street_fuzzy", how=f"street matched with {best} letter"
                            f"{'' if best == 1 else 's'} put right" if best else "street matched with other spaces")

    def _spellings(self, zone: Zone, kind: str) -> list[tuple[str, str]]:
        key = (zone.name, kind)
        if key not in self._spelled:
            if len(self._spelled) > 2_000:
                self._spelled.clear()
            names = self.names.spellings(zone.rows) if len(zone.rows) <= 3 * _MOST_SPELLINGS else []
            for each in FIRM:
                self._spelled[zone.name, each] = []
            for full in names:
                stem, _, last = full.rpartition(" ")
                if last in FIRM:
                    self._spelled[zone.name, last].append((stem.replace(" ", ""), full))
        return self._spelled[key]


def _other_number(a: str, b: str) -> bool:
    """Whether the words differ in a number or a side: First and Fourth, North and South are other streets."""
    apart = set(a.split()) ^ set(b.split())
    return bool(apart & _TELLING)


def _tightest(zones: list[Zone]) -> Zone:
    """The place named next to the street that is no mere county."""
    return next((zone for zone in reversed(zones) if not zone.only_county), zones[-1])


def _label(names: Names, row: int) -> str:
    street = names[row]
    return ", ".join(dict.fromkeys(text for text in (street.name, street.locality, street.town) if text))


def _title(name: str) -> str:
    small = {"upon", "on", "under", "by", "le", "in", "the", "of", "and", "next", "with"}
    if any(sign.isdigit() for sign in name):
        return name.upper()
    return " ".join(word if word in small else word.capitalize() for word in name.split())
