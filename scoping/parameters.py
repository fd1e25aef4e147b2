"""The analyst's dials: what to cluster, how, and over which windows.

`Parameters` validates itself on construction, so a function that receives one never
checks again. Two equal `Parameters` on the same data give the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from geo_data.errors import ParameterError
from geo_data.schema import AGE_BANDS, PLACE_TYPES, ROLES

Count = Literal["children", "episodes"]
WindowKind = Literal["month", "rolling", "days", "custom"]

EPS_RANGE_M = (50.0, 1_000.0)
MIN_RANGE = (2, 100)
ENTER_RANGE = (0, 20)
MAX_WINDOWS = 2_000
STRAND_CHOICES = ("home", "care", "education", "other")


@dataclass(frozen=True)
class WindowScheme:
    """How time is cut. Half-open windows [start, end) at local midnight, Europe/London.

    ``month``                      calendar months
    ``days:28``                    28-day windows end to end
    ``rolling:91d:28d``            91 days long, stepped 28 days
    ``custom:2025-01-01..2025-04-01,2025-04-01..2025-07-01``
    """

    kind: WindowKind = "month"
    length_days: int = 0
    step_days: int = 0
    spans: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        if self.kind in ("rolling", "days") and not (1 <= self.length_days <= 3_660 and 1 <= self.step_days <= 3_660):
            raise ParameterError("Window length and step must be between 1 and 3,660 days.",
                                 fix="Give for example rolling:91d:28d or days:28.", where="window")
        if self.kind == "custom":
            if not self.spans:
                raise ParameterError("A custom scheme needs at least one window.",
                                     fix="Give for example custom:2025-01-01..2025-04-01.", where="window")
            if any(start >= end for start, end in self.spans):
                raise ParameterError("A window must end after it starts.", fix="Swap the two dates.", where="window")
            if list(self.spans) != sorted(self.spans):
                raise ParameterError("Custom windows must be in order of time.", fix="Sort them by start.", where="window")

    @classmethod
    def parse(cls, text: str) -> WindowScheme:
        """Read the command-line form; raises `ParameterError` with the forms that are allowed."""
        text = text.strip().lower()
        if text == "month":
            return cls("month")
        if found := re.fullmatch(r"days:(\d{1,4})d?", text):
            return cls("days", int(found[1]), int(found[1]))
        if found := re.fullmatch(r"rolling:(\d{1,4})d?:(\d{1,4})d?", text):
            return cls("rolling", int(found[1]), int(found[2]))
        if text.startswith("custom:"):
            try:
                pairs = [part.split("..") for part in text.removeprefix("custom:").split(",")]
                return cls("custom", spans=tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in pairs))
            except ValueError:
                pass  # falls through to the message below, which shows the allowed forms
        raise ParameterError(f"'{text[:40]}' is not a window scheme.",
                             fix="Use month, days:28, rolling:91d:28d or custom:2025-01-01..2025-04-01.", where="window")

    def __str__(self) -> str:
        if self.kind == "month":
            return "month"
        if self.kind == "days":
            return f"days:{self.length_days}"
        if self.kind == "rolling":
            return f"rolling:{self.length_days}d:{self.step_days}d"
        return "custom:" + ",".join(f"{a}..{b}" for a, b in self.spans)


@dataclass(frozen=True)
class Parameters:
    """What is clustered and how. Distances in metres on EPSG:27700.

    ``roles`` are clustered together; the default is one role at a time, because three
    roles of one episode are not three events (METHODS 2.1). Empty filter tuples mean all.
    ``start`` and ``end`` bound the windows, half-open, local dates.
    A hotspot is said to be new with ``min_children + enter_extra`` of what is counted, and stays with fewer;
    0 makes it as easy to enter as to be a cluster.
    ``keep_left_out`` puts the places of the register (own address, police station ...)
    back into the counting; the choice is shown on every output.
    """

    roles: tuple[str, ...] = ("found",)
    eps_m: float = 250.0
    min_children: int = 5
    enter_extra: int = 2
    count: Count = "children"
    window: WindowScheme = field(default_factory=WindowScheme)
    start: date | None = None
    end: date | None = None
    strands: tuple[str, ...] = ()
    age_bands: tuple[str, ...] = ()
    place_types: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    keep_left_out: bool = False

    def __post_init__(self) -> None:
        _known("role", self.roles, ROLES, need_one=True)
        _known("strand", self.strands, STRAND_CHOICES)
        _known("age band", self.age_bands, AGE_BANDS)
        _known("place type", self.place_types, tuple(PLACE_TYPES))
        if not EPS_RANGE_M[0] <= self.eps_m <= EPS_RANGE_M[1]:  # also refuses NaN
            raise ParameterError(f"eps must be between {EPS_RANGE_M[0]:g} and {EPS_RANGE_M[1]:g} metres.",
                                 fix="250 m is walking scale; above 500 m places chain together.", where="eps_m")
        if not MIN_RANGE[0] <= self.min_children <= MIN_RANGE[1]:
            raise ParameterError(f"The minimum must be between {MIN_RANGE[0]} and {MIN_RANGE[1]}.", where="min_children")
        if not ENTER_RANGE[0] <= self.enter_extra <= ENTER_RANGE[1]:
            raise ParameterError(f"What it takes to enter must be {ENTER_RANGE[0]} to {ENTER_RANGE[1]} above the minimum.",
                                 where="enter_extra")
        if self.count not in ("children", "episodes"):
            raise ParameterError("Count is either children or episodes.", where="count")
        if self.start and self.end and self.start >= self.end:
            raise ParameterError("The end date must lie after the start date.", fix="Swap the two dates.", where="from/to")

    @property
    def enter(self) -> int:
        """How many children (or records) a new hotspot needs."""
        return self.min_children + self.enter_extra

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, in declaration order."""
        plain = asdict(self) | {"window": str(self.window), "start": _iso(self.start), "end": _iso(self.end)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _known(what: str, given: tuple[str, ...], allowed: tuple[str, ...], *, need_one: bool = False) -> None:
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise ParameterError(f"Unknown {what}: {', '.join(unknown)[:80]}.", fix=f"Use {', '.join(allowed)}.", where=what)
    if need_one and not given:
        raise ParameterError(f"At least one {what} is needed.", fix=f"Use {', '.join(allowed)}.", where=what)
