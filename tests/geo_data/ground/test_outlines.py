"""Coast and districts from postcodes: land where houses are, sea where none are near, borders between."""

import json
from types import SimpleNamespace

import numpy as np

from geo_data.ground import outlines
from geo_data.placing import land


def gazetteer(e, n, district):
    e, n = np.asarray(e, dtype=np.int32), np.asarray(n, dtype=np.int32)
    arrays = {"postcode_e": e, "postcode_n": n, "postcode_district": np.asarray(district, dtype=np.uint16),
              "land": land.mask(e, n)}
    return SimpleNamespace(base=SimpleNamespace(arrays=arrays))


def block(west, district):
    east, north = np.meshgrid(np.arange(west, west + 8_000, 500), np.arange(300_000, 308_000, 500))
    return east.ravel() + 100, north.ravel() + 100, np.full(east.size, district)


def test_two_districts_are_one_land_with_a_border_between():
    parts = [block(400_000, 1), block(408_000, 2)]
    e, n, code = (np.concatenate(each) for each in zip(*parts, strict=True))
    found = json.loads(outlines.outlines(gazetteer(e, n, code)))
    assert len(found["land"]) == 1 and len(found["borders"]) == 1
    cells = outlines.districts(gazetteer(e, n, code))
    assert set(np.unique(cells)) == {-1, 1, 2}
    assert cells[604, 803] == 1 and cells[604, 825] == 2 and cells[604, 700] == -1


def test_no_postcodes_make_no_land():
    assert json.loads(outlines.outlines(gazetteer([], [], []))) == {"land": [], "borders": []}
