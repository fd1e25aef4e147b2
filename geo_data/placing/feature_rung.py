"""The feature rung: stations, stops, schools, hospitals, parks and local names, as far as a layer holds them.

Like a street, a feature must fit the places named with it; one of several that fit is coarse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from geo_data.placing.address import BETWEEN
from geo_data.placing.answer import MAX_CANDIDATES, Answer, candidate, marked, tier_of_radius
from geo_data.placing.home import Home
from geo_data.placing.layer_table import Located
from geo_data.placing.mentions import Mentions
from geo_data.placing.names import Names
from geo_data.placing.spots import fitting
from geo_data.placing.zones import Zone, Zones

if TYPE_CHECKING:
    from geo_data.placing.gazetteer import Gazetteer

SURE, ONLY_OWN, ONLY_ONE = 0.9, 0.8, 0.7
NEAR_RADIUS_M = 150.0
_ONE_SPOT_M = 300.0  # entrances and platforms of one station
_MARGIN = 0.12
_OWN = (0.3, 0.15, 0.0)
_FINE_FIT = 0.7
_LONGEST = 7
_MOST_KEPT = 100_000


First = tuple[int, int, Located] | None


class Features:
    """The feature rung over one gazetteer."""

    def __init__(self, gazetteer: Gazetteer, zones: Zones) -> None:
        self.names: Names = gazetteer.features
        self._zones = zones
        self._known: dict[tuple[str, ...], First] = {}

    def answer(self, found: Mentions, home: Home | None) -> Answer | None:
        """The feature that a text names; None when there is none, or none where the text says."""
        if not len(self.names):
            return None
        answers = [answer for part in range(len(found.parts)) if (answer := self._part(found, part, home))]
        fine = [answer for answer in answers if answer.fine]
        return max(fine or answers, key=lambda answer: answer.confidence, default=None)

    def _part(self, found: Mentions, part: int, home: Home | None) -> Answer | None:
        words = found.parts[part].words
        first = self._first(words)
        if first is None:
            return None
        start, end, held = first
        rest = [*_pieces(words[end:]), *_pieces(words[:start])]
        inner = next((zone for text in rest if (zone := self._zones.find(text))), None)
        zones = [zone for number, zone in found.places if number != part] + ([inner] if inner else [])
        if end - start == len(words) and self._zones.find(" ".join(words)) and not self._is_named_once(held):
            return None
        return self._at(held, zones, home, beside=found.parts[part].beside)

    def _first(self, words: tuple[str, ...]) -> First:
        """The longest group of words [start, end) that names a feature, with its rows; one word alone only where it is all."""
        known = self._known.get(words, False)  # asked once: another thread may clear it
        if not isinstance(known, bool):
            return known
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        found = ((start, end, self._held(words[start:end], "stop" in words)) for start, end in _windows(words))
        first = self._known[words] = next((group for group in found if len(group[2].rows)), None)
        return first

    def _held(self, words: tuple[str, ...], stops: bool) -> Located:
        held = self.names.located(" ".join(words))
        if stops or not len(held.rows):
            return held
        return held.only([self.names.kind(row) != "bus_stop" for row in held.rows.tolist()])

    def _is_named_once(self, held: Located) -> bool:
        return bool((np.hypot(held.e - held.e[0], held.n - held.n[0]) <= _ONE_SPOT_M).all())

    def _at(self, held: Located, zones: list[Zone], home: Home | None, *, beside: bool) -> Answer | None:
        found = [each for each in fitting(held, zones, home, streets=False) if min(each.fits) >= _FINE_FIT]
        if not found:
            return None
        scores = [min(each.fits) + _OWN[each.level] for each in found]
        close = [each for score, each in zip(scores, found, strict=True) if score >= max(scores) - _MARGIN]
        main = found[scores.index(max(scores))]
        apart = [each.apart(main) for each in close]
        named = self.names[main.row]
        label = ", ".join(dict.fromkeys(text for text in (named.name, named.locality or named.town) if text))
        if max(apart) > max(_ONE_SPOT_M, 2 * main.radius):
            shown = [candidate(self.names.label(row), "P2", radius, e, n) for row, e, n, radius, *_ in close[:MAX_CANDIDATES]]
            reach = max(gap + each.radius for gap, each in zip(apart, close, strict=True))
            reason = f"{len(close)} places named {named.name} fit: pick one"
            if reach > 20_000.0:
                return Answer(reason=reason, candidates=shown)
            return Answer("P4", round(reach), "feature", main.easting, main.northing, label, reason, shown, 0.3, "feature?")
        confidence = SURE if zones else ONLY_OWN if home else ONLY_ONE
        precision = max(main.radius, *apart, NEAR_RADIUS_M if beside else 0.0, 26.0)
        kind = named.kind.replace("_", " ")
        where = f"{kind} matched in the place named" if zones else f"the only {kind} of that name"
        return Answer(tier_of_radius(precision), round(precision), "feature", main.easting, main.northing, label,
                      where + marked(named.marking), [], round(confidence - 0.05 * beside, 2), "feature")


def _windows(words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Groups of words [start, end) that may name a feature, the longest first, from the left."""
    size = len(words)
    begins = [start for start, word in enumerate(words) if word not in BETWEEN]
    ends = frozenset(start + 1 for start in begins)
    for length in range(min(size, _LONGEST), 1 if size > 1 else 0, -1):
        for start in begins:
            if start + length in ends:
                yield start, start + length


def _pieces(words: tuple[str, ...]) -> list[str]:
    return [" ".join(words[:size]) for size in range(min(len(words), 5), 0, -1)]
