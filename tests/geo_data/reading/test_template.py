"""What is handed out is made from the declaration, is current, and runs nothing in a spreadsheet."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import InputError
from geo_data.reading.profiles import PROFILES
from geo_data.reading.read import read_table
from geo_data.reading.rejects import Problems
from geo_data.reading.template import csv_template, data_dictionary, rejects_csv, xlsx_template
from geo_data.reading.validate import validate
from geo_data.safe_cell import cell, safe_csv
from geo_data.schema import EPISODES, REJECTS
from tests.geo_data.rows import GOOD


def test_the_data_dictionary_in_docs_is_current() -> None:
    path = Path(__file__).parents[3] / "docs" / "DATA.md"
    assert path.read_text("utf-8") == data_dictionary(), "run: python -m geo_data.reading.template docs/DATA.md"


def test_the_dictionary_names_every_column_once_a_table() -> None:
    text = data_dictionary()
    assert all(f"| `{column.name}`" in text for column in EPISODES.columns)
    assert all(profile.title in text for profile in PROFILES.values())


@pytest.mark.parametrize("template", [csv_template, xlsx_template])
def test_an_empty_template_has_no_rows_and_says_so(template: object) -> None:
    with pytest.raises(InputError, match="no rows"):
        read_table(template(), "template")  # type: ignore[operator]


def test_a_filled_template_comes_back() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_template()))
    sheet = book.worksheets[0]
    row = GOOD | {"found_uprn": "000123456789"}
    for position, name in enumerate(EPISODES.names, 1):
        sheet.cell(2, position, row.get(name))
    out = io.BytesIO()
    book.save(out)
    table = read_table(out.getvalue(), "filled.xlsx")
    assert len(table.notes) == 1  # the guide is not taken for a forgotten sheet
    valid = validate(PROFILES["native"].apply(table.frame).frame, "episodes")
    assert valid.rejects.empty
    assert valid.episodes["found_uprn"].tolist() == ["000123456789"]


def test_the_workbook_guides_and_guards() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_template()))
    sheet, guide = book["Episodes"], book["Guide"]
    assert [each.value for each in sheet[1]] == EPISODES.names
    assert sheet.max_row == 1
    enums = [column for column in EPISODES.columns if column.kind == "enum"]
    assert len(sheet.data_validations.dataValidation) == len(enums)
    for rule, column in zip(sheet.data_validations.dataValidation, enums, strict=True):
        place = rule.formula1.removeprefix("Lists!").replace("$", "")
        assert [each[0].value for each in book["Lists"][place]] == list(column.allowed)
    assert guide.max_row == len(EPISODES.columns) + 1
    for position, column in enumerate(EPISODES.columns, 1):
        letter = openpyxl.utils.get_column_letter(position)
        assert (sheet.column_dimensions[letter].number_format == "@") is (column.kind not in ("int", "float"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", " =1", "\u00a0=1",
                                  "\u200b=1", "\ufeff=1", "\0=1", "﹢1"])
def test_a_formula_becomes_text(text: str) -> None:
    assert str(cell(text)).startswith("'")


def test_numbers_and_plain_text_stay() -> None:
    assert [cell(value) for value in (1, -1.5, "x", "a=b", None, float("nan"))] == [1, -1.5, "x", "a=b", "", ""]
    assert cell("a\0b") == "ab"


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=5),
       st.sampled_from(["", "=", "+", "-", "@", "\t", "\r", "\n", "＝"]))
def test_no_cell_of_a_download_begins_like_a_formula(texts: list[str], start: str) -> None:
    data = safe_csv(pd.DataFrame({"=name": [start + text for text in texts]}))
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(texts) + 1
    assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝")) for row in rows for text in row)


def test_rejects_are_downloadable() -> None:
    problems = Problems()
    problems.add(pd.Index([3]), "age", "18 or over", "Leave adults out.", pd.Series(["=cmd"], index=[3], dtype="str"))
    problems.add_row(2, "unreadable", "Mend it.")
    rows = list(csv.reader(io.StringIO(rejects_csv(problems.frame()).decode("utf-8-sig"))))
    assert rows == [REJECTS.names, ["2", "", "unreadable", "Mend it.", ""],
                    ["3", "age", "18 or over", "Leave adults out.", "'=cmd"]]
    assert rejects_csv(REJECTS.empty()).count(b"\n") == 1


def test_every_cell_of_a_csv_file_is_quoted() -> None:
    data = safe_csv(pd.DataFrame({"a": ["plain", "x,y"], "b": [1, 2]}))
    assert data.decode("utf-8-sig").splitlines() == ['"a","b"', '"plain","1"', '"x,y","2"']
