"""An upload is all or nothing, says what it did, and tells nobody what it read."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import InputError, StoreError
from geo_data.keeping.retention import Retention
from geo_data.keeping.store import Store
from geo_data.keeping.withdrawn import withdraw
from geo_data.reading import intake
from geo_data.reading.intake import Prepared, commit, prepare, refused
from geo_data.schema import LOCATIONS, REJECTS
from tests.geo_data.rows import GOOD, csv_bytes
from tests.shared_data import shared

NOW = datetime(2025, 7, 1, tzinfo=UTC)


class Nowhere:
    """A gazetteer that knows no text and no postcode, and takes England for land."""

    parts = ()
    centres = np.array([np.iinfo(np.int64).max])

    def on_land(self, easting: Any, northing: Any) -> Any:
        return (easting > 0) & (easting < 660_000) & (northing > 0) & (northing < 700_000)


@pytest.fixture(autouse=True)
def _no_geocoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coordinates alone are located here; what the geocoder makes of texts is its own matter."""
    real = intake.locate

    def locate(episodes: pd.DataFrame, gazetteer: Any, **more: Any) -> pd.DataFrame:
        silent = [name for name in episodes if name.endswith(("_location_text", "_postcode"))]
        return real(episodes.assign(**dict.fromkeys(silent)), gazetteer, **more)

    monkeypatch.setattr(intake, "locate", locate)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path / 'episodes.db'}") as opened:
        yield opened


def ready(*changes: dict[str, str], **options: Any) -> Prepared:
    rows = [GOOD | {"episode_ref": f"NP/{number:04d}"} | change for number, change in enumerate(changes or ({},), 1)]
    return prepare(csv_bytes(rows), "episodes.csv", gazetteer=Nowhere(), now=NOW, **options)  # type: ignore[arg-type]


def test_a_file_becomes_episodes_locations_and_counts(store: Store) -> None:
    found = {"found_easting": "427000", "found_northing": "587000"}
    prepared = ready({}, found, {"age_at_episode": "18"})
    assert (prepared.rows, prepared.rejected, prepared.profile, prepared.nature) == (3, 1, "native", "episodes")
    assert prepared.located["found"] == {"P1": 1, "P2": 0, "P3": 0, "P4": 0, "P5": 1}
    assert prepared.located["last_seen"]["P5"] == 2
    assert prepared.locations.columns.tolist() == LOCATIONS.names
    report = commit(prepared, store)
    assert (report.rows, report.accepted, report.amended, report.unchanged, report.rejected) == (3, 2, 0, 0, 1)
    assert report.collection == "episodes"
    assert report.as_dict()["located"]["found"]["P1"] == 1
    assert len(store.locations("episodes")) == 4


def test_what_places_nothing_is_said_with_its_line() -> None:
    sea, land = {"found_easting": "500000", "found_northing": "900000"}, {"found_easting": "425000", "found_northing": "565000"}
    said = [note for note in ready(sea, land, sea, {}).notes if "not used" in note]
    assert said == ["Found, not used in 2 rows: easting and northing lie in the sea or outside Great Britain (line 2, 4)."]


def test_refusals_in_short_name_rule_and_lines_and_no_value() -> None:
    short = refused(ready(*({"age_at_episode": "44"} for _ in range(30)), {}).rejects)
    assert [(entry["column"], entry["rows"], entry["lines"]) for entry in short] == [("age_at_episode", 30, [*range(2, 12)])]
    assert "44" not in str(short)


def test_the_same_file_twice_changes_nothing(store: Store) -> None:
    first = commit(ready({}, {}), store)
    version = store.version("episodes")
    again = commit(ready({}, {}), store)
    assert (first.already_imported, again.already_imported) == (False, True)
    assert (again.accepted, again.amended) == (0, 0)
    assert store.version("episodes") == version
    assert "imported before" in again.notes[0]


def test_places_are_told_of_the_rows_that_became_current(store: Store) -> None:
    placed = {"found_easting": "427000", "found_northing": "587000"}
    assert commit(ready(placed, placed, placed), store).located["found"]["P1"] == 3
    withdraw(store, "episodes", ["NP/0003"], NOW, "feed")
    newer = placed | {"episode_ref": "NP/0001", "extracted_at": "2025-06-20T06:00Z", "gender": "female"}
    report = commit(ready(newer, placed, placed, placed), store)  # amended, repeated, withdrawn, new
    assert (report.accepted, report.amended, report.unchanged) == (1, 1, 1)
    assert report.located["found"]["P1"] == 2 and report.located["last_seen"]["P5"] == 2
    assert commit(ready(newer, placed, placed, placed), store).located["found"]["P1"] == 0  # the same file again


def test_rows_of_erased_episodes_are_told(store: Store) -> None:
    commit(ready({}, {}), store)
    kept = Retention(store)
    kept.approve("bob", kept.propose("ann", "episodes", ["NP/0001"], "request"))
    for more in ((), ({}, {})):
        report = commit(ready({"gender": "female"}, *more), store)
        assert report.unchanged == 1 + bool(more)
        assert "1 row was left out: the episode was erased here." in report.notes


def test_a_newer_record_amends_and_an_older_one_is_history(store: Store) -> None:
    newer = {"episode_ref": "NP/0001", "extracted_at": "2025-06-20T06:00Z", "gender": "female"}
    report = commit(ready(newer, {"episode_ref": "NP/0001"}, {}), store)  # both in one file, the newer first
    assert report.accepted == 2
    assert store.episodes("episodes", ["NP/0001"])["gender"].tolist() == ["female"]
    latest = newer | {"extracted_at": "2025-06-25T06:00Z", "gender": "other"}
    oldest = {"episode_ref": "NP/0003", "extracted_at": "2025-05-25T06:00Z", "gender": "male"}
    report = commit(ready(latest, {"episode_ref": "NP/9999"}, oldest), store)
    assert (report.accepted, report.amended, report.unchanged) == (1, 1, 1)
    assert store.episodes("episodes", ["NP/0001"])["gender"].tolist() == ["other"]


def test_locations_carry_the_line_of_their_episode() -> None:
    same = {"episode_ref": "NP/0001"}
    pickup = {"pickup_easting": "427000", "pickup_northing": "587000", "pickup_basis": "cctv", "location_source": "rhi"}
    prepared = ready(same | {"extracted_at": "2025-06-20T06:00Z"} | pickup, same, {})
    lines = prepared.locations.groupby(prepared.locations.index)["role"].agg(list).to_dict()
    assert lines == {2: ["last_seen", "pickup", "found"], 3: ["last_seen", "found"], 4: ["last_seen", "found"]}


def test_sample_data_keeps_to_its_own_collection(store: Store) -> None:
    commit(ready(), store)
    street = (b"Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,Crime type\n"
              b",2025-03,Northumbria Police,Northumbria Police,-1.57,55.18,On or near Station Road,Burglary\n")
    prepared = prepare(street, "street.csv", gazetteer=Nowhere(), now=NOW)  # type: ignore[arg-type]
    assert prepared.nature == "public_sample"
    assert prepared.locations[["role", "at_precision", "method", "category"]].to_numpy().tolist() == [
        ["found", "month", "published_point", "Burglary"]]
    assert commit(prepared, store).collection == "sample"
    with pytest.raises(StoreError):
        commit(prepared, store, "episodes")
    assert len(store.episodes("episodes")) == 1


def test_personal_columns_are_not_read_and_said() -> None:
    prepared = ready({"Forename": "CANARY", "DOB": "CANARY", "Notes": "CANARY"})
    assert prepared.rejected == 0
    assert sum("not read" in note and "holds" in note for note in prepared.notes) == 3
    assert "CANARY" not in repr(vars(prepared)) + prepared.episodes.to_csv() + prepared.locations.to_csv()


def test_personal_content_refuses_the_row_and_is_not_repeated() -> None:
    both = {"found_location_text": "Tel 07700 900123", "age_at_episode": "18"}
    narrative = {"last_seen_location_text": "she was seen CANARY " * 11}
    prepared = ready({}, both, {"person_ref": "Canary Jones"}, narrative)
    assert prepared.episodes.index.tolist() == [2]
    told = prepared.rejects
    assert told[["row", "column"]].to_numpy().tolist() == [
        [3, "found_location_text"], [3, "age_at_episode"], [4, "person_ref"], [5, "last_seen_location_text"]]
    assert told["value"].fillna("").tolist() == ["", "18", "", ""]


def test_rejects_speak_of_the_files_own_columns() -> None:
    rows = [GOOD | {"age_at_episode": "18"}]
    data = csv_bytes(rows).replace(b"age_at_episode", b"Age When Missing")
    prepared = prepare(data, "f", gazetteer=Nowhere(), now=NOW, profile="native",  # type: ignore[arg-type]
                       mapping={"Age When Missing": "age_at_episode"})
    assert prepared.rejects["column"].tolist() == ["Age When Missing"]


def test_a_personal_column_cannot_be_mapped_in() -> None:
    with pytest.raises(InputError, match="never read"):
        ready({"Forename": "x"}, mapping={"Forename": "person_ref"}, profile="native")
    assert ready({"Forename": "x"}, mapping={"Forename": ""}, profile="native").rejected == 0


def test_bad_rows_of_every_kind_leave_the_rest_unharmed() -> None:
    good = csv_bytes([GOOD | {"episode_ref": f"NP/{n:04d}"} for n in range(3)]).decode().splitlines()
    ragged, quoted = good[1] + ",x", good[1].replace("Bus station", 'Bus "station')
    changed = [good[1].replace(old, new) for old, new in [
        ("2025-05-01T18:30", "03/04/2025"), (",15,", ",18,"), ("2025-05-01T23:15", "2025-04-01T23:15"),
        ("Ashington", "y" * 1_000_000)]]
    data = "\n".join([good[0], good[1], ragged, *changed, quoted, good[2], good[3]]).encode()
    prepared = prepare(data, "f", gazetteer=Nowhere(), now=NOW)  # type: ignore[arg-type]
    assert prepared.episodes.index.tolist() == [2, 9, 10]
    assert prepared.rows == len(data.splitlines()) - 1
    assert set(prepared.rejects["row"]) | set(prepared.episodes.index) == set(range(2, 11))


@pytest.mark.parametrize(("options", "says"), [
    ({"profile": "nosuch"}, "no such profile"),
    ({"mapping": {"nosuch": "gender"}}, "mapping"),
    ({"profile": "compact"}, "'native'"),
])
def test_a_wrong_choice_is_explained(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        ready(**options)
    assert "episodes.csv" in caught.value.where or "profile" in caught.value.where


def test_columns_that_fit_no_profile_are_explained() -> None:
    with pytest.raises(InputError, match="fit no profile"):
        prepare(b"CANARY,b\n1,2\n", "f", gazetteer=Nowhere(), now=NOW)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"nearest is 'native', which lacks: .*person_ref"):
        prepare(b"episode_ref,reported_at\n1,2\n", "f", gazetteer=Nowhere(), now=NOW)  # type: ignore[arg-type]


def test_now_must_be_an_instant() -> None:
    with pytest.raises(ValueError, match="time zone"):
        prepare(b"", "f", gazetteer=Nowhere(), now=datetime(2025, 1, 1))  # type: ignore[arg-type]


def test_progress_rises_to_one() -> None:
    told: list[tuple[float, str]] = []
    ready(progress=lambda fraction, text: told.append((fraction, text)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert all(text for _, text in told)


def test_the_next_file_is_made_ready_while_one_is_stored_and_no_other() -> None:
    begun = [Event() for _ in range(4)]

    def make(number: int) -> Prepared:
        begun[number].set()
        if number == 1:
            raise InputError("Nothing can be read of it.")
        return ready({"episode_ref": f"NP/000{number}"})

    waits, told = sys.getswitchinterval(), []
    for number, made in enumerate(intake.ahead(partial(make, each) for each in range(4))):
        assert number == 3 or begun[number + 1].wait(30)  # nobody has asked for it yet
        assert number > 1 or not begun[number + 2].wait(0.2)
        try:
            told.append(made().episodes["episode_ref"].item())
        except InputError:
            told.append("fault")
    assert told == ["NP/0000", "fault", "NP/0002", "NP/0003"]
    assert sys.getswitchinterval() == waits
    assert list(intake.ahead([])) == []


def test_preparing_twice_gives_the_same() -> None:
    one, other = ready({}, {"gender": "?"}), ready({}, {"gender": "?"})
    for name in ("episodes", "locations", "rejects"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.sha256 == other.sha256


def test_no_cell_reaches_an_exception_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """Every column in turn carries a canary; only REJECTS.value, for the person who uploads, may hold it."""
    caplog.set_level(logging.DEBUG)
    prepared = ready(*({name: f"CANARY {name}"} for name in GOOD))
    told = prepared.rejects
    assert len(set(told["row"])) >= 12
    assert "CANARY" not in told[[name for name in REJECTS.names if name != "value"]].to_csv()
    assert "CANARY" not in " ".join(prepared.notes) + caplog.text
    headerless = csv_bytes([{f"CANARY{n}": "x" for n in range(20)}])
    for profile in (None, "native", "compact", "liquidlogic", "police_uk"):
        with pytest.raises(InputError) as caught:
            prepare(headerless, "f", gazetteer=Nowhere(), now=NOW, profile=profile)  # type: ignore[arg-type]
        assert "CANARY" not in repr(caught.value)


def test_a_real_month_from_bytes_to_store(store: Store) -> None:
    path = shared("events", "northumbria_street") / "2022-12-northumbria-street.csv.gz"
    prepared = prepare(path.read_bytes(), path.name, gazetteer=Nowhere(), now=NOW)  # type: ignore[arg-type]
    report = commit(prepared, store)
    assert (report.rows, report.accepted, report.rejected) == (12_949, 12_949, 0)
    assert report.located["found"] == {"P1": 0, "P2": 12_939, "P3": 0, "P4": 0, "P5": 10}
    assert commit(prepared, store).already_imported
