"""The `scoping` command: what it answers, what it writes, and how it refuses."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cli
from geo_data import setup
from geo_data.demo import county_map
from tests.geo_data.county import the_county, the_map
from tests.kept import ROOT, copied, kept
from tests.screens.world import made_by


@pytest.fixture(scope="module")
def home(gazetteer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the shared gazetteer and one year of demo data; made once, a copy for each file of tests."""
    def make(home: Path) -> None:
        copied(gazetteer_folder, home / "gazetteer")
        drawn = the_map()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SCOPING_HOME", str(home))
            patch.setattr(setup, "_county", the_county)  # county and map are those of the demonstration, drawn already
            patch.setattr(county_map, "write_map", lambda _land, folder: copied(drawn, folder))
            assert cli.main(["demo", "--months", "12", "--csv", str(home / "demo.csv"), "--json"]) == 0

    made = kept(f"year-{made_by(*ROOT.glob('commands/*.py'))}", make)
    return shutil.copytree(made, tmp_path_factory.mktemp("home"), dirs_exist_ok=True)


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("SCOPING_HOME", str(home))

    def call(*arguments: str) -> tuple[int, Any]:
        code = cli.main([*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def test_the_demo_file_imports_as_any_file_and_a_second_time_changes_nothing(run: Any, home: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'a.db'}"
    file = str(home / "demo.csv")
    code, first = run("import", file, "--store", store)
    assert code == 0
    assert first["accepted"] == first["rows"] > 1_500
    assert first["rejected"] == 0
    assert set(first["located"]) == {"last_seen", "pickup", "found"}
    _, again = run("import", file, "--store", store)
    assert (again["accepted"], again["amended"]) == (0, 0)
    assert again["files"][0]["already_imported"]


def test_a_dry_run_stores_nothing(run: Any, home: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'a.db'}"
    _, checked = run("import", str(home / "demo.csv"), "--dry-run", "--store", store)
    assert checked["dry_run"] and checked["accepted"] > 1_500
    code, answer = run("hotspots", "--store", store)
    assert code == 2
    assert "no episodes" in answer["error"]["what"]


@pytest.mark.parametrize("command", [
    ("hotspots",), ("audit", "verify"), ("store", "status"), ("changes",), ("scan",), ("grid",), ("releases", "list"),
    ("borders", "flows"), ("retention", "due"), ("near-repeat",), ("snapshot", "--period", "2025-01", "--tier", "rmg"),
    ("pack", "--month", "2025-01", "--out", "."), ("backup", "kept.db")])
def test_a_mistyped_store_is_told_and_no_empty_one_is_made(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                           command: tuple[str, ...]) -> None:
    monkeypatch.chdir(tmp_path)
    code, answer = run(*command, "--store", f"sqlite:///{tmp_path / 'typo.db'}")
    assert code == 2 and answer["error"]["what"] == "There is no such database."
    assert list(tmp_path.iterdir()) == []


def test_a_store_is_not_copied_from_a_file_that_is_not_there(run: Any, tmp_path: Path) -> None:
    code, answer = run("store", "copy", f"sqlite:///{tmp_path / 'typo.db'}", f"sqlite:///{tmp_path / 'b.db'}")
    assert code == 2 and answer["error"]["what"] == "There is no such database."
    assert list(tmp_path.iterdir()) == []


def test_one_bad_file_leaves_the_others_whole_and_refused_rows_come_back(run: Any, tmp_path: Path, home: Path) -> None:
    bad = tmp_path / "bad.csv"
    rows = pd.read_csv(home / "demo.csv", dtype=str).head(2)
    rows.loc[1, ["age_at_episode", "episode_ref"]] = ["18", "X/0001"]
    rows.to_csv(bad, index=False)
    rejects = tmp_path / "rejects.csv"
    code, answer = run("import", str(bad), "--store", f"sqlite:///{tmp_path / 'a.db'}", "--rejects", str(rejects))
    assert (code, answer["accepted"], answer["rejected"]) == (0, 1, 1)
    back = pd.read_csv(rejects)
    assert back["row"].tolist() == [3]
    assert back["column"].tolist() == ["age_at_episode"]
    assert back["fix"].str.len().gt(5).all()


def test_an_unusable_file_costs_no_other_file_its_import_or_its_report(run: Any, tmp_path: Path, home: Path) -> None:
    whole, empty = tmp_path / "whole.csv", tmp_path / "empty.csv"
    pd.read_csv(home / "demo.csv", dtype=str).head(2).to_csv(whole, index=False)
    empty.touch()
    code, answer = run("import", str(empty), str(whole), "--store", f"sqlite:///{tmp_path / 'a.db'}", "--rejects", "/nowhere/r.csv")
    assert (code, answer["accepted"]) == (2, 2)
    assert [error["where"] for error in answer["errors"]] == ["empty.csv", "--rejects"]


def test_a_report_in_words_says_why_rows_were_refused(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                     capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SCOPING_HOME", str(home))
    rows = pd.read_csv(home / "demo.csv", dtype=str).head(2).assign(age_at_episode=["14", "44"])
    rows.to_csv(tmp_path / "old.csv", index=False)
    assert cli.main(["import", str(tmp_path / "old.csv"), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "18 or over" in said and "44" not in said
    assert max(map(len, said.splitlines())) < 250
    assert "notes: Read as " in said and ".," not in said  # sentences stand one after the other


def test_what_holds_true_places_is_written_for_this_user_alone(run: Any, tmp_path: Path) -> None:
    out, labels = tmp_path / "h.geojson", tmp_path / "l.csv"
    run("hotspots", "--out", str(out), "--labels", str(labels))
    assert {path.stat().st_mode & 0o777 for path in (out, labels)} == {0o600}


def test_hotspots_the_map_file_and_the_labels_tell_the_same(run: Any, tmp_path: Path) -> None:
    out, labels = tmp_path / "h.geojson", tmp_path / "l.csv"
    code, answer = run("hotspots", "--role", "found", "--out", str(out), "--labels", str(labels))
    assert code == 0
    assert answer["synthetic"] and "SYNTHETIC" in answer["marking"]
    rows = pd.read_csv(labels)
    assert list(rows.columns) == ["window_start", "window_end", "location_id", "easting", "northing", "label", "core", "hotspot_id"]
    assert not rows.duplicated(["window_start", "location_id"]).any()
    assert (rows["hotspot_id"].notna() == (rows["label"] >= 0)).all()
    shown = {(h["hotspot_id"], h["window_start"]) for h in answer["hotspots"] if h["children"] is not None}
    labelled = {(h, start[:10]) for h, start in zip(rows["hotspot_id"], rows["window_start"], strict=True) if isinstance(h, str)}
    assert shown <= labelled
    drawn = json.loads(out.read_text())
    assert {(f["properties"]["hotspot_id"], f["properties"]["window_start"]) for f in drawn["features"]} <= shown
    assert "SYNTHETIC" in drawn["metadata"]["marking"]


def test_a_hotspot_of_the_labels_file_has_the_children_it_says(run: Any, home: Path, tmp_path: Path) -> None:
    labels = tmp_path / "l.csv"
    _, answer = run("hotspots", "--role", "found", "--labels", str(labels))
    rows = pd.read_csv(labels)
    people = pd.read_csv(home / "demo.csv", dtype=str).set_index("episode_ref")["person_ref"]
    rows["person"] = rows["location_id"].str.rsplit(":", n=1).str[0].map(people)
    counted = rows[rows["label"] >= 0].groupby(["hotspot_id", rows["window_start"].str[:10]])["person"].nunique()
    for hotspot in answer["hotspots"]:
        if hotspot["children"] is not None:
            assert counted[hotspot["hotspot_id"], hotspot["window_start"]] == hotspot["children"]


def test_what_chance_gives_stands_beside_what_was_found(run: Any) -> None:
    _, answer = run("hotspots", "--role", "found", "--chance", "3")
    chance = {row["change"]: row for row in answer["expected_by_chance"]}
    assert chance["born"]["real"] == answer["changes"].get("born", 0)
    assert chance["born"]["low"] <= chance["born"]["expected_mean"] <= chance["born"]["high"]


@pytest.mark.parametrize(("arguments", "code"), [
    (("import", "nowhere.csv"), 2),
    (("hotspots", "--eps-m", "0"), 2),
    (("hotspots", "--eps-m", "nan"), 2),
    (("hotspots", "--role", "suspect"), 2),
    (("hotspots", "--window", "weekly"), 2),
    (("hotspots", "--from", "01/02/2024"), 2),
    (("demo", "--months", "0"), 2),
    (("hotspots", "--store", "mysql://x"), 4),
    (("hotspots", "--collection", "elsewhere"), 2),
    (("hotspots", "--chance", "-1"), 2),
    (("hotspots", "--count", "adults"), 2),
    (("hotspots", "--method", "k-means"), 2),
    (("hotspots", "--method", "st-dbscan", "--within-days", "0"), 2),
    (("hotspots", "--out", "/nowhere/h.geojson"), 2),
    (("hotspots", "--labels", "/"), 2),
    (("template", "--out", "/nowhere/t.csv"), 2),
    (("import", "/dev/zero"), 2),
    (("nonsense",), 2),
    ((), 2),
])
def test_a_wrong_call_says_what_and_what_to_do(run: Any, arguments: tuple[str, ...], code: int) -> None:
    got, answer = run(*arguments)
    assert got == code
    assert answer["error"]["what"]
    assert "Traceback" not in json.dumps(answer)


def test_templates_and_profiles(run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from geo_data.schema import EPISODES

    assert cli.main(["template"]) == 0
    assert capsys.readouterr().out.strip().split(",") == EPISODES.names
    book = tmp_path / "t.xlsx"
    assert run("template", "--xlsx", "--out", str(book))[0] == 0
    assert list(pd.read_excel(book).columns) == EPISODES.names
    names = [profile["name"] for profile in run("profiles")[1]]
    assert {"native", "compact", "liquidlogic", "police_uk"} <= set(names)


def test_a_file_of_which_no_row_can_be_used_is_no_success(run: Any, home: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    pd.read_csv(home / "demo.csv", dtype=str).head(2).assign(age_at_episode="40").to_csv(bad, index=False)
    code, answer = run("import", str(bad), "--store", f"sqlite:///{tmp_path / 'a.db'}")
    assert (code, answer["accepted"], answer["rejected"]) == (2, 0, 2)


def test_a_restore_under_another_key_is_no_success(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = str(tmp_path / "backup.db")
    assert run("backup", backup)[0] == 0
    code, answer = run("restore", backup, "--store", f"sqlite:///{tmp_path / 'same.db'}")
    assert (code, answer["audit_whole"]) == (0, True)
    monkeypatch.setenv("SCOPING_AUDIT_KEY", "another" * 8)
    code, answer = run("restore", backup, "--store", f"sqlite:///{tmp_path / 'other.db'}")
    assert (code, answer["audit_whole"]) == (4, False)
    assert answer["rows"]["episodes"] > 0 and answer["reason"] and "another key" in answer["note"]


def test_hotspots_beside_those_of_another_method(run: Any) -> None:
    for method in ("st-dbscan", "hdbscan"):
        code, answer = run("hotspots", "--method", method, "--within-days", "10")
        beside = answer["comparison"]
        assert (code, beside["method"]) == (0, method) and beside["differs"]
        assert beside["within_days"] == (10 if method == "st-dbscan" else None)
        assert len({row["window"] for row in beside["windows"]}) == len(beside["windows"]) == answer["windows"]
        for row in beside["windows"]:
            assert row["both"] + row["only"] + row["only_other"] <= row["points"] and -1 <= row["agreement"] <= 1
    assert "comparison" not in run("hotspots")[1]


def test_hotspots_tell_what_they_cost(run: Any) -> None:
    _, answer = run("hotspots", "--role", "found")
    timing = answer["timing"]
    assert list(timing) == ["load_s", "project_s", "cluster_s", "summarise_s", "total_s"]
    assert sum(timing.values()) == pytest.approx(2 * timing["total_s"], abs=0.01)
    assert answer["points"] > 0 and answer["windows"] > 1
    assert answer["peak_mb"] is None or answer["peak_mb"] > 50


def test_a_store_in_a_file_waits_for_no_other_driver(tmp_path: Path) -> None:
    opens = f"import sys; from geo_data.keeping.store import Store; Store('sqlite:///{tmp_path}/a.db')"
    asks = "sys.exit('psycopg' in sys.modules or 'scipy.ndimage' in sys.modules)"
    subprocess.run([sys.executable, "-c", f"{opens}; {asks}"], check=True)


def test_help_waits_for_no_compiler() -> None:
    for line in ("import cli; cli._parser()", "import scoping.scope, scoping.showing.disclosure, scoping.showing.views"):
        subprocess.run([sys.executable, "-c", f"{line}; import sys; assert 'numba' not in sys.modules"], check=True)


def test_the_audit_is_verified_taken_out_and_anchored(run: Any, home: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'a.db'}"
    assert run("import", str(home / "demo.csv"), "--store", store)[0] == 0
    code, anchored = run("audit", "anchor", "--store", store)
    assert code == 0 and anchored["anchor"].startswith("1:")
    code, found = run("audit", "verify", "--store", store)
    assert (code, found["whole"], found["entries"], found["anchor"]) == (0, True, 1, anchored["anchor"])
    code, taken = run("audit", "export", "--out", str(tmp_path / "audit.csv"), "--store", store)
    assert (taken["entries"], taken["actions"]) == (2, {"export audit": 1, "import": 1})
    written = (tmp_path / "audit.csv").read_text("utf-8-sig")
    assert "(command line)" in written and taken["anchor"].partition(":")[2] in written
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("DROP TRIGGER audit_no_delete")
        connection.execute("DELETE FROM audit WHERE seq = 2")
    connection.close()
    code, found = run("audit", "verify", "--store", store)
    assert (code, found["whole"], found["first_bad"]) == (4, False, 2)


def test_a_review_is_counted_once_frozen_and_compared(run: Any, tmp_path: Path, home: Path) -> None:
    store = f"sqlite:///{tmp_path / 'a.db'}"
    run("import", str(home / "demo.csv"), "--store", store)
    code, first = run("changes", "--chance", "3", "--freeze", "--store", store)
    assert code == 0 and first["frozen"] == 1 and first["differences"] == []
    assert {"places", "flows", "settings", "notes", "windows"} <= set(first)
    assert all(place["in_words"] for place in first["places"])
    chance = {row["change"]: row for row in first["expected_by_chance"]}
    assert chance["born"]["runs"] == 3 and "rise" in chance
    _, again = run("changes", "--chance", "3", "--review", first["review"], "--store", store)
    assert again["expected_by_chance"] == first["expected_by_chance"] and again["places"] == first["places"]
    code, none = run("changes", "--review", "2019-01", "--store", store)
    assert code == 2 and "nothing to review" in none["error"]["what"]


def test_calibration_tries_each_number(run: Any, tmp_path: Path, home: Path) -> None:
    store = f"sqlite:///{tmp_path / 'a.db'}"
    run("import", str(home / "demo.csv"), "--store", store)
    code, answer = run("calibrate", "--least", "3,6", "--runs", "2", "--store", store)
    assert code == 0 and [row["min_children"] for row in answer["a_review"]] == [3, 6]
    assert answer["suggested_min_children"] in (3, 6, None)
    code, answer = run("calibrate", "--least", "many", "--store", store)
    assert code == 2 and "numbers" in answer["error"]["what"]


def test_the_feed_imports_what_has_arrived_and_tells_of_silence(run: Any, home: Path, tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    store, folder = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "feed"
    monkeypatch.setenv("SCOPING_FEED", str(folder))
    (folder / "police").mkdir(parents=True)
    code, answer = run("feed", "status", "--store", store)
    assert code == 2 and answer["senders"][0]["overdue"]
    shutil.copy(home / "demo.csv", folder / "police" / "a.csv")
    (folder / "police" / "b.csv").write_text("a,b\n1,2\n")
    for name in ("a.csv", "b.csv"):
        os.utime(folder / "police" / name, (1_700_000_000, 1_700_000_000))
    code, answer = run("feed", "run", "--store", store)
    assert code == 2 and [file["outcome"] for file in answer["files"]] == ["imported", "quarantined"]
    code, answer = run("feed", "status", "--store", store)
    assert code == 0 and answer["senders"][0]["files"] == 1 and answer["senders"][0]["quarantined"] == 1
    assert run("feed", "run", "--store", store)[1]["files"] == []


def test_a_pack_is_written_and_registered_and_again_gives_the_same_release(run: Any, tmp_path: Path) -> None:
    asked = ("pack", "--month", _month(run), "--out", str(tmp_path), "--format", "html")
    code, made = run(*asked)
    assert code == 0
    written = tmp_path / Path(made["files"][0]["path"]).name
    assert written.read_bytes().startswith(b"<!doctype html>") and "SYNTHETIC" in written.name
    assert run(*asked)[1]["files"][0]["sha256"] == made["files"][0]["sha256"]


@pytest.mark.parametrize("wrong", [["--month", "2025-13"], ["--month", "2099-01"], ["--format", "docx"],
                                   ["--author-role", "partner_viewer"]])
def test_a_pack_that_cannot_be_made_writes_nothing(run: Any, tmp_path: Path, wrong: list[str]) -> None:
    asked = [] if "--month" in wrong else ["--month", _month(run)]
    code, told = run("pack", *asked, *wrong, "--out", str(tmp_path))
    assert code and told["error"]["what"] and not list(tmp_path.iterdir())


def _month(run: Any) -> str:
    """A whole month of the demonstration."""
    _, answer = run("hotspots")
    return str(answer["by_window"][6]["start"])[:7]
