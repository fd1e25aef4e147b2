"""`scoping backtest` and `scoping detect-bench`: how good the methods are, measured."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from commands import base, point_file
from commands.base import Add
from geo_data.errors import InputError
from settings import Settings


def register(add: Add) -> None:
    sub = add("backtest", backtest, "would the map have told where the next period's records fall? At equal area")
    _points(sub)
    sub.add_argument("--eps-m", type=float, default=250.0, help="radius of clusters in metres (default 250)")
    sub.add_argument("--min", type=int, default=5, help="least records of a cluster of one month (default 5)")

    sub = add("detect-bench", detect_bench, "days until a new place is found, at a stated number of false alarms a year")
    _points(sub)
    sub.add_argument("--per-month", type=int, default=280, help="background records in 28 days (default 280)")
    sub.add_argument("--rates", default="1.5,3,5", help="extra children a week (default 1.5,3,5)")
    sub.add_argument("--worlds", type=int, default=30, help="planted worlds for each rate (default 30)")
    sub.add_argument("--null-worlds", type=int, default=40, help="worlds without a plant, 12 weeks each (default 40)")
    sub.add_argument("--alarms", type=float, default=4.0, help="false alarms a year that are allowed (default 4)")
    sub.add_argument("--quiet", action="store_true", help="plant in the quieter half of the squares only")
    sub.add_argument("--seed", type=int, default=0)


def _points(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", nargs="*", type=Path, metavar="FILE",
                     help="CSV of dated points, packed by gzip or not (default: the records held)")
    sub.add_argument("--x", default="Longitude", help="column of easting or longitude (default Longitude)")
    sub.add_argument("--y", default="Latitude", help="column of northing or latitude (default Latitude)")
    sub.add_argument("--date", default="Month", help="column of the date or month (default Month)")
    sub.add_argument("--child", help="column that tells children apart (default: each row its own)")
    sub.add_argument("--only", metavar="COLUMN=VALUE", help="keep these rows of the files, e.g. 'Crime type=Burglary'")
    sub.add_argument("--role", default="found", help="of the records held (default found)")
    sub.add_argument("--collection", help="episodes, sample or demo (default: the first of these that holds data)")


def backtest(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Hit rate, PAI, PEI and RRI beside KDE and a plain count of the same area; figures of the whole, no place."""
    from scoping.change.backtest import Records, backtest

    held = _records(arguments, settings)
    months = held.date.year * 12 + held.date.month
    period = (months - months.min()).to_numpy(dtype="int64")
    if not 2 <= arguments.min <= 100:
        raise InputError("The least number of records is 2 to 100.", where="--min")
    table = backtest(Records(held.x, held.y, period, held.child), eps_m=arguments.eps_m, least=arguments.min,
                     progress=base.counter(arguments, "Origin"))
    return {"records": len(held.x), "left_out": held.left_out, "periods": int(period.max()) + 1,
            "results": table.round(4).to_dict("records")}


def detect_bench(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Days to detection of each method; the places that are planted are drawn from where records lie."""
    from scoping.change.detection import Bench, bench

    held = _records(arguments, settings)
    try:
        rates = tuple(float(part) for part in base.listed(arguments.rates))
    except ValueError:
        raise InputError("The rates are numbers.", where="--rates", fix="Give for example 1.5,3,5.") from None
    asked = Bench(per_month=arguments.per_month, rates=rates, worlds=arguments.worlds, null_worlds=arguments.null_worlds,
                  alarms=arguments.alarms, quiet=arguments.quiet, seed=arguments.seed)
    table = bench(held.x, held.y, asked, base.counter(arguments, "World"))
    return {"places_of": len(held.x), "per_month": asked.per_month, "false_alarms_allowed_a_year": asked.alarms,
            "planted_in": "quiet places" if asked.quiet else "places as busy as records are", "results": table.to_dict("records")}


def _records(arguments: argparse.Namespace, settings: Settings) -> point_file.PointFile:
    if arguments.file:
        return point_file.joined([point_file.points(path, arguments.x, arguments.y, arguments.date, child=arguments.child,
                                                      only=arguments.only)
                                  for path in arguments.file])
    return _held(arguments, settings)


def _held(arguments: argparse.Namespace, settings: Settings) -> point_file.PointFile:
    import pandas as pd

    from scoping.windows import ZONE

    _, points, left_out = point_file.held(arguments, settings, "month")
    if not len(points):
        raise InputError("No record with a usable place and date is held.", where="--collection")
    local = pd.DatetimeIndex(pd.to_datetime(points.time, unit="us", utc=True)).tz_convert(ZONE).tz_localize(None)
    return point_file.PointFile(points.site_e[points.site], points.site_n[points.site], local.normalize(), points.person,
                                left_out)
