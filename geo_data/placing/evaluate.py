"""How good is the geocoder on a file with known positions? Hits, fine hits, errors, speed.

A hit is any answer; a fine hit one of tier P1 to P3. Errors are distances from the known position, metres.
A row whose own postcode lies more than `CONTRADICTION_M` from its own coordinates contradicts itself: it is
counted, listed, and left out of the errors and the shares of fine hits; so is a row without a known position in
Great Britain.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_data.errors import InputError
from geo_data.grid import in_gb_degrees, to_bng
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.geocode import CONTRADICTION_M, geocode
from geo_data.placing.home import Extent, home

FINE = ("P1", "P2", "P3")
SURE = 0.9
LINE = "line"  # name of an index that holds the lines of the file
_UNIT = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Evaluation:
    """`figures` for the report; `answers`: the rows of the file with the columns of `geocode` and error_m."""

    figures: dict[str, Any]
    answers: pd.DataFrame


def evaluate(frame: pd.DataFrame, text: str, gazetteer: Gazetteer, *, lat: str | None = None, lon: str | None = None,
             postcode: str | None = None, area: str | Iterable[str] | Extent | None = None) -> Evaluation:
    """Geocode the column `text`; with `lat` and `lon` (WGS84) or easting and northing also measure the errors.

    `lat` and `lon` may name columns of degrees or of EPSG:27700 metres (easting in `lon`, northing in `lat`).
    `postcode` names a column with each row's postcode; without it, postcodes in the texts are taken. Raises
    `InputError` for a column that is not there or holds no numbers, or an area that is not known.
    """
    for name in (text, lat, lon, postcode):
        if name is not None and name not in frame:
            raise InputError(f"The file has no column '{name}'.", where=name, fix=f"It has {', '.join(map(str, frame.columns))}.")
    if (lat is None) != (lon is None):
        raise InputError("Give both --lat and --lon, or neither.", where="columns")
    texts = frame[text].astype("str").fillna("")
    own = None if area is None else home(area, gazetteer)
    geocode(["High Street, Ely", "CB7 4LJ"], gazetteer, own)  # opens what is opened only once
    started = time.process_time()
    found = geocode(texts, gazetteer, own)
    seconds = max(time.process_time() - started, 1e-9)
    answers = pd.concat([frame.reset_index(drop=True), found.drop(columns="text")], axis=1)
    fine = found["tier"].isin(FINE).to_numpy()
    hit = found["tier"].ne("P5").to_numpy()
    figures: dict[str, Any] = {"rows": len(frame), "distinct": int(texts.nunique()), "hit": _share(hit), "fine": _share(fine)}
    if lat is not None and lon is not None:
        e, n = _positions(frame, lat, lon)
        error = np.hypot(found["easting"].to_numpy() - e, found["northing"].to_numpy() - n)
        contradicts = _contradicts(texts if postcode is None else frame[postcode].astype("str"), e, n, gazetteer)
        answers["error_m"] = error
        placed = np.isfinite(e)
        figures |= {"without_position": int((~placed).sum())} | _measured(found[placed], fine[placed], error[placed],
                                                                          contradicts[placed])
        kept = placed & ~contradicts
        figures["reliability"] = reliability(found[kept], error[kept])
        lines = frame.index.to_numpy() if frame.index.name == LINE else np.arange(len(frame)) + 2
        figures["contradicting_rows"] = lines[contradicts].astype(int).tolist()  # as lines of the file
    figures |= {"rows_per_s": round(len(frame) / seconds), "rows_per_s_distinct": round(texts.nunique() / seconds)}
    figures["tiers"] = _by(found, "tier", answers.get("error_m"))
    figures["rungs"] = _by(found, "rung", answers.get("error_m"))
    return Evaluation(figures, answers)


def reliability(found: pd.DataFrame, error: Floats) -> list[dict[str, Any]]:
    """Whether confidence means what it says: of the answers in each tenth of it, the shares within 1 and 3 precisions."""
    located = np.isfinite(error)
    confidence, precision = (found[name].to_numpy(dtype=np.float64)[located] for name in ("confidence", "precision_m"))
    fine, error = found["tier"].isin(FINE).to_numpy()[located], error[located]
    tenth = np.minimum(np.floor(confidence * 10 + 1e-9), 9)
    rows = []
    for number in np.unique(tenth):
        here = tenth == number
        rows.append({"confidence_from": round(float(number) / 10, 1), "rows": int(here.sum()), "fine": int(fine[here].sum()),
                     "mean_confidence": round(float(confidence[here].mean()), 3),
                     "within_precision": _share((error <= precision)[here]),
                     "within_3_precision": _share((error <= 3 * precision)[here])})
    return rows


def _positions(frame: pd.DataFrame, lat: str, lon: str) -> tuple[Floats, Floats]:
    """Easting and northing of the known positions; missing where there is none in Great Britain."""
    first, second = (pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64) for name in (lat, lon))
    if not np.isfinite(first).any() or not np.isfinite(second).any():
        raise InputError("The columns of the known position hold no numbers.", where=f"{lat}, {lon}")
    if np.nanmax(np.abs(first)) > 180:
        return second, first
    outside = ~in_gb_degrees(first, second)
    e, n = to_bng(first, second)
    return np.where(outside, np.nan, e), np.where(outside, np.nan, n)


def _contradicts(texts: pd.Series, e: Floats, n: Floats, gazetteer: Gazetteer) -> npt.NDArray[np.bool_]:
    """Rows whose own postcode lies far from their own position."""
    written = texts.fillna("").str.upper().str.extract(_UNIT, expand=False)
    known = gazetteer.postcodes(written.fillna(""))
    apart = np.hypot(known["easting"].to_numpy() - e, known["northing"].to_numpy() - n)
    return np.asarray(np.nan_to_num(apart, nan=0.0) > CONTRADICTION_M)


def _measured(found: pd.DataFrame, fine: npt.NDArray[np.bool_], error: Floats, contradicts: npt.NDArray[np.bool_],
              ) -> dict[str, Any]:
    kept = ~contradicts
    measured = fine & kept & np.isfinite(error)
    sure = measured & (found["confidence"] >= SURE).to_numpy()
    within = error <= 3 * found["precision_m"].to_numpy()
    return {
        "contradicting": int(contradicts.sum()),
        "fine": _share(fine[kept]),
        "fine_p50_m": _quantile(error[measured], 0.5),
        "fine_p90_m": _quantile(error[measured], 0.9),
        "within_250m": _share((error <= 250)[kept]),
        "fine_over_5km": _share((error > 5_000)[measured]),
        "sure": int(sure.sum()),
        "sure_within_3_precision": _share(within[sure]),
    }


def _by(found: pd.DataFrame, column: str, error: pd.Series | None) -> list[dict[str, Any]]:
    rows = []
    for name in sorted(found[column].unique()):
        chosen = (found[column] == name).to_numpy()
        row: dict[str, Any] = {column: name, "rows": int(chosen.sum())}
        if error is not None:
            known = error.to_numpy()[chosen & error.notna().to_numpy()]
            row |= {"p50_m": _quantile(known, 0.5), "p90_m": _quantile(known, 0.9), "over_5km": _share(known > 5_000)}
        rows.append(row)
    return rows


def _share(flags: npt.NDArray[np.bool_]) -> float | None:
    return round(float(flags.mean()), 4) if len(flags) else None


def _quantile(values: Floats, share: float) -> float | None:
    return round(float(np.quantile(values, share)), 1) if len(values) else None
