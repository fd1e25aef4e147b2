"""A fresh installation is made ready, and an old one ready again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from geo_data import setup
from geo_data.errors import GazetteerError
from geo_data.placing.gazetteer import open_gazetteer
from tests.geo_data.county import the_county


def test_a_demo_layer_of_another_version_keeps_no_real_data_from_being_located(gazetteer_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "gazetteer"
    shutil.copytree(gazetteer_folder, folder)
    setup._add_layer(folder, the_county())
    described = folder / "layer_demo.json"
    described.write_text(json.dumps(json.loads(described.read_text()) | {"format": 0}))
    with pytest.raises(GazetteerError):
        open_gazetteer(folder)
    assert setup.ensure_gazetteer(folder)
    assert open_gazetteer(folder).postcodes(["QX1 1AA"])["known"].all()
    assert not setup.ensure_gazetteer(folder)
