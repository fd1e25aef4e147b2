"""CSV bytes to a RawTable: encoding, delimiter, quoting, and rows that do not fit.

One broken row never costs another: a stray quotation mark that swallows the following
lines is undone, and those lines are read again.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator

from geo_data.errors import InputError
from geo_data.reading.raw_table import RawTable, TableBuilder, header_names
from geo_data.reading.rejects import Problems

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE_CHARACTERS = 65_536
MAX_READ_AGAIN = 64_000_000  # characters read again because of stray quotation marks: bounds the time
MOST_NULS = 20  # one in so many bytes: above that a file is no text with a few broken cells
_CHUNK = 1 << 20
_CELLS_HINT = "Put quotation marks around cells that contain the delimiter, or complete the row."


def read_csv(data: bytes, *, single: bool = False) -> RawTable:
    """Read CSV text; raises `InputError` when no row can be read at all, and for one column alone unless `single` allows it.

    UTF-16 by its mark or its NUL bytes, else UTF-8 with or without mark, else Windows-1252; delimiter
    , ; tab or |. A row with another number of cells than the header, with broken quoting, an over-long
    cell or NUL bytes is a rejected row. The csv module refuses cells over its `field_size_limit` (131,072 by default).
    """
    encoding = _encoding(data)
    delimiter, has_separator_line = _delimiter(data, encoding, single)
    lines = _Lines(_text(data, encoding))
    if has_separator_line:
        next(lines)
    names = _header(lines, delimiter)
    problems = Problems()
    builder = TableBuilder(names, problems)
    blank = _rows(lines, delimiter, builder, problems)
    frame = builder.frame()
    if builder.rows == 0:
        raise InputError("The file has a header and no rows.", fix="Export it again with rows, or choose another file.")
    notes = [f"Read as {encoding.upper().replace('-SIG', '')} text with {DELIMITERS[delimiter]} between cells."]
    if encoding == "cp1252":
        notes.append("The text is not UTF-8 and was read as Windows-1252: check accented letters.")
    if blank:
        notes.append(f"{blank:,} blank lines were passed over.")
    return RawTable(frame, problems.frame(), notes, encoding, delimiter)


class _Lines:
    """Lines of a text, counted; those after the first of a broken record can be read again."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._budget = MAX_READ_AGAIN
        self.number = 0
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._text)
        self.number += 1
        self.record.append(line)
        return line

    def read_again_from_second(self) -> None:
        rest = self.record[1:]
        self._budget -= sum(map(len, rest))
        if self._budget < 0:
            raise InputError("Quotation marks are broken in many rows.",
                             fix="Export the file again with quotation marks doubled inside cells.",
                             where=f"line {self.number}")
        self._again.extendleft(reversed(rest))
        self.number -= len(rest)


def _rows(lines: _Lines, delimiter: str, builder: TableBuilder, problems: Problems) -> int:
    """Feed every row to `builder` or `problems`; returns how many lines were blank."""
    width, blank = len(builder.names), 0
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.record = []
        start = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return blank
        except csv.Error:
            builder.count()
            if len(lines.record[0]) > csv.field_size_limit():
                problems.add_row(start, f"a cell longer than {csv.field_size_limit():,} characters",
                                 "Shorten the cell, or leave the column out of the export.")
            else:
                problems.add_row(start, "quotation marks are broken",
                                 "Double every quotation mark inside a cell and close it before the delimiter.")
            lines.read_again_from_second()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            continue
        if not any(map(str.strip, cells)):
            blank += 1
        elif any("\0" in line for line in lines.record):
            builder.count()
            problems.add_row(start, "holds NUL bytes", "Export the row again, or delete the invisible characters.")
        elif len(cells) == width:
            builder.add(start, cells)
        else:
            builder.count()
            problems.add_row(start, f"{len(cells):,} cells where the header has {width}", _CELLS_HINT)
            lines.read_again_from_second()


def _header(lines: _Lines, delimiter: str) -> list[str]:
    try:
        for cells in csv.reader(lines, delimiter=delimiter, strict=True):
            if any(cell.strip() for cell in cells):
                return header_names(cells)
    except csv.Error:
        pass  # the message below covers it: nothing of the header can be used
    raise InputError("The header line cannot be read.", fix="The first line must hold the column names.",
                     where="header")


def _encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if not _decodes(data, "utf-16"):
            raise InputError("The UTF-16 text is damaged.", fix="Save the file as CSV UTF-8.")
        return "utf-16"
    nuls = data.count(0)
    if nuls * MOST_NULS > len(data):
        for encoding, high in (("utf-16-le", 1), ("utf-16-be", 0)):  # without a mark: every other byte is NUL
            if data[high::2].count(0) * 10 > len(data) * 4 and _decodes(data, encoding):
                return encoding
        raise InputError("The file holds NUL bytes, so it is not plain CSV text.",
                         fix="Save it as CSV UTF-8 or as .xlsx.", where=f"line {data[: data.index(0)].count(10) + 1}")
    for encoding in ("utf-8-sig", "cp1252"):
        if _decodes(data, encoding):
            return encoding
    raise InputError("The text is neither UTF-8, UTF-16 nor Windows-1252.", fix="Save the file as CSV UTF-8.")


def _decodes(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), _CHUNK):
            text = decoder.decode(data[start : start + _CHUNK])
            if encoding.startswith("utf-16") and "\0" in text:
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _text(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")


def _delimiter(data: bytes, encoding: str, single: bool) -> tuple[str, bool]:
    """The delimiter whose header has most cells in which the rows agree; and whether line 1 is Excel's "sep=;".

    Where no delimiter cuts the header, the comma if a `single` column is allowed.
    """
    sample = _text(data, encoding).read(SAMPLE_CHARACTERS)
    lines = list(io.StringIO(sample, newline=""))  # cut where the csv module cuts, not at every Unicode line mark
    if len(lines) > 1 and len(sample) == SAMPLE_CHARACTERS:
        lines.pop()  # cut off in the middle
    if not any(line.strip() for line in lines):
        raise InputError("The file is empty.", fix="Export it again, or choose another file.")
    first = lines[0].strip('\r\n"').lower()
    if first.startswith("sep=") and first[4:] in DELIMITERS:
        return first[4:], True
    scores = {delimiter: _agreement(lines, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best] == 0 and not single:
        raise InputError("The file has one column only.",
                         fix="Is the delimiter , ; tab or |, and does the first line hold the column names?")
    return best, False


def _agreement(lines: list[str], delimiter: str) -> float:
    try:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if any(cells)][:100]
    except csv.Error:
        return 0.0  # a cell beyond the csv module's limit: the reading proper names the line
    if not widths or widths[0] < 2:
        return 0.0
    return widths[0] * sum(width == widths[0] for width in widths) / len(widths)
