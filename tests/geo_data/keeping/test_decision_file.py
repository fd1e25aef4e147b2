"""Decisions as a file: out and in again they are the same; what is wrong is refused with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from geo_data.errors import InputError
from geo_data.keeping import decision_file
from geo_data.keeping.decided import Decided, Ruling
from geo_data.keeping.store import Store
from geo_data.placing import importers
from geo_data.placing.gazetteer import Gazetteer, open_gazetteer
from tests.geo_data.keeping.test_decided import PIN, by_text

SAID = [Ruling("the chippy", "pin", alias=True, location_type="takeaway_food", note="pin near Newcastle", **PIN),
        Ruling("mate's house", "no_place"),
        Ruling("=cmd()", "typed", area="E06000057", **(PIN | {"precision_m": 1_000.0, "tier": "P4"}))]


def kept(ready_url: str) -> Store:
    store = Store(ready_url)
    Decided(store).decide("ann", SAID, by_text, synthetic=False)
    return store


def test_what_is_written_is_read_back(sqlite_url: str, gazetteer: Gazetteer) -> None:
    with kept(sqlite_url) as store:
        back = decision_file.read(decision_file.write(Decided(store).current(synthetic=False)), "d.csv", gazetteer)
    for told, said in zip(back, SAID, strict=True):
        # as texts: a missing point is equal to itself in a text alone
        assert repr(told.decision()) == repr(said.decision())
        assert (told.alias, told.location_type) == (said.alias, said.location_type)


def test_local_names_are_taken_by_their_importer(sqlite_url: str, gazetteer_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(gazetteer_folder, tmp_path / "gazetteer")
    with kept(sqlite_url) as store:
        (tmp_path / "names.csv").write_bytes(decision_file.local_names(Decided(store).current(synthetic=False)))
    assert importers.run("local_names", tmp_path / "names.csv", folder)["counts"]["features"] == 1
    assert [len(table) for table in open_gazetteer(folder).features.tables if table.source == "local_names"] == [1]


def test_a_list_of_local_names_is_a_list_of_decisions(gazetteer: Gazetteer) -> None:
    told = decision_file.read(b"alias,type,postcode\nthe chippy,takeaway_food,NE1 4LP\n", "names.csv", gazetteer)
    assert told[0].tier in ("P2", "P4") and told[0].easting is not None


@pytest.mark.parametrize(("line", "says"), [
    ("the chippy,,,", "no point on land"), ("the chippy,1,1,", "no point on land"), (",425000,564000,", "needs a text"),
    ("the chippy,x,564000,", "not a number"), ("the chippy,425000,564000,0", "the precision is not"),
])
def test_a_wrong_row_refuses_the_file_with_its_line(line: str, says: str, gazetteer: Gazetteer) -> None:
    text = f"alias,easting,northing,precision_m\nfine,425000,564000,50\n{line}\n"
    with pytest.raises(InputError, match=f"(?i){says}") as caught:
        decision_file.read(text.encode(), "d.csv", gazetteer)
    assert "row 3" in caught.value.where and "chippy" not in str(caught.value)


def test_another_file_is_refused(gazetteer: Gazetteer) -> None:
    with pytest.raises(InputError, match="no list of decisions"):
        decision_file.read(b"a,b\n1,2\n", "d.csv", gazetteer)
