"""Which streets and places a text mentions, with the gazetteer at hand.

Streets are groups of words that end like a street and are known; what stands after them, or a whole part
of the text, may be a place. A part that is neither is kept as unknown: it lowers the confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_data.address import BETWEEN, FIRM, JUNCTION, MAX_PARTS, Words, numbered, spans, street_text, words_of
from geo_data.names import Names, Rows
from geo_data.settlement import COMMON
from geo_data.zones import Zone, Zones

_MOST_TAIL = 6
_GENERIC = frozenset("car park cp multi storey mscp level floor site depot entrance centre center town city area the on".split())


@dataclass(frozen=True)
class Street:
    """A street that is mentioned: its part of the text, its words' place there, and its rows in the gazetteer."""

    part: int
    start: int
    end: int
    name: str
    rows: Rows
    number: bool  # a house number stands before it
    typed: bool  # it ends like a street


@dataclass(frozen=True)
class Mentions:
    """What one text mentions, in its order."""

    parts: tuple[Words, ...]
    streets: tuple[Street, ...]
    unknown_streets: tuple[tuple[int, str], ...]  # part, name that ends like a street and is not in the gazetteer
    places: tuple[tuple[int, Zone], ...]
    unknown: tuple[int, ...]  # parts that are neither
    junction: bool


class Reader:
    """Finds mentions. Keeps what it has looked up."""

    def __init__(self, streets: Names, zones: Zones) -> None:
        self._streets, self._zones = streets, zones
        self._rows: dict[str, Rows] = {}

    def rows(self, name: str) -> Rows:
        """The rows of streets of a normalised name."""
        found = self._rows.get(name)
        if found is None:
            if len(self._rows) > 300_000:
                self._rows.clear()
            found = self._rows[name] = np.sort(self._streets.find_normal(name))
        return found

    def read(self, segments: tuple[str, ...]) -> Mentions:
        """The mentions of the parts of a text."""
        parts = tuple(dict.fromkeys(words for part in segments[:MAX_PARTS] if (words := words_of(part)).words))
        streets: list[Street] = []
        unknown_streets: list[tuple[int, str]] = []
        plain: list[int] = []
        places: list[tuple[int, Zone]] = []
        for number, part in enumerate(parts):
            found = self._typed(number, part.words, unknown_streets)
            streets += found
            if not found:
                plain.append(number)
                continue
            tail = tuple(word for word in part.words[found[-1].end :] if word != JUNCTION)
            if tail and (zone := self._tail(tail)):
                places.append((number, zone))
        untyped: list[Street] = []
        unknown: list[int] = []
        for number in plain:
            words = parts[number].words
            text = " ".join(words)
            zone = self._zones.find(text)
            rest = words[numbered(words):]
            rows = self.rows(" ".join(rest)) if not any(unknown_part == number for unknown_part, _ in unknown_streets) else ()
            if len(rows) and (zone is None or (number == 0 and len(parts) > 1 and not streets)):
                untyped.append(Street(number, len(words) - len(rest), len(words), " ".join(rest), rows, len(rest) < len(words),
                                      False))
            if zone is not None:
                places.append((number, zone))
            elif not len(rows):
                last = self._tail(words) if any(part == number for part, _ in unknown_streets) else None
                if last:
                    places.append((number, last))
                else:
                    unknown.append(number)
        if not streets:
            streets = untyped
        taken = {street.part for street in streets if not street.typed}
        places = sorted(((number, zone) for number, zone in places if number not in taken), key=lambda pair: pair[0])
        junction = any(JUNCTION in part.words for part in parts)
        return Mentions(parts, tuple(streets), tuple(unknown_streets), tuple(places), tuple(unknown), junction)

    def _typed(self, number: int, words: tuple[str, ...], unknown: list[tuple[int, str]]) -> list[Street]:
        known: list[tuple[int, int, str, Rows]] = []
        firm: list[int] = []
        done = -1
        for start, end in spans(words):
            if end == done or (end - start == 1 and len(words) > 1):
                continue
            name = street_text(words[start:end])
            rows = self.rows(name)
            if len(rows):
                known.append((start, end, name, rows))
                done = end
            elif start == end - 2 and words[end - 1] in FIRM:
                firm.append(end)
        known.sort(key=lambda span: span[0] - span[1])
        taken: list[tuple[int, int, str, Rows]] = []
        for span in known:
            if all(span[1] <= other[0] or span[0] >= other[1] for other in taken):
                taken.append(span)
        taken.sort(key=lambda span: span[0])
        for end in firm:
            if all(not start < end <= stop for start, stop, _, _ in taken):
                before = max([stop for _, stop, _, _ in taken if stop <= end] + [numbered(words), end - 4])
                unknown.append((number, street_text(words[before:end])))
        return [Street(number, start, end, name, rows, start > 0 and words[start - 1][:1].isdigit(), True)
                for start, end, name, rows in taken]

    def _tail(self, words: tuple[str, ...]) -> Zone | None:
        """The place named in the words after a street: the longest group of words that is one, the last first."""
        words = words[-_MOST_TAIL:]
        for size in range(len(words), 0, -1):
            for start in range(len(words) - size, -1, -1):
                group = words[start : start + size]
                if size < len(words) and (group[0] in COMMON or group[0] in _GENERIC) and size == 1:
                    continue
                if group[0] in BETWEEN or group[-1] in BETWEEN:
                    continue
                if zone := self._zones.find(" ".join(group)):
                    return zone
        return None
