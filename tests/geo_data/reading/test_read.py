"""A file is what its bytes say; one bad row never costs another; nothing but InputError comes out."""

from __future__ import annotations

import codecs
import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import InputError
from geo_data.reading import csv_file, raw_table, read
from geo_data.reading.read import read_table

TABLE = "ref,place,note\nA1,Ashington,\nB2,Blyth,x\n"
ROWS = [["A1", "Ashington", None], ["B2", "Blyth", "x"]]


def cells(data: bytes) -> list[list[str | None]]:
    frame = read_table(data, "f.csv").frame
    return [[None if value != value else value for value in row] for row in frame.to_numpy().tolist()]  # noqa: PLR0124


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encoding_delimiter_and_newline_do_not_change_what_is_read(encoding: str, delimiter: str, newline: str) -> None:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    text = TABLE.replace(",", delimiter).replace("\n", newline)
    table = read_table(marks.get(encoding, b"") + text.encode(encoding), "f")
    assert table.frame.columns.tolist() == ["ref", "place", "note"]
    assert table.delimiter == delimiter
    assert cells(marks.get(encoding, b"") + text.encode(encoding)) == ROWS


def test_windows_1252_is_read_and_said() -> None:
    table = read_table("ref,place\nA1,Café Zoë – quay\n".encode("cp1252"), "f")
    assert table.frame.loc[2, "place"] == "Café Zoë – quay"
    assert table.encoding == "cp1252"
    assert any("Windows-1252" in note for note in table.notes)


def test_index_is_the_line_of_the_file() -> None:
    data = b'ref,place\n\nA1,"two\nlines"\nB2,x\n\n,\nC3,y\n'
    table = read_table(data, "f")
    assert table.frame.index.tolist() == [3, 5, 8]
    assert any("3 blank lines" in note for note in table.notes)


def test_text_is_stripped_and_blank_is_missing() -> None:
    table = read_table("ref,place\n A1 ,\u00a0\nB2,\t x \n".encode(), "f")
    assert table.frame["ref"].tolist() == ["A1", "B2"]
    assert table.frame["place"].isna().tolist() == [True, False]


def test_ragged_rows_are_refused_and_the_rest_is_kept() -> None:
    table = read_table(b"ref,place,note\nA1,x,1\nB2,x\nC3,x,1,2\nD4,x,1\n", "f")
    assert table.frame["ref"].tolist() == ["A1", "D4"]
    assert table.rejects["row"].tolist() == [3, 4]
    assert table.rejects["rule"].tolist() == ["2 cells where the header has 3", "4 cells where the header has 3"]
    assert table.rejects["fix"].notna().all()
    assert table.rows == 4


@pytest.mark.parametrize("broken", ['"never closed,x,1', '"a"b,x,1', 'B2,"x" y,1'])
def test_a_stray_quotation_mark_costs_its_own_row_alone(broken: str) -> None:
    good = "".join(f"G{number},x,1\n" for number in range(500))
    table = read_table(f"ref,place,note\nA1,x,1\n{broken}\n{good}".encode(), "f")
    assert table.rejects["row"].tolist() == [3]
    assert len(table.frame) == 501
    assert table.frame.index[1] == 4


def test_a_cell_of_a_megabyte_costs_its_own_row_alone() -> None:
    data = b"ref,place\nA1,x\nB2," + b"y" * 1_000_000 + b"\nC3,x\nD4," + b"z" * 4_001 + b"\nE5," + b"z" * 4_000 + b"\n"
    table = read_table(data, "f")
    assert table.frame["ref"].tolist() == ["A1", "C3", "E5"]
    assert table.rejects["row"].tolist() == [3, 5]
    assert table.rejects["value"].dropna().str.len().le(60).all()


def test_a_file_of_broken_quotes_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "MAX_READ_AGAIN", 100_000)
    with pytest.raises(InputError, match="Quotation marks"):
        read_table(b"ref,place\n" + b'"never closed,z\n' + b'x""y,z\n' * 20_000, "f")


@pytest.mark.parametrize(("data", "says"), [
    (b"", "empty"),
    (b"  \n\r\n", "empty"),
    (codecs.BOM_UTF8, "empty"),
    (b"ref,place\n", "no rows"),
    (b"ref,place\n,\n\n", "no rows"),
    (b"ref:place\nA1:x\n", "one column"),
    (b"ref\nA1\n", "one column"),
    (b"ref,place,Ref \nA1,x,y\n", "Columns 1 and 3 have the same name"),
    (b"\0" * 1_000, "NUL"),
    ("ref,place\nA1,x\n".encode("utf-32-le"), "NUL"),
    ("ref,place\nA1,x\n".encode("utf-32"), "damaged"),
    ("ref,place\nA1,x\n".encode("utf-16")[:-1], "damaged"),
    (b"ref,place\nA1,\x81\x8d\xff\n", "neither UTF-8"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "old .xls"),
    (b"%PDF-1.7 ...", "PDF"),
    (b"<html><table><tr><td>ref</td></tr></table></html>", "web page"),
    (b"PK\x03\x04 not really", "damaged archive"),
    (b"\x1f\x8b not really", "gzip archive is damaged"),
    (gzip.compress(gzip.compress(TABLE.encode(), mtime=0), mtime=0), "packed twice"),
    (b",".join(b"c%d" % n for n in range(201)) + b"\n" + b"," * 200 + b"x\n", "201 columns"),
])
def test_unusable_files_say_what_is_wrong_where_and_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_table(data, "folder/episodes.csv")
    assert caught.value.where.startswith("episodes.csv")
    assert caught.value.fix


@pytest.mark.parametrize("data", [b"ref\nA1\n\nA2\n", b'\xef\xbb\xbf"ref"\r\n"A1"\r\nA2', b"sep=;\nref\nA1\nA2\n",
                                  gzip.compress("ref\nA1\nA2\n".encode("utf-16"), mtime=0), b"ref\nA1\nbroken,row\nA2\n"])
def test_one_column_alone_is_read_where_it_may_be_all_there_is(data: bytes) -> None:
    table = read_table(data, "f", single=True)
    assert table.frame.columns.tolist() == ["ref"] and table.frame["ref"].tolist() == ["A1", "A2"]
    assert table.rejects["row"].tolist() == ([3] if b"broken" in data else [])
    whole = read_table(TABLE.encode(), "f").frame
    for delimiter in ",;\t|":  # and where there are more, their delimiter is found as ever
        assert read_table(TABLE.replace(",", delimiter).encode(), "f", single=True).frame.equals(whole)


def test_a_cell_with_nul_bytes_costs_its_row_alone() -> None:
    table = read_table(TABLE.encode() + b"A9,Bus\0station,x\n" + TABLE.encode().partition(b"\n")[2], "f")
    whole = read_table(TABLE.encode(), "f").frame
    assert len(table.frame) == 2 * len(whole)
    assert table.rejects["rule"].tolist() == ["holds NUL bytes"]
    assert table.rejects["value"].isna().all()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read(encoding: str) -> None:
    assert read_table(TABLE.encode(encoding), "f").frame.equals(read_table(TABLE.encode(), "f").frame)


def test_a_cell_of_a_megabyte_is_called_what_it_is() -> None:
    rejects = read_table(b"ref,place\nA1," + b"x" * 1_000_000 + b"\nA2,y\n", "f").rejects
    assert "a cell longer than" in rejects["rule"].item()
    assert rejects["fix"].item().startswith("Shorten")


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="limit is 25 MB"):
        read_table(b"a,b\n" + b"x" * 25_000_000, "f")
    monkeypatch.setattr(raw_table, "MAX_ROWS", 10)
    lines = b"ref,place\n" + b"A1,x\n" * 10
    assert len(read_table(lines, "f").frame) == 10
    with pytest.raises(InputError, match="more than 10 rows"):
        read_table(lines + b"ragged\n", "f")


def test_gzip_is_unpacked_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cells(gzip.compress(TABLE.encode())) == ROWS
    with pytest.raises(InputError, match="far more than its size"):
        read_table(gzip.compress(b"ref,place\n" + b"A1,x\n" * 4_000_000), "f")
    monkeypatch.setattr(read, "MAX_UNPACKED", 1_000)
    with pytest.raises(InputError, match="far more than its size"):
        read_table(gzip.compress(zlib.compress(b"x" * 9) * 100 + bytes(range(256)) * 40), "f")


def test_the_separator_line_of_excel_is_understood() -> None:
    table = read_table(b"sep=;\r\nref;place\r\nA1;a,b\r\n", "f")
    assert table.frame.to_dict("list") == {"ref": ["A1"], "place": ["a,b"]}
    assert table.frame.index.tolist() == [3]


def test_delimiter_is_found_among_decoys() -> None:
    rows = "".join(f'R{n};"High St, Blyth";a|b|c\n' for n in range(30))
    table = read_table(f'ref;"place, town";note|x\n{rows}'.encode(), "f")
    assert table.delimiter == ";"
    assert len(table.frame) == 30


def test_unnamed_columns_are_dropped_when_empty_and_named_when_not() -> None:
    assert read_table(b"ref,place,,\nA1,x,,\nB2,y,,\n", "f").frame.columns.tolist() == ["ref", "place"]
    assert read_table(b"ref,place,\nA1,x,1\n", "f").frame.columns.tolist() == ["ref", "place", "column 3"]


def test_many_rows_cross_the_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_table, "BATCH", 7)
    data = "".join(["ref,place\n", *(f"R{n},{'x' if n % 9 else ''}\n" for n in range(50))]).encode()
    frame = read_table(data, "f").frame
    assert frame["ref"].tolist() == [f"R{n}" for n in range(50)]
    assert frame["place"].isna().sum() == 6
    assert frame["place"].dtype == "str"


def test_the_name_in_messages_is_the_last_part_printable_and_short() -> None:
    names = {"../../etc/x.csv": "x.csv", "C:\\a\\b.csv": "b.csv", "a\nb": "a?b", "": "file", "y" * 200: "y" * 80}
    for name, shown in names.items():
        assert read.shown_name(name) == shown


def test_no_cell_is_quoted_in_a_message() -> None:
    """Without a header line the first row is a record: its cells stand where names are expected."""
    for data in (b"CANARY,CANARY\n1,2\n", b"CANARY\n", b"CANARY,x,CANARY\n", b'CANARY,"x\n', b"ref,CANARY\0\n"):
        with pytest.raises(InputError) as caught:
            read_table(data, "f")
        assert "CANARY" not in repr(caught.value)
        assert caught.value.__context__ is None or "CANARY" not in repr(caught.value.__context__)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.one_of(
    st.binary(max_size=300),
    st.text(alphabet='ab,;|\t"\n\r\0 é€', max_size=200).map(str.encode),
    st.text(alphabet='ab,"\n', max_size=200).map(lambda text: f"ref,place\n{text}".encode()),
    st.binary(max_size=100).map(lambda tail: b"\x1f\x8b\x08" + tail),
    st.binary(max_size=100).map(lambda tail: codecs.BOM_UTF16_LE + tail),
))
def test_arbitrary_bytes_give_a_table_or_an_input_error(data: bytes) -> None:
    try:
        table = read_table(data, "f")
    except InputError:
        return
    assert table.frame.index.is_unique
    assert table.frame.dtypes.eq("str").all()
    assert not set(table.frame.index) & set(table.rejects["row"])


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.from_regex(r"[A-Z]\d{2}", fullmatch=True), st.text(max_size=30)), min_size=1, max_size=20),
       st.sampled_from([",", ";", "\t", "|"]))
def test_what_is_written_is_read(rows: list[tuple[str, str]], delimiter: str) -> None:
    """Any text that CSV can hold comes back, trimmed."""
    quoted = ['"' + text.replace('"', '""').replace("\0", "") + '"' for _, text in rows]
    lines = [f"{ref}{delimiter}{text}" for (ref, _), text in zip(rows, quoted, strict=True)]
    data = "\n".join([f"ref{delimiter}place", *lines]).encode("utf-8", "replace")
    frame = read_table(data, "f").frame
    assert frame["ref"].tolist() == [ref for ref, _ in rows]
    read_back = ["" if text != text else text for text in frame["place"]]  # noqa: PLR0124
    expected = [text.encode("utf-8", "replace").decode().replace("\0", "").strip() for _, text in rows]
    assert read_back == expected
