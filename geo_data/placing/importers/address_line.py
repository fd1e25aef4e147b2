"""One line of text from the parts of a BS 7666 address: secondary and primary addressable object, street, town."""

from __future__ import annotations

import pandas as pd

PARTS = tuple(f"{level}_{part}" for level in ("sao", "pao")
              for part in ("start_number", "start_suffix", "end_number", "end_suffix", "text"))


def line(frame: pd.DataFrame) -> pd.Series:
    """Single-line addresses from `PARTS`, organisation, street, locality, town and postcode (texts, blank allowed).

    "ACME LTD, FLAT 2, ROSE HOUSE, 12A-14 HIGH STREET, CASTLETON, ROCHDALE, OL11 3AA".
    """
    number = _number(frame, "pao")
    street = (number + " " + frame["street"]).str.strip()
    pieces = [frame["organisation"], frame["sao_text"], _number(frame, "sao"), frame["pao_text"], street, frame["locality"],
              frame["town"].where(frame["town"].ne(frame["locality"]), ""), frame["postcode"]]
    whole = pieces[0]
    for piece in pieces[1:]:
        comma = pd.Series(", ", index=frame.index, dtype="str").where(whole.ne("") & piece.ne(""), "")
        whole = whole + comma + piece
    return whole


def _number(frame: pd.DataFrame, level: str) -> pd.Series:
    """"12A-14" of a start and an end number with their suffixes."""
    start = frame[f"{level}_start_number"] + frame[f"{level}_start_suffix"]
    end = frame[f"{level}_end_number"] + frame[f"{level}_end_suffix"]
    dash = pd.Series("-", index=frame.index, dtype="str").where(start.ne("") & end.ne(""), "")
    return start + dash + end
