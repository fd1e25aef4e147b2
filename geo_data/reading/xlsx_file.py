"""XLSX bytes to a RawTable, by openpyxl in its streaming mode.

A workbook is a zip archive, and a few kilobytes can ask for gigabytes: the archive's directory and
the size of every row are checked before openpyxl sees the file.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from geo_data.errors import InputError
from geo_data.reading.raw_table import MAX_COLUMNS, MAX_RATIO, MAX_ROWS, MAX_UNPACKED, RawTable, TableBuilder, header_names
from geo_data.reading.rejects import Problems

MAX_MEMBERS = 1_000
MAX_SHARED_STRINGS = 4_000_000
MAX_OTHER_MEMBER = 20_000_000  # styles, relations and the like, which openpyxl holds as objects
MAX_SHEET_ROW = 1_048_576  # Excel's own limit
ERRORS = frozenset({"#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#N/A", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
TEMPLATE_SHEETS = ("Guide", "Lists")  # come with the import template and hold no episodes
_CHUNK = 1 << 20
_OVERLAP = 64
_ELEMENT = re.compile(rb"<(?:[^\s<>/:]{1,40}:)?(row|c|f|si)[\s/>]")
_SAVE_AGAIN = "Open it in Excel or LibreOffice and save it as .xlsx, or save it as CSV UTF-8."


def read_xlsx(data: bytes) -> RawTable:
    """Read the first sheet; raises `InputError` when the workbook cannot be used.

    Dates become ISO text (a date cell is unambiguous), whole numbers lose their ".0". A formula gives its
    stored result; without one, and for an error such as #REF!, its row is rejected.
    """
    has_formulas = check_archive(data)
    problem = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's warnings quote cell values
            return _read(data, has_formulas)
    except InputError:
        raise
    except Exception as error:  # openpyxl has no error of its own: a damaged part surfaces as almost any type
        problem = type(error).__name__
    # raised outside the handler, so that no chained exception carries a cell's value
    raise InputError(f"The workbook is damaged ({problem}).", fix=_SAVE_AGAIN)


def check_archive(data: bytes) -> bool:
    """Refuse archives that are no workbook, hold macros, or unpack too far; True when a sheet has formulas."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        archive = None
    if archive is None:
        raise InputError("The file is a damaged archive.", fix=_SAVE_AGAIN)
    with archive:
        members = archive.infolist()
        names = {member.filename.lower() for member in members}
        if "xl/workbook.xml" not in names:
            raise InputError("The file is an archive, not an Excel workbook.",
                             fix="Unpack it and choose the .csv or .xlsx inside.")
        if any(name.endswith("vbaproject.bin") for name in names):
            raise InputError("The workbook holds macros.", fix="Save it as .xlsx without macros.")
        if any(member.flag_bits & 1 for member in members):
            raise InputError("The workbook is protected by a password.", fix="Save a copy without password.")
        unpacked = sum(member.file_size for member in members)
        swollen = any(m.file_size > max(1_000_000, MAX_RATIO * m.compress_size) for m in members)
        if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or swollen:
            raise InputError("The workbook unpacks to far more than its size.", fix=_SAVE_AGAIN)
        damaged = False
        formulas = False
        try:
            for member in members:
                name = member.filename.lower()
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    formulas |= _check_sheet(archive, member)
                elif name.endswith("sharedstrings.xml"):
                    _check_strings(archive, member)
                elif name.endswith((".xml", ".rels")) and member.file_size > MAX_OTHER_MEMBER:
                    raise InputError("The workbook's styles or settings are far too large.", fix=_SAVE_AGAIN)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError, zlib.error):
            damaged = True
        if damaged:
            raise InputError("The workbook is a damaged archive.", fix=_SAVE_AGAIN)
    return formulas


def _elements(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Names of the row, cell, formula and string elements of a part, in order, without building a tree."""
    with archive.open(member) as stream:
        tail, first = b"", True
        while chunk := stream.read(_CHUNK):
            if first and b"\0" in chunk[:100]:
                raise InputError("The workbook is written in an unusual encoding.", fix=_SAVE_AGAIN)
            first = False
            buffer = tail + chunk
            last = len(buffer) - _OVERLAP
            for found in _ELEMENT.finditer(buffer):
                if found.start() >= last:
                    break
                yield found[1]
            tail = buffer[max(last, 0) :]
        for found in _ELEMENT.finditer(tail):
            yield found[1]


def _check_sheet(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    cells = rows = 0
    formulas = False
    for name in _elements(archive, member):
        if name == b"c":
            cells += 1
            if cells > MAX_COLUMNS:
                raise InputError(f"A sheet has more than {MAX_COLUMNS} cells in one row.",
                                 fix="Delete the columns that are not needed, also the empty ones to the right.")
        elif name == b"row":
            rows, cells = rows + 1, 0
            if rows > MAX_SHEET_ROW:
                raise InputError("A sheet has more rows than Excel allows.", fix=_SAVE_AGAIN)
        else:
            formulas = True
    return formulas


def _check_strings(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    if sum(1 for _ in _elements(archive, member)) > MAX_SHARED_STRINGS:
        raise InputError("The workbook holds too much text.", fix="Split it, for example by year.")


def _read(data: bytes, has_formulas: bool) -> RawTable:
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise InputError("Excel files cannot be read safely here: the package defusedxml is missing or switched off.",
                         fix="Install the requirements again, or save the file as CSV UTF-8.")
    results = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheets = results.worksheets
    if not sheets:
        raise InputError("The workbook has no sheet.", fix=_SAVE_AGAIN)
    sheet = sheets[0]
    if (sheet.max_row or 0) > MAX_ROWS + 1 or (sheet.max_column or 0) > MAX_COLUMNS:
        raise InputError(f"The first sheet claims {sheet.max_row or 0:,} rows and {sheet.max_column or 0:,} columns.",
                         fix="Delete the empty rows and columns around the table, or save it as CSV UTF-8.")
    formulas = None
    if has_formulas:
        sources = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        formulas = sources.worksheets[0]

    problems = Problems()
    rows = _sheet_rows(sheet, formulas)
    names = _header(rows)
    others = [other.title for other in sheets[1:] if other.title not in TEMPLATE_SHEETS and _holds_rows(other)]
    if not names:
        raise InputError("The first sheet is empty.",
                         fix="Move the sheet with the episodes to the front." if others else "Choose another file.")
    builder = TableBuilder(names, problems)
    nameless = 0
    for line, values, unanswered in rows:
        nameless += _add(builder, problems, line, values, unanswered)
    if builder.rows == 0:
        raise InputError("The first sheet has a header and no rows.", fix="Fill it in, or choose another file.")
    notes = [f"Read from the first sheet, '{sheet.title}'."]
    if others:
        notes.append(f"Other sheets hold rows and were not read: {', '.join(others)}.")
    if nameless:
        notes.append(f"Cells right of the last named column were not read (in {nameless:,} rows).")
    return RawTable(builder.frame(), problems.frame(), notes, "xlsx", "")


def _sheet_rows(sheet: Any, formulas: Any) -> Iterator[tuple[int, Sequence[Any], list[int]]]:
    """Rows with content: sheet row, values, and positions of formulas without a stored result."""
    values = _values(sheet)
    sources = _values(formulas) if formulas is not None else None
    for line, row in enumerate(values, 1):
        source = next(sources, ()) if sources is not None else ()
        unanswered = [position for position, (value, formula) in enumerate(zip(row, source, strict=False))
                      if value is None and formula is not None]
        if unanswered or any(value is not None and value != "" for value in row):
            yield line, row, unanswered


def _values(sheet: Any) -> Iterator[Sequence[Any]]:
    sheet.reset_dimensions()  # the claim is checked; what is there decides
    rows: Iterator[Sequence[Any]] = sheet.iter_rows(max_row=MAX_SHEET_ROW, values_only=True)
    for row in rows:
        if len(row) > MAX_COLUMNS:
            raise InputError(f"A cell of the first sheet lies beyond column {MAX_COLUMNS}.",
                             fix="Delete the columns that are not needed, also the empty ones to the right.")
        yield row


def _header(rows: Iterator[tuple[int, Sequence[Any], list[int]]]) -> list[str]:
    for _, values, _ in rows:
        cells = [to_text(value) for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            return header_names(cells)
    return []


def _holds_rows(sheet: Any) -> bool:
    rows = sheet.iter_rows(max_row=20, max_col=MAX_COLUMNS, values_only=True)
    return any(value is not None for row in rows for value in row)


def _add(builder: TableBuilder, problems: Problems, line: int, values: Sequence[Any], unanswered: list[int]) -> bool:
    """Feed one row to the table or to the problems; True when something stood right of the last named column."""
    width = len(builder.names)
    unanswered = [position for position in unanswered if position < width]
    errors = [position for position, value in enumerate(values[:width]) if isinstance(value, str) and value in ERRORS]
    if unanswered or errors:
        builder.count()
        for position in unanswered:
            problems.add_row(line, "a formula without a stored result", "Replace the formula by its value.",
                             builder.names[position])
        for position in errors:
            problems.add_row(line, "an Excel error in place of a value", "Mend the formula or clear the cell.",
                             builder.names[position])
    else:
        cells = [to_text(value) for value in values[:width]]
        if any(map(str.strip, cells)):
            builder.add(line, cells + [""] * (width - len(cells)))
    return any(value is not None and value != "" for value in values[width:])


def to_text(value: Any) -> str:
    """A cell as text. Midnight is taken as a date without a time: Excel keeps both alike."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    if isinstance(value, datetime):
        value = (value + timedelta(milliseconds=500)).replace(microsecond=0)  # Excel's clock is a float of days
        value = value.date() if value.time() == time(0) else value
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value)
