"""Values that no program takes for anything but text: for spreadsheets, and for files that others open."""

from __future__ import annotations

import csv
import io
import unicodedata
from numbers import Real

import pandas as pd

_BLANKS = " \u00a0\u200b\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_KEPT = "\u200d"  # joins letters of some scripts


def cell(value: object) -> object:
    """A value that no spreadsheet takes for a formula: numbers stay numbers, text that begins like one gets a '.

    NUL is removed. Text is judged as given and after NFKC and stripping blanks, because spreadsheets read the
    full-width equals sign as one and pass over leading blanks (OWASP, CSV injection).
    """
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, bool) or not isinstance(value, Real):
        text = str(value).replace("\0", "")
        plain = unicodedata.normalize("NFKC", text.lstrip(_BLANKS)).lstrip(_BLANKS)
        return f"'{text}" if text.startswith(_FORMULA) or plain.startswith(_FORMULA) else text
    return value


def safe_csv(frame: pd.DataFrame) -> bytes:
    """A frame as CSV that a spreadsheet opens without running anything: UTF-8 with mark, every cell quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([cell(name) for name in frame.columns])
    writer.writerows([[cell(value) for value in row] for row in frame.astype(object).itertuples(index=False)])
    return out.getvalue().encode("utf-8-sig")


def plain(text: str, most: int = 300) -> str:
    """One line of text: no control, format or private-use characters, no lone surrogates, runs of blanks as one, cut at `most`."""
    kept = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text
            if sign in _KEPT or unicodedata.category(sign) not in ("Cf", "Cs", "Co", "Cn"))
    line = " ".join("".join(kept).split())
    return line if len(line) <= most else line[:most - 1].rstrip() + "…"
