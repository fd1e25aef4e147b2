"""Dated points, of a file whatever its columns are called or of the records held: for methods that need no episodes."""

from __future__ import annotations

import argparse
import csv
import datetime
import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from commands import base
from geo_data.errors import InputError
from geo_data.reading.read import shown_name
from settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from scoping.clustering.points import Points

MOST_BYTES = 100_000_000  # of a packed file, once unpacked


class PointFile(NamedTuple):
    """`x`, `y` in metres (degrees are projected to the National Grid); `date` midnight of the day or month; `child` a code,
    a row each when the file names none; `left_out` rows without a place or a date.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    date: pd.DatetimeIndex
    child: NDArray[np.int64]
    left_out: int


def held(arguments: argparse.Namespace, settings: Settings, window: str) -> tuple[str, Points, int]:
    """The collection that `arguments` name, its points of their role that enter windows of the scheme, and how many do not."""
    from scoping.clustering.points import take
    from scoping.left_out import entering
    from scoping.parameters import Parameters, WindowScheme

    with base.open_store(arguments, settings) as store:
        collection = base.collection(store, arguments.collection)
        locations = store.locations(collection)
    parameters = Parameters(roles=base.listed(arguments.role), window=WindowScheme.parse(window))
    entered = entering(locations, parameters, datetime.date.today())
    return collection, take(locations, entered), int(locations["role"].isin(parameters.roles).sum() - entered.sum())


def points(path: Path, x: str, y: str, date: str, *, child: str | None = None, only: str | None = None) -> PointFile:
    """Read a CSV file, packed by gzip or not. Columns by name, or by number from 1 in a file without a header.

    `only` ("column=value") keeps rows. Raises `InputError` naming the file and the column.
    """
    import numpy as np
    import pandas as pd

    columns = {"--x": x, "--y": y, "--date": date} | ({"--child": child} if child else {})
    text = _text(path)
    numbered = all(name.isdigit() for name in columns.values())
    try:
        frame = pd.read_csv(io.StringIO(text), header=None if numbered else 0, dtype=str, sep=_delimiter(text))
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        raise InputError("The file is not a table of CSV.", where=shown_name(path.name)) from None
    for option, name in columns.items():
        if (int(name) - 1 if numbered else name) not in frame.columns:
            raise InputError("The file has no such column.", where=f"{shown_name(path.name)}, {option}",
                             fix="Give its name as in the first line, or numbers from 1 when there is no header.")
    if only is not None:
        name, equals, value = only.partition("=")
        if not equals or name not in frame.columns:
            raise InputError("The file has no such column.", where=f"{shown_name(path.name)}, --only", fix="Give COLUMN=VALUE.")
        frame = frame[frame[name] == value]
    held = {option: frame[int(name) - 1 if numbered else name] for option, name in columns.items()}
    east, north = (pd.to_numeric(held[option], errors="coerce").to_numpy(np.float64) for option in ("--x", "--y"))
    dated = pd.to_datetime(held["--date"], format="ISO8601", errors="coerce", utc=True)
    kept = np.isfinite(east) & np.isfinite(north) & dated.notna().to_numpy()
    if not kept.any():
        raise InputError("No row has both coordinates and a date.", where=shown_name(path.name),
                         fix="Dates are written YYYY-MM-DD or YYYY-MM.")
    east, north = east[kept], north[kept]
    if (np.abs(east) <= 180).all() and (np.abs(north) <= 90).all():
        from geo_data.grid import to_bng

        east, north = to_bng(north, east)
    code = pd.factorize(held["--child"][kept])[0] if child else np.arange(int(kept.sum()))
    return PointFile(east, north, pd.DatetimeIndex(dated[kept]).normalize(), code.astype(np.int64), int((~kept).sum()))


def joined(files: Sequence[PointFile]) -> PointFile:
    """Several files as one. Children of different files are different, so name a column only when one file holds all."""
    import numpy as np

    offset = np.concatenate(([0], np.cumsum([int(each.child.max()) + 1 for each in files])))
    date = files[0].date
    for each in files[1:]:
        date = date.append(each.date)
    return PointFile(np.concatenate([each.x for each in files]), np.concatenate([each.y for each in files]), date,
                     np.concatenate([each.child + start for each, start in zip(files, offset[:-1], strict=True)]),
                     sum(each.left_out for each in files))


def _text(path: Path) -> str:
    data = base.read(path)
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as stream:
                data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise InputError(f"The file unpacks to more than {MOST_BYTES // 1_000_000} MB.", where=shown_name(path.name))
        return data.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError):
        raise InputError("The file cannot be unpacked or is not UTF-8.", where=shown_name(path.name)) from None


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count) if any(mark in first for mark in ",;\t") else csv.excel.delimiter
