from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
from PIL import Image

from geo_data.errors import InputError
from geo_data.ground.basemap import ZOOMS, labels, texture_tile
from geo_data.placing.gazetteer import Gazetteer


def tile_of(z: int, lat: float, lon: float) -> tuple[int, int, int]:
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return z, int((lon + 180) / 360 * 2**z), int(y * 2**z)


def opacity(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))[:, :, 3]


NEWCASTLE, NORTH_SEA = (54.975, -1.61), (55.5, 2.0)


@pytest.mark.parametrize("z", list(ZOOMS))
def test_a_town_is_drawn_and_the_sea_is_not(gazetteer: Gazetteer, z: int) -> None:
    town = texture_tile(gazetteer, *tile_of(z, *NEWCASTLE))
    assert opacity(town).shape == (256, 256)
    assert 20 < opacity(town).max() < 255
    if z > 6:
        sea = texture_tile(gazetteer, *tile_of(z, *NORTH_SEA))
        assert opacity(sea).max() == 0
        assert sea == texture_tile(gazetteer, z, 0, 0, dark=True)


def test_the_same_tile_is_the_same_bytes_and_dark_is_another(gazetteer: Gazetteer) -> None:
    tile = tile_of(13, *NEWCASTLE)
    assert texture_tile(gazetteer, *tile) == texture_tile(gazetteer, *tile)
    assert texture_tile(gazetteer, *tile) != texture_tile(gazetteer, *tile, dark=True)


@pytest.mark.parametrize("z", [8, 11, 14, 16])
def test_tiles_meet_without_a_seam(gazetteer: Gazetteer, z: int) -> None:
    z, x, y = tile_of(z, *NEWCASTLE)
    left, right = (opacity(texture_tile(gazetteer, z, x + i, y)).astype(int) for i in (0, 1))
    across = np.abs(left[:, -1] - right[:, 0]).mean()
    within = np.abs(np.diff(np.hstack([left[:, -20:], right[:, :20]]), axis=1)).mean()
    assert across <= 3 * within + 1


def test_marks_lie_where_the_postcodes_are(gazetteer: Gazetteer) -> None:
    """The Town Moor in Newcastle is open grass; Jesmond beside it is all streets."""
    moor = opacity(texture_tile(gazetteer, *tile_of(15, 54.9865, -1.625))).mean()
    jesmond = opacity(texture_tile(gazetteer, *tile_of(15, 54.990, -1.603))).mean()
    assert jesmond > 4 * moor


@pytest.mark.parametrize("tile", [(4, 1, 1), (17, 1, 1), (8, -1, 3), (8, 256, 3), (8, 3, 256)])
def test_a_tile_that_does_not_exist_is_refused(gazetteer: Gazetteer, tile: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match="no such tile"):
        texture_tile(gazetteer, *tile)


def test_labels_are_compact_and_british(gazetteer: Gazetteer) -> None:
    data = labels(gazetteer)
    rows = json.loads(data)
    assert len(data) < 400_000 and len(rows) > 5_000
    assert rows[0][0] == "London" and rows[0][3] > 8_000_000
    assert all(49.5 < lat < 61 and -9 < lon < 2 for _, lat, lon, _ in rows)
    assert not {"Belfast", "Akrotiri"} & {row[0] for row in rows}
