"""`scoping scan`: alerts for new places."""

from __future__ import annotations

import argparse
from datetime import date
from functools import partial
from typing import Any

from commands import base
from commands.base import Add
from geo_data.errors import InputError
from settings import Settings


def register(add: Add) -> None:
    sub = add("scan", scan, "alerts: places where children newly gather, by weekly scan")
    sub.add_argument("--at", metavar="DATE", help="last day that is looked at (default: the last with a record)")
    sub.add_argument("--weeks", type=int, default=1, help="scan this many weeks up to it, to say since when a place is flagged")
    sub.add_argument("--role", default="found", help="found, pickup or last_seen; several joined by commas (default found)")
    sub.add_argument("--runs", type=int, default=999, help="permutations of the dates (default 999)")
    sub.add_argument("--seed", type=int, default=0, help="another seed, other permutations (default 0)")
    sub.add_argument("--all", action="store_true", help="also list circles that are within chance")
    sub.add_argument("--collection", help="episodes, sample or demo (default: the first of these that holds data)")


def scan(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """The weekly scan; through the one door."""
    from geo_data.placing.naming import describe
    from scoping.change.scan import ScanSettings, weekly
    from scoping.parameters import Parameters
    from scoping.showing import alerts

    parameters = Parameters(roles=base.listed(arguments.role))
    dials = ScanSettings(runs=arguments.runs, seed=arguments.seed)
    if not 1 <= arguments.weeks <= 104:
        raise InputError("The scan covers 1 to 104 weeks.", where="--weeks")
    if arguments.seed < 0:
        raise InputError("A seed is not negative.", where="--seed")
    with base.open_store(arguments, settings) as store:
        collection = base.collection(store, arguments.collection)
        locations = store.locations(collection)
    tell = base.counter(arguments, "Week")
    series = weekly(locations, parameters, base.day(arguments.at, "--at"), arguments.weeks, settings=dials,
                    today=date.today(), progress=tell)
    release = alerts.release_alerts(series, base.rules(settings), synthetic=collection == "demo",
                                    within_chance=arguments.all)
    places = alerts.names(release, partial(describe, base.gazetteer(settings)))
    return {"collection": collection, **alerts.report(release, places)}
