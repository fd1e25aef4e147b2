"""A file's rows as text, before anything is known about what they mean; and the limits on them.

The limits bound time and memory for any upload: what goes over is refused with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from geo_data.errors import InputError
from geo_data.reading.rejects import Problems

MAX_BYTES = 25_000_000  # of the upload itself
MAX_UNPACKED = 300_000_000  # after gunzip or unzip, each member and in sum
MAX_RATIO = 200  # unpacked to packed, for members above 1 MB
MAX_ROWS = 500_000
MAX_COLUMNS = 200
MAX_CELL = 4_000  # characters
BATCH = 20_000  # rows turned to columns at a time, so that Python text never piles up


@dataclass(frozen=True)
class RawTable:
    """What a file holds.

    ``frame``    all text, blank cells missing; the index is the line of the file (sheet row), header being line 1
    ``rejects``  REJECTS: rows that could not be read as rows
    ``notes``    sentences for the person who uploads
    """

    frame: pd.DataFrame
    rejects: pd.DataFrame
    notes: list[str]
    encoding: str
    delimiter: str

    @property
    def rows(self) -> int:
        """Rows of the file that held anything, read or refused."""
        return len(self.frame) + int(self.rejects["row"].nunique())

    def must_be_whole(self, filename: str) -> None:
        """For a file that is taken whole or not at all: raises `InputError` with the first row that cannot be read."""
        if len(self.rejects):
            first = self.rejects.iloc[0]
            raise InputError(f"{first['rule'].capitalize()}.", fix=str(first["fix"]), where=f"{filename}, row {first['row']}")


def header_names(cells: Sequence[str]) -> list[str]:
    """Trimmed column names; a blank one becomes "column N"; raises `InputError` on too many or on doubles.

    A message counts columns and never quotes them: without a header line the first row is a child's record.
    """
    if len(cells) > MAX_COLUMNS:
        raise InputError(f"The file has {len(cells):,} columns; the limit is {MAX_COLUMNS}.",
                         fix="Delete the columns that are not needed.", where="header")
    names = [name.strip() or f"column {position}" for position, name in enumerate(cells, 1)]
    seen: dict[str, int] = {}
    for position, name in enumerate(names, 1):
        first = seen.setdefault(" ".join(name.lower().split()), position)
        if first != position:
            raise InputError(f"Columns {first} and {position} have the same name.",
                             fix="Rename or delete one of them, or check that the first line is the header.",
                             where="header")
    return names


class TableBuilder:
    """Takes rows one at a time and turns them to text columns in batches."""

    def __init__(self, names: list[str], problems: Problems) -> None:
        self.names, self.problems, self.rows = names, problems, 0
        self._lines: list[int] = []
        self._cells: list[Sequence[str]] = []
        self._batches: list[pd.DataFrame] = []

    def count(self) -> None:
        """One more row, good or bad; raises `InputError` over the limit."""
        self.rows += 1
        if self.rows > MAX_ROWS:
            raise InputError(f"The file has more than {MAX_ROWS:,} rows.", fix="Split it, for example by year.")

    def add(self, line: int, cells: Sequence[str]) -> None:
        """A row with exactly as many cells as there are names."""
        self.count()
        self._lines.append(line)
        self._cells.append(cells)
        if len(self._lines) >= BATCH:
            self._flush()

    def frame(self) -> pd.DataFrame:
        """All rows so far; unnamed columns without any content are left out."""
        self._flush()
        if not self._batches:
            return pd.DataFrame(index=pd.Index([], dtype="int64"), columns=self.names, dtype="str")
        whole = pd.concat(self._batches)
        nameless = [name for position, name in enumerate(self.names, 1)
                    if name == f"column {position}" and whole[name].isna().all()]
        return whole.drop(columns=nameless)

    def _flush(self) -> None:
        if not self._lines:
            return
        index = pd.Index(self._lines, dtype="int64")
        columns = dict(zip(self.names, zip(*self._cells, strict=True), strict=True))
        self._lines, self._cells = [], []
        batch = pd.DataFrame({name: _text_column(cells, index) for name, cells in columns.items()}, index=index)
        too_long = pd.Series(False, index=index)
        for name, cells in columns.items():
            if max(map(len, cells)) > MAX_CELL:
                bad = batch[name].str.len().gt(MAX_CELL).fillna(False).astype(bool)
                self.problems.add(index[bad], name, f"cell longer than {MAX_CELL:,} characters",
                                  "Shorten the cell, or leave the column out of the export.")
                too_long |= bad
        self._batches.append(batch[~too_long] if too_long.any() else batch)


def _text_column(cells: Sequence[str], index: pd.Index) -> pd.Series:
    if not any(cells):
        return pd.Series(None, index=index, dtype="str")
    text = pd.Series(list(cells), index=index, dtype="str").str.strip()
    return text.mask(text == "")
