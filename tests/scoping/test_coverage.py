import pandas as pd

from scoping.parameters import Parameters, WindowScheme
from scoping.scope import labels_frame, scope
from tests.scoping.worlds import Story, locations


def mixed():
    return locations(
        [1_000.0] * 8, [1_000.0] * 8, ["2025-03-03"] * 5 + ["2025-04-03"] * 3, list("aabbcdef"),
        tier=["P1", "P2", "P4", "P5", "P3", "P3", "P3", "P3"], strand=["home"] * 7 + ["care"],
        role=["found"] * 7 + ["last_seen"], location_type=["street"] * 4 + ["police_station"] + ["street"] * 3)


def test_every_location_is_counted_once_as_entered_or_by_its_reason():
    scoped = scope(mixed(), Parameters())
    roles = scoped.coverage.roles.set_index("role")
    reasons = scoped.coverage.reasons
    for role, row in roles.iterrows():
        assert row["entered"] + reasons.loc[reasons["role"] == role, "locations"].sum() == row["locations"]
        assert row[["P1", "P2", "P3", "P4", "P5"]].sum() == row["locations"]
    found = roles.loc["found"]
    assert (found["locations"], found["episodes"], found["children"], found["entered"]) == (7, 7, 5, 4)
    assert found["unlocated_share"] == 2 / 7
    assert roles["asked"].tolist() == [False, False, True]
    told = reasons[reasons["role"] == "found"].set_index("reason")["locations"].to_dict()
    assert told == {"not located": 1, "too coarse: precision above eps": 1, "police station": 1}


def test_each_window_adds_up():
    table = scope(mixed(), Parameters(strands=("home",))).coverage.windows
    assert (table["used"] + table["not_mappable"] + table["left_out"] + table["filtered"] == table["locations"]).all()
    assert table["used"].tolist() == [2, 2]
    assert table["children"].tolist() == [1, 2]
    assert table["not_mappable"].tolist() == [2, 0]


def test_a_month_without_any_record_is_no_data():
    frame = Story().visits(0, 1_000, 1_000, 3).visits(2, 1_000, 1_000, 3).frame()
    assert scope(frame, Parameters()).coverage.windows["no_data"].tolist() == [False, True, False]


def test_points_outside_the_windows_are_said():
    scheme = WindowScheme.parse("custom:2025-03-01..2025-04-01")
    roles = scope(mixed(), Parameters(window=scheme)).coverage.roles.set_index("role")
    assert roles.loc["found", ["entered", "outside_windows"]].tolist() == [4, 2]


def test_month_precision_makes_its_last_month_whole():
    frame = locations([1_000.0] * 2, [1_000.0] * 2, ["2025-03-01", "2025-04-01"], list("ab"), at_precision="month")
    scoped = scope(frame, Parameters())
    assert scoped.windows.labels == ("Mar 2025", "Apr 2025")
    assert not scoped.windows.partial.any()


def test_no_rows_at_all():
    scoped = scope(mixed().iloc[:0], Parameters())
    assert len(scoped.windows) == len(scoped.ledger) == 0
    assert labels_frame(scoped).empty


def test_labels_have_one_row_a_location_and_window_and_carry_the_hotspot():
    frame = Story().visits(0, 1_000, 1_000, 6).visits(1, 1_000, 1_000, 6).background(2).frame()
    scoped = scope(frame, Parameters(window=WindowScheme.parse("rolling:28d:14d")))
    labels = labels_frame(scoped)
    assert not labels.duplicated(["window_start", "location_id"]).any()
    at = labels.merge(frame[["location_id", "at"]], on="location_id")
    assert ((at["at"] >= at["window_start"]) & (at["at"] < at["window_end"])).all()
    assert (labels["hotspot_id"].isna() == (labels["label"] == -1)).all()
    assert pd.Series(labels["hotspot_id"].dropna().unique()).isin(scoped.ledger["hotspot_id"]).all()
