"""The commands on places: texts to points, official files into the gazetteer, and what is held placed anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.test_cli import home, run

__all__ = ["home", "run"]


def test_geocode_answers_every_text_and_guesses_none(run: Any) -> None:
    _, answer = run("geocode", "ol161lu", "mate's house", "QX1 1AA")
    assert [row["tier"] for row in answer] == ["P3", "P5", "P3"]
    assert answer[0]["lat"] == pytest.approx(53.6167, abs=1e-3)
    assert answer[1]["easting"] is None and answer[1]["reason"]
    assert "SYNTHETIC" in answer[2]["reason"]


def test_geocode_file_measures_and_writes(run: Any, tmp_path: Path) -> None:
    file, out = tmp_path / "places.csv", tmp_path / "out.csv"
    file.write_text('where,lat,lon,kind\n"Larch Street, Quernminster",,,demo\nol161lu,53.6167,-2.1566,a\n'
                    "M1 1AE,53.6167,-2.1566,a\n=cmd(),53.6,-2.1,b\n", encoding="utf-8")
    code, answer = run("geocode-file", str(file), "--text", "where", "--lat", "lat", "--lon", "lon", "--out", str(out))
    assert out.stat().st_mode & 0o077 == 0  # places of children: for this user alone
    assert code == 0 and answer["rows"] == 4 and answer["contradicting"] == 1 and answer["contradicting_rows"] == [4]
    assert answer["fine_over_5km"] == 0 and answer["rows_per_s_distinct"] > 0 and {"tiers", "rungs", "fine_p90_m"} <= set(answer)
    assert "'=cmd()" in out.read_text(encoding="utf-8-sig") and "error_m" in out.read_text(encoding="utf-8-sig")
    code, answer = run("geocode-file", str(file), "--text", "where", "--where", "kind=a|b", "--area", "Rochdale")
    assert code == 0 and answer["rows"] == 3
    for wrong in (["--text", "nowhere"], ["--text", "where", "--area", "Atlantis"], ["--text", "where", "--where", "x=1"],
                  ["--text", "where", "--out", str(tmp_path / "no" / "out.csv")]):
        code, answer = run("geocode-file", str(file), *wrong)
        assert code == 2 and answer["error"]["fix"]


def test_geocode_takes_an_own_area_and_tells_how_sure_it_is(run: Any) -> None:
    _, north = run("geocode", "Newcastle", "--area", "Northumbria Police")
    _, midlands = run("geocode", "Newcastle", "--area", "Staffordshire Police")
    assert north[0]["northing"] > 550_000 and midlands[0]["northing"] < 400_000 and 0 < north[0]["confidence"] < 1
    code, answer = run("geocode", "Newcastle", "--area", "Atlantis")
    assert code == 2 and answer["error"]["fix"]


def test_streets_of_the_demo_county_are_found(run: Any, home: Path) -> None:
    episodes = pd.read_csv(home / "demo.csv", dtype="str")
    texts = [column for column in episodes if column.endswith("location_text")]
    streets = pd.concat([episodes[column] for column in texts]).dropna()
    streets = streets[streets.str.fullmatch(r"\w+ (?:Street|Avenue|Close), \w+")].unique().tolist()[:20]
    _, answer = run("geocode", *streets)
    assert len(answer) > 5
    assert sum(row["tier"] == "P2" for row in answer) >= 0.7 * len(answer), [(row["text"], row["reason"]) for row in answer]


def test_an_official_file_is_imported_told_of_and_a_wrong_one_refused(run: Any, home: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("alias,postcode,type\nThe Rec,OL16 1LU,park_open_space\n")
    code, about = run("gazetteer", "import", "local_names", str(names))
    assert code == 0 and about["counts"] == {"rows": 1, "features": 1}
    _, told = run("gazetteer", "status")
    assert told["layers"]["local_names"]["files"][0]["name"] == "names.csv"
    for arguments, what in (
        (("import", "naptan", str(names)), "not NaPTAN"),
        (("import", "naptan", str(tmp_path / "absent.csv")), "no such file"),
        (("import", "open_names"), "which file"),
        (("import", "maps", str(names)), "no import of kind"),
        (("import",), "Say what to import"),
        (("status", "naptan"), "nothing more"),
    ):
        code, answer = run("gazetteer", *arguments)
        assert code == 2 and what in answer["error"]["what"], answer
    assert set(run("gazetteer", "status")[1]["layers"]) == {"demo", "local_names"}
    (home / "gazetteer" / "layer_local_names.json").unlink()


def test_records_held_are_placed_with_what_was_imported_later(run: Any, home: Path, tmp_path: Path) -> None:
    store, file, names = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "few.csv", tmp_path / "names.csv"
    rows = pd.read_csv(home / "demo.csv", dtype=str).head(3)
    parts = ("location_text", "postcode", "uprn", "easting", "northing", "latitude", "longitude", "precision")
    rows.loc[:, [name for name in rows if name.startswith("pickup_") or name.endswith(parts)]] = None
    rows.assign(found_location_text=["Zorble Rec", "zorble rec", "some other place"]).to_csv(file, index=False)
    names.write_text("alias,postcode,type\nZorble Rec,OL16 1LU,park_open_space\n")
    assert run("import", str(file), "--store", store)[0] == 0
    assert run("gazetteer", "import", "local_names", str(names), "--store", f"{store}.none")[0] == 2  # a mistyped store: no import
    try:
        _, about = run("gazetteer", "import", "local_names", str(names), "--store", store)
        assert about["note"].startswith("3 records held have places that are known only roughly: 'scoping gazetteer apply'")
        code, answer = run("gazetteer", "apply", "--store", store)
        assert code == 0
        assert answer["collections"] == [{"collection": "episodes", "places": 3, "changed": 2, "before": {"P5": 3},
                                          "after": {"P2": 2, "P5": 1}}]
        assert run("gazetteer", "apply", "--store", store, "--collection", "episodes")[1]["collections"][0]["changed"] == 0
        (tmp_path / "a.db").write_bytes(b"spoilt" * 500)
        code, about = run("gazetteer", "import", "local_names", str(names), "--store", store)
        assert code == 0 and about["counts"]["features"] == 1 and "could not be looked at" in about["note"]
    finally:
        (home / "gazetteer" / "layer_local_names.json").unlink(missing_ok=True)
