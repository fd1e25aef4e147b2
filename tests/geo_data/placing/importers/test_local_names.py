from __future__ import annotations

from pathlib import Path

import pytest

from geo_data.errors import InputError
from tests.geo_data.placing.importers.conftest import Import

GOOD = """Alias,Easting,Northing,Latitude,Longitude,Postcode,Type,Precision_m
The Rec,390000,413000,,,,park_open_space,120
Asda's,,,53.6155,-2.1561,,shopping_leisure,
Top shop,,,,,OL16 1LU,shopping_leisure,
"""


def test_a_list_by_metres_degrees_and_postcode(tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "names.csv"
    path.write_text(GOOD)
    about, held = import_("local_names", path)
    assert about["counts"] == {"rows": 3, "features": 3}
    rec, asda, shop = (held.features[int(held.features.find(text)[0])] for text in ("the rec", "ASDAS", "Top Shop"))
    assert (rec.easting, rec.radius_m, rec.kind, rec.source) == (390_000, 120, "park_open_space", "local_names")
    assert abs(asda.easting - 389_769) < 5 and asda.radius_m == 50
    assert shop.radius_m == 60 and abs(shop.easting - held.postcodes(["OL16 1LU"])["easting"][0]) < 1


@pytest.mark.parametrize(("before", "after", "rule"), [
    ("390000,413000", "390000,north", "row 2: Northing is not a number"),
    ("390000,413000", "690000,690000", "row 2: There is no point on land"),
    ("OL16 1LU", "ZZ99 9ZZ", "row 4: There is no point on land"),
    ("park_open_space", "somewhere", "row 2: The type is no place type"),
    ("The Rec", "", "row 2: The alias is blank"),
    (",120", ",90000", "row 2: Precision_m is not between"),
    ("Alias", "Nickname", "not a list of local names"),
    ("shopping_leisure,\nTop", "shopping_leisure\nTop", "row 3: 7 cells"),
])
def test_a_wrong_row_refuses_the_list(before: str, after: str, rule: str, tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "names.csv"
    path.write_text(GOOD.replace(before, after))
    with pytest.raises(InputError, match=rule):
        import_("local_names", path)
