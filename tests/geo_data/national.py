"""The national gazetteer, built once for all tests that need it, in whichever test process."""

from __future__ import annotations

from pathlib import Path

from geo_data.placing.gazetteer import build
from tests.kept import ROOT, kept, number

_MADE_BY = ("placing/gazetteer", "placing/gazetteer_build", "placing/array_folder", "grid", "placing/land", "ground/mercator",
            "placing/postcode", "text_column", "placing/settlement")


def the_gazetteer() -> Path:
    """Its folder, kept until the code that builds it changes. Read only."""
    return kept(f"gazetteer-{number(ROOT / 'geo_data' / f'{name}.py' for name in _MADE_BY)}", build)
