from __future__ import annotations

import numpy as np
import pytest

from geo_data.errors import InputError
from geo_data.placing import districts
from geo_data.placing.districts import around, codes_of, force_of, name_of
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.home import home


@pytest.mark.parametrize(("name", "codes"), [
    ("Rochdale", {"E08000005"}),
    ("E08000005", {"E08000005"}),
    ("Rochdale Metropolitan Borough Council", {"E08000005"}),
    ("London Borough of Camden", {"E09000007"}),
    ("Bristol City Council", {"E06000023"}),
    ("Newcastle City Council", {"E08000021"}),
    ("City of London Police", {"E09000001"}),
    ("Durham Constabulary", {"E06000005", "E06000047"}),
    ("Northumbria Police", {"E06000057", "E08000021", "E08000022", "E08000023", "E08000024", "E08000037"}),
    ("Tyne and Wear", {"E08000021", "E08000022", "E08000023", "E08000024", "E08000037"}),
    ("GMP", {f"E080000{number:02d}" for number in range(1, 11)}),
    ("E23000007", {"E06000057", "E08000021", "E08000022", "E08000023", "E08000024", "E08000037"}),
    ("E10000034", {"E07000234", "E07000235", "E07000236", "E07000237", "E07000238", "E07000239"}),  # Worcestershire
    ("E10000023", {"E06000014", "E06000065"}),  # abolished
    ("Atlantis", set()),
    ("", set()),
    ("Police", set()),
])
def test_codes_of_a_name(name: str, codes: set[str]) -> None:
    assert codes_of(name) == codes


def test_every_district_of_england_and_wales_is_in_the_table(gazetteer: Gazetteer) -> None:
    held = [code for code in gazetteer.base.arrays["districts"].tolist() if code[:1] in ("E", "W") and code[1:].isdigit()]
    held = [code for code in held if not code.endswith("99999999")]
    assert len(held) > 300
    assert [code for code in held if name_of(code) == code] == []


def test_every_code_of_a_force_and_of_a_county_has_districts() -> None:
    forces = [f"E23{number:06d}" for number in range(1, 40)] + [f"W15{number:06d}" for number in range(1, 5)]
    held = [code for force in forces for code in codes_of(force)]
    assert len(held) == len(set(held)) > 300  # no district in two forces
    assert all(codes_of(force_of(code)) == codes_of(force) for force in forces for code in codes_of(force))
    assert all(code[:3] == "E07" for code in codes_of("E10000012"))
    assert around("E08000005") == codes_of("Greater Manchester Police")
    assert around("E06999901") == around("") == frozenset()
    assert force_of("E06999901") == ""


def test_levels_fall_with_distance(gazetteer: Gazetteer) -> None:
    own = home("Rochdale", gazetteer)
    e, n = np.array([389_700.0, 384_000.0, 530_000.0]), np.array([413_300.0, 398_000.0, 180_000.0])
    assert own.level(e, n).tolist() == [0, 1, 2]  # Rochdale, Manchester, London
    box = home((380_000, 390_000, 395_000, 420_000), gazetteer)
    assert box.level(e, n).tolist() == [0, 0, 2]
    for area in (own, box):
        assert [area.level_at(*at) for at in zip(e.tolist(), n.tolist(), strict=True)] == area.level(e, n).tolist()


def test_an_area_is_worked_out_once_for_a_gazetteer(gazetteer: Gazetteer) -> None:
    assert home("Rochdale", gazetteer) is home(["Rochdale"], gazetteer) is not home("Rochdale", gazetteer, "ours")
    assert home("Rochdale", gazetteer, "ours").name == "ours"


@pytest.mark.parametrize("area", ["Atlantis", [], ["Rochdale", "Atlantis"]])
def test_an_unknown_area_is_refused(gazetteer: Gazetteer, area: str | list[str]) -> None:
    with pytest.raises(InputError):
        home(area, gazetteer)


@pytest.mark.parametrize(("name", "code"), [
    ("Rochdale", "E08000005"), ("ROCHDALE MBC", "E08000005"), ("London Borough of Barking & Dagenham", "E09000002"),
    ("Durham County Council", "E06000047"), ("Lancashire", "E10000017"), ("Leicester City Council", "E06000016"),
    ("Hull City Council", "E06000010"), ("Newcastle City Council", "E08000021"), ("Blackburn", "E06000008"),
    ("City of London", "E09000001"), ("Richmond", "E09000027"),
    ("London", ""), ("Kingston", ""), ("Newcastle", ""), ("Forest", ""), ("Central", ""), ("Test", ""),
    ("Greater Manchester", ""), ("Council", ""), ("out of area", ""), ("", "")])
def test_an_authority_is_known_by_the_names_that_exports_give_it(name: str, code: str) -> None:
    assert districts.code_of(name) == code


def test_every_district_is_known_by_its_name() -> None:
    renumbered, london = ("E08000016", "E08000019"), "E09000001"  # "London Council" is nobody
    names = {code: name for code, name in districts._table()[0].items() if code not in (*renumbered, london)}
    assert {code: districts.code_of(f"{name} Council") for code, name in names.items()} == {code: code for code in names}
