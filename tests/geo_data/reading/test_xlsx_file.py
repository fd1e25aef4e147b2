"""A workbook gives the same rows as the CSV would; a hostile or damaged one gives an InputError and nothing else."""

from __future__ import annotations

import io
import re
import time as clock
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import InputError
from geo_data.reading import xlsx_file
from geo_data.reading.read import read_table
from geo_data.reading.xlsx_file import to_text


def workbook(*rows: list[Any], change: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rezip(data: bytes, **members: Callable[[bytes], bytes]) -> bytes:
    """The archive with some members rewritten; keys are the end of the member's name, '__' for '.'."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            for end, rewrite in members.items():
                if name.endswith(end.replace("__", ".")):
                    content = rewrite(content)
            target.writestr(name, content)
    return out.getvalue()


def refusal(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read_table(data, "book.xlsx")
    assert caught.value.fix
    return caught.value


@pytest.mark.parametrize(("value", "text"), [
    (None, ""), ("x", "x"), (True, "TRUE"), (False, "FALSE"), (123456, "123456"), (123456.0, "123456"), (0.5, "0.5"),
    (0.1 + 0.2, "0.3"), (1.23e17, "1.23e+17"), (-1.822079, "-1.822079"),
    (datetime(2025, 4, 3, 14, 30), "2025-04-03T14:30:00"),
    (datetime(2025, 4, 3), "2025-04-03"), (datetime(2025, 4, 3, 14, 29, 59, 999_700), "2025-04-03T14:30:00"),
    (date(2025, 4, 3), "2025-04-03"), (time(14, 30), "14:30:00"), (timedelta(hours=26, minutes=5), "26:05:00"),
])
def test_cells_become_the_text_a_person_sees(value: object, text: str) -> None:
    assert to_text(value) == text


def test_rows_are_sheet_rows_and_all_text() -> None:
    rows = ["A1", 123456, datetime(2025, 4, 3, 9, 5)], ["B2", None, date(2025, 4, 3)]
    data = workbook(["ref", "urn", "at"], [], *rows)
    table = read_table(data, "anything")
    assert table.frame.index.tolist() == [3, 4]
    assert table.frame.dtypes.eq("str").all()
    assert table.frame.loc[3].tolist() == ["A1", "123456", "2025-04-03T09:05:00"]
    assert table.frame.loc[4, "at"] == "2025-04-03"
    assert table.encoding == "xlsx"


def test_the_name_decides_nothing() -> None:
    assert read_table(workbook(["a", "b"], ["1", "2"]), "x.csv").encoding == "xlsx"
    assert read_table(b"a,b\n1,2\n", "x.xlsx").encoding != "xlsx"


def test_the_first_sheet_is_read_and_others_with_rows_are_named() -> None:
    def more(book: Any) -> None:
        book.create_sheet("Empty")
        book.create_sheet("Old").append(["x"])

    notes = read_table(workbook(["a", "b"], ["1", "2"], change=more), "f").notes
    assert any("'Sheet'" in note for note in notes)
    assert [note for note in notes if "Old" in note and "Empty" not in note]


def test_a_formula_needs_its_stored_result_and_an_error_is_refused() -> None:
    rows = ["A1", "=7+8", "x"], ["B2", 15, "#REF!"], ["C3", 15, "x"], ["D4", "=1+1", "=2"]
    data = workbook(["ref", "age", "place"], *rows)
    table = read_table(data, "f")
    assert table.frame["ref"].tolist() == ["C3"]
    assert table.rejects[["row", "column"]].to_numpy().tolist() == [[2, "age"], [3, "place"], [5, "age"], [5, "place"]]

    def store_result(sheet: bytes) -> bytes:
        return re.sub(rb"<f>7\+8</f><v(?: ?/>|></v>)", b"<f>7+8</f><v>15</v>", sheet)

    answered = read_table(rezip(data, sheet1__xml=store_result), "f")
    assert answered.frame.loc[2, "age"] == "15"


def test_cells_right_of_the_last_name_are_reported() -> None:
    table = read_table(workbook(["a", "b"], ["1", "2", None, "lost"], ["3", "4"]), "f")
    assert table.frame.columns.tolist() == ["a", "b"]
    assert len(table.frame) == 2
    assert any("in 1 rows" in note for note in table.notes)


@pytest.mark.parametrize(("rows", "says"), [
    ([], "first sheet is empty"), ([["a", "b"]], "no rows"), ([["a", "A "], ["1", "2"]], "same name"),
])
def test_sheets_without_a_table(rows: list[list[str]], says: str) -> None:
    assert says in refusal(workbook(*rows)).what


def test_a_far_cell_is_refused_at_once() -> None:
    data = workbook(["a", "b"], ["1", "2"], change=lambda book: book.active.cell(1_048_576, 16_384, "x"))
    started = clock.process_time()
    assert "claims 1,048,576 rows" in refusal(data).what

    def hide_dimension(sheet: bytes) -> bytes:
        return re.sub(rb"<dimension[^>]*>", b"", sheet)

    assert "beyond column 200" in refusal(rezip(data, sheet1__xml=hide_dimension)).what
    assert clock.process_time() - started < 10


def test_hostile_archives_are_refused_before_they_are_opened() -> None:
    good = workbook(["a", "b"], ["1", "2"])
    big = b" " * 30_000_000
    assert "unpacks to far more" in refusal(rezip(good, sheet1__xml=lambda sheet: sheet + big)).what
    wide = b"<row r='3'>" + b"".join(b"<c r='A3'><v>%d</v></c>" % n for n in range(300)) + b"</row></sheetData>"
    assert "more than 200 cells" in refusal(rezip(good, sheet1__xml=lambda s: s.replace(b"</sheetData>", wide))).what
    bomb = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'CANARY'>]>"
    assert "CANARY" not in str(refusal(rezip(good, sheet1__xml=lambda sheet: bomb + sheet)))
    assert "unusual encoding" in refusal(rezip(good, sheet1__xml=lambda sheet: sheet.decode().encode("utf-16"))).what


def test_macros_passwords_and_other_archives_are_refused() -> None:
    good = workbook(["a", "b"], ["1", "2"])
    out = io.BytesIO(good)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert "macros" in refusal(out.getvalue()).what
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("episodes.csv", "a,b\n1,2\n")
    assert "not an Excel workbook" in refusal(other.getvalue()).what
    locked = bytearray(good)
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        for found in re.finditer(re.escape(mark), good):
            locked[found.start() + at] |= 1
    assert "password" in refusal(bytes(locked)).what


def test_without_defusedxml_workbooks_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openpyxl, "DEFUSEDXML", False)
    assert "defusedxml" in refusal(workbook(["a", "b"], ["1", "2"])).what


def test_a_damaged_part_is_refused_without_its_text() -> None:
    data = workbook(["a", "b"], ["1", 2])
    broken = rezip(data, sheet1__xml=lambda sheet: sheet.replace(b"<v>2</v>", b"<v>CANARY</v>"))
    error = refusal(broken)
    assert "CANARY" not in repr(error)
    assert "CANARY" not in repr(error.__context__)


def test_warnings_that_quote_cells_are_not_given(recwarn: pytest.WarningsRecorder) -> None:
    def far_date(book: Any) -> None:
        book.active["B2"] = 99_999_999_999
        book.active["B2"].number_format = "yyyy-mm-dd"

    table = read_table(workbook(["a", "b"], ["1", "2"], ["3", "4"], change=far_date), "f")
    assert table.rejects["rule"].tolist() == ["an Excel error in place of a value"]
    assert not recwarn.list


BOOK = workbook(["ref", "at", "n"], *([f"R{n}", datetime(2025, 1, 1, n), n / 2] for n in range(12)),
                ["F", "=1", "#N/A"])


@settings(max_examples=120, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_mutated_archives_give_a_table_or_an_input_error(changes: list[tuple[int, int]]) -> None:
    data = bytearray(BOOK)
    for at, byte in changes:
        data[at] = byte
    _read_or_refuse(bytes(data))


@settings(max_examples=120, derandomize=True, deadline=None)
@given(st.sampled_from(["sheet1__xml", "sharedStrings__xml", "workbook__xml", "styles__xml", "workbook__xml__rels"]),
       st.integers(0, 100_000), st.binary(max_size=4), st.integers(0, 20))
def test_mutated_parts_give_a_table_or_an_input_error(part: str, at: int, put: bytes, cut: int) -> None:
    def mutate(content: bytes) -> bytes:
        start = at % max(len(content), 1)
        return content[:start] + put + content[start + cut :]

    _read_or_refuse(rezip(BOOK, **{part: mutate}))


def _read_or_refuse(data: bytes) -> None:
    try:
        table = read_table(data, "f")
    except InputError as error:
        assert error.fix
    else:
        assert table.frame.dtypes.eq("str").all()


def test_the_scan_sees_elements_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (65, 97, 128):
        monkeypatch.setattr(xlsx_file, "_CHUNK", size)
        assert xlsx_file.check_archive(BOOK) is True
        with zipfile.ZipFile(io.BytesIO(BOOK)) as archive:
            member = archive.getinfo("xl/worksheets/sheet1.xml")
            found = list(xlsx_file._elements(archive, member))
            assert found.count(b"row") == 14
            assert found.count(b"c") == 42
