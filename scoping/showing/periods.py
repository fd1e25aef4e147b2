"""Calendar windows: the only ones that leave the team. Each lies whole in the longer ones, so none can be slid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from geo_data.errors import ParameterError

MONTHS_OF = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}  # from the shortest
WORDS = {"month": "calendar month", "quarter": "quarter", "half_year": "half-year", "year": "year"}
NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
         "December")
_FORMS = "Write 2025-03, 2025-Q1, 2025-H1 or 2025."


@dataclass(frozen=True, order=True)
class Period:
    """A calendar window, half-open, local days (Europe/London)."""

    start: date
    kind: str

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read "2025-03", "2025-Q1", "2025-H1" or "2025"; raises `ParameterError`."""
        found = re.fullmatch(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])|H([12])))?", text.strip().upper())
        if not found or not 1900 <= int(found[1]) <= 2200:
            raise ParameterError("This is not a calendar period.", fix=_FORMS, where="period")
        year, month, quarter, half = (int(part or 0) for part in found.groups())
        if month:
            return cls(date(year, month, 1), "month")
        if quarter:
            return cls(date(year, 3 * quarter - 2, 1), "quarter")
        return cls(date(year, 6 * half - 5, 1), "half_year") if half else cls(date(year, 1, 1), "year")

    @classmethod
    def holding(cls, day: date, kind: str) -> Period:
        """The period of a kind that a day lies in."""
        months = MONTHS_OF[kind]
        return cls(date(day.year, (day.month - 1) // months * months + 1, 1), kind)

    @property
    def end(self) -> date:
        """The day after the last."""
        month = self.start.month - 1 + MONTHS_OF[self.kind]
        return date(self.start.year + month // 12, month % 12 + 1, 1)

    @property
    def key(self) -> str:
        """As `parse` reads it."""
        year, month = self.start.year, self.start.month
        return {"month": f"{year}-{month:02d}", "quarter": f"{year}-Q{(month + 2) // 3}",
                "half_year": f"{year}-H{(month + 5) // 6}", "year": f"{year}"}[self.kind]

    @property
    def label(self) -> str:
        """For the reader: "March 2025", "January to March 2025", "2025"."""
        if self.kind == "year":
            return f"{self.start.year}"
        last = (self.end - timedelta(days=1)).month
        first = NAMES[self.start.month - 1]
        return f"{first} {self.start.year}" if self.kind == "month" else f"{first} to {NAMES[last - 1]} {self.start.year}"

    def before(self) -> Period:
        """The period of the same kind that ends where this one begins."""
        return Period.holding(self.start - timedelta(days=1), self.kind)

    def parts(self) -> tuple[Period, ...]:
        """The next shorter periods that it is made of; none of a month."""
        kinds = list(MONTHS_OF)
        if self.kind == "month":
            return ()
        kind, found, day = kinds[kinds.index(self.kind) - 1], [], self.start
        while day < self.end:
            found.append(Period(day, kind))
            day = found[-1].end
        return tuple(found)

    def longer(self) -> Period | None:
        """The next longer period that holds it."""
        kinds = list(MONTHS_OF)
        at = kinds.index(self.kind) + 1
        return Period.holding(self.start, kinds[at]) if at < len(kinds) else None

    def overlaps(self, other: Period) -> bool:
        return self.start < other.end and other.start < self.end

    def inside(self, other: Period) -> bool:
        """Whether it is a true part of `other`."""
        return self != other and other.start <= self.start and self.end <= other.end


def brief(label: str) -> str:
    """A label of several months for a narrow column: "Jul to Sep 2025"; others as they are."""
    return " ".join(word[:3] if word in NAMES else word for word in label.split()) if " to " in label else label
