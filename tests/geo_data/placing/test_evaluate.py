from __future__ import annotations

import pandas as pd
import pytest

from geo_data.errors import InputError
from geo_data.placing.evaluate import evaluate
from geo_data.placing.gazetteer import Gazetteer

ROWS = pd.DataFrame({
    "text": ["14 Drake Street, OL16 1LU", "Rochdale", "unknown", "M1 1AE", "OL16 1LU"],
    "lat": ["53.6167", "53.6167", "53.6167", "53.6167", "53.6167"],
    "lon": ["-2.1566", "-2.1566", "-2.1566", "-2.1566", "-2.1566"],
})


def test_figures_leave_out_rows_that_contradict_themselves(gazetteer: Gazetteer) -> None:
    found = evaluate(ROWS, "text", gazetteer, lat="lat", lon="lon")
    figures = found.figures
    assert figures["rows"] == 5 and figures["distinct"] == 5
    assert figures["hit"] == 0.8
    assert figures["contradicting"] == 1 and figures["contradicting_rows"] == [5]  # Manchester's postcode, line 5 of the file
    assert figures["fine"] == 0.5  # two of the four that are left
    assert figures["fine_over_5km"] == 0.0 and figures["fine_p50_m"] < 20
    assert figures["rows_per_s"] > 0 and figures["rows_per_s_distinct"] > 0
    assert {row["tier"]: row["rows"] for row in figures["tiers"]} == {"P3": 3, "P4": 1, "P5": 1}
    assert list(found.answers["text"]) == list(ROWS["text"]) and "error_m" in found.answers


def test_metres_are_told_from_degrees(gazetteer: Gazetteer) -> None:
    frame = pd.DataFrame({"text": ["OL16 1LU"], "n": [413_339], "e": [389_639]})
    assert evaluate(frame, "text", gazetteer, lat="n", lon="e").figures["fine_p50_m"] < 100


def test_without_positions_only_shares_are_told(gazetteer: Gazetteer) -> None:
    figures = evaluate(ROWS, "text", gazetteer, area="Rochdale").figures
    assert figures["fine"] == 0.6 and "fine_p50_m" not in figures


@pytest.mark.parametrize("columns", [{"lat": "lat"}, {"lat": "lat", "lon": "nowhere"}, {"lat": "text", "lon": "text"}])
def test_wrong_columns_are_refused(gazetteer: Gazetteer, columns: dict[str, str]) -> None:
    with pytest.raises(InputError):
        evaluate(ROWS, "text", gazetteer, **columns)
    with pytest.raises(InputError, match="no column"):
        evaluate(ROWS, "nowhere", gazetteer)
