"""The rules of amendment a row at a time: what the store decides for all rows at once."""

from __future__ import annotations

from collections import Counter

from hypothesis import strategies as st

ROW = st.tuples(st.sampled_from(["R-1", "R-2", "R-3"]), st.integers(0, 4), st.sampled_from(["x", "y", "z"]))


class RowByRow:
    """What is current, (day, says, version) by reference, and what was."""

    def __init__(self) -> None:
        self.current: dict[str, tuple[int, str, int]] = {}
        self.history: dict[str, list[tuple[int, str, int]]] = {}

    def take(self, rows: list[tuple[str, int, str]]) -> Counter[str]:
        """(reference, day, says) in order of lines -> how many of each outcome."""
        counts: Counter[str] = Counter()
        stored = dict(self.current)
        for ref, day, says in sorted(rows, key=lambda row: row[1]):
            past = self.history.setdefault(ref, [])
            if ref not in self.current:
                outcome, self.current[ref] = "accepted", (day, says, 1)
            elif ref in stored and day < stored[ref][0]:
                seen = says == stored[ref][1] or (day, says) in [row[:2] for row in past]
                outcome = "unchanged" if seen else "older"
                if not seen:
                    past.append((day, says, 0))
            elif says == self.current[ref][1]:
                outcome, self.current[ref] = "unchanged", (day, says, self.current[ref][2])
            else:
                past.append(self.current[ref])
                outcome, self.current[ref] = "amended", (day, says, self.current[ref][2] + 1)
            counts[outcome] += 1
        return counts
