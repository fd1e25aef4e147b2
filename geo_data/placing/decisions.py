"""What a team has decided about texts: the first rung of the ladder.

A decision says where a text lies, or that it names no place. It holds for every text with the same `text_key`, everywhere or in
one own area. Where they are kept is no matter of this room.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from geo_data.errors import InputError
from geo_data.placing.answer import Answer
from geo_data.placing.districts import codes_of
from geo_data.placing.parse import clean
from geo_data.placing.street_name import SHORT_FORMS

DECIDED_SURE = 0.95
_POINTS = re.compile(r"['.](?!\d)")
_WORDS = re.compile(r"(?<![\w])[+-](?=\d)|\d+\.\d+|\w+|/{3}|/")
_ST = frozenset(("st", "saint", "street", "str", "strt"))  # "Drake St Rochdale" need not say which


def text_key(text: str | None) -> str:
    """The one form of a text: texts of one key are one text to a team.

    Case, accents, commas, points, double spaces, a trailing country and the usual short forms of streets ("St", "Rd") change
    nothing; the order of the words, house numbers, signs and decimals of coordinates do. Empty when the text says nothing. Applying
    it twice changes nothing.
    """
    plain = unicodedata.normalize("NFKD", clean(text or "").casefold())
    plain = _POINTS.sub("", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    words = " ".join("st" if word in _ST else SHORT_FORMS.get(word, word) for word in _WORDS.findall(plain))
    return re.sub(r"(?<=[+-]) ", "", words)


@dataclass(frozen=True)
class Decision:
    """One decision. Without a point (`easting` and `northing` missing) the text names no place.

    `key`: a `text_key`. `area`: where it holds, a name or GSS code as `home` takes them; empty: everywhere. `tier` P1 to P4.
    `note` is shown as what the text was matched to.
    """

    key: str
    easting: float = float("nan")
    northing: float = float("nan")
    precision_m: float = float("nan")
    tier: str = "P5"
    note: str = ""
    area: str = ""

    def __post_init__(self) -> None:
        placed = bool(np.isfinite(self.easting + self.northing))
        if placed != (self.tier in ("P1", "P2", "P3", "P4")) or (placed and not self.precision_m > 0):
            raise InputError("A decision has a point with a precision and a tier P1 to P4, or none of them.", where="decision")
        if self.area and not self.codes:
            raise InputError("There is no police force, county or district of that name.", where="area of a decision",
                             fix="Give a name such as 'Greater Manchester Police' or 'Rochdale', or a GSS code.")

    @cached_property
    def codes(self) -> frozenset[str]:
        """The districts in which it holds; empty: everywhere."""
        return codes_of(self.area) if self.area else frozenset()

    def answer(self) -> Answer:
        """As the ladder gives it."""
        if self.tier == "P5":
            return Answer(method="team_decision", reason="decided by the team: no place", confidence=DECIDED_SURE,
                          rung="team_decision")
        return Answer(self.tier, float(self.precision_m), "team_decision", float(self.easting), float(self.northing),
                      self.note or None, "decided by the team", [], DECIDED_SURE, "team_decision")


class Decisions:
    """The decisions of a team by text. Read-only; safe to share between threads."""

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self._held: dict[str, list[Decision]] = {}
        for decision in decisions:
            self._held.setdefault(decision.key, []).append(decision)
        for held in self._held.values():  # the narrowest area first; of two for one area the later one
            held.reverse()
            held.sort(key=lambda decision: len(decision.codes) or 10**6)

    def __len__(self) -> int:
        return sum(map(len, self._held.values()))

    def find(self, key: str, area: frozenset[str] = frozenset()) -> Decision | None:
        """The decision on a text in the own area of these districts: the narrowest that touches it, else everywhere's."""
        return next((held for held in self._held.get(key, ()) if not held.codes or held.codes & area), None)
