"""A gazetteer of its own for each test: the national base, linked and not copied."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo_data.placing import importers
from geo_data.placing.gazetteer import Gazetteer, open_gazetteer


@pytest.fixture
def folder(gazetteer_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(gazetteer_folder, tmp_path / "gazetteer", copy_function=os.link))


Import = Callable[[str, Path], tuple[dict[str, Any], Gazetteer]]


@pytest.fixture
def import_(folder: Path) -> Import:
    """Import a file and open the gazetteer."""

    def call(kind: str, path: Path) -> tuple[dict[str, Any], Gazetteer]:
        return importers.run(kind, path, folder), open_gazetteer(folder)

    return call
