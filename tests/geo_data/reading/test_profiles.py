"""A profile renames, joins and translates; what it declares is never guessed and what it leaves out is said."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from geo_data.errors import InputError
from geo_data.reading.profiles import PROFILES, TARGETS, guess, required
from geo_data.reading.read import read_table
from geo_data.reading.validate import validate
from geo_data.schema import EPISODES
from tests.geo_data.rows import episodes, source_names
from tests.shared_data import shared

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COMPACT = {
    "Case Number": "MP/25/000123", "Nominal Ref": "443210", "Extract Date": "01/06/2025", "Extract Time": "06:00",
    "Force": "Northumbria Police", "Home LA Code": "E06000057", "Age": "15", "Sex": "F", "Looked After": "Yes",
    "Report Type": "Missing Person", "Missing From": "Children's Home", "Date Last Seen": "03/04/2025",
    "Time Last Seen": "22:15", "Date Reported": "03/04/2025", "Time Reported": "2340", "Date Found": "04/04/2025",
    "Time Found": "", "Initial Risk": "Medium", "Highest Risk": "HIGH", "Location Last Seen": "Home, Blyth",
    "Grid Ref Found": "NZ 276 864", "Location Found": "Station Road", "Found By": "Own accord",
    "Found With Adult": "No", "RHI Offered": "Yes", "RHI Accepted": "", "Handling": "Police only",
}
LIQUIDLOGIC = {
    "miss_table_id": "10023", "miss_person_id": "778", "miss_missing_episode_start_date": "03/04/2025 00:00:00",
    "miss_missing_episode_type": "A", "miss_missing_episode_end_date": "2025-04-04", "miss_missing_rhi_offered": "Yes",
    "miss_missing_rhi_accepted": "", "extract_date": "01/06/2025", "la_code": "E06000057", "age": "14",
}
STREET = {
    "Crime ID": "", "Month": "2022-03", "Reported by": "Northumbria Police", "Falls within": "Northumbria Police",
    "Longitude": "-1.609998", "Latitude": "54.871828", "Location": "On or near Vicarage Close",
    "LSOA code": "E01020616", "LSOA name": "County Durham 005C", "Crime type": "Anti-social behaviour",
    "Last outcome category": "", "Context": "",
}


def frame(*rows: dict[str, str]) -> pd.DataFrame:
    text = pd.DataFrame(list(rows), index=range(2, 2 + len(rows)), dtype="str")
    return text.mask(text == "")


def applied(name: str, *rows: dict[str, str]) -> pd.DataFrame:
    result = PROFILES[name].apply(frame(*rows))
    assert result.rejects.empty
    assert result.frame.columns.tolist() == [*EPISODES.names, "category", "time_precision"]
    return result.frame


def test_declarations_are_sound() -> None:
    for profile in PROFILES.values():
        fed = {*profile.columns, *profile.joins, *profile.texts, *profile.constants, *profile.defaults, *profile.copies}
        assert fed | set(profile.values) <= set(TARGETS)
        assert set(profile.recognised_by) <= source_names(profile)
        translations = dict(profile.values)
        for target, words in translations.items():
            assert set(words.values()) <= set(EPISODES[target].allowed)
        for target, value in (profile.constants | profile.defaults).items():
            assert not EPISODES[target].allowed or value in EPISODES[target].allowed
        names = [name.lower().replace(" ", "") for given in profile.columns.values() for name in given]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(("name", "row"), [("compact", COMPACT), ("liquidlogic", LIQUIDLOGIC), ("police_uk", STREET)])
def test_columns_are_matched_without_case_spaces_and_order(name: str, row: dict[str, str]) -> None:
    plain = PROFILES[name].apply(frame(row)).frame
    shouted = {key.upper().replace(" ", "_"): value for key, value in reversed(row.items())}
    assert guess(shouted) is PROFILES[name]
    pd.testing.assert_frame_equal(PROFILES[name].apply(frame(shouted)).frame, plain)


@pytest.mark.parametrize(("name", "row"), [("compact", COMPACT), ("liquidlogic", LIQUIDLOGIC), ("police_uk", STREET)])
def test_what_a_profile_gives_is_valid(name: str, row: dict[str, str]) -> None:
    profile = PROFILES[name]
    valid = validate(profile.apply(frame(row)).frame, profile.nature, now=NOW)
    assert valid.rejects.empty
    assert len(valid.episodes) == 1


@pytest.mark.parametrize(("name", "row"), [("compact", COMPACT), ("liquidlogic", LIQUIDLOGIC)])
def test_what_a_profile_gives_is_in_native_terms_and_stays_so(name: str, row: dict[str, str]) -> None:
    once = PROFILES[name].apply(frame(row)).frame
    native = PROFILES["native"]
    again = native.apply(once.drop(columns=["category", "time_precision"])).frame
    pd.testing.assert_frame_equal(native.apply(again.drop(columns=["category", "time_precision"])).frame, again)
    pd.testing.assert_frame_equal(validate(again, "episodes").episodes, validate(once, "episodes").episodes)


def test_the_police_export() -> None:
    row = applied("compact", COMPACT).iloc[0]
    assert row["last_seen_at"] == "2025-04-03T22:15:00"  # 3 April: the profile declares the day first
    assert row["reported_at"] == "2025-04-03T23:40:00"
    assert row["found_at"] == "2025-04-04"
    assert row["person_ref"] == "NOM-443210"
    codes = {"source_system": "compact", "gender": "female", "care_status": "looked_after", "episode_type": "missing",
             "missing_from_type": "childrens_home", "found_by": "returned_self", "found_with_adult_of_concern": "N",
             "risk_level_highest": "HIGH", "sharing_restriction": "police_only", "rhi_accepted": "NK"}
    assert row[list(codes)].to_dict() == codes
    assert row["found_location_text"] == "NZ 276 864, Station Road"
    assert row["last_seen_location_text"] == "Home, Blyth"
    assert row["found_at_own_address"] == "NK"


def test_a_date_with_an_empty_clock_beside_a_time_column() -> None:
    row = applied("compact", COMPACT | {"Date Last Seen": "03/04/2025 00:00", "Date Found": "2025-04-04T00:00:00",
                                        "Time Found": "01:05:00"}).iloc[0]
    assert row["last_seen_at"] == "2025-04-03T22:15:00"
    assert row["found_at"] == "2025-04-04T01:05:00"


def test_the_authority_export() -> None:
    result = PROFILES["liquidlogic"].apply(frame(LIQUIDLOGIC))
    row = result.frame.iloc[0]
    assert row["episode_ref"] == "LL-10023"
    assert row["last_seen_at"] == "2025-04-03"  # midnight says that the time is not known
    assert row["reported_at"] == "2025-04-03"
    assert any(note.startswith("reported_at is blank in 1 rows: taken as last_seen_at") for note in result.notes)
    assert row[["episode_type", "rhi_offered", "rhi_accepted", "source_system"]].tolist() == [
        "away_from_placement", "Y", "NK", "liquidlogic"]
    assert validate(result.frame, "episodes", now=NOW).episodes["time_precision"].tolist() == ["day"]
    for given, code in (("No", "N"), ("NA", "NA"), ("", "NK"), ("y", "Y"), ("NULL", "NK")):
        assert applied("liquidlogic", LIQUIDLOGIC | {"miss_missing_rhi_offered": given}).iloc[0]["rhi_offered"] == code


def test_dates_a_day_first_profile_cannot_read_are_refused() -> None:
    for written in ("03/04/25", "45291", "April"):
        result = PROFILES["compact"].apply(frame(COMPACT, COMPACT | {"Date Found": written}))
        assert result.rejects[["row", "column"]].to_numpy().tolist() == [[3, "Date Found + Time Found"]]
        assert result.rejects["fix"].str.contains("four digits").all()
        assert result.frame.loc[3, "found_at"] is None or pd.isna(result.frame.loc[3, "found_at"])


def test_defaults_are_counted() -> None:
    notes = PROFILES["compact"].apply(frame(COMPACT | {"Initial Risk": ""}, COMPACT)).notes
    assert "risk_level_initial is blank in 1 rows: taken as 'not_recorded'." in notes


def test_unknown_columns_are_named() -> None:
    notes = PROFILES["compact"].apply(frame(COMPACT | {"Shoe Size": "7"})).notes
    assert "Columns not read: Shoe Size." in notes


def test_missing_required_columns_are_named_and_the_fitting_profile_too() -> None:
    with pytest.raises(InputError, match=r"person_ref.*'compact'"):
        PROFILES["native"].apply(frame(COMPACT))
    without = {key: value for key, value in COMPACT.items() if key not in ("Age", "Home LA Code")}
    with pytest.raises(InputError, match=r"missing: responsible_la, age_at_episode\."):
        PROFILES["compact"].apply(frame(without))
    with pytest.raises(InputError) as caught:
        PROFILES["compact"].apply(frame({"CANARY": "1", "x": "2"}))
    assert "CANARY" not in str(caught.value)


def test_a_mapping_overrides() -> None:
    native = PROFILES["native"]
    renamed = episodes().rename(columns={"person_ref": "Our child id", "gender": "g"}).assign(person="ignored")
    result = native.apply(renamed, {"Our child id": "person_ref", "recording_force": "", "person": "recording_force"})
    assert result.frame["person_ref"].tolist() == ["P-0001"]
    assert result.frame["recording_force"].tolist() == ["ignored"]
    assert result.sources["person_ref"] == "Our child id"
    assert any("recording_force" in note for note in result.notes)  # left out by hand, and said
    for mapping in ({"nowhere": "person_ref"}, {"person": "nowhere"}, {"person": "gender", "Our child id": "gender"}):
        with pytest.raises(InputError, match="mapping"):
            native.apply(renamed, mapping)


def test_guess_knows_its_own_and_nothing_else() -> None:
    assert guess(EPISODES.names) is PROFILES["native"]
    assert guess(["a", "b"]) is None
    assert guess([]) is None


def test_street_rows_stand_for_one_person_each() -> None:
    out = applied("police_uk", STREET, STREET, STREET | {"Location": "On or near Fern Close"})
    assert out["episode_ref"].str.fullmatch(r"PUK-[0-9A-F]{16}").all()
    assert out["episode_ref"].is_unique  # equal rows of a file are different events
    assert (out["person_ref"] == out["episode_ref"]).all()
    assert out[["reported_at", "found_at"]].eq("2022-03-01").all(axis=None)
    assert out["extracted_at"].eq("2022-04-01").all()
    assert out["time_precision"].eq("month").all()
    assert out["category"].eq("Anti-social behaviour").all()
    assert out["age_at_episode"].isna().all()
    december = applied("police_uk", STREET | {"Month": "2022-12"})
    assert december["extracted_at"].tolist() == ["2023-01-01"]


def test_street_references_come_from_the_content_alone() -> None:
    rows = [STREET, STREET, STREET | {"Location": "On or near Fern Close"}]
    refs = applied("police_uk", *rows)["episode_ref"]
    assert refs.iloc[0] == "PUK-0311CC9B80C9A607"  # for ever: stored references depend on it
    assert sorted(applied("police_uk", *reversed(rows))["episode_ref"]) == sorted(refs)
    later = [row | {"Last outcome category": "Under investigation"} for row in rows]  # outcomes change between releases
    assert applied("police_uk", *later)["episode_ref"].tolist() == refs.tolist()


def test_a_month_that_is_none_is_refused() -> None:
    out = PROFILES["police_uk"].apply(frame(STREET, STREET | {"Month": "2022-13"}, STREET | {"Month": "03/2022"})).frame
    valid = validate(out, "public_sample", now=NOW)
    assert valid.episodes.index.tolist() == [2]
    assert set(valid.rejects["row"]) == {3, 4}


def test_every_required_column_of_a_sample_is_required_of_episodes_too() -> None:
    assert set(required("public_sample")) < set(required("episodes"))


def test_the_thirteen_months() -> None:
    rows, unlocated, refs = 0, 0, set()
    for path in sorted(shared("events", "northumbria_street").glob("*.csv.gz")):
        table = read_table(path.read_bytes(), path.name)
        assert table.rejects.empty and guess(table.frame.columns) is PROFILES["police_uk"]
        valid = validate(PROFILES["police_uk"].apply(table.frame).frame, "public_sample", now=NOW)
        assert valid.rejects.empty
        rows += len(valid.episodes)
        unlocated += int(valid.episodes["found_latitude"].isna().sum())
        refs |= set(valid.episodes["episode_ref"])
    assert (rows, unlocated, len(refs)) == (200_472, 373, 200_472)
