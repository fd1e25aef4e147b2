"""`scoping hotspots`: the whole method."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import base
from commands.answers import as_json
from commands.base import Add
from geo_data.errors import InputError
from settings import Settings

if TYPE_CHECKING:
    from scoping.parameters import Parameters


def register(add: Add) -> None:
    sub = add("hotspots", hotspots, "cluster a role over windows and follow each hotspot")
    dials(sub, window="month")
    sub.add_argument("--chance", type=int, default=0, metavar="RUNS",
                     help="also count what chance alone gives, from RUNS shuffles of the dates")
    sub.add_argument("--method", choices=("st-dbscan", "hdbscan"),
                     help="also set each window's clusters beside those of another method, as counts")
    sub.add_argument("--within-days", type=int, default=14, metavar="DAYS",
                     help="with --method st-dbscan: how near in time two places must be (default 14)")
    sub.add_argument("--out", type=Path, metavar="FILE.geojson", help="write hotspots as unions of 500 m cells")
    sub.add_argument("--labels", type=Path, metavar="FILE.csv",
                     help="write every location's label (true places: handle as the data)")


def dials(sub: argparse.ArgumentParser, *, window: str) -> None:
    """The analyst's dials as options; `window` is the default scheme."""
    sub.add_argument("--role", default="found", help="found, pickup or last_seen; several joined by commas (default found)")
    sub.add_argument("--eps-m", type=float, default=250.0, help="radius in metres (default 250)")
    sub.add_argument("--min-children", type=int, default=5,
                     help="least distinct children, or episodes with --count episodes (default 5)")
    sub.add_argument("--enter-extra", type=int, default=2, help="how many more a new hotspot needs (default 2; 0 for none)")
    sub.add_argument("--count", choices=("children", "episodes"), default="children")
    sub.add_argument("--window", default=window,
                     help=f"month, rolling:91d:28d, days:28 or custom:DATE..DATE,... (default {window})")
    sub.add_argument("--from", dest="start", metavar="DATE", help="first day, YYYY-MM-DD")
    sub.add_argument("--to", dest="end", metavar="DATE", help="day after the last, YYYY-MM-DD")
    sub.add_argument("--strand", default="", help="home, care, education, other; joined by commas (default all)")
    sub.add_argument("--age-band", default="", help="0-9, 10-11, 12-14, 15-17; joined by commas (default all)")
    sub.add_argument("--place-type", default="", help="codes of the data dictionary, joined by commas (default all)")
    sub.add_argument("--category", action="append", default=[], help="crime type of public sample data (may be repeated)")
    sub.add_argument("--keep-left-out", action="store_true", help="count own addresses, police stations ... too")
    sub.add_argument("--collection", help="episodes, sample or demo (default: the first of these that holds data)")


def parameters_of(arguments: argparse.Namespace) -> Parameters:
    from scoping.parameters import Parameters, WindowScheme

    return Parameters(
        roles=base.listed(arguments.role), eps_m=arguments.eps_m, min_children=arguments.min_children,
        enter_extra=arguments.enter_extra, count=arguments.count,
        window=WindowScheme.parse(arguments.window), start=base.day(arguments.start, "--from"), end=base.day(arguments.end, "--to"),
        strands=base.listed(arguments.strand), age_bands=base.listed(arguments.age_band),
        place_types=base.listed(arguments.place_type), categories=tuple(arguments.category), keep_left_out=arguments.keep_left_out,
    )


def hotspots(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """The whole method: windows, clusters, identity; through the one door."""
    from geo_data.grid import to_wgs84
    from geo_data.placing.naming import describe
    from scoping.scope import labels_frame, scope
    from scoping.showing import disclosure, report, views

    if arguments.chance < 0:
        raise InputError("The number of shuffles cannot be negative.", where="--chance")
    parameters = parameters_of(arguments)
    clock = {"start": time.perf_counter()}  # when each stage ended

    def ended(stage: str) -> None:
        clock[stage] = time.perf_counter()

    with base.open_store(arguments, settings) as store:
        collection = base.collection(store, arguments.collection)
        locations = store.locations(collection)
        if arguments.out or arguments.labels:
            store.note(base.actor(), "export", {"collection": collection, "cells": bool(arguments.out),
                                                "true places": bool(arguments.labels)})
    ended("load")
    today = date.today()
    scoped = scope(locations, parameters, today, ended)
    release = disclosure.release(scoped, base.rules(settings), synthetic=collection == "demo")
    places = report.names(release, partial(describe, base.gazetteer(settings)))
    ended("summarise")
    answer = {"collection": collection, **report.report(release, places)}
    if arguments.json:
        answer |= _effort(clock) | {"points": len(scoped.points), "windows": len(scoped.windows)}
    if arguments.chance:
        from scoping.change import calibrate

        tell = base.counter(arguments, "Shuffle")
        chance = calibrate.expected_changes(locations, parameters, runs=arguments.chance, today=today, progress=tell)
        answer["expected_by_chance"] = chance.to_dict("records")
    if arguments.method:
        from scoping.clustering.alternatives import compare

        beside = compare(scoped.clusters, parameters, arguments.method, within_days=arguments.within_days).as_dict()
        for row in beside["windows"]:
            row["window"] = scoped.windows.labels[row["window"]]
        answer["comparison"] = beside
    if arguments.out:
        base.save(arguments.out, json.dumps(as_json(views.geojson(release, to_wgs84))).encode(), "--out")
    if arguments.labels:
        labels = labels_frame(scoped)
        for edge in ("window_start", "window_end"):  # local time with its offset: a window starts at local midnight
            labels[edge] = labels[edge].dt.tz_convert("Europe/London").astype("str")
        base.save(arguments.labels, labels.to_csv(index=False).encode(), "--labels")
    return answer


def _effort(clock: Mapping[str, float]) -> dict[str, Any]:
    """Wall seconds of each stage, from when each ended, and the most memory the process has held."""
    stages = pairwise(clock.items())
    each = {f"{stage}_s": round(until - since, 4) for (_, since), (stage, until) in stages}
    each["total_s"] = round(clock["summarise"] - clock["start"], 4)
    try:
        import resource
    except ImportError:  # Windows does not tell
        return {"timing": each, "peak_mb": None}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, else KiB
    return {"timing": each, "peak_mb": round(peak / (2**20 if sys.platform == "darwin" else 2**10))}
