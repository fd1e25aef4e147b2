"""One sentence of plain English for each place of a review, which claims no more than the tests bear. From a `ReviewRelease`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scoping.change.attention import RULES
from scoping.showing.review import ReviewRelease

Row = Mapping[Any, Any]


def sentence(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    """What changed at one place (a row of `review.places`), for a reader who knows no statistics."""
    said = _WORDS[str(row["change"])](review, row, names)
    year = _year(review, row)
    return f"{said} {year}" if year else said


def watched(row: Row) -> list[str]:
    """The sentences of the attention rules that hold for a place."""
    return [text for rule, text in RULES.items() if row[f"watch_{rule}"]]


def verdict(seen: float, low: float, high: float) -> str:
    """How a count stands to the range that chance gives, in words; `low` is NaN until chance was counted."""
    if np.isnan(low):
        return "not counted yet"
    return "more than chance" if seen > high else "fewer than chance" if seen < low else "as chance would give"


def expected(review: ReviewRelease, change: str) -> str:
    """How many such changes shuffled dates give in a review like this; empty when it was not counted."""
    found = review.chance[review.chance["change"] == change]
    if found.empty or np.isnan(found["expected_mean"].iloc[0]):
        return ""
    row = found.iloc[0]
    return (f"Of such places {int(row['real'])} {'is' if row['real'] == 1 else 'are'} seen in this review; "
            f"chance alone gives about {row['expected_mean']:.1f}.")


def _missing(value: Any) -> bool:
    return bool(pd.isna(value))


def _children(number: Any) -> str:
    return "no hotspot" if _missing(number) else f"{int(number)} {'child' if number == 1 else 'different children'}"


def _born(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return _join(f"New: {_children(row['children'])}, and no hotspot here in the twelve months before.", expected(review, "born"))


def _back(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return _join(f"Active again: {_children(row['children'])}, after it had been gone for less than a year.",
                 expected(review, "reactivated"))


def _forming(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return (f"Forming: {_children(row['children'])} close together, too few to call it a new hotspot. "
            "Places like this come and go by chance.")


def _first(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return (f"Present: {_children(row['children'])}. There are no earlier records that compare, "
            "so it cannot be said whether it is new.")


def _grew(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return _join(f"Growing: {_children(row['children'])}, {_times(row)}.", _among_all(row))


def _shrank(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return _join(f"Reducing: {_children(row['children'])}, {_times(row)}.", _among_all(row))


def _stable(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    now = f"Continuing: {_children(row['children'])}"
    if not _missing(row["last_children"]):
        now += f", {int(row['last_children'])} in the review before"
    if _missing(row["rr_low"]):
        return f"{now}. Too little is known of the time before to say whether that is a change."
    if row["rr_low"] > 1:
        return f"{now}. It is less than half a year old, so comparing it with the year before says only that it is new."
    return f"{now}. Measured against its own past year this is no change beyond chance."


def _moved(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return f"Moved: {_children(row['children'])}, and its middle has shifted by more than chance would shift it."


def _merged(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return f"Merged: {_children(row['children'])} where there were several hotspots{_parents(row, names)}."


def _split(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return f"Split: {_children(row['children'])} in one part of what was a single hotspot{_parents(row, names)}."


def _below(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return "Below the threshold: too few children now to be a hotspot, but it is not gone until two windows running are quiet."


def _gone(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return _join("Gone: fewer than two children near it in two windows running. That does not prove the place is safe.",
                 expected(review, "dissolved"))


def _no_data(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    return "No data: the records of this window, or of its agency, are missing. Nothing can be said."


def _absent(review: ReviewRelease, row: Row, names: Mapping[str, str]) -> str:
    me = str(row["hotspot_id"])
    for other, parents in zip(review.places["hotspot_id"], review.places["parents"], strict=True):
        if me in str(parents).split("|"):
            return f"No hotspot of its own now: it has run into {names.get(other, '')} ({other})."
    return "No hotspot now."


_WORDS = {"born": _born, "reactivated": _back, "forming": _forming, "first": _first, "grew": _grew, "shrank": _shrank,
          "stable": _stable, "moved": _moved, "merged": _merged, "split": _split, "below": _below, "dissolved": _gone,
          "no_data": _no_data, "": _absent}


def _times(row: Row) -> str:
    if np.isinf(row["rr"]):
        return f"at least {row['rr_low']:.1f} times what is usual for this place"
    return (f"{row['rr']:.1f} times what is usual for this place over the past year "
            f"(the true figure is likely between {row['rr_low']:.1f} and {row['rr_high']:.1f})")


def _among_all(row: Row) -> str:
    if row["beyond"]:
        return "It still stands out after allowing for how many places were looked at."
    return "But with so many places looked at, one such change can be chance."


def _year(review: ReviewRelease, row: Row) -> str:
    if review.at.year < 0 or row["change"] == "no_data":
        return ""
    if _missing(row["year_children"]):
        return "" if row["change"] in ("born", "forming", "first") else "A year ago there was no hotspot here."
    return f"A year ago: {_children(row['year_children'])}."


def _parents(row: Row, names: Mapping[str, str]) -> str:
    listed = [f"{names.get(name, name)} ({name})" for name in str(row["parents"]).split("|") if name]
    return f": {', '.join(listed)}" if listed else ""


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)
