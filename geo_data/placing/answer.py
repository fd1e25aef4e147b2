"""What the ladder answers: one point with its precision, or none, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MAX_CANDIDATES = 5


@dataclass(frozen=True)
class Answer:
    """One answer of the ladder. `candidates` are the alternatives, best first."""

    tier: str = "P5"
    precision_m: float = float("nan")
    method: str = "none"
    easting: float = float("nan")
    northing: float = float("nan")
    matched: str | None = None
    reason: str = ""
    candidates: list[dict[str, Any]] = field(default_factory=list)
    confidence: float = 0.0
    rung: str = "none"
    street_rows: tuple[int, ...] = ()  # of a street: its rows in `Gazetteer.streets`

    @property
    def fine(self) -> bool:
        return self.tier in ("P1", "P2", "P3")


def candidate(matched: str, tier: str, precision_m: float, easting: float, northing: float) -> dict[str, Any]:
    """One alternative, as shown in the review queue."""
    return {"matched": matched, "tier": tier, "precision_m": precision_m, "easting": easting, "northing": northing}


def tier_of_radius(precision_m: float) -> str:
    """The tier of a point that is exact only to a radius: recorded point, street-like, or too coarse to cluster."""
    return "P1" if precision_m <= 25 else "P2" if precision_m <= 250 else "P4"


def marked(marking: str) -> str:
    """The marking of a layer, to be put behind a reason."""
    return f" ({marking})" if marking else ""
