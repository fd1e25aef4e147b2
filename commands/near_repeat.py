"""`scoping near-repeat`: do events near in space come near in time, too?"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import base, point_file
from commands.base import Add
from geo_data.errors import InputError
from settings import Settings

if TYPE_CHECKING:
    from scoping.change.near_repeat import Table


def register(add: Add) -> None:
    sub = add("near-repeat", near_repeat, "pairs near in space and time, against chance (a file, or the episodes held)")
    sub.add_argument("file", nargs="?", type=Path, metavar="FILE", help="CSV of dated points (default: the episodes held)")
    sub.add_argument("--x", help="column of easting or longitude; a number from 1 when the file has no header")
    sub.add_argument("--y", help="column of northing or latitude")
    sub.add_argument("--date", help="column of the date, YYYY-MM-DD")
    sub.add_argument("--child", help="column that tells children apart: pairs of one child are not counted")
    sub.add_argument("--bands", default="1,100,200,300,400", help="edges of distance in metres (default 1,100,200,300,400)")
    sub.add_argument("--days", default="7,14,21,28", help="edges of time in days (default 7,14,21,28)")
    sub.add_argument("--manhattan", action="store_true", help="distances along the axes, as the Near Repeat Calculator has them")
    sub.add_argument("--role", default="found", help="of the episodes held: found, pickup or last_seen (default found)")
    sub.add_argument("--runs", type=int, default=999, help="permutations of the dates (default 999)")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--collection", help="episodes, sample or demo (default: the first of these that holds data)")


def near_repeat(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """The table of pairs, observed, expected, ratio and p; counts only, no place."""
    from scoping.change.near_repeat import table

    distances, days = _edges(arguments.bands, "--bands"), _edges(arguments.days, "--days")
    if not 0 <= arguments.runs <= 9_999 or arguments.seed < 0:
        raise InputError("Give 0 to 9,999 permutations and a seed that is not negative.", where="--runs, --seed")
    if arguments.file is not None:
        given, about = _file(arguments)
    else:
        given, about = _held(arguments, settings)
    found = table(*given[:3], child=given[3], distances=distances, days=days, manhattan=arguments.manhattan, runs=arguments.runs,
                  seed=arguments.seed)
    return {**about, "events": len(given[0]), "permutations": found.runs, "table": _rows(found)}


def _file(arguments: argparse.Namespace) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if not (arguments.x and arguments.y and arguments.date):
        raise InputError("The columns of the file are needed.", where="--x, --y, --date", fix="Name them, or give numbers from 1.")
    held = point_file.points(arguments.file, arguments.x, arguments.y, arguments.date, child=arguments.child)
    day = (held.date - held.date[0]).days.to_numpy(dtype=float)
    return (held.x, held.y, day, held.child), {"left_out": held.left_out}


def _held(arguments: argparse.Namespace, settings: Settings) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The places of the store that enter clustering; pairs of one child are never counted."""
    from scoping.change.child_places import local_days

    collection, points, left_out = point_file.held(arguments, settings, "days:28")
    given = points.site_e[points.site], points.site_n[points.site], local_days(points.time).astype(float), points.person
    return given, {"collection": collection, "left_out": left_out}


def _edges(text: str, option: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in base.listed(text))
    except ValueError:
        raise InputError("The edges of bands are numbers.", where=option, fix="Give for example 100,200,300.") from None


def _rows(found: Table) -> list[dict[str, Any]]:
    far, when = _bands(found.distances, "m"), _bands(found.days, "d")
    return [{"distance": far[i], "time": when[j], "pairs": int(found.observed[i, j]), "expected": float(found.expected[i, j]),
             "ratio": float(found.ratio[i, j]), "p": float(found.p[i, j])}
            for i in range(len(far)) for j in range(len(when))]


def _bands(edges: tuple[float, ...], unit: str) -> list[str]:
    """Half-open bands in words, the last without an end."""
    said = [f"{low:g} to under {high:g} {unit}" for low, high in pairwise((0.0, *edges))]
    return [*said, f"{edges[-1]:g} {unit} and over"]
