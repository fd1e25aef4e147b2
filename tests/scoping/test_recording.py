"""How well places are recorded: plain counts that no order of rows changes, with small numbers protected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data import schema
from geo_data.errors import DisclosureError
from scoping import marks, recording
from scoping.showing import recorded
from scoping.showing.disclosure import Rules

T0 = pd.Timestamp("2025-01-10T12:00", tz="UTC")
DAY = 86_400_000_000


def world(rows: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """LOCATIONS (role found) and FACTS of one episode a row: child, tier, day, and anything else."""
    n = len(rows)
    given = pd.DataFrame(rows)
    ref = [f"R-{i}" for i in range(n)]
    at = T0 + pd.to_timedelta(given.get("day", pd.Series(0, index=given.index)).fillna(0), unit="D")
    locations = schema.LOCATIONS.conform(pd.DataFrame({
        "location_id": [f"{r}:found" for r in ref], "episode_ref": ref, "person_ref": given["child"], "role": "found", "at": at,
        "at_precision": "minute", "tier": given["tier"], "method": given.get("method", "postcode"), "matched": given.get("matched"),
        "reason": "made", "own_address": given.get("own", pd.Series(False, index=given.index)).fillna(False).astype(bool)}))
    facts = pd.DataFrame({
        "episode_ref": ref, "person_ref": given["child"], "source_system": given.get("source", "compact"), "profile": "native",
        "recording_force": "A", "responsible_la": given.get("la", "E06000057"), "episode_type": given.get("type", "missing"),
        "reported_at": at, "extracted_at": at + pd.Timedelta(days=2), "version": 1})
    return locations, facts


def rate(found: recording.Recording, slice_: str = "all") -> dict[str, Any]:
    return found.rates[found.rates["slice"] == slice_].iloc[0].to_dict()


def test_rates_are_of_places_away_from_home_that_can_be_known() -> None:
    locations, facts = world([{"child": c, "tier": t} for c, t in zip("abcde", ("P1", "P3", "P4", "P5", "P1"), strict=True)])
    locations.loc[4, "own_address"] = True
    found = rate(recording.measure(locations, facts))
    assert (found["places"], found["placed"], found["fine"], found["own"], found["children"]) == (4, 3, 2, 1, 4)
    locations.loc[3, "at"] = pd.NaT
    measured = recording.measure(locations, facts)
    assert rate(measured)["places"] == 3 and measured.not_found_yet == 1


def test_what_is_not_placed_finely_is_counted_where_it_belongs() -> None:
    rows = [{"child": f"c{i}", "tier": "P4", "method": "place", "matched": "Hexham", "day": i} for i in range(4)]
    rows += [{"child": "c9", "tier": "P4", "method": "place", "matched": "Hexham", "day": 300}, {"child": "d", "tier": "P1"}]
    hidden = recording.measure(*world(rows)).hidden.set_index("slice")
    assert hidden.loc["named", "value"] == "Hexham" and hidden.loc["named", "children"] == 5
    assert hidden.loc["named", "most_children"] == 4 and np.isnan(hidden.loc["named", "share"])
    assert hidden.loc["authority", "share"] == pytest.approx(5 / 6)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 6)), max_size=40), st.integers(1, 120))
def test_the_most_children_at_once_equals_trying_every_start(rows: list[tuple[int, int]], days: int) -> None:
    times, children = (np.array([row[i] for row in rows], dtype=np.int64) for i in (0, 1))
    expected = max((len({c for t, c in rows if start <= t < start + days}) for start, _ in rows), default=0)
    assert recording.most_at_once(times * DAY, children, days) == expected


@settings(deadline=None, max_examples=25)
@given(st.permutations(list(range(8))))
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    locations, facts = world([{"child": "abca"[i % 4], "tier": ("P1", "P4", "P5")[i % 3], "day": 40 * i, "matched": "Hexham",
                               "method": "place"} for i in range(8)])
    one = recording.measure(locations, facts)
    other = recording.measure(locations.iloc[order].reset_index(drop=True), facts.iloc[order[::-1]].reset_index(drop=True))
    for name in ("rates", "hidden", "mix", "lags"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


# ------------------------------------------------------------------ the door

def shown(rows: list[dict[str, Any]], **rules: Any) -> recorded.RecordedRelease:
    locations, facts = world(rows)
    none = pd.Series(False, index=facts.index)
    return recorded.release(recording.measure(locations, facts), marks.marks(facts, none), Rules(**rules))


def test_numbers_about_few_children_are_withheld_and_cannot_be_worked_out() -> None:
    rows = [{"child": f"{la}{i}", "tier": "P1", "la": la} for la, n in (("E1", 2), ("E2", 5), ("E3", 9)) for i in range(n)]
    found = shown(rows).rates
    by = found[found["slice"] == "authority"].set_index("value")
    assert by.loc["E1", ["children", "places", "fine"]].isna().all()
    assert by.loc["E2"].isna()["places"] and by.loc["E3", "places"] == 9  # alone, E1 would be the total less the others


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["E1", "E2", "E3", "E4"])), max_size=40), st.integers(3, 6))
def test_no_withheld_number_follows_from_the_total(rows: list[tuple[str, str]], least: int) -> None:
    if not rows:
        return
    found = shown([{"child": c, "tier": "P1", "la": la} for c, la in rows], operational=least, rmg=6, briefing=8).rates
    parts = found[found["slice"] == "authority"]
    hidden = parts["places"].isna().sum()
    assert hidden != 1 or len(parts) == 1
    assert (found["children"].dropna() >= least).all()


def test_stricter_rules_never_show_more() -> None:
    rows = [{"child": f"{la}{i}", "tier": "P4", "la": la} for la, n in (("E1", 3), ("E2", 5), ("E3", 9)) for i in range(n)]
    loose, strict = shown(rows), shown(rows, operational=5, rmg=5)
    for name in ("rates", "hidden", "lags"):
        a, b = getattr(loose, name)["children"], getattr(strict, name)["children"]
        assert (a.notna() | b.isna()).all()
        pd.testing.assert_series_equal(a[b.notna()], b[b.notna()])


def test_a_release_refuses_what_it_must_not_hold() -> None:
    made = vars(shown([{"child": c, "tier": "P1"} for c in "abcd"]))
    with pytest.raises(DisclosureError, match="declared columns"):
        recorded.RecordedRelease(**made | {"rates": made["rates"].assign(person_ref="x")})
    with pytest.raises(DisclosureError, match="fewer than 3"):
        recorded.RecordedRelease(**made | {"lags": made["lags"].assign(children=2)})
    with pytest.raises(DisclosureError, match="marking"):
        recorded.RecordedRelease(**made | {"marking": " "})


# ------------------------------------------------------------------ changes of recording

def changes(rows: list[dict[str, Any]], day_only: list[bool] | None = None) -> list[list[str]]:
    _, facts = world(rows)
    return marks.marks(facts, pd.Series(day_only or [False] * len(facts))).to_numpy().tolist()


def test_a_source_that_begins_ends_or_pauses_is_marked() -> None:
    steady = [{"child": "a", "tier": "P1", "day": 31 * m, "source": "compact"} for m in range(10)]
    assert changes(steady) == []
    late = [{"child": "b", "tier": "P1", "day": 31 * m, "source": "niche"} for m in (2, 3, 5)]
    assert changes(steady + late) == [["2025-03", "source", "niche", marks.STARTED], ["2025-05", "source", "niche", marks.GAP],
                                      ["2025-07", "source", "niche", marks.ENDED]]


def test_a_category_that_goes_and_times_that_lose_their_clock_are_marked() -> None:
    rows = [{"child": "a", "tier": "P1", "day": 31 * m, "type": "absent_legacy" if m < 4 else "missing"} for m in range(10)]
    assert changes(rows) == [["2025-05", "force", "A", marks.ABSENT_OUT]]
    many = [{"child": "a", "tier": "P1", "day": 31 * m} for m in range(6) for _ in range(marks.FEW)]
    lost = [m >= 3 for m in range(6) for _ in range(marks.FEW)]
    assert changes(many, lost) == [["2025-04", "source", "compact", marks.DAY_ONLY]]
    assert changes(many[::marks.FEW], lost[::marks.FEW]) == []  # too few to tell
