"""`scoping prepare` and `scoping demo`: a fresh installation made ready."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import base
from commands.base import Add
from geo_data.errors import InputError
from settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from geo_data.keeping.store import Store


def register(add: Add) -> None:
    add("prepare", prepare, "make a fresh installation ready: gazetteer and demo data")

    add("address", address, "the whole address of the server that runs on this computer, with its token")

    sub = add("demo", demo, "replace the demo collection by a new invented world (SYNTHETIC)")
    sub.add_argument("--months", type=int, default=24, help="length in months (default 24)")
    sub.add_argument("--seed", type=int, default=1, help="another seed, another world (default 1)")
    sub.add_argument("--null", action="store_true", help="plant no hotspot: all that is then 'new' is chance")
    sub.add_argument("--csv", type=Path, metavar="FILE", help="also write the invented episodes as an import file")


def prepare(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Gazetteer, then demo data when the store holds none."""
    from geo_data import setup

    built = setup.ensure_gazetteer(settings.gazetteer_folder, base.progress(arguments))
    with base.open_store(arguments, settings, new=True) as store:
        made = not setup.demo_is_ready(store, settings.gazetteer_folder, settings.demo_map_folder)
        if made:
            _make_demo(arguments, settings, store)
        tell = base.progress(arguments) or (lambda fraction, text: None)
        tell(0.0, "Compiling the analysis, once: a minute or two")
        _compile(store.locations("demo"))
        tell(1.0, "Compiled")
    return {"gazetteer": "built" if built else "ready", "demo": "made" if made else "ready"}


def address(_arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Where the local server is, with the token that lets its user in; only that user can read the file it is kept in."""
    path = settings.home / "launch.token"
    if not path.is_file():
        raise InputError("No server has been started with this home folder.", fix="Start it: make run.")
    port, token = base.read(path).decode().split()
    return {"address": f"http://127.0.0.1:{port}/?token={token}"}


def demo(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Make an invented world; tells what was planted, so that it can be looked for."""
    if not 1 <= arguments.months <= 120:
        raise InputError("The demo covers 1 to 120 months.", where="--months")
    with base.open_store(arguments, settings, new=True) as store:
        made = _make_demo(arguments, settings, store, months=arguments.months, seed=arguments.seed, null=arguments.null)
    if arguments.csv:
        base.save(arguments.csv, made.episodes_csv, "--csv")
    return {"marking": "SYNTHETIC", **made.report.as_dict(), "planted": made.truth.to_dict("records")}


def _make_demo(arguments: argparse.Namespace, settings: Settings, store: Store, **world: Any) -> Any:
    from geo_data import setup

    setup.ensure_gazetteer(settings.gazetteer_folder, base.progress(arguments))
    return setup.make_demo(store, settings.gazetteer_folder, settings.demo_map_folder, now=datetime.now(UTC),
                           actor=base.actor(), progress=base.progress(arguments), **world)


def _compile(locations: pd.DataFrame) -> None:
    """Run the method once, so that its loops are compiled and on disk before the first user asks."""
    from scoping.parameters import Parameters
    from scoping.scope import scope
    from scoping.showing import disclosure

    disclosure.release(scope(locations, Parameters()))
