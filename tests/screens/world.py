"""The demonstration, made once for a test run as a person would make it: gazetteer, county, map, episodes."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest
from pytest import MonkeyPatch

from geo_data import setup
from geo_data.placing import gazetteer
from screens import demo, session
from tests.geo_data.county import the_county
from tests.kept import kept

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = ["<img src=x onerror=window.xss=1>", "</script><script>window.xss=1</script>", "${window.xss=1}", "`;window.xss=1;`",
           "{{7*7}}", "{% raw %}", "![x](http://outside.example/beacon.png)", '"];window.xss=1;["', "<svg onload=window.xss=1>"]


def point_at(home: Path, patch: MonkeyPatch) -> None:
    """Make this process use `home`."""
    patch.setenv("SCOPING_HOME", str(home))
    point_nowhere()


def point_nowhere() -> None:
    """Forget what the process has opened."""
    for opened in (session.settings, session.opened, session.kept, session._gazetteer):
        opened.cache_clear()


def demo_home(config: pytest.Config) -> Path:
    """The home folder of a finished demonstration, kept until the code that makes it changes. Read only."""
    return kept(config, f"demo-{made_by(ROOT / 'screens' / 'demo.py')}", _make)


def made_by(*files: Path) -> str:
    """A number that changes with the code that makes the demonstration, and with `files`."""
    code = sorted([*ROOT.glob("geo_data/**/*.py"), *ROOT.glob("geo_data/**/*.toml"), *files])
    return hashlib.sha256(b"".join(path.read_bytes() for path in code)).hexdigest()[:12]


def _make(home: Path) -> None:
    with MonkeyPatch.context() as patch:
        point_at(home, patch)
        patch.setattr(setup, "_county", the_county)  # drawn already for other tests
        demo.load(lambda fraction, text: None)
        session.store().close()
    point_nowhere()


def hostile_home(config: pytest.Config, home: Path) -> Path:
    """The demonstration with place names that try to run as code; the caller's own copy in `home`."""
    demo = demo_home(config)

    def make(whole: Path) -> None:
        shutil.copytree(demo, whole, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".lock", ".made"))
        drawn = the_county()
        where = drawn.postcodes.iloc[::12]  # everywhere, so that no hotspot keeps a friendly name
        names = [HOSTILE[i % len(HOSTILE)] for i in range(len(where))]
        places = pd.DataFrame({"name": names, "easting": where["easting"].to_numpy(), "northing": where["northing"].to_numpy(),
                               "population": 90_000})
        gazetteer.add_layer(whole / "gazetteer", "hostile", drawn.postcodes.head(1), places, "test")

    made = kept(config, f"hostile-{made_by(ROOT / 'screens' / 'demo.py', Path(__file__))}", make)
    return shutil.copytree(made, home, dirs_exist_ok=True)
