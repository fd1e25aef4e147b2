"""The words of an address: which of them can be a street, which a place.

`words_of` brings a part of a text into the form in which names are compared, and marks junctions;
`spans` lists the groups of words that can be a street's name. Nothing is looked up here. The number of groups is
bounded by `MAX_WORDS`, so the time for one text is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from geo_data.placing.street_name import normal

MAX_WORDS = 30  # of one part of a text
MAX_PARTS = 12
LONGEST = 6  # words in a street's name
JUNCTION = "junction"

TYPES = frozenset(
    "road street avenue close drive lane way crescent court gardens grove terrace place square row rise mews walk view hill "
    "park green bank brow fold gate parade crossing bridge wharf quay broadway boulevard bypass roundabout estate villas "
    "cottages garth croft side end meadow meadows field fields bottom top mount vale dene parkway embankment drove "
    "passage yard path approach causeway circus circle gill heights chase ride common front quayside promenade "
    "buildings wynd chare bar nook lea leas dale ridge hollow loke alley arcade precinct esplanade corner cross".split())
FIRM = frozenset("road street avenue close drive lane way crescent court gardens grove terrace place square row mews walk "
                 "rise boulevard parade".split())  # a name that ends so is a street and nothing else
_SIDES = frozenset("north south east west upper lower".split())
_UNIT = frozenset("flat unit apartment apt no number room plot block suite studio ground floor level".split())
_NUMBER = re.compile(r"\d{1,5}[a-z]?")
_MARKS = (  # of lower case, which is searched in half the time; with each what it cannot do without
    (("j", "corner", "cnr", "crossroads"), re.compile(
        r"\b(?:at )?(?:the )?"
        r"(?:j/w|j/o|jw|jct?n?\b\.?|junc\b\.?|junction|corner|cnr\b\.?|crossroads)(?= |$)(?: (?:of|with|w/))?"), f" {JUNCTION} "),
    (("/", "@"), re.compile(r"(?<=[a-z]{2})(?: w/ | ?/ ?| @ )(?=[a-z]{2})"), " x "),
    (("-",), re.compile(
        r"(?<=[a-z]{3})-(?=[a-z]{3}[a-z' ]* (?:road|rd|street|st|avenue|ave|lane|ln|drive|dr|close|terrace|way)\b)"), " x "),
)
_RELATION = re.compile(
    r"(?<![\w/])(?:near(?: to)?|nr\b\.?|n/r|opp(?:osite)?\b\.?(?: to)?|outside(?: of)?|o/s|adj(?:acent)?\b\.?(?: to)?|"
    r"next to|beside|behind|rear of|r/o|front of|f/o|in front of|vicinity of|area of|off|just off|close to)(?=[ .]|$)")
NEAR = "near"
BETWEEN = frozenset(("and", "x", "with", "at", NEAR, JUNCTION))


class Words(NamedTuple):
    """One part of a text as normalised words. `beside`: it names what the spot is near, not the spot."""

    words: tuple[str, ...]
    beside: bool

    @property
    def text(self) -> str:
        return " ".join(self.words)


@lru_cache(maxsize=1 << 15)
def words_of(part: str) -> Words:
    """A part of a text as words; relations ("opp", "r/o") become the word `NEAR`, junctions `JUNCTION` or "x"."""
    part = part.lower()
    for needed, pattern, word in _MARKS:
        for sign in needed:
            if sign in part:
                part = pattern.sub(word, part)
                break
    plain, relations = _RELATION.subn(f" {NEAR} ", part)
    words = normal(plain).split()[:MAX_WORDS]
    while words and words[0] == NEAR:
        del words[0]
    return Words(tuple(words), relations > 0)


def numbered(words: tuple[str, ...]) -> int:
    """How many words at the beginning are a house, flat or unit number."""
    at = 0
    while at < len(words) - 1 and (words[at] in _UNIT or _NUMBER.fullmatch(words[at])):
        if words[at] in _UNIT and not _NUMBER.fullmatch(words[at + 1]) and words[at + 1] not in _UNIT:
            break
        at += 1
    return at


def spans(words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Groups of words [start, end) that end like a street, from left to right, the longest first for each end."""
    last = len(words)
    for end in range(1, last + 1):
        word = words[end - 1]
        typed = word in TYPES or (word == "st" and end > 1)
        sided = word in _SIDES and end > 2 and words[end - 2] in TYPES
        if not (typed or sided):
            continue
        for start in range(max(0, end - LONGEST), end):
            if words[start] not in BETWEEN and not (_NUMBER.fullmatch(words[start]) and start < end - 1):
                yield start, end


def street_text(words: tuple[str, ...]) -> str:
    """A group of words as a street's name: "st" at its end is Street."""
    if len(words) > 1 and words[-1] == "st":
        words = (*words[:-1], "street")
    elif len(words) > 2 and words[-1] in _SIDES and words[-2] == "st":
        words = (*words[:-2], "street", words[-1])
    return " ".join(words)
