from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import InputError
from geo_data.placing.evaluate import evaluate, reliability
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


def test_reliability_counts_what_lies_within_the_precision_that_was_claimed() -> None:
    found = pd.DataFrame({"confidence": [0.95, 0.95, 0.95, 1.0, 0.3, 0.0],
                          "precision_m": [100.0, 100.0, 100.0, 10.0, 1_000.0, np.nan],
                          "tier": ["P2", "P2", "P2", "P1", "P4", "P5"]})
    rows = reliability(found, np.array([90.0, 290.0, 310.0, 5.0, 900.0, np.nan]))
    assert rows == [
        {"confidence_from": 0.3, "rows": 1, "fine": 0, "mean_confidence": 0.3, "within_precision": 1.0, "within_3_precision": 1.0},
        {"confidence_from": 0.9, "rows": 4, "fine": 4, "mean_confidence": 0.962, "within_precision": 0.5,
         "within_3_precision": 0.75},
    ]


def test_lines_of_a_part_of_a_file_are_those_of_the_file(gazetteer: Gazetteer) -> None:
    part = ROWS.set_axis(range(12, 17)).rename_axis("line").iloc[2:]
    assert evaluate(part, "text", gazetteer, lat="lat", lon="lon").figures["contradicting_rows"] == [15]


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
