"""The street rung: a street inside the places named with it, or in the own area; a junction of two; typing errors.

Never a point in another town than the one named: a street that fits none of the places is not an answer.
Ambiguous streets are coarse, with the candidates ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np
from rapidfuzz.distance import OSA

from geo_data.placing.address import BETWEEN, FIRM
from geo_data.placing.answer import MAX_CANDIDATES, Answer, candidate, marked
from geo_data.placing.home import Home
from geo_data.placing.mentions import BUILDINGS, Mentions, Reader, Street
from geo_data.placing.names import Names
from geo_data.placing.spots import JOIN_M, LONGEST_M, MOST_ROWS, STREET_RADIUS_M, Spot, Spots, fitting, tightest
from geo_data.placing.street_name import is_numbered
from geo_data.placing.zones import FEW, WELL_KNOWN, Zone, Zones

if TYPE_CHECKING:
    from geo_data.placing.gazetteer import Gazetteer

NEAR_RADIUS_M = 150.0  # "opposite", "rear of"
JUNCTION_RADIUS_M = 100.0
_TOO_WIDE_M = 20_000.0
FINE_FIT = 0.7
BESIDE_FIT, BESIDE_M = 0.45, 1_500.0  # up to 3 km outside the place named; the least radius of a street there
_DOUBT, _LITTLE_DOUBT = 0.8, 0.3
SETBACK_M = 60.0  # a house stands so far from the points a street is known by
_MOST_SPELLINGS = 20_000
_TELLING = frozenset("first second third fourth fifth sixth seventh eighth ninth tenth north south east west upper lower".split())
# Confidence: see docs/GEOCODING.md for how often each was right.
SURE, LIKELY, ONLY_OWN, FUZZY, FAR_BUT_ALONE, MEANT = 0.93, 0.85, 0.8, 0.75, 0.65, 0.7


class Streets:
    """The street rung over one gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.names: Names = gazetteer.streets
        self.zones = Zones(gazetteer)
        self.reader = Reader(self.names, self.zones)
        self.spots = Spots(self.names)
        self._spelled: dict[tuple[tuple[str, int], str], tuple[list[tuple[str, str]], Zone]] = {}  # with the place: keeps its key

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
        if is_numbered(street.name) and not zones:
            return None
        spot = self.spots.find(street.name, street.held, zones, home)
        if spot is None:
            return None
        hinted, elsewhere = self._hinted(found, street, spot, zones, home)
        if hinted is not None:
            spot, zones = hinted
        beside = found.parts[street.part].beside
        if spot.rivals:
            return self._ambiguous(spot, f"{1 + len(spot.rivals)} streets named {{}} fit: pick one")
        if trouble := elsewhere or self._trouble(found, spot, street, zones, home):
            return self._ambiguous(spot, trouble)
        confidence = self._confidence(spot, zones, bool(unknown), hinted is not None) - 0.05 * beside
        if not street.number and all(_named_after(found, other) for other in found.streets if other.name == street.name):
            confidence = min(confidence, LIKELY)
        return self._answer(spot, zones, home, confidence=confidence, rung="street", beside=beside)

    def _hinted(self, found: Mentions, street: Street, best: Spot, zones: list[Zone], home: Home | None,
                ) -> tuple[tuple[Spot, list[Zone]] | None, str]:
        """The street in a place that a building of the text is named after ("Monton Car Park, Monton Road, Manchester").

        Second, a reason to doubt the best one otherwise: one of the name lies at such a place, but not quite in it.
        """
        doubt = ""
        for hint in found.hints if zones or home else ():
            zone = self.zones.near(hint, home) if home else hint
            if zone is None or zone in zones or not all(self.zones.together(zone, other) for other in zones):
                continue
            spot = self.spots.find(street.name, street.held, [*zones, zone], home)
            if spot is None:
                continue
            if not spot.rivals and spot.hint_fit(zone) >= FINE_FIT and (zones or spot.level == 0):
                return (spot, [*zones, zone]), ""
            if best.hint_fit(zone) == 0.0:
                doubt = f"another {{}} lies near {_title(zone.name)}, which the text mentions too"
        return None, doubt

    def _confidence(self, spot: Spot, zones: list[Zone], unknown: bool, hinted: bool) -> float:
        if not zones:
            confidence = ONLY_OWN
        elif spot.fit < FINE_FIT:
            confidence = FAR_BUT_ALONE
        elif spot.weaker:
            confidence = MEANT
        else:
            known = spot.fit >= 0.9 and spot.radius > STREET_RADIUS_M and spot.doubt <= _LITTLE_DOUBT \
                and self.names.source(spot.rows[0]) != "police_streets"  # its length is not known
            confidence = SURE if known and not all(zone.only_county for zone in zones) else LIKELY - 0.15 * spot.doubt
        return confidence - 0.1 * unknown - 0.1 * spot.pieces - 0.1 * hinted

    @staticmethod
    def _trouble(found: Mentions, spot: Spot, street: Street, zones: list[Zone], home: Home | None) -> str:
        """Why a street that fits alone is still no fine answer; {} stands for its name. Empty when it is one."""
        checks = (
            (not street.typed and bool(found.unknown) and not spot.alone,
             "{} does not end like a street, and the text says more"),
            (not any(other.whole for other in found.streets if other.name == street.name),
             "{} is only a piece of the name in the text"),
            (not zones and home is None, "{} without a town, and no own area is set"),
            (spot.fit < FINE_FIT and not (spot.alone and street.typed and not is_numbered(street.name)
                                       and (spot.fit >= BESIDE_FIT or spot.held_by(zones))),
             "{} lies outside the place named"),
            (spot.doubt > _DOUBT, "{} lies there, but longer streets of that name lie around it"),
            (bool(zones and home) and spot.level == 2 and not any(zone.only_county or zone.people >= WELL_KNOWN for zone in zones),
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
            named = [near for zone in named if (near := self.zones.near(zone, home))]
        kept: list[Zone] = []
        for zone in reversed(named):
            if zone not in kept and all(self.zones.together(zone, other) for other in kept):
                kept.append(zone)
        return kept, [number for number in found.unknown if number > part]

    def _answer(self, spot: Spot, zones: list[Zone], home: Home | None, *, confidence: float, rung: str, beside: bool = False,
                how: str = "") -> Answer:
        name, where, marking = self.names.shown(spot.rows[0])
        outside = bool(zones) and spot.fit < FINE_FIT
        precision = round(max(spot.radius + SETBACK_M, NEAR_RADIUS_M if beside else 0.0, BESIDE_M if outside else 0.0))
        if zones:
            inside = f"{'just outside' if outside else 'inside'} {_title(tightest(zones).name)}"
        else:
            inside = f"the only one in {home.name if home else 'the gazetteer'}"
        reason = f"{how or 'street matched'} {inside}"
        if spot.others:
            one = spot.others == 1
            reason += f"; {spot.others:,} other {name}{'' if one else 's'} exist{'s' if one else ''} elsewhere"
        if spot.weaker:
            reason += f"; {len(spot.weaker)} more of them in the place named, shorter or further out"
        if home and spot.level == 2:
            reason += f"; far from {home.name}"
        tier = "P2" if precision <= LONGEST_M + SETBACK_M else "P4"
        reason += "" if tier == "P2" else "; too long to be a point"
        return Answer(tier, precision, "street", spot.easting, spot.northing, f"{name}, {where}" if where else name,
                      reason + marked(marking), self._listed(spot.weaker), round(confidence, 2), rung, spot.rows)

    def _ambiguous(self, spot: Spot, why: str) -> Answer:
        """The best of several, with a radius that holds all that lie near; coarse."""
        name, _, marking = self.names.shown(spot.rows[0])
        options = [(spot.rows[0], spot.easting, spot.northing, spot.radius), *spot.rivals]
        reach = max(hypot(e - spot.easting, n - spot.northing) + r for _, e, n, r in options)
        shown = self._listed(options)
        reason = why.format(name)
        if reach > _TOO_WIDE_M or not spot.rivals:
            return Answer(reason=reason, candidates=shown)
        return Answer("P4", round(reach), "street", spot.easting, spot.northing, name, reason + marked(marking), shown,
                      0.3, "street?")

    def _listed(self, options: Sequence[tuple[int, float, float, float]]) -> list[dict[str, Any]]:
        return [candidate(self.names.label(row), "P2", round(r), e, n) for row, e, n, r in options[:MAX_CANDIDATES]]

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
        ends = [fitting(street.held, zones, home)[:MOST_ROWS] for street in (a, b)]
        if not all(ends):
            return None
        (ia, ea, na, ra), (ib, eb, nb, rb) = (map(np.array, list(zip(*end, strict=True))[:4]) for end in ends)
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
        far = [k for k in order[1:] if np.hypot(ea[meets[k, 0]] - ea[x], na[meets[k, 0]] - na[x]) > ra[x] + JOIN_M]
        first, second = self.names[int(ia[x])], self.names[int(ib[y])]
        label = f"{first.name} and {second.name}, {first.locality or first.town}".rstrip(", ")
        inside = f" inside {_title(tightest(zones).name)}" if zones else f" in {home.name}" if home else ""
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
        spot = self.spots.find(hits[0], self.reader.located(hits[0]), zones, home)
        if spot is None or spot.rivals or spot.fit < FINE_FIT or spot.doubt > _DOUBT:
            return None
        hints = [zone for hint in found.hints if (zone := self.zones.near(hint, home) if home else hint)]
        if any(spot.hint_fit(zone) < FINE_FIT for zone in hints):
            return None
        confidence = FUZZY - 0.1 * bool(unknown)
        return self._answer(spot, zones, home, confidence=confidence, rung="street_fuzzy", how=f"street matched with {best} letter"
                            f"{'' if best == 1 else 's'} put right" if best else "street matched with other spaces")

    def _spellings(self, zone: Zone, kind: str) -> list[tuple[str, str]]:
        """The streets under a name that end with `kind`: each without it and without spaces, and as it is."""
        known = self._spelled.get((zone.key, kind))
        if known is None:
            if len(self._spelled) > 2_000:
                self._spelled.clear()
            ending = f" {kind}"
            full = self.names.spellings(zone.rows, ending) if len(zone.rows) <= 3 * _MOST_SPELLINGS else ()
            known = self._spelled[zone.key, kind] = [(text[: -len(ending)].replace(" ", ""), text) for text in full], zone
        return known[0]


def _named_after(found: Mentions, street: Street) -> bool:
    """Whether the text names no street but a building that may be named after it: "Lynn Street Depot"."""
    return any(word in BUILDINGS for word in found.parts[street.part].words[street.end :])


def _other_number(a: str, b: str) -> bool:
    """Whether the words differ in a number or a side: First and Fourth, North and South are other streets."""
    apart = set(a.split()) ^ set(b.split())
    return bool(apart & _TELLING)


def _title(name: str) -> str:
    small = {"upon", "on", "under", "by", "le", "in", "the", "of", "and", "next", "with"}
    if any(sign.isdigit() for sign in name):
        return name.upper()
    return " ".join(word if word in small else word.capitalize() for word in name.split())
