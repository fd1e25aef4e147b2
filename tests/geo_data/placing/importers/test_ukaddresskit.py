from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import InputError
from geo_data.placing import importers
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.importers.chains import chains, circles
from tests.geo_data.placing.importers.conftest import Import

FILES = {
    "postcode_to_streets.csv": "postcode,street\nOL161LU,WEAVER ROW\nOL161PJ,WEAVER ROW\nNE18QH,WEAVER ROW\nZZ999ZZ,WEAVER ROW\n"
                               "OL161LU,ST LOOM'S ROAD\nOL161LU,12\n",
    "postcode_to_locality.csv": "postcode,locality\nOL161LU,BELFIELD\nOL161PJ,BELFIELD\nNE18QH,NEWCASTLE UPON TYNE\n",
    "locality_to_town.csv": "locality_key,town_city\nBELFIELD,ROCHDALE\nBELFIELD,LONDON\n",
    "postcode_district_to_town.csv": "postcode,town\nOL16,LITTLEBOROUGH\nOL16,ROCHDALE\nNE1,NEWCASTLE UPON TYNE\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The data files of the package in a folder of its name, with code that must never run."""
    root = tmp_path / "site" / "ukaddresskit"
    (root / "data" / "lookups").mkdir(parents=True)
    (root / "__init__.py").write_text("raise SystemExit('the package was imported')")
    for name, text in FILES.items():
        (root / "data" / "lookups" / name).write_text(text)
    return root


def test_streets_as_chains_of_postcodes(package: Path, import_: Import) -> None:
    about, held = import_("ukaddresskit", package)
    assert about["counts"] == {"pairs": 6, "pairs_placed": 4, "streets": 3, "names": 2, "localities": 0}
    assert "does not state the source" in about["licence"]
    here, there = (held.streets[row] for row in held.streets.find("Weaver Row"))
    assert (here.name, here.locality, here.town, here.sector, here.district) == (
        "Weaver Row", "Belfield", "Rochdale", "OL16 1", "E08000005")
    points = held.postcodes(["OL16 1LU", "OL16 1PJ"])
    assert abs(here.easting - points["easting"].mean()) <= 1 and here.radius_m >= 60
    assert there.town == there.locality == "Newcastle Upon Tyne" and there.sector == "NE1 8"
    assert held.streets[int(held.streets.find("Saint Looms Rd")[0])].name == "St Loom's Road"
    for area in ("Rochdale", "Littleborough", "Belfield", "OL16", "OL16 1", "E08000005"):
        assert len(held.streets.inside(area)) == 2


def test_localities_of_five_postcodes_are_places(package: Path, import_: Import) -> None:
    table = package / "data" / "lookups" / "postcode_to_locality.csv"
    some = "OL161AA OL161AB OL161AD OL161AE OL161AF OL161AG OL161AH OL161AJ OL161AL OL161AN".split()

    def held(count: int) -> Gazetteer:
        lines = [f"{text},WEAVER'S AMBLECOTE" for text in some[:count]] + ["ZZ99 9ZZ,WEAVER'S AMBLECOTE"]
        table.write_text("\n".join(["postcode,locality", *lines]))
        return import_("ukaddresskit", package)[1]

    known = held(0).postcodes(some)
    some[:] = known["postcode"][known["known"]].tolist()
    assert len(some) >= 5 and not held(4).places("Weavers Amblecote")
    (place,) = held(5).places("Weavers Amblecote")
    assert place.name == "Weaver's Amblecote" and abs(place.easting - known["easting"][known["known"]][:5].mean()) <= 1


def test_the_installed_package_is_read_and_never_imported(package: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = package.parent / "ukaddresskit-0.0.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ukaddresskit\nVersion: 0.0.5\n")
    with pytest.raises(InputError, match="make streets"):
        importers.run("ukaddresskit", None, folder)
    monkeypatch.syspath_prepend(str(package.parent))
    assert importers.run("ukaddresskit", None, folder)["counts"]["streets"] == 3
    assert "ukaddresskit" not in sys.modules
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ukaddresskit\nVersion: 0.0.6\n")
    with pytest.raises(InputError, match=r"Another version"):
        importers.run("ukaddresskit", None, folder)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_that_is_missing_or_of_another_shape_is_told(name: str, package: Path, import_: Import) -> None:
    (package / "data" / "lookups" / name).write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=name):
        import_("ukaddresskit", package)
    (package / "data" / "lookups" / name).unlink()
    with pytest.raises(InputError, match=name):
        import_("ukaddresskit", package)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 40)), max_size=40))
def test_points_are_in_one_chain_exactly_when_steps_join_them(rows: list[tuple[int, int, int]]) -> None:
    name, e, n = (np.array(column, dtype=float) for column in zip(*rows, strict=True)) if rows else (np.zeros(0),) * 3
    found = chains(name.astype(int), e, n, 5.0)
    group = list(range(len(rows)))
    for _ in rows:  # the slow way: lower numbers spread along the steps
        for i in range(len(rows)):
            for j in range(len(rows)):
                if name[i] == name[j] and np.hypot(e[i] - e[j], n[i] - n[j]) <= 5.0:
                    group[i] = group[j] = min(group[i], group[j])
    first = {root: number for number, root in enumerate(dict.fromkeys(group))}
    assert found.tolist() == [first[root] for root in group]


def test_a_circle_holds_nine_in_ten() -> None:
    e = np.append(np.arange(20.0) ** 2, 5_000.0)
    centre_e, centre_n, radius, first = circles(np.array([0] * 20 + [1]), e, np.zeros(21), least=60.0)
    assert centre_e.tolist() == [e[:20].mean(), 5_000] and centre_n.tolist() == [0, 0] and first.tolist() == [0, 20]
    inside = np.abs(e[:20] - e[:20].mean()) <= radius[0]
    assert 0.9 <= inside.mean() < 1 and radius[1] == 60


def test_the_real_package(import_: Import) -> None:
    path = os.environ.get("UKADDRESSKIT_FOLDER", "")
    if not path:
        pytest.skip("set UKADDRESSKIT_FOLDER to the folder of the package ukaddresskit 0.0.5")
    about, held = import_("ukaddresskit", Path(path))
    assert about["counts"]["streets"] > 700_000
    drake(held)


def drake(held: Gazetteer) -> None:
    inside = np.intersect1d(held.streets.find("Drake St"), held.streets.inside("Rochdale"))
    assert [round(held.streets[row].easting, -3) for row in inside] == [390_000]
