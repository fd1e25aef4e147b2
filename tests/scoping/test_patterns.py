"""A changed pattern is counted against the child's own earlier places, beside what chance gives; few children are withheld."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import DisclosureError
from scoping import patterns
from scoping.showing import responded
from scoping.showing.disclosure import Rules

END = pd.Timestamp("2025-07-01", tz="Europe/London")


def found(child: str, days_before: list[int], east: float, **more: object) -> pd.DataFrame:
    at = END.tz_convert("UTC") - pd.to_timedelta(days_before, unit="D")
    return pd.DataFrame({"person_ref": child, "role": "found", "at": at, "tier": "P1", "own_address": False,
                         "easting": east + np.arange(len(days_before)), "northing": 500_000.0} | more)


def table(*parts: pd.DataFrame) -> pd.DataFrame:
    early = found("old", [800], 0.0)  # so that a year lies before the quarters
    last = found("now", [-1], 0.0)  # the records reach the end of the quarter
    return patterns.changes(pd.concat([early, *parts, last], ignore_index=True)).set_index("until")


LATE, EARLY = [10, 20, 30], [200, 210, 220]


def test_a_child_who_is_found_elsewhere_has_changed_and_one_who_is_not_has_not() -> None:
    stays = [found("stays", LATE, 400_000), found("stays", EARLY, 400_500)]
    moves = [found("moves", LATE, 400_000), found("moves", EARLY, 410_000)]
    few = [found("few", LATE[:2], 400_000), found("few", EARLY, 410_000)]
    told = table(*stays, *moves, *few).loc["2025-06-30"]
    assert (told["children"], told["changed"]) == (2, 1)


def test_half_is_not_more_than_half_and_the_kilometre_is_counted_in() -> None:
    half = [found("half", [10, 20], 400_000), found("half", [30, 40], 430_000), found("half", EARLY, 400_000)]
    at_the_line = [found("line", LATE, 401_000), found("line", EARLY, 400_000)]  # 1,000 m, each from one of them
    assert table(*half, *at_the_line).loc["2025-06-30", "changed"] == 0
    beyond = [found("beyond", LATE, 401_003), found("beyond", EARLY, 400_000)]  # 1,001 m or more from all of them
    assert table(*half, *beyond).loc["2025-06-30", "changed"] == 1


def test_own_addresses_and_rough_places_are_not_looked_at() -> None:
    rough = [found("a", LATE, 400_000, tier="P4"), found("a", EARLY, 410_000)]
    own = [found("b", LATE, 400_000, own_address=True), found("b", EARLY, 410_000)]
    assert table(*rough, *own).loc["2025-06-30", "children"] == 0


def test_what_is_past_its_review_date_is_not_looked_at() -> None:
    rows = pd.concat([found("old", [800], 0.0), found("a", LATE, 400_000), found("a", EARLY, 410_000), found("now", [-1], 0.0)],
                     ignore_index=True).assign(review_by=pd.Timestamp("2025-07-31"))
    told = [patterns.changes(rows, day)["children"].sum() for day in (None, date(2025, 7, 31), date(2025, 8, 1))]
    assert told == [1, 1, 0]


def test_chance_alone_changes_those_whose_places_never_repeat_and_not_those_of_one_place() -> None:
    same = [part for k in range(20) for part in (found(f"s{k}", LATE, 400_000), found(f"s{k}", EARLY, 400_000))]
    assert table(*same).loc["2025-06-30", "by_chance"] == 0
    all_over = [found(f"w{k}", [day], 300_000 + 5_000 * n) for k in range(20) for n, day in enumerate(LATE + EARLY)]
    told = table(*all_over).loc["2025-06-30"]
    assert told["changed"] == told["by_chance"] == 20  # no more than chance gives


def test_the_order_of_rows_never_matters() -> None:
    chance = np.random.default_rng(3)
    rows = pd.concat([found("old", [800], 0.0), found("now", [-1], 0.0), *(
        found(f"c{k}", sorted(chance.integers(1, 360, 9).tolist()), 400_000 + 700 * k) for k in range(12))], ignore_index=True)
    pd.testing.assert_frame_equal(patterns.changes(rows), patterns.changes(rows.sample(frac=1, random_state=1)))


def test_too_short_a_record_has_no_answer() -> None:
    assert patterns.changes(found("a", LATE, 400_000)).empty
    assert patterns.changes(found("a", [], 400_000)).empty


def test_few_children_are_withheld_on_either_side() -> None:
    rows = pd.DataFrame({"until": list("abcd"), "children": [10, 10, 2, 10], "changed": [2, 8, 0, 5],
                         "by_chance": [1.0, 2.0, 0.5, 3.0]})
    shown = responded.patterns(rows, Rules()).rows.set_index("until")
    assert shown["changed"].isna().to_dict() == {"a": True, "b": True, "c": True, "d": False}
    assert shown["children"].isna().to_dict() == {"a": False, "b": False, "c": True, "d": False}
    assert shown["by_chance"].isna().equals(shown["changed"].isna())
    with pytest.raises(DisclosureError, match="fewer than 3"):
        responded.PatternRelease("M", 3, rows.astype({"changed": "float64"}))
    with pytest.raises(DisclosureError, match="declared columns"):
        responded.PatternRelease("M", 3, rows.assign(person_ref="x"))
