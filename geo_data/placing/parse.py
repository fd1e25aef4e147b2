"""What a text about a place says, read without looking anything up.

`read` finds coordinates, grid references, postcodes and their parts, road numbers, phrases that name no
place, and the segments in which a settlement may be named. `geo_data.placing.geocode` then decides with the
gazetteer. Case, double spaces and a trailing country change nothing. Every pattern is linear and texts
are cut at `MAX_CHARS`, so the time for one text is bounded.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from geo_data.grid import parse_grid_reference

MAX_CHARS = 1_000

# Patterns are looked for only in texts that hold what they cannot do without: most texts hold none of it, and asking costs
# a tenth of a search.
_SIGNS = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "\u00a0": " "})


def _text_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_COUNTRY = _text_pattern(r"(?:[\s,.;]*\b(?:u\.?k\.?|united kingdom|great britain|england|g\.?b\.?))+[\s,.;]*$")

_COUNTRY_ENDS = ("uk", "u.k", "kingdom", "britain", "england", "gb", "g.b")
_DIGIT = re.compile(r"\d")
_FIVE_DIGITS = re.compile(r"\d{5}")  # in every easting

_LABEL = _text_pattern(  # only before what it labels: Long Lane and Os Terrace are streets
    r"\b(?:(?:lat(?:itude)?|lon(?:g(?:itude)?)?|easting|northing)\b\s*[:=]?\s*(?=[+-]?\d)|"
    r"(?:os )?(?:grid ref(?:erence)?|ngr)\b\s*[:=]?\s*|os\b\s*[:=]?\s*(?=[hnost][a-hj-z] ?\d))")
_IN_LABEL = ("lat", "lon", "easting", "northing", "ref", "ngr", "os")
_LAT_LON = _text_pattern(
    r"(?<![\d.])([+-]?\d{1,2}\.\d{1,15})\s?°?\s?([ns])?[\s,;/]{1,3}([+-]?\d{1,3}\.\d{1,15})\s?°?\s?([ew])?(?![\d.])")
_BNG = _text_pattern(r"(?<![\d.])e?\s?(\d{6})(?:\.\d{1,6})?\s?e?[\s,;/]{1,3}n?\s?(\d{6,7})(?:\.\d{1,6})?(?![\d.])")
_BNG_WHOLE = _text_pattern(r"e?\s?(\d{5,6})(?:\.\d{1,6})?\s?e?[\s,;/]{1,3}n?\s?(\d{4,7})(?:\.\d{1,6})?\s?n?")
_GRID = re.compile(r"(?<![A-Z0-9])([HNOST][A-HJ-Z]) ?(\d{2,5}[ ,]{1,2}\d{2,5}|\d{4}|\d{6}|\d{8}|\d{10})(?![A-Z0-9])")
_WORDS_THAT_ARE_SQUARES = {"NO", "SO", "ST", "TO"}

_UNIT = re.compile(r"(?<![A-Z0-9])([A-Z]{1,2}\d[A-Z\d]?)[ .-]{0,3}(\d[A-Z]{2})(?![A-Z0-9])")
_SLIP = re.compile(r"(?<![A-Z0-9])([A-Z01]{1,2}[0-9OIL][A-Z0-9]?)[ .-]{0,3}([0-9OIL][A-Z01]{2})(?![A-Z0-9])")
_ORDINAL = re.compile(r"1ST|2ND|3RD|\dTH")
_SECTOR = re.compile(r"(?:^|.*[^A-Z0-9])([A-Z]{1,2}\d[A-Z\d]?) (\d)$")
_OUTCODE = re.compile(r"(?<![A-Z0-9])(?!J\d)([A-Z]{1,2}\d[A-Z\d]?)(?![A-Z0-9])")
_ROAD = re.compile(r"(?<![A-Z0-9])([AMB]\d{1,4})(?:\(M\)|M)?(?![A-Z0-9])")
_PARTS = re.compile(r"[,;]| - ")
_ROAD_WORDS = _text_pattern(r"\b(?:J(?:unction|n|ct|c)?\.? ?\d+|services|(?:north|south|east|west)bound|lay-?by)\b")

# Of lower case, which is searched in a third of the time.
_WHAT3WORDS = re.compile(r"/{2,3}\s?[a-z]{2,30}\.[a-z]{2,30}\.[a-z]{2,30}|\bwhat3words\b|\bw3w\b")
_NOT_KNOWN = re.compile(
    r"\b(?:unknown|un ?known|not known|n/?k|n/?a|refus\w{0,5}|declin\w{0,5}|(?:would|wo)n'?t (?:say|disclose|tell)|"
    r"(?:would|did) not (?:say|disclose|tell)|not (?:disclosed|stated|given|recorded|specified|provided|applicable)|"
    r"undisclosed|unspecified|don'?t know|tbc|tba|none|nil|no (?:place|location|address)(?: given| known)?|"
    r"whereabouts)\b")
_NO_ADDRESS = re.compile(r"\bnfa\b|\bno fixed (?:abode|address)\b|\bof no fixed\b|\bhomeless\b|\bsofa.?surfing\b")
_SOMEONES = re.compile(
    r"\b(?:(?:boy|girl)?friend|mate|pal|relative|family|mum|mother|dad|father|parent|nan|gran\w{0,8}|aunt\w{0,2}|uncle|"
    r"sister|brother|cousin|partner|male|female|carer)(?:'?s'?)? (?:house|home|flat|address|place|addr)\b|"
    r"\b(?:own|home|foster|placement|care) (?:home|address|placement)\b")
_IN_WHAT3WORDS, _IN_NO_ADDRESS = ("//", "3w"), ("nfa", "fixed", "homeless", "sofa")
_IN_SOMEONES = (" house", " home", " flat", " addr", " place")


@dataclass(frozen=True)
class Reading:
    """What one text says. Lists are in the order of the text; nothing has been looked up."""

    text: str
    lat_lon: tuple[float, float, float] | None = None  # degrees, degrees, precision_m of the decimals given
    bng: tuple[float, float] | None = None
    grid: tuple[float, float, float, str] | None = None  # easting, northing, cell_m, reference
    units: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()  # could be a postcode when O and 0, I or l and 1 were mixed up
    sectors: tuple[str, ...] = ()
    outcodes: tuple[str, ...] = ()
    roads: tuple[str, ...] = ()
    null: str = ""  # why the text names no place
    segments: tuple[str, ...] = field(default=())  # parts in which a settlement may be named

    @property
    def coded(self) -> bool:
        """Whether the text is an address in a code that only its owner can read."""
        return "what3words" in self.null


def clean(text: str) -> str:
    """`text` cut at `MAX_CHARS`, without control characters, with plain quotes, dashes and single spaces."""
    short = text[:MAX_CHARS]
    if not short.isascii() or "`" in short:
        short = unicodedata.normalize("NFKC", short.translate(_SIGNS))[:MAX_CHARS]
    plain = short if short.isprintable() else "".join(sign if sign.isprintable() else " " for sign in short)
    plain = " ".join(plain.split())
    if plain.rstrip(" ,.;").lower().endswith(_COUNTRY_ENDS):
        plain = _COUNTRY.sub("", plain)
    return plain.lstrip(" ,;.").rstrip(" ,;.-")


def read(text: str) -> Reading:
    """Read one text. Never raises for any text."""
    whole = clean(text)
    if not whole:
        return Reading("", null="no place recorded")
    lower = whole.lower()
    null = _null(lower)
    digits = _DIGIT.search(whole) is not None
    upper = (_LABEL.sub(" ", whole) if _holds(lower, _IN_LABEL) else whole).upper().strip()
    if not digits:
        parts = [part.strip(" .") for part in _PARTS.split(upper.strip(" ,;"))]
        return Reading(whole, null=null, segments=tuple(part for part in parts if part))
    lat_lon = _lat_lon(upper) if "." in upper else None
    bng = None if lat_lon or not _FIVE_DIGITS.search(upper) else _bng(upper)
    units = [(m[1] + m[2], m.span()) for m in _UNIT.finditer(upper)]
    slips = [] if units else [m[1] + m[2] for m in _SLIP.finditer(upper) if _is_slip(m[1], m[2]) and not _ROAD.fullmatch(m[0])]
    rest = _without(upper, [span for _, span in units])
    grid = _grid(rest)
    roads = tuple(m[1] for m in _ROAD.finditer(rest))
    parts = [part.strip(" .") for part in _PARTS.split(rest)]
    sectors, outcodes = _partial(parts, roads, alone=len(parts) == 1)
    return Reading(
        whole, lat_lon, bng, grid,
        units=tuple(dict.fromkeys(unit for unit, _ in units)),
        slips=tuple(dict.fromkeys(slips)),
        sectors=sectors, outcodes=outcodes, roads=roads, null=null,
        segments=tuple(part for part in parts if part),
    )


def _is_slip(outcode: str, incode: str) -> bool:
    """Whether it can be a postcode with a slip: "17 OLD" of "17 Old Orchard" would need one in both halves."""
    return any(sign.isdigit() for sign in outcode + incode) and not (outcode[0].isdigit() and not incode[0].isdigit())


def ordinal(unit: str) -> bool:
    """Whether the end of a supposed postcode is an ordinal ("Flat B2 1st floor")."""
    return _ORDINAL.fullmatch(unit[-3:]) is not None


def _holds(text: str, signs: tuple[str, ...]) -> bool:
    for sign in signs:  # noqa: SIM110 - a generator would take longer than the search it saves
        if sign in text:
            return True
    return False


def _null(text: str) -> str:
    """Why a text, in lower case, names no place; empty when it may name one."""
    if _holds(text, _IN_WHAT3WORDS) and _WHAT3WORDS.search(text):
        return "a what3words address: it cannot be read without that company's service"
    if _holds(text, _IN_NO_ADDRESS) and _NO_ADDRESS.search(text):
        return "no fixed abode: no place to map"
    if _holds(text, _IN_SOMEONES) and _SOMEONES.search(text):
        return "names somebody's home, not a place that can be found"
    if _NOT_KNOWN.search(text):
        return "the text says that the place is not known"
    return ""


def _lat_lon(text: str) -> tuple[float, float, float] | None:
    found = _LAT_LON.search(text)
    if not found:
        return None
    lat, lon = float(found[1]), float(found[3])
    lat = -abs(lat) if found[2] == "S" else lat
    lon = -abs(lon) if found[4] == "W" else lon
    decimals, most = sorted(len(found[group].partition(".")[2]) for group in (1, 3))
    if most < 2 and found[0].strip() != text:  # "12.5, 1.5 miles from": numbers of another kind
        return None
    return lat, lon, max(10.0, round(0.5 * 111_320 * 10.0**-decimals))


def _bng(text: str) -> tuple[float, float] | None:
    found = _BNG.search(text) or _BNG_WHOLE.fullmatch(text)
    return (float(found[1]), float(found[2])) if found else None


def _grid(text: str) -> tuple[float, float, float, str] | None:
    for found in _GRID.finditer(text):
        digits = re.split(r"[ ,]+", found[2])
        if len(digits) == 2 and len(digits[0]) != len(digits[1]):
            continue
        count = len("".join(digits))
        alone = found[0] == text
        if count < 6 and not (alone and (found[1] not in _WORDS_THAT_ARE_SQUARES or " " not in found[0])):
            continue
        reference = found[1] + "".join(digits)
        if parsed := parse_grid_reference(reference):
            return (*parsed, reference)
    return None


def _partial(parts: list[str], roads: tuple[str, ...], *, alone: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sectors at the end of a segment, outcodes at its start or end. A1, M62 and B6318 are roads first."""
    sectors, outcodes = [], []
    for part in parts:
        if not _DIGIT.search(part):
            continue
        if (found := _SECTOR.match(part)) and (found[1] not in roads or alone):
            sectors.append(f"{found[1]} {found[2]}")
        for found in _OUTCODE.finditer(part):
            at_edge = found.end() == len(part) or (found.start() == 0 and len(found[1]) > 2)
            if at_edge and found[1] not in roads:
                outcodes.append(found[1])
    return tuple(dict.fromkeys(sectors)), tuple(dict.fromkeys(outcodes))


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]},{text[end:]}"
    return text.strip(" ,;")


def only_road(reading: Reading) -> bool:
    """Whether the text names a numbered road and nothing else that could be looked up."""
    return bool(reading.roads) or bool(_ROAD_WORDS.search(reading.text.upper()))
