"""Bytes of a CSV or XLSX file to rows of text. What a file is, its content says, never its name."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from pathlib import PurePath

from geo_data.errors import InputError
from geo_data.reading.csv_file import read_csv
from geo_data.reading.raw_table import MAX_BYTES, MAX_RATIO, MAX_UNPACKED, RawTable
from geo_data.reading.xlsx_file import read_xlsx

__all__ = ["RawTable", "read_table"]

_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE = "Save it as CSV UTF-8 or as .xlsx."
_REFUSED = {
    _OLE: "The file is an old .xls workbook, or a workbook protected by a password.",
    b"%PDF": "The file is a PDF.",
    b"7z\xbc\xaf\x27\x1c": "The file is a 7z archive.",
    b"Rar!": "The file is a RAR archive.",
    b"{\\rtf": "The file is a text document.",
    b"SQLite format 3": "The file is a database.",
    b"PAR1": "The file is Parquet.",
}
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml|head|body|style|meta)", re.IGNORECASE)


def read_table(data: bytes, filename: str, *, single: bool = False) -> RawTable:
    """Read an upload; a gzipped CSV is unpacked once.

    ``filename`` names the file in messages and decides nothing. A text of one column alone is mostly one whose delimiter was not
    found, and is refused unless `single` says that one column may be all there is. Raises `InputError`, and nothing else,
    when the whole file is unusable; rows that cannot be read are `RawTable.rejects`.
    """
    where = shown_name(filename)
    try:
        return _read(data, single)
    except InputError as error:
        what, fix, place = error.what, error.fix, error.where
    raise InputError(what, fix=fix, where=f"{where}, {place}" if place else where)


def shown_name(filename: str) -> str:
    """The last part of a client's file name, printable and short: for messages, never for a path."""
    last = PurePath(filename.replace("\\", "/")).name
    return "".join(c if c.isprintable() else "?" for c in last)[:80] or "file"


def _read(data: bytes, single: bool) -> RawTable:
    if len(data) > MAX_BYTES:
        raise InputError(f"The file has {len(data) / 1e6:,.0f} MB; the limit is {MAX_BYTES / 1e6:.0f} MB.",
                         fix="Split it, for example by year, or compress the CSV with gzip.")
    if not data.strip():
        raise InputError("The file is empty.", fix="Export it again, or choose another file.")
    notes = []
    if data.startswith(_GZIP):
        data = _gunzip(data)
        notes.append("Unpacked from gzip.")
        if data.startswith((_GZIP, *_ZIP)):
            raise InputError("The file is packed twice.", fix="Unpack it once.")
    if data.startswith(_ZIP):
        return read_xlsx(data)
    for magic, what in _REFUSED.items():
        if data.startswith(magic):
            raise InputError(what, fix=_SAVE)
    if _MARKUP.match(data):
        raise InputError("The file is a web page or XML, whatever its name says.", fix=_SAVE)
    table = read_csv(data, single=single)
    return RawTable(table.frame, table.rejects, notes + table.notes, table.encoding, table.delimiter)


def _gunzip(data: bytes) -> bytes:
    limit = MAX_UNPACKED if len(data) * MAX_RATIO > MAX_UNPACKED else max(len(data) * MAX_RATIO, 1_000_000)
    unpacked = None
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            unpacked = stream.read(limit + 1)
    except (OSError, EOFError, zlib.error):
        unpacked = None  # raised below, outside the handler
    if unpacked is None:
        raise InputError("The gzip archive is damaged.", fix="Copy or export the file again.")
    if len(unpacked) > limit:
        raise InputError("The gzip archive unpacks to far more than its size.", fix="Unpack and split it.")
    return unpacked
