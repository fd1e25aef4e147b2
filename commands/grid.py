"""`scoping grid`: fixed squares, what is hot, and how it went."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from commands import base
from commands.base import Add
from geo_data.errors import InputError
from settings import Settings


def register(add: Add) -> None:
    sub = add("grid", grid, "fixed 500 m squares: what is hot beyond chance, and since when")
    sub.add_argument("--role", default="found", help="found, pickup or last_seen; several joined by commas (default found)")
    sub.add_argument("--window", default="rolling:91d:28d", help="month, rolling:91d:28d, days:28 ... (default rolling:91d:28d)")
    sub.add_argument("--variant", default="simple", help="simple, esri28 or esri3 (default simple)")
    sub.add_argument("--at", metavar="DATE", help="the window that holds this day and ends last (default: the last complete one)")
    sub.add_argument("--category", action="append", default=[], help="crime type of public sample data (may be repeated)")
    sub.add_argument("--collection", help="episodes, sample or demo (default: the first of these that holds data)")


def grid(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """The grid view; through the one door."""
    from scoping.change import grid as squares
    from scoping.parameters import Parameters, WindowScheme
    from scoping.showing import grid_view

    parameters = Parameters(roles=base.listed(arguments.role), window=WindowScheme.parse(arguments.window),
                            categories=tuple(arguments.category))
    with base.open_store(arguments, settings) as store:
        collection = base.collection(store, arguments.collection)
        locations = store.locations(collection)
    found = squares.grid(locations, parameters, date.today())
    release = grid_view.release_grid(found, base.rules(settings), variant=arguments.variant,
                                     window=_window(found, base.day(arguments.at, "--at")), synthetic=collection == "demo")
    return {"collection": collection, **grid_view.report(release)}


def _window(found: Any, at: date | None) -> int | None:
    """The last complete window that holds the day."""
    if at is None:
        return None
    edges = [found.windows.starts.tz_convert("Europe/London").date, found.windows.ends.tz_convert("Europe/London").date]
    held = [k for k, (start, end) in enumerate(zip(*edges, strict=True)) if start <= at < end and not found.windows.partial[k]]
    if not held:
        raise InputError("No complete window holds this day.", where="--at")
    return held[-1]
