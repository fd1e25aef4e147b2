"""The places as tables for others' programs: CSV and XLSX, in which no cell is taken for a formula."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd

from geo_data.safe_cell import cell, safe_csv
from scoping.showing.packing import fixed
from scoping.showing.snapshot import Snapshot

HEADS = {"number": "Number", "place": "Place", "kind": "Kind of place", "change": "Change", "children": "Different children",
         "episodes": "Episodes", "windows_seen": "Periods shown", "since": "First shown"}


def places(snapshot: Snapshot) -> list[list[str | int]]:
    """The head and the places of the period in words; a place that is no longer shown has no number."""
    return [list(HEADS.values()), *([place.number or "", *(getattr(place, name) for name in list(HEADS)[1:])]
                                    for place in snapshot.places())]


def csv(snapshot: Snapshot) -> bytes:
    """The marking, the places, then every particular; the marking again at the end."""
    told = [[name, text] for name, text in snapshot.facts()]
    lines: list[list[Any]] = [[snapshot.marking], *places(snapshot), [], *told, [snapshot.marking]]
    head, *rest = ([*line, *[""] * (len(HEADS) - len(line))] for line in lines)
    return safe_csv(pd.DataFrame(rest, columns=pd.Index(head), dtype=object))


def xlsx(snapshot: Snapshot) -> bytes:
    """Sheets "Places" and "About"; text stays text, the marking heads and ends both and every printed page."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    book.properties.creator, book.properties.title = snapshot.about.author_role, snapshot.about.title
    book.properties.description = f"{snapshot.marking}. Snapshot {snapshot.id}"
    contents: tuple[tuple[str, list[list[Any]]], ...] = (
        ("Places", [list(row) for row in places(snapshot)]), ("About", [list(fact) for fact in snapshot.facts()]))
    for k, (name, rows) in enumerate(contents):
        sheet = book.worksheets[0] if k == 0 else book.create_sheet()
        sheet.title = name
        for row in ([snapshot.marking], *rows, [snapshot.marking]):
            sheet.append([_value(value) for value in row])
        for line in sheet.iter_rows():
            for one in line:
                if one.data_type == "f":
                    one.data_type = "s"
                one.alignment = Alignment(wrap_text=True, vertical="top")
        for line in (1, sheet.max_row):
            sheet.cell(line, 1).alignment = Alignment(vertical="top")  # the marking runs on over the empty cells beside it
        for line in (1, 2, sheet.max_row) if k == 0 else (1, sheet.max_row):
            for one in sheet[line]:
                one.font = Font(bold=True)
        for column, width in zip("ABCDEFGH", (10, 38, 26, 18, 18, 12, 16, 28) if k == 0 else (28, 110), strict=False):
            sheet.column_dimensions[column].width = width
        _for_print(sheet, snapshot.marking)
    out = io.BytesIO()
    book.save(out)
    return fixed(out.getvalue())


def _for_print(sheet: Any, marking: str) -> None:
    """A4 across, as wide as the page, the marking at its head and foot."""
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = marking.replace("&", "&&")
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _value(value: Any) -> Any:
    safe = cell(value)
    return int(safe) if isinstance(safe, int) and not isinstance(safe, bool) else str(safe)
