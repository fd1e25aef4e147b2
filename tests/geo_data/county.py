"""The invented county and its worlds, drawn once for all tests that need them, in whichever test process."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from geo_data.demo import county_map
from geo_data.demo.county import County, county
from geo_data.demo.synthetic import World, world
from tests.kept import ROOT, kept, number


@cache
def the_county() -> County:
    drawn: County = _kept("county", lambda: county(1))
    return drawn


@cache
def the_world(months: int = 24, null: bool = False) -> World:
    invented: World = _kept(f"world-{months}-{null}", lambda: world(the_county(), months=months, null=null))
    return invented


@cache
def the_map() -> Path:
    """The folder of its base map, written over what a writing before left, whole and half."""
    def make(whole: Path) -> None:
        (whole / "map").mkdir()
        for name in ("land.pmtiles", "map.json", "unfinished-land.pmtiles"):
            (whole / "map" / name).write_bytes(b"half")
        county_map.write_map(the_county(), whole / "map")

    return kept(f"map-{_code()}", make) / "map"


def _code() -> str:
    return number(sorted([*ROOT.glob("geo_data/demo/*.py"), *ROOT.glob("geo_data/*.py"), ROOT / "requirements.txt"]))


def _kept(name: str, make: Callable[[], Any]) -> Any:
    """What `make` gives, kept beside pytest's other folders until the code that invents it changes."""
    folder = ROOT / ".pytest_cache" / "d" / f"county-{_code()}"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            half = file.with_suffix(".half")
            half.write_bytes(pickle.dumps(make()))
            half.replace(file)
    return pickle.loads(file.read_bytes())  # noqa: S301 - written above


@cache
def the_episodes(null: bool = False) -> pd.DataFrame:
    return read(the_world(null=null))


def read(made: World) -> pd.DataFrame:
    """The file as text, '' for an empty cell."""
    return pd.read_csv(BytesIO(made.episodes_csv), dtype=str, keep_default_na=False)
