"""Rows for the tests of the intake: one good episode, and files made of changed copies of it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd

from geo_data.reading.profiles import Profile

GOOD: dict[str, str] = {
    "episode_ref": "NP/2025/0001",
    "person_ref": "P-0001",
    "source_system": "niche",
    "extracted_at": "2025-06-01T06:00Z",
    "recording_force": "Northumbria Police",
    "responsible_la": "E06000057",
    "age_at_episode": "15",
    "care_status": "not_looked_after",
    "episode_type": "missing",
    "missing_from_type": "home",
    "last_seen_at": "2025-05-01T16:00",
    "reported_at": "2025-05-01T18:30",
    "found_at": "2025-05-01T23:15",
    "risk_level_initial": "medium",
    "found_location_text": "Bus station, Ashington",
    "found_at_own_address": "N",
    "rhi_offered": "N",
    "sharing_restriction": "none",
}


def csv_bytes(rows: list[dict[str, Any]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """A CSV file whose header is the union of the rows' keys."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def episodes(*changes: dict[str, str | None]) -> pd.DataFrame:
    """A text frame of good rows, each with its own reference and changed as told; lines from 2."""
    given = changes or ({},)
    rows = [GOOD | {"episode_ref": f"NP/2025/{number:04d}"} | change for number, change in enumerate(given, 1)]
    return pd.DataFrame(rows, index=range(2, 2 + len(rows)), dtype="str")


def source_names(profile: Profile) -> set[str]:
    """Every column name that the profile would read."""
    names = {name for given in profile.columns.values() for name in given}
    names |= {name for parts in (*profile.joins.values(), *profile.texts.values()) for part in parts for name in part}
    names |= {*profile.identity.get("columns", ()), *profile.known}
    return names | {profile.month["column"]} if profile.month else names
