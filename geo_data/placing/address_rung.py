"""The address rung: the house or flat that a text names, where AddressBase has been imported.

Only addresses with the postcode in the text, or on the street found for it, are looked at. Every number of the text must be one of
the address; among those the words decide. Beside a house ("opposite 12") is no house.
"""

from __future__ import annotations

import numpy as np
from rapidfuzz import fuzz

from geo_data.placing.address import words_of
from geo_data.placing.answer import MAX_CANDIDATES, Answer, candidate
from geo_data.placing.layer_table import Rows
from geo_data.placing.names import Names
from geo_data.placing.street_name import normal
from geo_data.placing.uprn import Addresses

EXACT_SURE, BUILDING_SURE = 0.95, 0.9
PREMISES_M = 10.0
_ONE_BUILDING_M = 25.0
_MOST = 3_000  # addresses of one street
_LEAST_SCORE, _LEAST_NAMED, _MARGIN = 60.0, 85.0, 3.0
_IDLE = frozenset("flat apartment apt unit no number room floor ground first second the".split())


class AddressRung:
    """The address rung over one list of addresses. Keeps the lines it has read."""

    def __init__(self, addresses: Addresses, streets: Names) -> None:
        self._addresses, self._streets = addresses, streets
        self._lines: dict[int, tuple[frozenset[str], str]] = {}

    def answer(self, segments: tuple[str, ...], found: Answer) -> Answer | None:
        """The premises that a text names, given the postcode or street that was `found` in it; None when none or several fit."""
        if any(words_of(segment).beside for segment in segments):
            return None
        rows = self._addresses.in_postcode(found.matched or "") if found.method == "postcode" else self._on_streets(found)
        if not 0 < len(rows) <= _MOST:
            return None
        numbers, words = _split(normal(" ".join(segments)))
        held = [(row, *self._line(row)) for row in rows.tolist()]
        exact = [(row, line) for row, own, line in held if own == numbers]
        if exact:
            return self._best(exact, words, found, named_only=not numbers)
        if not numbers:
            return None
        return self._building([row for row, own, _ in held if numbers < own], found)

    def _on_streets(self, found: Answer) -> Rows:
        named = [self._streets[row] for row in found.street_rows]
        parts = [self._addresses.on_street(each.layer_row) for each in named if each.source == "addressbase"]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def _line(self, row: int) -> tuple[frozenset[str], str]:
        if row not in self._lines:
            if len(self._lines) > 500_000:
                self._lines.clear()
            self._lines[row] = _split(normal(self._addresses.line(row).removesuffix(self._addresses.postcode(row))))
        return self._lines[row]

    def _best(self, options: list[tuple[int, str]], words: str, found: Answer, *, named_only: bool) -> Answer | None:
        """The one whose words are most like those of the text; where no number decides, all of them must be."""
        alike = fuzz.token_sort_ratio if named_only else _alike
        scored = sorted(((alike(words, line), fuzz.ratio(words, line), row) for row, line in options), reverse=True)
        best = [each for each in scored if each[0] >= scored[0][0] - _MARGIN]
        if scored[0][0] < (_LEAST_NAMED if named_only else _LEAST_SCORE):
            return None
        if len(best) > 1 and best[0][1] < best[1][1] + _MARGIN:
            return self._building([row for *_, row in best], found)
        return self._premises([scored[0][2]], EXACT_SURE, "address matched", found)

    def _building(self, rows: list[int], found: Answer) -> Answer | None:
        """Several addresses that are one building."""
        if not rows:
            return None
        return self._premises(rows, BUILDING_SURE, "building matched" if len(rows) > 1 else "address matched", found)

    def _premises(self, rows: list[int], confidence: float, how: str, found: Answer) -> Answer | None:
        points = np.array([self._addresses.point(row) for row in rows])
        e, n = points.mean(axis=0).tolist()
        reach = float(np.hypot(*(points - [e, n]).T).max())
        if reach > _ONE_BUILDING_M:
            return None
        shown = [candidate(self._addresses.line(row), "P1", PREMISES_M, *self._addresses.point(row))
                 for row in rows[1:MAX_CANDIDATES]]
        where = "with that postcode" if found.method == "postcode" else "on that street"
        return Answer("P1", max(PREMISES_M, round(reach)), "uprn", e, n, self._addresses.line(rows[0]), f"{how} {where}", shown,
                      min(confidence, found.confidence + 0.1), "address")


def _alike(words: str, line: str) -> float:
    return max(fuzz.token_set_ratio(words, line), fuzz.partial_ratio(words, line))


def _split(plain: str) -> tuple[frozenset[str], str]:
    """The numbers of an address ("12a", "3"), and its other words; those that every address has are left out."""
    words = plain.split()
    return (frozenset(word for word in words if word[0].isdigit()),
            " ".join(word for word in words if not word[0].isdigit() and word not in _IDLE))
