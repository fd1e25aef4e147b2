import numpy as np
import pandas as pd

from scoping.change.calibrate import (
    ALL,
    KINDS,
    as_text,
    expected_by_window,
    expected_changes,
    from_text,
    kept_for,
    least_children,
)
from scoping.change.known_places import FALSE_SHARE
from scoping.parameters import Parameters
from scoping.scope import scope
from tests.scoping.change.test_ledger import world
from tests.scoping.worlds import Story, locations


def test_planted_change_stands_out_from_the_null():
    story = Story()
    for month in range(6):
        for k in range(12):  # each place has one month, so where and when are bound together
            if k // 2 == month:
                story.visits(month, 400_000 + 3_000 * k, 560_000, 8)
        for k in range(60):
            story.visits(month, 300_000 + 3_000 * k, 500_000, 1)
    table = expected_changes(story.frame(), Parameters(), runs=10, seed=1).set_index("change")
    assert table.loc["born", "real"] == 10
    assert table.loc["born", "high"] < 5


def test_when_dates_mean_nothing_the_real_count_is_within_the_null():
    chance = np.random.default_rng(5)
    count = 1_500
    place = chance.integers(0, 8, (count, 2)) * 2_000 + chance.normal(0, 80, (count, 2))
    day = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(chance.integers(0, 364, count), unit="D")
    frame = locations(place[:, 0], place[:, 1], day, chance.integers(0, 1_200, count))
    table = expected_changes(frame, Parameters(), runs=30, seed=2).set_index("change")
    for change in ("born", "dissolved", "stable"):
        row = table.loc[change]
        spread = max(row["high"] - row["low"], 2)
        assert row["low"] - spread / 2 <= row["real"] <= row["high"] + spread / 2


def test_the_real_column_is_the_ledger_and_the_seed_decides():
    frame = world(months=6)
    once, again, other = (expected_changes(frame, Parameters(), runs=3, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(once, again)
    assert not once["expected_mean"].equals(other["expected_mean"])
    ledger = scope(frame, Parameters()).ledger
    counts = ledger["change"].value_counts()
    assert once["real"].tolist()[:-2] == counts.reindex(once["change"], fill_value=0).tolist()[:-2]
    shuffled = expected_changes(frame.sample(frac=1, random_state=4), Parameters(), runs=3, seed=1)
    pd.testing.assert_frame_equal(once, shuffled)


def test_it_can_be_stopped_and_says_how_far_it_came():
    told = []

    def progress(done, runs):
        told.append((done, runs))
        return done < 2

    table = expected_changes(world(months=4), Parameters(), runs=9, progress=progress)
    assert told == [(1, 9), (2, 9)]
    assert table["runs"].unique().tolist() == [2]


def test_no_rows():
    table = expected_changes(world(months=4).iloc[:0], Parameters(), runs=2)
    assert (table["real"] == 0).all() and (table["expected_mean"] == 0).all()


def test_the_windows_add_up_and_flagged_places_are_counted_by_direction():
    frame = world()
    ledger = scope(frame, Parameters()).ledger
    table = expected_by_window(frame, Parameters(), runs=2)
    each = table[table["window"] != ALL].groupby("change")["real"].sum()
    total = table[table["window"] == ALL].set_index("change")["real"]
    assert each[list(KINDS)].tolist() == total[list(KINDS)].tolist()
    flagged = ledger[ledger["q"] <= FALSE_SHARE]
    assert total["rise"] == (flagged["rr"] > 1).sum() and total["fall"] == (flagged["rr"] < 1).sum()
    last = table[(table["window"] == 13) & (table["change"] == "stable")]["real"].item()
    assert last == ((ledger["window"] == 13) & (ledger["change"] == "stable")).sum()


def test_what_is_kept_comes_back_as_it_was():
    for runs in (0, 3):
        table = expected_by_window(world(months=4), Parameters(), runs=runs)
        pd.testing.assert_frame_equal(from_text(as_text(table)), table)


def test_what_is_kept_depends_on_dials_runs_and_retention():
    frame = world(months=14)
    frame["review_by"] = pd.Timestamp("2025-01-01")
    five, six = scope(frame, Parameters()), scope(frame, Parameters(min_children=6))
    keys = {kept_for(five, 20, None, "2025-02"), kept_for(six, 20, None, "2025-02"), kept_for(five, 50, None, "2025-02"),
            kept_for(five, 20, pd.Timestamp("2025-02-01").date(), "2025-02"), kept_for(five, 20, None, "2024-02")}
    assert len(keys) == 5
    later = kept_for(five, 20, pd.Timestamp("2025-03-01").date(), "2025-02")
    assert later in keys  # another day alone changes nothing, nor another month of the same year
    assert kept_for(five, 20, None, "2024-09") in keys


def test_a_year_of_reviews_is_counted_in_worlds_of_that_year_and_the_one_before():
    frame = world(months=30)
    whole = expected_by_window(frame, Parameters(), runs=0)
    scoped = scope(frame, Parameters())
    table = expected_by_window(frame, Parameters(), runs=2, seed=1, month="2026-02", scoped=scoped)
    assert sorted(set(table["window"])) == [ALL, *range(18, 30)]  # the latest twelve months of thirty
    real = whole.set_index(["window", "change"])["real"]
    mine = table[table["window"] != ALL].set_index(["window", "change"])["real"]
    assert (mine == real.reindex(mine.index)).all()
    # what was before the two years is not dealt into them
    late = frame[frame["at"] >= pd.Timestamp("2024-07-01", tz="Europe/London")]
    assert 18 - 12 == 6  # July 2024 is the first window looked back on
    alone = expected_by_window(late, Parameters(), runs=2, seed=1, month="2026-02")
    np.testing.assert_allclose(alone["expected_mean"], table["expected_mean"])


def test_a_higher_bar_gives_fewer_births_by_chance():
    told = []
    table = least_children(world(months=6), Parameters(), (3, 5, 8), runs=4, progress=lambda done, of: told.append((done, of)))
    assert table["min_children"].tolist() == [3, 5, 8] and table["reviews"].eq(5).all()
    assert table["born_by_chance"].iloc[0] > table["born_by_chance"].iloc[2]
    assert (table["enough"] == (table["born_by_chance"] <= 1)).all()
    assert told[-1] == (12, 12) and len(told) == 12


def test_without_any_change_hardly_a_review_flags_a_place():
    """At most one review in ten of shuffled worlds may flag a place at q = 0.10; the mean number of flags is no less."""
    chance = np.random.default_rng(11)
    place = chance.integers(0, 12, 4_000)
    near = np.column_stack((place % 4, place // 4)) * 2_000 + chance.normal(0, 80, (4_000, 2))
    day = pd.Timestamp("2023-01-01", tz="UTC") + pd.to_timedelta(chance.integers(0, 547, 4_000), unit="D")
    frame = locations(near[:, 0], near[:, 1], day, chance.integers(0, 2_500, 4_000))
    table = expected_by_window(frame, Parameters(), runs=25, seed=3)
    tested = table[(table["window"] >= 8) & (table["window"] <= 16)]
    flags = tested[tested["change"].isin(["rise", "fall"])]["expected_mean"].sum() / 9
    stable = tested[tested["change"] == "stable"]["expected_mean"].sum() / 9
    assert stable > 8  # there is something to flag
    assert flags <= 0.12
