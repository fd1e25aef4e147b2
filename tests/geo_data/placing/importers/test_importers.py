from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo_data.errors import InputError
from geo_data.placing import importers
from geo_data.placing.gazetteer import add_import, open_gazetteer, status
from geo_data.placing.importers import IMPORTERS
from tests.geo_data.placing.importers.conftest import Import
from tests.geo_data.placing.importers.made import csv, open_name, zipped

ROAD = open_name("Mill Brow", "Named Road", 390_000, 413_000)


def test_every_kind_tells_what_it_is_and_under_which_licence() -> None:
    assert set(IMPORTERS) == {"code_point", "postcode_directory", "open_names", "naptan", "open_uprn", "addressbase",
                              "police_streets", "local_names", "ukaddresskit"}
    for importer in IMPORTERS.values():
        assert importer.title and importer.takes and importer.licence.endswith(".")
    for kind in ("code_point", "postcode_directory", "open_names", "naptan", "open_uprn", "police_streets"):
        assert "Open Government Licence v3.0" in IMPORTERS[kind].licence


def test_status_shows_file_sum_rows_date_and_licence(tmp_path: Path, folder: Path) -> None:
    tile = tmp_path / "NZ26.csv"
    tile.write_bytes(csv([ROAD]))
    about = importers.run("open_names", tile, folder)
    told = status(folder)
    layer = told["layers"]["open_names"]
    assert layer["files"] == [{"name": "NZ26.csv", "bytes": tile.stat().st_size, "sha256": about["files"][0]["sha256"]}]
    assert len(about["files"][0]["sha256"]) == 64
    assert layer["counts"]["rows"] == 1 and layer["built"][:4].isdigit() and layer["title"] == "OS Open Names"
    assert layer["licence"] == IMPORTERS["open_names"].licence and layer["licence"] in told["attribution"]
    json.dumps(told)


def test_importing_again_replaces_and_a_broken_file_changes_nothing(tmp_path: Path, import_: Import, folder: Path) -> None:
    tile = tmp_path / "tile.csv"
    tile.write_bytes(csv([ROAD]))
    import_("open_names", tile)
    before = sorted(path.name for path in folder.iterdir())
    broken = tmp_path / "broken.csv"
    broken.write_bytes(csv([ROAD]) + b"half,a,row\r\n")
    with pytest.raises(InputError, match=r"broken.csv.*a row has 3 columns where 34"):
        importers.run("open_names", broken, folder)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert len(open_gazetteer(folder).streets.find("Mill Brow")) == 1
    tile.write_bytes(csv([open_name("Weaver Row", "Named Road", 390_000, 413_000)]))
    _, held = import_("open_names", tile)
    assert len(held.streets) == 1 and held.streets[0].name == "Weaver Row"


@pytest.mark.parametrize("kind", sorted(set(IMPORTERS) - {"ukaddresskit"}))
def test_wrong_files_are_refused_and_no_cell_is_told(kind: str, tmp_path: Path, folder: Path) -> None:
    hidden = "Rosalind Example"
    files = {
        "episodes.csv": f"episode_ref,person\nMP/1,{hidden}\n".encode(),
        "empty.csv": b"",
        "blank.csv": b"\r\n\r\n",
        "binary.csv": b"PK\x00\x01\x02" * 100,
        "half.zip": zipped(tmp_path / "whole.zip", {"Data/AB12.csv": csv([ROAD])}).read_bytes()[:-40],
        "other.zip": zipped(tmp_path / "whole.zip", {"readme.txt": hidden}).read_bytes(),
        "quotes.csv": f'"{hidden}\n,"'.encode() * 3,
        "latin.csv": f"{hidden},é\n".encode("latin-1") * 20,
    }
    for name, data in files.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(InputError) as caught:
            importers.run(kind, path, folder)
        assert name in str(caught.value) and hidden not in str(caught.value)
    with pytest.raises(InputError):
        importers.run(kind, tmp_path / "absent.csv", folder)
    (tmp_path / "void").mkdir()
    with pytest.raises(InputError):
        importers.run(kind, tmp_path / "void", folder)
    assert not status(folder)["layers"] and not list(folder.glob(".building*"))


def test_a_kind_that_does_not_exist_or_a_path_that_is_missing_is_told(folder: Path) -> None:
    with pytest.raises(InputError, match=r"open_names: opname_csv_gb\.zip"):
        importers.run("shapes", Path("x"), folder)
    with pytest.raises(InputError, match="Say which file"):
        importers.run("open_names", None, folder)


def test_a_layer_without_postcodes_or_places_leaves_the_others_as_they_are(folder: Path, tmp_path: Path) -> None:
    tile = tmp_path / "tile.csv"
    tile.write_bytes(csv([ROAD]))
    plain = open_gazetteer(folder)
    importers.run("open_names", tile, folder)
    add_import(folder, "nothing", {}, {"counts": {}})
    held = open_gazetteer(folder)
    assert held.postcodes(["OL16 1LU"]).equals(plain.postcodes(["OL16 1LU"]))
    assert held.places("Rochdale") == plain.places("Rochdale") and held.near(389_700, 413_400) == plain.near(389_700, 413_400)
    assert held.on_land(389_700, 413_400).all() and len(held.uprns) == 0 and held.addresses is None
