"""The demonstration, made once for a test run as a person would make it: gazetteer, county, map, episodes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pandas as pd

from geo_data import setup
from geo_data.demo import county_map
from geo_data.placing import gazetteer
from screens import demo, session
from tests.geo_data.county import the_county, the_map
from tests.geo_data.national import the_gazetteer
from tests.kept import ROOT, copied, kept, number

if TYPE_CHECKING:
    from pytest import MonkeyPatch

HOSTILE = ["<img src=x onerror=window.xss=1>", "</script><script>window.xss=1</script>", "${window.xss=1}", "`;window.xss=1;`",
           "{{7*7}}", "{% raw %}", "![x](http://outside.example/beacon.png)", '"];window.xss=1;["', "<svg onload=window.xss=1>"]


def point_at(home: Path, patch: MonkeyPatch) -> None:
    """Make this process use `home`."""
    patch.setenv("SCOPING_HOME", str(home))
    point_nowhere()


def point_nowhere() -> None:
    """Forget what the process has opened, and give back its connections: Python 3.13 warns of one that is lost open."""
    if session.opened.cache_info().currsize:
        session.opened().close()
    for opened in (session.settings, session.opened, session.kept, session._gazetteer):
        opened.cache_clear()


def demo_home() -> Path:
    """The home folder of a finished demonstration, kept until the code that makes it changes. Read only."""
    return kept(f"demo-{made_by(ROOT / 'screens' / 'demo.py')}", _make)


def made_by(*files: Path) -> str:
    """A number that changes with the code that makes the demonstration, and with `files`."""
    return number(sorted([*ROOT.glob("geo_data/**/*.py"), *ROOT.glob("geo_data/**/*.toml"), *files]))


def _make(home: Path) -> None:
    national, drawn = the_gazetteer(), the_map()  # these and the county are there for other tests as well
    with (patch.dict(os.environ, SCOPING_HOME=str(home)), patch.object(setup, "_county", the_county),
          patch.object(gazetteer, "build", lambda folder, progress: copied(national, folder)),
          patch.object(county_map, "write_map", lambda _land, folder: copied(drawn, folder))):
        point_nowhere()
        demo.load(lambda fraction, text: None)
        session.store().close()
    point_nowhere()


def hostile_home(home: Path) -> Path:
    """The demonstration with place names that try to run as code; the caller's own copy in `home`."""
    demo = demo_home()

    def make(whole: Path) -> None:
        copied(demo, whole)
        drawn = the_county()
        where = drawn.postcodes.iloc[::12]  # everywhere, so that no hotspot keeps a friendly name
        names = [HOSTILE[i % len(HOSTILE)] for i in range(len(where))]
        places = pd.DataFrame({"name": names, "easting": where["easting"].to_numpy(), "northing": where["northing"].to_numpy(),
                               "population": 90_000})
        gazetteer.add_layer(whole / "gazetteer", "hostile", drawn.postcodes.head(1), places, "test")

    made = kept(f"hostile-{made_by(ROOT / 'screens' / 'demo.py', Path(__file__))}", make)
    return shutil.copytree(made, home, dirs_exist_ok=True)
