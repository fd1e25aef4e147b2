"""Which streets and places a text mentions, with the gazetteer at hand.

Streets are groups of words that end like a street and are known; what stands after them, or a whole part
of the text, may be a place. A part that is neither is kept as unknown: it lowers the confidence.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from geo_data.placing.address import BETWEEN, FIRM, JUNCTION, MAX_PARTS, Words, numbered, spans, street_text, words_of
from geo_data.placing.layer_table import Located
from geo_data.placing.names import Names
from geo_data.placing.settlement import COMMON
from geo_data.placing.zones import Zone, Zones

_MOST_TAIL = 6
_GENERIC = frozenset("car park carpark cp multi storey mscp level floor site depot entrance centre town city area the on".split())
BUILDINGS = frozenset("depot house centre school hospital hotel inn station works campus".split())
_OF_PLACES = frozenset("village town city centre estate by on upon in near area station colliery moor common".split())
# What may stand directly before a street that is complete; any other word may be the beginning of its name.
_LINKS = frozenset(
    "in on at along near the of from to by via into onto up down towards around and x with junction is was seen found located last "
    "area region".split())
_HINT_BEFORE = frozenset("of at in near".split())
_NO_HINT = frozenset("north south east west upper lower old new great little royal victoria albert park church castle "
                     "market station central windsor university college".split())
_LEAD = _LINKS | frozenset(
    "house lodge hall hotel inn pub tower towers buildings building flats apartments mansions farm cottage villa villas works "
    "mill court park station school hospital church centre shop store stores surgery library garage block estate parade arcade "
    "children home unit".split())
_EVERYDAY = COMMON | _GENERIC
_NEVER_HINT = _EVERYDAY | _LEAD | _NO_HINT
_ENDS = _GENERIC | BETWEEN | _LINKS  # what may stand directly behind a street that is complete

_MOST_KEPT = 100_000


class Street(NamedTuple):
    """A street that is mentioned: its part of the text, its words' place there, and all of its name in the gazetteer."""

    part: int
    start: int
    end: int
    name: str
    held: Located
    number: bool  # a house number stands before it
    typed: bool  # it ends like a street
    whole: bool = True  # nothing beside it may be a piece of its name


class Mentions(NamedTuple):
    """What one text mentions, in its order."""

    parts: tuple[Words, ...]
    streets: tuple[Street, ...]
    unknown_streets: tuple[tuple[int, str], ...]  # part, name that ends like a street and is not in the gazetteer
    places: tuple[tuple[int, Zone], ...]
    unknown: tuple[int, ...]  # parts that are neither
    junction: bool
    hints: tuple[Zone, ...] = ()  # places that a building or car park of the text may be named after


class _Part:
    """What one part of a text says, whatever stands beside it: parts such as towns come again and again."""

    def __init__(self, words: tuple[str, ...], reader: Reader) -> None:
        self.words, self._reader = words, reader
        self.streets, self.unknown_streets = reader.typed(words)

    @cached_property
    def zone(self) -> Zone | None:
        """The place that all its words name."""
        return self._reader.zones.find(" ".join(self.words))

    @cached_property
    def tail(self) -> Zone | None:
        """The place named behind its last street, else anywhere in it."""
        behind = self.streets[-1].end if self.streets else 0
        return self._reader.tail(tuple(word for word in self.words[behind:] if not behind or word != JUNCTION))

    @cached_property
    def head(self) -> Zone | None:
        return self._reader.head(self.words)


class Reader:
    """Finds mentions. Keeps what it has looked up."""

    def __init__(self, streets: Names, zones: Zones) -> None:
        self._streets, self.zones = streets, zones
        self._held: dict[str, Located] = {}
        self._parts: dict[tuple[str, ...], _Part] = {}
        self._hinted: dict[tuple[str, ...], tuple[Zone, ...]] = {}

    def located(self, name: str) -> Located:
        """The streets of a normalised name."""
        found = self._held.get(name)
        if found is None:
            if len(self._held) > 300_000:
                self._held.clear()
            found = self._held[name] = self._streets.located(name)
        return found

    def _part(self, words: tuple[str, ...]) -> _Part:
        found = self._parts.get(words)
        if found is None:
            if len(self._parts) > _MOST_KEPT:
                self._parts.clear()
            found = self._parts[words] = _Part(words, self)
        return found

    def read(self, segments: tuple[str, ...], roads: tuple[str, ...] = ()) -> Mentions:
        """The mentions of the parts of a text."""
        parts = tuple(dict.fromkeys([part for part in map(words_of, segments[:MAX_PARTS]) if part.words]))
        read = [self._part(part.words) for part in parts]
        streets: list[Street] = []
        unknown_streets: list[tuple[int, str]] = []
        plain: list[int] = []
        places: list[tuple[int, Zone]] = []
        for number, part in enumerate(read):
            unknown_streets += [(number, name) for name in part.unknown_streets]
            if not part.streets:
                plain.append(number)
                continue
            streets += [street._replace(part=number) for street in part.streets] if number else part.streets
            if part.tail:
                places.append((number, part.tail))
        untyped: list[Street] = []
        unknown: list[int] = []
        for number in plain:
            part = read[number]
            if part.zone is not None and (number > 0 or len(parts) == 1):
                places.append((number, part.zone))
                continue
            if not streets and not unknown_streets and not untyped and not roads and len(parts) > number + 1:
                begin, end = numbered(part.words), len(part.words)
                name = " ".join(part.words[begin:])
                held = self.located(name)
                if len(held.rows):
                    untyped.append(Street(number, begin, end, name, held, begin > 0, False))
                    continue
            if part.zone is not None:
                places.append((number, part.zone))
            elif part.unknown_streets and part.tail:
                places.append((number, part.tail))
            elif number > 0 and part.head:
                places.append((number, part.head))
            else:
                unknown.append(number)
        streets = self._without_places(parts, streets, places) or untyped or self._numbered(parts, roads)
        places.sort(key=lambda pair: pair[0])
        junction = any(JUNCTION in part.words for part in parts)
        hints = self._hints(parts, unknown, streets) if streets or unknown_streets else ()
        return Mentions(parts, tuple(streets), tuple(unknown_streets), tuple(places), tuple(unknown), junction, hints)

    def _numbered(self, parts: tuple[Words, ...], roads: tuple[str, ...]) -> list[Street]:
        """Numbered roads of the text, as far as a layer of streets holds them."""
        found = []
        for road in dict.fromkeys(text.lower() for text in roads):
            at = next(((number, part.words.index(word)) for number, part in enumerate(parts)
                       for word in (road, f"{road}m") if word in part.words), None)
            if at and len((held := self.located(road)).rows):
                found.append(Street(at[0], at[1], at[1] + 1, road, held, False, True))
        return found

    def _hints(self, parts: tuple[Words, ...], unknown: list[int], streets: list[Street]) -> tuple[Zone, ...]:
        """Places at the beginning or the end of what names a building: "Monton Car Park", "Housing Units of Hollinwood"."""
        groups = [parts[number].words for number in unknown]
        groups += [parts[street.part].words[: street.start] for street in streets if street.start > 1]
        found: list[Zone] = []
        for words in groups:
            found += [zone for zone in self._hinting(words) if zone not in found][:1]
        return tuple(found)

    def _hinting(self, words: tuple[str, ...]) -> tuple[Zone, ...]:
        """The places of the beginnings and ends of a group of words, the likeliest first."""
        found = self._hinted.get(words)
        if found is None:
            if len(self._hinted) > _MOST_KEPT:
                self._hinted.clear()
            sizes = range(min(len(words) - 1, 3), 0, -1)
            pieces = [words[:size] for size in sizes] + [words[-size:] for size in sizes if words[-size - 1] in _HINT_BEFORE]
            zones = (self.zones.find(" ".join(piece)) for piece in pieces if len(piece) > 1 or piece[0] not in _NEVER_HINT)
            found = self._hinted[words] = tuple([zone for zone in zones if zone])
        return found

    def _without_places(self, parts: tuple[Words, ...], streets: list[Street], places: list[tuple[int, Zone]]) -> list[Street]:
        """A part such as "Bethnal Green" or "Battle Hill" is a place when a surer street is named before it."""
        kept = []
        for at, street in enumerate(streets):
            words = parts[street.part].words
            soft = words[street.end - 1] not in FIRM and not street.number and street.end - street.start == len(words)
            if soft and (at > 0 or (street.part > 0 and len(parts) > 1)):
                if zone := self.zones.find(street.name):
                    places.append((street.part, zone))
                    continue
                if at > 0:
                    continue
            kept.append(street)
        return kept

    def typed(self, words: tuple[str, ...]) -> tuple[tuple[Street, ...], tuple[str, ...]]:
        """The streets of a part, as of part 0, and the names that end like a street and are none that is known."""
        known: list[tuple[int, int, str, Located]] = []
        firm: list[int] = []
        done = -1
        for start, end in spans(words):
            if end == done or (end - start == 1 and len(words) > 1):
                continue
            name = street_text(words[start:end])
            held = self.located(name)
            if len(held.rows):
                known.append((start, end, name, held))
                done = end
            elif start == end - 2 and words[end - 1] in FIRM:
                firm.append(end)
        known.sort(key=lambda span: span[0] - span[1])
        taken: list[tuple[int, int, str, Located]] = []
        for span in known:
            if all(span[1] <= other[0] or span[0] >= other[1] for other in taken):
                taken.append(span)
        taken.sort(key=lambda span: span[0])
        unknown = []
        for end in firm:
            if all(not start < end <= stop for start, stop, _, _ in taken):
                before = max([stop for _, stop, _, _ in taken if stop <= end] + [numbered(words), end - 4])
                unknown.append(street_text(words[before:end]))
        streets = [Street(0, start, end, name, held, start > 0 and words[start - 1][:1].isdigit(), True,
                          self._is_whole(words, start, end)) for start, end, name, held in taken]
        return tuple(streets), tuple(unknown)

    def _is_whole(self, words: tuple[str, ...], start: int, end: int) -> bool:
        before, after = words[:start], words[end:]
        fits_before = not before or before[-1] in _LEAD or before[-1][:1].isdigit() or before[-1][1:].isdigit()
        fits_after = not after or after[0] in _ENDS or after[0][:1].isdigit() or after[0][1:].isdigit() \
            or any(self.zones.find(" ".join(after[:size])) for size in range(min(len(after), _MOST_TAIL), 0, -1))
        return fits_before and fits_after

    def head(self, words: tuple[str, ...]) -> Zone | None:
        """The place at the beginning of a part: "Ryhope Village", "Amble by the Sea"."""
        for size in range(min(len(words), _MOST_TAIL) - 1, 0, -1):
            if (size > 1 or words[0] not in _EVERYDAY) and words[size] in _OF_PLACES and (
                    zone := self.zones.find(" ".join(words[:size]))):
                return zone
        return None

    def tail(self, words: tuple[str, ...]) -> Zone | None:
        """The place named in the words after a street: the longest group of words that is one, the last first."""
        words = words[-_MOST_TAIL:]
        for size in range(len(words), 0, -1):
            for start in range(len(words) - size, -1, -1):
                group = words[start : start + size]
                if size < len(words) and group[0] in _EVERYDAY and size == 1:
                    continue
                if group[0] in BETWEEN or group[-1] in BETWEEN:
                    continue
                if zone := self.zones.find(" ".join(group)):
                    return zone
        return None
