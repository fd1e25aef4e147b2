"""The invented county and its worlds, drawn once for all tests that need them."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import pandas as pd

from geo_data.demo.county import County, county
from geo_data.demo.synthetic import World, world


@cache
def the_county() -> County:
    return county(1)


@cache
def the_world(months: int = 24, null: bool = False) -> World:
    return world(the_county(), months=months, null=null)


@cache
def the_episodes(null: bool = False) -> pd.DataFrame:
    return read(the_world(null=null))


def read(made: World) -> pd.DataFrame:
    """The file as text, '' for an empty cell."""
    return pd.read_csv(BytesIO(made.episodes_csv), dtype=str, keep_default_na=False)
