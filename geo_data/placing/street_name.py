"""Names of streets and buildings in one form, so that the ways of writing a name are one name.

"Drake St.", "DRAKE STREET" and "drake street" are the same; so are "St. Ann's Rd", "Saint Anns Road"
and "ST ANNS ROAD", and "A627 (M)" and "A627(M)". "St" is Street at the end of a name and Saint before it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORDS = {
    "rd": "road", "ave": "avenue", "av": "avenue", "aven": "avenue", "cl": "close", "clo": "close", "gdns": "gardens",
    "gdn": "garden", "grdns": "gardens", "sq": "square", "ct": "court", "crt": "court", "cres": "crescent",
    "cresc": "crescent", "crs": "crescent", "dr": "drive", "drv": "drive", "ln": "lane", "la": "lane", "pl": "place",
    "ter": "terrace", "terr": "terrace", "tce": "terrace", "gr": "grove", "gro": "grove", "grv": "grove", "pk": "park",
    "blvd": "boulevard", "wy": "way", "wlk": "walk", "yd": "yard", "grn": "green", "mws": "mews", "gt": "great",
    "cotts": "cottages", "bldgs": "buildings", "est": "estate", "ind": "industrial", "hse": "house", "fm": "farm", "bri": "bridge",
    "brg": "bridge", "ctr": "centre", "cntr": "centre", "center": "centre", "str": "street", "strt": "street",
    "sch": "school", "hosp": "hospital", "stn": "station", "sta": "station", "jct": "junction", "jn": "junction",
    "rdbt": "roundabout", "mt": "mount", "upr": "upper", "lwr": "lower", "nth": "north", "sth": "south",
    "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth", "6th": "sixth",
    "7th": "seventh", "8th": "eighth", "9th": "ninth", "10th": "tenth", "saint": "st",
}
SHORT_FORMS = {word: meant for word, meant in _WORDS.items() if word != "saint"}
_SIDES = {"north", "south", "east", "west", "upper", "lower"}
_MOTORWAY = re.compile(r"\b([am]\d{1,4}) ?\(m\)")
_NUMBERED = re.compile(r"[abm]\d{1,4}m?")
_STREET_WORD = re.compile(
    r"\b(?:road|street|avenue|close|gardens?|square|court|crescent|drive|lane|place|terrace|grove|park|boulevard|way|walk|"
    r"green|mews|bank|view|hill|row|parade|bridge|bypass|gate|rise|brow|fold|wynd|chare|quay|wharf|side|broadway|the \w+)"
    r"(?: (?:north|south|east|west))?$")
_DROPPED = re.compile(r"['’‘`.]")
_SPACED = re.compile(r"[^a-z0-9]+")
MAX_CHARS = 200


@lru_cache(maxsize=1 << 16)
def normal(name: str) -> str:
    """The one form of a name: lower case, no accents, apostrophes or other signs, abbreviations written out.

    Applying it twice changes nothing. Empty when the name holds no letter or digit.
    """
    text = name[:MAX_CHARS]
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).translate(_QUOTES).encode("ascii", "ignore").decode()
    plain = _DROPPED.sub("", text.replace("&", " and ").lower())
    if "(m)" in plain:
        plain = _MOTORWAY.sub(r"\1m", plain)
    words = _SPACED.sub(" ", plain).split()
    words = [_WORDS.get(word, word) for word in words[:-1]] + [SHORT_FORMS.get(word, word) for word in words[-1:]]
    last = len(words) - 1
    while last > 0 and words[last] in _SIDES:  # "Drake St North"
        last -= 1
    if last > 0 and words[last] == "st":
        words[last] = "street"
    return " ".join(words)


_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "–": "-", "—": "-"})


def is_numbered(normal_name: str) -> bool:
    """Whether a normalised name is a road number: "a664", "m62", "a1m"."""
    return _NUMBERED.fullmatch(normal_name) is not None


def is_street(normal_name: str) -> bool:
    """Whether a normalised name ends as those of streets do: "drake street", "the crescent", "mill hill"."""
    return _STREET_WORD.search(normal_name) is not None
