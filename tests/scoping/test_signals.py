"""Signals stand beside the hotspots of their area; what is not known is said, and silence is not a nought."""

from __future__ import annotations

import pandas as pd

from geo_data.placing.districts import codes_of
from scoping import signals


def counts(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["agency", "month", "area", "referrals"])


def test_hotspots_are_counted_in_each_area_as_it_is_named() -> None:
    given = counts(("Health", "2025-03", "Gateshead", 83), ("Health", "2025-04", "Gateshead", 4),
                   ("Police", "2025-03", "Northumbria", 44), ("School", "2025-03", "Nowhere at all", 1),
                   ("School", "2025-03", "E08000021", 2))
    gateshead, newcastle, county = codes_of("Gateshead"), codes_of("Newcastle upon Tyne"), codes_of("Northumberland")
    table = signals.beside(given, [gateshead, gateshead | newcastle, county], codes_of).set_index("area")
    assert table.loc["Gateshead", ["hotspots", "referrals", "months"]].tolist() == [2, 87, 2]
    assert table.loc["Northumbria", "hotspots"] == 3 and table.loc["E08000021", "hotspots"] == 1
    assert pd.isna(table.loc["Nowhere at all", "hotspots"])


def test_the_year_ends_with_the_month_asked_for() -> None:
    given = counts(("A", "2024-03", "x", 1), ("A", "2024-04", "x", 2), ("A", "2025-03", "x", 4), ("A", "2025-04", "x", 8))
    assert signals.recent(given, "2025-03")["referrals"].tolist() == [2, 4]


def test_a_place_has_the_signals_of_its_own_areas_alone() -> None:
    given = counts(("A", "2025-03", "Gateshead", 1), ("A", "2025-03", "Northumbria", 2), ("A", "2025-03", "Durham", 4))
    assert signals.of_place(given, codes_of("Gateshead"), codes_of)["referrals"].tolist() == [1, 2]
    assert signals.of_place(given, [], codes_of).empty
