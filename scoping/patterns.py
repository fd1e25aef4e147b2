"""Children whose pattern of places changed: how many, never who. Nobody is scored or ranked.

Two half-years on either side of a day are compared, of children found at least `LEAST_PLACES` times in each. The pattern of such a
child *changed* when more than half of the places of the later half-year lie farther than `NEAR_M` from every place of the earlier
one. Children with few records seem to change by chance: `by_chance` is how many would if each child's own records were dealt
to the two half-years at random, the mean of `DEALS` deals.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoping.windows import ZONE

PATTERNS = ("until", "children", "changed", "by_chance")
HALF_YEAR_DAYS, NEAR_M, LEAST_PLACES, DEALS = 182, 1_000.0, 3, 50
FINE = ("P1", "P2", "P3")
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


def changes(locations: pd.DataFrame, today: date | None = None, *, quarters: int = 8, seed: int = 0) -> pd.DataFrame:
    """By end of quarter, the latest last: the columns `PATTERNS`. Only ends that the records reach, with a year before them.

    Records past their review date `today` do not count.
    """
    use = ((locations["role"] == "found") & locations["tier"].isin(FINE) & ~locations["own_address"] & locations["at"].notna()
           & locations["person_ref"].notna())
    if today is not None:
        use &= ~(locations["review_by"] < pd.Timestamp(today))
    rows = locations.loc[use, ["person_ref", "at", "easting", "northing"]].sort_values(["person_ref", "at", "easting", "northing"])
    table = pd.DataFrame({name: pd.Series(dtype="str" if name == "until" else "float64") for name in PATTERNS})
    if rows.empty:
        return table
    half, chance, found = pd.Timedelta(days=HALF_YEAR_DAYS), np.random.default_rng(seed), []
    last = rows["at"].max().tz_convert(ZONE).tz_localize(None).to_period("Q").start_time
    for end in pd.date_range(end=last, periods=quarters, freq="QS"):
        until = end.tz_localize(ZONE)
        if until - 2 * half < rows["at"].min():
            continue
        inside = rows[(rows["at"] >= until - 2 * half) & (rows["at"] < until)]
        found.append((f"{end - pd.Timedelta(days=1):%Y-%m-%d}", *_compare(inside, until - half, chance)))
    return pd.DataFrame(found, columns=list(PATTERNS)) if found else table


def _compare(rows: pd.DataFrame, middle: pd.Timestamp, chance: np.random.Generator) -> tuple[int, int, float]:
    """Children who can be compared, those who changed, and how many would by chance."""
    late = np.asarray(rows["at"] >= middle, dtype=bool)
    child = pd.factorize(rows["person_ref"])[0]
    enough = (np.bincount(child, late) >= LEAST_PLACES) & (np.bincount(child, ~late) >= LEAST_PLACES)
    kept = enough[child] if len(child) else np.zeros(0, dtype=bool)
    rows, late = rows.loc[kept], late[kept]
    if rows.empty:
        return 0, 0, 0.0
    child = np.asarray(pd.factorize(rows["person_ref"])[0], np.intp)  # in order: the rows are sorted by child
    one, other = _near(rows, child)
    dealt = [_changed(late[np.lexsort((chance.random(len(child)), child))], child, one, other) for _ in range(DEALS)]
    return int(enough.sum()), _changed(late, child, one, other), float(np.mean(dealt))


def _near(rows: pd.DataFrame, child: Ints) -> tuple[Ints, Ints]:
    """Pairs of records of one child whose places are within `NEAR_M` of each other, both ways round."""
    plain = pd.DataFrame({"child": child, "at": np.arange(len(child)), "e": rows["easting"].to_numpy(),
                          "n": rows["northing"].to_numpy()})
    pairs = plain.merge(plain, on="child", suffixes=("", "_other"))
    east, north = (pairs[axis].to_numpy() - pairs[f"{axis}_other"].to_numpy() for axis in ("e", "n"))
    close = np.hypot(east, north) <= NEAR_M
    return pairs["at"].to_numpy()[close], pairs["at_other"].to_numpy()[close]


def _changed(late: Flags, child: Ints, one: Ints, other: Ints) -> int:
    known = np.zeros(len(late), dtype=bool)
    known[one[late[one] & ~late[other]]] = True  # a later place near an earlier one
    return int((2 * np.bincount(child, late & ~known) > np.bincount(child, late)).sum())
