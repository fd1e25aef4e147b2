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
from geo_data.placing.mentions import Mentions
from geo_data.placing.names import Names, Rows
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


class Features:
    """The feature rung over one gazetteer."""

    def __init__(self, gazetteer: Gazetteer, zones: Zones) -> None:
        self.names: Names = gazetteer.features
        self._zones = zones

    def answer(self, found: Mentions, home: Home | None) -> Answer | None:
        """The feature that a text names; None when there is none, or none where the text says."""
        if not len(self.names):
            return None
        answers = [answer for part in range(len(found.parts)) if (answer := self._part(found, part, home))]
        fine = [answer for answer in answers if answer.fine]
        return max(fine or answers, key=lambda answer: answer.confidence, default=None)

    def _part(self, found: Mentions, part: int, home: Home | None) -> Answer | None:
        words = found.parts[part].words
        for start, end in _windows(len(words)):
            group = words[start:end]
            if group[0] in BETWEEN or group[-1] in BETWEEN:
                continue
            rows = self._rows(" ".join(group), "stop" in words)
            if not len(rows):
                continue
            whole = start == 0 and end == len(words)
            if end - start == 1 and not whole:
                continue
            rest = [*_pieces(words[end:]), *_pieces(words[:start])]
            inner = next((zone for text in rest if (zone := self._zones.find(text))), None)
            zones = [zone for number, zone in found.places if number != part] + ([inner] if inner else [])
            if whole and self._zones.find(" ".join(group)) and not self._is_named_once(rows):
                return None
            return self._at(rows, zones, home, beside=found.parts[part].beside)
        return None

    def _rows(self, name: str, stops: bool) -> Rows:
        rows = self.names.find_normal(name)
        if not len(rows) or stops:
            return rows
        kinds = {kind for table in self.names.tables for kind in table.arrays["kinds"].tolist()} - {"bus_stop"}
        return self.names.of_kinds(rows, kinds)

    def _is_named_once(self, rows: Rows) -> bool:
        e, n, _ = self.names.points(rows)
        return bool((np.hypot(e - e[0], n - n[0]) <= _ONE_SPOT_M).all())

    def _at(self, rows: Rows, zones: list[Zone], home: Home | None, *, beside: bool) -> Answer | None:
        e, n, radius = self.names.points(rows)
        level = home.level(e, n) if home else np.full(len(rows), 2)
        fits = np.array([zone.fit(None, e, n) for zone in zones]).reshape(-1, len(rows))
        least = fits.min(axis=0) if len(zones) else np.ones(len(rows))
        valid = (least >= _FINE_FIT) if len(zones) else (level == 0) if home else np.ones(len(rows), dtype=bool)
        if not valid.any():
            return None
        score = np.where(valid, least + np.array(_OWN)[level], -1.0)
        close = np.flatnonzero(score >= score.max() - _MARGIN)
        main = int(close[np.argmax(score[close])])
        apart = np.hypot(e[close] - e[main], n[close] - n[main])
        named = self.names[int(rows[main])]
        label = ", ".join(dict.fromkeys(text for text in (named.name, named.locality or named.town) if text))
        if (apart > max(_ONE_SPOT_M, 2 * radius[main])).any():
            shown = [candidate(_label(self.names, int(rows[i])), "P2", float(radius[i]), float(e[i]), float(n[i]))
                     for i in close[:MAX_CANDIDATES]]
            reach = float((apart + radius[close]).max())
            reason = f"{len(close)} places named {named.name} fit: pick one"
            if reach > 20_000.0:
                return Answer(reason=reason, candidates=shown)
            return Answer("P4", round(reach), "feature", float(e[main]), float(n[main]), label, reason, shown, 0.3, "feature?")
        confidence = SURE if zones else ONLY_OWN if home else ONLY_ONE
        precision = float(max(radius[main], apart.max(), NEAR_RADIUS_M if beside else 0.0, 26.0))
        kind = named.kind.replace("_", " ")
        where = f"{kind} matched in the place named" if zones else f"the only {kind} of that name"
        return Answer(tier_of_radius(precision), round(precision), "feature", float(e[main]), float(n[main]), label,
                      where + marked(named.marking), [], round(confidence - 0.05 * beside, 2), "feature")


def _windows(size: int) -> Iterator[tuple[int, int]]:
    """Groups of words [start, end), the longest first, from the left."""
    for length in range(min(size, _LONGEST), 0, -1):
        for start in range(size - length + 1):
            yield start, start + length


def _pieces(words: tuple[str, ...]) -> list[str]:
    return [" ".join(words[:size]) for size in range(min(len(words), 5), 0, -1)]


def _label(names: Names, row: int) -> str:
    named = names[row]
    return ", ".join(dict.fromkeys(text for text in (named.name, named.locality, named.town) if text))
