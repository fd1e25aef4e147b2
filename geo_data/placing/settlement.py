"""Which settlement a text names. Only exact names; the answer is always coarse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from geo_data.placing.gazetteer_build import normal_name
from geo_data.placing.gazetteer_part import Area


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STREET = _words(
    "road rd street st avenue ave av close cl drive dr lane ln way crescent cres court ct gardens gdns grove gr "
    "terrace ter terr place pl square sq row rise mews walk view hill park green bank brow fold gate parade crossing "
    "bridge wharf quay broadway boulevard bypass roundabout estate villas cottages")
BUILDING = _words(
    "house lodge hall hotel arms inn pub tavern tower towers building buildings flats apartments apts mansions farm "
    "cottage villa works mills arcade club school academy nursery primary junior infants church chapel taxis cars "
    "takeaway pizza kebab")
OF_A_TOWN = _words(
    "town city centre center station railway train bus metro metrolink tram interchange area hospital infirmary market "
    "library cathedral college university police shopping beach seafront pier promenade airport docks marina castle")
_COMPOUND = _words("north south east west upper lower great little new old high nether over st")
_BEFORE = _words("in near nr at from to towards around outside")
COMMON = _words(  # settlements whose name is an everyday word: taken only where nothing else can be meant
    "reading bath sale rugby deal street hook stone ash eye wells battle march ware barking beer box hope over wool "
    "settle rye ham seal hale lee lea wick ford bow home mere hill down sandwich diss poole nelson holmes ball bank "
    "bar beach best bury cross hall lodge flat green hythe iron mill moor new old park well wing")
_MAX_WORDS = 6
_MOST_WORDS = 40  # of a segment: what follows is no address
_TOWN, _CITY = 10_000, 100_000
_TOGETHER_M = 25_000.0
_MOST_KEPT = 100_000

Lookup = Callable[[str], list[Area]]


@dataclass(frozen=True)
class Named:
    """The settlement chosen, the others of that name, and whether the text went on with a street."""

    best: Area
    others: tuple[Area, ...]
    rest: bool  # more is written than the settlement's name


class Towns:
    """Finds settlements in texts by one way of looking names up. Keeps what the parts of texts named."""

    def __init__(self, look_up: Lookup) -> None:
        self._look_up = look_up
        self._known: dict[str, tuple[str, list[Area]] | None] = {}

    def named(self, segments: tuple[str, ...]) -> Named | None:
        """The settlement a text names, from its segments: the last one named, or a smaller one near it named before.

        "Peterlee, Durham" is Peterlee, because a place of that name lies near a Durham.
        """
        plain = [normal_name(segment) for segment in segments]
        hits = [found for segment in reversed(plain) if (found := self._in_segment(segment))]
        if not hits:
            return None
        name, areas = hits[0]
        for other_name, others in hits[1:]:
            close = [(-a.population, _distance(a, b), b) for a in areas for b in others if _distance(a, b) <= _TOGETHER_M]
            if close:  # the larger place named after it says which one is meant
                areas = [min(close, key=lambda pair: pair[:2])[2]]
                name = other_name
        best = areas[0]
        rivals = tuple([area for area in areas[1:] if area.rank == 0 or best.rank > 0])  # an own name beats alternates
        return Named(best, rivals, " ".join(filter(None, plain)) != name)

    def _in_segment(self, segment: str) -> tuple[str, list[Area]] | None:
        known = self._known.get(segment, False)  # asked once: another thread may clear it
        if not isinstance(known, bool):
            return known
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        found = self._known[segment] = self._find(segment.split()[:_MOST_WORDS])
        return found

    def _find(self, words: list[str]) -> tuple[str, list[Area]] | None:
        for name, least, short in _spots(words):
            if areas := self._look_up(name):
                areas = [area for area in areas if short or area.rank < 2]
                if areas and areas[0].population >= least:
                    return name, areas
        return None


def _spots(words: list[str]) -> Iterator[tuple[str, int, bool]]:
    """Word groups that may be a settlement's name, the likeliest first.

    With each: the fewest inhabitants it must have there, and whether a short form of a name will do.
    """
    count = len(words)
    if count <= _MAX_WORDS:
        yield " ".join(words), 0, True
    for size in range(min(_MAX_WORDS, count - 1), 0, -1):  # at the end: "Drake St Rochdale"
        name, before = " ".join(words[-size:]), words[-size - 1]
        if before in _BEFORE or before in STREET:
            yield name, 0, before in _BEFORE
        elif name not in COMMON and before not in _COMPOUND:
            yield name, _TOWN, False
    for start in range(1, count):  # after a preposition: "seen in Hexham by police"
        if words[start - 1] in _BEFORE:
            for size in range(min(_MAX_WORDS, count - start), 0, -1):
                after = words[start + size] if start + size < count else ""
                if after not in STREET and after not in BUILDING:
                    yield " ".join(words[start : start + size]), 0, True
    for size in range(min(_MAX_WORDS, count - 1), 0, -1):  # at the beginning: "Rochdale Infirmary"
        name, after = " ".join(words[:size]), words[size]
        if after in STREET or after in BUILDING or name in COMMON:
            continue
        yield name, 0 if after in OF_A_TOWN else _CITY, False


def _distance(a: Area, b: Area) -> float:
    return float(((a.easting - b.easting) ** 2 + (a.northing - b.northing) ** 2) ** 0.5)
