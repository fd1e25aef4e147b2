"""Every rule of the declaration refuses what breaks it and nothing else, and says what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.reading.validate import Validated, validate
from geo_data.schema import EPISODES, ROLES
from tests.geo_data.rows import episodes

NOW = datetime(2025, 7, 1, tzinfo=UTC)
PICKUP = {"pickup_location_text": "School gate", "pickup_basis": "child_account", "location_source": "rhi"}


def check(*changes: dict[str, str | None]) -> Validated:
    return validate(episodes(*changes), "episodes", now=NOW)


def refusals(*changes: dict[str, str | None]) -> list[list[tuple[str, str]]]:
    """For each changed row, (column, rule) of what is wrong with it."""
    rejects = check(*changes).rejects
    assert rejects["fix"].notna().all()
    found: list[list[tuple[str, str]]] = [[] for _ in changes]
    for row, column, rule in zip(rejects["row"], rejects["column"], rejects["rule"], strict=True):
        found[row - 2].append((column, rule))
    return found


def refused(**change: str | None) -> list[tuple[str, str]]:
    return refusals(change)[0]


def test_a_good_row_is_typed_and_untouched() -> None:
    valid = check({})
    row = valid.episodes.loc[2]
    assert valid.rejects.empty
    assert valid.episodes.columns.tolist() == [*EPISODES.names, "category", "time_precision"]
    assert valid.episodes[EPISODES.names].dtypes.astype("str").equals(EPISODES.empty().dtypes.astype("str"))
    assert row["reported_at"] == pd.Timestamp("2025-05-01T17:30Z")  # summer time
    assert row["age_at_episode"] == 15
    assert row["time_precision"] == "minute"


def test_no_rows_are_no_trouble() -> None:
    valid = validate(episodes().iloc[:0], "episodes", now=NOW)
    assert valid.episodes.empty
    assert valid.rejects.empty


def test_required_columns_are_required() -> None:
    columns = [column.name for column in EPISODES.columns if column.need == "R"]
    assert len(columns) == 14
    assert refusals(*({name: None} for name in columns)) == [[(name, "required and blank")] for name in columns]


def test_codes_are_read_in_any_case_and_others_are_refused() -> None:
    also = PICKUP | {"rhi_accepted": "N"}
    columns = [column for column in EPISODES.columns if column.kind in ("enum", "enum_multi")]
    codes = [(column.name, code) for column in columns for code in column.allowed]
    valid = check(*(also | {name: code.upper().replace("_", " ")} for name, code in codes))
    assert valid.rejects[valid.rejects["column"] != "placing_authority"].empty
    read = valid.episodes.sort_index()
    assert [read[name].loc[row] for row, (name, _) in enumerate(codes, 2)] == [code for _, code in codes]
    found = refusals(*(also | {column.name: "something else"} for column in columns))
    assert [[name for name, rule in problems if "allowed values" in rule] for problems in found] == [
        [column.name] for column in columns]


def test_several_codes_come_in_declared_order() -> None:
    valid = check({"harm_reported": "Sexual; physical|sexual"}, {"harm_reported": "physical, nonsense"})
    assert valid.episodes["harm_reported"].tolist() == ["physical|sexual"]
    assert valid.rejects["column"].tolist() == ["harm_reported"]


def test_dates_in_doubt_are_refused_and_never_guessed() -> None:
    doubtful = {
        "03/04/2025": "day and month may be confused",
        "03-04-25": "day and month may be confused",
        "25/04/2025": "not a date as year-month-day",
        "45291": "an Excel serial number, not a date",
        "45291.77": "an Excel serial number, not a date",
        "2025-02-30": "no such date or time",
        "2025-04-25T25:00": "no such date or time",
        "0001-01-01": "no such date or time",
        "yesterday": "not a date as year-month-day",
        "2026-04-25": "in the future",
        "1989-12-31": "before 1990",
    }
    for column in ("reported_at", "rhi_completed_at"):
        found = refusals(*({"last_seen_at": None, "found_at": None, column: text} for text in doubtful))
        assert found == [[(column, rule)] for rule in doubtful.values()]
    assert [found[0][1] for found in refusals(*({"review_by": text} for text in list(doubtful)[:9]))] == [
        *doubtful.values()][:9]
    assert refused(review_by="2031-04-25") == []


def test_clock_changes_are_kept_and_said() -> None:
    """SECURITY 7.3: 01:30 on the October change is two instants, on the March change none; neither kills a row."""
    valid = check({"reported_at": "2024-10-27T01:30", "last_seen_at": None, "found_at": None},
                  {"reported_at": "2024-03-31T01:30", "last_seen_at": None, "found_at": None})
    assert valid.rejects.empty
    assert valid.episodes["reported_at"].tolist() == [
        pd.Timestamp("2024-10-27T00:30Z"), pd.Timestamp("2024-03-31T01:30Z")]
    assert sum("1 time lies in the hour" in note for note in valid.notes) == 2


def test_a_child_found_in_the_hour_that_october_repeats_was_found_after_the_start() -> None:
    """Last seen 01:50 of summer time, found twenty minutes later at 01:10 of winter time."""
    valid = check({"reported_at": "2024-10-27T00:40", "last_seen_at": "2024-10-27T01:50", "found_at": "2024-10-27T01:10"},
                  {"reported_at": "2024-10-27T00:40", "last_seen_at": "2024-10-27T01:10", "found_at": "2024-10-27T01:50"},
                  {"reported_at": "2024-10-27T00:40", "last_seen_at": "2024-10-27T03:10", "found_at": "2024-10-27T01:50"})
    assert valid.rejects["row"].tolist() == [valid.rejects["row"].max()]  # of the last row neither instant is after the start
    assert valid.episodes["found_at"].tolist() == [pd.Timestamp("2024-10-27T01:10Z"), pd.Timestamp("2024-10-27T00:50Z")]
    assert any("1 of these taken as the second" in note for note in valid.notes)


def test_written_zones_are_obeyed() -> None:
    valid = check({"reported_at": "2025-05-01T18:30+00:00"}, {"reported_at": "2025-05-01 18:30:00 +0200"},
                  {"reported_at": "2025-05-01T18:30:00.5Z"})
    assert valid.episodes["reported_at"].dt.hour.tolist() == [18, 16, 18]


def test_a_date_without_a_time_is_kept_as_a_day() -> None:
    valid = check({"found_at": "2025-05-01"}, {"found_at": "2025-05-01", "last_seen_at": "2025-05-02"}, {})
    assert valid.rejects[["row", "column"]].to_numpy().tolist() == [[3, "found_at"]]  # a later day is still later
    assert valid.episodes["time_precision"].tolist() == ["day", "minute"]


def test_a_column_of_midnights_was_exported_without_times() -> None:
    rows = [{"found_at": f"2025-05-{day:02d}T00:00", "last_seen_at": None, "reported_at": f"2025-05-{day:02d}T14:10"}
            for day in range(2, 22)]
    valid = check(*rows)
    assert valid.rejects.empty  # found at midnight of the day of the report: the time is not known
    assert set(valid.episodes["time_precision"]) == {"day"}
    assert any("exactly midnight" in note for note in valid.notes)
    assert set(check({"found_at": "2025-05-02T00:00"}).episodes["time_precision"]) == {"minute"}


def test_what_was_given_under_conditions_never_leaves() -> None:
    found = check({"intel_grade": "2BC", "sharing_restriction": "none"}, {"intel_grade": "1AP", "sharing_restriction": "rmg_only"},
                  {"intel_grade": None, "sharing_restriction": "none"})
    assert sorted(found.episodes["sharing_restriction"]) == ["do_not_export", "none", "rmg_only"]
    assert found.episodes.loc[found.episodes["intel_grade"] == "2BC", "sharing_restriction"].tolist() == ["do_not_export"]
    assert [note for note in found.notes if note.startswith("1 rows have the handling code C")]


def test_the_end_is_not_before_the_start() -> None:
    assert refused(found_at="2025-05-01T15:59") == [("found_at", "before the start of the episode")]
    assert refused(found_at="2025-05-01T16:00") == []
    assert refused(found_at=None) == []  # still missing
    assert refused(reported_at="2025-05-01T15:00") == []  # reported before last seen: it happens


def test_a_child_is_under_18() -> None:
    good, bad = ["0", "17", "17.0"], ["18", "-1", "15.5", "fifteen", "1e1", "99999999999999999999"]
    found = refusals(*({"age_at_episode": age} for age in good + bad))
    assert [bool(problems) for problems in found] == [False] * 3 + [True] * 6


def test_conditions() -> None:
    found = refusals(
        {"pickup_location_text": "School gate", "location_source": "rhi"},
        {"pickup_at": "2025-05-01T16:10", "pickup_basis": "cctv"},
        {"care_status": "looked_after", "placed_out_of_area": "Y"},
        {"rhi_offered": "Y"},
        {"care_status": "looked_after", "placed_out_of_area": "N"},
    )
    assert [[name for name, _ in problems] for problems in found] == [
        ["pickup_basis"], ["location_source"], ["placing_authority"], ["rhi_accepted"], []]


COORDINATES = (
    ("427000", "587000", None, None, ""),
    (None, None, "55.18", "-1.57", ""),
    ("427000", None, None, None, "blank although"),
    (None, None, None, "-1.57", "blank although"),
    ("427000", "587000", "55.18", "-1.57", "given beside"),
    ("0", "0", None, None, "0,0 is no place"),
    (None, None, "0", "0.0", "0,0 is no place"),
    ("1200000", "400000", None, None, "swapped"),
    (None, None, "-1.57", "55.18", "swapped"),
    (None, None, "48.85", "2.35", "outside the United Kingdom"),
    (None, None, "427000", "587000", "metres where degrees"),
    ("-1.57", "55.18", None, None, "degrees where metres"),
    ("800000", "1400000", None, None, "must be between"),
    ("427,000", "587000", None, None, "not a number"),
    ("4.27E+05", "587000", None, None, "not a number"),
)


@pytest.mark.parametrize("role", ROLES)
def test_coordinates(role: str) -> None:
    axes = [f"{role}_{axis}" for axis in ("easting", "northing", "latitude", "longitude")]
    also = PICKUP if role == "pickup" else {}
    found = refusals(*(dict(zip(axes, case[:4], strict=True)) | also for case in COORDINATES))
    for problems, (*_, rule) in zip(found, COORDINATES, strict=True):
        assert bool(problems) is bool(rule)
        assert all(rule in told and name in axes for name, told in problems)


def test_references_spoilt_by_excel_are_refused() -> None:
    for column in ("episode_ref", "person_ref", "found_uprn", "placement_urn"):
        found = refusals(*({column: text} for text in ("1.23E+11", "1.23457e+11", "5E15")))
        assert all(len(problems) == 1 and "scientific notation" in problems[0][1] for problems in found)


def test_forms() -> None:
    forms = {"episode_ref": ("np/2025-1", "NP 1"), "responsible_la": ("e06000057", "Narnia"),
             "found_uprn": ("000123456789", "1234567890123"), "placement_urn": ("sc123456", "SC12"),
             "intel_grade": ("2bp", "B22"), "recording_force": ("X" * 80, "x" * 81), "person_ref": ("X" * 64, "x" * 65)}
    valid = check({name: good for name, (good, _) in forms.items()})
    assert all(valid.episodes[name].iloc[0] == good.upper() for name, (good, _) in forms.items())
    found = refusals(*({name: bad} for name, (_, bad) in forms.items()))
    assert [[name for name, _ in problems] for problems in found] == [[name] for name in forms]


def test_every_problem_of_a_row_is_reported() -> None:
    found = refused(age_at_episode="19", found_at="2025-04-01", gender="?", rhi_offered=None)
    assert {name for name, _ in found} == {"age_at_episode", "found_at", "gender", "rhi_offered"}


def test_one_bad_row_harms_no_other() -> None:
    valid = check({}, {"age_at_episode": "99"}, {})
    assert valid.episodes.index.tolist() == [2, 4]
    assert valid.rejects["row"].tolist() == [3]
    assert valid.rejects["value"].tolist() == ["99"]


def test_refused_values_are_shortened() -> None:
    assert check({"gender": "x" * 500}).rejects["value"].str.len().tolist() == [60]


def test_rows_of_one_reference() -> None:
    """The newest extract comes last; equal rows are one; rows that differ at the same moment are none."""
    ref = {"episode_ref": "NP/1"}
    newer = ref | {"extracted_at": "2025-06-05T06:00Z", "gender": "female"}
    valid = check(newer, ref, ref, {"episode_ref": "NP/2"}, {"episode_ref": "NP/2", "gender": "male"})
    assert valid.episodes["episode_ref"].tolist() == ["NP/1", "NP/1"]
    assert valid.episodes["extracted_at"].is_monotonic_increasing
    assert valid.episodes.index.tolist() == [3, 2]
    assert valid.rejects["row"].tolist() == [5, 6]
    assert any("1 rows repeat" in note for note in valid.notes)


def test_authorities_may_be_written_by_name() -> None:
    valid = check({"responsible_la": "Rochdale MBC"}, {"responsible_la": "e08000005"}, {"responsible_la": "Narnia"})
    assert valid.episodes["responsible_la"].tolist() == ["E08000005", "E08000005"]
    assert any("names of authorities read as their codes in 1 rows" in note for note in valid.notes)
    assert valid.rejects["value"].tolist() == ["Narnia"] and "or its name" in valid.rejects["fix"].iloc[0]


def test_public_sample_data_needs_less() -> None:
    bare = episodes({}).drop(columns=["age_at_episode", "care_status", "rhi_offered", "responsible_la", "episode_type"])
    assert validate(bare, "public_sample", now=NOW).rejects.empty
    assert len(validate(bare, "episodes", now=NOW).rejects) == 5


def test_row_order_does_not_matter() -> None:
    frame = episodes({}, {"age_at_episode": "18"}, {"found_at": "2025-05-03"}, {"gender": "?"})
    one, other = validate(frame, "episodes", now=NOW), validate(frame.iloc[::-1], "episodes", now=NOW)
    pd.testing.assert_frame_equal(one.episodes.sort_index(), other.episodes.sort_index())
    pd.testing.assert_frame_equal(one.rejects, other.rejects)


CHANGES = st.dictionaries(
    st.sampled_from(EPISODES.names),
    st.text(max_size=40) | st.from_regex(r"[\d/:TZ.+-]{1,20}")
    | st.sampled_from(["9999-12-31T23:59-14:00", "0000-00-00", "1e999", "nan", "inf", "-0", "٣", "²"]),
    max_size=12)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=8))
def test_any_text_is_accepted_or_refused_and_never_raises(changes: list[dict[str, str]]) -> None:
    valid = check(*changes)
    assert set(valid.episodes.index) <= set(range(2, 2 + len(changes)))
    assert not set(valid.episodes.index) & set(valid.rejects["row"])
    assert valid.episodes["reported_at"].le(pd.Timestamp(NOW)).all()


@settings(max_examples=10, derandomize=True, deadline=None)
@given(st.lists(st.datetimes(datetime(1990, 1, 2), datetime(2025, 6, 30)), min_size=1, max_size=9))
def test_a_time_with_zone_is_the_instant_it_says(moments: list[datetime]) -> None:
    told = [moment.replace(tzinfo=UTC, second=0, microsecond=0) for moment in moments]
    valid = check(*({"reported_at": moment.isoformat(), "last_seen_at": None, "found_at": None} for moment in told))
    assert valid.episodes["reported_at"].tolist() == told
