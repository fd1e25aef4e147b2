"""What is handed to the person who prepares a file: the import template, the data dictionary, refused rows.

All of it is made from the declaration in `geo_data.schema`. ``python -m geo_data.reading.template docs/DATA.md``
writes the data dictionary.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from geo_data.reading.profiles import PROFILES
from geo_data.safe_cell import safe_csv
from geo_data.schema import EPISODES, LOCATIONS, PLACE_TYPES, REJECTS, TIERS, Column, Table

NEEDS = {"R": "required", "C": "conditional", "O": "optional"}
TEMPLATE_ROWS = 5_000  # rows that carry the drop-down lists
_FORMS = {"datetime": "2025-04-25T14:30 (local time) or 2025-04-25T13:30Z", "date": "2025-04-25", "int": "whole number",
          "float": "number", "bool": "true or false"}


def rejects_csv(rejects: pd.DataFrame) -> bytes:
    """REJECTS for download."""
    return safe_csv(REJECTS.conform(rejects))


def csv_template() -> bytes:
    """The header line of EPISODES and nothing else."""
    return (",".join(EPISODES.names) + "\r\n").encode()


def xlsx_template() -> bytes:
    """A workbook: 'Episodes' with the header, drop-down lists and text cells; 'Guide' says what goes where."""
    import openpyxl

    book = openpyxl.Workbook()
    _episodes_sheet(book)
    _guide_sheet(book.create_sheet("Guide"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _episodes_sheet(book: Any) -> None:
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet, lists = book.active, book.create_sheet("Lists")
    sheet.title, sheet.freeze_panes = "Episodes", "C2"
    lists.sheet_state = "hidden"
    choices = 0
    for position, column in enumerate(EPISODES.columns, 1):
        letter = get_column_letter(position)
        head = sheet.cell(1, position, column.name)
        head.font = Font(bold=column.need == "R")
        head.fill = PatternFill("solid", fgColor={"R": "F4D9A8", "C": "E8E6DF", "O": "FFFFFF"}[column.need])
        sheet.column_dimensions[letter].width = max(12, len(column.name) + 2)
        if column.kind not in ("int", "float"):
            sheet.column_dimensions[letter].number_format = "@"  # Excel keeps what is typed: dates, leading zeros
        if column.kind != "enum":
            continue
        choices += 1
        for row, code in enumerate(column.allowed, 1):
            lists.cell(row, choices, code)
        listed = f"Lists!${get_column_letter(choices)}$1:${get_column_letter(choices)}${len(column.allowed)}"
        rule = DataValidation(type="list", formula1=listed, allow_blank=column.need != "R", showErrorMessage=True,
                              errorTitle=column.name[:32], error="Choose from the list; see the sheet Guide.")
        rule.add(f"{letter}2:{letter}{TEMPLATE_ROWS + 1}")
        sheet.add_data_validation(rule)


def _guide_sheet(sheet: Any) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.append(["column", "needed", "meaning", "allowed", "rule"])
    for column in EPISODES.columns:
        sheet.append([column.name, NEEDS[column.need], column.meaning, allowed(column), column.rule])
    for row in sheet.iter_rows():
        for each in row:
            each.data_type = "s"
            each.alignment = Alignment(wrap_text=True, vertical="top")
            each.font = Font(bold=each.row == 1)
    for letter, width in zip("ABCDE", (28, 12, 48, 48, 48), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "B2"


def allowed(column: Column) -> str:
    """What a column may hold, in words."""
    if column.allowed:
        return (", ".join(column.allowed)) + (" (several, with | between)" if column.kind == "enum_multi" else "")
    parts = [_FORMS[column.kind]] if column.kind in _FORMS else []
    if column.low is not None and column.high is not None:
        parts.append(f"{column.low:,.0f} to {column.high:,.0f}")
    elif column.low is not None:
        parts.append(f"from {column.low:,.0f}")
    if column.pattern:
        parts.append(f"form {column.pattern}")
    if column.max_length:
        parts.append(f"up to {column.max_length} characters")
    return ", ".join(parts) or "text"


def data_dictionary() -> str:
    """docs/DATA.md: every table, place type, tier and profile."""
    lines = ["# Data dictionary", "",
             "Made from `geo_data/schema.py` and `geo_data/reading/profile_files/` by "
             "`python -m geo_data.reading.template docs/DATA.md`; do not edit by hand.", "",
             "Times are UTC inside; a time in a file without a zone is Europe/London. Coordinates are EPSG:27700 "
             "metres unless a name says otherwise. *Restricted* columns describe one child or household and never "
             "leave the store in a map, table or export.", "",
             "There is no column for a name, date of birth, phone, registration, ethnicity or narrative: "
             "such columns are not read, and rows whose text looks like them are refused.", ""]
    for table in (EPISODES, LOCATIONS, REJECTS):
        lines += _table(table)
    lines += ["## Files of deletions", "",
              "A file of the daily feed whose name begins with `deleted` lists episodes that their source has taken back: "
              "`episode_ref`, or the column that the sender's profile reads as such, and beside it, if need be, `extracted_at`: "
              "since when it is gone. Both are written as in the sender's episodes; the profile puts its prefix before "
              "references also here. Without a time it is when the file was last changed. A record extracted later stays.", ""]
    lines += ["## Place types", "", "A type says who can make the place safer; it is never a mark of suspicion.", "",
              *_rows(("code", "place", "who can act"),
                     ((place.code, place.label, place.response) for place in PLACE_TYPES.values())), ""]
    lines += ["## Precision tiers", "", *_rows(("tier", "meaning"), TIERS.items()), ""]
    lines += ["## Import profiles", "",
              "Names of columns are compared without case, spaces and punctuation.", ""]
    for profile in PROFILES.values():
        dates = "day/month/year" if profile.dates == "day_first" else "year-month-day (ISO 8601)"
        kind = "episodes" if profile.nature == "episodes" else "public sample data, kept apart from episodes"
        marks = ", ".join(f"`{name}`" for name in profile.recognised_by)
        lines += [f"### {profile.name}: {profile.title}", "",
                  f"Holds {kind}. Dates: {dates}. Recognised by {marks}.", ""]
        if profile.name != "native":
            lines += [*_rows(("schema column", "read from"), _sources(profile)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _sources(profile: Any) -> Iterable[tuple[str, str]]:
    for target in (*EPISODES.names, "category"):
        if profile.month and target in (*profile.month["starts"], *profile.month["ends"]):
            yield target, profile.month["column"]
        elif target in profile.joins or target in profile.texts:
            parts = profile.joins.get(target) or profile.texts[target]
            yield target, " + ".join(" or ".join(names) for names in parts)
        elif target in profile.columns:
            yield target, " or ".join(profile.columns[target])
        elif target in profile.constants:
            yield target, f"always {profile.constants[target]}"
        elif target in profile.copies:
            yield target, profile.copies[target]
        elif target in profile.defaults:
            yield target, f"{profile.defaults[target]}"


def _table(table: Table) -> list[str]:
    rows = ((f"`{c.name}`" + (" *restricted*" if c.restricted else ""), NEEDS[c.need], c.meaning, allowed(c), c.rule,
             c.term) for c in table.columns)
    return [f"## {table.name.upper()}", "", table.meaning, "",
            *_rows(("column", "needed", "meaning", "allowed", "rule", "standard term"), rows), ""]


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(text.replace("|", "\\|") for text in cells) + " |"

    return [line(head), line("---" for _ in head), *(line(row) for row in rows)]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(data_dictionary(), encoding="utf-8", newline="\n")
    else:
        sys.stdout.write(data_dictionary())
