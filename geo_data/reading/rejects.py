"""Problems found in a file, gathered as a REJECTS frame.

The only place where the value of a cell may appear is the column ``value``: shortened, shown
to the person who uploads the file, never stored and never in an exception or a log.
"""

from __future__ import annotations

import pandas as pd

from geo_data.schema import REJECTS

SHOWN_LENGTH = 60


class Problems:
    """Collects refused cells and rows; `frame` gives them in order of the file."""

    def __init__(self) -> None:
        self._frames: list[pd.DataFrame] = []
        self._rows: list[tuple[int, str | None, str, str]] = []

    def add(self, rows: pd.Index, column: str, rule: str, fix: str, values: pd.Series | None = None) -> None:
        """Refuse `column` in each of `rows` (labels are lines of the file); `values` are looked up by those labels."""
        if not len(rows):
            return
        shown = None if values is None else shorten(values.reindex(rows)).to_numpy()
        self._frames.append(
            pd.DataFrame({"row": rows.to_numpy(), "column": column, "rule": rule, "fix": fix, "value": shown})
        )

    def add_row(self, row: int, rule: str, fix: str, column: str | None = None) -> None:
        """Refuse one line of the file, which could not be read at all; its content is not kept."""
        self._rows.append((row, column, rule, fix))

    def extend(self, rejects: pd.DataFrame) -> None:
        if len(rejects):
            self._frames.append(rejects)

    def frame(self) -> pd.DataFrame:
        """REJECTS, sorted by row; the same rule on the same cell once."""
        frames = list(self._frames)
        if self._rows:
            frames.append(pd.DataFrame(self._rows, columns=["row", "column", "rule", "fix"]))
        if not frames:
            return REJECTS.empty()
        whole = pd.concat([REJECTS.conform(frame) for frame in frames], ignore_index=True)
        whole = whole.drop_duplicates(["row", "column", "rule"])
        return whole.sort_values("row", kind="stable", ignore_index=True)


def shorten(values: pd.Series) -> pd.Series:
    """Text of at most `SHOWN_LENGTH` characters on one line."""
    text = values.astype("str").str.replace(r"\s+", " ", regex=True)
    return text.where(text.str.len().fillna(0) <= SHOWN_LENGTH, text.str.slice(0, SHOWN_LENGTH - 1) + "…")
