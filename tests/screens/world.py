"""The demonstration, made once for a test run as a person would make it: gazetteer, county, map, episodes."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from screens import demo, session

HOSTILE = ["<img src=x onerror=window.xss=1>", "</script><script>window.xss=1</script>", "${window.xss=1}", "`;window.xss=1;`",
           "{{7*7}}", "{% raw %}", "![x](http://outside.example/beacon.png)", '"];window.xss=1;["', "<svg onload=window.xss=1>"]


def point_at(home: Path) -> None:
    """Make this process use `home`."""
    os.environ["SCOPING_HOME"] = str(home)
    for kept in (session.settings, session.store, session._gazetteer):
        kept.cache_clear()


@cache
def demo_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="scoping-demo-"))
    before = os.environ.get("SCOPING_HOME")
    point_at(home)
    demo.load(lambda fraction, text: None)
    session.store().close()
    if before is None:
        del os.environ["SCOPING_HOME"]
    else:
        os.environ["SCOPING_HOME"] = before
    return home


@cache
def hostile_home() -> Path:
    """The demonstration with place names that try to run as code."""
    from geo_data import gazetteer
    from geo_data.county import county
    home = Path(tempfile.mkdtemp(prefix="scoping-hostile-"))
    shutil.copytree(demo_home(), home, dirs_exist_ok=True)
    drawn = county()
    where = drawn.postcodes.iloc[::12]  # everywhere, so that no hotspot keeps a friendly name
    names = [HOSTILE[i % len(HOSTILE)] for i in range(len(where))]
    places = pd.DataFrame({"name": names, "easting": where["easting"].to_numpy(), "northing": where["northing"].to_numpy(),
                           "population": 90_000})
    gazetteer.add_layer(home / "gazetteer", "hostile", drawn.postcodes.head(1), places, "test")
    return home


@pytest.fixture(scope="session")
def demo_folder() -> Path:
    return demo_home()
